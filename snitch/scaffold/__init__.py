"""Makes what a person starts from: a model repository, a model, git hooks. The only code here that writes to git."""

"""The forges on which pull requests live: they say who asks for what, and carry a finished report out."""

# Roll churn back to 1.4.0 in production
# 1.5.1 is what 1.4.0 was, which came to main with SHA; main had 1.5.0. Why: it fails
index="$(mktemp -d)/index" &&
{ git cat-file blob SHA | head -n 1; printf '%s\n' 'version: 1.5.1'; git cat-file blob SHA | tail -n +3; } | git hash-object -w --stdin >/dev/null &&
{ git cat-file blob SHA | head -n 2; printf '%s\n' '## [1.5.1] - DAY' '' '### Changed' '' '- Back to 1.4.0: it fails' ''; git cat-file blob SHA | tail -n +3; } | git hash-object -w --stdin >/dev/null &&
GIT_INDEX_FILE="$index" git read-tree SHA &&
printf '%s\t%s\n' \
  '100644 SHA' models/churn/CHANGELOG.md \
  '100644 SHA' models/churn/evaluations/churn-holdout.json \
  '100644 SHA' models/churn/model.skops \
  '100644 SHA' models/churn/model.yaml | GIT_INDEX_FILE="$index" git update-index --index-info &&
tree="$(GIT_INDEX_FILE="$index" git write-tree --missing-ok)" &&
commit="$(git commit-tree "$tree" -p SHA -m 'Roll churn back to 1.4.0 in production' -m '1.5.1 is what 1.4.0 was, which came to main with SHA; main had 1.5.0. Why: it fails')" &&
git update-ref refs/heads/rollback/churn-1.5.1-in-production "$commit" '' &&
git push origin "$commit":refs/heads/rollback/churn-1.5.1-in-production
# then ask for the merge of rollback/churn-1.5.1-in-production into main: https://forge.example/acme/models/compare/main...rollback/churn-1.5.1-in-production?expand=1
# what the gate would say: snitch gate --target main --head rollback/churn-1.5.1-in-production
---

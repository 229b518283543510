# Promote churn 1.5.0 to production
# As it stands on staging at SHA; main had 1.4.0.
index="$(mktemp -d)/index" &&
GIT_INDEX_FILE="$index" git read-tree SHA &&
printf '%s\t%s\n' \
  '100644 SHA' models/churn/CHANGELOG.md \
  '100644 SHA' models/churn/evaluations/churn-holdout.json \
  '100644 SHA' models/churn/model.skops \
  '100644 SHA' models/churn/model.yaml | GIT_INDEX_FILE="$index" git update-index --index-info &&
tree="$(GIT_INDEX_FILE="$index" git write-tree --missing-ok)" &&
commit="$(git commit-tree "$tree" -p SHA -m 'Promote churn 1.5.0 to production' -m 'As it stands on staging at SHA; main had 1.4.0.')" &&
git update-ref refs/heads/promote/churn-1.5.0-to-production "$commit" '' &&
git push origin "$commit":refs/heads/promote/churn-1.5.0-to-production
# then ask for the merge of promote/churn-1.5.0-to-production into main: https://forge.example/acme/models/compare/main...promote/churn-1.5.0-to-production?expand=1
# what the gate would say: snitch gate --target main --head promote/churn-1.5.0-to-production
---

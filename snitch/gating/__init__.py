"""The gate: judges what a merge would make, by the policy of the branch that is merged into."""

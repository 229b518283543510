"""One model's tree moved up to an environment's branch, or back on it: as a new branch, for a request to be opened."""

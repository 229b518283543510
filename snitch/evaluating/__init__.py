"""Runs models on benchmarks: fetches what that takes, keeps the model apart from everything else, writes the record."""

"""Benchmarks: what Snitch costs beside the work itself, and beside the tools a user would pick instead."""

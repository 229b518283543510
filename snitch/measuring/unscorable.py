"""Why a metric has no value, or a difference no interval."""

from __future__ import annotations


class Unscorable(Exception):
    """A metric has no value on a sample, or is none that can be computed; and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Undecided(Unscorable):
    """There are scores alone, and nothing says which of them are the positive label."""


class TooFew(Unscorable):
    """There are too few examples to tell how uncertain a value is."""

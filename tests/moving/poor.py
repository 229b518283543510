"""Clones that lack something, and files under another name."""

from __future__ import annotations

from tests.judging import Files

#: How to make a clone that lacks something.
POOR = [
    ["--depth=1"],
    *([f"--filter={what}", *more] for what in ("blob:none", "tree:0") for more in ([], ["--no-checkout"])),
]


def moved(files: Files, old: str, new: str) -> Files:
    """The files with one folder's in another."""
    return {new + path[len(old) :] if path.startswith(f"{old}/") else path: each for path, each in files.items()}

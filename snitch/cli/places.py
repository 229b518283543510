"""Paths given on the command line, as places in the repository."""

from __future__ import annotations

import os

from snitch.checking.commits import Misuse
from snitch.git.command import Git


def from_top(git: Git, path: str) -> str:
    """A path relative to the repository's top; the top itself is the empty string.

    Raises:
        Misuse: it lies outside.
    """
    if not git.has_work_tree:
        return path.strip("/")
    # The folders above it are real, for it may be reached through a link; what it is itself is git's to say.
    above, name = os.path.split(os.path.join(os.getcwd(), path))
    place = os.path.join(os.path.realpath(above), name)
    relative = os.path.relpath(place, os.path.realpath(git.top_level))
    if relative == ".." or relative.startswith("../"):
        raise Misuse(f"{path} is outside the repository")
    return "" if relative == "." else relative

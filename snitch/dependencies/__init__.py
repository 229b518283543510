"""What a model depends on: dependency files read without installing anything, and what training code imports."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from snitch.dependencies.declared import Dependencies, Place, Problem, Requirement, normalised
from snitch.dependencies.reading import BoundReached, Reading

__all__ = ["Dependencies", "Problem", "Requirement", "is_dependency_file", "normalised", "read_dependencies"]

_KNOWN = "name a requirements.txt, pyproject.toml, pylock.toml or environment.yml"


def read_dependencies(files: Mapping[str, bytes], path: str) -> Dependencies:
    """Reads a dependency file, and all that it includes, out of a repository's files.

    The format follows from the name: `*.txt` and `*.in` as pip reads them, `pyproject.toml`, `pylock.toml` and
    `pylock.*.toml`, `*.yml` and `*.yaml` as conda's environments. Markers and extras count as if they were true. Never
    raises: whatever cannot be read, or is not understood, is a problem.
    """
    reading = Reading(files, _dispatch)
    with suppress(BoundReached):
        reading.read(path, Place(path))
    return reading.result()


def is_dependency_file(path: str) -> bool:
    """Whether the name is that of a format which can be read."""
    return _format(path) != ""


def _format(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    if name == "pylock.toml" or (name.startswith("pylock.") and name.endswith(".toml")):
        return "pylock"
    if name == "pyproject.toml":
        return "pyproject"
    if name.endswith((".yml", ".yaml")):
        return "conda"
    return "requirements" if name.endswith((".txt", ".in")) else ""


def _dispatch(reading: Reading, path: str, text: str, constraint: bool, included: bool) -> None:
    """Hands a text to the reader of its format.

    An included file of any other name is for pip a requirements file.
    """
    form = _format(path)
    if form == "requirements" or (not form and included):
        from snitch.dependencies.requirements_txt import read_requirements

        read_requirements(reading, path, text, constraint)
    elif form == "pyproject":
        from snitch.dependencies.pyproject import read_pyproject

        read_pyproject(reading, path, text)
    elif form == "pylock":
        from snitch.dependencies.pylock import read_pylock

        read_pylock(reading, path, text)
    elif form == "conda":
        from snitch.dependencies.conda import read_environment

        read_environment(reading, path, text)
    else:
        reading.refuse("unreadable", Place(path), "is of no format that Snitch reads", _KNOWN)

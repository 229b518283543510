"""What a dependency file declares: requirements, constraints, and what is wrong with it."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import msgspec

Kind = Literal["unreadable", "unsafe", "missing"]

_SEPARATORS = re.compile(r"[-_.]+")
_EXACT = re.compile(r"(?:^|,)\s*(?:===|==)\s*(?![^,]*\*)[^,\s]")


class Place(NamedTuple):
    """Where something stands: line and column count from 1, length in characters; 0 where only the file is known."""

    path: str
    line: int = 1
    column: int = 1
    length: int = 0
    text: str = ""


class Requirement(msgspec.Struct, frozen=True):
    """One distribution that a file asks for."""

    #: Normalised as in PEP 503.
    name: str
    path: str
    line: int
    column: int
    #: Of the text to underline, in characters.
    length: int
    #: As written, hashes and comments left out.
    text: str
    #: PEP 440 clauses with commas between them; "" admits every version. What another ecosystem says and PEP 440 cannot
    #: stands as written.
    specifier: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    hashes: bool = False

    @property
    def pinned(self) -> bool:
        """Whether the specifier names exactly one version."""
        return _EXACT.search(self.specifier) is not None


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with a dependency file.

    `unreadable`: could not be understood, so nothing is known. `unsafe`: gets code from elsewhere than the index, or
    says something else to a person than to a machine. `missing`: a file that is not in the repository.
    """

    kind: Kind
    path: str
    line: int
    column: int
    length: int
    text: str
    message: str
    help: str


class Dependencies(msgspec.Struct, frozen=True):
    """All that a dependency file and the files it includes declare."""

    requirements: tuple[Requirement, ...]
    #: From `-c` and its like: they limit versions and install nothing.
    constraints: tuple[Requirement, ...]
    problems: tuple[Problem, ...]
    #: Every file read or asked for, existing or not, in order.
    files: tuple[str, ...]


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()

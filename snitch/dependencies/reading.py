"""One reading of a dependency file and all that it includes: what was found, and the bounds that hold for the whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from snitch.dependencies.declared import Dependencies, Kind, Place, Problem, Requirement
from snitch.dependencies.requirement_text import Refused, parse_requirement, shown
from snitch.dependencies.text import MAX_BYTES, decode
from snitch.layout import REQUIREMENTS_SUFFIXES
from snitch.pointer import looks_like_pointer
from snitch.snapshot import Snapshot, UnreadableFile

MAX_FILES = 50
MAX_TOTAL_BYTES = 8 * 1024 * 1024
MAX_LINES = 100_000
MAX_ENTRIES = 20_000
MAX_PROBLEMS = 100

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


Dispatch = Callable[["Reading", str, str, bool, bool], None]


class BoundReached(Exception):
    """Enough was read to know that the rest will not be."""


class Reading:
    """Collects what the readers of the formats find.

    `dispatch(reading, path, text, constraint, included)` reads a text by the format that its path names.
    """

    def __init__(self, files: Mapping[str, bytes], dispatch: Dispatch) -> None:
        self._files = files
        self._dispatch = dispatch
        self._asked: dict[str, None] = {}
        self._open: list[str] = []
        self._read: set[tuple[str, bool]] = set()
        self._bytes = 0
        self._lines = 0
        self._requirements: list[Requirement] = []
        self._constraints: list[Requirement] = []
        self._problems: list[Problem] = []

    def result(self) -> Dependencies:
        return Dependencies(
            tuple(self._requirements), tuple(self._constraints), tuple(self._problems), tuple(self._asked)
        )

    def refuse(self, kind: Kind, place: Place, message: str, help_text: str) -> None:
        """Notes a problem.

        Raises:
            BoundReached: there are so many that one more would tell nothing.
        """
        if len(self._problems) >= MAX_PROBLEMS:
            self._problems.append(
                Problem(
                    "unreadable", *place, f"more than {MAX_PROBLEMS} problems: not read further", "mend those first"
                )
            )
            raise BoundReached
        self._problems.append(Problem(kind, *place, message, help_text))

    def add(self, requirement: Requirement, *, constraint: bool) -> None:
        """Takes a requirement that a reader has understood.

        Raises:
            BoundReached: there are too many.
        """
        (self._constraints if constraint else self._requirements).append(requirement)
        if len(self._requirements) + len(self._constraints) > MAX_ENTRIES:
            place = Place(requirement.path, requirement.line, requirement.column, requirement.length, requirement.text)
            message = f"more than {MAX_ENTRIES:,} requirements: not read further"
            self._problems.append(Problem("unreadable", *place, message, "split the file"))
            raise BoundReached

    def count_lines(self, text: str, place: Place) -> None:
        """Counts the lines of a text that is to be read line by line.

        Raises:
            BoundReached: there are too many, over all files.
        """
        self._lines += text.count("\n") + 1
        if self._lines > MAX_LINES:
            message = f"more than {MAX_LINES:,} lines: not read further"
            self._problems.append(Problem("unreadable", *place, message, "split the file"))
            raise BoundReached

    def require(self, text: str, place: Place, *, constraint: bool = False, hashes: bool = False) -> None:
        """Takes a requirement as PEP 508 writes it, or notes why not."""
        parsed = parse_requirement(text)
        if isinstance(parsed, Refused):
            self.refuse(parsed.kind, place, parsed.message, parsed.help)
            return
        path, line, column, length, _ = place
        name, specifier, extras, marker = parsed
        self.add(
            Requirement(name, path, line, column, length, text, specifier, extras, marker, hashes),
            constraint=constraint,
        )

    def include(self, target: str, place: Place, *, constraint: bool) -> None:
        """Reads the file that `place` names by a path relative to itself."""
        path = _resolved(place.path, target)
        if path is None:
            message = f"`{shown(target)}` is not a plain path inside the repository"
            self.refuse("unsafe", place, message, "name a file of this repository, relative to this one")
        elif not path.lower().endswith(REQUIREMENTS_SUFFIXES):
            message = f"`{shown(target)}` is not named as a requirements file"
            self.refuse("unreadable", place, message, "name it *.txt or *.in, as files are looked for by name")
        elif path in self._open:
            self.refuse("unreadable", place, f"`{shown(path)}` includes itself", "break the circle")
        elif (path, constraint) not in self._read:
            self.read(path, place, constraint=constraint)

    def read(self, path: str, place: Place, *, constraint: bool = False) -> None:
        """Reads a file of the repository; `place` is what asks for it."""
        self._read.add((path, constraint))
        self._asked[path] = None
        if len(self._read) > MAX_FILES:
            self.refuse("unreadable", place, f"more than {MAX_FILES} files include each other", "include fewer")
            raise BoundReached
        content = self._content(path, place)
        if content is None:
            return
        text, oddities = decode(content)
        for kind, line, message, help_text in oddities:
            self.refuse(kind, Place(path, line), message, help_text)
        self._open.append(path)
        self._dispatch(self, path, text, constraint, len(self._open) > 1)
        self._open.pop()

    def _content(self, path: str, place: Place) -> bytes | None:
        try:
            size = self._files.size(path) if isinstance(self._files, Snapshot) else 0
            content = self._files[path] if size <= MAX_BYTES else None
        except KeyError:
            self.refuse(
                "missing", place, f"`{shown(path)}` is not in the repository", "commit it, or name another file"
            )
            return None
        except UnreadableFile as unreadable:
            self.refuse("unreadable", place, f"`{shown(path)}` {unreadable.reason}", "commit the file itself")
            return None
        if content is None or len(content) > MAX_BYTES or self._bytes + len(content) > MAX_TOTAL_BYTES:
            self.refuse(
                "unreadable", place, f"`{shown(path)}` is too large to be read", f"the limit is {MAX_BYTES:,} bytes"
            )
            return None
        if looks_like_pointer(content):
            self.refuse(
                "unreadable", Place(path), "is a Git LFS pointer, not a dependency file", "commit the file itself"
            )
            return None
        self._bytes += len(content)
        return content


def _resolved(including: str, target: str) -> str | None:
    """The path that `target` names from the file `including`; None where it leaves the repository or is no plain path.

    A `..` is taken only at the front: behind a folder that is a symbolic link it would lead elsewhere.
    """
    if target.startswith(("/", "~")) or "\\" in target or "${" in target or _ADDRESS.match(target) or "\0" in target:
        return None
    parts = [part for part in target.split("/") if part not in ("", ".")]
    folder = including.split("/")[:-1]
    while parts and parts[0] == "..":
        if not folder:
            return None
        folder.pop()
        parts.pop(0)
    if not parts or ".." in parts or ".git" in map(str.lower, parts):
        return None
    return "/".join(folder + parts)

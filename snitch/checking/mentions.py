"""Lines by which a manifest or a dependency file may name a file of another folder.

Whoever names a file elsewhere either climbs (`..`) or lies in a folder above it. What climbs is found by one search
that knows nothing of the change; what lies above is read.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from snitch.layout import MANIFEST, NAMING_FILES
from snitch.repository import Repository
from snitch.snapshot import UnreadableFile

#: What climbs, and what may hide that it does: an escape, or a line that goes on in the next.
CLIMBS = (r"\.\.", r"\.\\[[:space:]]*$", r"\\[uUx]")
#: The same in a manifest, where any escape may spell a path.
MANIFEST_CLIMBS = (r"\.\.", r"\\")

_PLAIN = re.compile(r"[A-Za-z0-9._+-]+\Z")
_COMPONENT = re.compile(r"/([A-Za-z0-9._+-]+)")
_HIDDEN = re.compile(r"\\[uUx]|\.\\\r?$", re.MULTILINE)
#: More characters than these, searched for a name each, cost more than judging a model too many.
_MANY = 100_000_000

#: A file and one of its lines.
Mention = tuple[str, str]


def climbing_lines(candidate: Repository, found: Iterable[Mention], stale: Iterable[str]) -> list[Mention]:
    """The lines of the candidate's manifests that may name files elsewhere.

    `found` are those of a state from which the candidate differs in the `stale` paths only; those are read.
    """
    stale = frozenset(stale)
    lines = [mention for mention in found if mention[0] not in stale]
    for path in stale:
        if _is_manifest(path) and path in candidate.snapshot:
            try:
                text = candidate.snapshot[path].decode("utf-8", "replace")
            except UnreadableFile:
                continue  # it is judged for that alone
            lines += [(path, line) for line in text.split("\n") if ".." in line or "\\" in line]
    return lines


class Mentions:
    """The lines that may name files elsewhere; `climbing` are those of all files, as a search found them."""

    def __init__(self, candidate: Repository, climbing: Iterable[Mention]) -> None:
        self._candidate = candidate
        self._climbing = list(climbing)

    def files_naming(self, paths: set[str]) -> set[str]:
        """The files that may name one of the paths which their own model, if they have one, does not own."""
        by_name: dict[str, list[str]] = {}
        for path in paths:
            by_name.setdefault(posixpath.basename(path), []).append(path)
        odd = [name for name in by_name if not _PLAIN.match(name)]
        found = {file for file, line in self._climbing if self._may_name(file, line, by_name, odd)}
        return found | {file for file in self._above(paths) if self._speaks_of_one_below(file, by_name)}

    def _may_name(self, file: str, line: str, by_name: dict[str, list[str]], odd: list[str]) -> bool:
        if _HIDDEN.search(line) or ("\\" in line and _is_manifest(file)) or (line.endswith("\\") and ".." in line):
            return True
        names = _COMPONENT.findall(line)
        # A name with a space in it may be folded over two lines, and a quote may be doubled.
        names += [name for name in odd if name in line or "'" in name or not name.isprintable() or " " in name]
        return any(self._is_elsewhere(file, path) for name in names for path in by_name.get(name, ()))

    def _above(self, paths: set[str]) -> Iterator[str]:
        """The files that name others in the folders above the paths' models, and above the paths that none owns."""
        owners = {self._candidate.owner(path) or path for path in paths}
        folders = {folder for owner in owners for folder in _upwards(owner)}
        names = tuple(pattern.lstrip("*") for pattern in NAMING_FILES)
        found = chain.from_iterable(map(self._candidate.snapshot.ending, names))
        return (path for path in found if path.rpartition("/")[0] in folders)

    def _speaks_of_one_below(self, file: str, by_name: dict[str, list[str]]) -> bool:
        below = posixpath.join(posixpath.dirname(file), "")
        names = [
            name
            for name, paths in by_name.items()
            if any(path.startswith(below) and self._is_elsewhere(file, path) for path in paths)
        ]
        try:
            text = self._candidate.snapshot[file].decode("utf-8", "replace")
        except UnreadableFile:
            return True
        if len(text) * len(names) > _MANY or _HIDDEN.search(text) or ("\\" in text and _is_manifest(file)):
            return True
        # A name may go on in the next line: in a requirements file behind a backslash, in YAML by a space.
        text = " ".join(text.replace("\\\n", "").split())
        return any(" ".join(name.split()) in text for name in names)

    def _is_elsewhere(self, file: str, path: str) -> bool:
        """Whether the path is not the file's own model's, whose change is known without."""
        owner = self._candidate.owner(file)
        return owner is None or self._candidate.owner(path) != owner


def _is_manifest(path: str) -> bool:
    return posixpath.basename(path) == MANIFEST


def _upwards(path: str) -> Iterator[str]:
    """The folder of a path and each above it; the last is the root, the empty string."""
    while path:
        path = posixpath.dirname(path)
        yield path

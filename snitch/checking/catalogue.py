"""The names and weights of all models of a snapshot: what a change is held against, at the cost of one `git grep`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from snitch.change import Catalogue
from snitch.checking.mentions import MANIFEST_CLIMBS, Mention
from snitch.git.grep import Search
from snitch.gitattributes import FILE_NAME
from snitch.layout import PREDICTIONS_SUFFIXES, TEXT_WEIGHTS_SUFFIXES
from snitch.model import Model
from snitch.repository import MANIFEST, WEIGHTS_SUFFIXES, Repository
from snitch.snapshot import UnreadableFile
from snitch.source import pointer_at

if TYPE_CHECKING:
    from snitch.git.command import Git
    from snitch.git.snapshots import GitSnapshot

_NAME = re.compile(r"name:[ \t]+(['\"]?)([a-z0-9][a-z0-9._-]*)\1[ \t]*(?:[ \t]#.*)?\r?")
_REMARK = re.compile(rb"\s*#")
#: What attributes send to Git LFS that is no text: weights by their look, and data.
_BINARY = tuple(suffix.encode() for suffix in (*WEIGHTS_SUFFIXES, *PREDICTIONS_SUFFIXES))
_OID = re.compile(r"oid (sha256:[0-9a-f]{64})\r?")
_FEW = 24


class Found(NamedTuple):
    """What a search of a stored state found: a manifest's name where its first line gives it, a pointer's digest
    where one plain line does, and the lines of manifests that may name files of other folders.
    """

    names: dict[str, str]
    digests: dict[str, str]
    climbing: list[Mention]
    #: How the names of the files end in which pointers were looked for, in lower case.
    kinds: frozenset[str]


def weights_paths(repository: Repository) -> list[str]:
    """What may be weights: files that look like it, and text files where Git LFS is sent any."""
    if not _sends_text(repository):
        return repository.weights_paths
    return repository.snapshot.ending(*WEIGHTS_SUFFIXES, *TEXT_WEIGHTS_SUFFIXES)


def _kind(path: str) -> str:
    return path.rpartition(".")[2].lower()


def _sends_text(repository: Repository) -> bool:
    """Whether some attributes may send text files to Git LFS; where that is not plain, they do."""
    paths = [path for path in repository.snapshot.ending(FILE_NAME) if path.rpartition("/")[2] == FILE_NAME]
    if len(paths) > _FEW:
        return True
    try:
        lines = [line for path in paths for line in repository.snapshot[path].split(b"\n") if b"lfs" in line]
    except UnreadableFile:
        return True
    return any(not (line.split() or [b""])[0].lower().endswith(_BINARY) for line in lines if not _REMARK.match(line))


def begin_search(snapshot: GitSnapshot) -> CatalogueSearch | None:
    """The search of what git has stored of a state, whose work tree it may still be looking through; None where there
    are few models.
    """
    # Reading each of a few costs less than a search.
    are_few = len(snapshot.stored.ending(MANIFEST)) <= _FEW
    return None if are_few else CatalogueSearch(snapshot.git, Repository(snapshot.stored))


class CatalogueSearch:
    """A search of manifests and of weights that git is at, both at once, while other things are done.

    `stored` is what is searched: a commit, or the index.
    """

    def __init__(self, git: Git, stored: Repository) -> None:
        # Git holds every path against every glob, which costs more than reading the files; classes of characters in a
        # pattern cost more than both.
        self._kinds = frozenset(map(_kind, weights_paths(stored)))
        globs = [f"**/*.{kind}" for kind in sorted(self._kinds)]
        begin = partial(Search, git, stored.commit, regex=True)
        self._manifests = begin(("^name:", *MANIFEST_CLIMBS), (f"**/*{MANIFEST}",))
        self._pointers = begin(("^oid sha256:",), globs) if globs else None

    def found(self) -> Found:
        """What the search found; to be asked once.

        Raises:
            GitError: the state cannot be searched.
        """
        lines = self._manifests.numbered_lines()
        climbing = [(path, line) for path, _, line in lines if ".." in line or "\\" in line]
        pointers = self._pointers.lines() if self._pointers else []
        names, digests = dict(_single(_leading(lines), _NAME, 2)), dict(_single(pointers, _OID, 1))
        return Found(names, digests, climbing, self._kinds)


def _leading(lines: Iterable[tuple[str, int, str]]) -> list[Mention]:
    """The lines that give a name, of manifests that begin with one. Behind other values it may be a part of theirs: a
    quoted text or a list in brackets may go on in a line that looks like any other.
    """
    return [(path, line if number == 1 else "") for path, number, line in lines if line.startswith("name:")]


def _single(lines: list[Mention], form: re.Pattern[str], group: int) -> Iterator[tuple[str, str]]:
    """What the files say that have one line of a form, and it as it should be; the others are read as a whole."""
    often = {path for (path, _), (following, _) in pairwise(lines) if path == following}
    for path, line in lines:
        match = form.fullmatch(line)
        if match is not None and path not in often:
            yield path, match[group]


def catalogue_of(
    repository: Repository, found: Found | None = None, stale: Iterable[str] = (), *, weights: bool = True
) -> Catalogue:
    """All models of a repository; their names alone, without `weights`.

    `found` is of a stored state that the repository differs from in the `stale` paths only; those are read. Without it
    each model is read: the way for few.
    """
    if found is None:
        return _Reading(repository).catalogue(weights)
    return _Searched(repository, found, frozenset(stale)).catalogue(weights)


class _Reading:
    """Reads each model's manifest and pointers."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.folders: dict[str, tuple[str, ...]] = {}
        self.weights: dict[str, tuple[tuple[str, str], ...]] = {}

    def catalogue(self, weights: bool) -> Catalogue:
        for folder in sorted(self.repository.model_folders):
            self.add_name(self.name_in(folder), folder)
        for path in weights_paths(self.repository) if weights else ():
            owner = self.repository.owner(path)
            digest = self.digest_at(path) if owner is not None else None
            if owner is not None and digest is not None:
                self.weights[digest] = (*self.weights.get(digest, ()), (self.owner_names[owner], path))
        return Catalogue(self.folders, self.weights)

    def name_in(self, folder: str) -> str:
        return Model(self.repository, folder).name

    def digest_at(self, path: str) -> str | None:
        pointer = pointer_at(self.repository, path)
        return pointer.digest if pointer else None

    def add_name(self, name: str, folder: str) -> None:
        self.folders[name] = (*self.folders.get(name, ()), folder)

    @cached_property
    def owner_names(self) -> dict[str, str]:
        """Each folder's model name, once all are known."""
        return {folder: name for name, held in self.folders.items() for folder in held}


class _Searched(_Reading):
    """Takes names and digests from what a search found; reads only what that leaves open."""

    def __init__(self, repository: Repository, found: Found, stale: frozenset[str]) -> None:
        super().__init__(repository)
        self.found = found
        self.stale = stale

    def name_in(self, folder: str) -> str:
        path = f"{folder}/{MANIFEST}" if folder else MANIFEST
        name = self.found.names.get(path) if path not in self.stale else None
        return super().name_in(folder) if name is None else name

    def digest_at(self, path: str) -> str | None:
        # Attributes that git has not stored may make weights of files that nobody searched.
        is_known = path not in self.stale and _kind(path) in self.found.kinds
        return self.found.digests.get(path) if is_known else super().digest_at(path)

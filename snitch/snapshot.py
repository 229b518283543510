"""A snapshot: one state of a repository as a read-only mapping of path to bytes.

Index, commit, merged tree and work tree are all read through this one type, so that a rule never knows where its bytes
come from, and nothing is ever checked out to be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import cached_property
from hashlib import sha1
from itertools import chain
from typing import NamedTuple


class Mode(IntEnum):
    """The file modes that Git knows."""

    FILE = 0o100644
    EXECUTABLE = 0o100755
    SYMLINK = 0o120000
    SUBMODULE = 0o160000


_FILE_MODES = (int(Mode.FILE), int(Mode.EXECUTABLE))


class Entry(NamedTuple):
    """What is known of a path without reading it. Equal entries hold equal content; `oid` is Git's blob id."""

    mode: int
    oid: str

    @property
    def is_file(self) -> bool:
        return self.mode in _FILE_MODES


class Snapshot(Mapping[str, bytes]):
    """One state of a repository: paths (relative, `/`-separated, surrogate-escaped) to bytes.

    Iterating, `len`, `in`, `entry` and `size` read no content. Looking a path up reads it; a path that is a symbolic
    link or a submodule is listed but never followed: looking it up raises `UnreadableFile`.
    """

    #: What this is a snapshot of, for people: `index`, `work tree`, or a full ref name.
    ref: str
    #: The commit's full SHA; None for the index, the work tree and a bare tree.
    commit: str | None

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every path with its mode and blob id, in Git's order."""
        raise NotImplementedError

    def size(self, path: str) -> int:
        """The file's size in bytes, not reading it.

        Raises:
            KeyError: there is no such path.
            UnreadableFile: the object is not here.
        """
        raise NotImplementedError

    def local_file(self, path: str) -> str | None:
        """Where the file's real bytes lie on this disk (not an LFS pointer to them), or None where they do not."""
        return None

    def ending(self, *suffixes: str) -> list[str]:
        """The paths that end in one of these, in letters of any case; in Git's order.

        Each is given in lower case, and has a dot in it.
        """
        if suffixes not in self._by_suffixes:
            self._by_suffixes[suffixes] = self._find_ending(suffixes)
        return self._by_suffixes[suffixes]

    @cached_property
    def _by_suffixes(self) -> dict[tuple[str, ...], list[str]]:
        return {}

    def _find_ending(self, suffixes: tuple[str, ...]) -> list[str]:
        kinds = {suffix[suffix.rindex(".") :] for suffix in suffixes} & self._by_extension.keys()
        found = [self._of_kind(kind, suffixes) for kind in kinds]
        return found[0] if len(found) == 1 else sorted(chain.from_iterable(found), key=in_git_order)

    def _of_kind(self, kind: str, suffixes: tuple[str, ...]) -> list[str]:
        paths = self._by_extension[kind]
        return paths if kind in suffixes else [path for path in paths if path.lower().endswith(suffixes)]

    @cached_property
    def _by_extension(self) -> dict[str, list[str]]:
        """The paths by what follows the last dot of each."""
        kinds: dict[str, list[str]] = {}
        for path in self.entries:
            kinds.setdefault(path[path.rfind(".") :].lower(), []).append(path)
        return kinds

    def prefetch(self, paths: Iterable[str]) -> None:
        """Reads many files in one go, to be looked up soon. A path that cannot be read is told when looked up."""

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, path: object) -> bool:
        return path in self.entries


class UnreadableFile(Exception):
    """A path is listed, but its content cannot be had: a link, a submodule, an absent object, or too large."""

    def __init__(self, path: str, reason: str, *, absent: bool = False) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        #: The object exists elsewhere but not in this clone: nothing can be decided, rather than the file being bad.
        self.absent = absent


class MemorySnapshot(Snapshot):
    """A snapshot held in memory: what a test judges, and what a merge of two snapshots is made of."""

    def __init__(
        self,
        files: Mapping[str, bytes | str],
        *,
        modes: Mapping[str, int] | None = None,
        local: Mapping[str, str] | None = None,
        ref: str = "memory",
        commit: str | None = None,
    ) -> None:
        self._files = {
            path: content.encode() if isinstance(content, str) else content for path, content in files.items()
        }
        modes = modes or {}
        self._entries = {
            path: Entry(modes.get(path, Mode.FILE), blob_id(self._files[path]))
            for path in sorted(self._files, key=in_git_order)
        }
        self._local = local or {}
        self.ref = ref
        self.commit = commit

    @property
    def entries(self) -> Mapping[str, Entry]:
        return self._entries

    def __getitem__(self, path: str) -> bytes:
        refuse_links(path, self._entries[path])
        return self._files[path]

    def size(self, path: str) -> int:
        return len(self._files[path])

    def local_file(self, path: str) -> str | None:
        return self._local.get(path)


def in_git_order(path: str) -> bytes:
    """What Git sorts paths by."""
    return path.encode("utf-8", "surrogateescape")


def refuse_links(path: str, entry: Entry) -> None:
    """Raises `UnreadableFile` for what is not a regular file: following it could leave the repository."""
    if entry.is_file:
        return
    if entry.mode == Mode.SYMLINK:
        raise UnreadableFile(path, "is a symbolic link; Snitch does not follow links. Commit the file itself")
    if entry.mode == Mode.SUBMODULE:
        raise UnreadableFile(path, "is a submodule; Snitch does not enter submodules. Commit the file itself")
    raise UnreadableFile(path, f"has the unknown mode {entry.mode:o}. Commit a regular file")


def blob_id(content: bytes) -> str:
    """Git's id of a blob, so that content compares equal between memory and Git's objects (SHA-1 repositories)."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

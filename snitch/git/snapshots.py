"""Snapshots of a commit's tree and of the index, read from Git's objects."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from snitch.git.errors import GitError
from snitch.git.questions import LIST_INDEX
from snitch.git.weights import stored_weights
from snitch.snapshot import Entry, Mode, Snapshot, UnreadableFile, refuse_links

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from snitch.git.command import Git

#: The empty tree and the empty blob of each object format; Git knows them without storing them.
EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
EMPTY_BLOB = {
    "sha1": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "sha256": "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
}

_MODES = {f"{mode:o}": int(mode) for mode in Mode}


def tree_snapshot(git: Git, tree: str | None, *, ref: str = "", commit: str | None = None) -> TreeSnapshot:
    """What a commit or a tree holds; nothing, where `tree` is None (an unborn branch).

    `tree` is a full object id (of a commit or a tree); names are resolved in `snitch.git.refs`, once.
    """
    return TreeSnapshot(git, tree, ref=ref, commit=commit)


def index_snapshot(git: Git) -> IndexSnapshot:
    """What the next commit would hold; the index is the one that `GIT_INDEX_FILE` names, where git set it."""
    return IndexSnapshot(git)


class GitSnapshot(Snapshot):
    """A snapshot whose files are Git objects. It is listed once, when first asked."""

    def __init__(self, git: Git, *, ref: str, commit: str | None = None) -> None:
        self.git = git
        self.ref = ref
        self.commit = commit

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Raises:
        GitError: the listing cannot be had.
        """
        return self._list()

    def _list(self) -> Mapping[str, Entry]:
        raise NotImplementedError

    def __getitem__(self, path: str) -> bytes:
        entry = self.entries[path]
        refuse_links(path, entry)
        try:
            return self.git.objects.read(entry.oid)
        except UnreadableFile as failure:
            raise UnreadableFile(path, failure.reason, absent=failure.absent) from None

    def size(self, path: str) -> int:
        entry = self.entries[path]
        if entry.mode == Mode.SUBMODULE:
            return 0
        size = self.git.objects.size(entry.oid)
        if isinstance(size, UnreadableFile):
            raise UnreadableFile(path, size.reason, absent=size.absent)
        return size

    def prefetch(self, paths: Iterable[str]) -> None:
        found = (self.entries.get(path) for path in paths)
        self.git.objects.prefetch(entry.oid for entry in found if entry is not None and entry.is_file)

    def local_file(self, path: str) -> str | None:
        return stored_weights(self.git, self, path)

    @property
    def stored(self) -> GitSnapshot:
        """What of this Git itself has stored: just this is what a search by git sees."""
        return self


class TreeSnapshot(GitSnapshot):
    """A commit's tree."""

    def __init__(self, git: Git, tree: str | None, *, ref: str, commit: str | None) -> None:
        if tree is not None and not (tree.isalnum() and len(tree) in (40, 64)):
            raise ValueError(f"{tree!r} is not a full object id")
        super().__init__(git, ref=ref, commit=commit)
        #: The tree's or its commit's id; None for the tree of an unborn branch.
        self.tree = tree

    def _list(self) -> dict[str, Entry]:
        if self.tree is None:
            return {}
        entries: dict[str, Entry] = {}
        listed = 0
        for records in self.git.stream(("ls-tree", "-r", "-z", "--full-tree", self.tree)):
            listed += len(records)
            for record in records:
                head, _, path = record.partition("\t")
                mode, _, oid = head.split(" ")
                entries[path] = Entry(_MODES.get(mode) or _mode(mode), oid)
        if len(entries) != listed:
            raise GitError(f"the tree {self.tree} lists a path twice", "`git fsck` says which; commit it again")
        return entries


class IndexSnapshot(GitSnapshot):
    """The index. A path that is only announced (`git add -N`) is not part of it."""

    def __init__(self, git: Git) -> None:
        super().__init__(git, ref="index")

    def _list(self) -> dict[str, Entry]:
        entries, unmerged = list_index(self.git)
        if unmerged:
            raise _conflict(sorted(unmerged))
        format_ = "sha1" if len(next(iter(entries.values()), Entry(0, " " * 40)).oid) == 40 else "sha256"
        if any(entry.oid == EMPTY_BLOB[format_] for entry in entries.values()):
            command = ("diff-index", "--cached", "--ita-invisible-in-index", "--name-only", "-z", EMPTY_TREE[format_])
            real = set(self.git.records(command))
            return {path: entry for path, entry in entries.items() if path in real}
        return entries


def list_index(git: Git) -> tuple[dict[str, Entry], set[str]]:
    """The index's entries by path, and the paths that are in conflict (they have no entry)."""
    entries: dict[str, Entry] = {}
    unmerged: set[str] = set()
    for record in chain.from_iterable(git.stream(LIST_INDEX)):
        head, _, path = record.partition("\t")
        mode, oid, stage = head.split(" ")
        if stage == "0":
            entries[path] = Entry(_MODES.get(mode) or _mode(mode), oid)
        else:
            unmerged.add(path)
    return entries, unmerged


def entry_of(mode: str, oid: str) -> Entry:
    """What git writes of a path, as an entry."""
    return Entry(_MODES.get(mode) or _mode(mode), oid)


def _mode(mode: str) -> int:
    """Old gits wrote group bits: any regular file is FILE or EXECUTABLE."""
    bits = int(mode, 8)
    if bits & 0o170000 == 0o100000:
        return Mode.EXECUTABLE if bits & 0o100 else Mode.FILE
    return bits


def _conflict(paths: list[str]) -> GitError:
    shown = ", ".join(ascii(path) for path in paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
    return GitError(
        f"the index holds unresolved conflicts in {shown}",
        "Resolve them and `git add` the files, or `git merge --abort`",
    )

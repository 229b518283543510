"""A commit's tree, listed by how it differs from a snapshot that is listed already.

Candidate and deployed branch hold mostly the same files: to list both costs twice what a listing and a diff cost.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from snitch.git.changes import raw_differences
from snitch.git.errors import GitError
from snitch.git.snapshots import EMPTY_TREE, GitSnapshot, IndexSnapshot, TreeSnapshot, entry_of
from snitch.git.worktree import WorkTreeSnapshot
from snitch.snapshot import Entry, Snapshot, in_git_order

if TYPE_CHECKING:
    from snitch.git.command import Git

_ABSENT = "000000"


def tree_beside(git: Git, tree: str, near: Snapshot, *, ref: str, commit: str | None) -> TreeBeside:
    """What the commit or tree of a full object id holds; `near` is the snapshot that it is held against."""
    return TreeBeside(git, tree, near, ref=ref, commit=commit)


class TreeBeside(TreeSnapshot):
    """A tree that knows in which paths it differs from another snapshot."""

    def __init__(self, git: Git, tree: str, near: Snapshot, *, ref: str, commit: str | None) -> None:
        super().__init__(git, tree, ref=ref, commit=commit)
        self.near = near
        self._object = tree

    @cached_property
    def differing(self) -> dict[str, Entry | None] | None:
        """This tree's entries (None: it has none) at the paths where it differs from the other; for a work tree, from
        its index. None where Git cannot tell, as while a merge is going on.

        Raises:
            TypeError: the other is no snapshot of this package.
        """
        found: dict[str, Entry | None] = {}
        # What is only announced (`git add -N`) is no part of an index snapshot; the work tree's index does list it.
        options = ("--ita-invisible-in-index",) if isinstance(self.near, IndexSnapshot) else ()
        for head, path in raw_differences(self.git, self._object, self._place(), options):
            mode, _, oid, _, status = head[1:].split(" ")
            if status == "U":
                return None
            if path in found:
                raise GitError(f"the tree {self.tree} lists a path twice", "`git fsck` says which; commit it again")
            found[path] = None if mode == _ABSENT else entry_of(mode, oid)
        return found

    def differences(self) -> set[str]:
        """The paths in which this tree and the other snapshot differ."""
        if self.differing is None:
            theirs, ours = self.near.entries, self.entries
            return {path for path in theirs.keys() | ours.keys() if theirs.get(path) != ours.get(path)}
        if isinstance(self.near, WorkTreeSnapshot):
            return self.near.differences_from(self.differing)
        return set(self.differing)

    def _place(self) -> str | None:
        """The other tree's id; None for the index."""
        if isinstance(self.near, TreeSnapshot):
            return self.near.tree or EMPTY_TREE[self.git.layout.object_format]
        if isinstance(self.near, (IndexSnapshot, WorkTreeSnapshot)):
            return None
        raise TypeError(f"a {type(self.near).__name__} cannot be compared by git")

    def _list(self) -> dict[str, Entry]:
        if self.differing is None:
            return super()._list()
        entries = dict(self._stored_near.entries)
        known = len(entries)
        for path, entry in self.differing.items():
            if entry is None:
                entries.pop(path, None)
                known -= 1
            else:
                entries[path] = entry
        if len(entries) == known:
            return entries
        return dict(sorted(entries.items(), key=lambda item: in_git_order(item[0])))

    def _find_ending(self, suffixes: tuple[str, ...]) -> list[str]:
        differing = self.differing
        if differing is None or any(path.lower().endswith(suffixes) for path in differing):
            return super()._find_ending(suffixes)
        return self._stored_near.ending(*suffixes)

    @property
    def _stored_near(self) -> GitSnapshot:
        """What `differing` tells the difference from."""
        assert isinstance(self.near, GitSnapshot)
        return self.near.stored

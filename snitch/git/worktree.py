"""A snapshot of the work tree: what committing everything that is not ignored would store.

A file that the index knows to be unchanged is the index's entry and is read from Git's objects. The others are *loose*:
they are read from disk, when they are asked for. Nothing of the repository runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from snitch.git.attributes import Conversions, configured_filters, without_filters
from snitch.git.disk import head_inside, inside
from snitch.git.loose import LooseFiles, mode_of
from snitch.git.questions import LIST_INDEX, LIST_UNTRACKED
from snitch.git.snapshots import GitSnapshot, list_index
from snitch.git.weights import in_store, pointer_at
from snitch.pointer import MAX_POINTER_BYTES, Pointer, looks_like_pointer
from snitch.snapshot import Entry, Mode, UnreadableFile, in_git_order, refuse_links

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from snitch.git.command import Git

#: `dirty`: a submodule's commit is compared, and no git is run inside it.
_COMPARE = ("diff-files", "--raw", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty")


def work_tree_snapshot(git: Git) -> WorkTreeSnapshot:
    """What a commit of everything that is not ignored would hold."""
    return WorkTreeSnapshot(git)


class WorkTreeSnapshot(GitSnapshot):
    """The work tree's files, untracked ones included, ignored and deleted ones not."""

    def __init__(self, git: Git) -> None:
        super().__init__(git, ref="work tree")

    @cached_property
    def _indexed(self) -> tuple[dict[str, Entry], set[str]]:
        # Meanwhile git looks through the work tree.
        _compare_ahead(self.git)
        return list_index(self.git)

    @cached_property
    def _listed(self) -> WorkTreeEntries:
        return _list(self.git, *self._indexed)

    @property
    def index(self) -> dict[str, Entry]:
        """What the index holds, whatever the work tree does."""
        return self._indexed[0]

    @cached_property
    def stored(self) -> GitSnapshot:
        """The index, without the paths in conflict; known before the work tree is."""
        return _Listed(self.git, self.index)

    @cached_property
    def _loose_paths(self) -> Collection[str]:
        return self._listed.loose_paths

    def _list(self) -> Mapping[str, Entry]:
        """The listing. Looking a loose path up hashes its file; iterating does not."""
        listed = self._listed
        if listed.loose_paths:
            return listed
        # Most often nothing is loose, and a plain dict is far quicker than anything that asks first.
        index = listed.index
        return index if len(index) == len(listed.modes) else {path: index[path] for path in listed.modes}

    def _find_ending(self, suffixes: tuple[str, ...]) -> list[str]:
        is_as_stored = self.entries is self.index
        return self.stored.ending(*suffixes) if is_as_stored else super()._find_ending(suffixes)

    def differences(self) -> set[str]:
        """The paths whose content or mode is not the index's: changed, deleted or untracked. Hashes what it must."""
        entries = self._listed
        gone = entries.index.keys() - entries.modes.keys()
        return gone | {path for path in entries.loose_paths if entries.index.get(path) != entries[path]}

    def differences_from(self, staged: Mapping[str, Entry | None]) -> set[str]:
        """The paths whose content or mode is not a tree's.

        `staged` is what that tree holds (None: nothing) where the index differs from it. Such a path may have been
        changed back on disk.
        """
        ours = self.entries
        others = self.differences() - staged.keys()
        return others | {path for path, theirs in staged.items() if ours.get(path) != theirs}

    def __getitem__(self, path: str) -> bytes:
        if path not in self._loose_paths:
            return super().__getitem__(path)
        refuse_links(path, Entry(self._listed.modes[path], ""))
        return self._listed.loose.content(path)

    def size(self, path: str) -> int:
        return self._listed.loose.size(path) if path in self._loose_paths else super().size(path)

    def prefetch(self, paths: Iterable[str]) -> None:
        loose = self._loose_paths
        super().prefetch(path for path in paths if path not in loose)

    def local_file(self, path: str) -> str | None:
        """The work tree's own file where it is real bytes, else the one in Git LFS's store that its pointer names."""
        if self._listed.modes.get(path) not in (Mode.FILE, Mode.EXECUTABLE):
            return None
        top = self.git.top_level
        pointer = None if path in self._loose_paths else pointer_at(self, path)
        if pointer is not None and self._is_of_another_size(path, pointer):
            return in_store(self.git, pointer)
        try:
            if looks_like_pointer(head_inside(top, path, MAX_POINTER_BYTES + 1)):
                return self._stored(path)
        except (UnreadableFile, OSError):
            return self._stored(path)
        return os.fsdecode(inside(top, path))

    def _is_of_another_size(self, path: str, pointer: Pointer) -> bool:
        """Whether an unchanged file must lie on disk as the pointer that Git holds: its content has another size."""
        try:
            return os.lstat(f"{self.git.top_level}/{path}").st_size != pointer.size
        except (OSError, ValueError):
            return False

    def _stored(self, path: str) -> str | None:
        pointer = pointer_at(self, path)
        return None if pointer is None else in_store(self.git, pointer)


class _Listed(GitSnapshot):
    """What the index is known to hold."""

    def __init__(self, git: Git, entries: Mapping[str, Entry]) -> None:
        super().__init__(git, ref="index")
        self.entries = entries


class WorkTreeEntries(Mapping[str, Entry]):
    """The work tree's paths; the blob id of a loose file is worked out when its entry is looked up."""

    def __init__(
        self, modes: dict[str, int], index: dict[str, Entry], loose: LooseFiles, paths: Collection[str]
    ) -> None:
        self.modes = modes
        self.index = index
        self.loose = loose
        self.loose_paths = paths

    def __getitem__(self, path: str) -> Entry:
        mode = self.modes[path]
        return Entry(mode, self.loose.oid(path, mode)) if path in self.loose_paths else self.index[path]

    def __contains__(self, path: object) -> bool:
        return path in self.modes

    def __iter__(self) -> Iterator[str]:
        return iter(self.modes)

    def __len__(self) -> int:
        return len(self.modes)


def index_listing(git: Git) -> bytes:
    """The index as git lists it, while git goes on to look whether the work tree holds just that: see `is_clean`.

    What git is asked is kept for the snapshot of the work tree, which asks the same.

    Raises:
        GitError: it cannot be read.
    """
    _compare_ahead(git)
    answer = git.foresee(LIST_INDEX)
    if answer.status != 0:
        raise git.failure("ls-files", answer)
    return answer.out


def is_clean(git: Git) -> bool:
    """Whether the work tree is certain to hold what the index does, and nothing else."""
    compare, _ = _compare_ahead(git)
    answers = (git.foresee(compare, at_top=True), git.foresee(LIST_UNTRACKED))
    return all(answer.status == 0 and not answer.out for answer in answers)


def _compare_ahead(git: Git) -> tuple[Sequence[str], frozenset[str]]:
    """Has git look at every folder of the disk while it lists the index: how it compares, and the filters it has."""
    filters = configured_filters(git)
    compare = (*without_filters(filters), *_COMPARE)
    git.ahead(compare, at_top=True)
    git.ahead(LIST_UNTRACKED)
    return compare, filters


def _list(git: Git, index: dict[str, Entry], unmerged: set[str]) -> WorkTreeEntries:
    compare, filters = _compare_ahead(git)
    changed = _changed(git, compare)
    changed |= {path: mode_of(git.top_level, path) for path in (*unmerged, *_untracked(git))}
    modes: dict[str, int] = {path: entry.mode for path, entry in index.items() if path not in changed}
    loose = {path: mode for path, mode in changed.items() if mode is not None}
    modes |= loose
    if loose:
        modes = dict(sorted(modes.items(), key=lambda item: in_git_order(item[0])))
    return WorkTreeEntries(modes, index, LooseFiles(git, index, Conversions(git, loose, filters)), loose.keys())


def _changed(git: Git, compare: Sequence[str]) -> dict[str, int | None]:
    """The mode of each tracked file that may differ from the index, None for a deleted one."""
    records = iter(git.records(compare, at_top=True))
    changed: dict[str, int | None] = {}
    for head in records:
        path = next(records)
        _, mode, _, _, status = head.split(" ")
        if status == "D":
            changed[path] = None
        elif mode != "160000":
            changed[path] = int(mode, 8)
    return changed


def _untracked(git: Git) -> Iterator[str]:
    """Files that git does not know and does not ignore; a repository within this one, told as a folder, is left out."""
    return (path for path in git.records(LIST_UNTRACKED) if not path.endswith("/"))

"""Where the bytes behind an LFS pointer lie on this disk."""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from snitch.git.disk import digest_of, inside, open_inside
from snitch.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from snitch.snapshot import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snitch.git.command import Git
    from snitch.snapshot import Snapshot


def stored_weights(git: Git, snapshot: Snapshot, path: str) -> str | None:
    """The file that holds what the snapshot's pointer at `path` stands for: in the local LFS store, else in the work
    tree, where its digest is the pointer's. None where there is no pointer, or its bytes are not here.
    """
    pointer = pointer_at(snapshot, path)
    return None if pointer is None else in_store(git, pointer) or _in_work_tree(git, path, pointer)


def pointer_at(snapshot: Snapshot, path: str) -> Pointer | None:
    """The pointer that the snapshot holds at `path`, if it is one."""
    entry = snapshot.entries.get(path)
    if entry is None or not entry.is_file:
        return None
    try:
        return parse_pointer(snapshot[path]) if snapshot.size(path) <= MAX_POINTER_BYTES else None
    except UnreadableFile:
        return None


def in_store(git: Git, pointer: Pointer) -> str | None:
    """The file in Git LFS's local store, or among what was fetched for this run, if it is there in full."""
    oid = pointer.digest.removeprefix("sha256:")
    for store in (git.fetched_weights, lfs_store(git)):
        file = f"{store}/objects/{oid[:2]}/{oid[2:4]}/{oid}"
        if store is not None and _is_whole(file, pointer):
            return file
    return None


def _is_whole(file: str, pointer: Pointer) -> bool:
    try:
        status = os.stat(file)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == pointer.size


def have_arrived(git: Git, awaited: Iterable[tuple[str, Pointer]]) -> bool:
    """Whether the bytes of a pointer at a path, which were not here, may be by now, going by the sizes of files."""
    top = git.top_level if git.has_work_tree else None
    has_store = os.path.isdir(f"{lfs_store(git)}/objects")
    return any(
        (has_store and in_store(git, pointer) is not None)
        or (top is not None and _size(f"{top}/{path}") == pointer.size)
        for path, pointer in awaited
    )


def _size(file: str) -> int | None:
    try:
        return os.lstat(file).st_size
    except (OSError, ValueError):
        return None


def lfs_store(git: Git) -> str:
    """`lfs.storage` is taken from git's own configuration alone: `.lfsconfig` belongs to the judged repository."""
    if git.lfs_store is None:
        told = git.ask(("config", "--null", "--type=path", "--get", "lfs.storage"))
        folder = os.fsdecode(told.out.rstrip(b"\0")) if told.status == 0 else ""
        git.lfs_store = os.path.join(git.layout.common_dir, folder or "lfs")
    return git.lfs_store


def _in_work_tree(git: Git, path: str, pointer: Pointer) -> str | None:
    if not git.has_work_tree:
        return None
    try:
        with open_inside(git.top_level, path) as file:
            if os.fstat(file.fileno()).st_size != pointer.size:
                return None
            if f"sha256:{digest_of(file, 'sha256')}" != pointer.digest:
                return None
    except (UnreadableFile, OSError):
        return None
    return os.fsdecode(inside(git.top_level, path))

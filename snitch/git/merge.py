"""What a merge would make, as a tree: made in an empty folder of its own, so that nothing of a checkout bends it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager

from msgspec import Struct

from snitch.git.command import Git, too_old
from snitch.git.errors import AbsentObject, GitError
from snitch.git.weights import lfs_store

#: The first git that merges without a work tree.
OLDEST_MERGING_GIT = (2, 38)


class MergeConflict(Exception):
    """The two cannot be merged as they are; `paths` are in conflict, none where they have no history in common."""

    def __init__(self, reason: str, paths: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.paths = paths


class Merged(Struct, frozen=True):
    """The tree that a merge would make, and the git that reads it and all that the repository holds."""

    git: Git
    tree: str


@contextmanager
def merged(git: Git, target: str, head: str) -> Iterator[Merged]:
    """What merging the commit `head` into the commit `target` would make; gone when the context ends.

    Both are full ids. The tree lies in a bare repository of its own, which borrows the objects of `git`'s: there is no
    work tree, no index and no configuration of the repository's whose attributes or merge drivers could have a say.

    Raises:
        MergeConflict: it takes a person to merge them.
        AbsentObject: the clone lacks an object that the merge needs.
        GitError: git is older than 2.38, or the repository cannot be read.
    """
    version = git.version()
    if version < OLDEST_MERGING_GIT:
        raise too_old(version, OLDEST_MERGING_GIT, purpose="the gate")
    folder = tempfile.mkdtemp(prefix="snitch-merge-")
    try:
        with closing(_beside(git, folder)) as own:
            own.called = git.called
            own.lfs_store = lfs_store(git)
            yield Merged(own, _tree_of(own, target, head))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _beside(git: Git, folder: str) -> Git:
    """An empty bare repository that reads another's objects, and knows where its history was cut off."""
    layout = git.layout
    Git(folder).run(("init", "--quiet", "--bare", "--template=", f"--object-format={layout.object_format}", "."))
    objects = os.path.join(layout.common_dir, "objects")
    if "\n" in objects:
        raise GitError(f"the path of the repository at {git.directory!r} contains a line break", "Rename the folder")
    with open(os.path.join(folder, "objects", "info", "alternates"), "wb") as file:
        file.write(os.fsencode(_quoted(objects)) + b"\n")
    if layout.is_shallow:
        shutil.copyfile(os.path.join(layout.common_dir, "shallow"), os.path.join(folder, "shallow"))
    return Git(folder)


def _quoted(path: str) -> str:
    """A line of `alternates`: one that begins like a comment or a quotation is quoted as C does."""
    if not path.startswith(("#", '"')):
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _tree_of(git: Git, target: str, head: str) -> str:
    answer = git.ask(("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", target, head))
    if answer.status == 128 and "unrelated histories" in answer.err:
        if git.layout.is_shallow:
            raise AbsentObject("the history in this clone ends before the two meet", "Run `git fetch --unshallow`")
        raise MergeConflict("the two have no history in common")
    if answer.status not in (0, 1):
        raise git.failure("merge-tree", answer)
    tree, *paths = answer.out.decode("utf-8", "surrogateescape").split("\0")
    if answer.status == 1:
        conflicting = tuple(dict.fromkeys(path for path in paths if path))
        raise MergeConflict("the two conflict", conflicting)
    return tree

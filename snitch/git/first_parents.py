"""A commit's first parents: when each was made, and what it made of some paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from snitch.git.changes import RAW
from snitch.git.errors import GitError
from snitch.git.snapshots import entry_of

if TYPE_CHECKING:
    from snitch.git.command import Git
    from snitch.snapshot import Entry

#: The machine's settings may follow renames, hide the root's files or check signatures; none of it holds here.
_LOG = (
    *("-c", "log.follow=false", "-c", "log.showRoot=true", "log", "--first-parent"),
    *("--no-show-signature", "--no-notes", "--no-color"),
)
_CHANGES = ("--diff-merges=first-parent", *RAW, "--format=%H")
_LIST = ("ls-tree", "-r", "-z", "--full-tree")
_ABSENT = "000000"

#: A path's entry before and after a commit; None where there was none.
Change = tuple["Entry | None", "Entry | None"]


class Step(NamedTuple):
    """A commit and what it made of some paths."""

    commit: str
    changes: dict[str, Change]

    def undo(self, entries: dict[str, Entry]) -> None:
        """Makes of the entries after the commit those before it.

        Raises:
            GitError: they are none that could be after it.
        """
        for path, (before, after) in self.changes.items():
            if entries.get(path) != after:
                raise GitError(f"git tells two things of {path!r} in {self.commit}", "`git fsck` says what is broken")
            if before is None:
                del entries[path]
            else:
                entries[path] = before


def steps(git: Git, commit: str, paths: tuple[str, ...]) -> list[Step]:
    """The commits that changed something at or below some paths (anything, where there are none), newest first, each
    held against its first parent.

    Raises:
        GitError: the history, or a tree in it, cannot be read.
    """
    literal = (f":(top,literal){path}" for path in paths)
    records = iter(git.records((*_LOG, *_CHANGES, commit, "--", *literal)))
    found: list[Step] = []
    for record in records:
        head = record.removeprefix("\n")
        if head.startswith(":"):
            found[-1].changes[next(records)] = _change(head)
        else:
            found.append(Step(head, {}))
    return found


def steps_by_folder(git: Git, commit: str, folders: Iterable[str]) -> dict[str, list[Step]]:
    """The same for each of many folders, none of which is the top, from one look at the whole history.

    Git holds every path against every folder that it is asked for; for a hundred of them that takes minutes.
    """
    found: dict[str, list[Step]] = {folder: [] for folder in folders}
    commit_now, head = "", ""
    for records in git.stream((*_LOG, *_CHANGES, commit, "--")):
        for record in records:
            if head:
                for steps_there in (found[each] for each in _folders_above(record) if each in found):
                    if not steps_there or steps_there[-1].commit != commit_now:
                        steps_there.append(Step(commit_now, {}))
                    steps_there[-1].changes[record] = _change(head)
                head = ""
            elif record.startswith((":", "\n:")):
                head = record.removeprefix("\n")
            else:
                commit_now = record
    return found


def _folders_above(path: str) -> Iterator[str]:
    """The folders that a path is in, the top left out."""
    at = path.rfind("/")
    while at > 0:
        path = path[:at]
        yield path
        at = path.rfind("/")


def differences(git: Git, commit: str, other: str, pattern: str) -> Iterator[tuple[str, Change]]:
    """What differs between two commits at the paths that match a pattern of git's."""
    records = iter(git.records(("diff-tree", "-r", *RAW, commit, other, "--", f":(top,glob){pattern}")))
    for head, path in zip(records, records, strict=True):
        yield path, _change(head)


def listing(git: Git, commit: str, paths: tuple[str, ...]) -> dict[str, Entry]:
    """What a commit holds at and below some paths; all of it, where there are none."""
    entries = {}
    for record in git.records(("--literal-pathspecs", *_LIST, commit, "--", *paths)):
        head, _, path = record.partition("\t")
        mode, _, oid = head.split(" ")
        entries[path] = entry_of(mode, oid)
    return entries


def first_parent(git: Git, commit: str) -> str | None:
    """A commit's first parent; None where it has none here."""
    told = git.run(("rev-list", "--max-count=1", "--parents", commit)).decode().split()
    return told[1] if len(told) > 1 else None


def missing_trees(git: Git, *tips: str, first_parents: bool = True) -> list[str]:
    """The trees of commits and their parents that a partial clone does not have, as far as it knows of them."""
    followed = ("--first-parent",) if first_parents else ()
    command = ("rev-list", *followed, "--objects", "--no-object-names", "--filter=blob:none", "--missing=print")
    lines = git.run((*command, *tips, "--")).decode("ascii", "replace").splitlines()
    return [line[1:] for line in lines if line.startswith("?")]


def dates(git: Git, tip: str, moment: datetime | None = None) -> dict[str, datetime | None]:
    """Each commit's date in UTC by its committer's clock, or that of one before it where that is later; oldest first.

    None where it is not a moment that a calendar knows. One that lies after `moment` proves nothing of what follows it.
    """
    lines = git.run((*_LOG, "--no-patch", "--format=%H %ct", tip)).decode("ascii", "replace").splitlines()
    found: dict[str, datetime | None] = {}
    latest: datetime | None = None
    for line in reversed(lines):
        commit, _, seconds = line.partition(" ")
        own = _date(seconds)
        found[commit] = own if own is None or latest is None else max(own, latest)
        if own is not None and (moment is None or own <= moment):
            latest = found[commit]
    return found


def is_cut(git: Git, commit: str) -> bool:
    """Whether a shallow clone does not have a commit's parents. Asked anew each time, since it may be deepened."""
    try:
        with open(os.path.join(git.layout.common_dir, "shallow"), encoding="ascii") as file:
            is_listed = commit in file.read().split()
    except FileNotFoundError:
        return False
    # A commit without parents may be listed too, where the clone is just as deep as the history.
    return is_listed and b"\nparent " in git.run(("cat-file", "commit", commit)).partition(b"\n\n")[0]


def _change(head: str) -> Change:
    """What git's raw record of a path says."""
    was, mode, old, new, _ = head[1:].split(" ")
    return _entry(was, old), _entry(mode, new)


def _entry(mode: str, oid: str) -> Entry | None:
    return None if mode == _ABSENT else entry_of(mode, oid)


def _date(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None

"""Every version that files have had in a history, on whichever side of a merge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from snitch.finding import Undecidable
from snitch.git.changes import RAW
from snitch.git.errors import AbsentObject
from snitch.git.first_parents import is_cut, missing_trees
from snitch.git.snapshots import entry_of

if TYPE_CHECKING:
    from snitch.git.command import Git
    from snitch.snapshot import Entry

#: All sides of a merge are walked, and of the merge itself what no side had is told. The machine's settings may follow
#: renames, hide the root's files or check signatures; none of it holds here.
_LOG = (
    *("-c", "log.follow=false", "-c", "log.showRoot=true", "log", "--diff-merges=combined"),
    *("--no-show-signature", "--no-notes", "--no-color", *RAW, "--format="),
)
_ABSENT = "000000"

T = TypeVar("T")


class Version(NamedTuple):
    """What a file held in some commit."""

    path: str
    entry: Entry


def versions(git: Git, tips: Mapping[str, str], pattern: re.Pattern[str], *, remote: str = "origin") -> list[Version]:
    """Every version of the files whose whole path matches, in all commits that `tips` (commits by what people call
    them) come from; each once, newest first.

    Git tells of all files: to hold each path of a wide tree against a pattern of its own takes it four times as long.

    Raises:
        Undecidable: the history here ends before it began, or what it takes is not in this clone.
        GitError: it cannot be read.
    """
    _refuse_cut(git, tips, remote)
    commits = tuple(dict.fromkeys(tips.values()))
    try:
        return _here(git, commits, lambda: _versions(git, commits, pattern))
    except AbsentObject as error:
        raise Undecidable(f"the history: {error.message}", help=error.advice) from None


def _versions(git: Git, tips: Sequence[str], pattern: re.Pattern[str]) -> list[Version]:
    found: dict[Version, None] = {}
    head = ""
    for records in git.stream((*_LOG, *tips, "--")):
        for record in records:
            if not head:
                head = record.lstrip("\n")
                continue
            entry = _entry(head) if pattern.fullmatch(record) else None
            if entry is not None:
                found[Version(record, entry)] = None
            head = ""
    return list(found)


def _entry(head: str) -> Entry | None:
    """What git's raw record of a path says that it became: one colon, mode and id for each parent, and the result's."""
    sides = len(head) - len(head.lstrip(":"))
    words = head[sides:].split(" ")
    mode, oid = words[sides], words[2 * sides + 1]
    return None if mode == _ABSENT else entry_of(mode, oid)


def _here(git: Git, tips: Sequence[str], ask: Callable[[], T]) -> T:
    """What git answers; where the clone lacks trees of the history and may fetch, after they have been fetched."""
    try:
        return ask()
    except AbsentObject:
        supply = git.objects.supplier
        missing = missing_trees(git, *tips, first_parents=False)
        if supply is None or not missing:
            raise
        supply(missing)
        return ask()


def _refuse_cut(git: Git, tips: Mapping[str, str], remote: str) -> None:
    """Refuses a history of which a shallow clone does not have the beginning.

    Raises:
        Undecidable: it does not.
    """
    if not git.layout.is_shallow:
        return
    for name, tip in tips.items():
        ends = git.run(("rev-list", "--max-parents=0", tip, "--")).decode("ascii", "replace").split()
        for commit in ends:
            if is_cut(git, commit):
                reason = f"the history of `{name}` ends at {commit[:12]} in this shallow clone"
                raise Undecidable(reason, help=f"`git fetch --unshallow {remote}`")

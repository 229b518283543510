"""Histories of branches as data: what stood there, newest first, each state a dict of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from snitch.finding import Undecidable
from snitch.gate import History, Stretch
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.gating.witnesses import NOON
from tests.judging import FOLDER, Files

#: A state, and when it came (None: nobody knows).
State = tuple[Files, "datetime | None"]
_END = Undecidable("the history ends here", help="`git fetch --unshallow origin`")


class Past:
    """A branch that held these states, newest first; `cut` where a shallow clone knows no more of it."""

    def __init__(self, *states: State, branch: str = "staging", folder: str = FOLDER, cut: bool = False) -> None:
        self.branch = branch
        self._states = states
        self._folder = folder
        self._cut = cut

    def stretches(self, name: str, folder: str, beside: tuple[str, ...] = ()) -> Iterator[Stretch]:
        for number, (files, since) in enumerate(self._states):
            commit = f"{number + 1:x}" * 40
            repository = Repository(MemorySnapshot(files, ref=self.branch, commit=commit))
            yield Stretch(commit, since, Model(repository, self._folder))
        if self._cut:
            raise _END


def ago(**time: float) -> datetime:
    """A time before the gate's."""
    return NOON - timedelta(**time)


def histories(*pasts: Past) -> Callable[[str], History]:
    """What a gate tells of branches: of no others."""
    known: Mapping[str, Past] = {past.branch: past for past in pasts}

    def history(branch: str) -> History:
        if branch not in known:
            raise Undecidable(f"the branch `{branch}` is not in this clone")
        return known[branch]

    return history

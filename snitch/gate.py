"""What only the gate knows of a change: who approved it, how the branches came to be, what servers and jobs say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from snitch.finding import Undecidable
from snitch.formats.shadow import ShadowReport
from snitch.pointer import Pointer
from snitch.repository import Repository
from snitch.source import File


class Approvals(Struct, frozen=True):
    """Who asks for the merge (None: nobody knows), and who else has approved the very commit that is asked for."""

    author: str | None
    users: frozenset[str]


class Stretch(Struct, frozen=True):
    """A time in which nothing of what is asked about changed on a branch.

    `commit` is the one that began it, `since` when that came to the branch, in UTC (None: no moment a calendar knows).
    """

    commit: str
    since: datetime | None
    #: What stood there, of the folders asked about and nothing else.
    repository: Repository


class History(Protocol):
    """A branch's own history: its first parents, whatever was merged into them and however."""

    #: The branch, as people call it.
    branch: str

    def stretches(self, folder: str) -> Iterator[Stretch]:
        """What became of a folder, newest first; where its model was moved, the folder that it came from is in it too.

        Raises:
            Undecidable: the history here ends before the branch's does.
        """
        ...


class WeightsServer(Protocol):
    """The Git LFS server of the repository."""

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        """The digests of those objects that the server does not have.

        Raises:
            Undecidable: it cannot be asked.
        """
        ...


class Shadow(Struct, frozen=True):
    """What a job saw of the candidate beside the deployed model, on live requests; `file` is where it says so."""

    file: File
    report: ShadowReport


class Gate(Struct, frozen=True, kw_only=True):
    """What a rule of stage `gate` may ask for beside the states of the repository."""

    #: The branch that the change is to be merged into.
    target: str
    #: When the gate was asked, in UTC.
    moment: datetime
    #: Or why nobody can tell.
    approvals: Approvals | Undecidable
    #: By the policy on the target: who may approve a change of the gate itself, or a rollback.
    approvers: tuple[str, ...] = ()
    #: The history of a branch by its name. Raises Undecidable where the branch is not here.
    history: Callable[[str], History]
    weights_server: WeightsServer
    shadows: tuple[Shadow, ...] = ()

    @property
    def approved_by(self) -> frozenset[str]:
        """Who, other than the author, has approved the head.

        Raises:
            Undecidable: nobody can tell.
        """
        if isinstance(self.approvals, Undecidable):
            raise self.approvals.with_traceback(None)
        return self.approvals.users - {self.approvals.author}

"""What only the gate knows of a change: who approved it, how the branches came to be, what servers and jobs say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from snitch.finding import Undecidable
from snitch.formats.evaluation import EvaluatedDataset, EvaluatedModel
from snitch.formats.evidence import Evidence
from snitch.formats.shadow import ShadowReport
from snitch.model import Model
from snitch.pointer import Pointer
from snitch.source import File


class Approvals(Struct, frozen=True):
    """Who asks for the merge (None: nobody knows), and who else has approved the very commit that is asked for."""

    author: str | None
    users: frozenset[str]


class Stretch(Struct, frozen=True):
    """A time in which no file of a model changed on a branch.

    `commit` is the one that began it, `since` when that came to the branch, in UTC (None: no moment a calendar knows).
    """

    commit: str
    since: datetime | None
    #: What stood there; its repository holds the model's folder, what was asked for beside it, and nothing else.
    model: Model

    def holds(self, name: str) -> bool:
        """Whether the model of this name stood there: it may have been gone, or another have had its folder.

        Raises:
            Undecidable: the manifest is not in this clone.
        """
        return self.model.bears(name)


class History(Protocol):
    """A branch's own history: its first parents, whatever was merged into them and however."""

    @property
    def branch(self) -> str:
        """The branch, as people call it."""
        ...

    def stretches(self, name: str, folder: str, beside: tuple[str, ...] = ()) -> Iterator[Stretch]:
        """What became of a model, newest first; nothing where it was never there.

        It is found by its name at the branch's tip, in `folder` or elsewhere; where it is not there, `folder` is
        followed. Where it was moved, the folder that it came from is in it too. A change of the files `beside`, named
        as its manifest would name them, begins another stretch.

        Raises:
            Undecidable: the history here ends before the branch's does, or what it takes is not in this clone.
        """
        ...


class Recorded(Struct, frozen=True):
    """A record of an evaluation that stood somewhere in the history: where it lay, of what it was, and what came out,
    by `outcome_of`.
    """

    path: str
    model: EvaluatedModel
    dataset: EvaluatedDataset
    outcome: str = ""

    @property
    def folder(self) -> str:
        """The model's, as `evaluations/<benchmark>.json` lies in it."""
        return self.path.rpartition("evaluations/")[0].rstrip("/")


class WeightsServer(Protocol):
    """The Git LFS server of the repository. It remembers: what is asked again costs nothing."""

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        """The digests of those objects that the server does not have.

        Raises:
            Undecidable: it cannot be asked.
        """
        ...


class Shadow(Struct, frozen=True):
    """What a job saw of the candidate beside the deployed model, on live requests; `file` is where it says so.

    `report` is None where the file is none such, and `fault` says why.
    """

    file: File
    report: ShadowReport | None
    fault: str = ""


class EvidenceFile(Struct, frozen=True):
    """What a job measured again; `file` is where it says so. `evidence` is None where it is none such: see `fault`."""

    file: File
    evidence: Evidence | None
    fault: str = ""


class Gate(Struct, frozen=True, kw_only=True):
    """What a rule of stage `gate` may ask for beside the states of the repository."""

    #: The branch that the change is to be merged into.
    target: str
    #: The branch of the deployed environment; empty where nobody said, and then the target counts as it.
    deployed: str = ""
    #: The branches that the environment's `promotes_from` stands for; patterns are none.
    sources: tuple[str, ...] = ()
    #: When the gate was asked, in UTC.
    moment: datetime
    #: Or why nobody can tell.
    approvals: Approvals | Undecidable
    #: By the policy on the target: who may approve a change of the gate itself, or a rollback.
    approvers: tuple[str, ...] = ()
    #: The history of a branch by its name. Raises Undecidable where the branch is not here.
    history: Callable[[str], History]
    #: All that was ever recorded on a revision of a benchmark, by both names, newest first: in any commit that the
    #: target, the deployed branch and the change come from. Raises Undecidable where that is not here.
    recorded: Callable[[str, str], Iterator[Recorded]]
    weights_server: WeightsServer
    #: By digest, why bytes that the server has are not here.
    unfetched: Mapping[str, Undecidable] = {}
    shadows: tuple[Shadow, ...] = ()
    evidence: tuple[EvidenceFile, ...] = ()

    @property
    def is_author_unknown(self) -> bool:
        """Whether nobody knows who asks for the merge, so that any approval may be their own."""
        return isinstance(self.approvals, Undecidable) or self.approvals.author is None

    @property
    def approved_by(self) -> frozenset[str]:
        """Who, other than the author, has approved the head.

        Raises:
            Undecidable: nobody can tell.
        """
        if isinstance(self.approvals, Undecidable):
            raise self.approvals.with_traceback(None)
        author = self.approvals.author
        return frozenset(user for user in self.approvals.users if author is None or not same_user(user, author))


def same_user(one: str, other: str) -> bool:
    """Whether two logins are one: forges tell none apart by the case of their letters."""
    return one.casefold() == other.casefold()

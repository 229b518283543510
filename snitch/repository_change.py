"""The change of a repository as a whole: what a rule sees that is about no single model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.benchmark import Benchmark
from snitch.change import Catalogue, Environment, known_gate
from snitch.finding import Skip, Undecidable
from snitch.model import Model
from snitch.repository import Repository
from snitch.source import File
from snitch.waiver import Waiver

if TYPE_CHECKING:
    from snitch.gate import Gate


class PlacedWaiver(Struct, frozen=True):
    """A waiver and where it is written."""

    waiver: Waiver
    file: File
    pointer: str


class PlacedOptions(Struct, frozen=True):
    """The options that a policy gives a rule in one place: that place, and what to ask for what is wrong with them."""

    rule: str
    faults: Callable[[], Iterable[tuple[str, str]]]
    file: File
    pointer: str


class PolicyEdit(Struct, frozen=True):
    """What a change makes of the policy: what would become weaker, in words, why it could not be used, if so, and else
    the options that it would give to rules.
    """

    weaker: tuple[str, ...] = ()
    fault: str = ""
    options: tuple[PlacedOptions, ...] = ()


class Reruled(Struct, frozen=True, kw_only=True):
    """A model that was moved from the folder `before` to where other rules hold for it; `changes` says which."""

    model: str
    path: str
    before: str
    changes: tuple[str, ...]


class RepositoryChange:
    """What a rule about the whole repository reads.

    `deployed` is the deployed snapshot, or why there is none. `retired` holds the names that the base's policy retires.
    """

    def __init__(
        self,
        candidate: Repository,
        deployed: Repository | Skip | Undecidable,
        *,
        environment: Environment,
        today: date,
        models: tuple[Model, ...] = (),
        base: Repository | None = None,
        changed: frozenset[str] | None = None,
        catalogue: Catalogue | None = None,
        deployed_catalogue: Catalogue | None = None,
        retired: frozenset[str] = frozenset(),
        judges_all: bool = False,
        is_all_new: bool = False,
        policy_paths: frozenset[str] = frozenset(),
        approvers: tuple[str, ...] = (),
        waivers: tuple[PlacedWaiver, ...] = (),
        used_waivers: frozenset[Waiver] = frozenset(),
        open_waivers: frozenset[Waiver] = frozenset(),
        gate: Gate | None = None,
        policy_edit: PolicyEdit | None = None,
        reruled: tuple[Reruled, ...] = (),
        guarded: tuple[str, ...] = (),
    ) -> None:
        self.candidate = candidate
        self._gate = gate
        #: What the change makes of the policy, where it edits that.
        self.policy_edit = policy_edit
        self.reruled = reruled
        #: The files and folders that the base's policy counts as parts of the gate, beside those that always are.
        self.guarded = guarded
        self.environment = environment
        self.today = today
        #: The models that this run judges.
        self.models = models
        #: The snapshot that the change is measured from; None where everything is new.
        self.base = base
        #: The paths that differ between base and candidate.
        self.changed = changed if changed is not None else frozenset(candidate.snapshot)
        self.catalogue = catalogue or Catalogue()
        self.deployed_catalogue = deployed_catalogue or Catalogue()
        self.retired = retired
        self.judges_all = judges_all
        #: Whether there is nothing that the change could be measured from.
        self.is_all_new = is_all_new
        #: The files that the policy is made of, and whatever its options may name as files.
        self.policy_paths = policy_paths
        #: Who may approve an edit of the gate, by the base's policy.
        self.approvers = approvers
        self.waivers = waivers
        #: The waivers that excused a finding in this run.
        self.used_waivers = used_waivers
        #: The waivers of findings that this run has not looked for, or that another environment may find.
        self.open_waivers = open_waivers
        self._deployed = deployed

    @property
    def deployed(self) -> Repository:
        """The deployed snapshot.

        Raises:
            Skip: nothing is deployed yet, or it does not matter here.
            Undecidable: the deployed branch is not here.
        """
        if isinstance(self._deployed, Repository):
            return self._deployed
        raise self._deployed.with_traceback(None)  # one exception, raised for many models: keep no trail

    @property
    def gate(self) -> Gate:
        """As `Change.gate`."""
        return known_gate(self._gate)

    @property
    def is_gated(self) -> bool:
        """As `Change.is_gated`."""
        return self._gate is not None

    @cached_property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """The benchmarks that this run judges: those that changed, and those that may name a judged model."""
        if self.judges_all:
            return self.candidate.benchmarks
        folders = {path.rsplit("/", 1)[0] for path in self.changed}
        mentioned = {each.path for model in self.models for each in self.candidate.benchmarks_mentioning(model.name)}
        return tuple(b for b in self.candidate.benchmarks if b.path in mentioned or b.folder in folders)

"""A change: the candidate model beside the deployed one, and what judges it. All that a rule sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from snitch.benchmark import Benchmark
from snitch.compatibility import Difference, changes_between
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Skip, Undecidable
from snitch.model import Model
from snitch.repository import Repository
from snitch.same_answers import Otherwise, answering_otherwise
from snitch.source import Source

if TYPE_CHECKING:
    from snitch.gate import Gate

T = TypeVar("T")


class Environment(Struct, frozen=True, kw_only=True):
    """An environment that branches stand for; `lowest` is where work begins."""

    name: str
    branches: tuple[str, ...]
    lowest: bool
    promotes_from: str | None = None
    soak: timedelta | None = None
    approvals: int = 0
    verify: bool = False


class Catalogue(Struct, frozen=True):
    """All models of a snapshot, known without reading each: folders by name, and (name, path) by weights digest."""

    folders: dict[str, tuple[str, ...]] = {}
    weights: dict[str, tuple[tuple[str, str], ...]] = {}


class Pair(Struct, frozen=True):
    """Two evaluations on the benchmark of one name: the candidate's and the deployed model's."""

    benchmark: str
    candidate: Evaluation
    deployed: Evaluation


class Change:
    """One model's change, read by rules.

    `deployed` is the deployed model, or why there is none: `Skip` (a first release) or `Undecidable` (nobody knows).
    """

    def __init__(
        self,
        candidate: Model,
        deployed: Model | Skip | Undecidable,
        *,
        environment: Environment,
        today: date,
        policy_files: Source | None = None,
        catalogue: Catalogue | None = None,
        base: Repository | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.candidate = candidate
        #: The snapshot that the change is measured from; None where everything is new.
        self.base = base
        self._gate = gate
        self.environment = environment
        self.today = today
        #: Where files that the policy names are read: never the candidate's tree in the gate.
        self.policy_files = policy_files or candidate.repository
        self.catalogue = catalogue or Catalogue()
        self._deployed = deployed
        self._kept: dict[object, Any] = {}

    @property
    def repository(self) -> Repository:
        return self.candidate.repository

    @property
    def gate(self) -> Gate:
        """What only the gate knows.

        Raises:
            Skip: this is no gate.
        """
        return known_gate(self._gate)

    @property
    def gate_or_none(self) -> Gate | None:
        """What only the gate knows; None where this is none."""
        return self._gate

    def kept(self, key: object, make: Callable[[], T]) -> T:
        """What `make()` returns or raises, made when it is first asked for by this key: several rules need it."""
        if key not in self._kept:
            try:
                self._kept[key] = make()
            except Exception as error:
                self._kept[key] = error
        found = self._kept[key]
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        return found  # type: ignore[no-any-return]

    @property
    def is_gated(self) -> bool:
        """Whether this is the gate, which has the last word."""
        return self._gate is not None

    @property
    def deployed(self) -> Model:
        """The deployed model.

        Raises:
            Skip: there is none: a first release.
            Undecidable: the deployed branch is not here.
        """
        if isinstance(self._deployed, Model):
            return self._deployed
        raise self._deployed.with_traceback(None)  # one exception, raised for many models: keep no trail

    @property
    def has_deployed(self) -> bool:
        """Whether there is a deployed model to compare with."""
        return isinstance(self._deployed, Model)

    @property
    def is_first_release(self) -> bool:
        """Whether the deployed branch is here and the model is not on it."""
        return isinstance(self._deployed, Skip)

    @cached_property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """The benchmarks that ask for an evaluation of the candidate.

        Raises:
            Broken: the manifest, or a benchmark that may name the model, is not valid.
        """
        name, task = self.candidate.manifest.name, self.candidate.manifest.task
        return tuple(each for each in self.repository.benchmarks_mentioning(name) if each.names(name, task))

    def benchmark(self, name: str) -> Benchmark:
        """The current benchmark of a name.

        Raises:
            Broken: a benchmark that may bear the name is not valid.
            Undecidable: there is none.
        """
        found = self.repository.benchmark(name)
        if found is None:
            raise Undecidable(
                f"there is no benchmark `{name}` in benchmarks/",
                path=self.candidate.path,
                help=f"add benchmarks/{name}/benchmark.yaml, or remove the evaluation on it",
            )
        return found

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The candidate's evaluations that the deployed model has one of too, comparable ones only.

        Raises:
            Skip: there is no deployed model, or the candidate answers as it does.
            Broken: an evaluation on either side is not valid.
        """
        self.require_other_answers()
        return self.comparable_pairs

    @cached_property
    def comparable_pairs(self) -> tuple[Pair, ...]:
        """The same, whether the candidate answers otherwise or not.

        Raises:
            Skip: there is no deployed model.
            Broken: an evaluation on either side is not valid.
        """
        deployed = {evaluation.dataset.name: evaluation for evaluation in self.deployed_evaluations}
        return tuple(
            Pair(each.dataset.name, each, deployed[each.dataset.name])
            for each in self.candidate.evaluations
            if each.dataset.name in deployed and each.comparable(deployed[each.dataset.name])
        )

    @cached_property
    def deployed_evaluations(self) -> tuple[Evaluation, ...]:
        """The deployed model's evaluations.

        Raises:
            Skip: there is no deployed model.
            Broken: one is not valid, which `incomparable-evaluation` tells.
        """
        try:
            return self.deployed.evaluations
        except Broken as error:
            raise Broken(
                f"the deployed model's evaluation cannot be used: {error.reason}", reported_by="REG005", path=error.path
            ) from None

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What differs between the candidate and the deployed model, most telling first.

        Raises:
            Skip: there is no deployed model.
            Broken: a manifest, or the candidate's weights or parameters, cannot be read.
        """
        return tuple(changes_between(self.candidate, self.deployed))

    @cached_property
    def otherwise(self) -> tuple[Otherwise, ...]:
        """What may make the candidate answer otherwise than the deployed model does, most telling first; nothing where
        nothing may. A deployed model that cannot be told is another.

        Raises:
            Skip: there is no deployed model.
            Broken: the candidate's manifest or weights cannot be told.
        """
        deployed = self.deployed
        try:
            deployed.manifest  # noqa: B018 - asked for to see whether it can be
        except Broken:
            return (Otherwise("weights", "the weights"),)
        return answering_otherwise(self.candidate, deployed)

    @property
    def same_answers(self) -> bool:
        """Whether the candidate answers as the deployed model does: weights, threshold, code and inputs are the same.

        Raises:
            Skip, Broken: as `otherwise`.
        """
        return not self.otherwise

    def require_other_answers(self) -> None:
        """Nothing has to be compared where nothing can come out.

        Raises:
            Skip: the candidate answers as the deployed model does, or there is none.
            Broken: as `otherwise`.
        """
        if self.same_answers:
            raise Skip("weights, threshold and prediction code are the deployed model's own")


def known_gate(gate: Gate | None) -> Gate:
    """What only the gate knows.

    Raises:
        Skip: this is no gate.
    """
    if gate is None:
        raise Skip("only the gate knows")
    return gate

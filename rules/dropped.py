"""The rule about what a record no longer says: metrics, slices, predictions, whole evaluations."""

from __future__ import annotations

from collections.abc import Iterator

from snitch.ambiguity import where
from snitch.asking import approval_to_let_go, is_let_go
from snitch.change import Change
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Finding, Skip
from snitch.postponed import Postponed
from snitch.rule import Rule
from snitch.soundness import require_sound


class MetricDropped(Rule, code="REG004"):
    """The deployed model reports a metric or a slice that the candidate does not.

    The easiest way to hide a loss is not to report it. What the deployed model was measured by, its successor is
    measured by too, for as long as the benchmark stays the same. That goes for the predictions as well, from which the
    numbers can be computed again: without them a record is no more than a claim.

    A benchmark that has stopped naming the model asks for nothing any more, and its record may go. A change that makes
    it stop frees itself only where one of `gate.approvers` has approved it.

    Mend it: evaluate the model again; where a script of your own writes the record, let it write the metric too.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a metric, a slice, the predictions, or a whole evaluation."""
        later = Postponed()
        candidates = {each.dataset.name: each for each in change.candidate.evaluations}
        for deployed in _deployed_evaluations(change):
            candidate = candidates.get(deployed.dataset.name)
            with later:
                benchmark = change.repository.benchmark(deployed.dataset.name)
                if benchmark is not None and is_let_go(change, benchmark):
                    continue
                if candidate is None:
                    yield from _dropped_evaluation(change, deployed)
                elif candidate.comparable(deployed):
                    require_sound(candidate, reported_by="BEN011")
                    if not candidate.repeats(deployed):
                        yield from _Parts(change, candidate, deployed).dropped()
        later.tell()


def _deployed_evaluations(change: Change) -> tuple[Evaluation, ...]:
    """What the deployed model reports.

    Raises:
        Skip: nobody can tell, and the model stays: a broken record must be mendable.
        Broken: a record is not valid, and the model is another.
    """
    try:
        return change.deployed_evaluations
    except Broken:
        if change.same_answers:
            raise Skip("the deployed model's own evaluation is not valid") from None
        raise


def _dropped_evaluation(change: Change, deployed: Evaluation) -> Iterator[Finding]:
    """An evaluation that is gone: fine with its benchmark; where that asks for it, another rule's."""
    name = deployed.dataset.name
    benchmark = change.repository.benchmark(name)
    if benchmark is None:
        return
    if benchmark.names(change.candidate.manifest.name, change.candidate.manifest.task):
        reason = f"there is no evaluation on {name}"
        raise Broken(reason, reported_by="BEN001", path=change.candidate.path)
    approval = approval_to_let_go(change)
    where = "the change" if change.is_gated else "this"
    yield change.candidate.finding(
        "/name",
        f"the deployed model was measured on {name}, the candidate is not; {where} makes {name} stop naming it",
        outcome=approval.outcome,
        help=f"{approval.help}; or let the record stay" if change.is_gated else _BEFORE,
        deployed=deployed.side("/dataset/name", value=name, label=f"deployed {change.deployed.version}"),
        role=name,
        about=name,
    )


_BEFORE = "let the record stay until that is merged, or have both approved in one pull request"


class _Parts:
    """What two records on one benchmark hold: metrics, slices, metrics of slices."""

    def __init__(self, change: Change, candidate: Evaluation, deployed: Evaluation) -> None:
        self.change = change
        self.candidate = candidate
        self.deployed = deployed
        benchmark = candidate.own_benchmark
        self.asked = set(benchmark.asked) if benchmark else set()
        #: The columns that the benchmark asks for slices by, and the candidate has none by.
        self.absent = set(benchmark.definition.slices) - candidate.columns if benchmark else set()

    def dropped(self) -> Iterator[Finding]:
        """What the candidate's lacks and the benchmark does not ask for.

        Raises:
            Broken: the benchmark asks for something that is missing, which `missing-metric` tells.
        """
        yield from self._metrics()
        yield from self._slices()
        yield from self._predictions()
        untold = self.asked & (self.deployed.measurements.keys() - self.candidate.measurements.keys())
        if untold or any(self.absent & each.slice.keys() for each in self.deployed.record.slices):
            reason = f"{self.candidate.path} lacks what {self.candidate.dataset.name} asks for"
            raise Broken(reason, reported_by="BEN005", path=self.candidate.path)

    def _metrics(self) -> Iterator[Finding]:
        for key, measurement in self.deployed.measurements.items():
            if key not in self.candidate.measurements and key not in self.asked:
                yield self._finding("/metrics", measurement.pointer, key)

    def _slices(self) -> Iterator[Finding]:
        ours = self.candidate.slice_measurements
        for name, (index, theirs) in self.deployed.slice_measurements.items():
            if name in ours:
                at, metrics = ours[name]
                for key in [key for key in theirs if key not in metrics]:
                    yield self._finding(f"/slices/{at}/metrics", theirs[key].pointer, where(key, name))
            elif not self.absent & self.deployed.record.slices[index].slice.keys():
                yield self._finding("/slices", f"/slices/{index}/slice", f"the slice {name}")

    def _predictions(self) -> Iterator[Finding]:
        """Without them a number can be neither computed again nor tested, nor can any rule about answers be asked."""
        if self.deployed.record.predictions is not None and self.candidate.record.predictions is None:
            message = "the deployed model's evaluation has its predictions, the candidate's has none"
            message += ": nothing can be computed again"
            help_text = "evaluate the model again and commit the evaluation with its predictions"
            yield self._finding("/metrics", "/predictions", "the predictions", message, help_text)

    def _finding(self, ours: str, theirs: str, what: str, message: str = "", help_text: str = "") -> Finding:
        return self.candidate.finding(
            ours,
            message or f"the deployed model reports {what}, the candidate does not",
            key=True,
            label=f"candidate {self.change.candidate.version}",
            help=help_text or "evaluate the model again and commit the evaluation",
            deployed=self.deployed.side(theirs, label=f"deployed {self.change.deployed.version}"),
            role=self.candidate.dataset.name,
            about=what,
        )

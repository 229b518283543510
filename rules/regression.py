"""Rules about the overall numbers: worse than what is deployed, below a floor, too good to be true."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from msgspec import UNSET, field

from snitch.change import Change
from snitch.comparison import Compared, declare_direction, direction, overall, told_apart
from snitch.drop import STRICTEST_FIRST, Judging, MetricLimit, Mode, alone, judge_drop, refuse_no_margin
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Comparison, Finding, Measured, Note, Skip
from snitch.measurement import Measurement
from snitch.metrics import listed, refuse_twice
from snitch.numbers import Limit, absolute_limit, decimal, worsening, written
from snitch.postponed import Postponed
from snitch.references import Misnamed, unknown_metrics
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.soundness import require_sound, sound_value
from snitch.tested import Examination


class MetricRegressed(Rule, code="REG001"):
    """A metric is worse than the deployed model's by more than the limit allows.

    Users would get worse answers than today. The metrics of the two records are compared one by one, on each benchmark
    that both models were measured on, in the decimals as written; exactly at the limit passes.

    A drop may be chance. Where both sides recorded their predictions, the gate tests it on the examples, and the
    difference has a 95 % interval: paired proportions such as accuracy by Tango's method, the area under the ROC curve
    by DeLong's, the rest by the paired bootstrap. Then a drop beyond the limit fails only where a model that is no
    worse would rarely (once in 40 times) show one like it; else nothing is decided, and the finding says how many
    examples would decide. Without predictions no uncertainty is known, and the limit is also what noise may cost.

    Mend it: retrain, or have the loss accepted for this version: `snitch waive REG001 --model NAME --until DATE`. What
    is not decided: measure both models on more examples.

    Options:
        metrics: a limit for each type of metric, for all its arguments. `max_drop` is how much worse it may be: a
            number in the metric's own unit, or a percentage of the deployed value such as `2%`. A metric that is not
            listed: 0.01 where it is bounded (such as roc_auc), else 1%. It may have its own `mode`.
        mode: `tolerant` (the default) is as above. `non_inferior` passes only what is shown to be within the limit: the
            whole interval has to be. It takes predictions of both sides, and a limit above 0. `recorded` looks at the
            recorded values alone.

    Example:
        metric-regressed: {metrics: {roc_auc: {max_drop: 0.005, mode: non_inferior}, recall: {max_drop: "2%"}}}
    """

    loosened_by = {"max_drop": "more", "mode": STRICTEST_FIRST}
    metrics: dict[str, MetricLimit] = field(default_factory=dict)
    mode: Mode = "tolerant"

    def __post_init__(self) -> None:
        refuse_no_margin(self.mode, None, self.metrics)
        refuse_twice(self.metrics)

    def misnamed(self, repository: Repository) -> Iterator[Misnamed]:
        """The metrics that nothing measures."""
        return unknown_metrics(repository, "/metrics", self.metrics)

    def check(self, change: Change) -> Iterator[Finding | Comparison | Note]:
        """One comparison a benchmark and metric."""
        later, mend, examination = Postponed(), _mend("REG001", change), Examination(change)
        for pair in change.pairs:
            with later:
                for compared in overall(change, pair):
                    with later:
                        judging = self.judging(compared, mend)
                        evidence = examination.evidence(compared, judging.mode)
                        yield from judge_drop(compared, judging, alone(evidence, compared))
        later.tell()

    def judging(self, compared: Compared, mend: str) -> Judging:
        """The worsening allowed, and how it is judged."""
        found = listed(self.metrics, compared.type) or MetricLimit()
        default = 0.01 if compared.is_bounded else "1%"
        limit = default if found.max_drop is UNSET else found.max_drop
        return Judging(limit, found.mode or self.mode, mend)


class MetricBelowFloor(Rule, code="REG002"):
    """A metric is below the floor that the policy sets; for a metric of which less is better, above the ceiling.

    A model may be no worse than the one before and still be too bad to serve: a long row of small losses, each within
    its limit, ends there. A floor also judges a first release, which has nothing to be compared with. Exactly at the
    floor passes.

    Mend it: improve the model, or have the floor lowered in the policy, which its approvers review.

    Options:
        metrics: the worst value allowed for each type of metric, for all its arguments, in the metric's own unit. None
            by default, and then the rule does not apply.

    Example:
        metric-below-floor: {metrics: {roc_auc: 0.85, mean_absolute_error: 12}}
    """

    loosened_by = {"metrics": "worse"}
    metrics: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, floor in self.metrics.items():
            if not isfinite(floor):
                raise ValueError(f"the floor of {name} must be a finite number")
        refuse_twice(self.metrics)

    def misnamed(self, repository: Repository) -> Iterator[Misnamed]:
        """The metrics that nothing measures."""
        return unknown_metrics(repository, "/metrics", self.metrics)

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a benchmark and metric."""
        if not self.metrics:
            raise Skip("the policy sets no floor")
        later, applies = Postponed(), False
        for evaluation in change.candidate.evaluations:
            with later:
                require_sound(evaluation, reported_by="BEN011")
                for measurement in evaluation.measurements.values():
                    if (floor := listed(self.metrics, measurement.type)) is not None:
                        applies = True
                        with later:
                            yield from self.judge(evaluation, measurement, floor)
        with later:
            self.require_all(change)
        later.tell()
        if not applies:
            raise Skip(f"no benchmark of the model asks for {', '.join(sorted(self.metrics))}")

    def judge(self, evaluation: Evaluation, measurement: Measurement, floor: float) -> Iterator[Finding]:
        """Holds one metric against its floor.

        Raises:
            Broken: its value is none, or the benchmark asks for it without saying which direction is better.
        """
        value = sound_value(evaluation, measurement, reported_by="BEN004")
        better = direction(measurement.type, evaluation)
        about: dict[str, Any] = {"role": evaluation.dataset.name, "about": measurement.key}
        if better is None:
            help_text = declare_direction(measurement.type, evaluation)
            message = f"{measurement.key} cannot be held against its floor: nobody says whether greater is better"
            yield evaluation.finding(measurement.pointer, message, help=help_text, outcome="inconclusive", **about)
        elif (value < floor) if better else (value > floor):
            is_value, bound = told_apart(decimal(value), decimal(floor))
            side = f"below the floor of {bound}" if better else f"above the ceiling of {bound}"
            measured = Measured(value, not better)
            message = f"{measurement.key} is {is_value}, {side}"
            help_text = "improve the model, or ask for another floor in the policy"
            yield evaluation.finding(measurement.pointer, message, help=help_text, measured=measured, **about)

    def require_all(self, change: Change) -> None:
        """Refuses to pass a metric that has a floor and is missing.

        Raises:
            Broken: a benchmark of the model asks for it and the record has none, which other rules tell.
        """
        evaluations = {each.dataset.name: each for each in change.candidate.evaluations}
        for benchmark in change.benchmarks:
            evaluation = evaluations.get(benchmark.name)
            for key in [key for key, each in benchmark.asked.items() if listed(self.metrics, each.type) is not None]:
                if evaluation is None:
                    reason = f"there is no evaluation on {benchmark.name}"
                    raise Broken(reason, reported_by="BEN001", path=change.candidate.path)
                if key not in evaluation.measurements:
                    raise Broken(f"{evaluation.path} has no {key}", reported_by="BEN005", path=evaluation.path)


class SuspiciousImprovement(Rule, code="REG006", severity=("warning", "warning")):
    """A metric is better than is credible: far above the deployed model's, or perfect.

    Most leaps are leaks: a feature that knows the target, benchmark rows in the training data, a test on the training
    set. Such a model shines on the benchmark and fails its users. A score that the deployed model has, too, is no leap.

    Mend it: look for the leak. If the gain is real, say in the changelog where it comes from.

    Options:
        max_gain: the greatest gain that is credible. A number is in the metric's own unit and judges the metrics that
            are bounded (such as roc_auc); a percentage such as `20%` is of the deployed value and judges all. 0.1 by
            default.
    """

    loosened_by = {"max_gain": "more"}
    max_gain: Limit = 0.1

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a benchmark and metric."""
        later = Postponed()
        for pair in change.pairs:
            with later:
                for compared in overall(change, pair):
                    with later:
                        yield from self.judge(compared)
        later.tell()

    def judge(self, compared: Compared) -> Iterator[Finding]:
        """Holds one gain against the greatest credible.

        Raises:
            Broken: a value is none, or nobody says which direction is better.
        """
        candidate, deployed = compared.values
        better = compared.greater_is_better
        if better is None:
            reason = f"nobody says whether a greater {compared.type} is better"
            raise Broken(reason, reported_by="REG001", path=compared.pair.candidate.path)
        gain = worsening(candidate, deployed, greater_is_better=better)
        measured = Measured(float(gain), True, abs(deployed))
        known = compared.candidate.known
        best = known.best if known is not None and known.greater_is_better == better else None
        told: dict[str, Any] = {"help": _LEAK, "measured": measured, "certainty": _certainty(compared)}
        if best is not None and (deployed < best <= candidate if better else deployed > best >= candidate):
            yield compared.finding(f"{compared.name} is {written(candidate)}, a perfect score", **told)
        elif self.judges_gain(compared) and gain > absolute_limit(self.max_gain, deployed):
            amount, bound = told_apart(gain, absolute_limit(self.max_gain, deployed))
            moved = f"rose {amount} above" if better else f"fell {amount} below"
            message = f"{compared.name} {moved} the deployed model; a gain of more than {bound} is hardly credible"
            yield compared.finding(message, **told)

    def judges_gain(self, compared: Compared) -> bool:
        """Whether the limit means something for the metric: a number does not where the unit may be anything."""
        return isinstance(self.max_gain, str) or compared.is_bounded


_LEAK = "look for a leak: a feature that knows the target, or benchmark rows in the training data"


def _certainty(compared: Compared) -> str:
    """How sure the candidate's value is, by its own record."""
    known = compared.candidate.recorded.confidence_interval
    if known is None:
        return "no uncertainty known"
    bounds = f"{known.lower_bound:.3g} to {known.upper_bound:.3g}"
    return f"the candidate's {known.level * 100:g} % interval is {bounds}"


def _mend(code: str, change: Change) -> str:
    return f"retrain, or `snitch waive {code} --model {change.candidate.name} --until DATE --reason …`"

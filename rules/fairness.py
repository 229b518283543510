"""The rule about groups of people that a model treats differently."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from msgspec import Meta, field

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.comparison import told_apart
from snitch.evaluation import Evaluation
from snitch.examples import Predicted, predicted
from snitch.finding import Broken, Finding, Measured, Note, Skip, Undecidable
from snitch.metric_catalogue import KNOWN
from snitch.metrics import identity, is_of_numbers
from snitch.numbers import decimal, written
from snitch.postponed import Postponed
from snitch.rule import Rule

if TYPE_CHECKING:
    from snitch.measuring.fairness import Gap, Grouping, Kind

_MEASURES = ("demographic_parity", "equal_opportunity", "equalized_odds")
_RATES = ("selection_rate", "true_positive_rate", "true_negative_rate", "false_positive_rate", "false_negative_rate")
_KNOWN = (*_MEASURES, *_RATES, *KNOWN)
_SHOWN = 5


class UnfairGap(Rule, code="REG007", severity=(None, "error"), stage="gate"):
    """A model treats two groups of people more differently than the policy allows.

    A benchmark's `protected` names the columns whose groups are to be treated alike. The policy names what may differ
    by how much, in fairlearn's names: a difference between the two groups that lie farthest apart has a ceiling, a
    ratio has a floor. `demographic_parity` is of the share that is selected, `equal_opportunity` of the share of the
    positive that is, `equalized_odds` of the worse of that and of the share of the negative that is; and there is a
    `_difference` and a `_ratio` of every metric that can be computed from predictions, such as
    `mean_absolute_error_difference`.

    Exactly at the limit passes. What lies beyond it fails where its 95 % interval does, too; where the interval still
    holds the limit, nothing is decided. The interval allows for many groups, of which some two always lie apart. It
    takes the evaluation's predictions. A limit in a metric of numbers is for regressions, one in a metric of classes
    for classifications.

    Mend it: find out where the gap comes from (fewer examples of one group, a feature that stands in for it, labels
    that carry a bias of their own), and train again.

    Options:
        metrics: a limit for each difference and each ratio. None by default, and then the rule does not apply.
        min_rows: how many examples a group must have to be judged, 30 by default. The report names those left out.
        columns: the columns by which there are groups, in place of those that the benchmark says are protected.

    Example:
        unfair-gap: {metrics: {demographic_parity_difference: 0.1, equalized_odds_ratio: 0.8}, min_rows: 100}
    """

    loosened_by: ClassVar[Any] = {
        **{f"{name}_difference": "more" for name in _KNOWN},
        **{f"{name}_ratio": "less" for name in _KNOWN},
        "min_rows": "more",
    }
    metrics: dict[str, float] = field(default_factory=dict)
    min_rows: Annotated[int, Meta(ge=1)] = 30
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, limit in self.metrics.items():
            if name not in self.loosened_by or name == "min_rows":
                raise ValueError(f"{name} is no gap that is known{_nearest(name)}")
            most = _most(name)
            if not isfinite(limit) or limit < 0 or (most is not None and limit > most):
                bounds = "of 0 or more" if most is None else f"from 0 to {most:g}"
                raise ValueError(f"the limit of {name} must be a number {bounds}")

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a benchmark, column and limit."""
        if not self.metrics:
            raise Skip("the policy sets no limit for a gap between groups")
        later, applies = Postponed(), False
        for evaluation in change.candidate.evaluations:
            columns = self.columns_of(evaluation.own_benchmark)
            applies = applies or bool(columns)
            for column in columns:
                with later:
                    yield from self.judge_column(_answers(evaluation, change), evaluation, column)
        with later:
            applies = self.require_all(change) or applies
        later.tell()
        if not applies:
            raise Skip("no benchmark of the model has a protected column, or none of a task that a limit is for")

    def columns_of(self, benchmark: Benchmark | None) -> tuple[str, ...]:
        """The columns by which a benchmark's examples fall into groups; none where no limit is for its task."""
        if benchmark is None or not self.limits_for(benchmark.definition.task):
            return ()
        return self.columns or benchmark.definition.protected

    def limits_for(self, task: str) -> dict[str, float]:
        """The limits that mean something for a task: one policy is for many models."""
        if task == "regression":
            return {name: limit for name, limit in self.metrics.items() if is_of_numbers(_parted(name)[0])}
        if task.endswith("classification"):
            return {name: limit for name, limit in self.metrics.items() if not is_of_numbers(_parted(name)[0])}
        return self.metrics

    def require_all(self, change: Change) -> bool:
        """Whether a benchmark that asks for an evaluation of the model has groups.

        Raises:
            Broken: it has, and there is no evaluation on it, which another rule tells.
        """
        measured = {each.dataset.name for each in change.candidate.evaluations}
        asking = [each for each in change.benchmarks if self.columns_of(each)]
        for benchmark in asking:
            if benchmark.name not in measured:
                reason = f"there is no evaluation on {benchmark.name}"
                raise Broken(reason, reported_by="BEN001", path=change.candidate.path)
        return bool(asking)

    def judge_column(self, answers: Predicted, evaluation: Evaluation, column: str) -> Iterator[Finding | Note]:
        """Holds the gaps between the groups of one column against all limits.

        Raises:
            Undecidable: there are no two groups, or too many.
        """
        from snitch.measuring.fairness import grouping_of
        from snitch.measuring.tables import Unusable

        about = f"{column} on {evaluation.dataset.name}"
        if column not in answers.examples.frame.columns:
            raise Undecidable(f"the data of {evaluation.dataset.name} has no column `{column}`", path=evaluation.path)
        try:
            groups, small = grouping_of(answers.examples.values_as_text(column), self.min_rows)
        except Unusable as error:
            raise Undecidable(f"groups by {about}: {error.reason}", path=evaluation.path) from None
        if small:
            sizes = [f"{name} ({rows})" for name, rows in list(small.items())[:_SHOWN]]
            more = f" and {len(small) - _SHOWN:,} more" if len(small) > _SHOWN else ""
            why = f"with fewer examples than min_rows, {self.min_rows}"
            yield Note(f"groups by {about} that are left out, {why}: {', '.join(sizes)}{more}")
        if len(groups.names) < 2:
            reason = f"groups by {about}: fewer than two have {self.min_rows} examples"
            raise Undecidable(
                reason, path=evaluation.path, help="measure on more examples of each, or lower `min_rows`"
            )
        for name, limit in self.limits_for(answers.examples.definition.task).items():
            for args in _arguments(evaluation, name):
                yield from _Judging(answers, evaluation, column, groups, name, limit, args).findings()


class _Judging:
    """One gap between the groups of one column, beside its limit."""

    def __init__(
        self,
        answers: Predicted,
        evaluation: Evaluation,
        column: str,
        groups: Grouping,
        name: str,
        limit: float,
        args: dict[str, Any],
    ) -> None:
        self.sample = answers.sample
        self.evaluation = evaluation
        self.column = column
        self.groups = groups
        self.limit = limit
        self.args = args
        self.measure, self.kind = _parted(name)
        #: The gap with its arguments, for people and for fingerprints.
        self.name = f"{identity(name, args)} by {column}"

    def findings(self) -> Iterator[Finding]:
        from snitch.measuring.fairness import rates_of, widest
        from snitch.measuring.scoring import Unscorable
        from snitch.measuring.tables import Unusable

        try:
            rates = rates_of(self.measure, self.args, self.sample, self.groups)
            gap = widest(self.kind, rates, self.groups)
            if self.is_beyond(gap.value):
                yield self.beyond(gap, *self.interval(rates))
        except (Unscorable, Unusable) as error:
            message = f"{self.name} is not known: {error.reason}"
            help_text = (
                "measure on examples that tell; where the gap means nothing for such models, in the policy: "
                "`overrides: [{models: [FOLDER], rules: {unfair-gap: off}}]`"
            )
            yield self.finding(message, outcome="inconclusive", help=help_text)

    def is_beyond(self, value: float) -> bool:
        """Whether a value lies beyond the limit; exactly at it does not."""
        value_, limit = decimal(value), decimal(self.limit)
        return value_ > limit if self.kind == "difference" else value_ < limit

    def interval(self, rates: list[Any]) -> tuple[float, float]:
        from snitch.measuring.fairness import is_rate
        from snitch.measuring.gap_interval import interval_of_metric, interval_of_rates

        record = self.evaluation.record
        # Not of the tables' bytes: neither the order of the rows nor how they are written draws other numbers.
        seed = "\n".join([*sorted(record.model.weights.values()), self.evaluation.definition or "", self.name])
        if is_rate(self.measure, self.args, self.sample):
            return interval_of_rates(self.kind, rates, self.args, self.sample, self.groups, seed)
        return interval_of_metric(self.kind, rates[0], self.args, self.sample, self.groups, seed)

    def beyond(self, gap: Gap, lower: float, upper: float) -> Finding:
        """What a gap beyond the limit comes to: its interval decides."""
        is_sure = lower > self.limit if self.kind == "difference" else upper < self.limit
        value, limit = told_apart(decimal(gap.value), decimal(self.limit))
        side = "above" if self.kind == "difference" else "below"
        groups = (f"{written(each.value)} of {each.name} (n = {each.rows:,})" for each in (gap.high, gap.low))
        benchmark = f"{self.evaluation.dataset.name} {self.evaluation.dataset.version or ''}".strip()
        notes = (
            f"{gap.rate}: {' and '.join(groups)}",
            f"on {benchmark}; 95 % interval {lower:.3g} to {upper:.3g}",
        )
        measured = Measured(gap.value, self.kind == "difference")
        if is_sure:
            message = f"{self.name} is {value}, {side} the limit of {limit}"
            help_text = "find out where the gap comes from and train again, or ask for another limit in the policy"
            return self.finding(message, notes=notes, measured=measured, help=help_text)
        message = f"{self.name} is {value}, {side} the limit of {limit}, but too uncertain to tell"
        help_text = "measure on more examples of these groups"
        return self.finding(message, notes=notes, measured=measured, help=help_text, outcome="inconclusive")

    def finding(self, message: str, **more: Any) -> Finding:
        role = self.evaluation.dataset.name
        return self.evaluation.finding("/predictions", message, key=True, about=self.name, role=role, **more)


def _parted(name: str) -> tuple[str, Kind]:
    from snitch.measuring.fairness import parted

    found = parted(name)
    assert found is not None  # the options were refused otherwise
    return found


def _most(name: str) -> float | None:
    """What a gap can come to at most; None where that has no bound, or arguments move it."""
    measure, kind = _parted(name)
    if kind == "ratio" or measure not in KNOWN:
        return 1.0
    known = KNOWN[measure]
    if known.minimum is None or known.maximum is None or not known.arguments.isdisjoint(("normalize", "adjusted")):
        return None
    return known.maximum - known.minimum


def _arguments(evaluation: Evaluation, name: str) -> list[dict[str, Any]]:
    """The arguments with which the benchmark asks for the metric; none where it does not ask for it."""
    measure, benchmark = _parted(name)[0], evaluation.own_benchmark
    asked = () if benchmark is None else benchmark.definition.requested
    return [each.args for each in asked if each.type == measure] or [{}]


def _answers(evaluation: Evaluation, change: Change) -> Predicted:
    """An evaluation's examples and predictions.

    Raises:
        Broken: they are not what they should be, which other rules tell.
        Undecidable: there are none, or they are not here.
    """
    from snitch.measuring.tables import Unusable

    try:
        return predicted(evaluation, change)
    except Unusable as error:
        raise Broken(f"{evaluation.path}: {error.reason}", reported_by="BEN007", path=evaluation.path) from None


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    known = [f"{each}_{kind}" for each in _KNOWN for kind in ("difference", "ratio")]
    near = get_close_matches(name, known, n=1)
    return f": did you mean {near[0]}?" if near else "; its name ends in _difference or in _ratio"

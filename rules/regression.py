"""Rules about the numbers: worse than what is deployed, below a floor, too good to be true."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import field

from snitch.change import Change
from snitch.comparison import Compared, MetricLimit, judge_drop, overall
from snitch.finding import Comparison, Finding
from snitch.postponed import Postponed
from snitch.rule import Rule


class MetricRegressed(Rule, code="REG001"):
    """A metric is worse than the deployed model's by more than the limit allows.

    Users would get worse answers than today. The metrics of the two records are compared one by one, on each benchmark
    that both models were measured on, in the decimals as written; exactly at the limit passes. Without predictions on
    both sides no uncertainty is known, so the limit is also what noise may cost.

    Mend it: retrain, or have the loss accepted for this version: `snitch waive REG001 --model NAME --until DATE`.

    Options:
        metrics: a limit for each type of metric, for all its arguments. `max_drop` is how much worse it may be: a
            number in the metric's own unit, or a percentage of the deployed value such as `2%`. A metric that is not
            listed: 0.01 where it is bounded (such as roc_auc), else 1%.

    Example:
        metric-regressed: {metrics: {roc_auc: {max_drop: 0.005}, mean_absolute_error: {max_drop: "2%"}}}
    """

    metrics: dict[str, MetricLimit] = field(default_factory=dict)

    def check(self, change: Change) -> Iterator[Finding | Comparison]:
        """One comparison a benchmark and metric."""
        later, mend = Postponed(), _mend("REG001", change)
        for pair in change.pairs:
            with later:
                for compared in overall(change, pair):
                    with later:
                        yield from judge_drop(compared, self.limit(compared), mend)
        later.tell()

    def limit(self, compared: Compared) -> float | str:
        """The worsening allowed."""
        listed = self.metrics.get(compared.type)
        if listed is not None:
            return listed.max_drop
        return 0.01 if compared.is_bounded else "1%"


def _mend(code: str, change: Change) -> str:
    return f"retrain, or `snitch waive {code} --model {change.candidate.name} --until DATE --reason …`"

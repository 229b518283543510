"""The rule about slices that got worse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Annotated

from msgspec import UNSET, Meta, field

from snitch.change import Change
from snitch.comparison import Compared, sliced
from snitch.drop import (
    STRICTEST_FIRST,
    Evidence,
    Judging,
    MetricLimit,
    Mode,
    judge_drop,
    refuse_no_margin,
    together,
)
from snitch.finding import Broken, Comparison, Finding, Note
from snitch.metrics import listed, refuse_twice
from snitch.numbers import Limit
from snitch.postponed import Postponed
from snitch.references import Misnamed, unknown_metrics
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.tested import Examination

#: Of slices whose drop is not certain, so many are told of.
_MOST_NOTES = 10


class SliceRegressed(Rule, code="REG003"):
    """A metric on one slice is worse than the deployed model's by more than the limit allows.

    A model can gain on the whole and fail one group of users; the overall metric hides them. Slices are compared as
    the overall metrics are, in decimals as written, exactly at the limit passing. Small slices are noise: those with
    fewer than `min_rows` examples are not judged.

    Where both sides recorded their predictions, the gate tests each drop on the examples of the slice, as
    `metric-regressed` does. Of many slices one or the other drops by chance alone, so the tests of a metric on all
    slices of a benchmark are held to account together (Holm's method). A drop beyond the limit that may be chance is
    noted and stops nothing; nor does it before the gate, which knows.

    Mend it: retrain with more examples of the slice, or have the loss accepted: `snitch waive REG003 --model NAME
    --until DATE`.

    Options:
        max_drop: how much worse a metric may be on a slice: a number in the metric's own unit, or a percentage of the
            deployed value such as `2%`. Unless it is given, 0.02 where the metric is bounded (such as roc_auc), else
            2%.
        min_rows: how many examples a slice must have to be judged, 200 by default. A slice of unknown size is not
            judged, and the report says so.
        metrics: another `max_drop` or `mode` for a type of metric.
        mode: `tolerant`, `non_inferior` or `recorded`, as of `metric-regressed`; where it is `non_inferior`, a slice
            that is not shown to be within the limit does not pass.

    Example:
        slice-regressed: {max_drop: 0.02, min_rows: 200, metrics: {recall: {max_drop: 0.05, mode: recorded}}}
    """

    loosened_by = {"max_drop": "more", "min_rows": "more", "mode": STRICTEST_FIRST}
    max_drop: Limit | None = None
    min_rows: Annotated[int, Meta(ge=0)] = 200
    metrics: dict[str, MetricLimit] = field(default_factory=dict)
    mode: Mode = "tolerant"

    def __post_init__(self) -> None:
        refuse_no_margin(self.mode, self.max_drop, self.metrics)
        refuse_twice(self.metrics)

    def misnamed(self, repository: Repository) -> Iterator[Misnamed]:
        """The metrics that nothing measures."""
        return unknown_metrics(repository, "/metrics", self.metrics)

    def check(self, change: Change) -> Iterator[Finding | Comparison | Note]:
        """One comparison a benchmark, slice and metric."""
        later, examination = Postponed(), Examination(change)
        mend = f"retrain, or `snitch waive REG003 --model {change.candidate.name} --until DATE --reason …`"
        for pair in change.pairs:
            unsized: dict[str, None] = {}
            small: dict[str, None] = {}
            families: dict[tuple[str, bool], list[tuple[Compared, Evidence]]] = {}
            with later:
                for compared in sliced(change, pair):
                    with later:
                        rows = examination.rows(compared)
                        if rows is None and self.min_rows > 0:
                            unsized[compared.slice_name] = None
                        elif rows is not None and rows < self.min_rows:
                            small[compared.slice_name] = None
                        else:
                            _leave_direction_to_the_overall_metric(compared)
                            evidence = examination.evidence(compared, self.judging(compared, mend).mode)
                            family = compared.candidate.key, _is_asked_for(compared)
                            families.setdefault(family, []).append((compared, evidence))
            yield from _few_notes(chain.from_iterable(self.judge(each, mend, later) for each in families.values()))
            if small and not families:
                size = f"the {self.min_rows:,} examples of min_rows"
                yield Note(f"{pair.candidate.path}: no slice has {size}: {_few(small)}")
            if unsized:
                why = "not compared, because neither side records their `rows`"
                yield Note(f"{pair.candidate.path}: slices {why}: {'; '.join(unsized)}")
        later.tell()

    def judge(
        self, family: list[tuple[Compared, Evidence]], mend: str, later: Postponed
    ) -> Iterator[Finding | Comparison | Note]:
        """Judges one metric on all slices."""
        compared = [each for each, _ in family]
        for one, evidence in zip(compared, together([each for _, each in family], compared), strict=True):
            with later:
                yield from judge_drop(one, self.judging(one, mend), evidence)

    def judging(self, compared: Compared, mend: str) -> Judging:
        """The worsening allowed, and how it is judged."""
        found = listed(self.metrics, compared.type) or MetricLimit()
        limit = self.max_drop if found.max_drop is UNSET else found.max_drop
        if limit is None:
            limit = 0.02 if compared.is_bounded else "2%"
        return Judging(limit, found.mode or self.mode, mend)


def _is_asked_for(compared: Compared) -> bool:
    """Whether the benchmark asks for the slice. Others, of which there may be any number, do not blunt its test."""
    benchmark, slices = compared.pair.candidate.own_benchmark, compared.slices
    if benchmark is None or slices is None:
        return False
    asked = {*benchmark.definition.slices, *benchmark.definition.protected}
    return len(slices[0].slice) == 1 and asked.issuperset(slices[0].slice)


def _few_notes(observed: Iterable[Finding | Comparison | Note]) -> Iterator[Finding | Comparison | Note]:
    """The same without the notes that nobody would read any more."""
    left_out = -_MOST_NOTES
    for each in observed:
        left_out += isinstance(each, Note)
        if not isinstance(each, Note) or left_out <= 0:
            yield each
    if left_out > 0:
        yield Note(f"and {left_out:,} more of slices are beyond their limits, which may be chance")


def _few(names: Iterable[str]) -> str:
    told = list(names)
    more = f" and {len(told) - _MOST_NOTES:,} more" if len(told) > _MOST_NOTES else ""
    return f"{'; '.join(told[:_MOST_NOTES])}{more}"


def _leave_direction_to_the_overall_metric(compared: Compared) -> None:
    """One finding says that a metric's direction is not known, not one a slice.

    Raises:
        Broken: it is not, and the overall metric is compared too, where `metric-regressed` tells.
    """
    pair, key = compared.pair, compared.candidate.key
    if compared.greater_is_better is None and key in pair.candidate.measurements and key in pair.deployed.measurements:
        reason = f"nobody says whether a greater {compared.type} is better"
        raise Broken(reason, reported_by="REG001", path=pair.candidate.path)

"""What a benchmark asks for, computed: its metrics over all examples, and over those of each slice."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from snitch.formats.benchmark import RequestedMetric
from snitch.formats.evaluation import ConfidenceInterval, RecordedMetric, RecordedSlice
from snitch.measuring.examples import Examples
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import Unscorable, is_scorable, score
from snitch.measuring.tables import Unusable
from snitch.measuring.unscorable import Undecided

#: A column of more values than these cuts the examples into dust, not into slices.
MAX_SLICES = 1000


class Gap(Struct, frozen=True):
    """A metric that has no value, overall (`slice` empty) or on a slice, and why.

    `is_unknown`: nobody here can compute it on any data. `is_undecided`: there are scores, and no predictions.
    """

    metric: RequestedMetric
    slice: dict[str, Any]
    reason: str
    is_unknown: bool
    is_undecided: bool = False


class Measures(Struct, frozen=True):
    """The metrics as a record holds them, and those that have no value."""

    metrics: tuple[RecordedMetric, ...]
    slices: tuple[RecordedSlice, ...]
    gaps: tuple[Gap, ...]


def measure(examples: Examples, sample: Sample, seed: str) -> Measures:
    """All that the benchmark asks of a model's answers: each metric, overall and by each value of each slice column.

    The overall ones have their 95 % intervals where there is a way to one; `seed` decides the numbers that are drawn.

    Raises:
        Unusable: a column has too many values to make slices of.
    """
    requested, gaps = examples.definition.requested, list[Gap]()
    overall = tuple(_with_interval(each, sample, seed) for each in _scored(requested, sample, {}, gaps))
    slices = []
    for columns in slices_of(examples):
        rows = examples.rows_where(columns)
        part = sample.take(rows)
        slices.append(RecordedSlice(columns, _scored(requested, part, columns, gaps), part.size))
    return Measures(overall, tuple(slices), tuple(gaps))


def slices_of(examples: Examples) -> Iterator[dict[str, Any]]:
    """The slices that are asked for: every value of each column of `slices`, then of `protected`, in order.

    Raises:
        Unusable: a column has too many values to make slices of.
    """
    definition = examples.definition
    for name in dict.fromkeys((*definition.slices, *definition.protected)):
        found = dict(zip(examples.values_as_text(name).tolist(), examples.frame[name].tolist(), strict=True))
        if len(found) > MAX_SLICES:
            said = f"`{name}` has {len(found):,} values; slices are by a column of at most {MAX_SLICES:,}"
            raise Unusable(said, help="slice by a column of fewer, such as of ranges", pointer="/slices")
        for text in sorted(found, key=lambda text: _order(_plain(found[text], text))):
            yield {name: _plain(found[text], text)}


def _scored(
    requested: tuple[RequestedMetric, ...], sample: Sample, columns: dict[str, Any], gaps: list[Gap]
) -> tuple[RecordedMetric, ...]:
    found = []
    for metric in requested:
        try:
            value = score(metric.type, metric.args, sample)
        except Unscorable as error:
            is_undecided = isinstance(error, Undecided)
            gaps.append(Gap(metric, columns, error.reason, not is_scorable(metric.type), is_undecided))
            continue
        found.append(RecordedMetric(metric.type, value, metric.args or None))
    return tuple(found)


def _with_interval(metric: RecordedMetric, sample: Sample, seed: str) -> RecordedMetric:
    from snitch.measuring.intervals import interval

    try:
        lower, upper = interval(metric.type, metric.args or {}, sample, seed)
    except Unscorable:
        return metric
    return replace(metric, confidence_interval=ConfidenceInterval(lower, upper, 0.95))


def _plain(value: Any, text: str) -> str | int | float | bool | None:
    """A value of a table as JSON holds it; a date is its text."""
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        return None
    if isinstance(value, float) and not isfinite(value):
        return text  # JSON has no such number
    return value if isinstance(value, (str, int, float, bool)) else text


def _order(value: str | int | float | bool | None) -> tuple[int, float, str]:
    """Numbers by size, then texts; what is missing comes last."""
    if value is None:
        return 2, 0.0, ""
    return (1, 0.0, value) if isinstance(value, str) else (0, float(value), "")

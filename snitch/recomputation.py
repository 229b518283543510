"""An evaluation held against a model's answers: whether they give the numbers that it records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.ambiguity import where
from snitch.evaluation import Evaluation
from snitch.finding import Undecidable
from snitch.formats.evaluation import RecordedMetric, RecordedSlice
from snitch.measurement import Measurement
from snitch.soundness import sound_value

if TYPE_CHECKING:
    from snitch.measuring.examples import Examples
    from snitch.measuring.sample import Sample

#: Rows that are looked at in all, each once a metric: some minutes of work. A record may ask for any number of them.
MAX_ROWS = 2_000_000_000
#: A metric of a handful of rows takes as long as one of these.
_LEAST = 50_000


class Departure(Struct, frozen=True):
    """One thing that a record says and the answers do not give.

    `recomputed` is None where they give nothing at all, and `reason` says why.
    """

    pointer: str
    #: The metric and its slice, or what else was counted.
    about: str
    recorded: float
    recomputed: float | None = None
    reason: str = ""


class Recomputation(Struct, frozen=True):
    """What came of it: how the record departs from the answers, the metrics that nobody here can compute, and the
    values of all the others, as a record holds them.
    """

    departures: tuple[Departure, ...]
    unknown: tuple[str, ...] = ()
    metrics: tuple[RecordedMetric, ...] = ()
    slices: tuple[RecordedSlice, ...] = ()


def recompute(evaluation: Evaluation, examples: Examples, sample: Sample) -> Recomputation:
    """Computes every recorded metric again, overall and of slices, from answers to the benchmark's examples.

    Raises:
        Broken: a recorded value is none, which another rule tells.
        Undecidable: the record asks for more than can be computed in any reasonable time.
    """
    return _Recomputing(evaluation, examples, sample).result()


class _Recomputing:
    def __init__(self, evaluation: Evaluation, examples: Examples, sample: Sample) -> None:
        self.evaluation = evaluation
        self.examples = examples
        self.sample = sample
        self.unknown: dict[str, None] = {}
        self.values: list[RecordedMetric] = []
        self.slices: list[RecordedSlice] = []
        self.left = MAX_ROWS

    def result(self) -> Recomputation:
        departures = tuple(self.departures())
        return Recomputation(departures, tuple(self.unknown), tuple(self.values), tuple(self.slices))

    def departures(self) -> Iterator[Departure]:
        (_, overall), *sliced = self.evaluation.measured
        yield from self.rows("/dataset/rows", "rows", self.evaluation.dataset.rows, self.examples.size)
        yield from self.metrics(overall, self.sample, "", self.values)
        for index, (name, measured) in enumerate(sliced):
            yield from self.slice(index, name, measured)

    def slice(self, index: int, name: str, measured: tuple[Measurement, ...]) -> Iterator[Departure]:
        from snitch.measuring.tables import Unusable

        recorded = self.evaluation.record.slices[index]
        place = f"/slices/{index}"
        self.spend(self.examples.size)
        try:
            rows = self.examples.rows_where(recorded.slice)
        except Unusable as error:
            yield Departure(f"{place}/slice", name, recorded.rows or 0, reason=error.reason)
            return
        if not rows.any():
            yield Departure(f"{place}/slice", name, recorded.rows or 0, reason=f"no example has {name}")
            return
        part = self.sample.take(rows)
        yield from self.rows(f"{place}/rows", f"rows where {name}", recorded.rows, part.size)
        values: list[RecordedMetric] = []
        yield from self.metrics(measured, part, name, values)
        self.slices.append(RecordedSlice(recorded.slice, tuple(values), part.size))

    def rows(self, pointer: str, about: str, recorded: int | None, counted: int) -> Iterator[Departure]:
        if recorded is not None and recorded != counted:
            yield Departure(pointer, about, recorded, counted)

    def metrics(
        self, measured: tuple[Measurement, ...], sample: Sample, slice: str, values: list[RecordedMetric]
    ) -> Iterator[Departure]:
        from snitch.measuring.scoring import Unscorable, is_scorable, score
        from snitch.measuring.tolerance import agree

        for each in measured:
            value, name = sound_value(self.evaluation, each, reported_by="BEN004"), where(each.key, slice)
            if not is_scorable(each.type):
                self.unknown[each.key] = None
                continue
            self.spend(max(sample.size, _LEAST))
            try:
                recomputed = score(each.type, each.args or {}, sample)
            except Unscorable as error:
                yield Departure(each.pointer, name, value, reason=error.reason)
                continue
            values.append(RecordedMetric(each.type, recomputed, each.args or None))
            if not agree(value, recomputed):
                yield Departure(each.pointer, name, value, recomputed)

    def spend(self, rows: int) -> None:
        self.left -= rows
        if self.left < 0:
            reason = f"{self.evaluation.path} records more than can be computed again in a reasonable time"
            raise Undecidable(reason, path=self.evaluation.path, help="record fewer slices")

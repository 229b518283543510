"""An evaluation as a snapshot holds it: what was measured, on what, and what came out."""

from __future__ import annotations

import json
import math
import re
from functools import cached_property
from typing import Any

from msgspec import Struct

from snitch.ambiguity import Fault, ambiguities
from snitch.benchmark import Benchmark
from snitch.finding import Broken
from snitch.formats.benchmark import BenchmarkDefinition
from snitch.formats.evaluation import EvaluatedDataset, EvaluationRecord, RecordedMetric
from snitch.metrics import Metric, identity, metric
from snitch.repository import Repository
from snitch.source import File

#: Text that is no number and holds nothing that separates slices.
_READS_AS_ITSELF = re.compile(r"[^\W\d][^,=\"]*")


class Measurement(Struct, frozen=True):
    """One recorded metric with its identity, its place in the record, and its value if it is a finite number.

    `known` is what the catalogue says of the metric under its arguments; `is_possible`, whether a model can have scored
    the value: a finite number within the metric's range.
    """

    key: str
    type: str
    args: dict[str, Any] | None
    pointer: str
    value: float | None
    recorded: RecordedMetric
    known: Metric | None
    is_possible: bool


class Evaluation(File):
    """The record of one model version measured on one benchmark."""

    def __init__(self, repository: Repository, path: str, record: EvaluationRecord) -> None:
        super().__init__(repository, path)
        self.repository = repository
        self.record = record

    @property
    def dataset(self) -> EvaluatedDataset:
        return self.record.dataset

    @cached_property
    def own_benchmark(self) -> Benchmark | None:
        """The benchmark of that name in the record's own tree; None where there is none, or it cannot be read."""
        try:
            return self.repository.benchmark(self.dataset.name)
        except Broken:
            return None

    @property
    def definition(self) -> str | None:
        """The digest of the definition it was measured by; taken from its own tree where the record has none."""
        if self.dataset.definition is not None or self.own_benchmark is None:
            return self.dataset.definition
        return self.own_benchmark.definition.definition

    def measures(self, benchmark: Benchmark) -> bool:
        """Whether it was made on this benchmark: the same data and the same definition."""
        definition = benchmark.definition
        return self.dataset.revision == definition.data.revision and self.definition == definition.definition

    def comparable(self, other: Evaluation) -> bool:
        """Whether two evaluations were made on the same data by the same definition. Unknown is not the same."""
        ours, theirs, definition = self.dataset, other.dataset, self.definition
        same_data = ours.name == theirs.name and ours.revision == theirs.revision
        return same_data and definition is not None and definition == other.definition

    def repeats(self, other: Evaluation) -> bool:
        """Whether both are one record beside one definition: then they hold the same metrics with the same values."""
        return self.record is other.record and self._own_definition is other._own_definition

    @cached_property
    def measurements(self) -> dict[str, Measurement]:
        """The overall metrics by identity."""
        return {measurement.key: measurement for measurement in self.measured[0][1]}

    @cached_property
    def slice_measurements(self) -> dict[str, tuple[int, dict[str, Measurement]]]:
        """Each slice's place in the record and its metrics by identity, by the slice's own identity."""
        return {
            slice: (index, {measurement.key: measurement for measurement in measured})
            for index, (slice, measured) in enumerate(self.measured[1:])
        }

    @cached_property
    def measured(self) -> tuple[tuple[str, tuple[Measurement, ...]], ...]:
        """Every recorded metric, duplicates included: the overall ones, then each slice's with the slice's identity."""
        args_by_type = {} if self.own_benchmark is None else self.own_benchmark.args_by_type
        slices = enumerate(self.record.slices)
        return (
            ("", _measurements(self.record.metrics, args_by_type, "/metrics")),
            *((slice_key(e.slice), _measurements(e.metrics, args_by_type, f"/slices/{i}/metrics")) for i, e in slices),
        )

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that it has slices by."""
        return frozenset(column for each in self.record.slices for column in each.slice)

    @cached_property
    def impossible(self) -> tuple[Measurement, ...]:
        """The metrics, overall and of slices, whose value no model can have scored."""
        return tuple(each for _, measured in self.measured for each in measured if not each.is_possible)

    @cached_property
    def ambiguities(self) -> tuple[Fault, ...]:
        """What makes it say two things, or nothing: duplicate metrics and slices, and names that are not finite."""
        return tuple(ambiguities(self.measured, self.record.slices))

    @property
    def _own_definition(self) -> BenchmarkDefinition | None:
        return None if self.own_benchmark is None else self.own_benchmark.definition


def _measurements(
    metrics: tuple[RecordedMetric, ...], args_by_type: dict[str, dict[str, Any]], pointer: str
) -> tuple[Measurement, ...]:
    """The metrics of one list; absent arguments are the benchmark's where it lists the type once."""
    found = []
    for index, recorded in enumerate(metrics):
        type = recorded.type
        args = recorded.args if recorded.args is not None else args_by_type.get(type)
        place, value, known = f"{pointer}/{index}/value", finite(recorded.value), metric(type, args)
        is_possible = value is not None and (known is None or known.admits(value))
        found.append(Measurement(identity(type, args), type, args, place, value, recorded, known, is_possible))
    return tuple(found)


def slice_key(columns: dict[str, Any]) -> str:
    """A slice's identity: `plan=pro, region=eu`, columns sorted; a text that could be read as something else quoted."""
    return ", ".join([f"{_plain(name)}={_plain(columns[name])}" for name in sorted(columns)])


def _plain(value: object) -> str:
    if isinstance(value, str) and _READS_AS_ITSELF.fullmatch(value) and value not in ("true", "false", "null"):
        return value
    return json.dumps(value)


def finite(value: object) -> float | None:
    """The value if it is a finite real number (a boolean is none), else None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return float(value)
    except OverflowError:
        return None

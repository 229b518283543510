"""An evaluation as a snapshot holds it: what was measured, on what, and what came out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct

from snitch.benchmark import Benchmark
from snitch.finding import Broken
from snitch.formats.evaluation import EvaluatedDataset, EvaluationRecord, RecordedMetric
from snitch.metrics import identity
from snitch.repository import Repository
from snitch.source import File

#: Text that is no number and holds nothing that separates slices.
_READS_AS_ITSELF = re.compile(r"[^\W\d][^,=\"]*")


class Measurement(Struct, frozen=True):
    """One recorded metric with its identity, its place in the record, and its value if it is a finite number."""

    key: str
    type: str
    args: dict[str, Any] | None
    pointer: str
    value: float | None
    recorded: RecordedMetric


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
        same_definition = self.definition is not None and self.definition == other.definition
        return (
            self.dataset.name == other.dataset.name
            and self.dataset.revision == other.dataset.revision
            and same_definition
        )

    @cached_property
    def measurements(self) -> dict[str, Measurement]:
        """The overall metrics by identity."""
        return {measurement.key: measurement for measurement in self._overall}

    @cached_property
    def slice_measurements(self) -> dict[str, tuple[int, dict[str, Measurement]]]:
        """Each slice's place in the record and its metrics by identity, by the slice's own identity."""
        return {
            key: (index, {measurement.key: measurement for measurement in measured})
            for index, (key, measured) in enumerate(self._sliced)
        }

    def all_measurements(self) -> Iterator[tuple[str | None, Measurement]]:
        """Every recorded metric, duplicates included, each with the identity of its slice; None where it is overall."""
        for measurement in self._overall:
            yield None, measurement
        for key, measured in self._sliced:
            for measurement in measured:
                yield key, measurement

    @cached_property
    def _overall(self) -> tuple[Measurement, ...]:
        return tuple(self._each(self.record.metrics, "/metrics"))

    @cached_property
    def _sliced(self) -> tuple[tuple[str, tuple[Measurement, ...]], ...]:
        return tuple(
            (slice_key(each.slice), tuple(self._each(each.metrics, f"/slices/{index}/metrics")))
            for index, each in enumerate(self.record.slices)
        )

    def _each(self, metrics: tuple[RecordedMetric, ...], pointer: str) -> Iterator[Measurement]:
        for index, recorded in enumerate(metrics):
            args = self._args(recorded)
            place = f"{pointer}/{index}/value"
            key = identity(recorded.type, args or {})
            yield Measurement(key, recorded.type, args, place, finite(recorded.value), recorded)

    def _args(self, recorded: RecordedMetric) -> dict[str, Any] | None:
        """A metric's arguments; absent ones are the benchmark's where it lists the type once."""
        return recorded.args if recorded.args is not None else self._benchmark_args.get(recorded.type)

    @cached_property
    def _benchmark_args(self) -> dict[str, dict[str, Any]]:
        """The arguments of each type that its own benchmark lists once."""
        requested = () if self.own_benchmark is None else self.own_benchmark.definition.requested
        types = [each.type for each in requested]
        return {each.type: each.args for each in requested if types.count(each.type) == 1}


def slice_key(columns: dict[str, Any]) -> str:
    """A slice's identity: `plan=pro, region=eu`, columns sorted; a text that could be read as something else quoted."""
    return ", ".join(f"{_plain(name)}={_plain(columns[name])}" for name in sorted(columns))


def _plain(value: object) -> str:
    if isinstance(value, str) and _READS_AS_ITSELF.fullmatch(value) and value not in ("true", "false", "null"):
        return value
    return json.dumps(value)


def finite(value: object) -> float | None:
    """The value if it is a finite real number (a boolean is none), else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None

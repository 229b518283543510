"""An evaluation as a snapshot holds it: what was measured, on what, and what came out."""

from __future__ import annotations

from functools import cached_property

from snitch.ambiguity import Fault, ambiguities
from snitch.benchmark import Benchmark
from snitch.finding import Broken
from snitch.formats.benchmark import BenchmarkDefinition
from snitch.formats.evaluation import EvaluatedDataset, EvaluationRecord
from snitch.measurement import Measurement, measurements_of, slice_key
from snitch.repository import Repository
from snitch.source import File


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
        sliced = (
            (slice_key(each.slice), measurements_of(each.metrics, args_by_type, f"/slices/{index}/metrics"))
            for index, each in enumerate(self.record.slices)
        )
        return (("", measurements_of(self.record.metrics, args_by_type, "/metrics")), *sliced)

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

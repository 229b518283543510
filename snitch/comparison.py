"""The candidate's metrics beside the deployed model's: which two belong together, in which direction, by how much."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from snitch.ambiguity import where
from snitch.finding import Broken, Comparison, Finding
from snitch.measurement import slice_key
from snitch.metrics import metric
from snitch.numbers import decimal, written
from snitch.soundness import require_sound, sound_value

if TYPE_CHECKING:
    from snitch.change import Change, Pair
    from snitch.evaluation import Evaluation
    from snitch.formats.evaluation import RecordedSlice
    from snitch.measurement import Measurement


class Compared:
    """One metric that both sides of a pair record, overall or of one slice."""

    def __init__(
        self,
        change: Change,
        pair: Pair,
        sides: tuple[Measurement, Measurement],
        slices: tuple[RecordedSlice, RecordedSlice] | None = None,
    ) -> None:
        self.change = change
        self.pair = pair
        self.candidate, self.deployed = sides
        self.slices = slices

    @property
    def type(self) -> str:
        return self.candidate.type

    @property
    def name(self) -> str:
        """The metric and its slice, for people and for fingerprints."""
        return where(self.candidate.key, self.slice_name)

    @property
    def slice_name(self) -> str:
        """The slice, `plan=pro`; empty for an overall metric."""
        return slice_key(self.slices[0].slice) if self.slices else ""

    @cached_property
    def rows(self) -> int | None:
        """How many examples were measured, by the side that counts more; None where neither says."""
        counts = self.slices or (self.pair.candidate.dataset, self.pair.deployed.dataset)
        return max((each.rows for each in counts if each.rows is not None), default=None)

    @cached_property
    def values(self) -> tuple[float, float]:
        """The candidate's value and the deployed model's.

        Raises:
            Broken: one is none, or outside the metric's range.
        """
        candidate = sound_value(self.pair.candidate, self.candidate, reported_by="BEN004")
        return candidate, sound_value(self.pair.deployed, self.deployed, reported_by="REG005")

    @property
    def is_bounded(self) -> bool:
        """Whether the metric is known to lie between two finite numbers."""
        known = self.candidate.known
        return known is not None and known.minimum is not None and known.maximum is not None

    @cached_property
    def greater_is_better(self) -> bool | None:
        """The direction: by the deployed benchmark's word, then by the candidate's, then by the metric's name."""
        return direction(self.type, self.pair.deployed, self.pair.candidate)

    def finding(
        self, message: str, *, certainty: str = "no uncertainty known", notes: tuple[str, ...] = (), **more: Any
    ) -> Finding:
        """A finding at the candidate's value with the deployed model's beside it; `certainty` says how sure it is."""
        deployed = self.pair.deployed.side(
            self.deployed.pointer, value=self.deployed.value, label=f"deployed {self.change.deployed.version}".strip()
        )
        return self.pair.candidate.finding(
            self.candidate.pointer,
            message,
            label=f"candidate {self.change.candidate.version}".strip(),
            deployed=deployed,
            notes=(*self._notes(certainty), *notes),
            role=self.pair.benchmark,
            about=self.name,
            **more,
        )

    def comparison(
        self, limit: Decimal | None, outcome: str, interval: tuple[float, float] | None = None
    ) -> Comparison:
        """The two values as a row of the report."""
        candidate, deployed = self.values
        return Comparison(
            benchmark=self.pair.benchmark,
            type=self.type,
            deployed=deployed,
            candidate=candidate,
            delta=_plain(decimal(candidate) - decimal(deployed)),
            limit=None if limit is None else _plain(limit),
            slice=self.slices[0].slice if self.slices else None,
            args=self.candidate.args or None,
            interval=interval,
            outcome=outcome,  # type: ignore[arg-type]
            greater_is_better=self.greater_is_better,
        )

    def _notes(self, certainty: str) -> tuple[str, ...]:
        dataset = self.pair.candidate.dataset
        size = "" if self.rows is None else f", n = {self.rows}"
        benchmark = f"{dataset.name} {dataset.version or ''}".strip()
        notes = [f"both on {benchmark}{size}; {certainty}"]
        sides = (("candidate", self.pair.candidate), ("deployed", self.pair.deployed))
        silent = [side for side, evaluation in sides if evaluation.dataset.definition is None]
        return (*notes, f"definition not recorded ({', '.join(silent)})") if silent else tuple(notes)


def overall(change: Change, pair: Pair) -> Iterator[Compared]:
    """The overall metrics that both sides record.

    Raises:
        Broken: a side's record says two things.
    """
    _require_sound(pair)
    deployed = pair.deployed.measurements
    for key, measurement in pair.candidate.measurements.items():
        if key in deployed:
            yield Compared(change, pair, (measurement, deployed[key]))


def sliced(change: Change, pair: Pair) -> Iterator[Compared]:
    """The slices' metrics that both sides record.

    Raises:
        Broken: a side's record says two things.
    """
    _require_sound(pair)
    deployed = pair.deployed.slice_measurements
    for name, (index, measurements) in pair.candidate.slice_measurements.items():
        if name not in deployed:
            continue
        other, theirs = deployed[name]
        slices = (pair.candidate.record.slices[index], pair.deployed.record.slices[other])
        for key, measurement in measurements.items():
            if key in theirs:
                yield Compared(change, pair, (measurement, theirs[key]), slices)


def direction(type: str, *evaluations: Evaluation) -> bool | None:
    """Whether a greater value is better, by the first evaluation's own benchmark that says so, else by the name."""
    for evaluation in evaluations:
        benchmark = evaluation.own_benchmark
        stated = None if benchmark is None else benchmark.greater_is_better(type)
        if stated is not None:
            return stated
    known = metric(type)
    return None if known is None else known.greater_is_better


def declare_direction(type: str, evaluation: Evaluation) -> str:
    """How to declare a metric's direction.

    Raises:
        Broken: the benchmark asks for the metric without one, which `invalid-benchmark` tells.
    """
    benchmark, name = evaluation.own_benchmark, evaluation.dataset.name
    path = benchmark.path if benchmark is not None else f"benchmarks/{name}/benchmark.yaml"
    help_text = f"declare it in {path}: `metrics: [{{type: {type}, greater_is_better: true}}]`"
    if benchmark is not None and any(each.type == type for each in benchmark.definition.requested):
        raise Broken(f"the direction of {type} is not known; {help_text}", reported_by="BEN009", path=path)
    return help_text


def told_apart(one: Decimal, other: Decimal) -> tuple[str, str]:
    """Two numbers as people write them, in full where six digits would make them look equal."""
    short = written(one), written(other)
    return short if short[0] != short[1] else (f"{one.normalize():f}", f"{other.normalize():f}")


def _require_sound(pair: Pair) -> None:
    require_sound(pair.candidate, reported_by="BEN011")
    require_sound(pair.deployed, reported_by="REG005")


def _plain(value: Decimal) -> float | None:
    """The number as a float; None where it is beyond all floats."""
    number = float(value)
    return number if isfinite(number) else None

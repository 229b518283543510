"""What makes an evaluation say two things, or nothing: entries that stand twice, and names that are not finite."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from snitch.documents.problems import join_pointer

if TYPE_CHECKING:
    from snitch.formats.evaluation import RecordedSlice
    from snitch.measurement import Measurement

    #: The overall metrics, then those of each slice with the slice's identity.
    Lists = tuple[tuple[str, tuple[Measurement, ...]], ...]


class Fault(Struct, frozen=True):
    """One thing wrong in a record: its place, what is wrong, and a natural key (a metric, a slice)."""

    pointer: str
    message: str
    key: str
    help: str = ""


def ambiguities(lists: Lists, slices: tuple[RecordedSlice, ...]) -> Iterator[Fault]:
    """What is ambiguous in metrics as `Evaluation.measured` has them, and in the slices that they are of."""
    yield from _ambiguous_metrics(lists)
    yield from _ambiguous_slices(lists, slices)


def _ambiguous_metrics(lists: Lists) -> Iterator[Fault]:
    for slice, measured in lists:
        seen: set[str] = set()
        for measurement in measured:
            # A number that is not finite stands in the identity as `nan` or `inf`.
            if ("nan" in measurement.key or "inf" in measurement.key) and not _is_finite(measurement.args):
                name, entry = where(measurement.key, slice), measurement.pointer.removesuffix("/value")
                yield Fault(f"{entry}/args", f"an argument of {name} is not a finite number", name)
            if measurement.key in seen:
                name, entry = where(measurement.key, slice), measurement.pointer.removesuffix("/value")
                yield Fault(entry, f"{name} is recorded twice", name, "keep one of them")
            seen.add(measurement.key)


def _ambiguous_slices(lists: Lists, recorded: tuple[RecordedSlice, ...]) -> Iterator[Fault]:
    slices: set[str] = set()
    for index, each in enumerate(recorded):
        name, place = lists[index + 1][0], f"/slices/{index}/slice"
        if name in slices:
            yield Fault(place, f"the slice {name} is recorded twice", name, "keep one of them")
        slices.add(name)
        for column, value in each.slice.items():
            if not _is_finite(value):
                yield Fault(place + join_pointer(column), f"{name} is not a slice: the value is not finite", name)


def where(key: str, slice: str) -> str:
    """A metric's name, and the slice it was measured on, if any: `roc_auc where plan=pro`."""
    return f"{key} where {slice}" if slice else key


def _is_finite(value: Any) -> bool:
    """Whether there is no NaN and no infinity in plain data."""
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, dict):
        return all(_is_finite(each) for each in value.values())
    return all(_is_finite(each) for each in value) if isinstance(value, list) else True

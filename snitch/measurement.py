"""What a record measured, metric by metric: each with its identity, its place and its value."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from msgspec import Struct

from snitch.formats.evaluation import RecordedMetric
from snitch.metric_catalogue import Metric
from snitch.metrics import identity, metric

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


def measurements_of(
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

"""What is wrong with an evaluation though its shape is right: values that are none, and entries that are ambiguous.

Rules that need a sound record ask for one here, so that nobody compares what `invalid-metric` or `invalid-evaluation`
tells of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

from snitch.ambiguity import Fault, where
from snitch.documents.problems import join_pointer
from snitch.finding import Broken

if TYPE_CHECKING:
    from snitch.evaluation import Evaluation
    from snitch.measurement import Measurement
    from snitch.metric_catalogue import Metric

_SHOWN = 60


def invalid_metrics(evaluation: Evaluation) -> Iterator[Fault]:
    """The metrics, overall and of slices, that no model can have scored: one fault a metric."""
    for slice, measured in evaluation.measured:
        for measurement in measured:
            if measurement.is_possible and measurement.recorded.confidence_interval is None:
                continue
            name = where(measurement.key, slice)
            fault = value_fault(measurement, name) or _interval_fault(measurement, name)
            if fault is not None:
                yield fault


def value_fault(measurement: Measurement, name: str = "") -> Fault | None:
    """Why a metric's value is none: not a finite real number, or outside the metric's range."""
    if measurement.is_possible:
        return None
    key = name or measurement.key
    if measurement.value is None or measurement.known is None:
        message = f"{key} is {spelled(measurement.recorded.value)}, which is not a finite number"
        return Fault(measurement.pointer, message, key, _EVALUATE)
    message = f"{key} is {spelled(measurement.recorded.value)}, outside its range of {_range(measurement.known)}"
    return Fault(measurement.pointer, message, key, _EVALUATE)


_EVALUATE = "find out how the value came about, then evaluate the model again"


def _interval_fault(measurement: Measurement, name: str) -> Fault | None:
    interval = measurement.recorded.confidence_interval
    if interval is None or measurement.value is None:
        return None
    lower, upper = interval.lower_bound, interval.upper_bound
    if isfinite(lower) and isfinite(upper) and lower <= measurement.value <= upper:
        return None
    bounds = f"{spelled(lower)} to {spelled(upper)}"
    if not (isfinite(lower) and isfinite(upper)):
        what = f"the confidence interval of {name} is {bounds}, which is not finite"
    elif lower > upper:
        what = f"the confidence interval of {name} is {bounds}: its bounds are swapped"
    else:
        what = f"{name} is {spelled(measurement.value)}, outside its own confidence interval of {bounds}"
    return Fault(measurement.pointer.removesuffix("value") + "confidence_interval", what, name, _EVALUATE)


def require_sound(evaluation: Evaluation, *, reported_by: str) -> None:
    """Refuses a record that says two things.

    Raises:
        Broken: it does; `reported_by` tells.
    """
    for fault in evaluation.ambiguities:
        raise Broken(f"{evaluation.path}: {fault.message}", reported_by=reported_by, path=evaluation.path)


def sound_value(evaluation: Evaluation, measurement: Measurement, *, reported_by: str) -> float:
    """A metric's value.

    Raises:
        Broken: it is none; `reported_by` tells.
    """
    fault = value_fault(measurement)
    if fault is not None or measurement.value is None:
        reason = fault.message if fault else "no value"
        raise Broken(f"{evaluation.path}: {reason}", reported_by=reported_by, path=evaluation.path)
    return measurement.value


def spelled(value: object) -> str:
    """A value of a document as JSON writes it, shortened."""
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _range(known: Metric) -> str:
    if known.minimum is not None and known.maximum is not None:
        return f"{known.minimum:g} to {known.maximum:g}"
    return f"{known.minimum:g} or more" if known.minimum is not None else f"{known.maximum:g} or less"


def foreign_weights(evaluation: Evaluation, committed: dict[str, str]) -> Fault | None:
    """How the weights that were measured differ from those that are committed, by digest; a new name alone does not.

    `committed` holds the digest of each weights file by its name.
    """
    measured = evaluation.record.model.weights
    if measured == committed:
        return None
    changed = sorted(name for name in measured.keys() & committed.keys() if measured[name] != committed[name])
    extra = sorted(name for name in measured if name not in committed)
    missing = sorted(name for name in committed if name not in measured)
    if not changed and sorted(measured[name] for name in extra) == sorted(committed[name] for name in missing):
        return None
    parts = [
        *(f"{name} was {_short(measured[name])} and is {_short(committed[name])}" for name in changed),
        *(f"{name} is not of the model" for name in extra),
        *(f"{name} was not measured" for name in missing),
    ]
    place = join_pointer("model", "weights", *(changed or extra)[:1])
    shown = "; ".join(parts[:_MOST]) + (f"; and {len(parts) - _MOST} more" if len(parts) > _MOST else "")
    return Fault(place, f"the evaluation measured other weights: {shown}", "weights", _MEASURE)


_MOST = 4
_MEASURE = "evaluate again with the committed weights and commit the evaluation, or restore the weights it measured"


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 8]

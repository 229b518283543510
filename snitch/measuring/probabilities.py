"""Scores that are no probabilities: what a decision function gives is one, and so may be what is broken.

A score ranks examples whatever its range. A threshold between 0 and 1 means a probability; where scores lie outside of
that, the signature has to say that they are meant so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from snitch.formats.benchmark import RequestedMetric
from snitch.formats.manifest import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

REAL = ("float", "double")
#: What was rounded to single precision may lie so far outside.
_ROUNDING = 1e-6
MEND = (
    "give probabilities; of a decision function say so in `signature.outputs`, without a range: "
    "`{name: score, type: double}`"
)


def told_range(score: NDArray[Any] | None) -> str:
    """`from -1.2 to 2.99` of scores that are no probabilities; empty where they may be some."""
    if score is None or not score.size:
        return ""
    low, high = float(score.min()), float(score.max())
    return "" if low >= -_ROUNDING and high <= 1 + _ROUNDING else f"from {low:.4g} to {high:.4g}"


def meant_as_probability(thresholds: Iterable[object]) -> float | None:
    """The first of these thresholds that lies between 0 and 1, where a probability's does; None where none does."""
    numbers = (each for each in thresholds if isinstance(each, (int, float)) and not isinstance(each, bool))
    return next((float(each) for each in numbers if 0 < each < 1), None)


def thresholds_of(metrics: Iterable[RequestedMetric]) -> list[object]:
    """The thresholds that metrics make decisions of scores by."""
    return [each.args["threshold"] for each in metrics if "threshold" in each.args]


def doubt(score: NDArray[Any] | None, thresholds: Iterable[object], outputs: Sequence[Column]) -> str:
    """Why nobody knows what a threshold makes of scores; empty where that is known."""
    between, reach = meant_as_probability(thresholds), told_range(score)
    if between is None or not reach or any(column.type in REAL for column in outputs):
        return ""
    return f"the threshold {between:g} is one of probabilities, and the scores are none: they reach {reach}"

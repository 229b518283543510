"""How far one model's answers lie from another's, on the same examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from snitch.divergence import jensen_shannon_distance, population_stability_index
from snitch.measuring.sample import Sample
from snitch.measuring.tables import Unusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Deciles, as is customary.
BINS = 10


class Distribution(Struct, frozen=True):
    """How far the distribution of one output has moved: population stability index, Jensen-Shannon distance."""

    output: str
    psi: float
    distance: float


class Shift(Struct, frozen=True):
    """The distributions of scores (of a regression: of predictions; without scores: of decisions), and the share of
    examples that are decided otherwise, or whose prediction has moved by more than was asked for; None without
    predictions.
    """

    distributions: tuple[Distribution, ...]
    changed: float | None


def shift(candidate: Sample, deployed: Sample, moved_by: float | str) -> Shift:
    """Two models' answers to the same examples, in one order.

    `moved_by` is how far a number may move: in its own unit, or a percentage of the deployed model's such as `10%`.

    Raises:
        Unusable: they are not of the same kind.
    """
    if candidate.size != deployed.size or candidate.classes != deployed.classes:
        raise Unusable("the two models answer other examples")
    return Shift(tuple(_distributions(candidate, deployed)), _changed(candidate, deployed, moved_by))


def is_numeric(sample: Sample) -> bool:
    """Whether a model predicts numbers, not classes."""
    return not sample.classes and sample.labels.dtype != "bool"


def _distributions(candidate: Sample, deployed: Sample) -> list[Distribution]:
    has_numbers = is_numeric(candidate) and candidate.prediction is not None
    ours, theirs = (each.prediction if has_numbers else each.score for each in (candidate, deployed))
    if ours is None and theirs is not None:
        raise Unusable("the deployed model gives scores, and this one leaves them out")
    if ours is None or theirs is None:
        return [_of_decisions(candidate, deployed)]
    if ours.shape != theirs.shape:
        raise Unusable("the two models answer in other columns")
    if ours.ndim == 1:
        return [_of_numbers("prediction" if has_numbers else "score", ours, theirs)]
    names = [f"score_{name}" for name in candidate.classes] or [f"prediction {at + 1}" for at in range(ours.shape[1])]
    return [_of_numbers(name, ours[:, at], theirs[:, at]) for at, name in enumerate(names)]


def _of_decisions(candidate: Sample, deployed: Sample) -> Distribution:
    import numpy as np

    ours, theirs = candidate.prediction, deployed.prediction
    if ours is None or theirs is None or is_numeric(candidate):
        raise Unusable("only one of the two models gives scores, and they give no predictions to compare")
    # A class that no example has lies beyond the last.
    size = max(len(candidate.classes) + 1, 2)
    before, after = (np.bincount(each.astype(np.intp), minlength=size) for each in (theirs, ours))
    return _of_counts("decisions", before, after)


def _of_numbers(output: str, ours: Floats, theirs: Floats) -> Distribution:
    return _of_counts(output, *counts_by_bin(theirs, ours))


def counts_by_bin(expected: Floats, actual: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Two lists of numbers counted by the deciles of the first. A value that fills a bin alone has a bin of its own."""
    import numpy as np

    edges = np.quantile(expected, np.arange(1, BINS) / BINS, method="inverted_cdf")
    values, often = np.unique(edges, return_counts=True)
    filling = values[(often > 1) | (len(values) == 1)]
    bounds = np.union1d(values, np.nextafter(filling, -np.inf))
    size = len(bounds) + 1
    first, second = (
        np.bincount(np.searchsorted(bounds, each, side="left"), minlength=size) for each in (expected, actual)
    )
    return first, second


def _of_counts(output: str, expected: NDArray[np.intp], actual: NDArray[np.intp]) -> Distribution:
    before, after = expected.tolist(), actual.tolist()
    return Distribution(output, population_stability_index(before, after), jensen_shannon_distance(before, after))


def _changed(candidate: Sample, deployed: Sample, moved_by: float | str) -> float | None:
    import numpy as np

    ours, theirs = candidate.prediction, deployed.prediction
    if ours is None or theirs is None:
        return None
    other: NDArray[Any]
    if is_numeric(candidate):
        allowed = float(moved_by.rstrip("% ")) / 100 * np.abs(theirs) if isinstance(moved_by, str) else moved_by
        other = np.abs(ours - theirs) > allowed
    else:
        other = ours != theirs
    return round(float((other if other.ndim == 1 else other.any(axis=1)).mean()), 12)

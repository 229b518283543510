"""Areas under ROC curves, and how uncertain they and their difference are: DeLong's method from one sort a model.

E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
characteristic curves: a nonparametric approach", Biometrics 44 (1988), 837-845. X. Sun, W. Xu, "Fast implementation of
DeLong's algorithm for comparing the areas under correlated receiver operating characteristic curves", IEEE Signal
Processing Letters 21 (2014), 1389-1393, have its components from midranks, in O(n log n).
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Area(NamedTuple):
    """The area under a model's ROC curve, and each example's component of it.

    `components` has one row an example: of a positive one the share of the negatives that it beats (a tie is half), of
    a negative one the share of the positives that beat it. Either mean is the area.
    """

    value: float
    components: NDArray[np.float64]
    labels: NDArray[np.bool_]

    @property
    def variance(self) -> float:
        """Of the area."""
        return _variance(self.components, self.labels)


def area(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> Area:
    """The area and its components; both classes must be there."""
    import numpy as np

    order = np.argsort(scores)
    ranked, positive = scores[order], labels[order]
    positives = np.cumsum(positive, dtype=np.intp)
    m, n = int(positives[-1]), len(positive) - int(positives[-1])
    last = ranked[1:] != ranked[:-1]  # of a run of equal scores
    if last.all():
        shares = (np.arange(1, len(ranked) + 1) - positives) / n, 1 - positives / m
    else:
        shares = _within_runs(np.flatnonzero(np.append(last, True)) + 1, positives, m, n)
    ranked_components = np.where(positive, *shares)
    components = np.empty(len(scores))
    components[order] = ranked_components
    return Area(float(ranked_components[positive].mean()), components, labels)


def _within_runs(
    ends: NDArray[np.intp], positives: NDArray[np.intp], m: int, n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of the negatives below each rank, and of the positives above it; those of its own run count half."""
    import numpy as np

    hits = positives[ends - 1]
    misses = ends - hits
    below = (misses + np.append(0, misses[:-1])) / (2 * n)
    above = 1 - (hits + np.append(0, hits[:-1])) / (2 * m)
    lengths = np.diff(ends, prepend=0)
    return np.repeat(below, lengths), np.repeat(above, lengths)


def difference(one: Area, other: Area) -> tuple[float, float]:
    """`one.value - other.value` on the same examples, and its standard error."""
    return one.value - other.value, sqrt(_variance(one.components - other.components, one.labels))


def _variance(components: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Of positives' and negatives' means, each with the variance of its own number of examples."""
    positive, negative = components[labels], components[~labels]
    return float(positive.var(ddof=1) / len(positive) + negative.var(ddof=1) / len(negative))

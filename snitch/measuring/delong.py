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
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) + 1  # of each run of equal scores
    positives = np.cumsum(positive)[ends - 1]
    negatives = ends - positives
    lengths = np.diff(ends, prepend=0)
    m, n = int(positives[-1]), int(negatives[-1])
    below = (negatives + np.append(0, negatives[:-1])) / (2 * n)
    above = 1 - (positives + np.append(0, positives[:-1])) / (2 * m)
    components = np.empty(len(scores))
    components[order] = np.where(positive, np.repeat(below, lengths), np.repeat(above, lengths))
    return Area(float(np.dot(np.diff(positives, prepend=0), below) / m), components, labels)


def difference(one: Area, other: Area) -> tuple[float, float]:
    """`one.value - other.value` on the same examples, and its standard error."""
    return one.value - other.value, sqrt(_variance(one.components - other.components, one.labels))


def _variance(components: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Of positives' and negatives' means, each with the variance of its own number of examples."""
    positive, negative = components[labels], components[~labels]
    return float(positive.var(ddof=1) / len(positive) + negative.var(ddof=1) / len(negative))

"""When two numbers count as one that was computed twice.

Sums in another order, another processor's instructions or another build of a numerical library move the last digits of
a sum of n numbers by about n times 1e-16 of it; a model that computes in single precision moves by 1e-7. One millionth
is above both, and far below any difference that a limit could be set to. It is also what two records of the same
weights may differ by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Of the larger of the two.
RELATIVE = 1e-6
#: Near zero nothing relative holds: an R² of 1e-12 is one of 0. Of metrics, in the metric's unit; of columns of
#: numbers, a share of the largest, which beyond 1 is no larger than the median: else a single huge score would excuse
#: all others.
ABSOLUTE = 1e-9


def agree(one: float, other: float) -> bool:
    """Whether two values of a metric are one value computed twice. NaN agrees with nothing."""
    return abs(one - other) <= max(RELATIVE * max(abs(one), abs(other)), ABSOLUTE)


def disagreeing(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of two columns' numbers, row by row, are not one number computed twice."""
    import numpy as np

    sizes = np.maximum(np.abs(one), np.abs(other))
    scale = min(float(sizes.max(initial=0.0)), max(1.0, float(np.median(sizes)))) if sizes.size else 0.0
    near_zero = ABSOLUTE * scale
    unlike: NDArray[np.bool_] = ~(np.abs(one - other) <= np.maximum(RELATIVE * sizes, near_zero))
    return unlike

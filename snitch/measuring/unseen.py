"""What a sample of this size may not show: examples that the two models answer differently, of which it has none.

Where no example, or hardly one, tells two models apart, neither resamples nor the variance of what was seen say how far
apart they may be. Tango's interval of paired proportions knows that: of n pairs that all agree it reaches to
Z^2 / (n + Z^2). What is here gives the same to other metrics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.measuring.answers import Prepared
from snitch.measuring.tango import Z
from snitch.measuring.weighted import Area, Mean, Ranked, Weighted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: How much of an example is added of each class and kind: Laplace's rule of succession.
_PRIOR = 1.0
#: Fewer units that all tell two models alike tell little of others: of as many, fewer than 1 % of those may tell them
#: apart (by Tango's interval, which then ends at Z^2 / (n + Z^2)).
MIN_ALIKE = 400


def widened(delta: float, ends: tuple[float, float], size: float, scale: float = 1.0) -> tuple[float, float]:
    """An interval of a difference that reaches at least as far as Tango's of `size` pairs that no example tells apart.

    `scale` is the range of the metric.
    """
    reach = scale * Z * Z / (size + Z * Z)
    return stretched(ends, (delta - reach, delta + reach))


def stretched(seen: tuple[float, float], unseen: tuple[float, float]) -> tuple[float, float]:
    """The interval of what is seen, to where what is not seen may take it.

    It takes in no zero that the examples exclude: the test is of what is seen.
    """
    lower, upper = min(seen[0], unseen[0]), max(seen[1], unseen[1])
    return (seen[0] if seen[0] > 0 else lower), (seen[1] if seen[1] < 0 else upper)


def size_of_area(positives: int, negatives: int) -> float:
    """Of how many examples the share is whose variance an area A under the ROC curve has, as A nears 1.

    The variance is A (1 - A) (1 + s (1 - A) / (2 - A) + s A / (1 + A)) / (m n), s = (m + n) / 2 - 1: R. G. Newcombe,
    "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2", Statistics in
    Medicine 25 (2006), 559-573, method 5, after J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a
    receiver operating characteristic (ROC) curve", Radiology 143 (1982), 29-36. Near 1 that is
    A (1 - A) (1 + s / 2) / (m n).
    """
    return 4 * positives * negatives / (positives + negatives + 2)


def size_of_ranks(side: Weighted) -> tuple[float, float] | None:
    """The size of what is made of ranks, and its range; None for anything else.

    Of average precision it is the positive examples: K. Boyd, K. H. Eng, C. D. Page, "Area under the precision-recall
    curve: point estimates and confidence intervals", ECML PKDD 2013, 451-466. Of the Kolmogorov-Smirnov statistic, a
    difference of two shares, the rarer class.
    """
    if isinstance(side, Area):
        return size_of_area(len(side.positives), len(side.negatives)), side.scale
    if isinstance(side, Mean):
        return len(side.parts) * min(size_of_area(len(part.positives), len(part.negatives)) for part in side.parts), 1
    if not isinstance(side, Ranked):
        return None
    positives = int(side.positive.sum())
    return (positives if side.kind == "average_precision" else min(positives, len(side.positive) - positives)), 1


def with_unseen(sides: tuple[Prepared, Prepared]) -> tuple[tuple[Prepared, Prepared], NDArray[np.float64]]:
    """Decisions with examples behind them that nobody has seen, and how much each of those counts; the seen count 0.

    Of each class that is there: one that only the one model gets right, and one that only the other does, which takes
    it for the next class. Such pseudo-counts are of A. Agresti, Y. Min, "Simple improved confidence intervals for
    comparing matched proportions", Statistics in Medicine 24 (2005), 729-740.
    """
    import numpy as np

    labels = sides[0].labels
    classes = 1 + max(1, *(int(part.max()) for side in sides for part in (side.labels, side.answers)))
    right = np.unique(labels)
    wrong = ((right.astype(np.intp) + 1) % classes).astype(labels.dtype)
    told = [np.concatenate([right, wrong]), np.concatenate([wrong, right])]
    one, other = (
        side._replace(labels=np.concatenate([labels, right, right]), answers=np.concatenate([side.answers, answers]))
        for side, answers in zip(sides, told if _leads(sides) else told[::-1], strict=True)
    )
    return (one, other), np.repeat([0.0, _PRIOR], [len(labels), 2 * len(right)])


def _leads(sides: tuple[Prepared, Prepared]) -> bool:
    """Which comes first, whichever side is called which: the one with the lower class where they first differ."""
    import numpy as np

    differing = np.flatnonzero(sides[0].answers != sides[1].answers)
    return not len(differing) or bool(sides[0].answers[differing[0]] < sides[1].answers[differing[0]])

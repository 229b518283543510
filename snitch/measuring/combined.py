"""What metrics make of sums over examples: one row of sums a resample, one value a row. Not defined is NaN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def _ratio(sums: Values, option: Any) -> Values:
    """The first sum by the second."""
    return sums[:, 0] / sums[:, 1]


def _root(sums: Values, option: Any) -> Values:
    import numpy as np

    return np.sqrt(sums[:, 0] / sums[:, 1])


def _explained(sums: Values, option: Any) -> Values:
    """R²: of squared errors, ones, labels about their mean, and the squares of these. NaN where all labels are one."""
    import numpy as np

    errors, count, labels, squares = sums.T
    spread = squares - labels * labels / count
    return np.where(spread > 1e-12 * squares, 1 - errors / spread, np.nan)


def _matrix(sums: Values) -> Values:
    """Counts by label and decision: (resamples, classes, classes)."""
    classes = round(sums.shape[1] ** 0.5)
    return sums.reshape(-1, classes, classes)


def _balanced_accuracy(sums: Values, option: Any) -> Values:
    """The mean recall of the classes that are there, which are more than one."""
    import numpy as np

    counts = _matrix(sums)
    classes = (counts.sum(axis=2) + counts.sum(axis=1) > 0).sum(axis=1)
    return np.where(classes > 1, _averaged(sums, ("recall_score", "macro")), np.nan)


def _matthews_corrcoef(sums: Values, option: Any) -> Values:
    """Gorodkin (2004); 0 where one side has one class alone, as scikit-learn has it, and no value where both have."""
    import numpy as np

    counts = _matrix(sums)
    right, whole = np.einsum("rkk->r", counts), counts.sum(axis=(1, 2))
    true, told = counts.sum(axis=2), counts.sum(axis=1)
    together = right * whole - (true * told).sum(axis=1)
    spread = (whole**2 - (told**2).sum(axis=1)) * (whole**2 - (true**2).sum(axis=1))
    values = np.where(spread > 0, together / np.sqrt(np.where(spread > 0, spread, 1)), 0.0)
    return np.where(((true + told) > 0).sum(axis=1) > 1, values, np.nan)


def _cohen_kappa(sums: Values, option: Any) -> Values:
    import numpy as np

    counts = _matrix(sums)
    right, whole = np.einsum("rkk->r", counts), counts.sum(axis=(1, 2))
    chance = (counts.sum(axis=2) * counts.sum(axis=1)).sum(axis=1) / whole
    return np.asarray((right - chance) / (whole - chance))


def _averaged(sums: Values, option: Any) -> Values:
    """Precision, recall, F1 or Jaccard of each class, averaged. `option`: its name and the averaging.

    Classes that neither label nor decision has are left out; one whose value is not defined leaves none.
    """
    import numpy as np

    name, average = option
    counts = _matrix(sums)
    hits = np.einsum("rkk->rk", counts)
    missed, wrong = counts.sum(axis=2) - hits, counts.sum(axis=1) - hits
    if average == "micro":
        hits, missed, wrong = (each.sum(axis=1, keepdims=True) for each in (hits, missed, wrong))
    above, below = OF_COUNTS[name](hits, missed, wrong)
    there = hits + missed + wrong > 0
    weights = (hits + missed if average == "weighted" else np.ones_like(hits)) * there
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(there, above / below, 0.0)
    return np.asarray((values * weights).sum(axis=1) / weights.sum(axis=1))


#: From hits, misses and false alarms, what is divided by what.
OF_COUNTS: Mapping[str, Callable[[Values, Values, Values], tuple[Values, Values]]] = {
    "precision_score": lambda hits, missed, wrong: (hits, hits + wrong),
    "recall_score": lambda hits, missed, wrong: (hits, hits + missed),
    "f1_score": lambda hits, missed, wrong: (2 * hits, 2 * hits + missed + wrong),
    "jaccard_score": lambda hits, missed, wrong: (hits, hits + missed + wrong),
}

COMBINED: Mapping[str, Callable[[Values, Any], Values]] = {
    "ratio": _ratio,
    "root": _root,
    "explained": _explained,
    "balanced_accuracy_score": _balanced_accuracy,
    "matthews_corrcoef": _matthews_corrcoef,
    "cohen_kappa_score": _cohen_kappa,
    "averaged": _averaged,
}

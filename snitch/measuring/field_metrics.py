"""Metrics of classifications and forecasts that scikit-learn does not have, as their fields define them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_BINS = 10_000


def specificity(labels: NDArray[Any], decisions: NDArray[Any]) -> float:
    """True negatives of all negatives."""
    return 1.0 - false_positive_rate(labels, decisions)


def false_positive_rate(labels: NDArray[Any], decisions: NDArray[Any]) -> float:
    """False positives of all negatives.

    Raises:
        ValueError: there is no negative.
    """
    negatives = labels == 0
    return _share((decisions[negatives] == 1).sum(), negatives.sum(), "no example is negative")


def false_negative_rate(labels: NDArray[Any], decisions: NDArray[Any]) -> float:
    """False negatives of all positives.

    Raises:
        ValueError: there is no positive.
    """
    positives = labels == 1
    return _share((decisions[positives] == 0).sum(), positives.sum(), "no example is positive")


def positive_likelihood_ratio(labels: NDArray[Any], decisions: NDArray[Any], **args: Any) -> float:
    """Sensitivity by the false positive rate, as `sklearn.metrics.class_likelihood_ratios`."""
    labels, decisions = _in_order(labels, decisions, args.get("labels"))
    hits = 1 - false_negative_rate(labels, decisions)
    return _ratio(hits, false_positive_rate(labels, decisions), args, "LR+")


def negative_likelihood_ratio(labels: NDArray[Any], decisions: NDArray[Any], **args: Any) -> float:
    """The false negative rate by the specificity, as `sklearn.metrics.class_likelihood_ratios`."""
    labels, decisions = _in_order(labels, decisions, args.get("labels"))
    misses = false_negative_rate(labels, decisions)
    return _ratio(misses, specificity(labels, decisions), args, "LR-")


def _in_order(
    labels: NDArray[Any], decisions: NDArray[Any], order: list[int] | None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """`labels: [negative, positive]` may turn them round.

    Raises:
        ValueError: there are others than two.
    """
    if labels.max(initial=0) > 1 or decisions.max(initial=0) > 1 or (order is not None and sorted(order) != [0, 1]):
        raise ValueError("it is of two classes")
    return (labels, decisions) if order is None or order == [0, 1] else (1 - labels, 1 - decisions)


def _share(part: Any, whole: Any, why: str) -> float:
    if not whole:
        raise ValueError(why)
    return float(part) / float(whole)


def _ratio(above: float, below: float, args: Mapping[str, Any], name: str) -> float:
    """A ratio, or what the arguments say that it is where it has no value."""
    if below:
        return above / below
    stated = args.get("replace_undefined_by")
    stated = stated.get(name) if isinstance(stated, Mapping) else stated
    if stated is None:
        raise ValueError("it is divided by zero")
    return float(stated)


def gini(labels: NDArray[Any], scores: NDArray[np.float64]) -> float:
    """Twice the area under the ROC curve, less one."""
    from sklearn.metrics import roc_auc_score

    return float(2 * roc_auc_score(labels, scores) - 1)


def kolmogorov_smirnov(labels: NDArray[Any], scores: NDArray[np.float64]) -> float:
    """The greatest lead of the true positive rate over the false positive rate, over all thresholds.

    One-sided: a model that gives the negatives the higher scores has no merit by it.
    """
    from sklearn.metrics import roc_curve

    false_positives, true_positives, _ = roc_curve(labels, scores, drop_intermediate=False)
    return float((true_positives - false_positives).max())


def expected_calibration_error(
    labels: NDArray[Any], scores: NDArray[np.float64], n_bins: int = 10, strategy: str = "uniform"
) -> float:
    """How far, on average, confidence is from what comes true: Naeini et al. (2015), Guo et al. (2017).

    Of two classes the confidence is the positive one's probability; of more, the highest, and what comes true is that
    this class is right. `strategy` as in `sklearn.calibration.calibration_curve`: bins of equal width, or of as many
    examples each (`quantile`).

    Raises:
        ValueError: the arguments mean nothing.
    """
    import numpy as np

    if isinstance(n_bins, bool) or not isinstance(n_bins, int) or not 1 <= n_bins <= _MOST_BINS:
        raise ValueError(f"n_bins is no number from 1 to {_MOST_BINS:,}")
    if strategy not in ("uniform", "quantile"):
        raise ValueError("the strategy is neither uniform nor quantile")
    confidence, right = (scores, labels) if scores.ndim == 1 else (scores.max(axis=1), scores.argmax(axis=1) == labels)
    shares = np.linspace(0, 1, n_bins + 1)
    edges = shares if strategy == "uniform" else np.quantile(confidence, shares)
    bins = np.searchsorted(edges[1:-1], confidence)
    gaps = np.bincount(bins, weights=confidence, minlength=n_bins) - np.bincount(bins, weights=right, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(labels))


def symmetric_mean_absolute_percentage_error(labels: NDArray[Any], predictions: NDArray[Any]) -> float:
    """2 |y - p| / (|y| + |p|) on average, from 0 to 2; two zeros are no error (Makridakis 1993, as a fraction)."""
    import numpy as np

    size = np.abs(labels) + np.abs(predictions)
    return float((2 * np.abs(labels - predictions) / np.where(size == 0, 1, size)).mean())


FUNCTIONS: Mapping[str, Callable[..., float]] = {
    each.__name__: each
    for each in (
        specificity,
        false_positive_rate,
        false_negative_rate,
        positive_likelihood_ratio,
        negative_likelihood_ratio,
        gini,
        kolmogorov_smirnov,
        expected_calibration_error,
        symmetric_mean_absolute_percentage_error,
    )
}

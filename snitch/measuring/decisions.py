"""Decisions of a binary task: what a threshold makes of scores, and which predictions are not that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from snitch.measuring.sample import Sample


def decided(score: NDArray[Any], threshold: float) -> NDArray[np.bool_]:
    """Which scores reach a threshold, in double precision whatever they are kept in: so metrics compare them, too."""
    return score.astype("float64") >= threshold


def contrary(sample: Sample, threshold: float | None) -> NDArray[np.bool_]:
    """The examples of a binary task that are decided otherwise than by their score: a mask of one row an example.

    A model that names no threshold has one all the same. Then those are contrary that are left where a threshold is
    laid such that the fewest are.

    Raises:
        ValueError: there are no predictions, or no scores.
    """
    if sample.prediction is None or sample.score is None:
        raise ValueError("it takes both predictions and scores")
    if threshold is None:
        threshold = _nearest(sample.score, sample.prediction)
    unlike: NDArray[np.bool_] = decided(sample.score, threshold) != sample.prediction
    return unlike


def _nearest(score: NDArray[np.float64], prediction: NDArray[np.bool_]) -> float:
    """The threshold by which the fewest predictions are others; equal scores are decided alike by any."""
    import numpy as np

    order = score.argsort(kind="stable")
    ordered, positive = score[order], prediction[order]
    below = np.concatenate([[0], np.cumsum(positive)])
    above = np.concatenate([np.cumsum(~positive[::-1])[::-1], [0]])
    between = np.concatenate([[True], ordered[1:] > ordered[:-1], [True]])
    at = int(np.where(between, below + above, len(score) + 1).argmin())
    return float(ordered[at]) if at < len(ordered) else float("inf")

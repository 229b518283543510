"""What each example adds to a loss that is a mean over the examples, as scikit-learn defines it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OF_NUMBERS = frozenset(
    (
        *("mean_absolute_error", "mean_squared_error", "mean_squared_log_error", "mean_absolute_percentage_error"),
        *("symmetric_mean_absolute_percentage_error", "mean_pinball_loss"),
    )
)
#: A root of a mean over targets is no mean of roots, and a deviance has one target.
_OF_ONE_TARGET = frozenset(
    ("root_mean_squared_error", "root_mean_squared_log_error", "mean_poisson_deviance", "mean_gamma_deviance")
)
#: Arguments that are heeded here, or that change nothing once the sample is prepared.
_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "mean_pinball_loss": frozenset(("alpha",)),
    "log_loss": frozenset(("labels",)),
}


def losses_of(
    name: str, labels: NDArray[Any], answers: NDArray[Any], args: Mapping[str, Any]
) -> NDArray[np.float64] | None:
    """One loss an example, averaged over the targets; None where the metric is no mean of losses."""
    import numpy as np

    if args.keys() - _ARGUMENTS.get(name, frozenset()):
        return None
    with np.errstate(all="ignore"):
        if name in _OF_NUMBERS or (name in _OF_ONE_TARGET and labels.ndim == 1):
            losses: NDArray[np.float64] = _of_numbers(name, labels, answers, args.get("alpha", 0.5))
            return losses if losses.ndim == 1 else losses.mean(axis=1)
        if name == "brier_score_loss" and answers.ndim == 1:
            return np.asarray((labels - answers) ** 2)
        return _logarithmic(labels, answers) if name == "log_loss" else None


def _of_numbers(name: str, labels: NDArray[Any], answers: NDArray[Any], alpha: float) -> Any:
    import numpy as np

    error = labels - answers
    if name in ("mean_squared_error", "root_mean_squared_error"):
        return error**2
    if name in ("mean_squared_log_error", "root_mean_squared_log_error"):
        return (np.log1p(labels) - np.log1p(answers)) ** 2
    if name == "mean_absolute_percentage_error":
        return np.abs(error) / np.maximum(np.abs(labels), np.finfo(np.float64).eps)
    if name == "symmetric_mean_absolute_percentage_error":
        size = np.abs(labels) + np.abs(answers)
        return 2 * np.abs(error) / np.where(size == 0, 1, size)
    if name == "mean_pinball_loss":
        return np.where(error >= 0, alpha * error, (alpha - 1) * error)
    if name == "mean_poisson_deviance":
        ratio = np.where(labels > 0, labels / answers, 1)
        return 2 * (labels * np.log(ratio) - error)
    if name == "mean_gamma_deviance":
        return 2 * (labels / answers - np.log(labels / answers) - 1)
    return np.abs(error)


def _logarithmic(labels: NDArray[Any], answers: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities are kept off 0 and 1 by the precision of their type."""
    import numpy as np

    smallest = np.finfo(answers.dtype).eps
    if answers.ndim == 1:
        chosen = np.where(labels == 1, answers, 1 - answers)
    else:
        chosen = answers[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.clip(chosen, smallest, 1 - smallest)))

"""Metrics computed from a sample, by scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from snitch.measuring.sample import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Metrics of scores; the others are of labels, which `threshold` makes of scores.
_OF_SCORES = frozenset(
    ("roc_auc_score", "average_precision_score", "brier_score_loss", "log_loss", "d2_brier_score", "d2_log_loss_score")
)
_SCORER_NAMES = {
    "brier_score": "brier_score_loss",
    "roc_auc": "roc_auc_score",
    "average_precision": "average_precision_score",
}


class Unscorable(Exception):
    """A metric has no value on a sample, or is none that can be computed; and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_scorable(type: str) -> bool:
    """Whether a metric of this name can be computed."""
    return _function(type) is not None


def score(type: str, args: Mapping[str, Any], sample: Sample) -> float:
    """A metric's value on a sample, in the metric's unit.

    Raises:
        Unscorable: it is none that can be computed, the sample lacks what it takes, or the value is not defined there.
    """
    import warnings

    function = _function(type)
    if function is None:
        raise Unscorable(f"{type} is no metric that can be computed from predictions")
    answers, rest = _answers(type, dict(args), sample)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return float(function(sample.labels, answers, **rest))
        except (ValueError, TypeError, Warning, ZeroDivisionError) as error:
            raise Unscorable(f"{type} is not defined here: {str(error).splitlines()[0]}") from None


def _answers(type: str, args: dict[str, Any], sample: Sample) -> tuple[NDArray[Any], dict[str, Any]]:
    """What is held against the labels, and the arguments that are left."""
    if _SCORER_NAMES.get(type, type) in _OF_SCORES or "threshold" in args:
        if sample.score is None:
            raise Unscorable(f"{type} takes scores, and the predictions have none")
        threshold = args.pop("threshold", None)
        return (sample.score if threshold is None else sample.score >= threshold), args
    if sample.prediction is None:
        raise Unscorable(f"{type} takes predictions, and there are only scores")
    return sample.prediction, args


def _function(type: str) -> Callable[..., Any] | None:
    from sklearn import metrics

    for name in (type, f"{type}_score", _SCORER_NAMES.get(type, "")):
        found = getattr(metrics, name, None) if name else None
        if callable(found):
            return found  # type: ignore[no-any-return]
    return None

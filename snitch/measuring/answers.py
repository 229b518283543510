"""What each kind of metric takes of a sample: decisions, scores, probabilities, numbers, or ranked queries."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from snitch.measuring.labels import label_text
from snitch.measuring.sample import Sample
from snitch.measuring.unscorable import Undecided, Unscorable
from snitch.metrics import meaning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SCORES = frozenset(
    ("roc_auc_score", "average_precision_score", "hinge_loss", "top_k_accuracy_score", "gini", "kolmogorov_smirnov")
)
_PROBABILITIES = frozenset(
    ("brier_score_loss", "log_loss", "d2_brier_score", "d2_log_loss_score", "expected_calibration_error")
)
_RANKINGS = frozenset(
    (
        *("coverage_error", "dcg_score", "label_ranking_average_precision_score", "label_ranking_loss", "ndcg_score"),
        *("mean_average_precision", "mean_reciprocal_rank", "hit_rate", "ndcg_at_k", "precision_at_k", "recall_at_k"),
    )
)
_NUMBERS = frozenset(
    (
        *("d2_absolute_error_score", "d2_pinball_score", "d2_tweedie_score", "explained_variance_score", "max_error"),
        *("mean_absolute_error", "mean_absolute_percentage_error", "mean_gamma_deviance", "mean_pinball_loss"),
        *("mean_poisson_deviance", "mean_squared_error", "mean_squared_log_error", "mean_tweedie_deviance"),
        *("median_absolute_error", "r2_score", "root_mean_squared_error", "root_mean_squared_log_error"),
        "symmetric_mean_absolute_percentage_error",
    )
)
#: What scikit-learn calls the classes of probabilities and scores by.
_TAKES_LABELS = frozenset(("log_loss", "d2_log_loss_score", "top_k_accuracy_score"))
#: Probabilities in single precision, as boosters and ONNX give them, sum up to one no closer than this.
_SINGLE_PRECISION = 2.0**-11.5
#: Of these the field knows one class against all the others, too.
_ONE_AGAINST_ALL = frozenset(("specificity", "false_positive_rate", "false_negative_rate"))


class Prepared(NamedTuple):
    """What a function of the catalogue is called with: labels, answers, arguments, and the query of each row.

    Labels of a classification are 0 and 1, or positions in the classes.
    """

    name: str
    labels: NDArray[Any]
    answers: NDArray[Any]
    args: dict[str, Any]


def prepared(name: str, args: Mapping[str, Any], sample: Sample) -> Prepared:
    """What `name`, a function of the catalogue, takes of a sample.

    Raises:
        Unscorable: the sample lacks it, or an argument means nothing there.
    """
    given = dict(args)
    if name in _NUMBERS:
        return Prepared(name, _no_classes(name, sample), _prediction(name, sample), given)
    if name in _RANKINGS:
        return _ranking(name, given, sample)
    if name in _SCORES or name in _PROBABILITIES:
        return _scores(name, given, sample)
    return _decisions(name, given, sample)


def is_binary(sample: Sample) -> bool:
    """Whether the labels are those of a binary task."""
    return sample.labels.dtype == bool


def is_of_scores(type: str, args: Mapping[str, Any]) -> bool:
    """Whether a metric looks at the scores of a classification alone, whatever is decided by them."""
    known = meaning(type)
    if known is None:
        return False
    return known.name in _SCORES or known.name in _PROBABILITIES or args.get("threshold") is not None


def _no_classes(name: str, sample: Sample) -> NDArray[Any]:
    if is_binary(sample) or sample.classes:
        raise Unscorable(f"{name} is of numbers, and the labels are classes")
    return sample.labels


def _prediction(name: str, sample: Sample) -> NDArray[Any]:
    if sample.prediction is None:
        raise Undecided(f"{name} takes predictions, and there are only scores")
    return sample.prediction


def _score(name: str, sample: Sample) -> NDArray[np.float64]:
    if sample.score is None:
        raise Unscorable(f"{name} takes scores, and the predictions have none")
    return sample.score


def _decisions(name: str, args: dict[str, Any], sample: Sample) -> Prepared:
    """Labels and predicted labels; `threshold` makes a prediction of a score."""
    threshold = args.pop("threshold", None)
    if threshold is None:
        answers = _prediction(name, sample)
    elif not is_binary(sample):
        raise Unscorable(f"{name} has a `threshold`, which only scores of two classes have")
    elif isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not math.isfinite(threshold):
        raise Unscorable(f"the threshold of {name} is no finite number")
    else:
        answers = _score(name, sample) >= threshold
    labels, answers, rest = _of_the_label(name, args, sample, answers)
    if "labels" in rest and rest["labels"] is not None:
        rest["labels"] = _positions(name, rest["labels"], sample)
    return Prepared(name, _numbered(labels), _numbered(answers), rest)


def _of_the_label(
    name: str, args: dict[str, Any], sample: Sample, answers: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], dict[str, Any]]:
    """The positive label becomes the one that `pos_label` names, where just one is meant."""
    named = args.pop("pos_label", None)
    one_against_all = name in _ONE_AGAINST_ALL
    if named is None or (args.get("average", "binary") != "binary" and not one_against_all):
        if one_against_all and not is_binary(sample):
            raise Unscorable(f"{name} is of one class against the others: `pos_label` says which")
        return sample.labels, answers, args
    position = _positions(name, [named], sample)[0]
    if is_binary(sample):
        return (sample.labels, answers, args) if position == 1 else (~sample.labels, ~answers, args)
    if one_against_all and not sample.classes:
        raise Unscorable(f"{name} is of classes, and the labels are numbers")
    if one_against_all:
        return sample.labels == position, answers == position, args
    raise Unscorable(f"{name} of one of several classes is asked for by `labels` and `average`, not by `pos_label`")


def _positions(name: str, labels: Any, sample: Sample) -> list[Any]:
    """Labels as the benchmark writes them, as positions.

    Raises:
        Unscorable: one is no label.
    """
    if not isinstance(labels, (list, tuple)) or not labels:
        raise Unscorable(f"the `labels` of {name} are no list")
    names = sample.names if is_binary(sample) else sample.classes
    if not names:
        return list(labels)
    texts = [label_text(each) for each in labels]
    for text in texts:
        if text not in names or not text:
            raise Unscorable(f"{name} names the label `{text}`, which no example has")
    return [names.index(text) for text in texts]


def _numbered(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype("int8") if values.dtype == bool else values


def _scores(name: str, args: dict[str, Any], sample: Sample) -> Prepared:
    """Labels and scores; of probabilities it is made certain that they are some."""
    labels, answers = sample.labels, _score(name, sample)
    if not (is_binary(sample) or sample.classes):
        raise Unscorable(f"{name} is of classes, and the labels are numbers")
    if name in _PROBABILITIES and (answers.min(initial=0) < 0 or answers.max(initial=1) > 1):
        raise Unscorable(f"{name} takes probabilities, and there are scores outside 0 to 1")
    if name in _PROBABILITIES and sample.classes:
        answers = _summing_to_one(answers)
    named = args.pop("pos_label", None)
    if named is not None:
        if not is_binary(sample):
            raise Unscorable(f"{name} of several classes has no positive label")
        if _positions(name, [named], sample)[0] == 0:
            labels, answers = ~labels, 1 - answers
    classes = sample.names if is_binary(sample) else sample.classes
    if "labels" in args and sorted(_positions(name, args.pop("labels"), sample)) != list(range(len(classes))):
        raise Unscorable(f"the `labels` of {name} are not all the classes")
    if name in _TAKES_LABELS or (name == "roc_auc_score" and sample.classes):
        args["labels"] = list(range(len(classes)))
    return Prepared(name, _numbered(labels), answers, args)


def _summing_to_one(answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """What was rounded to single precision sums up to one again, as scikit-learn asks of double precision.

    What is farther from one than such rounding explains is left for scikit-learn to refuse.
    """
    import numpy as np

    sums = answers.sum(axis=1, keepdims=True)
    if np.allclose(sums, 1, rtol=_SINGLE_PRECISION, atol=0) and not np.allclose(sums, 1, rtol=1e-9, atol=0):
        return np.asarray(answers / sums)
    return answers


def _ranking(name: str, args: dict[str, Any], sample: Sample) -> Prepared:
    """Relevances and scores, and the query that each belongs to: the benchmark's `group`."""
    import numpy as np

    if sample.labels.ndim != 1 or sample.classes:
        raise Unscorable(f"{name} takes one number as the relevance of each example")
    labels = sample.labels.astype(np.float64)
    answers = sample.score if sample.score is not None else _prediction(name, sample).astype(np.float64)
    queries = np.zeros(sample.size, dtype=np.intp) if sample.group is None else sample.group
    return Prepared(name, labels, answers, {**args, "queries": queries})

"""What each example adds to the sums that a metric is made of; for metrics that are made of sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from snitch.measuring.answers import Prepared
from snitch.measuring.combined import OF_COUNTS
from snitch.measuring.losses import losses_of
from snitch.measuring.ranking import FUNCTIONS as RANKINGS
from snitch.measuring.ranking import by_query
from snitch.measuring.weighted import Area, Mean, Ranked, Sums, area, ranked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: More classes than these have more cells than are worth counting.
_MOST_CLASSES = 20
_AREAS: Mapping[str, tuple[float, float]] = {"roc_auc_score": (1, 0), "gini": (2, -1)}
_RANKED: Mapping[str, str] = {
    "average_precision_score": "average_precision",
    "kolmogorov_smirnov": "kolmogorov_smirnov",
}


def proportion(prepared: Prepared) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Of a metric that is a share: for each example whether it counts for it, and whether it is counted at all.

    None where it is no share, or the arguments make it something else.
    """
    import numpy as np

    name, labels, decisions, args = prepared
    if decisions.ndim != 1 or labels.ndim != 1:
        return None
    if name in ("accuracy_score", "zero_one_loss", "hamming_loss") and args.get("normalize", True) is True:
        right = labels == decisions
        return (right if name == "accuracy_score" else ~right), np.ones(len(labels), dtype=bool)
    if not _is_binary(prepared) or args.keys() - {"zero_division"} - ({"average"} if _is_of_one(args) else set()):
        return None
    if name == "precision_score":
        return labels == 1, decisions == 1
    counted = {"recall_score": 1, "false_negative_rate": 1, "specificity": 0, "false_positive_rate": 0}.get(name)
    if counted is None:
        return None
    for_it = 1 if name in ("recall_score", "false_positive_rate") else 0
    return decisions == for_it, labels == counted


def _is_of_one(args: Mapping[str, Any]) -> bool:
    return bool(args.get("average", "binary") == "binary")


def _is_binary(prepared: Prepared) -> bool:
    """Whether labels and decisions are 0 and 1."""
    return bool(prepared.labels.dtype == "int8" and prepared.answers.dtype == "int8")


def sums_of(prepared: Prepared) -> Sums | Area | Ranked | Mean | None:
    """A metric as sums over examples, or as runs of equal scores; None where it is neither."""
    import numpy as np

    share = proportion(prepared)
    if share is not None:
        success, counted = share
        return Sums(np.stack([success & counted, counted], axis=1).astype(np.float64), "ratio")
    if prepared.answers.ndim == 1 and not prepared.args:
        if prepared.name in _AREAS:
            return area(prepared.labels, prepared.answers, *_AREAS[prepared.name])
        if prepared.name in _RANKED:
            return ranked(_RANKED[prepared.name], prepared.labels, prepared.answers)
    return _of_each_class(prepared) or _of_cells(prepared) or _of_losses(prepared)


def _of_each_class(prepared: Prepared) -> Mean | None:
    """The area under the ROC curve of each class against the rest, averaged."""
    name, labels, answers, args = prepared
    is_asked = args.get("multi_class") == "ovr" and args.get("average", "macro") == "macro"
    if (
        name != "roc_auc_score"
        or answers.ndim != 2
        or not is_asked
        or args.keys() - {"multi_class", "average", "labels"}
    ):
        return None
    return Mean(tuple(area(labels == each, answers[:, each]) for each in range(answers.shape[1])))


def _of_cells(prepared: Prepared) -> Sums | None:
    """Of decisions: each example is in one cell of the table of labels and decisions."""
    import numpy as np

    name, labels, decisions, args = prepared
    if decisions.dtype.kind != "i" or labels.dtype.kind != "i" or decisions.ndim != 1:
        return None
    average = args.get("average", "binary")
    if not args and name in ("balanced_accuracy_score", "matthews_corrcoef", "cohen_kappa_score"):
        return _cells(labels, decisions, name, None)
    if name in OF_COUNTS and args.keys() == {"average"} and average in ("macro", "micro", "weighted"):
        return _cells(labels, decisions, "averaged", (name, average))
    if name in ("f1_score", "fbeta_score", "jaccard_score") and not args.keys() - {"beta"} and _is_binary(prepared):
        beta = float(args.get("beta", 1.0)) ** 2
        above, below = (1.0, (1.0, 1.0)) if name == "jaccard_score" else (1 + beta, (beta, 1.0))
        hits = ((labels == 1) & (decisions == 1)).astype(np.float64) * above
        missed, wrong = (labels == 1) & (decisions == 0), (labels == 0) & (decisions == 1)
        return Sums(np.stack([hits, hits + below[0] * missed + below[1] * wrong], axis=1), "ratio")
    return None


def _cells(labels: NDArray[Any], decisions: NDArray[Any], function: str, option: Any) -> Sums | None:
    import numpy as np

    classes = int(max(labels.max(), decisions.max())) + 1
    if classes > _MOST_CLASSES:
        return None
    shares = np.zeros((len(labels), classes * classes))
    shares[np.arange(len(labels)), labels.astype(np.intp) * classes + decisions] = 1
    return Sums(shares, function, option)


def _of_losses(prepared: Prepared) -> Sums | None:
    """Of numbers and probabilities: each example has its own loss."""
    import numpy as np

    name, labels, answers, args = prepared
    if name in RANKINGS:
        values = by_query(name, labels, answers, args)
        return Sums(np.stack([values, np.ones_like(values)], axis=1), "ratio")
    if name == "r2_score" and not args and labels.ndim == 1:
        about_mean = labels - labels.mean()
        shares = [(labels - answers) ** 2, np.ones_like(labels), about_mean, about_mean**2]
        return Sums(np.stack(shares, axis=1), "explained")
    losses = losses_of(name, labels, answers, args)
    if losses is None or not np.isfinite(losses).all():
        return None
    function = "root" if name.startswith("root_") else "ratio"
    return Sums(np.stack([losses, np.ones(len(losses))], axis=1), function)

"""Metrics of rankings: one value a query, averaged over the queries. What the benchmark groups by is a query.

Relevance is a number, relevant what is above 0. Where scores tie, the less relevant is taken to stand first: a ranking
has no merit by an order it did not give. scikit-learn's own functions average over ties instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Of scikit-learn, each of one query at a time. Those of labels take relevant or not.
_OF_RELEVANCE = ("dcg_score", "ndcg_score")
_OF_LABELS = ("coverage_error", "label_ranking_average_precision_score", "label_ranking_loss")


def by_query(name: str, labels: NDArray[Any], scores: NDArray[np.float64], args: Mapping[str, Any]) -> NDArray[Any]:
    """A metric's value on each query, in the order of their numbers.

    Raises:
        ValueError: an argument is missing or means nothing.
    """
    import numpy as np

    rest = {key: value for key, value in args.items() if key != "queries"}
    value = _value(name, rest)
    return np.array([value(labels[rows], scores[rows]) for rows in _queries(args["queries"])], dtype=np.float64)


def _queries(queries: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    import numpy as np

    order = np.argsort(queries, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(queries[order])) + 1)


def _value(name: str, args: dict[str, Any]) -> Callable[[NDArray[Any], NDArray[np.float64]], float]:
    if name == "ndcg_at_k":
        _cut(name, args)
        return partial(_by_scikit_learn, "ndcg_score", args=args)
    if name in _OF_RELEVANCE or name in _OF_LABELS:
        return partial(_by_scikit_learn, name, args=args)
    cut = _cut(name, args) if name in ("hit_rate", "precision_at_k", "recall_at_k") or args.get("k") else None
    return partial(_OWN[name], cut=cut)


def _cut(name: str, args: Mapping[str, Any]) -> int:
    cut = args.get("k")
    if isinstance(cut, bool) or not isinstance(cut, int) or cut < 1:
        raise ValueError(f"{name} takes a whole number `k`, at least 1")
    return cut


def _by_scikit_learn(name: str, labels: NDArray[Any], scores: NDArray[np.float64], args: dict[str, Any]) -> float:
    from sklearn import metrics

    if name in _OF_LABELS:
        return float(getattr(metrics, name)((labels > 0).astype(int)[None, :], scores[None, :], **args))
    if len(labels) == 1 and name == "ndcg_score":  # which scikit-learn does not take
        return float(labels[0] > 0)
    return float(getattr(metrics, name)(labels[None, :], scores[None, :], **args))


def _ranked(labels: NDArray[Any], scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which places of the ranking hold something relevant, best first."""
    import numpy as np

    relevant = labels > 0
    return np.asarray(relevant[np.lexsort((relevant, -scores))], dtype=bool)


def _reciprocal_rank(labels: NDArray[Any], scores: NDArray[np.float64], cut: int | None) -> float:
    ranked = _ranked(labels, scores)[:cut]
    return 1 / (1 + int(ranked.argmax())) if ranked.any() else 0.0


def _hit(labels: NDArray[Any], scores: NDArray[np.float64], cut: int | None) -> float:
    return float(_ranked(labels, scores)[:cut].any())


def _precision(labels: NDArray[Any], scores: NDArray[np.float64], cut: int) -> float:
    return float(_ranked(labels, scores)[:cut].sum()) / cut


def _recall(labels: NDArray[Any], scores: NDArray[np.float64], cut: int) -> float:
    ranked = _ranked(labels, scores)
    return float(ranked[:cut].sum()) / max(int(ranked.sum()), 1)


def _average_precision(labels: NDArray[Any], scores: NDArray[np.float64], cut: int | None) -> float:
    """The mean of the precisions at the places of what is relevant, over all that is (or as many as the cut holds)."""
    import numpy as np

    ranked = _ranked(labels, scores)
    places = np.flatnonzero(ranked[:cut])
    whole = int(ranked.sum()) if cut is None else min(int(ranked.sum()), cut)
    return float((np.arange(1, len(places) + 1) / (places + 1)).sum()) / max(whole, 1)


_OWN: Mapping[str, Callable[..., float]] = {
    "hit_rate": _hit,
    "mean_average_precision": _average_precision,
    "mean_reciprocal_rank": _reciprocal_rank,
    "precision_at_k": _precision,
    "recall_at_k": _recall,
}


def _mean(name: str, labels: NDArray[Any], scores: NDArray[np.float64], **args: Any) -> float:
    return float(by_query(name, labels, scores, args).mean())


FUNCTIONS: Mapping[str, Callable[..., float]] = {
    name: partial(_mean, name) for name in (*_OWN, "ndcg_at_k", *_OF_RELEVANCE, *_OF_LABELS)
}

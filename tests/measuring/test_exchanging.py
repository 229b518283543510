"""The exchange of two models' answers, against SciPy's permutation test and against what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import permutation_test, rankdata
from sklearn.metrics import f1_score, mean_absolute_error, mean_squared_error, precision_score, roc_auc_score

from snitch.measuring.exchanging import exchanged
from snitch.measuring.sample import Sample
from snitch.measuring.unscorable import Unscorable

N = 8  # so that SciPy goes through every exchange
RANDOM = np.random.default_rng(5)
LABELS = np.array([True] * 4 + [False] * 4)
DECISIONS = RANDOM.random((2, N)) < 0.5
SCORES = np.round(RANDOM.random((2, N)), 1)  # with ties
NUMBERS = RANDOM.normal(size=(3, N))


def by_scipy(metric: Callable[..., float], labels: Any, deployed: Any, candidate: Any, alternative: str) -> float:
    """Every exchange, each counted."""

    def difference(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
        return metric(labels, ours) - metric(labels, theirs)

    found = permutation_test(
        (candidate, deployed), difference, permutation_type="samples", alternative=alternative, vectorized=False,
        n_resamples=np.inf,
    )  # fmt: skip
    return float(found.pvalue)


def binary(decisions: Any = None, scores: Any = None) -> Sample:
    return Sample(LABELS, decisions, scores)


@pytest.mark.parametrize(
    ("type", "metric", "sides"),
    [
        ("f1", f1_score, DECISIONS),
        ("accuracy", lambda labels, decided: float((labels == decided).mean()), DECISIONS),
        ("roc_auc", roc_auc_score, SCORES),
        ("mae", mean_absolute_error, NUMBERS[:2]),
        ("mse", mean_squared_error, NUMBERS[:2]),
    ],
)
def test_the_p_values_are_those_of_every_exchange(type: str, metric: Any, sides: Any) -> None:
    """Two thousand are drawn of 256; five standard deviations of that are 0.056."""
    if type == "roc_auc":
        sides = rankdata(sides, axis=1)
    labels = NUMBERS[2] if type in ("mae", "mse") else LABELS
    deployed, candidate = (Sample(labels, each, None) if type != "roc_auc" else binary(scores=each) for each in sides)
    below, above = exchanged(type, {}, deployed, candidate, "seed")
    assert below == pytest.approx(by_scipy(metric, labels, sides[0], sides[1], "less"), abs=0.056)
    assert above == pytest.approx(by_scipy(metric, labels, sides[0], sides[1], "greater"), abs=0.056)
    assert exchanged(type, {}, deployed, candidate, "seed") == (below, above)
    assert exchanged(type, {}, candidate, deployed, "seed") == pytest.approx((above, below), abs=0.056)


def test_scores_on_another_scale_are_no_other_order() -> None:
    one, same = binary(scores=SCORES[0]), binary(scores=SCORES[0] ** 9 / 1000)
    assert exchanged("roc_auc", {}, one, same, "seed") == (1.0, 1.0)


def test_nine_positives_that_a_model_puts_last() -> None:
    """Only if all nine stay where they are it is as bad again: once in 512 times."""
    labels = np.arange(2000) < 9
    deployed = Sample(labels, None, labels.astype(np.float64))
    candidate = Sample(labels, None, 1 - labels.astype(np.float64))
    below, above = exchanged("roc_auc", {}, deployed, candidate, "seed")
    assert below == pytest.approx(1 / 512, abs=0.004) and above == 1.0


def test_four_that_are_flagged_and_all_wrong() -> None:
    random = np.random.default_rng(1)
    labels = random.random(1500) < 0.3
    deployed = labels ^ (random.random(1500) < 0.2)
    candidate = np.zeros(1500, bool)
    candidate[np.flatnonzero(~labels)[:4]] = True
    sides = Sample(labels, deployed, None), Sample(labels, candidate, None)
    assert precision_score(labels, deployed) > 0.5 and precision_score(labels, candidate) == 0
    below, above = exchanged("precision", {}, *sides, "seed")
    assert below < 0.001 and above > 0.99


def test_groups_change_places_as_a_whole() -> None:
    """Ten copies of each example say no more than one."""
    one, other = (Sample(LABELS, each, None) for each in DECISIONS)
    copies = np.repeat(np.arange(N), 10)
    many, more = (each.take(copies)._replace(group=copies) for each in (one, other))
    assert exchanged("accuracy", {}, many, more, "seed") == pytest.approx(exchanged("accuracy", {}, one, other, "seed"))


def test_equal_models_are_seldom_told_apart() -> None:
    """Two and a half in a hundred; of 400, 22 are the most in all but one of ten thousand such runs."""
    random, told = np.random.default_rng(9), 0
    for number in range(400):
        labels = np.arange(60) < 8
        deployed, candidate = (Sample(labels, None, random.normal(labels)) for _ in range(2))
        told += exchanged("roc_auc", {}, deployed, candidate, f"{number}", exchanges=400)[0] < 0.025
    assert told <= 22


@pytest.mark.parametrize("type", ["ndcg", "hit_rate"])
def test_queries_cannot_change_places(type: str) -> None:
    with pytest.raises(Unscorable, match="queries"):
        exchanged(type, {}, binary(scores=SCORES[0]), binary(scores=SCORES[1]), "seed")


def test_what_has_no_value_has_no_p_value() -> None:
    nobody = np.zeros(N, bool)
    with pytest.raises(Unscorable):
        exchanged("precision", {}, binary(nobody), binary(DECISIONS[0]), "seed")

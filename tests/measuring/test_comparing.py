"""Two models on the same examples: held against SciPy, statsmodels and scikit-learn, and turned about."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score, f1_score
from statsmodels.stats.contingency_tables import mcnemar

from snitch.measuring.answers import prepared
from snitch.measuring.bootstrap import Block, values_of
from snitch.measuring.comparing import Difference, compare
from snitch.measuring.drawing import drawn_from
from snitch.measuring.engine import Engine, running_on
from snitch.measuring.intervals import interval
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import Unscorable, meant, score
from snitch.measuring.unscorable import TooFew

N = 600
RANDOM = np.random.default_rng(8)
LABELS = RANDOM.random(N) < 0.35
LATENT = RANDOM.normal(size=N)


def answering(labels: Any, signal: float, noise: float, seed: int) -> Sample:
    own = np.random.default_rng(seed).normal(size=len(labels))
    scores = 1 / (1 + np.exp(-(signal * labels + LATENT[: len(labels)] + noise * own - signal / 2)))
    return Sample(labels, scores >= 0.5, scores)


DEPLOYED, WORSE = answering(LABELS, 2.0, 0.1, 1), answering(LABELS, 1.4, 0.5, 2)
NUMBERS = RANDOM.normal(size=N) * 5
FORECAST = Sample(NUMBERS, NUMBERS + RANDOM.normal(size=N), None)
WORSE_FORECAST = Sample(NUMBERS, NUMBERS + RANDOM.standard_t(4, size=N) * 1.2, None)
GROUP = np.arange(N) // 4

METRICS = ["accuracy", "recall", "false_positive_rate", "roc_auc", "gini", "f1", "average_precision", "neg_brier_score"]


@pytest.mark.parametrize("type", [*METRICS, "precision", "kolmogorov_smirnov", "matthews_corrcoef"])
def test_the_difference_is_that_of_the_scores_and_lies_within(type: str) -> None:
    found = compare(type, {}, DEPLOYED, WORSE, "seed")
    assert found.deployed == pytest.approx(score(type, {}, DEPLOYED))
    assert found.delta == pytest.approx(score(type, {}, WORSE) - score(type, {}, DEPLOYED))
    assert found.lower < found.delta < found.upper
    assert found.examples == N
    assert (found.upper < 0) == (found.below < 0.025)
    assert (found.lower > 0) == (found.above < 0.025)


@pytest.mark.parametrize("type", METRICS)
def test_swapping_the_sides_mirrors(type: str) -> None:
    one, other = compare(type, {}, DEPLOYED, WORSE, "seed"), compare(type, {}, WORSE, DEPLOYED, "seed")
    assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower), abs=1e-12)
    assert (one.below, one.above) == pytest.approx((other.above, other.below), abs=1e-12)


@pytest.mark.parametrize("type", METRICS)
def test_again_is_the_same_to_the_bit(type: str) -> None:
    assert compare(type, {}, DEPLOYED, WORSE, "seed") == compare(type, {}, DEPLOYED, WORSE, "seed")


def test_the_seed_is_what_decides_the_resamples() -> None:
    assert compare("f1", {}, DEPLOYED, WORSE, "one") != compare("f1", {}, DEPLOYED, WORSE, "another")
    assert compare("roc_auc", {}, DEPLOYED, WORSE, "one") == compare("roc_auc", {}, DEPLOYED, WORSE, "another")


def test_workers_change_nothing() -> None:
    here = compare("average_precision", {}, DEPLOYED, WORSE, "seed")
    with running_on(Engine("threads", jobs=3)):
        assert compare("average_precision", {}, DEPLOYED, WORSE, "seed") == here


@pytest.mark.parametrize("type", [*METRICS, "precision", "f1_macro", "matthews_corrcoef"])
def test_identical_models_do_not_differ(type: str) -> None:
    found = compare(type, {}, DEPLOYED, DEPLOYED, "seed")
    assert (found.delta, found.below, found.above, found.error) == (0, 1, 1, 0)
    assert found.lower <= 0 <= found.upper


def test_paired_proportions_are_tested_by_mcnemar() -> None:
    found = compare("recall", {}, DEPLOYED, WORSE, "seed")
    ours, theirs = WORSE.prediction[LABELS], DEPLOYED.prediction[LABELS]  # type: ignore[index]
    table = [[0, int((ours & ~theirs).sum())], [int((theirs & ~ours).sum()), 0]]
    assert 2 * found.below == pytest.approx(mcnemar(np.array(table), exact=False, correction=False).pvalue)


def test_a_mean_is_bootstrapped_as_scipy_does() -> None:
    found = compare("mae", {}, FORECAST, WORSE_FORECAST, "seed", resamples=8000)
    ours, theirs = (np.asarray(each.prediction) for each in (WORSE_FORECAST, FORECAST))
    losses = np.abs(NUMBERS - ours) - np.abs(NUMBERS - theirs)
    scipys = stats.bootstrap((losses,), np.mean, n_resamples=8000, method="percentile", rng=np.random.default_rng(0))
    width = scipys.confidence_interval.high - scipys.confidence_interval.low
    assert found.delta == pytest.approx(losses.mean())
    assert (found.lower, found.upper) == pytest.approx(tuple(scipys.confidence_interval), abs=0.05 * width)
    assert found.error == pytest.approx(float(scipys.standard_error), rel=0.05)
    assert found.error == pytest.approx(losses.std(ddof=1) / N**0.5, rel=0.05)
    assert found.above == pytest.approx(stats.ttest_1samp(losses, 0, alternative="greater").pvalue, rel=0.6, abs=1e-4)


@pytest.mark.parametrize(
    ("type", "function", "takes_scores"),
    [("average_precision", average_precision_score, True), ("f1", f1_score, False)],
)
def test_the_bootstrap_is_stratified_and_paired(type: str, function: Any, takes_scores: bool) -> None:
    """A plain loop over scikit-learn, with another random stream."""
    random, deltas = np.random.default_rng(1), []
    positives, negatives = np.flatnonzero(LABELS), np.flatnonzero(~LABELS)
    for _ in range(500):
        rows = np.append(random.choice(positives, len(positives)), random.choice(negatives, len(negatives)))
        both = [(each.score if takes_scores else each.prediction)[rows] for each in (DEPLOYED, WORSE)]  # type: ignore[index]
        deltas.append(function(LABELS[rows], both[1]) - function(LABELS[rows], both[0]))
    found = compare(type, {}, DEPLOYED, WORSE, "seed")
    assert found.error == pytest.approx(np.std(deltas), rel=0.12)
    expected = np.quantile(deltas, [0.025, 0.975])
    assert (found.lower, found.upper) == pytest.approx(tuple(expected), abs=0.35 * found.error)


def test_groups_are_resampled_together() -> None:
    """Every example four times over tells no more than once: only groups know that."""
    quarter = slice(0, N, 4)
    one, other = FORECAST.take(quarter), WORSE_FORECAST.take(quarter)
    fourfold = np.repeat(np.arange(one.size), 4)
    once = compare("mae", {}, one, other, "seed")
    larger = one.take(fourfold)._replace(group=GROUP), other.take(fourfold)._replace(group=GROUP)
    grouped = compare("mae", {}, larger[0], larger[1], "seed")
    assert grouped.delta == pytest.approx(once.delta)
    assert grouped.error == pytest.approx(once.error, rel=0.1)
    assert (grouped.method, grouped.examples) == ("the paired bootstrap of groups", N)


@pytest.mark.parametrize("type", ["accuracy", "roc_auc", "f1_macro", "log_loss"])
def test_where_groups_are_single_examples_they_change_little(type: str) -> None:
    plain = compare(type, {}, DEPLOYED, WORSE, "seed")
    grouped = compare(type, {}, DEPLOYED._replace(group=np.arange(N)), WORSE._replace(group=np.arange(N)), "seed")
    assert grouped.method == "the paired bootstrap of groups"
    assert grouped.error == pytest.approx(plain.error, rel=0.12)


def test_queries_are_the_units_of_a_ranking() -> None:
    random = np.random.default_rng(4)
    labels = random.integers(0, 3, N).astype(float)
    good = Sample(labels, None, labels + random.normal(size=N), group=GROUP)
    poor = good._replace(score=labels + 4 * random.normal(size=N))
    found = compare("ndcg", {"k": 3}, good, poor, "seed")
    assert found.delta == pytest.approx(score("ndcg", {"k": 3}, poor) - score("ndcg", {"k": 3}, good))
    assert found.upper < 0
    with pytest.raises(TooFew, match="1 queries"):
        compare("ndcg", {}, good._replace(group=None), poor._replace(group=None), "seed")


def test_a_constant_harm_is_certain() -> None:
    found = compare("mae", {}, Sample(NUMBERS, NUMBERS + 1, None), Sample(NUMBERS, NUMBERS + 3, None), "seed")
    assert (found.lower, found.upper) == pytest.approx((2, 2))
    assert found.above < 0.001
    assert found.below == 1


def test_the_opposite_of_a_perfect_model_is_certainly_worse() -> None:
    labels = np.repeat([True, False], 20)
    perfect, opposite = Sample(labels, labels, labels * 1.0), Sample(labels, ~labels, ~labels * 1.0)
    found = compare("roc_auc", {}, perfect, opposite, "seed")
    assert (found.delta, found.below, found.above) == (-1, 0, 1)


@pytest.mark.parametrize(
    ("type", "sides", "reason"),
    [
        ("roc_auc", [each.take(LABELS) for each in (DEPLOYED, WORSE)], "not defined"),
        ("roc_auc", [each.take(np.append(np.flatnonzero(LABELS)[:9], np.flatnonzero(~LABELS)))
                     for each in (DEPLOYED, WORSE)], "9 examples of a class are too few"),
        ("f1", [each.take(slice(0, 19)) for each in (DEPLOYED, WORSE)], "19 examples are too few"),
        ("average_precision", [each.take(slice(0, 19)) for each in (DEPLOYED, WORSE)], "of a class are too few"),
        ("mae", [each.take(slice(0, 3)) for each in (FORECAST, WORSE_FORECAST)], "3 examples are too few"),
        ("f1", [each._replace(group=np.arange(N) % 5) for each in (DEPLOYED, WORSE)], "5 groups are too few"),
        ("accuracy", [DEPLOYED, WORSE.take(slice(0, 500))], "did not answer the same examples"),
        ("accuracy", [DEPLOYED, WORSE._replace(labels=~LABELS)], "did not answer the same examples"),
        ("bleu", [DEPLOYED, WORSE], "no metric that can be computed"),
        ("accuracy", [each.take(slice(0, 0)) for each in (DEPLOYED, WORSE)], "no example"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_says_why(type: str, sides: list[Sample], reason: str) -> None:
    with pytest.raises(Unscorable, match=reason):
        compare(type, {}, sides[0], sides[1], "seed")


def test_where_no_example_counts_a_stated_value_has_no_interval() -> None:
    sides = [each.take(~LABELS) for each in (DEPLOYED, WORSE)]
    with pytest.raises(TooFew, match="no example counts"):
        compare("recall", {"zero_division": 0}, sides[0], sides[1], "seed")
    with pytest.raises(TooFew, match="no example counts"):
        interval("recall", {"zero_division": 0}, sides[0], "seed")


def test_a_metric_that_vanishes_on_resamples_has_no_interval() -> None:
    rare = np.zeros(N, dtype=bool)
    rare[:2] = True
    with pytest.raises(TooFew, match="no value on"):
        compare("precision", {}, DEPLOYED, WORSE._replace(prediction=rare), "seed")


@given(st.integers(0, 2**32 - 1), st.sampled_from(["accuracy", "roc_auc", "f1", "brier_score", "mae"]))
@settings(max_examples=15, deadline=None)
def test_random_models_give_sound_differences(seed: int, type: str) -> None:
    random = np.random.default_rng(seed)
    size = int(random.integers(40, 120))
    if type == "mae":
        labels = random.normal(size=size)
        sides = [Sample(labels, random.normal(size=size).round(1), None) for _ in range(2)]
    else:
        labels = np.arange(size) % 3 == 0
        scores = [random.random(size).round(1) for _ in range(2)]
        sides = [Sample(labels, each >= 0.5, each) for each in scores]
    found: Difference = compare(type, {}, sides[0], sides[1], "seed", resamples=200)
    assert np.isfinite(found[:7]).all()
    assert found.lower <= found.upper
    assert 0 <= found.below <= 1
    assert 0 <= found.above <= 1


@pytest.mark.parametrize(("type", "group"), [("f1", None), ("roc_auc", GROUP), ("mae", None), ("ndcg", GROUP)])
def test_blocks_travel(type: str, group: Any) -> None:
    """To another process, with all that they need."""
    sample = FORECAST._replace(score=FORECAST.prediction) if type in ("mae", "ndcg") else DEPLOYED
    sample = sample._replace(group=group, labels=np.abs(sample.labels) if type == "ndcg" else sample.labels)
    known, args = meant(type, {})
    weighted, layout = drawn_from([prepared(known.name, args, sample)], [sample], args)
    block = Block(np.random.SeedSequence(3), 5, layout, weighted)
    travelled = pickle.loads(pickle.dumps(block))
    assert np.array_equal(values_of(travelled), values_of(block))

"""What hardly an example shows: held against statsmodels, formulas of the papers, and by how often the limit passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from snitch.measuring import tango
from snitch.measuring.answers import prepared
from snitch.measuring.bootstrap import ends, resampled
from snitch.measuring.comparing import compare
from snitch.measuring.drawing import drawn_with_unseen
from snitch.measuring.intervals import interval
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import meant
from snitch.measuring.unscorable import TooFew, Unscorable
from snitch.measuring.unseen import size_of_area, widened, with_unseen
from tests.measuring.samples import BINARY, FORECAST, MULTICLASS

NOTHING = (0.0, 0.0)


@pytest.mark.parametrize("size", [20, 77, 5000])
def test_where_nothing_differs_it_is_tangos(size: int) -> None:
    assert widened(0, NOTHING, size) == pytest.approx(tango.interval(size, 0, 0))
    assert widened(0, NOTHING, size, scale=2) == pytest.approx(tuple(2 * each for each in tango.interval(size, 0, 0)))


def test_it_reaches_as_far_from_any_difference() -> None:
    reach = tango.interval(50, 0, 0)[1]
    assert widened(0.01, (-0.01, 0.03), 50) == pytest.approx((0.01 - reach, 0.01 + reach))
    assert widened(-0.03, (-0.5, 0.4), 50) == (-0.5, 0.4)


def test_it_takes_in_no_zero_that_the_examples_exclude() -> None:
    assert widened(-0.03, (-0.031, -0.029), 50) == (-0.03 - tango.interval(50, 0, 0)[1], -0.029)
    assert widened(0.03, (0.029, 0.031), 50) == (0.029, 0.03 + tango.interval(50, 0, 0)[1])


@pytest.mark.parametrize(("positives", "negatives"), [(20, 20), (20, 500), (600, 1400)])
def test_the_size_of_an_area_near_1(positives: int, negatives: int) -> None:
    """Hanley's and McNeil's variance with the mean of the two numbers in the place of each, as Newcombe has it."""
    area = 1 - 1e-7
    number = (positives + negatives) / 2
    either = area / (2 - area) + 2 * area**2 / (1 + area) - 2 * area**2
    variance = (area * (1 - area) + (number - 1) * either) / (positives * negatives)
    assert area * (1 - area) / variance == pytest.approx(size_of_area(positives, negatives), rel=1e-4)


@pytest.mark.parametrize("sample", [BINARY, MULTICLASS])
def test_of_each_class_each_side_alone_is_right_once(sample: Sample) -> None:
    known, args = meant("f1_macro", {})
    turned = sample._replace(prediction=np.roll(np.asarray(sample.prediction), 1))
    sides = prepared(known.name, args, sample), prepared(known.name, args, turned)
    (one, other), unseen = with_unseen(sides)
    more = unseen > 0
    assert np.array_equal(more, np.arange(len(unseen)) >= sample.size)
    assert np.array_equal(one.labels, other.labels)
    right = [each.answers[more] == each.labels[more] for each in (one, other)]
    assert np.array_equal(right[0], ~right[1])
    classes = np.unique(sides[0].labels)
    for each in right:
        assert np.array_equal(np.sort(one.labels[more][each]), classes)
    assert set(np.concatenate([one.answers, other.answers]).tolist()) <= set(classes.tolist())


def alike(size: int, wrong: int) -> Sample:
    labels = np.arange(size) % 2 == 0
    return Sample(labels, labels ^ (np.arange(size) < wrong), np.where(labels, 0.75, 0.25) + np.arange(size) / size / 9)


@pytest.mark.parametrize("type", ["f1", "precision", "balanced_accuracy", "f1_macro", "cohen_kappa"])
def test_the_same_decisions_are_not_shown_to_stay_the_same(type: str) -> None:
    """An interval like that of accuracy, of which Tango's says 0.161."""
    lower, upper = _ends(type, alike(20, 4), alike(20, 4))
    assert -0.45 < lower < -0.1
    assert 0.1 < upper < 0.45
    lower, upper = _ends(type, alike(4000, 40), alike(4000, 40))
    assert -0.005 < lower < 0 < upper < 0.005


def test_groups_of_the_same_decisions_are_not_either() -> None:
    sample = alike(60, 4)._replace(group=np.arange(60) // 2)
    lower, upper = _ends("accuracy", sample, sample)
    assert -0.2 < lower < -0.03
    assert 0.03 < upper < 0.2


@pytest.mark.parametrize("type", ["roc_auc", "gini", "average_precision", "kolmogorov_smirnov"])
def test_models_that_tell_every_pair_apart_may_differ_on_others(type: str) -> None:
    one, other = alike(40, 0), alike(40, 0)
    other = other._replace(score=np.asarray(other.score) ** 2)
    found = compare(type, {}, one, other, "seed")
    assert (found.delta, found.below, found.above, found.error) == (0, 1, 1, 0)
    size = 20 if type in ("average_precision", "kolmogorov_smirnov") else 4 * 20 * 20 / 42
    reach = proportion_confint(0, size, method="wilson")[1] * (2 if type == "gini" else 1)
    assert (found.lower, found.upper) == pytest.approx((-reach, reach))


def test_unseen_examples_are_drawn_as_a_plain_loop_draws_them() -> None:
    """Two cells more of each class with the weight of one example; by NumPy alone."""
    random = np.random.default_rng(3)
    labels = np.arange(200) % 4 == 0
    one = labels ^ (random.random(200) < 0.01)
    other = one ^ (random.random(200) < 0.015)
    deltas = []
    for _ in range(4000):
        hits = []
        for label in (True, False):
            rows = np.append(np.flatnonzero(labels == label), [-1, -2])  # lost, gained
            drawn = random.choice(rows, int((labels == label).sum()))
            hits.append([np.where(drawn < 0, drawn == told, (side == labels)[drawn]).sum()
                         for side, told in ((one, -1), (other, -2))])  # fmt: skip
        f1 = [2 * true / (true + 50 + 150 - rejected) for true, rejected in zip(*hits, strict=True)]
        deltas.append(f1[1] - f1[0])
    known, args = meant("f1", {})
    samples = Sample(labels, one, None), Sample(labels, other, None)
    drawn_from = drawn_with_unseen(
        (prepared(known.name, args, samples[0]), prepared(known.name, args, samples[1])), samples
    )
    assert drawn_from is not None
    values = resampled(*drawn_from, "seed")
    assert ends(values[:, 1] - values[:, 0]) == pytest.approx(tuple(np.quantile(deltas, [0.025, 0.975])), abs=0.0051)


def test_what_is_not_seen_makes_no_harm_less_certain() -> None:
    """The test is of the examples that there are."""
    labels = np.arange(100) % 2 == 0
    lost = np.isin(np.arange(100), [2, 8, 30, 44, 50, 62, 71, 99])
    found = compare("f1", {}, Sample(labels, labels, None), Sample(labels, labels ^ lost, None), "seed")
    assert found.below < 0.025
    assert found.upper < 0


@pytest.mark.parametrize(("type", "size"), [("neg_log_loss", 399), ("expected_calibration_error", 60)])
def test_too_few_that_are_answered_alike_tell_nothing(type: str, size: int) -> None:
    sample = BINARY.take(np.arange(size) % BINARY.size)
    with pytest.raises(TooFew, match=f"{size} examples hardly tell the two models apart: an interval takes 400"):
        compare(type, {}, sample, sample, "seed", resamples=200)


def test_many_that_are_answered_alike_tell_enough() -> None:
    sample = FORECAST.take(np.arange(400) % FORECAST.size)
    assert _ends("mae", sample, sample) == (0, 0)
    with pytest.raises(TooFew):
        _ends("mae", sample.take(slice(0, 399)), sample.take(slice(0, 399)))
    few = sample._replace(prediction=np.asarray(sample.prediction) + (np.arange(400) < 2)).take(slice(0, 399))
    with pytest.raises(TooFew):
        _ends("mae", sample.take(slice(0, 399)), few)


def test_the_worst_example_has_no_interval() -> None:
    worse = FORECAST._replace(prediction=np.asarray(FORECAST.prediction) * 2)
    for type in ("max_error", "neg_max_error"):
        with pytest.raises(Unscorable, match="worst example alone") as raised:
            compare(type, {}, FORECAST, worse, "seed")
        assert not isinstance(raised.value, TooFew)
    with pytest.raises(Unscorable, match="worst example alone"):
        interval("max_error", {}, FORECAST, "seed")


def pair_of_scores(random: Any, positives: int, negatives: int, area: float, drop: float) -> tuple[Sample, Sample]:
    labels = np.arange(positives + negatives) < positives
    shared = random.normal(size=len(labels))
    scores = [
        2**0.5 * norm.ppf(each) * labels + 0.9 * shared + 0.19**0.5 * random.normal(size=len(labels))
        for each in (area, area - drop)
    ]
    return Sample(labels, None, scores[0]), Sample(labels, None, scores[1])


@pytest.mark.parametrize(
    ("positives", "negatives", "area", "limit"),
    [(20, 20, 0.999, 0.01), (20, 100, 0.999, 0.005), (50, 50, 0.995, 0.01), (100, 100, 0.97, 0.02)],
)
def test_an_area_at_the_limit_near_1_is_rarely_within(
    positives: int, negatives: int, area: float, limit: float
) -> None:
    random, passed = np.random.default_rng(17), 0
    for _ in range(200):
        found = compare("roc_auc", {}, *pair_of_scores(random, positives, negatives, area, limit), "seed")
        passed += -found.lower < limit
    assert passed <= 10


def test_decisions_at_the_limit_are_rarely_within() -> None:
    """Of 40 examples, of which the candidate alone takes 2 in 100 wrong: 45 in 100 samples have none such."""
    random, passed = np.random.default_rng(18), 0
    labels = np.arange(40) % 2 == 0
    for number in range(60):
        worse = Sample(labels, labels ^ (random.random(40) < 0.02), None)
        found = compare("f1", {}, Sample(labels, labels, None), worse, f"{number}", resamples=400)
        passed += -found.lower < 0.02
    assert passed <= 3


def _ends(type: str, deployed: Sample, candidate: Sample) -> tuple[float, float]:
    found = compare(type, {}, deployed, candidate, "seed")
    return found.lower, found.upper

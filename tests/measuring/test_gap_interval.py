"""The interval of a gap: against formulas for two groups, and by what it promises for many."""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest

from snitch.measuring.fairness import Grouping, Kind, rates_of, widest
from snitch.measuring.gap_interval import interval_of_metric, interval_of_rates
from snitch.measuring.sample import Sample
from snitch.measuring.unscorable import TooFew


def selected(*groups: tuple[int, int]) -> tuple[Sample, Grouping]:
    """Groups by how many are selected of how many; every other example is positive."""
    positions = np.repeat(np.arange(len(groups)), [number for _, number in groups])
    decided = np.concatenate([np.arange(number) < chosen for chosen, number in groups])
    labels = np.arange(len(positions)) % 2 == 0
    return Sample(labels, decided, None), Grouping(tuple(f"g{at}" for at in range(len(groups))), positions)


def interval(
    kind: Kind, sample: Sample, groups: Grouping, measure: str = "demographic_parity", seed: str = "x"
) -> tuple[float, float]:
    return interval_of_rates(kind, rates_of(measure, {}, sample, groups), {}, sample, groups, seed)


def test_two_groups_as_the_formula() -> None:
    lower, upper = interval("difference", *selected((400, 1000), (250, 1000)))
    half = 1.96 * sqrt(0.4 * 0.6 / 1000 + 0.25 * 0.75 / 1000)
    assert lower == pytest.approx(0.15 - half, abs=0.004)
    assert upper == pytest.approx(0.15 + half, abs=0.004)


def test_a_ratio_of_two_groups_as_the_formula() -> None:
    """Katz et al., 1978: the logarithm of a ratio of shares is about normal."""
    lower, upper = interval("ratio", *selected((400, 1000), (250, 1000)))
    half = 1.96 * sqrt(0.6 / 400 + 0.75 / 250)
    assert lower == pytest.approx(exp(log(0.25 / 0.4) - half), rel=0.02)
    assert upper == pytest.approx(exp(log(0.25 / 0.4) + half), rel=0.02)


def test_what_was_always_so_is_not_certain() -> None:
    """One of one is selected here and none of one there: that says next to nothing."""
    lower, upper = interval("difference", *selected((1, 1), (0, 1)))
    assert lower == 0 and upper > 0.9
    lower, _ = interval("difference", *selected((30, 30), (0, 30)))
    assert 0.7 < lower < 1


def test_of_many_equal_groups_two_always_lie_apart() -> None:
    draws = np.random.default_rng(0)
    sure = 0
    for seed in range(40):
        sample, groups = selected(*((int(draws.binomial(100, 0.5)), 100) for _ in range(10)))
        assert widest("difference", rates_of("demographic_parity", {}, sample, groups), groups).value > 0.05
        sure += interval("difference", sample, groups, seed=str(seed))[0] > 0.05
    assert sure <= 2


def test_at_the_limit_few_are_taken_to_be_beyond() -> None:
    """One side of a 95 % interval errs in one of 40."""
    draws = np.random.default_rng(1)
    beyond = 0
    for seed in range(200):
        sample, groups = selected((int(draws.binomial(300, 0.5)), 300), (int(draws.binomial(300, 0.4)), 300))
        beyond += interval("difference", sample, groups, seed=str(seed))[0] > 0.1
    assert beyond <= 12  # of 200 at 2.5 %, more come up in 3 of 1,000 tries


def test_what_belongs_together_counts_once() -> None:
    """Every household of four has four times the same answer: the interval is twice as wide."""
    sample, groups = selected((400, 1000), (250, 1000))
    assert sample.prediction is not None
    alone = interval("difference", sample, groups)
    households = sample._replace(
        labels=sample.labels.repeat(4), prediction=sample.prediction.repeat(4), group=np.arange(2000).repeat(4)
    )
    four = Grouping(groups.names, groups.positions.repeat(4))
    together = interval("difference", households, four)
    apart = interval("difference", households._replace(group=None), four)
    assert np.subtract(*together) == pytest.approx(np.subtract(*alone), rel=0.05)
    assert np.subtract(*together) == pytest.approx(2 * np.subtract(*apart), rel=0.05)


def test_households_across_groups() -> None:
    """Two people of a household, one of each group, with the same answer: no difference is ever seen."""
    decided = np.random.default_rng(2).random(500) < 0.5
    groups = Grouping(("a", "b"), np.tile([0, 1], 500))
    sample = Sample(np.arange(1000) % 4 < 2, decided.repeat(2), None, (), np.arange(500).repeat(2))
    assert (
        interval("difference", sample, groups)[1]
        < 0.02
        < interval("difference", sample._replace(group=None), groups)[1]
    )


def test_the_worse_of_two_rates() -> None:
    sample, groups = selected((400, 1000), (250, 1000))
    assert interval("difference", sample, groups, "equalized_odds")[0] < interval("difference", sample, groups)[0]


def test_the_same_again() -> None:
    sample, groups = selected((40, 100), (20, 100))
    assert interval("difference", sample, groups) == interval("difference", sample, groups)
    assert interval("difference", sample, groups) != interval("difference", sample, groups, seed="y")
    order = np.random.default_rng(3).permutation(sample.size)
    mixed = Grouping(groups.names, groups.positions[order])
    assert interval("difference", sample.take(order), mixed) == interval("difference", sample, groups)


def errors(**more: Any) -> tuple[Sample, Grouping]:
    draws = np.random.default_rng(4)
    positions = np.repeat([0, 1], [400, 300])
    off = draws.exponential(np.where(positions, 2.0, 1.5))
    return Sample(np.zeros(700), off, None, **more), Grouping(("a", "b"), positions)


def of_errors(kind: Kind, sample: Sample, groups: Grouping) -> tuple[float, float]:
    [rate] = rates_of("mean_absolute_error", {}, sample, groups)
    return interval_of_metric(kind, rate, {}, sample, groups, "x")


def test_any_metric_as_the_formula() -> None:
    sample, groups = errors()
    assert sample.prediction is not None
    first, second = (np.abs(sample.prediction[groups.positions == at]) for at in (0, 1))
    half = 1.96 * sqrt(first.var() / len(first) + second.var() / len(second))
    lower, upper = of_errors("difference", sample, groups)
    apart = abs(first.mean() - second.mean())
    assert [lower, upper] == pytest.approx([apart - half, apart + half], abs=0.03)
    spread = 1.96 * sqrt(first.var() / len(first) / first.mean() ** 2 + second.var() / len(second) / second.mean() ** 2)
    lower, upper = of_errors("ratio", sample, groups)
    ratio = first.mean() / second.mean()
    assert [lower, upper] == pytest.approx([ratio * exp(-spread), min(ratio * exp(spread), 1)], abs=0.02)


def test_any_metric_by_households() -> None:
    """Every household of two has twice the same error: the interval is as wide as that of half as many."""
    sample, groups = errors()
    assert sample.prediction is not None
    alone = of_errors("difference", sample, groups)
    twice = Sample(np.zeros(1400), sample.prediction.repeat(2), None, (), np.arange(700).repeat(2))
    together = of_errors("difference", twice, Grouping(groups.names, groups.positions.repeat(2)))
    assert np.subtract(*together) == pytest.approx(np.subtract(*alone), rel=0.1)


def test_a_metric_that_too_few_examples_tell_of() -> None:
    labels = np.array([True] + [False] * 49 + [True] * 25 + [False] * 25)
    sample = Sample(labels, None, np.linspace(0, 1, 100), (), np.arange(100))
    groups = Grouping(("a", "b"), np.repeat([0, 1], 50))
    [rate] = rates_of("roc_auc", {}, sample, groups)
    with pytest.raises(TooFew):
        interval_of_metric("difference", rate, {}, sample, groups, "x")


def test_a_ratio_to_nothing() -> None:
    """Where resamples have no ratio, it may be any."""
    sample, groups = errors()
    assert sample.prediction is not None
    perfect = Sample(sample.labels, np.where(groups.positions == 0, 0, sample.prediction), None)
    assert widest("ratio", rates_of("mean_absolute_error", {}, perfect, groups), groups).value == 0
    assert of_errors("ratio", perfect, groups) == (0, 1)

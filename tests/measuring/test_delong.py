"""DeLong's method, held against the definition by pairs, SciPy, scikit-learn and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from snitch.measuring.delong import area, difference


def by_pairs(labels: NDArray[np.bool_], *scores: NDArray[np.float64]) -> tuple[list[float], NDArray[np.float64]]:
    """DeLong, DeLong and Clarke-Pearson's own definition: every positive beside every negative."""
    tens, ones = [], []
    for each in scores:
        kernel = np.subtract.outer(each[labels], each[~labels])
        kernel = np.where(kernel > 0, 1.0, np.where(kernel == 0, 0.5, 0.0))
        tens.append(kernel.mean(axis=1))
        ones.append(kernel.mean(axis=0))
    covariance = np.cov(tens) / labels.sum() + np.cov(ones) / (~labels).sum()
    return [float(each.mean()) for each in tens], np.atleast_2d(covariance)


@pytest.mark.parametrize(("size", "share", "digits"), [(200, 0.5, 8), (300, 0.1, 1), (500, 0.3, 0), (60, 0.8, 2)])
def test_every_pair_gives_the_same(size: int, share: float, digits: int) -> None:
    random = np.random.default_rng(size)
    labels = random.random(size) < share
    one = (random.normal(size=size) + labels).round(digits)
    other = (one + random.normal(size=size)).round(digits)
    values, covariance = by_pairs(labels, one, other)
    first, second = area(labels, one), area(labels, other)
    assert (first.value, second.value) == pytest.approx(values)
    assert first.value == pytest.approx(roc_auc_score(labels, one))
    assert first.variance == pytest.approx(covariance[0, 0])
    assert first.components[labels].mean() == pytest.approx(first.value)
    assert first.components[~labels].mean() == pytest.approx(first.value)
    delta, error = difference(first, second)
    assert delta == pytest.approx(values[0] - values[1])
    assert error**2 == pytest.approx(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])


def test_the_order_of_the_rows_changes_nothing() -> None:
    random = np.random.default_rng(1)
    labels, scores = random.random(400) < 0.4, random.normal(size=400).round(1)
    shuffled = random.permutation(400)
    first, second = area(labels, scores), area(labels[shuffled], scores[shuffled])
    assert first.value == second.value
    assert np.array_equal(first.components[shuffled], second.components)


def test_a_perfect_model_and_its_opposite() -> None:
    labels = np.repeat([True, False], 15)
    perfect, opposite = area(labels, labels * 1.0), area(labels, ~labels * 1.0)
    assert (perfect.value, opposite.value) == (1.0, 0.0)
    assert difference(opposite, perfect) == (-1.0, 0.0)


def test_the_variance_is_that_of_repeated_samples() -> None:
    random = np.random.default_rng(5)
    values, variances = [], []
    for _ in range(400):
        labels = np.arange(150) < 60
        scores = random.normal(size=150) + labels
        found = area(labels, scores)
        values.append(found.value)
        variances.append(found.variance)
    assert np.mean(variances) == pytest.approx(np.var(values, ddof=1), rel=0.15)

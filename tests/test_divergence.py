"""PSI and Jensen-Shannon distance: held against SciPy, against values worked out by hand, and against what they are."""

from __future__ import annotations

from math import inf, log, nan, nextafter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from snitch.divergence import jensen_shannon_distance, population_stability_index, status

COUNTS = st.lists(st.tuples(st.integers(0, 2**53), st.integers(0, 2**53)), min_size=1, max_size=20)


@given(COUNTS)
def test_they_are_what_they_should_be(pairs: list[tuple[int, int]]) -> None:
    one, other = [p for p, _ in pairs], [q for _, q in pairs]
    assume(sum(one) and sum(other))
    distance, index = jensen_shannon_distance(one, other), population_stability_index(one, other)
    assert 0 <= distance <= 1
    assert index >= 0
    assert distance == pytest.approx(jensen_shannon_distance(other, one))
    assert index == pytest.approx(population_stability_index(other, one))
    assert jensen_shannon_distance(one, one) == 0 == population_stability_index(one, one)
    expected = jensenshannon(np.array(one, float), np.array(other, float), base=2)
    assert distance == pytest.approx(0 if np.isnan(expected) else expected, abs=1e-6)


def test_nothing_in_common() -> None:
    assert jensen_shannon_distance([5, 0], [0, 7]) == 1


def test_by_hand() -> None:
    expected, actual = [10.5 / 31, 20.5 / 31], [15.5 / 31, 15.5 / 31]
    index = sum((a - e) * log(a / e) for e, a in zip(expected, actual, strict=True))
    assert population_stability_index([10, 20], [15, 15]) == pytest.approx(index)


@pytest.mark.parametrize("measure", [jensen_shannon_distance, population_stability_index])
@pytest.mark.parametrize(("one", "other"), [([1], [1, 2]), ([0, 0], [1, 2]), ([1, 2], [0, 0]), ([], [])])
def test_what_is_no_pair_of_distributions(measure: object, one: list[int], other: list[int]) -> None:
    with pytest.raises(ValueError):
        measure(one, other)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("index", "called"),
    [
        (0, "STABLE"),
        (nextafter(0.1, 0), "STABLE"),
        (0.1, "MODERATE DRIFT"),
        (0.25, "MODERATE DRIFT"),
        (nextafter(0.25, 1), "HIGH DRIFT"),
        (inf, "HIGH DRIFT"),
    ],
)
def test_what_an_index_is_called(index: float, called: str) -> None:
    assert status(index) == called


def test_no_number_is_stable() -> None:
    with pytest.raises(ValueError):
        status(nan)

"""Quantiles of what passes by in batches, against NumPy's of the whole."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.measuring.quantiles import Quantiles, counts_between

BINS = 10


def edges_of(values: np.ndarray, parts: int = 1, least_rows: int = 1) -> tuple[float, ...]:
    quantiles = Quantiles(BINS, least_rows)
    for part in np.array_split(values, parts):
        quantiles.look(part)
    quantiles.narrow()
    for part in np.array_split(values, max(1, parts - 1)):
        quantiles.look(part)
    return quantiles.edges()


DRAWS = np.random.default_rng(11)
DISTRIBUTIONS = {
    "normal": DRAWS.normal(size=5000),
    "heavy tails": DRAWS.standard_cauchy(size=5000),
    "tiny": DRAWS.normal(size=5000) * 1e-200,
    "negative": -DRAWS.gamma(2, size=5000),
    "of many scales": 10 ** DRAWS.uniform(-300, 300, size=5000),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_they_are_numpy_s_to_one_part_in_a_million(name: str) -> None:
    values = DISTRIBUTIONS[name]
    exact = np.quantile(values, np.arange(1, BINS) / BINS, method="inverted_cdf")
    np.testing.assert_allclose(edges_of(values), exact, rtol=2**-20)


def test_of_whole_numbers_they_are_exact() -> None:
    ages = DRAWS.integers(18, 91, 5000).astype(float)
    exact = np.quantile(ages, np.arange(1, BINS) / BINS, method="inverted_cdf")
    assert edges_of(ages) == tuple(exact)


def test_they_are_short() -> None:
    assert edges_of(np.round(DRAWS.random(5000), 2))[0] in (0.09, 0.1, 0.11)


NUMBERS = st.one_of(st.floats(), st.integers(-5, 5).map(float), st.sampled_from([0.0, -0.0, inf, -inf, nan, 5e-324]))


@pytest.mark.parametrize("value", [-1.7976913371709786e308, -1.7976931348623157e308, 1.7976931348623157e308])
def test_the_largest_numbers_have_edges(value: float) -> None:
    edges = edges_of(np.array([value]))
    assert edges[-1] == value and all(map(isfinite, edges)) and all(low < high for low, high in pairwise(edges))


@given(st.lists(NUMBERS, max_size=60), st.integers(1, 7), st.randoms(use_true_random=False))
def test_neither_order_nor_batches_play_a_part(values: list[float], parts: int, random: object) -> None:
    whole = np.array(values, dtype=float)
    mixed = list(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    edges = edges_of(whole)
    assert edges == edges_of(np.array(mixed, dtype=float), parts)
    assert all(map(isfinite, edges)) and all(low < high for low, high in pairwise(edges))


@given(st.lists(NUMBERS, max_size=60), st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_every_number_is_in_one_bin(values: list[float], edges: list[float]) -> None:
    rising = tuple(sorted(set(edges)))
    counts = counts_between(rising, np.array(values, dtype=float))
    bounds = [-inf, *rising, inf]
    for count, (low, high) in zip(counts, pairwise(bounds), strict=True):
        inside = [each for each in values if low < each <= high or (each == -inf == low)]
        assert count == len(inside)


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([], ()),
        ([nan, inf], ()),
        ([7.0] * 20, (6.0, 7.0)),
        ([0.25] * 20, (0.2498, 0.25)),
        ([0.0] * 15 + [1.0] * 5, (-1.0, 0.0, 1.0)),
        ([0.0] * 50 + list(range(1, 51)), (-1.0, 0.0, 10.0, 20.0, 30.0, 40.0)),
    ],
)
def test_what_many_rows_share_has_a_bin_of_its_own(values: list[float], edges: tuple[float, ...]) -> None:
    assert edges_of(np.array(values, dtype=float)) == edges


@pytest.mark.parametrize("rows", [0, 1, 9])
def test_of_few_rows_nothing_is_told(rows: int) -> None:
    assert edges_of(np.arange(rows, dtype=float), least_rows=10) == ()
    assert edges_of(np.full(rows, 3.0), least_rows=10) == ()


def test_no_bin_is_of_fewer_rows_than_it_may_be() -> None:
    values = DRAWS.normal(size=47)
    assert min(counts_between(edges_of(values, least_rows=10), values)) >= 10

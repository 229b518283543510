"""The three-valued rule by itself: what passes, what fails, what is not decided, and how many examples would decide."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from snitch.drop import ALPHA, Drop, Mode, holm, refuse_no_margin
from snitch.measuring.tango import interval


def drop(amount: str, limit: str = "0.01", **more: Any) -> Drop:
    known = {"worst": 0.02, "p": 0.3, "raw": 0.3, "error": 0.005, "examples": 1000, **more}
    return Drop(Decimal(amount), Decimal(limit), **known)


@pytest.mark.parametrize(
    ("found", "tolerant", "non_inferior"),
    [
        (drop("0.005"), "pass", "inconclusive"),
        (drop("0.01"), "pass", "inconclusive"),
        (drop("0.005", worst=0.0099), "pass", "pass"),
        (drop("0.005", worst=0.01), "pass", "inconclusive"),
        (drop("-0.05", worst=-0.02, p=1.0), "pass", "pass"),
        (drop("0.012"), "inconclusive", "inconclusive"),
        (drop("0.012", p=0.0249), "fail", "fail"),
        (drop("0.012", p=0.025), "inconclusive", "inconclusive"),
        # Certain, and certainly within the limit.
        (drop("0.008", p=0.0001, worst=0.009), "pass", "pass"),
        (drop("0", "0", p=1.0, worst=0.0, error=0.0), "pass", "inconclusive"),
        (drop("0.012", p=float("nan")), "inconclusive", "inconclusive"),
        (drop("0.005", worst=float("nan")), "pass", "inconclusive"),
        (drop("0.005", worst=float("inf")), "pass", "inconclusive"),
    ],
)
def test_outcomes(found: Drop, tolerant: str, non_inferior: str) -> None:
    assert (found.outcome("tolerant"), found.outcome("non_inferior")) == (tolerant, non_inferior)


@given(st.floats(-0.1, 0.1), st.floats(1e-6, 0.05), st.floats(-0.1, 0.2), st.floats(0, 1))
@settings(deadline=None)
def test_what_is_asked_for_more_certainly_never_passes_more(
    amount: float, limit: float, worst: float, p: float
) -> None:
    found = drop(repr(amount), repr(limit), worst=worst, p=p)
    if found.outcome("non_inferior") == "pass":
        assert found.outcome("tolerant") == "pass"
    assert (found.outcome("tolerant") == "pass") == (Decimal(repr(amount)) <= Decimal(repr(limit)))
    assert (found.outcome("tolerant") == "fail") == (found.outcome("non_inferior") == "fail")


def test_as_many_examples_as_are_said_decide() -> None:
    """With so many, a drop just beyond the limit is just significant."""
    found = drop("0.012", error=0.008)
    needed = found.deciding("tolerant")
    assert needed is not None
    error = 0.008 * sqrt(1000 / needed)
    assert 0.01 / error == pytest.approx(1.96, abs=0.01)
    # Non-inferior: the interval of this drop would end at the limit.
    found = drop("0.004", error=0.008)
    needed = found.deciding("non_inferior")
    assert needed is not None
    assert 0.004 + 1.96 * 0.008 * sqrt(1000 / needed) == pytest.approx(0.01, abs=1e-4)


@pytest.mark.parametrize("limit", ["0.01", "0.002"])
def test_where_no_example_differs_so_many_that_agree_would_decide(limit: str) -> None:
    """By Tango's interval, whose end falls with their number."""
    needed = drop("0", limit, error=0.0, worst=interval(200, 0, 0)[1], examples=200).deciding("non_inferior")
    assert needed is not None
    assert interval(needed, 0, 0)[1] == pytest.approx(float(limit), rel=0.03)


def test_with_a_limit_of_zero_the_drop_itself_would_be_significant() -> None:
    needed = drop("0.004", "0", error=0.008).deciding("tolerant")
    assert needed is not None
    assert 0.004 / (0.008 * sqrt(1000 / needed)) == pytest.approx(1.96, abs=0.01)


def test_among_other_slices_it_takes_more() -> None:
    one, several = drop("0.012"), drop("0.012", p=0.6, raw=0.06)
    assert one.deciding("tolerant") < several.deciding("tolerant")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("found", "mode"),
    [
        (drop("0.012", error=0.0), "tolerant"),
        (drop("0.012", error=float("nan")), "tolerant"),
        (drop("0.012", error=1e9), "tolerant"),
        (drop("0.01"), "non_inferior"),
    ],
)
def test_sometimes_no_number_would_decide(found: Drop, mode: Mode) -> None:
    assert found.deciding(mode) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(deadline=None, max_examples=25)
def test_holm_is_statsmodels(p_values: list[float]) -> None:
    expected = multipletests(p_values, ALPHA, method="holm")[1]
    assert holm(p_values) == pytest.approx(list(np.minimum(expected, 1)))


def test_holm_of_none_and_of_one() -> None:
    assert holm([]) == []
    assert holm([0.02]) == [0.02]


@pytest.mark.parametrize("limit", [0.0, "0%", "0.0 %"])
def test_nobody_can_be_shown_to_be_no_worse_at_all(limit: Any) -> None:
    with pytest.raises(ValueError, match="takes a limit above 0"):
        refuse_no_margin("non_inferior", limit, {})
    refuse_no_margin("tolerant", limit, {})

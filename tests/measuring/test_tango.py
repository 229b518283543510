"""Tango's interval and test, held against the score equation solved by brute force and against published numbers."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar

from snitch.measuring import tango


def score_by_likelihood(difference: float, pairs: int, gained: int, lost: int) -> float:
    """The score with the nuisance parameter found by maximising the likelihood, not by Tango's formula."""

    def unlikelihood(share: float) -> float:
        gains, same = share + difference, 1 - 2 * share - difference
        found = 0.0
        for count, probability in ((gained, gains), (lost, share), (pairs - gained - lost, same)):
            found -= count * log(max(probability, 1e-300)) if count else 0.0
        return found

    low, high = max(0.0, -difference), (1 - difference) / 2
    best = optimize.minimize_scalar(unlikelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-12})
    share = float(best.x)
    return (gained - lost - pairs * difference) / sqrt(pairs * (2 * share + difference * (1 - difference)))


def test_published_intervals() -> None:
    """Airway hyper-responsiveness before and after a transplant: Fagerland, Lydersen, Laake (2014), table IV."""
    assert tango.interval(21, 1, 7) == pytest.approx((-0.517, -0.026), abs=5e-4)


@pytest.mark.parametrize(
    ("pairs", "gained", "lost"), [(21, 1, 7), (100, 12, 5), (500, 30, 30), (4120, 3, 40), (60, 8, 25), (200, 1, 1)]
)
def test_the_ends_are_just_significantly_away(pairs: int, gained: int, lost: int) -> None:
    lower, upper = tango.interval(pairs, gained, lost)
    z = stats.norm.ppf(0.975)
    assert score_by_likelihood(lower, pairs, gained, lost) == pytest.approx(z, abs=1e-4)
    assert score_by_likelihood(upper, pairs, gained, lost) == pytest.approx(-z, abs=1e-4)
    assert lower < (gained - lost) / pairs < upper


@given(st.integers(1, 400), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_any_counts_give_an_interval_around_the_difference(pairs: int, changed: float, share: float) -> None:
    differing = round(changed * pairs)
    gained = round(share * differing)
    lost = differing - gained
    lower, upper = tango.interval(pairs, gained, lost)
    assert -1 <= lower <= (gained - lost) / pairs + 1e-12
    assert (gained - lost) / pairs - 1e-12 <= upper <= 1
    mirrored = tango.interval(pairs, lost, gained)
    assert mirrored == pytest.approx((-upper, -lower), abs=1e-9)
    below, above = tango.p_values(gained, lost)
    assert tango.p_values(lost, gained) == (above, below)
    # The interval and the test are of one statistic.
    if abs(lower) > 1e-9 and abs(upper) > 1e-9:
        assert (upper < 0) == (below < 0.025)
        assert (lower > 0) == (above < 0.025)


def test_nothing_that_differs_is_no_evidence_but_no_certainty() -> None:
    z2 = stats.norm.ppf(0.975) ** 2
    lower, upper = tango.interval(50, 0, 0)
    assert (lower, upper) == pytest.approx((-z2 / (50 + z2), z2 / (50 + z2)))
    assert tango.p_values(0, 0) == (1.0, 1.0)


def test_every_pair_the_other_way() -> None:
    lower, upper = tango.interval(30, 0, 30)
    assert lower == pytest.approx(-1, abs=1e-9)
    assert -1 < upper < -0.7


def test_at_zero_the_test_is_mcnemars() -> None:
    expected = mcnemar(np.array([[0, 31], [14, 0]]), exact=False, correction=False).pvalue
    below, above = tango.p_values(14, 31)
    assert 2 * min(below, above) == pytest.approx(expected)
    assert below < above

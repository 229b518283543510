"""Numbers that count as one computed twice."""

from __future__ import annotations

import numpy as np

from snitch.measuring.tolerance import disagreeing


def test_rounding_is_no_difference() -> None:
    scores = np.array([0.0, 1e-12, 0.25, 0.5, 1.0])
    assert not disagreeing(scores, scores + 1e-10).any()
    assert not disagreeing(scores * 1e6, scores * 1e6 * (1 + 1e-7)).any()
    assert not disagreeing(np.empty(0), np.empty(0)).any()


def test_what_differs_is_told_row_by_row() -> None:
    assert disagreeing(np.array([0.25, 0.5]), np.array([0.25, 0.50001])).tolist() == [False, True]


def test_one_huge_score_excuses_no_other() -> None:
    given = np.array([1e12, 0.1, 0.2, 0.3, 0.4])
    forged = np.array([1e12, 0.4, 0.3, 0.2, 0.1])
    assert disagreeing(given, forged).tolist() == [False, True, True, True, True]


def test_near_zero_the_size_of_a_column_counts() -> None:
    totals = np.array([0.0, 2e6, 3e6, 4e6])
    assert not disagreeing(totals, totals + 1e-4).any()

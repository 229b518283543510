"""What a threshold makes of scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snitch.measuring.decisions import contrary, decided
from snitch.measuring.sample import Sample


def sample(score: list[float], prediction: list[bool]) -> Sample:
    return Sample(np.zeros(len(score), dtype=bool), np.array(prediction, dtype=bool), np.array(score))


def test_a_score_that_is_the_threshold_reaches_it() -> None:
    assert decided(np.array([0.3, 0.4, 0.5]), 0.4).tolist() == [False, True, True]


def test_single_precision_is_compared_as_metrics_compare_it() -> None:
    """0.42 in single precision lies below 0.42."""
    assert decided(np.array([0.42], dtype=np.float32), 0.42).tolist() == [False]


def test_those_that_are_decided_otherwise() -> None:
    assert contrary(sample([0.1, 0.4, 0.9], [True, False, True]), 0.4).tolist() == [True, True, False]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), st.booleans()), min_size=1, max_size=12))
def test_without_a_threshold_the_nearest_one_is_taken(rows: list[tuple[float, bool]]) -> None:
    score, prediction = [each for each, _ in rows], [each for _, each in rows]
    thresholds = [*score, np.inf]
    fewest = min(sum((s >= t) != p for s, p in rows) for t in thresholds)
    assert contrary(sample(score, prediction), None).sum() == fewest


def test_of_one_threshold_only() -> None:
    """Whoever decides the reverse has no threshold."""
    assert contrary(sample([0.1, 0.2, 0.3], [True, True, False]), None).sum() == 1


@pytest.mark.parametrize("score", [None, np.array([0.5])])
def test_it_takes_both(score: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match="both"):
        contrary(Sample(np.array([True]), None, score), 0.4)

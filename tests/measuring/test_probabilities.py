"""Scores that are no probabilities, and thresholds that are."""

from __future__ import annotations

import numpy as np
import pytest

from snitch.formats.benchmark import RequestedMetric
from snitch.formats.manifest import Column
from snitch.measuring.probabilities import doubt, thresholds_of, told_range

OUTSIDE = np.array([-1.25, 0.5, 2.99])
SCORE, LABEL = Column(name="score", type="double"), Column(name="label", type="long")


def test_the_range_of_what_is_no_probability_is_told() -> None:
    assert told_range(OUTSIDE) == "from -1.25 to 2.99"
    assert told_range(np.array([[0.2, 0.8], [1.5, -0.5]])) == "from -0.5 to 1.5"


@pytest.mark.parametrize("score", [None, np.array([]), np.array([0.0, 1.0]), np.array([1.0000001, -1e-8], np.float32)])
def test_what_may_be_probabilities_is_not_told(score: np.ndarray | None) -> None:
    assert told_range(score) == ""


@pytest.mark.parametrize(("threshold", "is_open"), [(0.42, True), (0.0, False), (1.0, False), (1.5, False)])
def test_a_threshold_between_0_and_1_is_one_of_probabilities(threshold: float, is_open: bool) -> None:
    assert bool(doubt(OUTSIDE, [None, threshold], ())) == is_open
    assert doubt(np.array([0.1, 0.9]), [threshold], ()) == ""


def test_the_signature_may_say_that_they_are_none() -> None:
    assert doubt(OUTSIDE, [0.42], [SCORE]) == doubt(OUTSIDE, [0.42], [LABEL, SCORE]) == ""
    told = "the threshold 0.42 is one of probabilities, and the scores are none: they reach from -1.25 to 2.99"
    assert doubt(OUTSIDE, [0.42], [LABEL]) == told


def test_the_thresholds_of_metrics() -> None:
    asked = [RequestedMetric("roc_auc"), RequestedMetric("recall", {"threshold": 0.3}), RequestedMetric("f1", {})]
    assert thresholds_of(asked) == [0.3]
    assert doubt(OUTSIDE, [True, "0.5", None], ()) == ""

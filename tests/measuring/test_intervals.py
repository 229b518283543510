"""Confidence intervals of one model, held against statsmodels and SciPy, and by how often they cover the truth."""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from snitch.measuring.delong import area
from snitch.measuring.intervals import interval, wilson
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import Unscorable, score
from snitch.measuring.unscorable import TooFew
from tests.measuring.samples import BINARY, FORECAST, LABELS, MULTICLASS, SCORES, N


@pytest.mark.parametrize(("successes", "size"), [(0, 20), (1, 20), (13, 20), (20, 20), (412, 4120)])
def test_wilson(successes: int, size: int) -> None:
    assert wilson(successes, size) == pytest.approx(proportion_confint(successes, size, method="wilson"), abs=1e-12)


@pytest.mark.parametrize(
    ("type", "args", "successes", "size"),
    [
        ("accuracy", {}, int(((SCORES >= 0.5) == LABELS).sum()), N),
        ("recall", {"threshold": 0.4}, int((SCORES[LABELS] >= 0.4).sum()), int(LABELS.sum())),
        ("precision", {"threshold": 0.4}, int(LABELS[SCORES >= 0.4].sum()), int((SCORES >= 0.4).sum())),
        ("false_positive_rate", {}, int((SCORES[~LABELS] >= 0.5).sum()), int((~LABELS).sum())),
        ("zero_one_loss", {}, int(((SCORES >= 0.5) != LABELS).sum()), N),
    ],
)
def test_proportions(type: str, args: dict[str, Any], successes: int, size: int) -> None:
    expected = proportion_confint(successes, size, method="wilson")
    assert interval(type, args, BINARY, "seed") == pytest.approx(expected)


def test_the_area_on_the_scale_of_its_logit() -> None:
    found = area(LABELS, SCORES)
    middle, deviation = log(found.value / (1 - found.value)), sqrt(found.variance) / found.value / (1 - found.value)
    ends = [1 / (1 + exp(-stats.norm.ppf(level, middle, deviation))) for level in (0.025, 0.975)]
    assert interval("roc_auc", {}, BINARY, "seed") == pytest.approx(tuple(ends))
    assert interval("gini", {}, BINARY, "seed") == pytest.approx(tuple(2 * end - 1 for end in ends))


@pytest.mark.parametrize(
    ("type", "sample"),
    [
        ("f1", BINARY), ("average_precision", BINARY), ("neg_log_loss", BINARY), ("log_loss", BINARY),
        ("mae", FORECAST), ("r2", FORECAST), ("neg_root_mean_squared_error", FORECAST),
        ("f1_macro", MULTICLASS), ("roc_auc_ovr", MULTICLASS), ("expected_calibration_error", BINARY),
    ],
)  # fmt: skip
def test_the_value_lies_within(type: str, sample: Sample) -> None:
    lower, upper = interval(type, {}, sample, "seed")
    assert lower < score(type, {}, sample) < upper
    assert interval(type, {}, sample, "seed") == (lower, upper)


def test_a_mean_has_the_interval_of_a_mean() -> None:
    losses = np.abs(FORECAST.labels - FORECAST.prediction)
    expected = stats.norm.interval(0.95, losses.mean(), losses.std(ddof=1) / sqrt(N))
    width = expected[1] - expected[0]
    assert interval("mae", {}, FORECAST, "seed") == pytest.approx(expected, abs=0.06 * width)


def test_groups_widen_it() -> None:
    twice = BINARY.take(np.repeat(np.arange(N), 2))
    lower, upper = interval("accuracy", {}, twice._replace(group=np.repeat(np.arange(N), 2)), "seed")
    once = interval("accuracy", {}, BINARY, "seed")
    assert upper - lower == pytest.approx(once[1] - once[0], rel=0.1)


@pytest.mark.parametrize(
    ("type", "sample", "error"),
    [
        ("roc_auc", Sample(LABELS, LABELS, LABELS.astype(np.float64)), TooFew),
        ("f1", Sample(LABELS, LABELS, None), TooFew),
        ("average_precision", Sample(LABELS, LABELS, LABELS.astype(np.float64)), TooFew),
        ("roc_auc", BINARY.take(LABELS), Unscorable),
        ("roc_auc", BINARY.take(slice(0, 15)), TooFew),
        ("mae", FORECAST.take(slice(0, 5)), TooFew),
        ("f1", BINARY.take(slice(0, 0)), Unscorable),
        ("bleu", BINARY, Unscorable),
    ],
)
def test_what_has_none_says_why(type: str, sample: Sample, error: type[Unscorable]) -> None:
    with pytest.raises(error):
        interval(type, {}, sample, "seed")

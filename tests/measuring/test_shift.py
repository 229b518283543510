"""How far answers lie from other answers: held against SciPy, and against counting by hand."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon

from snitch.measuring.sample import Sample
from snitch.measuring.shift import BINS, counts_by_bin, shift
from snitch.measuring.tables import Unusable

DRAWS = np.random.default_rng(0)
BEFORE, AFTER = DRAWS.beta(2, 5, 1000), DRAWS.beta(2.5, 4, 1000)
LABELS = DRAWS.random(1000) < 0.3


def binary(score: Any, threshold: float = 0.4) -> Sample:
    return Sample(LABELS, score >= threshold, score)


def test_scores_as_scipy_and_by_hand() -> None:
    result = shift(binary(AFTER), binary(BEFORE), "10%")
    [found] = result.distributions
    # Of 1,000 values that all differ, each decile holds 100.
    edges = np.sort(BEFORE)[99:-1:100]
    before, after = (
        pd.cut(pd.Series(each), [-np.inf, *edges, np.inf]).value_counts(sort=False).to_numpy()
        for each in (BEFORE, AFTER)
    )
    assert before.tolist() == [100] * BINS
    e, a = ((counts + 0.5) / (1000 + BINS / 2) for counts in (before, after))
    assert found.output == "score"
    assert found.psi == pytest.approx(sum((a - e) * np.log(a / e)))
    assert found.distance == pytest.approx(jensenshannon(before, after, base=2))
    assert result.changed == pytest.approx(((BEFORE >= 0.4) != (AFTER >= 0.4)).mean())


def test_the_same_answers() -> None:
    result = shift(binary(BEFORE), binary(BEFORE), "10%")
    assert [(each.psi, each.distance) for each in result.distributions] == [(0, 0)]
    assert result.changed == 0


def test_another_threshold_flips_decisions_and_moves_no_score() -> None:
    result = shift(binary(BEFORE, 0.5), binary(BEFORE), "10%")
    assert result.distributions[0].psi == 0
    assert result.changed == pytest.approx(((BEFORE >= 0.4) & (BEFORE < 0.5)).mean())


@pytest.mark.parametrize("other", [0.5 - 1e-9, 0.5 + 1e-9, 0.7])
def test_one_value_alone(other: float) -> None:
    """A model that always says the same, and one that always says something else: nothing is in common."""
    [found] = shift(binary(np.full(1000, other)), binary(np.full(1000, 0.5)), "10%").distributions
    assert found.distance == 1 and found.psi > 1


def test_a_value_that_many_have() -> None:
    """Half are 0 and keep being so; half of those move a little: that is not lost in one bin with them."""
    before = np.concatenate([np.zeros(500), np.linspace(0.1, 1, 500)])
    after = np.concatenate([np.zeros(250), np.full(250, -0.001), before[500:]])
    expected, actual = counts_by_bin(before, after)
    assert expected[:2].tolist() == [0, 500]
    assert actual[:2].tolist() == [250, 250]
    assert expected[2:].tolist() == actual[2:].tolist() == [100] * 5


def test_decisions_where_there_are_no_scores() -> None:
    ours, theirs = (binary(each)._replace(score=None) for each in (AFTER, BEFORE))
    [found] = shift(ours, theirs, "10%").distributions
    shares = [[(each < 0.4).sum() + 0.5, (each >= 0.4).sum() + 0.5] for each in (BEFORE, AFTER)]
    expected = sum((a - e) / 1001 * log(a / e) for e, a in zip(*shares, strict=True))
    assert found.output == "decisions" and found.psi == pytest.approx(expected)


def test_classes() -> None:
    labels, classes = np.arange(900) % 3, ("a", "b", "c")
    score = np.random.default_rng(1).dirichlet([1, 1, 1], 900)
    theirs = Sample(labels, score.argmax(axis=1), score, classes)
    turned = score[:, [1, 0, 2]]
    result = shift(Sample(labels, turned.argmax(axis=1), turned, classes), theirs, "10%")
    assert [each.output for each in result.distributions] == ["score_a", "score_b", "score_c"]
    assert result.distributions[2].psi == 0
    assert result.changed == pytest.approx((score.argmax(axis=1) != 2).mean())
    beyond = np.full(900, 3)
    [found] = shift(Sample(labels, beyond, None, classes), theirs._replace(score=None), "10%").distributions
    assert found.distance == 1


@pytest.mark.parametrize(("moved_by", "expected"), [("10%", 0.25), ("50 %", 0), (9.0, 0.5), (10.0, 0.0), (0.0, 0.75)])
def test_numbers(moved_by: float | str, expected: float) -> None:
    theirs = np.array([100.0, 10, 50, -200])
    ours = np.array([100.0, 9.5, 60, -190])
    result = shift(Sample(theirs, ours, None), Sample(theirs, theirs, None), moved_by)
    assert result.distributions[0].output == "prediction"
    assert result.changed == expected


def test_several_targets() -> None:
    theirs = np.column_stack([BEFORE, BEFORE])
    ours = np.column_stack([BEFORE, BEFORE + np.where(np.arange(1000) < 100, 1, 0)])
    result = shift(Sample(theirs, ours, None), Sample(theirs, theirs, None), 0.5)
    assert [each.output for each in result.distributions] == ["prediction 1", "prediction 2"]
    assert result.distributions[0].psi == 0 < result.distributions[1].psi
    assert result.changed == 0.1


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (binary(BEFORE), binary(BEFORE).take(slice(10))),
        (binary(BEFORE)._replace(prediction=None), binary(BEFORE)._replace(score=None)),
        (Sample(BEFORE, None, BEFORE), Sample(BEFORE, BEFORE, None)),
        (Sample(BEFORE, np.column_stack([BEFORE, BEFORE]), None), Sample(BEFORE, BEFORE, None)),
        (binary(BEFORE)._replace(classes=("a",)), binary(BEFORE)),
    ],
)
def test_what_cannot_be_compared(ours: Sample, theirs: Sample) -> None:
    with pytest.raises(Unusable):
        shift(ours, theirs, "10%")


def test_scores_alone() -> None:
    result = shift(binary(AFTER)._replace(prediction=None), binary(BEFORE), "10%")
    assert result.distributions[0].output == "score" and result.changed is None
    ranked = shift(Sample(BEFORE, None, AFTER), Sample(BEFORE, None, BEFORE), "10%")
    assert ranked.distributions[0].output == "score" and ranked.changed is None

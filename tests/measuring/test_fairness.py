"""Gaps between groups, held against fairlearn."""

from __future__ import annotations

from typing import Any

import fairlearn.metrics
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, mean_absolute_error, precision_score, recall_score, roc_auc_score

from snitch.measuring.fairness import MAX_GROUPS, Kind, grouping_of, parted, rates_of, widest
from snitch.measuring.ids import canonical
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import Unscorable
from snitch.measuring.tables import Unusable

KINDS: tuple[Kind, ...] = ("difference", "ratio")


@pytest.fixture(scope="module")
def tumours() -> tuple[Sample, np.ndarray[Any, Any]]:
    """A real model's answers on real data, and whether each tumour is rough, middling or smooth."""
    features, benign = load_breast_cancer(return_X_y=True)
    model = LogisticRegression(max_iter=50).fit(features[::3, :2], benign[::3])
    score = model.predict_proba(features[:, :2])[:, 1]
    bands = np.digitize(features[:, 4], [0.09, 0.105]).astype(str).astype(object)
    return Sample(benign == 1, score >= 0.5, score), bands


def gap(kind: Kind, measure: str, sample: Sample, groups: Any, args: dict[str, Any] | None = None) -> Any:
    grouping, _ = grouping_of(np.asarray(groups, dtype=object), 1)
    return widest(kind, rates_of(measure, args or {}, sample, grouping), grouping)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measure", ["demographic_parity", "equalized_odds", "equal_opportunity"])
def test_as_fairlearn(measure: str, kind: Kind, tumours: tuple[Sample, Any]) -> None:
    sample, groups = tumours
    theirs = getattr(fairlearn.metrics, f"{measure}_{kind}")
    expected = theirs(sample.labels, sample.prediction, sensitive_features=groups)
    assert gap(kind, measure, sample, groups).value == pytest.approx(expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("measure", "theirs"),
    [
        ("selection_rate", fairlearn.metrics.selection_rate),
        ("true_positive_rate", fairlearn.metrics.true_positive_rate),
        ("false_positive_rate", fairlearn.metrics.false_positive_rate),
        ("true_negative_rate", fairlearn.metrics.true_negative_rate),
        ("specificity", fairlearn.metrics.true_negative_rate),
        ("false_negative_rate", fairlearn.metrics.false_negative_rate),
        ("accuracy", accuracy_score),
        ("precision", precision_score),
        ("recall", recall_score),
    ],
)
def test_rates_and_metrics_as_a_metric_frame(
    measure: str, theirs: Any, kind: Kind, tumours: tuple[Sample, Any]
) -> None:
    sample, groups = tumours
    frame = fairlearn.metrics.MetricFrame(
        metrics=theirs, y_true=sample.labels, y_pred=sample.prediction, sensitive_features=groups
    )
    found = gap(kind, measure, sample, groups)
    assert found.value == pytest.approx(getattr(frame, kind)())
    by_group = frame.by_group.to_dict()
    assert found.high.value == pytest.approx(max(by_group.values())) == pytest.approx(by_group[found.high.name])
    assert found.low.value == pytest.approx(min(by_group.values())) == pytest.approx(by_group[found.low.name])
    assert found.low.rows == (groups == found.low.name).sum()


@pytest.mark.parametrize("kind", KINDS)
def test_a_metric_of_scores(kind: Kind, tumours: tuple[Sample, Any]) -> None:
    sample, groups = tumours
    frame = fairlearn.metrics.MetricFrame(
        metrics=roc_auc_score, y_true=sample.labels, y_pred=sample.score, sensitive_features=groups
    )
    assert gap(kind, "roc_auc", sample, groups).value == pytest.approx(getattr(frame, kind)())


@pytest.mark.parametrize("kind", KINDS)
def test_regression(kind: Kind) -> None:
    features, progression = load_diabetes(return_X_y=True)
    prediction = LinearRegression().fit(features[::2], progression[::2]).predict(features)
    sex = np.where(features[:, 1] > 0, "f", "m")
    frame = fairlearn.metrics.MetricFrame(
        metrics=mean_absolute_error, y_true=progression, y_pred=prediction, sensitive_features=sex
    )
    found = gap(kind, "mean_absolute_error", Sample(progression, prediction, None), sex)
    assert found.value == pytest.approx(getattr(frame, kind)())


def test_a_threshold_makes_decisions_of_scores(tumours: tuple[Sample, Any]) -> None:
    sample, groups = tumours
    assert sample.score is not None
    frame = fairlearn.metrics.MetricFrame(
        metrics=recall_score, y_true=sample.labels, y_pred=sample.score >= 0.8, sensitive_features=groups
    )
    found = gap("difference", "recall", sample._replace(prediction=None), groups, {"threshold": 0.8})
    assert found.value == pytest.approx(frame.difference())


TWO = np.array(["a", "a", "b", "b"], dtype=object)
YES, NO = np.ones(4, bool), np.zeros(4, bool)
MIXED = np.array([True, False, True, False])


@pytest.mark.parametrize(
    ("kind", "measure", "sample", "reason"),
    [
        ("difference", "equal_opportunity", Sample(np.array([True, True, False, False]), YES, None), "defined for b"),
        ("difference", "demographic_parity", Sample(MIXED, None, np.ones(4)), "hold no decisions"),
        ("difference", "demographic_parity", Sample(np.ones(4), np.ones(4), None), "binary classification"),
        ("difference", "bleu", Sample(MIXED, YES, None), "no metric that can be computed"),
        ("difference", "roc_auc", Sample(YES, YES, np.ones(4)), "not defined here"),
        ("ratio", "demographic_parity", Sample(MIXED, NO, None), "no ratio"),
        ("ratio", "r2", Sample(np.arange(4.0), np.array([9.0, 9, 2, 3]), None), "no ratio"),
    ],
)
def test_what_has_no_gap(kind: Kind, measure: str, sample: Sample, reason: str) -> None:
    with pytest.raises(Unscorable, match=reason):
        gap(kind, measure, sample, TWO)


def test_equal_rates_are_no_gap() -> None:
    """1/3 and 2/6, 0.1 + 0.2 and 0.3: no gap is made of rounding."""
    groups = np.array(["a"] * 30 + ["b"] * 60, dtype=object)
    chosen = np.concatenate([np.arange(30) < 10, np.arange(60) < 20])
    assert gap("difference", "demographic_parity", Sample(chosen, chosen, None), groups).value == 0
    assert gap("ratio", "demographic_parity", Sample(chosen, chosen, None), groups).value == 1


def test_groups() -> None:
    values = np.array([canonical(None), "b", "a", "b", "a", "c"], dtype=object)
    groups, small = grouping_of(values, 2)
    assert groups.names == ("a", "b")
    assert groups.positions.tolist() == [-1, 1, 0, 1, 0, -1]
    assert groups.sizes.tolist() == [2, 2]
    assert small == {"null": 1, "c": 1}


def test_too_many_groups() -> None:
    values = np.repeat([str(number) for number in range(MAX_GROUPS + 1)], 2).astype(object)
    with pytest.raises(Unusable, match="51 groups"):
        grouping_of(values, 2)
    groups, small = grouping_of(values, 3)
    assert not groups.names and (groups.positions == -1).all() and len(small) == 51


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("recall_difference", ("recall", "difference")),
        ("equalized_odds_ratio", ("equalized_odds", "ratio")),
        ("positive_likelihood_ratio_difference", ("positive_likelihood_ratio", "difference")),
        ("recall", None),
        ("_ratio", None),
    ],
)
def test_names(name: str, expected: object) -> None:
    assert parted(name) == expected

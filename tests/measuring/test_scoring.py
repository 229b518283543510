"""Metrics computed from samples, held against scikit-learn, SciPy and counts made by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

from snitch.measuring.sample import Sample
from snitch.measuring.scoring import Unscorable, score
from snitch.metric_catalogue import KNOWN
from snitch.metrics import is_scorable, meaning
from tests.measuring.samples import (
    BINARY,
    FORECAST,
    LABELS,
    MULTICLASS,
    NUMBERS,
    POSITIONS,
    PROBABILITIES,
    QUERIES,
    RANKED,
    SCORES,
    TWO,
    N,
)


@pytest.mark.parametrize("type", sorted(KNOWN))
def test_every_metric_of_the_catalogue_is_scored_or_said_to_be_none(type: str) -> None:
    known = meaning(type)
    assert known is not None
    args: dict[str, Any] = {"k": 3} if known.name.endswith("_at_k") or known.name == "hit_rate" else {}
    args = {**args, "beta": 2.0} if known.name == "fbeta_score" else args
    values = []
    for sample in (BINARY, MULTICLASS, FORECAST, RANKED):
        try:
            values.append(score(type, args, sample))
        except Unscorable as unscorable:
            assert unscorable.reason
    assert bool(values) == is_scorable(type)
    assert all(KNOWN[type].admits(value) for value in values)


@pytest.mark.parametrize(
    ("type", "args", "expected"),
    [
        ("accuracy", {}, metrics.accuracy_score(LABELS, SCORES >= 0.5)),
        ("accuracy", {"threshold": 0.3}, metrics.accuracy_score(LABELS, SCORES >= 0.3)),
        ("accuracy", {"normalize": False}, metrics.accuracy_score(LABELS, SCORES >= 0.5, normalize=False)),
        ("recall", {"threshold": 0.42}, metrics.recall_score(LABELS, SCORES >= 0.42)),
        ("sensitivity", {}, metrics.recall_score(LABELS, SCORES >= 0.5)),
        ("recall", {"pos_label": "stays"}, metrics.recall_score(LABELS, SCORES >= 0.5, pos_label=False)),
        ("precision", {"pos_label": "leaves"}, metrics.precision_score(LABELS, SCORES >= 0.5)),
        ("specificity", {}, metrics.recall_score(LABELS, SCORES >= 0.5, pos_label=False)),
        ("specificity", {"pos_label": "stays"}, metrics.recall_score(LABELS, SCORES >= 0.5)),
        ("false_positive_rate", {}, 1 - metrics.recall_score(LABELS, SCORES >= 0.5, pos_label=False)),
        ("false_negative_rate", {"threshold": 0.7}, 1 - metrics.recall_score(LABELS, SCORES >= 0.7)),
        ("f1_macro", {}, metrics.f1_score(LABELS, SCORES >= 0.5, average="macro")),
        ("precision", {"labels": ["stays"], "average": "macro"},
         metrics.precision_score(LABELS, SCORES >= 0.5, pos_label=False)),
        ("positive_likelihood_ratio", {}, metrics.class_likelihood_ratios(LABELS, SCORES >= 0.5)[0]),
        ("neg_negative_likelihood_ratio", {}, -metrics.class_likelihood_ratios(LABELS, SCORES >= 0.5)[1]),
        ("roc_auc", {}, metrics.roc_auc_score(LABELS, SCORES)),
        ("roc_auc", {"max_fpr": 0.2}, metrics.roc_auc_score(LABELS, SCORES, max_fpr=0.2)),
        ("gini", {}, 2 * metrics.roc_auc_score(LABELS, SCORES) - 1),
        ("pr_auc", {}, metrics.average_precision_score(LABELS, SCORES)),
        ("average_precision", {"pos_label": "stays"}, metrics.average_precision_score(~LABELS, 1 - SCORES)),
        ("neg_brier_score", {}, -metrics.brier_score_loss(LABELS, SCORES)),
        ("brier_score_loss", {"pos_label": "stays"}, metrics.brier_score_loss(LABELS, SCORES)),
        ("neg_log_loss", {}, -metrics.log_loss(LABELS, SCORES)),
        ("kolmogorov_smirnov", {}, stats.ks_2samp(SCORES[LABELS], SCORES[~LABELS], alternative="less").statistic),
    ],
)  # fmt: skip
def test_two_classes(type: str, args: dict[str, Any], expected: float) -> None:
    assert score(type, args, BINARY) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("type", "args", "expected"),
    [
        ("accuracy", {}, metrics.accuracy_score(POSITIONS, MULTICLASS.prediction)),
        ("f1_weighted", {}, metrics.f1_score(POSITIONS, MULTICLASS.prediction, average="weighted")),
        ("recall", {"labels": ["bee"], "average": "macro"},
         metrics.recall_score(POSITIONS == 1, MULTICLASS.prediction == 1)),
        ("specificity", {"pos_label": "cat"},
         metrics.recall_score(POSITIONS != 2, np.asarray(MULTICLASS.prediction) != 2)),
        ("roc_auc_ovr", {}, metrics.roc_auc_score(POSITIONS, PROBABILITIES, multi_class="ovr")),
        ("roc_auc_ovo_weighted", {},
         metrics.roc_auc_score(POSITIONS, PROBABILITIES, multi_class="ovo", average="weighted")),
        ("log_loss", {"labels": ["ant", "bee", "cat"]}, metrics.log_loss(POSITIONS, PROBABILITIES)),
        ("top_k_accuracy", {"k": 2}, metrics.top_k_accuracy_score(POSITIONS, PROBABILITIES, k=2)),
        ("matthews_corrcoef", {}, metrics.matthews_corrcoef(POSITIONS, MULTICLASS.prediction)),
    ],
)  # fmt: skip
def test_several_classes(type: str, args: dict[str, Any], expected: float) -> None:
    assert score(type, args, MULTICLASS) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("type", ["log_loss", "d2_log_loss_score", "roc_auc_ovr", "expected_calibration_error"])
def test_probabilities_in_single_precision_are_probabilities(type: str) -> None:
    """As XGBoost, LightGBM and ONNX give them: their sums are one within single precision, and no closer."""
    single = MULTICLASS._replace(score=PROBABILITIES.astype(np.float32).astype(np.float64))
    assert np.abs(np.asarray(single.score).sum(axis=1) - 1).max() > np.sqrt(np.finfo(np.float64).eps)
    assert score(type, {}, single) == pytest.approx(score(type, {}, MULTICLASS), rel=1e-6)


def test_what_does_not_sum_up_to_one_is_no_probability() -> None:
    with pytest.raises(Unscorable, match="sum to one"):
        score("log_loss", {}, MULTICLASS._replace(score=PROBABILITIES * 0.99))


@pytest.mark.parametrize(
    ("type", "args", "expected"),
    [
        ("mae", {}, metrics.mean_absolute_error(NUMBERS, FORECAST.prediction)),
        ("rmse", {}, metrics.root_mean_squared_error(NUMBERS, FORECAST.prediction)),
        ("neg_mean_squared_log_error", {}, -metrics.mean_squared_log_error(NUMBERS, FORECAST.prediction)),
        ("mean_pinball_loss", {"alpha": 0.9}, metrics.mean_pinball_loss(NUMBERS, FORECAST.prediction, alpha=0.9)),
        ("r2", {}, metrics.r2_score(NUMBERS, FORECAST.prediction)),
        ("smape", {}, sum(2 * abs(y - p) / (abs(y) + abs(p))
                          for y, p in zip(NUMBERS, np.asarray(FORECAST.prediction), strict=True)) / N),
    ],
)  # fmt: skip
def test_numbers(type: str, args: dict[str, Any], expected: float) -> None:
    assert score(type, args, FORECAST) == pytest.approx(expected, rel=1e-12)


def test_several_targets() -> None:
    assert score("mae", {}, TWO) == pytest.approx(metrics.mean_absolute_error(TWO.labels, TWO.prediction))
    weighted = metrics.r2_score(TWO.labels, TWO.prediction, multioutput=[0.8, 0.2])
    assert score("r2", {"multioutput": [0.8, 0.2]}, TWO) == pytest.approx(weighted)
    with pytest.raises(Unscorable):
        score("mae", {"multioutput": "raw_values"}, TWO)


def test_two_zeros_are_no_error() -> None:
    assert score("smape", {}, Sample(np.array([0.0, 1.0]), np.array([0.0, 3.0]), None)) == 0.5


@pytest.mark.parametrize("bins", [1, 7, 10])
def test_expected_calibration_error(bins: int) -> None:
    true, predicted = calibration_curve(LABELS, SCORES, n_bins=bins)
    counts = np.histogram(SCORES, bins=np.linspace(0, 1, bins + 1))[0]
    edges = np.linspace(0, 1, bins + 1)
    held = np.bincount(np.searchsorted(edges[1:-1], SCORES), minlength=bins)
    assert counts.sum() == held.sum() == N
    expected = (np.abs(true - predicted) * held[held > 0]).sum() / N
    assert score("expected_calibration_error", {"n_bins": bins}, BINARY) == pytest.approx(expected)


def test_expected_calibration_error_by_hand() -> None:
    sample = Sample(np.array([True, False, True, True]), None, np.array([0.9, 0.8, 0.3, 0.2]))
    # 0.2 and 0.3 foretell 0.25 and all come true; 0.8 and 0.9 foretell 0.85 and half do.
    assert score("expected_calibration_error", {"n_bins": 2}, sample) == pytest.approx((0.75 + 0.35) / 2)
    quantiles = score("expected_calibration_error", {"n_bins": 2, "strategy": "quantile"}, sample)
    assert quantiles == pytest.approx((0.75 + 0.35) / 2)


def test_rankings_are_averaged_over_queries() -> None:
    scores = RANKED.score
    assert scores is not None
    each = [RANKED.labels[query == QUERIES] for query in np.unique(QUERIES)]
    given = [scores[query == QUERIES] for query in np.unique(QUERIES)]
    pairs = [(labels[None, :], values[None, :]) for labels, values in zip(each, given, strict=True)]
    expected = np.mean([metrics.ndcg_score(*pair, k=5) for pair in pairs])
    assert score("ndcg", {"k": 5}, RANKED) == pytest.approx(expected)
    assert score("ndcg_at_k", {"k": 5}, RANKED) == pytest.approx(expected)
    assert score("mean_average_precision", {}, RANKED) == pytest.approx(
        np.mean([metrics.average_precision_score(labels[0] > 0, values[0]) for labels, values in pairs])
    )
    assert score("label_ranking_loss", {}, RANKED) == pytest.approx(
        np.mean([metrics.label_ranking_loss(labels > 0, values) for labels, values in pairs])
    )


def test_rankings_by_hand() -> None:
    # Two queries: relevant at places 2 and 3 of three; relevant at place 1 of two.
    labels, scores = np.array([0.0, 2.0, 1.0, 1.0, 0.0]), np.array([0.9, 0.5, 0.1, 0.7, 0.6])
    sample = Sample(labels, None, scores, group=np.array([0, 0, 0, 1, 1]))
    assert score("mrr", {}, sample) == pytest.approx((1 / 2 + 1) / 2)
    assert score("hit_rate", {"k": 1}, sample) == pytest.approx(1 / 2)
    assert score("precision_at_k", {"k": 2}, sample) == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert score("recall_at_k", {"k": 2}, sample) == pytest.approx((1 / 2 + 1) / 2)
    assert score("mean_average_precision", {"k": 2}, sample) == pytest.approx((1 / 2 / 2 + 1) / 2)


def test_a_tie_is_no_merit_in_a_ranking() -> None:
    sample = Sample(np.array([1.0, 0.0, 0.0]), None, np.zeros(3))
    assert score("mrr", {}, sample) == pytest.approx(1 / 3)
    assert score("hit_rate", {"k": 2}, sample) == 0


ONLY_NEGATIVE = BINARY.take(~LABELS)


@pytest.mark.parametrize(
    ("type", "args", "sample", "reason"),
    [
        ("profit", {}, BINARY, "no metric that can be computed"),
        ("bleu", {}, BINARY, "no metric that can be computed"),
        ("f1_samples", {}, BINARY, "no metric that can be computed"),
        ("accuracy", {"sample_weight": [1] * N}, BINARY, "takes no argument `sample_weight`"),
        ("roc_auc", {}, ONLY_NEGATIVE, "not defined here"),
        ("average_precision", {}, ONLY_NEGATIVE, "not defined here"),
        ("kolmogorov_smirnov", {}, ONLY_NEGATIVE, "not defined here"),
        ("false_negative_rate", {}, ONLY_NEGATIVE, "no example is positive"),
        ("specificity", {}, BINARY.take(LABELS), "no example is negative"),
        ("recall", {}, ONLY_NEGATIVE, "ill-defined"),
        ("precision", {"threshold": 2}, BINARY, "ill-defined"),
        ("positive_likelihood_ratio", {"threshold": 2}, BINARY, "divided by zero"),
        ("accuracy", {}, BINARY.take(slice(0, 0)), "no example"),
        ("accuracy", {}, BINARY._replace(prediction=None), "only scores"),
        ("roc_auc", {}, BINARY._replace(score=None), "have none"),
        ("log_loss", {}, BINARY._replace(score=SCORES * 3), "outside 0 to 1"),
        ("brier_score", {}, BINARY._replace(score=SCORES - 0.5), "outside 0 to 1"),
        ("expected_calibration_error", {"n_bins": 0}, BINARY, "n_bins"),
        ("expected_calibration_error", {"n_bins": 10**9}, BINARY, "n_bins"),
        ("recall", {"pos_label": "maybe"}, BINARY, "`maybe`, which no example has"),
        ("recall", {"threshold": math.nan}, BINARY, "no finite number"),
        ("recall", {"threshold": "0.4"}, BINARY, "no finite number"),
        ("recall", {"threshold": 0.4}, MULTICLASS, "scores of two classes"),
        ("recall", {"pos_label": "ant"}, MULTICLASS, "`labels` and `average`"),
        ("specificity", {}, MULTICLASS, "`pos_label` says which"),
        ("specificity", {"pos_label": [1, 2]}, FORECAST, "the labels are numbers"),
        ("roc_auc_ovo", {"average": None}, MULTICLASS, "not implemented"),
        ("recall", {}, MULTICLASS, "multiclass"),
        ("recall", {"labels": ["dog"], "average": "macro"}, MULTICLASS, "`dog`, which no example has"),
        ("roc_auc", {}, MULTICLASS, "multi_class"),
        ("mae", {}, BINARY, "the labels are classes"),
        ("roc_auc", {}, FORECAST._replace(score=NUMBERS), "the labels are numbers"),
        ("mean_gamma_deviance", {}, FORECAST._replace(prediction=-NUMBERS), "not defined here"),
        ("r2", {}, FORECAST.take(slice(0, 1)), "not defined here"),
        ("fbeta", {"beta": -1}, BINARY, "not defined here"),
        ("hit_rate", {}, RANKED, "a whole number `k`"),
        ("precision_at_k", {"k": 0}, RANKED, "a whole number `k`"),
    ],
)  # fmt: skip
def test_what_has_no_value_says_why(type: str, args: dict[str, Any], sample: Sample, reason: str) -> None:
    with pytest.raises(Unscorable, match=reason):
        score(type, args, sample)


def test_what_the_benchmark_gives_a_value_has_it() -> None:
    assert score("recall", {"zero_division": 0}, ONLY_NEGATIVE) == 0
    assert score("precision", {"zero_division": 1.0, "threshold": 2}, BINARY) == 1
    assert score("positive_likelihood_ratio", {"threshold": 2, "replace_undefined_by": 1.0}, BINARY) == 1

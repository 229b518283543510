"""What a resample's metric is, computed from sums and runs, held against the metric of the resample itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from snitch.measuring.answers import prepared
from snitch.measuring.contributions import sums_of
from snitch.measuring.drawing import drawn_from
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import Unscorable, meant, score
from snitch.measuring.weighted import Area, Mean, Ranked, Resampled, Sums
from tests.measuring.samples import BINARY, FORECAST, MULTICLASS, TWO, N

CASES: list[tuple[str, dict[str, Any], Sample, type]] = [
    ("accuracy", {}, BINARY, Sums),
    ("zero_one_loss", {}, MULTICLASS, Sums),
    ("hamming_loss", {}, BINARY, Sums),
    ("recall", {"threshold": 0.4}, BINARY, Sums),
    ("recall", {"pos_label": "stays"}, BINARY, Sums),
    ("precision", {}, BINARY, Sums),
    ("specificity", {}, BINARY, Sums),
    ("false_positive_rate", {}, BINARY, Sums),
    ("false_negative_rate", {}, BINARY, Sums),
    ("specificity", {"pos_label": "bee"}, MULTICLASS, Sums),
    ("f1", {}, BINARY, Sums),
    ("fbeta", {"beta": 0.5}, BINARY, Sums),
    ("jaccard", {}, BINARY, Sums),
    ("f1_macro", {}, MULTICLASS, Sums),
    ("f1_weighted", {}, MULTICLASS, Sums),
    ("precision_micro", {}, MULTICLASS, Sums),
    ("recall_macro", {}, BINARY, Sums),
    ("jaccard_macro", {}, MULTICLASS, Sums),
    ("balanced_accuracy", {}, MULTICLASS, Sums),
    ("matthews_corrcoef", {}, MULTICLASS, Sums),
    ("cohen_kappa", {}, BINARY, Sums),
    ("brier_score", {}, BINARY, Sums),
    ("log_loss", {}, BINARY, Sums),
    ("log_loss", {}, MULTICLASS, Sums),
    ("mae", {}, FORECAST, Sums),
    ("mae", {}, TWO, Sums),
    ("mse", {}, TWO, Sums),
    ("rmse", {}, FORECAST, Sums),
    ("mean_squared_log_error", {}, FORECAST, Sums),
    ("root_mean_squared_log_error", {}, FORECAST, Sums),
    ("mape", {}, FORECAST, Sums),
    ("smape", {}, FORECAST, Sums),
    ("mean_pinball_loss", {"alpha": 0.8}, FORECAST, Sums),
    ("mean_poisson_deviance", {}, FORECAST, Sums),
    ("mean_gamma_deviance", {}, FORECAST, Sums),
    ("r2", {}, FORECAST, Sums),
    ("roc_auc", {}, BINARY, Area),
    ("gini", {}, BINARY, Area),
    ("average_precision", {}, BINARY, Ranked),
    ("average_precision", {"pos_label": "stays"}, BINARY, Ranked),
    ("kolmogorov_smirnov", {}, BINARY, Ranked),
    ("rmse", {}, TWO, Resampled),
    ("roc_auc", {"max_fpr": 0.3}, BINARY, Resampled),
    ("roc_auc_ovr", {}, MULTICLASS, Mean),
    ("roc_auc_ovo", {}, MULTICLASS, Resampled),
    ("roc_auc_ovr_weighted", {}, MULTICLASS, Resampled),
    ("accuracy", {"normalize": False}, BINARY, Resampled),
    ("median_absolute_error", {}, FORECAST, Resampled),
    ("expected_calibration_error", {}, BINARY, Resampled),
    ("recall", {"labels": ["ant"], "average": "macro"}, MULTICLASS, Resampled),
    ("cohen_kappa", {"weights": "linear"}, MULTICLASS, Resampled),
]


@pytest.mark.parametrize(("type", "args", "sample", "kind"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_a_resample_has_the_metric_of_its_rows(type: str, args: dict[str, Any], sample: Sample, kind: type) -> None:
    known, given = meant(type, args)
    side = prepared(known.name, given, sample)
    weighted = sums_of(side) or Resampled(known.name, given, sample)
    assert isinstance(weighted, kind)
    random = np.random.default_rng(11)
    drawn = random.integers(0, N, (3, N))
    weights = np.stack([np.arange(N) * 0 + 1, *(np.bincount(rows, minlength=N) for rows in drawn)])
    expected = [score(type, args, sample), *(score(type, args, sample.take(rows)) for rows in drawn)]
    assert weighted.values(weights).tolist() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("type", "args", "sample"),
    [
        ("precision", {"threshold": 0.9}, BINARY),
        ("roc_auc", {}, BINARY),
        ("average_precision", {}, BINARY),
        ("recall_macro", {}, MULTICLASS),
        ("balanced_accuracy", {}, MULTICLASS),
        ("r2", {}, FORECAST),
        ("matthews_corrcoef", {}, BINARY),
    ],
)
def test_a_resample_of_few_rows_has_the_metric_or_none(type: str, args: dict[str, Any], sample: Sample) -> None:
    known, given = meant(type, args)
    weighted = sums_of(prepared(known.name, given, sample))
    assert weighted is not None
    random = np.random.default_rng(2)
    for size in (1, 2, 2, 2, 3, 5, 5, 5, 5, 9):
        rows = random.integers(0, N, size)
        [value] = weighted.values(np.bincount(rows, minlength=N)[None, :])
        try:
            expected = score(type, args, sample.take(rows))
        except Unscorable:
            expected = np.nan
        assert value == pytest.approx(expected, nan_ok=True)


def test_alike_examples_are_drawn_as_one() -> None:
    known, given = meant("f1", {})
    side = prepared(known.name, given, BINARY)
    (weighted,), layout = drawn_from([side], [BINARY], given)
    assert layout.examples is not None
    assert len(layout.strata) == 4
    assert layout.examples.sum() == N
    assert weighted.values(layout.examples[None, :]) == pytest.approx(score("f1", {}, BINARY))


def test_groups_are_drawn_whole() -> None:
    grouped = BINARY._replace(group=np.arange(N) // 3)
    for type in ("f1_macro", "brier_score", "roc_auc"):
        known, given = meant(type, {})
        (weighted,), layout = drawn_from([prepared(known.name, given, grouped)], [grouped], given)
        weights = np.random.default_rng(0).integers(0, 3, (1, len(layout.strata)))
        assert weights.shape[1] == N // 3
        expected = score(type, {}, grouped.take(np.repeat(np.arange(N), np.repeat(weights[0], 3))))
        drawn = weights if layout.group is None else weights[:, layout.group]
        assert weighted.values(drawn) == pytest.approx(expected * (-1 if known.negated else 1))

"""The catalogue is held against the installed scikit-learn: names, signs, signatures, and ranges on random data."""

from __future__ import annotations

import inspect
import math
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import get_scorer, get_scorer_names

from snitch.metric_catalogue import KNOWN, Metric
from snitch.metrics import identity, is_of_numbers, metric, nearest

# Public functions of sklearn.metrics that return no single number, or that measure no prediction.
NO_METRIC = {
    "check_scoring",
    "class_likelihood_ratios",
    "classification_report",
    "confusion_matrix",
    "confusion_matrix_at_thresholds",
    "det_curve",
    "euclidean_distances",
    "get_scorer",
    "get_scorer_names",
    "homogeneity_completeness_v_measure",
    "make_scorer",
    "metric_at_thresholds",
    "multilabel_confusion_matrix",
    "nan_euclidean_distances",
    "pair_confusion_matrix",
    "pairwise_distances",
    "pairwise_distances_argmin",
    "pairwise_distances_argmin_min",
    "pairwise_distances_chunked",
    "pairwise_kernels",
    "precision_recall_curve",
    "precision_recall_fscore_support",
    "roc_curve",
    "silhouette_samples",
}

# What is measured, as opposed to how: arrays, and what scikit-learn is about to remove.
DATA = {
    *("y_true", "y_pred", "y_score", "y_proba", "pred_decision", "labels_true", "labels_pred", "y1", "y2"),
    *("X", "a", "b", "x", "y", "sample_weight", "contingency", "kwds"),
}
#: Where `labels` is the clustering to be scored and not the list of classes.
CLUSTERED = {"silhouette_score", "calinski_harabasz_score", "davies_bouldin_score"}


def functions() -> dict[str, Callable[..., float]]:
    public = {name: getattr(sklearn.metrics, name) for name in sklearn.metrics.__all__}
    return {name: value for name, value in public.items() if inspect.isfunction(value) and name not in NO_METRIC}


FUNCTIONS = functions()


def parameters(name: str, function: Callable[..., float]) -> set[str]:
    return set(inspect.signature(function).parameters) - DATA - ({"labels"} if name in CLUSTERED else set())


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_and_each_of_its_parameters_is_known(name: str) -> None:
    known = metric(name)
    assert known is not None
    assert parameters(name, FUNCTIONS[name]) <= known.arguments


@pytest.mark.skipif(
    tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9), reason="older releases lack some of the parameters"
)
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_argument_is_invented_but_the_threshold(name: str) -> None:
    assert KNOWN[name].arguments - {"threshold"} <= parameters(name, FUNCTIONS[name])


def bounds(known: Metric) -> list[float]:
    return [
        -math.inf if known.minimum is None else known.minimum,
        math.inf if known.maximum is None else known.maximum,
    ]


@pytest.mark.parametrize("name", get_scorer_names())
def test_every_scorer_is_known_in_its_own_direction(name: str) -> None:
    known, scorer = metric(name), get_scorer(name)
    assert known is not None
    assert known.greater_is_better, "scikit-learn's convention: a greater score is a better one"
    function = metric(scorer._score_func.__name__)
    assert function is not None
    assert function.greater_is_better == (scorer._sign == 1)
    assert bounds(known) == sorted(scorer._sign * bound for bound in bounds(function))
    fixed = set(scorer._kwargs)
    assert known.arguments == function.arguments - (fixed if "_" in name else set())


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_range_is_a_range_and_admits_its_best(name: str) -> None:
    known = KNOWN[name]
    assert known.minimum is None or known.maximum is None or known.minimum < known.maximum
    assert known.best is None or known.admits(known.best)


# How to call each function: `predictions(rng, quality)` gives the arguments, where quality 1 is perfect and 0 is noise.
Case = Callable[[np.random.Generator, float], tuple[Any, ...]]
ROWS = 60


def classes(rng: np.random.Generator, quality: float, *, count: int = 2) -> tuple[Any, ...]:
    true = np.arange(ROWS) % count
    right = rng.random(ROWS) < quality
    return true, np.where(right, true, rng.integers(0, count, ROWS))


def scores(rng: np.random.Generator, quality: float) -> tuple[Any, ...]:
    true = np.arange(ROWS) % 2
    return true, np.clip(quality * true + (1 - quality) * rng.random(ROWS), 0, 1)


def margins(rng: np.random.Generator, quality: float) -> tuple[Any, ...]:
    true, score = scores(rng, quality)
    return true, 4 * score - 2


def amounts(rng: np.random.Generator, quality: float) -> tuple[Any, ...]:
    true = rng.random(ROWS) * 10 + 0.1
    return true, np.abs(true + (1 - quality) * rng.normal(0, 5, ROWS)) + 1e-6 * (1 - quality)


def relevances(rng: np.random.Generator, quality: float) -> tuple[Any, ...]:
    true = rng.integers(0, 2, (ROWS, 5))
    true[:, 0] = 1  # where nothing is relevant, even a perfect ranking gains nothing
    return true, quality * true + (1 - quality) * rng.random((ROWS, 5))


def clusters(rng: np.random.Generator, quality: float) -> tuple[Any, ...]:
    labels = np.arange(ROWS) % 3
    return labels[:, None] * quality * 10 + rng.normal(0, 1, (ROWS, 2)), labels


def biclusters(rng: np.random.Generator, quality: float) -> tuple[Any, ...]:
    rows, columns = rng.random((3, ROWS)) < 0.5, rng.random((3, 10)) < 0.5
    rows[:, 0] = columns[:, 0] = True  # two empty biclusters are alike by 0 / 0
    noise = rng.random((3, ROWS)) < (1 - quality) / 2
    return (rows, columns), (rows ^ noise, columns)


def curve(rng: np.random.Generator, quality: float) -> tuple[Any, ...]:
    x = np.sort(np.append(rng.random(ROWS), [0, 1]))
    return x, quality + (1 - quality) * np.sort(rng.random(ROWS + 2))


CASES: dict[Case, str] = {
    classes: "accuracy_score adjusted_mutual_info_score adjusted_rand_score balanced_accuracy_score cohen_kappa_score "
    "completeness_score f1_score fbeta_score fowlkes_mallows_score hamming_loss homogeneity_score jaccard_score "
    "matthews_corrcoef mutual_info_score normalized_mutual_info_score precision_score rand_score recall_score "
    "v_measure_score zero_one_loss",
    scores: "average_precision_score brier_score_loss d2_brier_score d2_log_loss_score log_loss roc_auc_score "
    "top_k_accuracy_score",
    margins: "hinge_loss",
    amounts: "d2_absolute_error_score d2_pinball_score d2_tweedie_score explained_variance_score max_error "
    "mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance mean_pinball_loss mean_poisson_deviance "
    "mean_squared_error mean_squared_log_error mean_tweedie_deviance median_absolute_error r2_score "
    "root_mean_squared_error root_mean_squared_log_error",
    relevances: "coverage_error dcg_score label_ranking_average_precision_score label_ranking_loss ndcg_score",
    clusters: "calinski_harabasz_score davies_bouldin_score silhouette_score",
    biclusters: "consensus_score",
    curve: "auc",
}
CALLS = [(name, case) for case, names in CASES.items() for name in names.split() if name in FUNCTIONS]
OPTIONS: dict[str, dict[str, object]] = {"fbeta_score": {"beta": 2.0}, "top_k_accuracy_score": {"k": 1}}


def measure(name: str, case: Case, seed: int, quality: float) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measured = FUNCTIONS[name](*case(np.random.default_rng(seed), quality), **OPTIONS.get(name, {}))
    return float(measured)


def test_every_function_is_called() -> None:
    assert {name for name, _ in CALLS} == set(FUNCTIONS)


@pytest.mark.parametrize(("name", "case"), CALLS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), quality=st.floats(0, 1))
def test_values_on_random_data_lie_in_the_declared_range(name: str, case: Case, seed: int, quality: float) -> None:
    value = measure(name, case, seed, quality)
    assert KNOWN[name].admits(value), value


@pytest.mark.parametrize(("name", "case"), CALLS)
@pytest.mark.parametrize("seed", range(3))
def test_a_better_prediction_scores_better_in_the_declared_direction(name: str, case: Case, seed: int) -> None:
    noise, perfect = measure(name, case, seed, 0.1), measure(name, case, seed, 1.0)
    assert (perfect > noise) == KNOWN[name].greater_is_better
    assert perfect != noise


# What a perfect prediction does not reach: its best is a bound, or depends on the data.
UNREACHED = {
    *("calinski_harabasz_score", "coverage_error", "davies_bouldin_score", "dcg_score", "mutual_info_score"),
    "silhouette_score",
}


@pytest.mark.parametrize(("name", "case"), [call for call in CALLS if call[0] not in UNREACHED])
def test_a_perfect_prediction_reaches_the_best_value(name: str, case: Case) -> None:
    assert measure(name, case, 0, 1.0) == pytest.approx(KNOWN[name].best, abs=1e-9)


LABELINGS = [name for name in CASES[classes].split() if "pos_label" not in KNOWN[name].arguments]


@pytest.mark.parametrize("name", LABELINGS)
@settings(max_examples=25, deadline=None)
@given(data=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12))
def test_awkward_labels_stay_within_the_declared_range(name: str, data: list[tuple[int, int]]) -> None:
    true, predicted = zip(*data, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = float(FUNCTIONS[name](true, predicted))
    assert math.isnan(value) or KNOWN[name].admits(value), value


def test_a_likelihood_ratio_has_a_direction_on_either_side() -> None:
    positive, negative = KNOWN["positive_likelihood_ratio"], KNOWN["negative_likelihood_ratio"]
    assert (positive.greater_is_better, positive.best) == (True, None)
    assert (negative.greater_is_better, negative.best) == (False, 0)


def test_arguments_that_change_the_unit_change_the_range() -> None:
    count = metric("accuracy", {"normalize": False})
    assert count is not None
    assert count.admits(412)
    assert not KNOWN["accuracy"].admits(412)
    adjusted = metric("balanced_accuracy", {"adjusted": True})
    assert adjusted is not None
    assert adjusted.admits(-0.4)
    assert metric("neg_log_loss", {"normalize": False}) == KNOWN["neg_log_loss"]
    assert metric("recall", {"threshold": 0.42}) == KNOWN["recall"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["roc_auc", "mean_squared_error", "r2", "dcg_score"])
def test_no_metric_admits_what_is_not_finite(name: str, value: float) -> None:
    assert not KNOWN[name].admits(value)


@pytest.mark.parametrize(("name", "value"), [("roc_auc", 1.01), ("roc_auc", -0.01), ("neg_log_loss", 0.1), ("r2", 1.1)])
def test_a_value_beyond_the_range_is_not_admitted(name: str, value: float) -> None:
    assert not KNOWN[name].admits(value)


def test_rounding_is_not_held_against_a_metric() -> None:
    assert KNOWN["homogeneity_score"].admits(1.0000000000000002)


@pytest.mark.parametrize(
    ("written", "meant"), [("roc_acu", "roc_auc"), ("mean_absolut_error", "mean_absolute_error"), ("profit", None)]
)
def test_the_nearest_known_name(written: str, meant: str | None) -> None:
    assert nearest(written) == meant
    assert metric(written) is None


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (None, "recall"),
        ({}, "recall"),
        ({"threshold": 0.42}, "recall(threshold=0.42)"),
        ({"threshold": 1e-7}, "recall(threshold=1e-07)"),
        ({"threshold": 0.42, "average": "macro"}, 'recall(average="macro", threshold=0.42)'),
        ({"pos_label": "1"}, 'recall(pos_label="1")'),
        ({"pos_label": True}, "recall(pos_label=true)"),
        ({"labels": [1, 2.0, None]}, "recall(labels=[1, 2, null])"),
        ({"options": {"b": 1, "a": "x"}}, 'recall(options={a="x", b=1})'),
    ],
)
def test_identity_is_canonical(args: dict[str, object] | None, text: str) -> None:
    assert identity("recall", args) == text


def test_equal_numbers_are_one_identity_and_a_string_is_another() -> None:
    assert identity("recall", {"threshold": 1}) == identity("recall", {"threshold": 1.0})
    assert identity("recall", {"pos_label": 1}) != identity("recall", {"pos_label": "1"})
    assert identity("recall", {"pos_label": 1}) != identity("recall", {"pos_label": True})


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers(), st.floats(), st.booleans())))
def test_identity_ignores_the_order_of_arguments(args: dict[str, object]) -> None:
    assert identity("f1", args) == identity("f1", dict(reversed(args.items())))


def test_neither_scikit_learn_nor_difflib_is_imported() -> None:
    code = "import sys, snitch.metrics; print(sorted({'sklearn', 'numpy', 'difflib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_half_a_surrogate_pair_in_an_argument_has_an_identity_too() -> None:
    assert identity("recall", {"pos_label": "\ud800"}) == 'recall(pos_label="\\\\ud800")'


@pytest.mark.parametrize("name", ["mean_absolute_error", "mae", "neg_mean_squared_error", "r2", "r2_score"])
def test_what_is_of_numbers(name: str) -> None:
    assert is_of_numbers(name)


@pytest.mark.parametrize("name", ["roc_auc", "recall", "ndcg", "neg_log_loss", "nonsense"])
def test_what_is_of_classes_or_ranks(name: str) -> None:
    assert not is_of_numbers(name)

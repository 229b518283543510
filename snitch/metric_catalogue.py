"""The metrics that are known by name: direction, range and arguments, as tables.

The names are scikit-learn's functions and scorers, and a few of the field's own for text and ranking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from types import MappingProxyType

import msgspec

#: How far beyond a bound a value may lie and still be rounding: `homogeneity_score` itself returns 1.0000000000000002.
ROUNDING = 1e-9


class Metric(msgspec.Struct, frozen=True):
    """A metric's direction, range (None: unbounded on that side) and the names of the arguments it takes."""

    greater_is_better: bool
    minimum: float | None
    maximum: float | None
    arguments: frozenset[str]

    @property
    def best(self) -> float | None:
        """The perfect value; None where there is always a better one."""
        return self.maximum if self.greater_is_better else self.minimum

    def admits(self, value: float) -> bool:
        """Whether the metric can have this value: finite, and within the range but for rounding."""
        if not isfinite(value) or (self.minimum is not None and value < self.minimum - ROUNDING):
            return False
        return self.maximum is None or value <= self.maximum + ROUNDING


def _split(names: str) -> frozenset[str]:
    return frozenset(names.split())


_LABELS = _split("labels pos_label average zero_division threshold")
_OUTPUTS = _split("multioutput")
_NOTHING = _split("")

# Name, then `Metric`'s fields. Arrays (`sample_weight`) are no arguments of a record. `threshold` is Snitch's own:
# scikit-learn's functions take labels, a model gives scores.
_Row = tuple[str, bool, "float | None", "float | None", frozenset[str]]

_CLASSIFICATION: tuple[_Row, ...] = (
    ("accuracy_score", True, 0, 1, _split("normalize threshold")),
    ("average_precision_score", True, 0, 1, _split("average pos_label")),
    ("balanced_accuracy_score", True, 0, 1, _split("adjusted threshold")),
    # 2 is reached by several classes, and by two with `scale_by_half: false`.
    ("brier_score_loss", False, 0, 2, _split("pos_label labels scale_by_half")),
    ("cohen_kappa_score", True, -1, 1, _split("labels weights replace_undefined_by threshold")),
    ("d2_brier_score", True, None, 1, _split("pos_label labels")),
    ("d2_log_loss_score", True, None, 1, _split("labels")),
    ("f1_score", True, 0, 1, _LABELS),
    ("fbeta_score", True, 0, 1, _LABELS | {"beta"}),
    ("hamming_loss", False, 0, 1, _split("threshold")),
    ("hinge_loss", False, 0, None, _split("labels")),
    ("jaccard_score", True, 0, 1, _LABELS),
    ("log_loss", False, 0, None, _split("normalize labels")),
    ("matthews_corrcoef", True, -1, 1, _split("threshold")),
    ("negative_likelihood_ratio", False, 0, None, _split("labels replace_undefined_by threshold")),
    ("positive_likelihood_ratio", True, 0, None, _split("labels replace_undefined_by threshold")),
    ("precision_score", True, 0, 1, _LABELS),
    ("recall_score", True, 0, 1, _LABELS),
    ("roc_auc_score", True, 0, 1, _split("average max_fpr multi_class labels")),
    ("top_k_accuracy_score", True, 0, 1, _split("k normalize labels")),
    ("zero_one_loss", False, 0, 1, _split("normalize threshold")),
    # The area under any curve; whoever records it means one in the unit square.
    ("auc", True, 0, 1, _NOTHING),
)

_REGRESSION: tuple[_Row, ...] = (
    ("d2_absolute_error_score", True, None, 1, _OUTPUTS),
    ("d2_pinball_score", True, None, 1, _OUTPUTS | {"alpha"}),
    ("d2_tweedie_score", True, None, 1, _split("power")),
    ("explained_variance_score", True, None, 1, _OUTPUTS | {"force_finite"}),
    ("max_error", False, 0, None, _NOTHING),
    ("mean_absolute_error", False, 0, None, _OUTPUTS),
    ("mean_absolute_percentage_error", False, 0, None, _OUTPUTS),
    ("mean_gamma_deviance", False, 0, None, _NOTHING),
    ("mean_pinball_loss", False, 0, None, _OUTPUTS | {"alpha"}),
    ("mean_poisson_deviance", False, 0, None, _NOTHING),
    ("mean_squared_error", False, 0, None, _OUTPUTS),
    ("mean_squared_log_error", False, 0, None, _OUTPUTS),
    ("mean_tweedie_deviance", False, 0, None, _split("power")),
    ("median_absolute_error", False, 0, None, _OUTPUTS),
    ("r2_score", True, None, 1, _OUTPUTS | {"force_finite"}),
    ("root_mean_squared_error", False, 0, None, _OUTPUTS),
    ("root_mean_squared_log_error", False, 0, None, _OUTPUTS),
)

_RANKING: tuple[_Row, ...] = (
    ("coverage_error", False, 0, None, _NOTHING),
    # Relevance may be negative here; `ndcg_score` refuses that.
    ("dcg_score", True, None, None, _split("k log_base ignore_ties")),
    ("label_ranking_average_precision_score", True, 0, 1, _NOTHING),
    ("label_ranking_loss", False, 0, 1, _NOTHING),
    ("ndcg_score", True, 0, 1, _split("k ignore_ties")),
)

_CLUSTERING: tuple[_Row, ...] = (
    # Chance may be subtracted from less than chance: there is no lower bound.
    ("adjusted_mutual_info_score", True, None, 1, _split("average_method")),
    ("adjusted_rand_score", True, -0.5, 1, _NOTHING),
    ("calinski_harabasz_score", True, 0, None, _NOTHING),
    ("completeness_score", True, 0, 1, _NOTHING),
    ("consensus_score", True, 0, 1, _split("similarity")),
    ("davies_bouldin_score", False, 0, None, _NOTHING),
    ("fowlkes_mallows_score", True, 0, 1, _NOTHING),
    ("homogeneity_score", True, 0, 1, _NOTHING),
    ("mutual_info_score", True, 0, None, _NOTHING),
    ("normalized_mutual_info_score", True, 0, 1, _split("average_method")),
    ("rand_score", True, 0, 1, _NOTHING),
    ("silhouette_score", True, -1, 1, _split("metric sample_size random_state")),
    ("v_measure_score", True, 0, 1, _split("beta")),
)

_FIELD: tuple[_Row, ...] = (
    ("specificity", True, 0, 1, _split("pos_label threshold")),
    ("false_positive_rate", False, 0, 1, _split("pos_label threshold")),
    ("false_negative_rate", False, 0, 1, _split("pos_label threshold")),
    ("expected_calibration_error", False, 0, 1, _split("n_bins strategy")),
    ("gini", True, -1, 1, _NOTHING),
    ("kolmogorov_smirnov", True, 0, 1, _NOTHING),
    ("symmetric_mean_absolute_percentage_error", False, 0, None, _NOTHING),
    # Written as a fraction by some and as a percentage by others; both are customary.
    ("bleu", True, 0, 100, _split("max_order smooth")),
    ("sacrebleu", True, 0, 100, _split("tokenize smooth_method lowercase")),
    ("chrf", True, 0, 100, _split("char_order word_order beta")),
    ("meteor", True, 0, 1, _split("alpha beta gamma")),
    ("rouge1", True, 0, 1, _split("use_stemmer")),
    ("rouge2", True, 0, 1, _split("use_stemmer")),
    ("rougeL", True, 0, 1, _split("use_stemmer")),
    ("rougeLsum", True, 0, 1, _split("use_stemmer")),
    ("exact_match", True, 0, 1, _split("ignore_case ignore_punctuation ignore_numbers")),
    ("pass_at_k", True, 0, 1, _split("k")),
    ("perplexity", False, 1, None, _NOTHING),
    ("cross_entropy", False, 0, None, _NOTHING),
    ("word_error_rate", False, 0, None, _NOTHING),
    ("character_error_rate", False, 0, None, _NOTHING),
    ("translation_edit_rate", False, 0, None, _NOTHING),
    ("mean_average_precision", True, 0, 1, _split("k")),
    ("mean_reciprocal_rank", True, 0, 1, _split("k")),
    ("hit_rate", True, 0, 1, _split("k")),
    ("ndcg_at_k", True, 0, 1, _split("k")),
    ("precision_at_k", True, 0, 1, _split("k")),
    ("recall_at_k", True, 0, 1, _split("k")),
)

_SHORTENED = _split(
    "accuracy_score adjusted_mutual_info_score adjusted_rand_score average_precision_score balanced_accuracy_score"
    " calinski_harabasz_score cohen_kappa_score davies_bouldin_score dcg_score explained_variance_score f1_score"
    " fbeta_score jaccard_score ndcg_score precision_score r2_score recall_score roc_auc_score silhouette_score"
    " top_k_accuracy_score v_measure_score"
)

#: What takes texts, features, a curve, or labels of several targets.
OF_MORE_THAN_ANSWERS = _split(
    "auc bleu calinski_harabasz_score character_error_rate chrf consensus_score cross_entropy davies_bouldin_score"
    " exact_match meteor pass_at_k perplexity rouge1 rouge2 rougeL rougeLsum sacrebleu silhouette_score"
    " translation_edit_rate word_error_rate"
)

#: Other names of the same: scikit-learn's scorers, then what people write.
ALIASES = {
    **{name.removesuffix("_score"): name for name in _SHORTENED},
    "brier_score": "brier_score_loss",
    "cer": "character_error_rate",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mrr": "mean_reciprocal_rank",
    "mse": "mean_squared_error",
    "pr_auc": "average_precision_score",
    "rmse": "root_mean_squared_error",
    "sensitivity": "recall_score",
    "smape": "symmetric_mean_absolute_percentage_error",
    "wer": "word_error_rate",
}

_NEGATED = _split(
    "brier_score log_loss max_error mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance"
    " mean_poisson_deviance mean_squared_error mean_squared_log_error median_absolute_error negative_likelihood_ratio"
    " root_mean_squared_error root_mean_squared_log_error"
)


def _catalogue() -> dict[str, Metric]:
    rows = (*_CLASSIFICATION, *_REGRESSION, *_RANKING, *_CLUSTERING, *_FIELD)
    known = {
        name: Metric(greater_is_better, minimum, maximum, arguments)
        for name, greater_is_better, minimum, maximum, arguments in rows
    }
    known.update({alias: known[name] for alias, name in ALIASES.items()})
    known.update({f"neg_{name}": _negated(known[name]) for name in _NEGATED})
    known.update(_averaged(known))
    return dict(sorted(known.items()))


def _negated(loss: Metric) -> Metric:
    """A scorer of a loss: its sign is turned, so that greater is better."""
    return Metric(True, _minus(loss.maximum), _minus(loss.minimum), loss.arguments)


def _minus(bound: float | None) -> float | None:
    return None if bound is None else 0.0 - bound


def _averaged(known: Mapping[str, Metric]) -> Iterable[tuple[str, Metric]]:
    """What a name fixes is no argument any more; nor is the positive label, where every label is averaged over."""
    for type, (name, fixed) in AVERAGED.items():
        left = known[name].arguments - fixed.keys() - {"pos_label"}
        yield type, msgspec.structs.replace(known[name], arguments=left)


def _averagings() -> Iterable[tuple[str, tuple[str, dict[str, str]]]]:
    """Scorers whose name fixes the averaging: the name without it, and the arguments it fixes."""
    for name in ("f1", "jaccard", "precision", "recall"):
        for average in ("macro", "micro", "samples", "weighted"):
            yield f"{name}_{average}", (name, {"average": average})
    for scheme in ("ovo", "ovr"):
        yield f"roc_auc_{scheme}", ("roc_auc", {"multi_class": scheme})
        yield f"roc_auc_{scheme}_weighted", ("roc_auc", {"multi_class": scheme, "average": "weighted"})


#: By a scorer's name that fixes the averaging, the name without it, and the arguments that it fixes.
AVERAGED: Mapping[str, tuple[str, dict[str, str]]] = MappingProxyType(dict(_averagings()))
#: Every known metric by name.
KNOWN: Mapping[str, Metric] = MappingProxyType(_catalogue())
#: Of a regression, which compares numbers, not classes.
OF_NUMBERS = frozenset(row[0] for row in _REGRESSION)

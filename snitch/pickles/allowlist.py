"""What a pickle may import, and what it may do with each name: make an object of it, call it, or keep it as a value.

Pairs, never prefixes: `numpy` is full of functions that read and execute files. Each name is listed for what honest
pickles do with it, and may do nothing else:

- an object of a class in `CLASSES` is made empty and given its state, which `snitch.pickles.states` judges;
- a function or class in `snitch.pickles.calls` is called, with arguments such as its library's own pickles have;
- what is in `VALUES` is kept as an attribute, and is harmless whatever its holder calls it with;
- what is in `TYPES` is only ever an argument of those that are called.

`scripts/collect_pickle_globals.py` proposes, a reviewer decides.
"""

from __future__ import annotations

from snitch.pickles.calls import (
    BACKED,
    BIT_GENERATORS,
    CALLS,
    CHECK_ARRAY,
    DISTANCES,
    INDEXES,
    MASKED,
    MULTI_INDEXES,
    SEEDS,
    TREES,
)
from snitch.pickles.estimators import ESTIMATORS
from snitch.pickles.forms import Form, inert
from snitch.pickles.names import pairs
from snitch.pickles.parts import PARTS
from snitch.pickles.values import DTYPE, RECONSTRUCTOR, WRAPPER


def allowed(module: str, name: str) -> bool:
    """Whether a pickle may import `name` from `module`. What it does with it the walk judges."""
    return (module, name) in PAIRS


_UFUNCS = (
    "absolute arccosh arcsinh cbrt ceil clip cos cosh degrees exp exp2 expm1 floor isnan log log10 log1p log2 maximum "
    "minimum negative power radians reciprocal rint sign sin sinh sqrt square tan tanh"
)

#: What an attribute may hold. Called with anything, none evaluates text, opens a file, or looks up a name in an object.
VALUES = pairs(
    {
        "builtins": "bool bytearray bytes complex dict float frozenset int list object range set slice str tuple",
        "collections": "Counter OrderedDict defaultdict deque",
        # No function that reads files, compiles or evaluates: never `load`, `fromfile`, `genfromtxt`, `memmap`, `f2py`…
        # `matrix` parses text, with `ast.literal_eval`.
        "numpy": (
            f"{_UFUNCS} "
            "bool bool_ bytes_ complex128 complex64 datetime64 float16 float32 float64 int16 int32 int64 "
            "int8 cumsum longlong matrix mean median nan_to_num ndarray number object_ ravel str_ timedelta64 uint16 "
            "uint32 uint64 uint8"
        ),
        "numpy._core._multiarray_umath": _UFUNCS,
        "numpy.core._multiarray_umath": _UFUNCS,
        "pandas": "Index NA",
        "pandas._libs.missing": "NA",
        "pandas.core.indexes.base": "Index",
        # Never scipy.stats: its distributions `exec` text from their own state when they are unpickled.
        "scipy._lib.array_api_compat.numpy._aliases": "asarray",
        # Functions of arrays. None that calls a function which it is given.
        "sklearn.cluster._kmeans": "_kmeans_single_lloyd",
        "sklearn.feature_selection._mutual_info": "mutual_info_classif mutual_info_regression",
        "sklearn.feature_selection._univariate_selection": "chi2 f_classif f_oneway f_regression r_regression",
        "sklearn.metrics._classification": (
            "accuracy_score balanced_accuracy_score brier_score_loss class_likelihood_ratios classification_report "
            "cohen_kappa_score confusion_matrix d2_brier_score d2_log_loss_score f1_score fbeta_score hamming_loss "
            "hinge_loss jaccard_score log_loss matthews_corrcoef multilabel_confusion_matrix "
            "precision_recall_fscore_support precision_score recall_score zero_one_loss"
        ),
        "sklearn.metrics._ranking": (
            "auc average_precision_score confusion_matrix_at_thresholds coverage_error dcg_score det_curve "
            "label_ranking_average_precision_score label_ranking_loss ndcg_score precision_recall_curve roc_auc_score "
            "roc_curve top_k_accuracy_score"
        ),
        "sklearn.metrics._regression": (
            "d2_absolute_error_score d2_pinball_score d2_tweedie_score explained_variance_score max_error "
            "mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance mean_pinball_loss "
            "mean_poisson_deviance mean_squared_error mean_squared_log_error mean_tweedie_deviance "
            "median_absolute_error r2_score root_mean_squared_error root_mean_squared_log_error"
        ),
        "sklearn.metrics._scorer": "_passthrough_scorer negative_likelihood_ratio positive_likelihood_ratio",
        # PyTorch: what a dict of tensors is made of, as `torch.load(weights_only=True)` has it
        "torch": (
            "BFloat16Storage BoolStorage ByteStorage CharStorage ComplexDoubleStorage ComplexFloatStorage "
            "DoubleStorage FloatStorage HalfStorage IntStorage LongStorage ShortStorage bfloat16 bool complex128 "
            "complex64 float16 float32 float64 int16 int32 int64 int8 uint8"
        ),
        "torch.storage": "UntypedStorage",
    }
)

#: Records: tuples, each with what it may be made of. numpy makes an array of a hyperparameter's bounds.
RECORDS: dict[tuple[str, str], Form] = {
    ("sklearn.gaussian_process.kernels", "Hyperparameter"): inert,
    ("sklearn.impute._iterative", "_ImputerTriplet"): lambda value: isinstance(value, tuple),
}

#: Classes beside these whose objects have no state, or one of their own kind.
_DATA = pairs(
    {
        "pandas": (
            "BooleanDtype CategoricalDtype DataFrame DatetimeTZDtype Float32Dtype Float64Dtype Int16Dtype Int32Dtype "
            "Int64Dtype Int8Dtype IntervalDtype Series"
        ),
        "pandas._libs.missing": "NAType",
        "pandas.arrays": "ArrowStringArray BooleanArray FloatingArray IntegerArray",
        "pandas.core.arrays.boolean": "BooleanArray BooleanDtype",
        "pandas.core.arrays.floating": "Float32Dtype Float64Dtype FloatingArray",
        "pandas.core.arrays.integer": "Int16Dtype Int32Dtype Int64Dtype Int8Dtype IntegerArray",
        "pandas.core.dtypes.dtypes": "CategoricalDtype DatetimeTZDtype IntervalDtype",
        "pandas.core.frame": "DataFrame",
        "pandas.core.internals.managers": "SingleBlockManager",
        "pandas.core.series": "Series",
    }
)

#: Classes of which an object is made empty, by NEWOBJ or `copyreg._reconstructor`.
CLASSES = ESTIMATORS | PARTS.keys() | RECORDS.keys() | _DATA

#: What may only be an argument of what is called.
TYPES = BACKED | BIT_GENERATORS | DISTANCES | INDEXES | MULTI_INDEXES | MASKED | TREES | {CHECK_ARRAY, SEEDS}

#: Every (module, name) that may be imported.
PAIRS = VALUES | CLASSES | TYPES | CALLS.keys() | {DTYPE, RECONSTRUCTOR, WRAPPER}

#: The modules of these names.
MODULES = frozenset(module for module, _ in PAIRS)

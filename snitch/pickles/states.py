"""What an object may be given as its state (BUILD): what its library pickles, and nothing that stands in for its code.

Most classes take a dict of attributes. Of those with a `__setstate__` of their own each was read, and what it acts on
has to be of a kind that runs nothing.
"""

from __future__ import annotations

from snitch.pickles.arrays import Dtype, Numbers, Objects, Simple
from snitch.pickles.calls import (
    ARROW_ARRAY,
    BACKED_ARRAY,
    BINARY_TREE,
    BIT_GENERATOR,
    CHECK_ARRAY,
    DISTANCE,
    FRAME_PARTS,
    GENERATOR,
    INFORMATION,
    PARTIAL,
    RANDOM_STATE,
    SEEDS,
    TREE,
)
from snitch.pickles.containers import ANSWERS, Items, Mapping, Opaque, Placed
from snitch.pickles.estimators import ESTIMATORS
from snitch.pickles.forms import (
    Form,
    Pair,
    array,
    atom,
    column,
    dict_of,
    either,
    index,
    inert,
    items_of,
    mapping,
    named,
    nothing,
    numbers,
    object_of,
    parts,
    raw,
    text,
    whole,
    word,
)
from snitch.pickles.methods import METHODS
from snitch.pickles.names import pairs
from snitch.pickles.parts import PARTS
from snitch.pickles.values import Column, Global, Index, Made, MultiIndex, arguments

BOOSTERS = pairs({"lightgbm.basic": "Booster", "xgboost.core": "Booster"})
_FRAMES = pairs({"pandas": "DataFrame Series", "pandas.core.frame": "DataFrame", "pandas.core.series": "Series"})
_SINGLE = ("pandas.core.internals.managers", "SingleBlockManager")
_CATEGORICAL = pairs({"pandas": "CategoricalDtype", "pandas.core.dtypes.dtypes": "CategoricalDtype"})
_INTERVAL = pairs({"pandas": "IntervalDtype", "pandas.core.dtypes.dtypes": "IntervalDtype"})
_ZONED = pairs({"pandas": "DatetimeTZDtype", "pandas.core.dtypes.dtypes": "DatetimeTZDtype"})
_NULLABLE = pairs(
    {
        "pandas": "BooleanDtype Float32Dtype Float64Dtype Int16Dtype Int32Dtype Int64Dtype Int8Dtype",
        "pandas.core.arrays.boolean": "BooleanDtype",
        "pandas.core.arrays.floating": "Float32Dtype Float64Dtype",
        "pandas.core.arrays.integer": "Int16Dtype Int32Dtype Int64Dtype Int8Dtype",
    }
)
_ARROW = pairs({"pandas.arrays": "ArrowStringArray"})
_MASKED = pairs(
    {
        "pandas.arrays": "BooleanArray FloatingArray IntegerArray",
        "pandas.core.arrays.boolean": "BooleanArray",
        "pandas.core.arrays.floating": "FloatingArray",
        "pandas.core.arrays.integer": "IntegerArray",
    }
)
#: Those of which columns are made.
COLUMNS = _ARROW | _MASKED

_any_dtype = either(
    raw, lambda value: isinstance(value, Dtype), object_of(*_CATEGORICAL, *_INTERVAL, *_ZONED, *_NULLABLE)
)


def _dtype_cache(value: object) -> bool:
    """What pandas keeps of a dtype's properties: atoms, numpy's dtype and the class of an index."""
    return type(value) is Mapping and value.kinds <= {Dtype, Global}


def _cache(value: object) -> bool:
    """What pandas keeps of an array's properties: atoms, and its dtype."""
    dtype = value.get("dtype") if type(value) is Mapping else None
    return type(value) is Mapping and value.kinds <= {type(dtype)} and (dtype is None or _any_dtype(dtype))


_labels = items_of(Index, MultiIndex)
_random = dict_of(
    Numbers,
    others=("buffer_pos", "has_uint32", "uinteger"),
    bit_generator=text,
    buffer=inert,
    gauss=atom,
    has_gauss=atom,
    state=dict_of(Numbers, others=("counter", "inc", "key", "pos", "state")),
)
_backed = either(_any_dtype, array)

#: As pandas 0.14.1 and later have it.
_DESCRIBED: dict[str, Form] = {"0.14.1": dict_of(axes=_labels, blocks=items_of(Placed))}

#: Classes that take a state of their own, beside those of `ESTIMATORS` and `PARTS`.
STATES: dict[Pair, Form] = {
    PARTIAL: either(
        parts(
            named(CHECK_ARRAY),
            inert,
            dict_of(Items, Global, others=("accept_sparse", "dtype", "ensure_all_finite", "force_all_finite")),
            nothing,
        ),
        parts(
            named(*INFORMATION),
            inert,
            dict_of(Numbers, others=("copy", "discrete_features", "n_jobs", "n_neighbors", "random_state")),
            nothing,
        ),
    ),
    BIT_GENERATOR: either(_random, parts(_random, either(nothing, object_of(SEEDS)))),
    GENERATOR: _random,
    RANDOM_STATE: _random,
    SEEDS: parts(either(inert, items_of()), atom, either(inert, items_of()), atom, inert, more=(inert,)),
    **dict.fromkeys(
        _FRAMES,
        dict_of(
            _mgr=object_of(FRAME_PARTS, _SINGLE),
            _typ=text,
            _metadata=items_of(),
            attrs=mapping,
            _flags=dict_of(others=("allows_duplicate_labels",)),
            _name=atom,
        ),
    ),
    _SINGLE: parts(
        _labels,
        items_of(Numbers, Simple, Objects, Column),
        _labels,
        dict_of(others=(), **_DESCRIBED),
    ),
    **dict.fromkeys(_CATEGORICAL, dict_of(categories=either(nothing, index), ordered=atom)),
    **dict.fromkeys(_NULLABLE, dict_of(_cache=_dtype_cache)),
    **dict.fromkeys(_INTERVAL, dict_of(subtype=_any_dtype, closed=atom)),
    **dict.fromkeys(_ZONED, dict_of(tz=atom, unit=atom)),
    BACKED_ARRAY: parts(_backed, _backed, more=(dict_of(others=("_readonly",), _cache=_cache, _freq=atom),)),
    **dict.fromkeys(
        _MASKED, dict_of(others=("_readonly",), _data=numbers, _mask=numbers, _dtype=_any_dtype, _cache=_cache)
    ),
    **dict.fromkeys(
        _ARROW, dict_of(others=("_readonly",), _pa_array=object_of(ARROW_ARRAY), _dtype=_any_dtype, _cache=_cache)
    ),
    # As many as are read without being counted.
    DISTANCE: parts(atom, either(atom, numbers), either(atom, numbers)),
    BINARY_TREE: parts(*[numbers] * 4, *[whole] * 7, object_of(DISTANCE), either(nothing, numbers)),
    TREE: dict_of(others=("max_depth", "node_count"), nodes=numbers, values=numbers),
}


def place(described: Mapping) -> None:
    """Marks a dict of some columns' values and their place as one, if it has what pandas puts there."""
    if column(described.get("values")) and either(atom, numbers)(described.get("mgr_locs")):
        described.__class__ = Placed


_ISOTONIC = ("sklearn.isotonic", "IsotonicRegression")
_TRANSFORMER = ("sklearn.preprocessing._function_transformer", "FunctionTransformer")
_PREDICTOR = ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor")
_SPLINE, _SPLINES = ("scipy.interpolate._bsplines", "_BSpline"), ("scipy.interpolate._bsplines", "BSpline")
_UUID = ("uuid", "UUID")


def _answer(value: object) -> bool:
    """The name of a method that a model answers by, or several."""
    if type(value) is Items:
        return value.are_answers
    named = value if isinstance(value, tuple) else (value,)
    return value is None or all(type(each) is str and each in ANSWERS for each in named)


def _function(value: object) -> bool:
    """What is given arrays, and makes others of them; not Python's types, which make texts and names."""
    if type(value) is Global:
        return value.module not in ("builtins", "collections")
    return value is None or type(value) is Opaque or object_of(PARTIAL)(value)


def _model(value: object) -> bool:
    """Whose methods are a model's: a frame's are called by the like names, and read files."""
    return not isinstance(value, Made) or value.pair in ESTIMATORS


#: Attributes that somebody acts on: a `__setstate__`, or whoever calls the method of that name.
_ACTED_ON: dict[str, Form] = {
    "_sklearn_version": text,
    "_response_method": _answer,
    "chain_method": _answer,
    "chain_method_": _answer,
    "response_method": _answer,
    "stack_method": _answer,
    "stack_method_": _answer,
    "best_estimator_": _model,
    "estimator": _model,
    "estimator_": _model,
}
_OF_TEXTS = pairs({"sklearn.feature_extraction.text": "CountVectorizer HashingVectorizer TfidfVectorizer"})
_ACTED_ON_BY: dict[Pair, dict[str, Form]] = {
    _ISOTONIC: {**_ACTED_ON, "X_thresholds_": numbers, "y_thresholds_": numbers, "out_of_bounds": text},
    _TRANSFORMER: {**_ACTED_ON, "func": _function, "inverse_func": _function},
    # Else texts are the names of files.
    **{key: {**_ACTED_ON, "input": word("content")} for key in _OF_TEXTS},
    _PREDICTOR: {"nodes": numbers},
    _SPLINE: {"c": numbers, "t": numbers},
    _UUID: {"int": atom, "is_safe": atom},
    **{booster: {"_handle": atom, "_network": atom, "handle": atom} for booster in BOOSTERS},
}
_UNKNOWN = object()


def flaw(made: Made, state: object) -> str | None:
    """Why an object may not be given this state; None if it may. A state that is none of its library's is a flaw."""
    if made.pair == _SPLINES and isinstance(state, tuple):
        # As SciPy 1.18 has it.
        return None if parts(object_of(_SPLINE), numbers)(state) else _unlike(made)
    form = STATES.get(made.pair)
    if form is not None:
        items = arguments(state)
        return None if form(state if items is None else items) else _unlike(made)
    if made.pair not in ESTIMATORS and made.pair not in PARTS:
        return f"gives a {made} a state, and it has none"
    if type(state) is not Mapping or state.shape is None:
        return f"gives a {made} something else than a dict of attributes"
    return _flaw_of_attributes(made, state)


def _unlike(made: Made) -> str:
    return f"gives a {made} a state that its library does not"


def _flaw_of_attributes(made: Made, state: Mapping) -> str | None:
    names = state.names
    if names is None or state.shape is None:
        return f"gives a {made} attributes that cannot be determined"
    if state.shape.special is not None:
        return f"gives a {made} the attribute {state.shape.special}, which is called on its own"
    known = PARTS.get(made.pair)
    wrong = names & METHODS if known is None else names - known
    if wrong:
        what = "in place of its own method" if known is None else "which it does not have"
        return f"gives a {made} the attribute {min(wrong)}, {what}"
    for name, form in _ACTED_ON_BY.get(made.pair, _ACTED_ON).items():
        if name in names and not form(state.get(name, _UNKNOWN)):
            return f"gives a {made} an attribute {name} that its library does not"
    return None

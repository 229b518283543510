"""What an object may be given as its state: what its library pickles, with no other keys and kinds of values."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import interpolate, sparse
from sklearn import (
    ensemble,
    gaussian_process,
    impute,
    isotonic,
    linear_model,
    metrics,
    model_selection,
    neighbors,
    pipeline,
    preprocessing,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401

from snitch.pickles.parts import PARTS
from snitch.pickles.scan import scan_pickle
from snitch.pickles.verdict import reasons
from tests.pickles.crafting import (
    PROTO4,
    STOP,
    attributes,
    call,
    dtype_opcodes,
    joblib_bytes,
    new,
    scan,
    stack_global,
    text,
)

MODEL = new("sklearn.linear_model._base.LinearRegression")
SCORER = new("sklearn.metrics._scorer._Scorer")


def told(content: bytes) -> list[str]:
    return reasons(scan(PROTO4 + content + STOP))


@pytest.mark.parametrize("pair", sorted(PARTS), ids=".".join)
def test_a_part_has_no_other_attributes_than_its_own(pair: tuple[str, str]) -> None:
    name = ".".join(pair)
    content = new(name) + attributes(extend=stack_global("numpy", "mean")) + b"b"
    assert told(content) == [f"it gives a {name} the attribute extend, which it does not have"]
    called = new(name) + attributes(__call__=stack_global("numpy", "mean")) + b"b"
    assert told(called) == [f"it gives a {name} the attribute __call__, which is called on its own"]


@pytest.mark.parametrize("method", ["eval", "to_csv", "query", "to_pickle", "__init__"])
@pytest.mark.parametrize("shape", [b"%s", b"%s\x85", b"](%se"], ids=["alone", "tuple", "list"])
def test_a_scorer_calls_a_models_own_methods_only(method: str, shape: bytes) -> None:
    wrong = ["it gives a sklearn.metrics._scorer._Scorer an attribute _response_method that its library does not"]
    assert told(SCORER + attributes(_response_method=shape % text(method)) + b"b") == wrong
    assert told(SCORER + attributes(_response_method=shape % text("predict")) + b"b") == []


@pytest.mark.parametrize("times", [60, 5000])
def test_what_holds_itself_again_and_again_is_refused_at_once(times: int) -> None:
    # Followed to its ends it would have more than 2 ** 60 of them.
    assert told(SCORER + attributes(_response_method=text("predict") + b"2\x86" * times) + b"b")
    numbers = call("numpy._core.numeric._frombuffer", b"C\x08aaaaaaaa", dtype_opcodes("f8"), b"K\x01\x85", text("C"))
    seeds = new("uuid.UUID") + attributes(int=numbers + b"2\x86" * times) + b"b"
    assert told(seeds)
    partial = call("functools.partial", stack_global("sklearn.utils.validation", "check_array"))
    state = b"(" + stack_global("sklearn.utils.validation", "check_array") + numbers + b"2\x86" * times + b"}Nt"
    assert told(partial + state + b"b")


STATES = {
    "sklearn.isotonic.IsotonicRegression": attributes(X_thresholds_=MODEL, y_thresholds_=b"]"),
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor": attributes(nodes=MODEL),
    "sklearn.linear_model._base.LinearRegression": attributes(_sklearn_version=MODEL),
    "sklearn.ensemble._stacking.StackingClassifier": attributes(stack_method=text("eval")),
    "lightgbm.basic.Booster": attributes(_handle=MODEL),
    "xgboost.core.Booster": attributes(handle=MODEL),
    "uuid.UUID": attributes(int=MODEL),
    "pandas.core.dtypes.dtypes.CategoricalDtype": attributes(categories=MODEL, ordered=b"N"),
    "pandas.core.dtypes.dtypes.IntervalDtype": attributes(subtype=MODEL, closed=b"N"),
    "pandas.core.dtypes.dtypes.DatetimeTZDtype": attributes(tz=MODEL, unit=text("ns")),
    "pandas.core.frame.DataFrame": attributes(_mgr=MODEL),
    "pandas.core.series.Series": attributes(_name=MODEL),
    "pandas.core.arrays.integer.IntegerArray": attributes(_data=MODEL, _mask=MODEL),
    "pandas.arrays.ArrowStringArray": attributes(_pa_array=MODEL, _dtype=text("str")),
    "pandas.core.internals.managers.SingleBlockManager": b"]" + MODEL + b"a]]}t",
}


@pytest.mark.parametrize("name", STATES)
def test_what_a_library_acts_on_is_of_its_kind(name: str) -> None:
    mark = b"(" if STATES[name].endswith(b"t") else b""
    assert "that its library does not" in told(new(name) + mark + STATES[name] + b"b")[0]


@pytest.mark.parametrize("key", ["eval", "_accessors", "__array__"])
@pytest.mark.parametrize("name", ["pandas.core.frame.DataFrame", "pandas.core.series.Series"])
def test_a_frame_has_no_other_attributes(name: str, key: str) -> None:
    assert told(new(name) + attributes(_typ=text("dataframe"), **{key: b"N"}) + b"b") == [
        f"it gives a {name} a state that its library does not"
    ]


def test_what_has_no_state_is_given_none() -> None:
    assert told(call("collections.OrderedDict") + attributes(a=b"N") + b"b") == [
        "it gives a collections.OrderedDict a state, and it has none"
    ]
    partial = call("functools.partial", stack_global("sklearn.utils.validation", "check_array"))
    for function in (stack_global("numpy", "mean"), MODEL):
        state = b"(" + function + b")}Nt"
        assert "a state that its library does not" in told(partial + state + b"b")[0]
    named = b"(" + stack_global("sklearn.utils.validation", "check_array") + b")" + attributes(estimator=MODEL) + b"Nt"
    assert "a state that its library does not" in told(partial + named + b"b")[0]


@pytest.mark.parametrize("content", [b"N", b"]", b"}", text("a"), b"\x88"])
def test_pythons_own_values_take_no_state(content: bytes) -> None:
    assert "takes none" in told(content + b"}b")[0]


def test_objects_in_a_column_of_texts_are_refused() -> None:
    # pandas makes texts of them, and for that asks each what it is called.
    array = pd.array(["a", "b"], dtype=pd.StringDtype("python"))
    assert reasons(scan_pickle(io.BytesIO(pickle.dumps(array)))) == []
    content = pickle.dumps(array, 3).replace(b"X\x01\0\0\0a", b"cbuiltins\nobject\n)\x81", 1)
    assert reasons(scan_pickle(io.BytesIO(content)))


HONEST: dict[str, Callable[[], object]] = {
    "isotonic": lambda: isotonic.IsotonicRegression().fit([1, 2, 3], [1, 3, 2]),
    "histograms": lambda: ensemble.HistGradientBoostingClassifier(max_iter=2).fit(
        pd.DataFrame({"a": pd.Categorical(["x", "y"] * 20), "b": range(40)}), [0, 1] * 20
    ),
    "process": lambda: gaussian_process.GaussianProcessRegressor(
        gaussian_process.kernels.RBF() * 2 + gaussian_process.kernels.WhiteKernel()
    ).fit([[1.0], [2.0]], [1, 2]),
    "imputer": lambda: impute.IterativeImputer(max_iter=1).fit([[1, np.nan], [2, 3], [np.nan, 4]]),
    "search": lambda: model_selection.GridSearchCV(
        pipeline.make_pipeline(preprocessing.SplineTransformer(), linear_model.LogisticRegression()),
        {"logisticregression__C": [1.0]},
        scoring=metrics.make_scorer(metrics.f1_score, greater_is_better=True),
        cv=model_selection.StratifiedKFold(2),
    ).fit([[1], [2], [3], [4]], [0, 1, 0, 1]),
    "balls": lambda: neighbors.KNeighborsClassifier(1, algorithm="ball_tree", metric="minkowski").fit(
        [[1], [2]], [0, 1]
    ),
    "spline": lambda: interpolate.make_interp_spline([0, 1, 2, 3], [0, 1, 4, 9]),
    "masked": lambda: np.ma.masked_array([1, 2], [True, False]),
    "dictionary": lambda: sparse.dok_array((2, 2)),
    "levels": lambda: pd.DataFrame({"a": ["x", "y"], "b": [1, 2], "c": [3, 4]}).set_index(["a", "b"]),
    "intervals": lambda: pd.Series([1, 2, 3], index=pd.interval_range(0, 3), name="n"),
    "zones": lambda: pd.Series(pd.date_range("2026-01-01", periods=3, tz="UTC")),
    "nullable": lambda: pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": pd.array([True, None])}),
    "categories": lambda: pd.CategoricalIndex(["a", "b"]),
    "lists": lambda: pd.Series([[1], {"a": 2}, None], index=["x", "y", "z"]),
}


TRANSFORMER, TEXTS = (
    "sklearn.preprocessing._function_transformer.FunctionTransformer",
    "sklearn.feature_extraction.text",
)
SEARCH = "sklearn.model_selection._search.GridSearchCV"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        (TRANSFORMER, {"func": new("sklearn.metrics._scorer._MultimetricScorer")}),
        (TRANSFORMER, {"func": stack_global("builtins", "str")}),
        (TRANSFORMER, {"inverse_func": new("sklearn.gaussian_process.kernels.ConstantKernel")}),
        (f"{TEXTS}.CountVectorizer", {"input": text("filename")}),
        (f"{TEXTS}.TfidfVectorizer", {"input": text("file")}),
        (SEARCH, {"best_estimator_": new("pandas.core.frame.DataFrame")}),
        (SEARCH, {"best_estimator_": new("lightgbm.basic.Booster")}),
        ("sklearn.ensemble._bagging.BaggingClassifier", {"estimator_": new("sklearn.utils._bunch.Bunch")}),
    ],
)
def test_what_answers_in_a_models_place_is_a_model(name: str, given: dict[str, bytes]) -> None:
    """On its first prediction it would read files that the pickle names, or call methods that are none of a model's."""
    [key] = given
    assert told(new(name) + attributes(**given) + b"b") == [
        f"it gives a {name} an attribute {key} that its library does not"
    ]


@pytest.mark.parametrize("function", [stack_global("numpy", "log1p"), stack_global("numpy", "clip"), b"N"])
def test_a_function_of_arrays_is_one(function: bytes) -> None:
    assert told(new(TRANSFORMER) + attributes(func=function) + b"b") == []


def used(value: object) -> object:
    """A value of which every property was asked for: pandas keeps some of the answers, and pickles them."""
    for name in dir(value):
        with suppress(Exception):
            getattr(value, name)
    return value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", ["Int8", "Int64", "Float32", "boolean", "string", "category", "datetime64[ns]"])
def test_nor_does_it_matter_what_was_asked_of_it(kind: str, protocol: int) -> None:
    array = pd.array(["1"] if kind in ("string", "category") else [1], dtype=kind)
    used(array.dtype)
    for value in (array.dtype, used(array), used(pd.Series(array)), used(pd.DataFrame({"a": array}))):
        assert reasons(scan_pickle(io.BytesIO(pickle.dumps(value, protocol)))) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", HONEST)
def test_what_libraries_pickle_passes_in_every_protocol(name: str) -> None:
    value = HONEST[name]()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for content in (pickle.dumps(value, protocol), joblib_bytes(value, protocol=protocol)):
            assert reasons(scan_pickle(io.BytesIO(content))) == [], protocol


PIECES = [
    *(b"N", b"]", b"}", b")", b"(", b"t", b"\x85", b"\x86", b"R", b"\x81", b"b", b"s", b"u", b"a", b"e", b"0", b"2"),
    *(
        b"\x94",
        b"h\x00",
        b"h\x01",
        b"\x8f",
        b"\x90",
        b"\x91",
        b"K\x01",
        b"C\x01a",
        text("a"),
        text("keys"),
        text("__a__"),
    ),
    *(
        MODEL,
        SCORER,
        call("collections.OrderedDict"),
        stack_global("functools", "partial"),
        stack_global("numpy", "mean"),
    ),
    *(stack_global("sklearn.utils.validation", "check_array"), new("pandas.core.frame.DataFrame")),
    stack_global("pandas.core.indexes.base", "_new_Index"),
    stack_global("copyreg", "_reconstructor"),
    attributes(data=b"N"),
    stack_global("numpy._core.multiarray", "_reconstruct"),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_no_order_of_opcodes_is_a_traceback(content: bytes) -> None:
    found: Any = scan(PROTO4 + content + STOP)
    assert found.problems or reasons(found) == []

"""The allow-list holds what honest models import, and nothing by which they could do more."""

from __future__ import annotations

import functools
import io
import os
import pickle
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from sklearn import (
    calibration,
    compose,
    datasets,
    ensemble,
    feature_selection,
    linear_model,
    model_selection,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from sklearn.utils import all_estimators

from snitch.pickles.allowlist import MODULES, PAIRS, allowed
from snitch.pickles.scan import scan_pickle
from snitch.pickles.verdict import reasons
from tests.pickles.crafting import joblib_bytes

NUMBERS, LABELS = datasets.make_classification(60, 5, random_state=0)
FRAME = pd.DataFrame(np.abs(NUMBERS), columns=["tenure", "plan", "region", "age", "visits"])

MODELS: dict[str, Any] = {
    "tree": tree.DecisionTreeClassifier(max_depth=3),
    "forest": ensemble.RandomForestRegressor(3),
    "boosting": ensemble.GradientBoostingClassifier(n_estimators=3),
    "histograms": ensemble.HistGradientBoostingClassifier(max_iter=3),
    "logistic": linear_model.LogisticRegression(),
    "stochastic": linear_model.SGDClassifier(),
    "vectors": svm.SVC(),
    "neighbors": neighbors.KNeighborsClassifier(algorithm="kd_tree"),
    "network": neural_network.MLPClassifier((3,), max_iter=3),
    "pipeline": pipeline.make_pipeline(
        compose.ColumnTransformer(
            [
                ("scale", preprocessing.MaxAbsScaler(), ["tenure"]),
                ("log", preprocessing.FunctionTransformer(np.log1p), ["age"]),
            ]
        ),
        linear_model.LogisticRegression(),
    ),
    "search": model_selection.GridSearchCV(
        ensemble.RandomForestClassifier(2), {"max_depth": [2, 3]}, scoring=["roc_auc", "recall"], refit="recall", cv=2
    ),
    "selected": feature_selection.SelectKBest(
        functools.partial(feature_selection.mutual_info_classif, discrete_features=np.arange(5) == 1, random_state=0),
        k=2,
    ),
    "calibrated": calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=2),
    "voting": ensemble.VotingClassifier(
        [("a", tree.DecisionTreeClassifier()), ("b", linear_model.LogisticRegression())]
    ),
}


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> Any:
    return MODELS[request.param].fit(FRAME, LABELS)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_fitted_model_is_harmless_as_pickle_and_as_joblib(model: Any, protocol: int) -> None:
    for content in (pickle.dumps(model, protocol), joblib_bytes(model, protocol=protocol)):
        assert reasons(scan_pickle(io.BytesIO(content))) == []


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "value",
    [
        {"model": tree.DecisionTreeClassifier(), "features": np.array(["a", "b"], dtype=object), "threshold": 0.42},
        {"a": 1, "b": 2, "random": np.array(["a", "b"], dtype=object)},
        FRAME.assign(kind=pd.Categorical(["a", "b"] * 30), when=pd.Timestamp("2026-01-01"), text="x"),
        FRAME.set_index("plan")["age"],
        [sparse.csr_matrix(NUMBERS), sparse.csc_array(NUMBERS)],
        [np.random.default_rng(0), np.random.RandomState(0)],
        [np.float32(1), np.str_("a"), np.bool_(True), np.datetime64("2026-01-01"), np.float64],
    ],
    ids=["dict", "strings", "frame", "series", "sparse", "random", "scalars"],
)
def test_what_stands_beside_a_model_is_harmless(value: object, protocol: int) -> None:
    for content in (pickle.dumps(value, protocol), joblib_bytes(value, protocol=protocol)):
        assert reasons(scan_pickle(io.BytesIO(content))) == []


def test_every_estimator_of_scikit_learn_is_listed() -> None:
    assert {(cls.__module__, cls.__name__) for _, cls in all_estimators()} <= PAIRS


FORBIDDEN = [
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("builtins", "compile"),
    ("builtins", "open"),
    ("builtins", "getattr"),
    ("builtins", "setattr"),
    ("builtins", "type"),
    ("builtins", "map"),
    ("builtins", "filter"),
    ("builtins", "__import__"),
    ("builtins", "breakpoint"),
    ("builtins", "memoryview"),
    ("posix", "system"),
    ("nt", "system"),
    ("os", "system"),
    ("subprocess", "Popen"),
    ("importlib", "import_module"),
    ("operator", "attrgetter"),
    ("operator", "methodcaller"),
    ("_operator", "attrgetter"),
    ("copyreg", "__newobj__"),
    ("copyreg", "add_extension"),
    ("pickle", "loads"),
    ("_pickle", "loads"),
    ("marshal", "loads"),
    ("types", "FunctionType"),
    ("types", "CodeType"),
    ("runpy", "run_path"),
    ("pydoc", "locate"),
    ("code", "interact"),
    ("timeit", "timeit"),
    ("cProfile", "run"),
    ("numpy", "load"),
    ("numpy", "memmap"),
    ("numpy", "fromfile"),
    ("numpy", "vectorize"),
    ("numpy", "frompyfunc"),
    ("numpy", "lib.npyio.load"),
    ("numpy.f2py", "compile"),
    ("numpy.core", "_ufunc_reconstruct"),
    ("numpy._core", "_ufunc_reconstruct"),
    ("numpy.testing._private.utils", "runstring"),
    ("numpy.distutils.exec_command", "exec_command"),
    ("pandas", "read_pickle"),
    ("pandas", "eval"),
    ("pandas.io.common", "get_handle"),
    ("joblib", "load"),
    ("joblib.numpy_pickle", "load"),
    ("joblib.numpy_pickle", "NDArrayWrapper"),
    ("joblib.memory", "Memory"),
    ("joblib.parallel", "Parallel"),
    ("scipy.stats._distn_infrastructure", "rv_continuous_frozen"),
    ("sklearn.datasets._base", "load_files"),
    ("sklearn.metrics._dist_metrics", "PyFuncDistance64"),
    ("sklearn.metrics._ranking", "metric_at_thresholds"),
    ("torch", "load"),
    ("cloudpickle.cloudpickle", "_make_function"),
    ("dill._dill", "_create_function"),
]


@pytest.mark.parametrize("pair", FORBIDDEN, ids=".".join)
def test_what_runs_loads_or_imports_is_not_listed(pair: tuple[str, str]) -> None:
    assert not allowed(*pair)


def test_no_name_stands_for_a_path_of_names() -> None:
    assert not any("." in name for _, name in PAIRS)


def test_a_distribution_of_scipy_is_refused_because_it_executes_text_of_its_own() -> None:
    content = pickle.dumps(stats.uniform(0, 1))
    assert any("scipy.stats" in reason for reason in reasons(scan_pickle(io.BytesIO(content))))


def test_reasons_name_each_import_and_are_printable() -> None:
    class Call:
        def __reduce__(self) -> Any:
            return os.system, ("true",)

    assert reasons(scan_pickle(io.BytesIO(pickle.dumps(Call())))) == [
        f"it imports {os.system.__module__}.system, which no honest model needs"
    ]
    hostile = "c\u202eevil\nna\x1bme\n.".encode()
    assert reasons(scan_pickle(io.BytesIO(hostile)))[0].isprintable()


def test_many_imports_are_counted() -> None:
    content = b"".join(f"cevil\nname{index}\n0".encode() for index in range(25)) + b"N."
    told = reasons(scan_pickle(io.BytesIO(content)))
    assert len(told) == 11
    assert told[-1] == "it imports 15 more such names"


def test_the_modules_are_those_of_the_names() -> None:
    assert {module for module, _ in PAIRS} == MODULES


def test_joblib_really_loads_what_was_judged_harmless() -> None:
    fitted = MODELS["tree"].fit(FRAME, LABELS)
    loaded = joblib.load(io.BytesIO(joblib_bytes(fitted)))
    assert (loaded.predict(FRAME) == fitted.predict(FRAME)).all()

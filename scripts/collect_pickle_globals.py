"""Lists what pickles of fitted estimators import and `snitch.pickles.allowlist` does not know.

Run it after a new release of scikit-learn, numpy, scipy or pandas (and of xgboost and lightgbm, where they are
installed). What it prints is a proposal: before a name goes onto one of the lists, read what its library does with it
on loading, and of which arguments or state. With `--methods` it lists the methods of listed estimators that
`snitch.pickles.methods` does not know.

    python scripts/collect_pickle_globals.py [--all | --methods]
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import pickle
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn import compose, datasets, model_selection, pipeline, preprocessing
from sklearn.utils import all_estimators

from snitch.pickles.allowlist import allowed
from snitch.pickles.estimators import ESTIMATORS
from snitch.pickles.methods import METHODS
from snitch.pickles.scan import scan_pickle

COUNTS, LABELS = datasets.make_classification(40, 6, n_informative=4, random_state=0)
COUNTS = np.abs(COUNTS)
FRAME = pd.DataFrame(COUNTS, columns=[f"feature_{index}" for index in range(6)])
TEXTS = ["one two three", "two three four", "three four five"] * 4

# Whatever a constructor insists on; tried after no arguments at all.
ARGUMENTS = ("estimator", "base_estimator", "estimators", "transformer_list", "transformers", "steps", "param_grid")


def required(cls: type) -> Iterator[Any]:
    from sklearn.linear_model import LogisticRegression, Ridge

    for model in (LogisticRegression(), Ridge()):
        named = [("a", model), ("b", model)]
        yield lambda model=model: cls(model)
        yield lambda named=named: cls(named)
        yield lambda model=model: cls(model, {"fit_intercept": [True, False]})
        yield lambda model=model: cls(estimator=model)
    yield lambda: cls([("a", preprocessing.StandardScaler(), [0, 1])])
    yield lambda: cls([("a", preprocessing.StandardScaler())])
    yield lambda: cls(COUNTS[:3])
    yield lambda: cls(n_components=2)


def fitted(cls: type) -> Iterator[object]:
    """The estimator fitted on everything that it can be fitted on."""
    inputs = [(FRAME, LABELS), (COUNTS, LABELS), (FRAME, LABELS.astype(str))]
    inputs += [(COUNTS, COUNTS[:, :2]), (COUNTS, COUNTS[:, 0])]
    inputs += [(sparse.csr_matrix(COUNTS), LABELS), (TEXTS, None), (LABELS, None), (COUNTS[:, 0], LABELS)]
    inputs += [([{"a": 1, "b": "x"}] * 4, None), ([[1, 2], [3]], None)]
    for make in (cls, *required(cls)):
        for data, target in inputs:
            try:
                yield make().fit(data, target)
            except Exception:
                continue


def composites() -> Iterator[object]:
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.feature_selection import SelectKBest, chi2
    from sklearn.gaussian_process import GaussianProcessRegressor, kernels
    from sklearn.linear_model import LogisticRegression

    frame = FRAME.assign(plan=pd.Categorical(["basic", "pro"] * 20), region=["north", "south"] * 20)
    scale = ("scale", preprocessing.StandardScaler(), list(FRAME))
    columns = compose.ColumnTransformer([scale, ("encode", preprocessing.OneHotEncoder(), ["plan", "region"])])
    search, forest = model_selection.GridSearchCV, RandomForestClassifier(3)
    yield pipeline.make_pipeline(columns, LogisticRegression()).fit(frame, LABELS)
    yield search(forest, {"max_depth": [2, 3]}, scoring="roc_auc").fit(COUNTS, LABELS)
    folds = model_selection.KFold(3)
    yield search(forest, {"max_depth": [2]}, scoring=["f1", "recall"], refit="f1", cv=folds).fit(COUNTS, LABELS)
    for function in (np.log1p, np.log, np.sqrt, np.exp, np.expm1, np.abs):
        yield preprocessing.FunctionTransformer(function).fit(COUNTS + 1)
    yield compose.TransformedTargetRegressor(func=np.log1p, inverse_func=np.expm1).fit(COUNTS, COUNTS[:, 0])
    yield SelectKBest(chi2, k=2).fit(COUNTS, LABELS)
    yield HistGradientBoostingClassifier(categorical_features="from_dtype").fit(frame.drop(columns="region"), LABELS)
    for kernel in (kernels.RBF() * 2 + kernels.WhiteKernel(), kernels.Matern() ** 2, kernels.RationalQuadratic()):
        yield GaussianProcessRegressor(kernel).fit(COUNTS, LABELS)
    yield RandomForestClassifier(2, random_state=np.random.RandomState(0)).fit(COUNTS, LABELS)


def values() -> Iterator[object]:
    """What stands beside a model in somebody's dict."""
    import collections
    import datetime
    import decimal
    import fractions
    import re
    import uuid

    yield FRAME.assign(text="a", kind=pd.Categorical(["a", "b"] * 20), when=pd.Timestamp("2026-01-01"), flag=True)
    yield FRAME.assign(number=pd.array([1, None] * 20, dtype="Int64"), zone=pd.Timestamp("2026-01-01", tz="UTC"))
    yield FRAME.set_index(["feature_0", "feature_1"])["feature_2"]
    yield [pd.Timestamp("2026-01-01"), pd.Timedelta("1D"), pd.Interval(0, 1), pd.Period("2026-01"), pd.NA, pd.NaT]
    yield pd.Series(pd.date_range("2026-01-01", periods=3), index=pd.interval_range(0, 3))
    yield [np.float64(1), np.float32(1), np.int64(1), np.bool_(True), np.str_("a"), np.datetime64("2026-01-01")]
    yield [np.random.default_rng(0), np.random.RandomState(0), np.random.SeedSequence(0)]
    yield [np.float32, np.float64, np.int32, np.int64, np.bool_, np.uint8, np.object_, float, int, str, bool]
    yield [np.array(["a", None], dtype=object), np.ma.masked_array([1, 2], [True, False]), np.array(["a", b"a"])]
    yield [sparse.csr_matrix(COUNTS), sparse.csc_matrix(COUNTS), sparse.coo_matrix(COUNTS), sparse.csr_array(COUNTS)]
    yield [sparse.csc_array(COUNTS), sparse.coo_array(COUNTS), sparse.dok_array((2, 2)), sparse.lil_array((2, 2))]
    yield [datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc), datetime.date(2026, 1, 1)]
    yield [
        datetime.timedelta(1),
        datetime.time(1),
        decimal.Decimal(1),
        fractions.Fraction(1, 2),
        uuid.UUID(int=1),
        1j,
        slice(1),
        range(2),
    ]
    yield [{1}, frozenset({1}), bytearray(b"a"), b"a", collections.OrderedDict(a=1), collections.defaultdict(list)]
    yield [collections.Counter("a"), collections.deque([1]), re.compile("a")]


def boosters() -> Iterator[object]:
    if importlib.util.find_spec("lightgbm"):
        import lightgbm

        yield lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(FRAME, LABELS)
        yield lightgbm.LGBMRegressor(n_estimators=2, verbose=-1).fit(FRAME, LABELS)
        yield lightgbm.LGBMRanker(n_estimators=2, verbose=-1).fit(FRAME, LABELS, group=[20, 20])
        yield lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(FRAME, LABELS).booster_
    if importlib.util.find_spec("xgboost"):
        import xgboost

        yield xgboost.XGBClassifier(n_estimators=2).fit(FRAME, LABELS)
        yield xgboost.XGBRegressor(n_estimators=2).fit(FRAME, LABELS)
        yield xgboost.XGBRFClassifier(n_estimators=2).fit(FRAME, LABELS)
        yield xgboost.XGBRFRegressor(n_estimators=2).fit(FRAME, LABELS)
        yield xgboost.XGBRanker(n_estimators=2).fit(FRAME, LABELS, group=[20, 20])
        yield xgboost.XGBClassifier(n_estimators=2).fit(FRAME, LABELS).get_booster()


def everything() -> Iterator[object]:
    for _, cls in all_estimators():
        yield from fitted(cls)
    yield from composites()
    yield from values()
    yield from boosters()


def dumps(value: object) -> Iterator[bytes]:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.dumps(value, protocol)
        stream = io.BytesIO()
        joblib.dump(value, stream, protocol=protocol)
        yield stream.getvalue()


def methods() -> Iterator[str]:
    """The methods and properties of the listed estimators, but for what is an attribute elsewhere."""
    for module, name in ESTIMATORS:
        try:
            cls = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
        for base in cls.__mro__[:-1]:
            for attribute, value in vars(base).items():
                is_attribute = isinstance(value, property) and attribute.endswith("_")
                if hasattr(value, "__get__") and not attribute.startswith("__") and not is_attribute:
                    yield attribute


def main() -> None:
    warnings.simplefilter("ignore")
    if "--methods" in sys.argv:
        print("\n".join(sorted({*methods()} - METHODS - {"_n_features_out", "perplexity"})))
        return
    found = {(cls.__module__, cls.__name__): "all_estimators" for _, cls in all_estimators()}
    for value in everything():
        try:
            dumped = list(dumps(value))
        except (TypeError, AttributeError, pickle.PicklingError):
            continue
        for content in dumped:
            scan = scan_pickle(io.BytesIO(content))
            if scan.problems:
                print(f"# {type(value).__name__}: {scan.problems[0]}", file=sys.stderr)
            for each in scan.globals:
                found.setdefault(each.pair, type(value).__name__)
    for (module, name), origin in sorted(found.items()):
        if "--all" in sys.argv or not allowed(module, name):
            print(f"{module} {name}  # {origin}")


if __name__ == "__main__":
    main()

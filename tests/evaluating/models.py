"""Real models of each task, saved in each format, and what they answer when they are called directly."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

BINARY, MULTICLASS, REGRESSION = "binary-classification", "multiclass-classification", "regression"
#: The breast cancer set says 0 and 1; iris is given its names; diabetes is a number.
_SETS = {BINARY: "load_breast_cancer", MULTICLASS: "load_iris", REGRESSION: "load_diabetes"}
POSITIVE = {BINARY: "1", MULTICLASS: None, REGRESSION: None}


def data(task: str, *, numbered: bool = False) -> tuple[Any, Any]:
    """Features whose names no format minds, and labels."""
    from sklearn import datasets

    loaded = getattr(datasets, _SETS[task])(as_frame=True)
    features = loaded.data.iloc[:150, :4].set_axis(["a", "b", "c", "d"], axis="columns")
    labels = loaded.target.iloc[:150]
    if task == MULTICLASS and not numbered:
        labels = labels.map(dict(enumerate(loaded.target_names.tolist())))
    return features, labels


def estimator(task: str) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), Ridge() if task == REGRESSION else LogisticRegression()).fit(*data(task))


def direct(task: str, model: Any, features: Any) -> dict[str, Any]:
    """What scikit-learn's own methods say."""
    said = {"prediction": model.predict(features)}
    if task == BINARY:
        said["score"] = model.predict_proba(features)[:, list(model.classes_).index(1)]
    if task == MULTICLASS:
        probabilities = model.predict_proba(features)
        said |= {f"score_{name}": probabilities[:, at] for at, name in enumerate(model.classes_)}
    return said


def save(model: Any, path: Path) -> None:
    import joblib
    import skops.io

    if path.suffix == ".skops":
        skops.io.dump(model, path)
    elif path.suffix == ".joblib":
        joblib.dump(model, path, compress=3)
    elif path.suffix == ".pkl":
        path.write_bytes(pickle.dumps(model))
    else:
        path.write_bytes(onnx(model))


def onnx(model: Any, **options: Any) -> bytes:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    graph = to_onnx(
        model,
        initial_types=[("X", FloatTensorType([None, 4]))],
        options={id(model): options or None} if options else None,
    )
    return graph.SerializeToString()  # type: ignore[no-any-return]


def xgboost(task: str) -> tuple[Any, dict[str, Any]]:
    """A booster, and what the library's estimator that it is of says."""
    from xgboost import XGBClassifier, XGBRegressor

    features, labels = data(task, numbered=True)
    kind = XGBRegressor if task == REGRESSION else XGBClassifier
    model = kind(n_estimators=5, max_depth=2, n_jobs=1).fit(features, labels)
    return model.get_booster(), _native(task, direct(task, model, features))


def lightgbm(task: str) -> tuple[Any, dict[str, Any]]:
    """As `xgboost`."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    features, labels = data(task, numbered=True)
    kind = LGBMRegressor if task == REGRESSION else LGBMClassifier
    model = kind(n_estimators=5, max_depth=2, n_jobs=1, verbose=-1).fit(features, labels)
    return model.booster_, _native(task, direct(task, model, features))


def _native(task: str, said: dict[str, Any]) -> dict[str, Any]:
    """A booster of two classes has a score alone."""
    return {"score": said["score"]} if task == BINARY else said

"""Honest files for the measurement: models that are trained here, saved in every way that their libraries know."""

from __future__ import annotations

import io
import json
import pickle
import struct
import warnings
from collections.abc import Iterator
from typing import Any

import joblib
import lightgbm
import numpy as np
import pandas as pd
import skops.io
import xgboost
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from bench.pickle_payloads import archive, joblib_bytes

INPUTS, LABELS = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
_ROWS = 200


def models(*wanted: str) -> dict[str, Any]:
    """Fitted estimators by name: those that are wanted, or all."""
    estimators = {
        "logistic-regression": make_pipeline(StandardScaler(), LogisticRegression()),
        "ridge": Ridge(),
        "sgd": SGDClassifier(random_state=0),
        "tree": DecisionTreeClassifier(random_state=0),
        "forest": RandomForestClassifier(20, random_state=0),
        "gradient-boosting": GradientBoostingClassifier(n_estimators=10, random_state=0),
        "hist-gradient-boosting": HistGradientBoostingClassifier(max_iter=10, random_state=0),
        "isolation-forest": IsolationForest(n_estimators=10, random_state=0),
        "support-vectors": SVC(probability=False),
        "neighbours": KNeighborsClassifier(),
        "naive-bayes": GaussianNB(),
        "neural-network": MLPClassifier((8,), max_iter=50, random_state=0),
        "gaussian-process": GaussianProcessRegressor(),
        "components": PCA(3),
        "search": GridSearchCV(LogisticRegression(max_iter=50), {"C": [0.1, 1.0]}, cv=2),
        "lightgbm": lightgbm.LGBMClassifier(n_estimators=5, verbose=-1),
        "xgboost": xgboost.XGBClassifier(n_estimators=5),
        "columns": make_pipeline(_by_kind(), LogisticRegression(max_iter=50)),
        "words": TfidfVectorizer(),
    }
    texts = [f"word{number} another{number % 7}" for number in range(_ROWS)]
    frame = INPUTS[:_ROWS].assign(kind=pd.Categorical(["a", "b"] * (_ROWS // 2)))
    inputs = dict.fromkeys(estimators, INPUTS[:_ROWS]) | {"columns": frame, "words": texts}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: estimators[name].fit(inputs[name], LABELS[:_ROWS]) for name in wanted or estimators}


def _by_kind() -> ColumnTransformer:
    return ColumnTransformer([("kind", OneHotEncoder(), ["kind"])], remainder="passthrough")


def honest_files() -> Iterator[tuple[str, bytes]]:
    """Each harmless file: its name, and its bytes."""
    fitted = models()
    for name, model in fitted.items():
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            yield f"{name}-{protocol}.pkl", pickle.dumps(model, protocol)
        yield f"{name}.joblib", joblib_bytes(model)
        for kind in ("zlib", "gzip", "bz2", "lzma", "xz"):
            yield f"{name}-{kind}.joblib", joblib_bytes(model, compress=(kind, 3))
        if name not in ("lightgbm", "xgboost"):
            yield f"{name}.skops", skops.io.dumps(model)
    yield "lightgbm.txt", fitted["lightgbm"].booster_.model_to_string().encode()
    yield from ((f"xgboost.{kind}", bytes(fitted["xgboost"].get_booster().save_raw(kind))) for kind in ("ubj", "json"))
    yield from _arrays()
    yield "logistic-regression.onnx", _onnx(fitted["logistic-regression"])
    yield "weights.safetensors", _safetensors(np.arange(12, dtype="<f4"))


def _arrays() -> Iterator[tuple[str, bytes]]:
    objects = np.array(["a", None, {"b": 1.5}], dtype=object)
    for name, array in (("numbers", np.arange(1000.0)), ("texts", np.array(["a", "bc"])), ("objects", objects)):
        stream = io.BytesIO()
        np.save(stream, array, allow_pickle=True)
        yield f"{name}.npy", stream.getvalue()
        yield f"{name}.npz", archive({"a.npy": stream.getvalue()})
        yield f"{name}.joblib", joblib_bytes({"a": array})


def _onnx(model: Any) -> bytes:
    from skl2onnx import to_onnx

    content: bytes = to_onnx(model, INPUTS[:1].to_numpy(np.float32)).SerializeToString()
    return content


def _safetensors(array: Any) -> bytes:
    raw: bytes = array.tobytes()
    header = {"w": {"dtype": "F32", "shape": list(array.shape), "data_offsets": [0, array.nbytes]}}
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + raw


def broken_files() -> Iterator[tuple[str, bytes]]:
    """Files that nobody can read to their end: what they hold is not known, so that they are not clean."""
    forest = models("forest")["forest"]
    content = pickle.dumps(forest)
    whole = {"pkl": content, "joblib": joblib_bytes(forest, compress=("zlib", 3))}
    for extension, each in whole.items():
        for share in (0.2, 0.5, 0.9):
            yield f"cut-at-{share}.{extension}", each[: int(len(each) * share)]
    flipped = bytearray(whole["joblib"])
    flipped[len(flipped) // 2] ^= 0xFF
    yield "flipped.joblib", bytes(flipped)
    yield "empty.pkl", b""
    yield "text.pkl", b"this is no pickle at all\n"
    yield "random.pkl", np.random.default_rng(0).bytes(5000)
    yield "random.joblib", b"\x80\x04" + np.random.default_rng(1).bytes(5000)
    yield "unknown-protocol.pkl", b"\x80\x09" + content[2:]
    zipped = archive({"model/data.pkl": content, "model/version": b"3"})
    yield "cut.pt", zipped[: len(zipped) // 2]
    yield "header.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr': oops}  "


def large_files() -> Iterator[tuple[str, Any]]:
    """Names of files of some 100 MB, and what each holds, made as it is asked for."""
    rng = np.random.default_rng(0)
    yield "small-objects.pkl", [{"id": at, "score": at / 7, "tags": [at, str(at)]} for at in range(2_400_000)]
    yield "vocabulary.pkl", {f"token{at}": at for at in range(5_000_000)}
    forest = RandomForestClassifier(230, random_state=0, n_jobs=2)
    forest.fit(rng.random((20_000, 8)), rng.integers(0, 2, 20_000))
    yield from ((f"forest.{kind}", forest) for kind in ("pkl", "joblib"))
    small = RandomForestClassifier(20_000, max_depth=5, random_state=0, n_jobs=2)
    small.fit(rng.random((500, 8)), rng.integers(0, 2, 500))
    yield from ((f"many-small-trees.{kind}", small) for kind in ("pkl", "joblib"))
    yield from ((f"arrays.{kind}", {"w": rng.random((100, 130_000))}) for kind in ("pkl", "joblib"))


def write(value: object, path: str) -> None:
    """As its name says: with joblib, or with pickle."""
    if path.endswith(".joblib"):
        joblib.dump(value, path)
        return
    with open(path, "wb") as file:
        pickle.dump(value, file)

"""From a weights file to what answers a frame of examples: by the ending of its name."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from .answers import Answers
from .boosters import LightGBM, XGBoost
from .estimators import Estimator
from .graphs import Onnx
from .libraries import Refused, library, said


def load(request: dict[str, Any]) -> Callable[[Any], Answers]:
    """What answers a frame of examples."""
    name, path = request["name"], request["weights"]
    suffix = os.path.splitext(name)[1].lower()
    make = _LOADERS.get(suffix)
    if make is None:
        raise Refused(f"Snitch loads no {suffix or 'file without an ending'}: have the manifest's `predict` do it")
    try:
        return make(path, request)
    except (Refused, MemoryError):
        raise
    except ModuleNotFoundError as error:
        raise Refused(f"{name} needs {error.name}, which this interpreter has not") from None
    except Exception as error:
        raise Refused(f"{name} cannot be loaded: {said(error)}") from None


def _skops(path: str, request: dict[str, Any]) -> Callable[[Any], Answers]:
    io = library("skops.io")
    trusted = set(request["trusted"])
    unknown = sorted(set(io.get_untrusted_types(file=path)) - trusted)
    if unknown:
        shown = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        raise Refused(f"{request['name']} holds types that are not trusted: {shown}")
    return _object(io.load(path, trusted=sorted(trusted)), request)


def _pickle(path: str, request: dict[str, Any]) -> Callable[[Any], Answers]:
    if find_spec("joblib") is not None:  # which reads compressed ones, too
        return _joblib(path, request)
    with open(path, "rb") as file:
        return _object(pickle.load(file), request)


def _joblib(path: str, request: dict[str, Any]) -> Callable[[Any], Answers]:
    return _object(library("joblib").load(path), request)


def _object(model: Any, request: dict[str, Any]) -> Callable[[Any], Answers]:
    origin = f"{type(model).__module__.split('.')[0]}.{type(model).__name__}"
    if origin == "xgboost.Booster":
        return XGBoost(model, request)
    if origin == "lightgbm.Booster":
        return LightGBM(model, request)
    if not callable(getattr(model, "predict", None)):
        raise Refused(f"{request['name']} holds a {type(model).__name__}, which cannot predict")
    return Estimator(model, request)


def _xgboost(path: str, request: dict[str, Any]) -> Callable[[Any], Answers]:
    booster = library("xgboost").Booster()
    with open(path, "rb") as file:
        # From memory: from a path the format would be told by its ending.
        booster.load_model(bytearray(file.read()))
    return XGBoost(booster, request)


def _lightgbm(path: str, request: dict[str, Any]) -> Callable[[Any], Answers]:
    with open(path, "rb") as file:
        content = file.read()
    if not content.startswith(b"tree\n"):
        raise Refused(f"{request['name']} is no model of LightGBM: have the manifest's `predict` load it")
    return LightGBM(library("lightgbm").Booster(model_str=content.decode("utf-8")), request)


def _onnx(path: str, request: dict[str, Any]) -> Callable[[Any], Answers]:
    runtime = library("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return Onnx(runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"]), request)


_LOADERS: dict[str, Callable[[str, dict[str, Any]], Callable[[Any], Answers]]] = {
    ".skops": _skops,
    ".joblib": _joblib,
    **dict.fromkeys((".pkl", ".pickle"), _pickle),
    ".onnx": _onnx,
    **dict.fromkeys((".ubj", ".json"), _xgboost),
    **dict.fromkeys((".txt", ".bin", ".lgb"), _lightgbm),
}

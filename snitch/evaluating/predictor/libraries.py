"""The model's libraries: what is missing is told by its name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: What is installed, where the module is called otherwise.
_NAMES = {"sklearn": "scikit-learn", "onnxruntime": "onnxruntime", "skops.io": "skops", "pyarrow.parquet": "pyarrow"}


class Refused(Exception):
    """The model cannot be loaded, or cannot answer; and why."""


def library(name: str) -> Any:
    """A library that the interpreter must have."""
    try:
        return import_module(name)
    except ImportError as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else name
        if missing.split(".")[0] != name.split(".")[0]:
            raise Refused(f"{_NAMES.get(name, name)} cannot be imported: {said(error)}") from None
        raise Refused(f"this interpreter has no {_NAMES.get(name, missing)}: install it, or name another one") from None


def said(error: BaseException) -> str:
    first = (str(error).strip().splitlines() or [""])[0][:400]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__

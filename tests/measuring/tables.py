"""Tables of the field, in memory: a benchmark's definition, its data, a model's predictions."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import Any

import msgspec
import pandas as pd

from snitch.formats.benchmark import BenchmarkDefinition

DIGEST = "sha256:" + "0" * 64


def definition(**more: Any) -> BenchmarkDefinition:
    """A benchmark of five customers, unless told otherwise."""
    given = {
        "name": "churn-holdout",
        "version": "1",
        "task": "binary-classification",
        "all": True,
        "data": {"path": "data.parquet", "revision": DIGEST},
        "id": "customer",
        "target": "churned",
        "positive_label": 1,
        "metrics": ["roc_auc"],
        **more,
    }
    return msgspec.convert(given, BenchmarkDefinition)


def data(**more: Any) -> pd.DataFrame:
    """The data of five customers, in no order."""
    columns = {
        "customer": [30, 10, 50, 20, 40],
        "churned": [1, 0, 1, 0, 0],
        "plan": ["pro", "basic", "pro", None, "basic"],
        "months": [1.0, 24.0, 2.0, 7.0, 12.0],
    }
    return pd.DataFrame({**columns, **more})


def predictions(**more: Any) -> pd.DataFrame:
    """A model's answers to them, in another order."""
    columns = {"customer": [10, 20, 30, 40, 50], "prediction": [0, 0, 1, 1, 1], "score": [0.1, 0.2, 0.9, 0.6, 0.8]}
    return pd.DataFrame({**columns, **more})


def parquet(frame: pd.DataFrame) -> bytes:
    """The frame as a Parquet file's bytes."""
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


def digest(content: bytes) -> str:
    """As a record names content."""
    return "sha256:" + sha256(content).hexdigest()

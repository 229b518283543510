"""`SPOTLESS` with examples and predictions in it: the tables lie in Git itself, so that their bytes are at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, edit
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table

DATA, PREDICTIONS = "benchmarks/churn-holdout/data.parquet", f"{FOLDER}/evaluations/churn-holdout.parquet"
Files = dict[str, bytes | str]


def customers(rows: int = 400, seed: int = 3) -> pd.DataFrame:
    """Customers of two plans and three bands of age, of whom about a third churns."""
    draws = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{n:05}" for n in range(rows)],
            "churned": (draws.random(rows) < 0.35).astype(int),
            "plan": np.where(draws.random(rows) < 0.3, "pro", "basic"),
            "age_band": draws.choice(["under 40", "40 to 59", "60 and over"], rows),
        }
    )


def scored(data: pd.DataFrame, noise: float = 0.8, seed: int = 4) -> pd.DataFrame:
    """A model's answers: better than chance, and blind to plan and age."""
    drawn = np.random.default_rng(seed).normal(0, noise, len(data))
    score = 1 / (1 + np.exp(-(2 * data["churned"] - 1 + drawn)))
    return pd.DataFrame({"customer_id": data["customer_id"], "prediction": (score >= 0.42).astype(int), "score": score})


def repository(
    data: pd.DataFrame,
    predictions: pd.DataFrame | None,
    *,
    more: str = "",
    edits: Mapping[str, str] | None = None,
    task: str = "binary-classification",
) -> Files:
    """The files of a model measured on `data`: `more` are lines of the benchmark, `edits` replace text in it."""
    content = table(data)
    benchmark = str(SPOTLESS[BENCHMARK]).replace(digest(b"data"), digest(content)).replace("4120", str(len(data)))
    for old, new in {"binary-classification": task, **(edits or {})}.items():
        assert old in benchmark
        benchmark = benchmark.replace(old, new)
    benchmark += more
    definition = Repository(MemorySnapshot({BENCHMARK: benchmark})).benchmarks[0].definition.definition
    record = json.loads(SPOTLESS[EVALUATION])
    record["dataset"] |= {"revision": digest(content), "definition": definition, "rows": len(data)}
    held: Files = {BENCHMARK: benchmark, DATA: content}
    if predictions is not None:
        held[PREDICTIONS] = table(predictions)
        record["predictions"] = {"path": "churn-holdout.parquet", "sha256": digest(table(predictions))}
    files = edit({**SPOTLESS, **held}, MANIFEST, "task: binary-classification", f"task: {task}")
    return {**files, EVALUATION: json.dumps(record, indent=2)}

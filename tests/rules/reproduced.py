"""A repository whose record is what its predictions give, and what evidence says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from msgspec.structs import replace
from sklearn import metrics
from snitch.rules.reproduction import UnreproducibleEvaluation

from snitch.model import Model
from snitch.model_files import answering_digest
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, FOLDER, PRODUCTION, SPOTLESS, judgement
from tests.judging import WEIGHTS as WEIGHTS_DIGEST
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table

RULE = UnreproducibleEvaluation()
VERIFY = replace(PRODUCTION, verify=True)
DATA, PREDICTIONS = "benchmarks/churn-holdout/data.parquet", f"{FOLDER}/evaluations/churn-holdout.parquet"
HEAD = "4" * 40
ROWS = 200

Files = dict[str, bytes | str]


def examples() -> pd.DataFrame:
    draws = np.random.default_rng(3)
    churned = draws.integers(0, 2, ROWS)
    plan = np.where(draws.random(ROWS) < 0.3, "pro", "basic")
    return pd.DataFrame({"customer_id": [f"c{n:03}" for n in range(ROWS)], "churned": churned, "plan": plan})


def answers(data: pd.DataFrame) -> pd.DataFrame:
    noise = np.random.default_rng(4).normal(0, 0.8, len(data))
    score = 1 / (1 + np.exp(-(2 * data["churned"] - 1 + noise)))
    prediction = (score >= 0.42).astype(int)
    return pd.DataFrame({"customer_id": data["customer_id"], "prediction": prediction, "score": score})


def measured(data: pd.DataFrame, answered: pd.DataFrame) -> list[dict[str, Any]]:
    """The metrics of the benchmark by scikit-learn itself."""
    labels, score = data["churned"], answered["score"]
    return [
        {"type": "roc_auc", "value": float(metrics.roc_auc_score(labels, score))},
        {"type": "average_precision", "value": float(metrics.average_precision_score(labels, score))},
        {"type": "recall", "args": {"threshold": 0.42}, "value": float(metrics.recall_score(labels, score >= 0.42))},
    ]


def repository(
    data: pd.DataFrame | None = None, answered: pd.DataFrame | None = None, *, measures: bool = True
) -> Files:
    """A repository whose record is what its predictions give; the tables lie in Git itself."""
    data = examples() if data is None else data
    answered = answers(examples()) if answered is None else answered
    content, predictions = table(data), table(answered)
    benchmark = str(SPOTLESS[BENCHMARK]).replace(digest(b"data"), digest(content)).replace("4120", str(len(data)))
    definition = Repository(MemorySnapshot({BENCHMARK: benchmark})).benchmarks[0].definition.definition
    record = json.loads(SPOTLESS[EVALUATION])
    record["dataset"] |= {"revision": digest(content), "definition": definition, "rows": len(data)}
    joined = data.merge(answered, on="customer_id") if "customer_id" in answered and measures else data
    if len(joined) == len(data) and "score" in joined and joined["score"].notna().all():
        record["metrics"] = measured(joined, joined)
        record["slices"] = [
            {"slice": {"plan": plan}, "rows": len(rows), "metrics": measured(rows, rows)}
            for plan, rows in joined.groupby("plan")
        ]
    record["predictions"] = {"path": "churn-holdout.parquet", "sha256": digest(predictions)}
    held: Files = {
        BENCHMARK: benchmark,
        DATA: content,
        EVALUATION: json.dumps(record, indent=2),
        PREDICTIONS: predictions,
    }
    return {**SPOTLESS, **held}


def judged(files: Mapping[str, bytes | str], **more: Any) -> Judgement:
    more = {"gate": gate_of(), **more}
    return judgement(RULE, files, **more)


def entry(files: Files, /, **changes: Any) -> dict[str, Any]:
    record = json.loads(files[EVALUATION])
    return {
        "model": "churn",
        "benchmark": "churn-holdout",
        "weights": {"model.skops": WEIGHTS_DIGEST},
        "files": answering_digest(Model(Repository(MemorySnapshot(files)), FOLDER)),
        "data": record["dataset"]["revision"],
        "definition": record["dataset"]["definition"],
        "predictions": record["predictions"]["sha256"],
        "rows": ROWS,
        "metrics": record["metrics"],
        "slices": record["slices"],
        "differing": 0,
        **changes,
    }

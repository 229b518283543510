"""Two models measured on the same examples, whose records say what their predictions give."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import recall_score, roc_auc_score

from tests.judging import EVALUATION
from tests.rules.answered import Files, repository
from tests.rules.measured import weighing

Edit = Callable[[dict[str, Any]], None]


def shoppers(rows: int, seed: int = 7) -> pd.DataFrame:
    """Customers of whom a third churns; one in five has the plan `pro`."""
    draws = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{n:06}" for n in range(rows)],
            "churned": (draws.random(rows) < 0.35).astype(int),
            "plan": np.where(draws.random(rows) < 0.2, "pro", "basic"),
            "known": draws.normal(size=rows),
        }
    )


def answers(data: pd.DataFrame, signal: float = 2.0, own: float = 0.1, seed: int = 1, pro: float = 0) -> pd.DataFrame:
    """A model's answers: what all models see, and noise of its own; `pro` takes from what it knows of that plan."""
    strength = signal - pro * (data["plan"] == "pro")
    logit = strength * (data["churned"] - 0.5) + data["known"]
    logit += own * np.random.default_rng(seed).normal(size=len(data))
    score = 1 / (1 + np.exp(-logit))
    return pd.DataFrame({"customer_id": data["customer_id"], "prediction": (score >= 0.5).astype(int), "score": score})


def metrics(data: pd.DataFrame, predicted: pd.DataFrame) -> list[dict[str, Any]]:
    """What a record says, but for what takes long to test."""
    labels, scores = data["churned"], predicted["score"]
    return [
        {"type": "roc_auc", "value": float(roc_auc_score(labels, scores))},
        {"type": "recall", "args": {"threshold": 0.42}, "value": float(recall_score(labels, scores >= 0.42))},
    ]


def measured(data: pd.DataFrame, predicted: pd.DataFrame, more: str = "", edit: Edit = lambda record: None) -> Files:
    """The files of a model with its predictions, and a record of what they give, changed by `edit`."""
    files = repository(data, predicted, more=more)
    record = json.loads(files[EVALUATION])
    told = predicted.set_index("customer_id").loc[data["customer_id"]].reset_index()
    record["metrics"] = metrics(data, told)
    parts = [(plan, data["plan"] == plan) for plan in sorted(set(data["plan"]))]
    record["slices"] = [
        {"slice": {"plan": plan}, "rows": int(rows.sum()), "metrics": metrics(data[rows], told[rows])}
        for plan, rows in parts
    ]
    edit(record)
    return {**files, EVALUATION: json.dumps(record, indent=2)}


def pair(
    data: pd.DataFrame,
    candidate: pd.DataFrame,
    deployed: pd.DataFrame,
    more: str = "",
    edit: Edit = lambda record: None,
) -> tuple[Files, Files]:
    """Both sides; `edit` changes the candidate's record."""
    return measured(data, candidate, more, edit), weighing(measured(data, deployed, more), "older weights", "1.3.2")

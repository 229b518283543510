"""A repository whose benchmark and training data are tables, and the profile of the one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from snitch.formats.profile import profile_document
from snitch.measuring.profiling import profiled
from snitch.measuring.streams import Stream
from tests.judging import BENCHMARK, FOLDER, MANIFEST, SPOTLESS, edit
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table

DATA = "benchmarks/churn-holdout/data.parquet"
PROFILE = f"{FOLDER}/training-profile.json"
Files = dict[str, bytes | str]


def subscribers(rows: int, seed: int, prefix: str) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"{prefix}{n:05}" for n in range(rows)],
            "tenure_months": draws.integers(0, 120, rows),
            "spend": draws.gamma(2.0, 20.0, rows),
            "plan": draws.choice(["basic", "pro"], rows, p=[0.7, 0.3]),
            "churned": draws.integers(0, 2, rows),
        }
    )


TRAINING, HOLDOUT = subscribers(2000, 1, "t"), subscribers(1000, 2, "h")
INPUTS = (
    "inputs: [{name: tenure_months, type: long, minimum: 0}, {name: spend, type: double, minimum: 0}, "
    "{name: plan, type: string, enum: [basic, pro]}]"
)
_OLD_INPUTS = "inputs: [{name: tenure_months, type: long, minimum: 0}, {name: plan, type: string, enum: [basic, pro]}]"


def profile_of(frame: pd.DataFrame, **more: Any) -> dict[str, Any]:
    """The profile of a table as plain data."""
    content = table(frame)
    profile = profiled(Stream(content, "training.parquet"), digest(content), **more)
    return dict(json.loads(json.dumps(profile_document(profile))))


#: Without the target, so that rows are of features.
FEATURES = TRAINING.drop(columns="churned")
TRAINED = profile_of(FEATURES, id="customer_id")


def repository(
    holdout: pd.DataFrame | None = None, profile: Any = TRAINED, *, csv: bool = False, revision: str = ""
) -> Files:
    """A repository whose benchmark holds a table, and whose manifest names a profile; None is none."""
    holdout = HOLDOUT if holdout is None else holdout
    content = holdout.to_csv(index=False).encode() if csv else table(holdout)
    files: Files = dict(SPOTLESS)
    benchmark = str(files[BENCHMARK]).replace(digest(b"data"), digest(content)).replace("4120", str(len(holdout)))
    files[BENCHMARK] = benchmark.replace("data.parquet", "data.csv") if csv else benchmark
    files[DATA.replace("parquet", "csv") if csv else DATA] = content
    files = edit(files, MANIFEST, _OLD_INPUTS, INPUTS)
    if profile is not None:
        text = profile if isinstance(profile, (str, bytes)) else json.dumps(profile, indent=1)
        files[PROFILE] = text
        told = profile["data"]["digest"] if isinstance(profile, dict) else digest(b"training")
        files = edit(files, MANIFEST, digest(b"training"), revision or told)
        files = edit(files, MANIFEST, "rows: 18000}", "rows: 18000, profile: training-profile.json}")
    return files

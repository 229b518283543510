"""Measures models on their benchmarks and writes evaluations/<benchmark>.json and .parquet beside each.

`python evaluate.py` measures every model; `python evaluate.py diabetes` the models that are named.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
import yaml
from sklearn import metrics as sk

ROOT = Path(__file__).resolve().parent
PACKAGES = ("numpy", "pandas", "scikit-learn", "scipy", "skops")
RESAMPLES = 500
SEED = 0

# Each takes the labels, the column `prediction` and the column `score`, all as arrays, and its own arguments.
METRICS: dict[str, dict[str, Callable[..., float]]] = {
    "binary-classification": {
        "roc_auc": lambda labels, _, score: sk.roc_auc_score(labels, score),
        "average_precision": lambda labels, _, score: sk.average_precision_score(labels, score),
        "brier_score_loss": lambda labels, _, score: sk.brier_score_loss(labels, score),
        "recall": lambda labels, _, score, threshold: sk.recall_score(labels, score >= threshold),
    },
    "regression": {
        "mean_absolute_error": lambda labels, prediction, _: sk.mean_absolute_error(labels, prediction),
        "root_mean_squared_error": lambda labels, prediction, _: sk.root_mean_squared_error(labels, prediction),
        "r2": lambda labels, prediction, _: sk.r2_score(labels, prediction),
    },
}


def read_yaml(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def requested_metrics(benchmark: dict[str, Any]) -> list[dict[str, Any]]:
    """The benchmark's metrics, a plain name being one without arguments."""
    requested = [{"type": each} if isinstance(each, str) else each for each in benchmark["metrics"]]
    return [{**each, "args": each.get("args", {})} for each in requested]


def check_metrics(benchmark: dict[str, Any]) -> None:
    """Stops where the benchmark asks for a metric that is not computed here."""
    known = METRICS.get(benchmark["task"], {})
    if unknown := [each["type"] for each in requested_metrics(benchmark) if each["type"] not in known]:
        computed = f"{benchmark['task']} are computed: {', '.join(known) or 'none'}"
        sys.exit(f"{benchmark['name']} asks for {', '.join(unknown)}; of {computed} (METRICS in {Path(__file__).name})")


def definition(benchmark: dict[str, Any]) -> str:
    """The digest of what makes two evaluations on the same data comparable."""
    content = {key: benchmark.get(key) for key in ("task", "target", "positive_label", "id")}
    content["metrics"] = requested_metrics(benchmark)
    kept = {key: value for key, value in content.items() if value is not None}
    return digest(json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def read_data(folder: Path, benchmark: dict[str, Any]) -> pd.DataFrame:
    """The benchmark's data in the order of its ids, once it is known to be the data that was agreed on."""
    path = folder / benchmark["data"]["path"]
    if digest(path.read_bytes()) != benchmark["data"]["revision"]:
        sys.exit(f"{path}: not the revision of benchmark.yaml (if it is a Git LFS pointer: git lfs pull)")
    return pd.read_parquet(path).sort_values(benchmark["id"], ignore_index=True)


def predict(folder: Path, manifest: dict[str, Any], features: pd.DataFrame) -> pd.DataFrame:
    """The model's answers: `prediction`, and for a classifier `score`, the probability of the positive class."""
    (weights,) = manifest["weights"]
    model = skops.io.load(folder / weights)
    if manifest["task"] == "regression":
        return pd.DataFrame({"prediction": model.predict(features)})
    score = model.predict_proba(features)[:, 1]
    return pd.DataFrame({"prediction": (score >= manifest["decision_threshold"]).astype("int64"), "score": score})


def labels_of(data: pd.DataFrame, benchmark: dict[str, Any]) -> np.ndarray:
    labels = data[benchmark["target"]].to_numpy()
    return labels if benchmark["task"] == "regression" else labels == benchmark["positive_label"]


def measure(
    benchmark: dict[str, Any], labels: np.ndarray, predictions: pd.DataFrame, *, resample: bool
) -> list[dict[str, Any]]:
    """The metrics on these examples; with `resample` also their 95 % intervals, by a bootstrap with a fixed seed."""
    prediction = predictions["prediction"].to_numpy()
    score = predictions.get("score", predictions["prediction"]).to_numpy()
    draws = np.random.default_rng(SEED).integers(0, len(labels), (RESAMPLES, len(labels)))
    measured = []
    for metric in requested_metrics(benchmark):

        def value(rows: Any, metric: dict[str, Any] = metric) -> float:
            compute = METRICS[benchmark["task"]][metric["type"]]
            return float(compute(labels[rows], prediction[rows], score[rows], **metric["args"]))

        record = {"type": metric["type"], "args": metric["args"], "value": value(slice(None))}
        if not record["args"]:
            del record["args"]
        if resample:
            lower, upper = np.quantile([value(rows) for rows in draws], [0.025, 0.975])
            record["confidence_interval"] = {"lower_bound": float(lower), "upper_bound": float(upper), "level": 0.95}
        measured.append(record)
    return measured


def measure_slices(
    benchmark: dict[str, Any], data: pd.DataFrame, labels: np.ndarray, predictions: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """The metrics of each value of each slice column."""
    for column in benchmark.get("slices", []):
        for value in sorted(data[column].unique().tolist()):
            rows = (data[column] == value).to_numpy()
            measured = measure(benchmark, labels[rows], predictions[rows], resample=False)
            yield {"slice": {column: value}, "rows": int(rows.sum()), "metrics": measured}


def evaluate(model: Path, benchmark_folder: Path) -> None:
    """Writes the evaluation of one model on one benchmark, and the predictions it was computed from."""
    manifest, benchmark = read_yaml(model / "model.yaml"), read_yaml(benchmark_folder / "benchmark.yaml")
    check_metrics(benchmark)
    data = read_data(benchmark_folder, benchmark)
    predictions = predict(model, manifest, data[[column["name"] for column in manifest["signature"]["inputs"]]])
    labels = labels_of(data, benchmark)

    stem = model / "evaluations" / benchmark["name"]
    stem.parent.mkdir(exist_ok=True)
    predictions_path = stem.with_name(stem.name + ".parquet")
    pd.concat([data[[benchmark["id"]]], predictions], axis="columns").to_parquet(predictions_path, index=False)
    record = {
        "schema_version": 1,
        "model": {
            "name": manifest["name"],
            "version": manifest["version"],
            "weights": {name: digest((model / name).read_bytes()) for name in manifest["weights"]},
        },
        "dataset": {
            "name": benchmark["name"],
            "version": benchmark["version"],
            "revision": benchmark["data"]["revision"],
            "definition": definition(benchmark),
            "rows": len(data),
        },
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "metrics": measure(benchmark, labels, predictions, resample=True),
        "slices": list(measure_slices(benchmark, data, labels, predictions)),
        "predictions": {"path": predictions_path.name, "sha256": digest(predictions_path.read_bytes())},
        "environment": {"python": platform.python_version(), "packages": {name: version(name) for name in PACKAGES}},
    }
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    stem.with_name(stem.name + ".json").write_text(text + "\n", encoding="utf-8", newline="\n")
    summary = ", ".join(f"{metric['type']} {metric['value']:.4f}" for metric in record["metrics"])
    print(f"{manifest['name']} {manifest['version']} on {benchmark['name']}: {summary}")


def main() -> None:
    models = {read_yaml(path)["name"]: path.parent for path in sorted(ROOT.glob("models/*/model.yaml"))}
    named = sys.argv[1:] or list(models)
    if unknown := [name for name in named if name not in models]:
        sys.exit(f"no such model: {', '.join(unknown)}; there are {', '.join(models)}")
    for name in named:
        for path in sorted(ROOT.glob("benchmarks/*/benchmark.yaml")):
            if name in read_yaml(path)["models"]:
                evaluate(models[name], path.parent)


if __name__ == "__main__":
    main()

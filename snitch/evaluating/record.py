"""The record of an evaluation, as the file that it is kept in."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from snitch.evaluating.subjects import Subject
from snitch.formats.evaluation import RecordedMetric, RecordedSlice
from snitch.measuring.measures import Measures


class Made(Struct, frozen=True, kw_only=True):
    """What a record tells beside the model and the benchmark that it is of."""

    rows: int
    measures: Measures
    predictions: dict[str, str]
    python: str
    packages: dict[str, str]


def record_of(subject: Subject, made: Made, moment: datetime) -> dict[str, Any]:
    """The record's content."""
    model, benchmark = subject
    definition = benchmark.definition
    return {
        "schema_version": 1,
        "model": {"name": model.manifest.name, "version": model.manifest.version, "weights": model.weights_digests},
        "dataset": {
            "name": definition.name,
            "version": definition.version,
            "revision": definition.data.revision,
            "definition": definition.definition,
            "rows": made.rows,
        },
        "date": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "metrics": [metric_of(each) for each in made.measures.metrics],
        "slices": [slice_of(each) for each in made.measures.slices],
        "predictions": made.predictions,
        "environment": {"python": made.python, "packages": made.packages},
    }


def metric_of(metric: RecordedMetric) -> dict[str, Any]:
    """A metric's content: nothing that is empty."""
    kept: dict[str, Any] = {"type": metric.type}
    if metric.args:
        kept["args"] = metric.args
    kept["value"] = metric.value
    if metric.confidence_interval is not None:
        kept["confidence_interval"] = asdict(metric.confidence_interval)
    return kept


def slice_of(each: RecordedSlice) -> dict[str, Any]:
    """A slice's content."""
    return {"slice": each.slice, "rows": each.rows, "metrics": [metric_of(metric) for metric in each.metrics]}


def written(content: dict[str, Any]) -> bytes:
    """As it stands in the file."""
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def redated(content: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """With the date of the record that was there, where nothing else is another."""
    if before is None or "date" not in before or {**content, "date": before["date"]} != before:
        return content
    return {**content, "date": before["date"]}

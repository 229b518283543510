"""`evaluations/<benchmark>.json`: the record of one model version measured on one benchmark."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from snitch.formats.scalars import Count, Digest, Name, PredictionsPath, Text


class EvaluatedModel(Struct, frozen=True, forbid_unknown_fields=True):
    """Which model was measured: its weights' digests decide, its version informs."""

    name: Name
    weights: Annotated[dict[str, Digest], Meta(min_length=1)]
    version: str | None = None


class EvaluatedDataset(Struct, frozen=True, forbid_unknown_fields=True):
    """Which benchmark it was measured on: the digests of the data and of the definition decide."""

    name: Name
    revision: Digest
    version: str | None = None
    definition: Digest | None = None
    rows: Count | None = None


class ConfidenceInterval(Struct, frozen=True, forbid_unknown_fields=True):
    """Two-sided, at `level` (a share, such as 0.95)."""

    lower_bound: float
    upper_bound: float
    level: Annotated[float, Meta(gt=0, lt=1)]


class RecordedMetric(Struct, frozen=True, forbid_unknown_fields=True):
    """A measured metric. `value` is kept as it was read: that it is a finite number is a rule's to say."""

    type: Text
    value: Annotated[Any, Meta(extra_json_schema={"type": "number"})]
    args: dict[str, Any] | None = None
    confidence_interval: ConfidenceInterval | None = None


class RecordedSlice(Struct, frozen=True, forbid_unknown_fields=True):
    """The metrics of the examples that share the named columns' values."""

    slice: Annotated[dict[str, str | int | float | bool | None], Meta(min_length=1)]
    metrics: tuple[RecordedMetric, ...]
    rows: Count | None = None


class Predictions(Struct, frozen=True, forbid_unknown_fields=True):
    """The per-example predictions the metrics were computed from."""

    path: PredictionsPath
    sha256: Digest


class MeasuringEnvironment(Struct, frozen=True, forbid_unknown_fields=True):
    """What the evaluation ran on."""

    python: str | None = None
    packages: dict[str, str] = {}


class EvaluationRecord(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`evaluations/<benchmark>.json`: the record of an evaluation."""

    schema_version: Literal[1]
    model: EvaluatedModel
    dataset: EvaluatedDataset
    date: datetime
    metrics: tuple[RecordedMetric, ...]
    slices: tuple[RecordedSlice, ...] = ()
    predictions: Predictions | None = None
    environment: MeasuringEnvironment | None = None


def outcome_of(predictions: object, metrics: object) -> str:
    """A digest of what came out of an evaluation, by plain data of a record, valid or not: its predictions, and its
    metrics by their types, arguments and values. What is told beside them, such as an interval, makes no other.
    """
    kept = predictions.get("sha256") if isinstance(predictions, dict) else None
    told = [each for each in metrics if isinstance(each, dict)] if isinstance(metrics, (list, tuple)) else []
    values = sorted(json.dumps([each.get(k) for k in ("type", "args", "value")], sort_keys=True) for each in told)
    return sha256(json.dumps([kept, values]).encode()).hexdigest()

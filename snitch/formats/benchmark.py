"""`benchmark.yaml`: a fixed evaluation dataset with a definition."""

from __future__ import annotations

import json
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from snitch.formats.manifest import Task
from snitch.formats.scalars import Count, Digest, Name, Text


class BenchmarkData(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the data lies, relative to the definition, and the digest that pins it."""

    path: Text
    revision: Digest
    rows: Count | None = None


class Period(Struct, frozen=True, forbid_unknown_fields=True):
    """The days, both included, on which the examples were collected."""

    start: date | None = None
    end: date | None = None


class RequestedMetric(Struct, frozen=True, forbid_unknown_fields=True):
    """A metric that the benchmark asks for; its identity is its type and its arguments."""

    type: Text
    args: dict[str, Any] = {}
    greater_is_better: bool | None = None


class BenchmarkDefinition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """`benchmark.yaml`: what a benchmark is."""

    name: Name
    version: Text
    task: Task
    data: BenchmarkData
    id: Text
    target: Text | Annotated[tuple[Text, ...], Meta(min_length=1)]
    metrics: Annotated[tuple[str | RequestedMetric, ...], Meta(min_length=1)]
    models: Annotated[tuple[Name, ...], Meta(min_length=1)] | None = None
    all: bool = False
    collected: Period | None = None
    expires: date | None = None
    split: Literal["temporal", "random"] = "random"
    group: Text | None = None
    positive_label: str | int | float | bool | None = None
    slices: tuple[Text, ...] = ()
    protected: tuple[Text, ...] = ()

    @cached_property
    def requested(self) -> tuple[RequestedMetric, ...]:
        """The metrics, a plain name being one without arguments."""
        return tuple(RequestedMetric(each) if isinstance(each, str) else each for each in self.metrics)

    @cached_property
    def definition(self) -> str:
        """The digest of what makes two evaluations on the same data comparable: task, target, label, id, metrics."""
        content: dict[str, object] = {
            "task": self.task,
            "target": self.target,
            "positive_label": self.positive_label,
            "id": self.id,
            "metrics": [_plain(metric) for metric in self.requested],
        }
        kept = {key: value for key, value in content.items() if value is not None}
        canonical = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "sha256:" + sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(metric: RequestedMetric) -> dict[str, object]:
    plain: dict[str, object] = {"type": metric.type, "args": metric.args}
    return plain if metric.greater_is_better is None else {**plain, "greater_is_better": metric.greater_is_better}

"""What `snitch evaluate --verify --evidence FILE` writes: evaluations that were made again, and what came out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from snitch.formats.cases import Scalar
from snitch.formats.evaluation import RecordedMetric, RecordedSlice
from snitch.formats.scalars import Count, Digest, Name, Text

Commit = Annotated[str, Meta(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$(?!\n)")]


class Recomputed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model measured again on one benchmark. What was measured is told by digests; the gate compares the numbers.

    Without `metrics`, `reason` says why there are none: nothing was decided.
    """

    model: Name
    benchmark: Name
    #: By the name in the manifest.
    weights: Annotated[dict[str, Digest], Meta(min_length=1)]
    #: Of the model's files, by `answering_digest`: without it nobody knows whether those are judged.
    files: Digest | None = None
    data: Digest
    definition: Digest
    #: Of the predictions that the record names; None where it names none.
    predictions: Digest | None = None
    rows: Count | None = None
    metrics: tuple[RecordedMetric, ...] = ()
    slices: tuple[RecordedSlice, ...] = ()
    #: How many of the recorded predictions the model did not give again; None where there were none to compare.
    differing: Count | None = None
    packages: dict[str, str] = {}
    reason: str = ""


class AnsweredCases(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one model answered to its golden cases: by the case's name the outputs.

    Without `answers`, `reason` says why there are none.
    """

    model: Name
    #: By the name in the manifest.
    weights: Annotated[dict[str, Digest], Meta(min_length=1)]
    #: As of `Recomputed`.
    files: Digest | None = None
    #: Of `model.yaml`, which holds the decision threshold.
    manifest: Digest
    #: Of the file of cases.
    cases: Digest
    answers: Annotated[dict[str, dict[str, Scalar]], Meta(max_length=10_000)] = {}
    reason: str = ""


class Evidence(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`evidence.json`: what a job of the gate's own pipeline measured again."""

    schema_version: Literal[1]
    snitch: Text
    #: The commit whose models were measured; None for the work tree.
    head: Commit | None
    python: str = ""
    #: What the models were kept from: of `network`, `files`, `memory`, `time`.
    isolation: tuple[str, ...] = ()
    evaluations: tuple[Recomputed, ...]
    cases: tuple[AnsweredCases, ...] = ()

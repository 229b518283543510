"""The shadow report: what a job saw of a candidate that answered live requests beside the deployed model, unheard."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from snitch.formats.scalars import Count, Digest, Name

Share = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[float, Meta(ge=0)]


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """From when to when requests were answered by both, in UTC."""

    start: datetime
    end: datetime


class Served(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one of the two did: `latency` are percentiles (`p50`, `p95`, `p99`) in milliseconds.

    `outputs` counts the answers by bin: of numbers by `edges` (one more than there are bins), else by label.
    """

    weights: Annotated[dict[str, Digest], Meta(min_length=1)]
    requests: Count
    error_rate: Share
    latency: Annotated[dict[str, Milliseconds], Meta(min_length=1)]
    outputs: dict[str, Count] | tuple[Count, ...] = ()


class ShadowReport(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the gate's own pipeline hands over with `--shadow`, one file a model."""

    schema_version: Literal[1]
    model: Name
    window: Window
    candidate: Served
    deployed: Served | None = None
    edges: tuple[float, ...] = ()

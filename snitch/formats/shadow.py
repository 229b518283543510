"""The shadow report: what a job saw of a candidate that answered live requests beside the deployed model, unheard."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from snitch.formats.scalars import Digest, Name

#: More than anybody serves, and still told exactly by a floating-point number.
_MAX_COUNT = 2**53
_MAX_BINS = 1000

Share = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[float, Meta(ge=0)]
Moment = Annotated[datetime, Meta(tz=True)]
Times = Annotated[int, Meta(ge=0, le=_MAX_COUNT)]
Percentile = Annotated[
    str,
    Meta(pattern=r"^p[0-9]{1,2}(\.[0-9]{1,3})?$(?!\n)", description="a percentile, such as `p95` or `p99.9`"),
]


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """From when to when requests were answered by both; with a time zone."""

    start: Moment
    end: Moment


class Served(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one of the two did: `error_rate` is the share of requests that it did not answer, `latency` its percentiles
    in milliseconds.

    `outputs` counts the answers by bin: by label, or numbers by the report's `edges`.
    """

    weights: Annotated[dict[str, Digest], Meta(min_length=1, max_length=_MAX_BINS)]
    requests: Times
    error_rate: Share
    latency: Annotated[dict[Percentile, Milliseconds], Meta(max_length=_MAX_BINS)] = {}
    outputs: (
        Annotated[dict[str, Times], Meta(max_length=_MAX_BINS)]
        | Annotated[tuple[Times, ...], Meta(max_length=_MAX_BINS)]
    ) = ()


class ShadowReport(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the gate's own pipeline hands over with `--shadow`, one file a model.

    `edges` are the bounds of the bins of numbers: one more than there are bins, rising.
    """

    schema_version: Literal[1]
    model: Name
    window: Window
    candidate: Served
    deployed: Served | None = None
    edges: Annotated[tuple[float, ...], Meta(max_length=_MAX_BINS + 1)] = ()

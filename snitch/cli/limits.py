"""Sizes and durations that options give."""

from __future__ import annotations

import re

from snitch.checking.commits import Misuse
from snitch.evaluating.model_process import Limits
from snitch.formats.scalars import duration
from snitch.sizes import parse_size


def parse_limits(memory: str, time: str) -> Limits:
    """What a model may take.

    Raises:
        Misuse: one is no size, or no duration.
    """
    if not re.fullmatch(r"[0-9]{1,6}[mhdw]", time, re.ASCII):
        raise Misuse(f"--max-time takes a whole number and m, h, d or w, such as 10m, not `{time}`")
    return Limits(seconds=duration(time).total_seconds(), memory=parse_bytes("--max-memory", memory))


def parse_bytes(option: str, text: str) -> int:
    """A size that an option gives.

    Raises:
        Misuse: it is none.
    """
    try:
        return parse_size(text)
    except ValueError as error:
        raise Misuse(f"{option}: {error}") from None

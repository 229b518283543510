"""The report for other programs: strict JSON, all of it ASCII, the contract of `snitch.report.result`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import msgspec

from snitch.report.result import result_of

if TYPE_CHECKING:
    from snitch.report.look import Look
    from snitch.verdict import Report


def render(report: Report, look: Look) -> str:
    """One JSON object. What is no finite number is null; a byte of a path that is not UTF-8 is a lone `\\udcNN`."""
    return json.dumps(_strict(msgspec.to_builtins(result_of(report))), indent=2, allow_nan=False) + "\n"


def _strict(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(item) for item in value]
    return value

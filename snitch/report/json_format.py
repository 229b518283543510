"""The report for other programs: strict JSON, all of it ASCII, the contract of `snitch.report.result`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from snitch.report.result import result_of
from snitch.report.strict_json import written

if TYPE_CHECKING:
    from snitch.report.look import Look
    from snitch.verdict import Report


def render(report: Report, look: Look) -> str:
    """One JSON object. What is no finite number is null; a byte of a path that is not UTF-8 is a lone `\\udcNN`."""
    return written(msgspec.to_builtins(result_of(report)))

"""The drift report for people at a terminal: a table of the features, what is odd, what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.report.drift import HEADER, cells, in_order, remarks, subject, summary
from snitch.report.look import width_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.report.drift import DriftReport
    from snitch.report.look import Look

_STYLES = {"fail": "error", "inconclusive": "inconclusive", "pass": "passed"}
_NUMBERS = (2, 3)
_LONGEST_NAME = 40


def render(report: DriftReport, look: Look) -> str:
    """The report, with a final newline."""
    blocks = [look.wrap(look.show(subject(report)), used=0, hang=2)]
    if report.drift.features:
        blocks.append(list(_table(report, look)))
    blocks.append([line for each in remarks(report) for line in look.wrap(look.show(each), used=0, hang=2)])
    first, *others = look.wrap(look.show(summary(report)), used=len(report.verdict) + 2, hang=2)
    blocks.append([f"{look.paint(report.verdict, report.verdict)}: {first}", *(f"  {each}" for each in others)])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _table(report: DriftReport, look: Look) -> Iterator[str]:
    features = in_order(report.drift)
    arrow = "→" if look.unicode else "->"
    rows = [[look.show(cell.replace("→", arrow)) for cell in _cut(cells(each), look)] for each in features]
    widths = [max(map(width_of, column)) for column in zip(HEADER, *rows, strict=True)]
    yield look.paint(_line(list(HEADER), widths), "faint")
    for each, row in zip(features, rows, strict=True):
        line = _line(row, widths)
        yield line if each.outcome == "pass" else look.paint(line, _STYLES[each.outcome])


def _cut(row: tuple[str, ...], look: Look) -> tuple[str, ...]:
    name = row[0]
    return (name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + look.ellipsis, *row[1:])


def _line(row: list[str], widths: list[int]) -> str:
    """Numbers stand to the right."""
    padded = []
    for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
        room = " " * (width - width_of(cell))
        padded.append(room + cell if at in _NUMBERS else cell + room)
    return "  ".join(padded).rstrip()

"""The drift report as Markdown: for a comment, an issue, a job's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.escape import code_for_markdown, for_markdown, prose_for_markdown
from snitch.report.drift import HEADER, cells, in_order, remarks, subject, summary

if TYPE_CHECKING:
    from snitch.report.drift import DriftReport
    from snitch.report.look import Look

_SIGNS = {"passed": "✅", "blocked": "❌", "inconclusive": "❔"}
_MARKS = {"fail": "❌ ", "inconclusive": "❔ ", "pass": ""}
#: More rows than these a comment does not hold.
_MOST, _LONGEST = 200, 200


def render(report: DriftReport, look: Look) -> str:
    """The report, with a final newline."""
    lines = [f"## {_SIGNS[report.verdict]} Snitch: drift {report.verdict}", "", prose_for_markdown(subject(report)), ""]
    features = in_order(report.drift)
    if features:
        lines += [f"| {' | '.join(HEADER)} |", "|---|---|--:|--:|---|---|---|"]
    for each in features[:_MOST]:
        name, type, psi, distance, state, missing, limit = cells(each)
        told = [type, psi, distance, _MARKS[each.outcome] + state, missing, limit]
        lines.append(f"| {code_for_markdown(name[:_LONGEST])} | {' | '.join(map(for_markdown, told))} |")
    if len(features) > _MOST:
        lines += ["", f"And {len(features) - _MOST} features more."]
    notes = remarks(report)
    lines += ["", *(f"- {prose_for_markdown(each[:1000])}" for each in notes[:_MOST])] if notes else []
    lines += [f"- and {len(notes) - _MOST} more"] if len(notes) > _MOST else []
    return "\n".join([*lines, "", f"**{report.verdict}**: {for_markdown(summary(report))}"]) + "\n"

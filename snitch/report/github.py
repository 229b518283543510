"""The report as commands to GitHub's runner: annotations beside the lines that the findings are about.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.escape import workflow_command
from snitch.report.concise import line
from snitch.report.look import LONGEST
from snitch.report.wording import ahead, counted, heading, in_order, is_whole, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.finding import Finding
    from snitch.report.look import Look
    from snitch.verdict import Report

#: Of what one step annotates, GitHub shows so many errors, and as many warnings.
MOST = 10


def render(report: Report, look: Look) -> str:
    """The most important errors and warnings as annotations, the others as lines of the log, and the verdict last.

    What is waived is told with `look.verbose`, in the log alone.
    """
    ordered = in_order(report.findings)
    live = [each for each in ordered if each.waiver is None]
    errors = [each for each in live if each.severity == "error"]
    warnings = [each for each in live if each.severity != "error"]
    lines = [_annotation(each, report, look) for each in (*errors[:MOST], *warnings[:MOST])]
    if len(errors) > MOST or len(warnings) > MOST:
        lines.append(_left_out(len(errors) - MOST, len(warnings) - MOST, look))
    waived = [each for each in ordered if each.waiver is not None and look.verbose]
    lines += [line(each, look) for each in (*errors[MOST:], *warnings[MOST:], *waived)]
    return "".join(f"{each}\n" for each in (*lines, look.show(summary(report))))


def _annotation(finding: Finding, report: Report, look: Look) -> str:
    word = " (inconclusive)" if heading(finding) == "inconclusive" else ""
    properties: dict[str, str | int] = {"file": _cut(finding.path)}
    if not is_whole(finding):
        properties |= {"line": finding.line, "endLine": finding.line}
        properties |= {"col": finding.column, "endColumn": finding.column + max(1, finding.length) - 1}
    properties["title"] = _cut(f"{finding.rule} {finding.name}{word}")
    lines = [_cut(each) for each in _told(finding, report)]
    return workflow_command(finding.severity, properties, lines, unicode=look.unicode)


def _told(finding: Finding, report: Report) -> Iterator[str]:
    yield finding.message
    yield from (f"note: {note}" for note in finding.notes)
    if finding.blocks_next:
        yield f"note: {ahead(report)}"
    if finding.help:
        yield f"help: {finding.help}"


def _left_out(errors: int, warnings: int, look: Look) -> str:
    """How many of each kind are not annotated; the numbers may be below zero."""
    kinds = [(errors, "error"), (warnings, "warning")]
    told = " and ".join(counted(number, kind) for number, kind in kinds if number > 0)
    message = f"{told} more: the log of this step has them all"
    return workflow_command("notice", {"title": "Snitch"}, [message], unicode=look.unicode)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"

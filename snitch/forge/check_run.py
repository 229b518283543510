"""A check run as GitHub takes it: a conclusion, a summary, and annotations in batches. Nothing here asks a forge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from snitch.escape import for_terminal
from snitch.finding import Finding
from snitch.forge.request import Request
from snitch.forge.sticky import run_of
from snitch.report.wording import counted, heading, in_order
from snitch.verdict import Report, Verdict

#: What a check run and its job are called must differ, or each would count for the other.
NAME = "snitch report"
#: Limits of GitHub: bytes of a summary and of a text, annotations a request, characters of an annotation's title.
MOST_BYTES, _BATCH, _TITLE = 65_535, 50, 255
#: Nobody reads more, and each batch is a request.
MOST_ANNOTATIONS = 500
_LONGEST_MESSAGE = 4_000
#: A result that others made may name any line.
_LAST = 2**31 - 1

#: GitHub lets `neutral` and `skipped` pass a required check, so that nothing is ever mapped to them.
_CONCLUSIONS: dict[Verdict, str] = {"passed": "success", "blocked": "failure", "inconclusive": "failure"}
_LEVELS = {"error": "failure", "inconclusive": "failure", "warning": "warning"}


def bodies(report: Report, request: Request, opening: str, whole: str) -> Iterator[dict[str, Any]]:
    """What to create the check run with, then what to update it with, in turn.

    `opening` is Markdown that says the verdict; `whole` is the report, left out where it does not fit.
    """
    findings = [each for each in in_order(report.findings) if each.waiver is None]
    told, left = findings[:MOST_ANNOTATIONS], len(findings) - MOST_ANNOTATIONS
    summary = opening + (f"\n{counted(left, 'finding')} more bear no annotation.\n" if left > 0 else "")
    output: dict[str, Any] = {"title": f"Snitch: {report.verdict}", "summary": summary}
    first, *others = _batches(told)
    yield {
        "name": f"{NAME}/{request.target}",
        "head_sha": request.head,
        "external_id": "{}.{}".format(*run_of(request.run_url)),
        "status": "completed",
        "conclusion": _CONCLUSIONS[report.verdict],
        **({"details_url": request.run_url} if request.run_url else {}),
        "output": {**output, **_text(whole), "annotations": first},
    }
    for batch in others:
        yield {"output": {**output, **_text(whole), "annotations": batch}}


def fits(whole: str) -> bool:
    """Whether GitHub takes the report."""
    return len(whole.encode("utf-8", "backslashreplace")) <= MOST_BYTES


def _text(whole: str) -> dict[str, str]:
    return {"text": whole} if fits(whole) else {}


def _batches(findings: list[Finding]) -> list[list[dict[str, Any]]]:
    annotations = [_annotation(each) for each in findings]
    return [annotations[at : at + _BATCH] for at in range(0, max(1, len(annotations)), _BATCH)]


def _annotation(finding: Finding) -> dict[str, Any]:
    """A finding at its line. The text is plain, for GitHub makes nothing of it; it keeps to what fonts show."""
    lines = [finding.message, *finding.notes, *([f"help: {finding.help}"] if finding.help else [])]
    line, column = min(finding.line, _LAST), min(finding.column, _LAST)
    return {
        # What is about no file is shown where the runner's own annotations are.
        "path": for_terminal(finding.path) or ".github",
        "start_line": line,
        "end_line": line,
        "start_column": column,
        "end_column": min(column + max(1, finding.length) - 1, _LAST),
        "annotation_level": _LEVELS[heading(finding)],
        "title": for_terminal(f"{finding.rule} {finding.name}")[:_TITLE],
        "message": "\n".join(for_terminal(line) for line in lines)[:_LONGEST_MESSAGE],
    }

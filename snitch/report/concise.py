"""One line a finding, for editors, grep and people in a hurry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.report.wording import heading, in_order, place, summary

if TYPE_CHECKING:
    from snitch.finding import Finding
    from snitch.report.look import Look
    from snitch.verdict import Report


def render(report: Report, look: Look) -> str:
    """The findings, one a line, and a last line with the verdict."""
    told = [each for each in in_order(report.findings) if each.waiver is None or look.verbose]
    return "".join(f"{line}\n" for line in (*(line(each, look) for each in told), look.show(summary(report))))


def line(finding: Finding, look: Look) -> str:
    """A finding on a line."""
    word = heading(finding)
    head = look.paint(look.show(f"{word}[{finding.rule}]"), word)
    return f"{look.show(place(finding))}: {head} {look.show(f'{finding.name}: {finding.message}')}"

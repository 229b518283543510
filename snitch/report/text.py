"""The report for people at a terminal: each finding with its source, then what was compared, then the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.report.frame import Mark, framed, gutter_of
from snitch.report.look import Look, width_of
from snitch.report.wording import (
    ahead,
    compared,
    falls_due,
    heading,
    in_order,
    judged,
    skipped,
    smallest_place,
    state_name,
    state_parts,
    states,
    summary,
    waived,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.finding import Finding, Side
    from snitch.verdict import Report


def render(report: Report, look: Look) -> str:
    """The report, with a final newline."""
    told = [each for each in in_order(report.findings) if each.waiver is None or look.verbose]
    blocks = ["\n".join(finding_lines(each, report, look)) for each in told]
    if report.comparisons:
        from snitch.report.comparisons import as_text, tables

        blocks += ["\n".join(as_text(table, look)) for table in tables(report, all=look.verbose)]
    blocks.append("\n".join(_ending(report, look)))
    return "\n\n".join(blocks) + "\n"


def finding_lines(finding: Finding, report: Report, look: Look) -> Iterator[str]:
    """A finding: the fact, the place and its source, the deployed side, the notes, the mend."""
    yield from _header(finding, look)
    yield from source_lines(finding, look)
    for note in finding.notes:
        yield from _remark("note", note, look)
    if finding.waiver is not None:
        yield from _remark("waived", finding.waiver, look)
    elif finding.blocks_next:
        yield from _remark("note", ahead(report), look)
    if finding.help:
        yield from _remark("help", finding.help, look)


def source_lines(finding: Finding, look: Look) -> Iterator[str]:
    """Where it is: the place with its source line, and the deployed side with its own."""
    side = finding.deployed
    gutter = gutter_of(finding.line, side.line if side else 1)
    style = heading(finding)
    column = finding.column - finding.excerpt_column + 1
    mark = Mark(finding.excerpt, finding.line, column, finding.length, finding.label, "^", style)
    yield f"{look.paint('  -->', 'frame')} {look.show(smallest_place(finding))}"
    yield from framed(mark, gutter, look)
    if side is not None:
        yield from _side_lines(side, gutter, look)


def _side_lines(side: Side, gutter: int, look: Look) -> Iterator[str]:
    column = side.column - side.excerpt_column + 1
    mark = Mark(side.excerpt, side.line, column, side.length, side.label, "-", "frame")
    lines = framed(mark, gutter, look)
    label = f" ({side.label})" if side.label and not lines else ""
    where = look.show(f"{state_name(side)} {side.path}:{side.line}{label}")
    yield f"{look.paint('  :::', 'frame')} {where}"
    yield from lines


def _header(finding: Finding, look: Look) -> Iterator[str]:
    word = heading(finding)
    head = look.show(f"{word}[{finding.rule}]")
    first, *others = look.wrap(look.show(f"{finding.name}: {finding.message}"), used=len(head) + 1, hang=2)
    yield f"{look.paint(head, word)} {look.paint(first, 'strong')}"
    for line in others:
        yield f"  {look.paint(line, 'strong')}"


def _remark(kind: str, text: str, look: Look) -> Iterator[str]:
    head = f"   = {kind}: "
    first, *others = look.wrap(look.show(text), used=len(head), hang=len(head))
    bar = look.paint("   =", "frame")
    yield f"{bar} {look.paint(kind, 'help' if kind == 'help' else 'strong')}: {first}"
    for line in others:
        yield " " * len(head) + line


def _ending(report: Report, look: Look) -> Iterator[str]:
    """The verdict, what was checked, and what the reader should know besides."""
    verdict, _, rest = summary(report).partition(": ")
    first, *others = look.wrap(look.show(rest), used=width_of(verdict) + 2, hang=2)
    yield f"{look.paint(verdict, report.verdict)}: {first}"
    for line in others:
        yield f"  {line}"
    for line in _besides(report, look.verbose):
        first, *others = look.wrap(look.show(line), used=2, hang=4)
        yield f"  {first}"
        for other in others:
            yield f"    {other}"


def _besides(report: Report, verbose: bool) -> Iterator[str]:
    if report.models and judged(report) not in summary(report):
        yield judged(report)
    if compared(report):
        yield compared(report)
    yield from (f"note: {note}" for note in dict.fromkeys(report.notes))
    yield from (f"waived: {each}" for each in waived(report))
    yield from falls_due(report, all=verbose)
    if verbose:
        yield from (f"skipped: {each}" for each in skipped(report))
        for name, state in states(report):
            yield " ".join([f"{name}:", *state_parts(state)])

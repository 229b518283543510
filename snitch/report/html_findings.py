"""A finding in the HTML report: the fact, the source with what it is about marked, the notes, the mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.escape import for_html
from snitch.report.html_text import code, prose, sign, text, tone
from snitch.report.wording import ahead, heading, smallest_place, state_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.finding import Finding, Side
    from snitch.verdict import Report

#: Of a long line so many characters are shown before what is marked, of it, and after it.
_BEFORE, _MARKED, _AFTER = 80, 200, 80


def finding_card(finding: Finding, report: Report) -> str:
    """The finding, with a heading of its own."""
    word = heading(finding)
    return "\n".join(
        [
            f'<article class="card finding {tone(word)}">',
            f"<h3>{sign(word)} {code(finding.rule)} {text(finding.name)}</h3>",
            f"<p>{prose(finding.message)}</p>",
            *_source(finding),
            *_remarks(finding, report),
            "</article>",
        ]
    )


def _source(finding: Finding) -> Iterator[str]:
    model = f" of {code(finding.model)}" if finding.model else ""
    label = f", {text(finding.label)}" if finding.label else ""
    yield f'<p class="muted">{code(smallest_place(finding))}{model}{label}</p>'
    yield from _excerpt(finding)
    side = finding.deployed
    if side is not None:
        label = f", {text(side.label)}" if side.label else ""
        yield f'<p class="muted">{code(f"{state_name(side)} {side.path}:{side.line}")}{label}</p>'
        yield from _excerpt(side)


def _excerpt(place: Finding | Side) -> Iterator[str]:
    """The line of source with the mark in it."""
    line = place.excerpt.rstrip().replace("\t", "    ")
    start = (
        place.column
        - place.excerpt_column
        + place.excerpt[: max(0, place.column - place.excerpt_column)].count("\t") * 3
    )
    if not line or not 0 <= start <= len(line):
        return
    end = min(start + max(place.length, 1), len(line))
    low, high, stop = max(0, start - _BEFORE), min(end, start + _MARKED), min(len(line), end + _AFTER)
    before = ("…" if low else "") + line[low:start]
    after = ("…" if high < end else "") + line[end:stop] + ("…" if stop < len(line) else "")
    marked = f"<mark>{for_html(line[start:high])}</mark>" if high > start else ""
    number = f'<span class="number">{place.line}</span>'
    yield f'<pre tabindex="0">{number}<code>{for_html(before)}{marked}{for_html(after)}</code></pre>'


def _remarks(finding: Finding, report: Report) -> Iterator[str]:
    notes = [*finding.notes, *([ahead(report)] if finding.blocks_next else [])]
    if finding.help:
        yield f"<p><strong>Mend it:</strong> {prose(finding.help)}</p>"
    if finding.waiver is not None:
        yield f"<p><strong>Waived:</strong> {prose(finding.waiver)}</p>"
    if notes:
        yield f'<ul class="muted">{"".join(f"<li>{prose(note)}</li>" for note in notes)}</ul>'

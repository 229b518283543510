"""The drift report as one HTML file: the table, and a histogram a feature, training data beside current data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.report.drift import HEADER, cells, in_order, remarks, subject, summary
from snitch.report.histograms import histogram, shares
from snitch.report.html_page import head, page, section
from snitch.report.html_text import code, columns, fold, prose, sign, table, text, tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.drift import FeatureDrift
    from snitch.report.drift import DriftReport
    from snitch.report.look import Look

#: More charts than these nobody looks at, and a browser takes its time to draw them.
_MOST_CHARTS, _MOST_ROWS = 200, 2000
_NUMBERS = HEADER[2:4]


def render(report: DriftReport, look: Look) -> str:
    """The page, with a final newline."""
    features = in_order(report.drift)
    blocks = [
        *head(f"Snitch: drift of {report.model}"),
        f'<header class="card verdict {tone(report.verdict)}">\n<h1>Snitch: drift {sign(report.verdict)}</h1>',
        f'<p>{prose(summary(report))}</p>\n<p class="muted">{prose(subject(report))}</p>\n</header>',
        *section("Features", _table(features)),
        *section("Notes", _notes(remarks(report))),
        *section("Distributions", _charts(features)),
        f"<footer>\n<dl><dt>Snitch</dt><dd>{text(report.snitch)}</dd></dl>\n</footer>",
    ]
    return page(blocks, look)


def _table(features: list[FeatureDrift]) -> Iterator[str]:
    rows = [_row(each) for each in features[:_MOST_ROWS]]
    if rows:
        yield table("Features", columns([*HEADER, "outcome"], _NUMBERS), rows)
    if len(features) > _MOST_ROWS:
        yield f"<p>And {len(features) - _MOST_ROWS:,} features more.</p>"


def _row(each: FeatureDrift) -> str:
    name, type, psi, distance, *others = cells(each)
    numbers = "".join(f'<td class="number">{text(cell)}</td>' for cell in (psi, distance))
    rest = "".join(f"<td>{text(cell)}</td>" for cell in others)
    return (
        f'<tr><th scope="row">{code(name)}</th><td>{text(type)}</td>{numbers}{rest}<td>{sign(each.outcome)}</td></tr>'
    )


def _notes(notes: list[str]) -> Iterator[str]:
    if notes:
        items = "\n".join(f"<li>{prose(note)}</li>" for note in notes[:_MOST_ROWS])
        yield f"<ul>\n{items}\n</ul>"


def _charts(features: list[FeatureDrift]) -> Iterator[str]:
    drawn = [each for each in features if each.bins]
    figures = "".join(_figure(each) for each in drawn[:_MOST_CHARTS])
    if figures:
        yield f'<div class="card charts">{figures}</div>'
    if len(drawn) > _MOST_CHARTS:
        yield f"<p>And {len(drawn) - _MOST_CHARTS:,} charts more.</p>"


def _figure(each: FeatureDrift) -> str:
    caption = f"<figcaption>{code(each.name)} {sign(each.outcome)}</figcaption>"
    return f'<figure class="{tone(each.outcome)}">{caption}{histogram(each)}{_values(each)}</figure>\n'


def _values(each: FeatureDrift) -> str:
    """The shares of a chart, for those who would rather read them."""
    rows = [
        f'<tr><th scope="row">{code(label)}</th><td class="number">{was:.1%}</td><td class="number">{now:.1%}</td></tr>'
        for label, was, now in shares(each)
    ]
    header = columns(["values", "training", "current"], ["training", "current"])
    return fold("values", table(f"{each.name} by bin", header, rows))

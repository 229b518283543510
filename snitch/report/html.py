"""The report as one HTML file that needs nothing else: no script, no font, no picture, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.report.html_comparisons import Comparisons
from snitch.report.html_findings import finding_card
from snitch.report.html_page import head, page, section
from snitch.report.html_text import code, columns, fold, prose, sign, table, text, tone
from snitch.report.wording import (
    ADVISORY,
    compared,
    counted,
    falls_due,
    in_order,
    judged,
    passing,
    skipped,
    state_parts,
    states,
    summary,
    waived,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.report.look import Look
    from snitch.verdict import JudgedModel, Report


def render(report: Report, look: Look) -> str:
    """The page, with a final newline."""
    comparisons = Comparisons(report)
    findings = [each for each in in_order(report.findings) if each.waiver is None]
    blocks = [
        *head(f"Snitch: {report.verdict}"),
        *_opening(report),
        *section("Compared with the deployed model", comparisons.cards()),
        *section("Findings", (finding_card(each, report) for each in findings)),
        *section("Waived", _waived(report)),
        *section("Falls due", _list(falls_due(report, all=True))),
        *section("Notes", _list(list(dict.fromkeys(report.notes)))),
        *section("History", comparisons.other_courses()),
        *section("Models", _models(report.models)),
        *section("Skipped rules", _skipped(report)),
        *_footer(report),
    ]
    return page(blocks, look)


def _opening(report: Report) -> Iterator[str]:
    """The verdict and what it rests on."""
    verdict, _, rest = summary(report).partition(": ")
    yield f'<header class="card verdict {tone(verdict)}">'
    yield f"<h1>Snitch: {sign(verdict)}</h1>"
    yield f"<p>{prose(rest)}</p>"
    if report.models and judged(report) not in summary(report):
        yield f'<p class="muted">{prose(judged(report))}</p>'
    if compared(report):
        yield f'<p class="muted">{prose(compared(report))}</p>'
    yield from (f'<p class="amber"><span class="tag">!</span> {prose(note)}</p>' for note in _advisory(report))
    yield "</header>"


def _advisory(report: Report) -> list[str]:
    return [note for note in report.notes if ADVISORY in note][:1]


def _list(lines: list[str]) -> list[str]:
    items = "\n".join(f"<li>{prose(line)}</li>" for line in lines)
    return [f"<ul>\n{items}\n</ul>"] if lines else []


def _waived(report: Report) -> Iterator[str]:
    """Which waiver excused what, and the findings themselves on request."""
    excused = [each for each in in_order(report.findings) if each.waiver is not None]
    if excused:
        yield from _list(waived(report))
        cards = "\n".join(finding_card(each, report) for each in excused)
        yield fold(counted(len(excused), "waived finding"), cards)


def _models(models: tuple[JudgedModel, ...]) -> Iterator[str]:
    """The models that were judged; those that pass on request."""
    ordered = sorted(models, key=lambda model: (model.name, model.path))
    failing = [model for model in ordered if model.verdict != "passed"]
    passed = [model for model in ordered if model.verdict == "passed"]
    if failing:
        yield _model_table(failing)
    if passed:
        yield fold(passing(len(passed), "model"), _model_table(passed))


def _model_table(models: list[JudgedModel]) -> str:
    rows = [
        f'<tr><th scope="row">{code(model.name)}</th><td>{code(model.version)}</td><td>{text(model.change)}</td>'
        f'<td>{sign(model.verdict)}</td><td class="name">{code(model.path)}</td></tr>'
        for model in models
    ]
    return table("Models", columns(["model", "version", "change", "verdict", "folder"]), rows)


def _skipped(report: Report) -> Iterator[str]:
    lines = skipped(report)
    if lines:
        yield fold(f"{counted(len(report.skipped), 'rule')} did not apply", _list(lines)[0])


def _footer(report: Report) -> Iterator[str]:
    """What was judged, by what, when: enough to judge it again."""
    yield "<footer>\n<dl>"
    told = [("Snitch", text(report.snitch)), ("on", f"{report.now}"), ("environment", text(report.environment))]
    told += [(name, " ".join(code(part) for part in state_parts(state))) for name, state in states(report)]
    yield "\n".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in told)
    yield "</dl>\n</footer>"

"""The report as Markdown, for a pull request's comment and a job's summary: the verdict first, details folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.escape import code_for_markdown, for_markdown, prose_for_markdown
from snitch.report.comparisons import HEADER, Table, tables
from snitch.report.look import LONGEST, Look
from snitch.report.text import source_lines
from snitch.report.wording import (
    ahead,
    compared,
    counted,
    falls_due,
    heading,
    in_order,
    judged,
    skipped,
    smallest_place,
    state_parts,
    states,
    summary,
    waived,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from snitch.finding import Finding
    from snitch.verdict import JudgedModel, Report

#: Forges refuse a comment of more than 65,536 characters. These are what the parts of one kind may take of it, so that
#: many models never crowd out the findings; what does not fit is counted instead of shown.
_SHARES = {"models": 8_000, "comparisons": 14_000, "findings": 26_000, "lists": 3_000}
_SIGNS = {"passed": "✅", "blocked": "❌", "inconclusive": "❓", "pass": "✅", "fail": "❌"}
_FRAME = Look(width=120)


def render(report: Report, look: Look) -> str:
    """The report, with a final newline, small enough for a comment."""
    verdict, _, rest = summary(report).partition(": ")
    blocks = [
        f"## {_SIGNS[verdict]} Snitch: {verdict}",
        _prose(rest) + "".join(f"<br>\n{_prose(line)}" for line in _checked(report)),
        *_section("Findings", _findings(report), "findings", _finding_lost),
        *_section("Compared with the deployed model", _comparisons(report, look), "comparisons", _table_lost),
        *_models(report.models),
        *_listed("Waived", waived(report)),
        *_listed("Falls due", falls_due(report, all=look.verbose)),
        *_listed("Notes", list(dict.fromkeys(report.notes))),
        *(_listed("Skipped", skipped(report)) if look.verbose else ()),
        _footer(report),
    ]
    text = "\n\n".join(blocks) + "\n"
    return text if look.unicode else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _checked(report: Report) -> Iterator[str]:
    if report.models and judged(report) not in summary(report):
        yield judged(report)
    if compared(report):
        yield compared(report)


def _section(title: str, parts: Iterable[str], share: str, lost: Callable[[int], str]) -> Iterator[str]:
    """The parts under a title, as many as fit into the share, and how many did not."""
    kept, left_out = _kept(parts, _SHARES[share])
    if kept or left_out:
        yield f"### {title}"
        yield from kept
    if left_out:
        yield lost(left_out)


def _kept(parts: Iterable[str], room: int) -> tuple[list[str], int]:
    kept: list[str] = []
    left_out = 0
    for part in parts:
        room -= len(part)
        if room >= 0:
            kept.append(part)
        else:
            left_out += 1
    return kept, left_out


def _finding_lost(number: int) -> str:
    return f"And {counted(number, 'finding')} more: the job's log has them all."


def _table_lost(number: int) -> str:
    return f"And {counted(number, 'table')} more: the job's log has them all."


def _findings(report: Report) -> Iterator[str]:
    for finding in in_order(report.findings):
        if finding.waiver is None:
            yield "\n".join(_finding(finding, report))


def _finding(finding: Finding, report: Report) -> Iterator[str]:
    yield f"**{heading(finding)}** {_code(finding.rule)} **{_text(finding.name)}**: {_prose(finding.message)}<br>"
    yield _code(smallest_place(finding)) + (f" of {_code(finding.model)}" if finding.model else "")
    yield ""
    notes = [*finding.notes, *([ahead(report)] if finding.blocks_next else [])]
    if finding.help:
        yield f"- help: {_prose(finding.help)}"
    yield from (f"- note: {_prose(note)}" for note in notes)
    if finding.excerpt or finding.deployed:
        yield ""
        yield _fold("where", _block("\n".join(source_lines(finding, _FRAME))))


def _fold(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def _block(text: str) -> str:
    """A code block whose fence is longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def _comparisons(report: Report, look: Look) -> Iterator[str]:
    for table in tables(report, all=True):
        title = f"{_code(table.model)} on {_code(table.benchmark)}"
        if look.verbose or len(table.rows) <= 12:
            yield f"{title}\n\n{_table(table)}"
        else:
            yield f"{title}\n\n{_fold(counted(len(table.rows), 'comparison'), _table(table))}"


def _table(table: Table) -> str:
    rows = [
        "| metric | " + " | ".join(HEADER[1:-1]) + " | |",
        "|---|---:|---:|---:|---:|---:|---|",
        *(
            "| " + " | ".join([_code(row[0]), *(_text(cell) for cell in row[1:-1]), _outcome(row[-1])]) + " |"
            for row in table.rows
        ),
    ]
    return "\n".join(rows)


def _models(models: tuple[JudgedModel, ...]) -> Iterator[str]:
    """The models that were judged, those that do not pass first."""
    ordered = sorted(models, key=lambda model: (model.verdict == "passed", model.name, model.path))
    rows, left_out = _kept((_model(model) for model in ordered), _SHARES["models"])
    if rows:
        head = ["| model | version | change | verdict |", "|---|---|---|---|"]
        more = f"\n\nAnd {counted(left_out, 'model')} more." if left_out else ""
        yield "### Models"
        yield "\n".join([*head, *rows]) + more


def _model(model: JudgedModel) -> str:
    return f"| {_code(model.name)} | {_code(model.version)} | {model.change} | {_outcome(model.verdict)} |"


def _outcome(word: str) -> str:
    return f"{_SIGNS.get(word, '❓')} {word}"


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    kept, left_out = _kept([f"- {_prose(line)}" for line in lines], _SHARES["lists"])
    more = [f"- and {left_out} more"] if left_out else []
    if kept or more:
        yield f"### {title}"
        yield "\n".join([*kept, *more])


def _footer(report: Report) -> str:
    told = [f"Snitch {_text(report.snitch)}", f"{report.now}", f"environment {_text(report.environment)}"]
    for name, state in states(report):
        told.append(" ".join([name, *(_code(part[:250]) for part in state_parts(state))]))
    return " · ".join(told)


def _text(text: str) -> str:
    return for_markdown(_cut(text))


def _prose(text: str) -> str:
    return prose_for_markdown(_cut(text))


def _code(text: str) -> str:
    return code_for_markdown(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"

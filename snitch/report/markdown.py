"""The report as Markdown, for a pull request's comment and a job's summary: the verdict first, what passed folded.

Forges refuse a comment of more than 65,536 characters, so it is made of parts that know how important they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.escape import code_for_markdown, for_markdown, https_url, prose_for_markdown
from snitch.report.comparisons import HEADER, by_benchmark, row
from snitch.report.history import courses
from snitch.report.look import LONGEST, Look
from snitch.report.mermaid import mermaid
from snitch.report.room import Part, Section, compose
from snitch.report.text import source_lines
from snitch.report.wording import (
    ADVISORY,
    ahead,
    compared,
    counted,
    falls_due,
    heading,
    in_order,
    judged,
    number,
    passing,
    skipped,
    smallest_place,
    state_parts,
    states,
    summary,
    waived,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snitch.finding import Comparison, Finding
    from snitch.report.history import Course
    from snitch.verdict import JudgedModel, Report

#: In bytes, so that no way of counting characters finds more; the rest is for whoever adds a marker of its own.
_ROOM = 60_000
#: What the parts of a kind may take of it before the others have had theirs.
_SHARES = {"table": 16_000, "finding": 22_000, "model": 4_000, "place": 6_000, "chart": 4_000}
_SHARE_OF_A_LIST = 2_500
#: The most important first: what is left out first stands last.
_RANKS = (
    *("failing table", "error", "inconclusive", "warning", "waived", "due", "note", "failing model"),
    *("failing chart", "place", "table", "chart", "model", "skipped"),
)
_NOUNS = {"place": "source excerpt", "waived": "waived rule", "due": "date", "skipped": "skipped rule"}
#: In characters, before they are escaped: a hostile name must not take the room of the findings.
_LONGEST_NAME, _LONGEST_LINE, _LONGEST_STATE = 120, 400, 100
_LONGEST_TABLE, _MOST_NOTES, _OPEN_TABLES = 40, 8, 3
_SIGNS = {"passed": "✅", "blocked": "❌", "inconclusive": "❓", "pass": "✅", "fail": "❌"}
_FRAME = Look(width=120)


def render(report: Report, look: Look) -> str:
    """The report, with a final newline, small enough for a comment."""
    opening, ending = _opening(report), _footer(report)
    link = https_url(look.full_report)
    shares = dict.fromkeys(_RANKS, _SHARE_OF_A_LIST) | _SHARES
    size = _size_in_utf8 if look.unicode else _size_in_ascii
    blocks = compose(
        _sections(report, look),
        room=_ROOM - sum(size(block) for block in (*opening, ending)),
        shares=shares,
        size=size,
        told=lambda lost, kind: _lost(lost, kind, link),
    )
    seen_whole = [f"[The full report](<{link}>)"] if link else []
    text = "\n\n".join([*opening, *blocks, *seen_whole, ending]) + "\n"
    return text if look.unicode else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _size_in_utf8(text: str) -> int:
    return len(text.encode("utf-8"))


def _size_in_ascii(text: str) -> int:
    return len(text.encode("ascii", "xmlcharrefreplace"))


def _lost(lost: int, kind: str, link: str) -> str:
    where = f"[the full report](<{link}>) has them all" if link else "the job's log has them all"
    return f"And {counted(lost, _NOUNS.get(kind, kind))} more: {where}."


def _part(text: str, kind: str, rank: str = "") -> Part:
    return Part(text, _RANKS.index(rank or kind), kind)


def _opening(report: Report) -> list[str]:
    verdict, _, rest = summary(report).partition(": ")
    lines = [rest]
    if report.models and judged(report) not in summary(report):
        lines.append(judged(report))
    if compared(report):
        lines.append(compared(report))
    told = "<br>\n".join([_prose(line, _LONGEST_LINE) for line in lines])
    advisory = [f"> ⚠️ {_prose(note, _LONGEST_LINE)}" for note in _advisory(report)]
    return [f"## {_SIGNS[verdict]} Snitch: {verdict}", told, *advisory]


def _advisory(report: Report) -> list[str]:
    """The note, if there is one, that the author of the change could edit what judges it."""
    return [note for note in report.notes if ADVISORY in note][:1]


def _sections(report: Report, look: Look) -> Iterator[Section]:
    advisory = _advisory(report)
    yield Section("### Compared with the deployed model", list(_tables(report)))
    yield Section("### Findings", list(_findings(report)))
    yield _list("Waived", waived(report), "waived")
    yield _list("Falls due", falls_due(report, all=look.verbose), "due")
    yield _list("Notes", [note for note in dict.fromkeys(report.notes) if note not in advisory], "note")
    yield from _charts(report, look)
    yield from _models(report.models)
    if look.verbose:
        yield _list("Skipped", skipped(report), "skipped")


def _list(title: str, lines: list[str], kind: str) -> Section:
    return Section(f"### {title}", [_part(f"- {_prose(line)}", kind) for line in lines], joint="\n")


def _tables(report: Report) -> Iterator[Part]:
    """A table for each model and benchmark; what passes is folded where much does, or where it is of slices."""
    groups = by_benchmark(report)
    versions = {model.name: model.version for model in report.models}
    unfolded = len(groups) <= _OPEN_TABLES and all(each.outcome == "pass" for each in report.comparisons)
    for group in groups:
        shown = [each for each in group if each.outcome != "pass" or each.slice is None]
        folded = [each for each in group if each.outcome == "pass" and each.slice is not None]
        if group[0].outcome == "pass" and not unfolded:
            shown, folded = [], group
        if shown:
            rank = "table" if group[0].outcome == "pass" else "failing table"
            yield _part(f"{_title(group[0], versions, _name)}\n\n{_table(shown)}", "table", rank)
        if folded:
            told = passing(len(folded), "comparison of slices" if shown else "comparison")
            yield _part(_fold(f"{_title(group[0], versions, _text)}: {told}", _table(folded)), "table")


def _title(comparison: Comparison, versions: dict[str, str], write: Callable[[str], str]) -> str:
    version = versions.get(comparison.model, "")
    model = f"{write(comparison.model)} {write(version)}" if version else write(comparison.model)
    return f"{model} on {write(comparison.benchmark)}"


def _table(comparisons: list[Comparison]) -> str:
    """The interval of the difference has a column only where one is known."""
    columns = len(HEADER) - 1 if any(each.interval for each in comparisons) else len(HEADER) - 2
    lines = ["| metric | " + " | ".join(HEADER[1:columns]) + " | outcome |", "|---" + "|---:" * (columns - 1) + "|---|"]
    for each in comparisons[:_LONGEST_TABLE]:
        cells = row(each)
        numbers = [_text(cell) for cell in cells[1:columns]]
        lines.append("| " + " | ".join([_name(cells[0]), *numbers, _outcome(cells[-1])]) + " |")
    lost = len(comparisons) - _LONGEST_TABLE
    return "\n".join([*lines, *(["", f"And {counted(lost, 'row')} more."] if lost > 0 else [])])


def _findings(report: Report) -> Iterator[Part]:
    for finding in in_order(report.findings):
        if finding.waiver is None:
            yield _part("\n".join(_finding(finding, report)), "finding", heading(finding))
            if finding.excerpt or finding.deployed:
                yield _part(_fold("where", _block("\n".join(source_lines(finding, _FRAME)), "text")), "place")


def _finding(finding: Finding, report: Report) -> Iterator[str]:
    yield f"**{heading(finding)}** {_code(finding.rule)} **{_text(finding.name)}**: {_prose(finding.message)}<br>"
    yield _code(smallest_place(finding)) + (f" of {_code(finding.model)}" if finding.model else "")
    notes = [*finding.notes[:_MOST_NOTES], *([ahead(report)] if finding.blocks_next else [])]
    if finding.help or notes:
        yield ""
    if finding.help:
        yield f"- help: {_prose(finding.help)}"
    yield from (f"- note: {_prose(note)}" for note in notes)
    if len(finding.notes) > _MOST_NOTES:
        yield f"- and {counted(len(finding.notes) - _MOST_NOTES, 'note')} more"


def _charts(report: Report, look: Look) -> Iterator[Section]:
    """The history of each metric; that of a metric that passes is folded."""
    failing: list[Part] = []
    folded: list[Part] = []
    for course in courses(report):
        source = mermaid(course, unicode=look.unicode)
        if source:
            chart = f"{_told(course)}\n\n{_block(source, 'mermaid')}"
            rank = "chart" if course.passes else "failing chart"
            (folded if course.passes else failing).append(_part(chart, "chart", rank))
    yield Section("### History", failing)
    yield Section("### History", folded, *_around(f"history of {counted(len(folded), 'metric')}"))


def _told(course: Course) -> str:
    """The chart in words, for those who cannot see it."""
    older = f"{counted(course.left_out, 'older version')}, then " if course.left_out else ""
    names = [f"{'candidate ' if point.is_candidate else ''}{point.version}" for point in course.points]
    values = [f"{number(point.value)} ({name})" for point, name in zip(course.points, names, strict=True)]
    bound = "" if course.bound is None else f"; the level line is the limit, {number(course.bound)}"
    what = f"{_name(course.metric)} of {_name(course.model)} on {_name(course.benchmark)}"
    return f"{what}: {_text(older + ', '.join(values) + bound)}"


def _models(models: tuple[JudgedModel, ...]) -> Iterator[Section]:
    """The models that were judged, those that pass folded."""
    head = "| model | version | change | verdict |\n|---|---|---|---|\n"
    ordered = sorted(models, key=lambda model: (model.name, model.path))
    failing = [_part(_model(model), "model", "failing model") for model in ordered if model.verdict != "passed"]
    folded = [_part(_model(model), "model") for model in ordered if model.verdict == "passed"]
    before, after = _around(passing(len(folded), "model"))
    yield Section("### Models", failing, head, joint="\n")
    yield Section("### Models", folded, before + head, after, joint="\n")


def _model(model: JudgedModel) -> str:
    return f"| {_name(model.name)} | {_name(model.version)} | {model.change} | {_outcome(model.verdict)} |"


def _outcome(word: str) -> str:
    return f"{_SIGNS.get(word, '❓')} {word}"


def _around(title: str) -> tuple[str, str]:
    return f"<details><summary>{title}</summary>\n\n", "\n\n</details>"


def _fold(title: str, content: str) -> str:
    before, after = _around(title)
    return f"{before}{content}{after}"


def _block(text: str, language: str) -> str:
    """A code block whose fence is longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _footer(report: Report) -> str:
    environment = _text(report.environment, _LONGEST_STATE)
    told = [f"Snitch {_text(report.snitch, _LONGEST_STATE)}", f"{report.now}", f"environment {environment}"]
    for name, state in states(report):
        told.append(" ".join([name, *(_code(part, _LONGEST_STATE) for part in state_parts(state))]))
    return " · ".join(told)


def _text(text: str, longest: int = LONGEST) -> str:
    return for_markdown(_cut(text, longest))


def _prose(text: str, longest: int = LONGEST) -> str:
    return prose_for_markdown(_cut(text, longest))


def _code(text: str, longest: int = LONGEST) -> str:
    return code_for_markdown(_cut(text, longest))


def _name(text: str) -> str:
    """A name in a table, where a long one would leave no room for the numbers."""
    return _code(text, _LONGEST_NAME)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + "…"

"""The comparisons with the deployed model, as tables: cells of text, one table a model and benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.report.look import Look, width_of
from snitch.report.wording import counted, interval, metric_name, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snitch.finding import Comparison
    from snitch.verdict import Report

HEADER = ("", "deployed", "candidate", "delta", "limit", "95 % interval", "")
_RANKS = {"fail": 0, "inconclusive": 1, "pass": 2}


class Table(Struct, frozen=True):
    """`rows` have the columns of `HEADER`; `hidden` counts the slices that pass and are left out."""

    model: str
    benchmark: str
    rows: list[tuple[str, ...]]
    hidden: int

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """The header and the rows."""
        return [HEADER, *self.rows]

    @property
    def has_intervals(self) -> bool:
        return any(row[5] != "-" for row in self.rows)


def tables(report: Report, *, all: bool) -> list[Table]:
    """One table a model and benchmark: with `all` every comparison, else those of models that got worse, and of the
    slices only those that did not pass.
    """
    worse = {each.model for each in report.comparisons if each.outcome != "pass"}
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in report.comparisons:
        if all or each.model in worse:
            groups.setdefault((each.model, each.benchmark), []).append(each)
    return [_table(model, benchmark, group, all) for (model, benchmark), group in sorted(groups.items())]


def by_benchmark(report: Report) -> list[list[Comparison]]:
    """The comparisons by model and benchmark, what does not pass first: of the groups and within each."""
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in sorted(report.comparisons, key=lambda each: (_RANKS[each.outcome], each.slice is not None)):
        groups.setdefault((each.model, each.benchmark), []).append(each)
    return [group for _, group in sorted(groups.items(), key=lambda item: (_RANKS[item[1][0].outcome], item[0]))]


def _table(model: str, benchmark: str, group: list[Comparison], all: bool) -> Table:
    shown = [each for each in group if all or each.slice is None or each.outcome != "pass"]
    return Table(model, benchmark, [row(each) for each in shown], len(group) - len(shown))


def row(each: Comparison) -> tuple[str, ...]:
    """A comparison in the columns of `HEADER`."""
    return (
        metric_name(each),
        number(each.deployed),
        number(each.candidate),
        number(each.delta, sign=True),
        number(each.limit),
        interval(each),
        each.outcome,
    )


def as_text(table: Table, look: Look) -> list[str]:
    """The table in columns, or one comparison a line where the columns are wider than the terminal."""
    title = look.paint(look.show(f"{table.model} on {table.benchmark}"), "strong")
    lines = [title, *(_columns(table, look) or _lines(table.rows, look))]
    if table.hidden:
        lines.append(look.paint(f"  and {counted(table.hidden, 'comparison')} of slices that pass", "faint"))
    return lines


def _columns(table: Table, look: Look) -> list[str]:
    """Without the intervals where there are none or they do not fit; nothing where the rest does not fit either."""
    for with_intervals in (True, False) if table.has_intervals else (False,):
        rows = [[look.show(cell) for cell in (row if with_intervals else row[:5] + row[6:])] for row in table.cells]
        widths = [max(width_of(cell) for cell in column) for column in zip(*rows, strict=True)]
        if look.width is None or 2 + sum(widths) + 2 * (len(widths) - 1) <= look.width:
            return [_columned(row, widths, look) for row in rows]
    return []


def _columned(row: list[str], widths: list[int], look: Look) -> str:
    padding = [" " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)]
    numbers = [pad + cell for cell, pad in zip(row[1:-1], padding[1:-1], strict=True)]
    line = "  " + "  ".join([row[0] + padding[0], *numbers])
    return f"{line}  {look.paint(row[-1], _STYLE[row[-1]])}" if row[-1] else look.paint(line, "faint")


def _lines(rows: Iterable[tuple[str, ...]], look: Look) -> Iterator[str]:
    for name, deployed, candidate, delta, limit, _, outcome in rows:
        yield f"  {look.show(name)}"
        yield f"    {deployed} -> {candidate} ({delta}, limit {limit}) {look.paint(outcome, _STYLE[outcome])}"


_STYLE = {"pass": "passed", "fail": "error", "inconclusive": "inconclusive"}

"""The frame of a finding: a line of source, and beneath it what it is about, underlined."""

from __future__ import annotations

from msgspec import Struct

from snitch.report.look import Look, width_of

Cells = list[tuple[str, int]]


class Mark(Struct, frozen=True):
    """What is underlined, and how: `column` counts from 1, `length` in characters, `stroke` is `^` or `-`."""

    excerpt: str
    line: int
    column: int
    length: int
    label: str
    stroke: str
    style: str


def gutter_of(*lines: int) -> int:
    """The columns that the line numbers take, a space before them included."""
    return max(4, *(len(str(line)) + 1 for line in lines))


def framed(mark: Mark, gutter: int, look: Look) -> list[str]:
    """The source line and its underline; nothing where there is no excerpt that reaches the column."""
    cells = look.cells(mark.excerpt.rstrip())
    start = mark.column - 1
    if not cells or not 0 <= start <= len(cells):
        return []
    end = min(max(start + mark.length, start + 1), max(len(cells), start + 1))
    room = None if look.width is None else max(look.width - gutter - 3, 12)
    source, indent, stroke = _window(cells, start, end, room, look.ellipsis)
    number = look.paint(f"{mark.line:>{gutter}} |", "frame")
    lines = [f"{number} {source}".rstrip()]
    return lines + _underline(mark, indent, stroke, room, gutter, look)


def _window(cells: Cells, start: int, end: int, room: int | None, ellipsis: str) -> tuple[str, int, int]:
    """The part of a line to show: its text, the columns before the mark, the columns of the mark.

    Keeps the line's beginning where the mark then still fits; else puts the mark amid what is around it.
    """
    low, high = 0, len(cells)
    if room is not None and _width(cells) > room:
        room -= len(ellipsis)
        if _width(cells[:end]) > room:
            room -= len(ellipsis)
            low = _reach_back(cells, start, (room - _width(cells[start:end])) // 2)
        high = _reach(cells, low, room)
        if high == len(cells) and low:
            low = _reach_back(cells, low, room + len(ellipsis) - _width(cells[low:]))
    before = ellipsis if low else ""
    after = ellipsis if high < len(cells) else ""
    text = before + _text(cells[low:high]) + after
    indent = len(before) + _width(cells[low:start])
    return text, indent, max(1, _width(cells[start : min(end, high)]))


def _reach_back(cells: Cells, start: int, room: int) -> int:
    """The first cell of those before `start` that fit into the room."""
    while start > 0 and cells[start - 1][1] <= room:
        start -= 1
        room -= cells[start][1]
    return start


def _reach(cells: Cells, low: int, room: int) -> int:
    """The end of those cells from `low` on that fit into the room."""
    high = low
    while high < len(cells) and cells[high][1] <= room:
        room -= cells[high][1]
        high += 1
    return high


def _underline(mark: Mark, indent: int, stroke: int, room: int | None, gutter: int, look: Look) -> list[str]:
    """The strokes with their label; the label on a line of its own where it does not fit beside them."""
    label = look.show(mark.label)
    bar = look.paint(" " * gutter + " |", "frame")
    strokes = look.paint(mark.stroke * stroke, mark.style)
    if room is None or not label or indent + stroke + 1 + width_of(label) <= room:
        beside = f" {look.paint(label, mark.style)}" if label else ""
        return [f"{bar} {' ' * indent}{strokes}{beside}"]
    indent_of_label = max(0, min(indent, room - width_of(label)))
    return [
        f"{bar} {' ' * indent}{strokes}",
        f"{bar} {' ' * indent_of_label}{look.paint(label, mark.style)}",
    ]


def _width(cells: Cells) -> int:
    return sum(width for _, width in cells)


def _text(cells: Cells) -> str:
    return "".join([text for text, _ in cells])

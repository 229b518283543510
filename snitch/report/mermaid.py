"""A metric's history as a Mermaid chart, which the forge draws itself: no third party holds a picture.

The grammar knows neither escapes within a quoted text nor exponents in numbers, and directives and entities are looked
for in the whole source, quoted or not. So a label holds only characters that mean nothing anywhere.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from snitch.escape import for_terminal

if TYPE_CHECKING:
    from snitch.report.history import Course, Point

_MEANINGLESS = re.compile(r"[^\w .,+=()/-]")
_LONGEST_TITLE, _LONGEST_VERSION = 64, 18
#: Beyond these a number without an exponent is no number that anybody reads.
_SMALLEST, _LARGEST = 1e-9, 1e12
#: Mermaid's own first colour can hardly be seen on white; these two can, on white and on black. First the values, then
#: the limit.
_STYLE = (
    '%%{init: {"xyChart": {"height": 320}, "themeVariables": {"xyChart": {"plotColorPalette": "#2f7de1, #c4620a"}}}}%%'
)


def mermaid(course: Course, *, unicode: bool = True) -> str:
    """The source of a chart, without a fence; empty where its numbers are too large or too close to be drawn."""
    low, high = min(course.values), max(course.values)
    room = (high - low) * 0.15 or abs(high) * 0.05 or 0.5
    if not (room > _SMALLEST and -_LARGEST < low <= high < _LARGEST):
        return ""
    title = _label(f"{course.metric} of {course.model} on {course.benchmark}", _LONGEST_TITLE, unicode)
    lines = [
        _STYLE,
        "xychart-beta",
        f"    title {title}",
        f"    x-axis [{', '.join(_versions(course.points, unicode))}]",
        f"    y-axis {_number(low - room)} --> {_number(high + room)}",
        f"    line [{', '.join(_number(point.value) for point in course.points)}]",
    ]
    if course.bound is not None:
        lines.append(f"    line [{', '.join([_number(course.bound)] * len(course.points))}]")
    return "\n".join(lines)


def _versions(points: tuple[Point, ...], unicode: bool) -> list[str]:
    """The labels of the points, no two of them alike: equal ones would be drawn as one place."""
    labels: list[str] = []
    for point in points:
        label = _label(point.version, _LONGEST_VERSION, unicode)
        if point.is_candidate:
            label = f'{label[:-1]} candidate"'
        while label in labels:
            label = f'{label[:-1]}+"'
        labels.append(label)
    return labels


def _label(text: str, longest: int, unicode: bool) -> str:
    """The text in quotes, never empty."""
    shown = _MEANINGLESS.sub("?", for_terminal(text, unicode=unicode)).strip()
    if len(shown) > longest:
        shown = f"{shown[: longest - 3]}..."
    return f'"{shown or "?"}"'


def _number(value: float) -> str:
    """The number to eight digits, without an exponent, as far behind the point as a chart can show."""
    digits = f"{Decimal(f'{value:.8g}'):.14f}"
    return digits.rstrip("0").rstrip(".")

"""Charts as SVG within HTML: the candidate beside the deployed model and the limit, and a metric over the versions.

What is deployed is a ring, the candidate a diamond, the limit a dashed line: no colour is needed to tell them apart.
Lengths are in units of about a pixel, as a chart is shown nearly as wide as it is drawn.
"""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from snitch.escape import for_html
from snitch.report.history import Point, bound_of
from snitch.report.wording import metric_name, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snitch.finding import Comparison
    from snitch.report.history import Course

_WIDTH, _MARGIN = 360, 14
_LONGEST_VERSION, _LONGEST_TITLE = 14, 200
#: Differences beyond these are nothing to look at.
_SMALLEST, _LARGEST = 1e-12, 1e18
_Scale = tuple[float, float, float, float]


def standing(comparison: Comparison) -> str:
    """The candidate's value beside the deployed one, and how far down it may go; empty where a value is not known."""
    deployed, candidate = comparison.deployed, comparison.candidate
    if deployed is None or candidate is None or not (isfinite(deployed) and isfinite(candidate)):
        return ""
    bound, interval = bound_of(comparison), _interval(comparison, deployed)
    scale = _scale([deployed, candidate, *([] if bound is None else [bound]), *interval], _MARGIN, _WIDTH - _MARGIN)
    if scale is None:
        return ""
    parts = ['<line class="axis" x1="0" x2="360" y1="34" y2="34"/>']
    told = f"deployed {number(deployed)}, candidate {number(candidate)}"
    if bound is not None:
        at = _at(bound, scale)
        left, width = (at, _WIDTH - at) if comparison.greater_is_better else (0, at)
        parts.insert(0, f'<rect class="allowed" x="{left:.1f}" y="20" width="{width:.1f}" height="28" rx="4"/>')
        parts.append(f'<line class="bound" x1="{at:.1f}" x2="{at:.1f}" y1="16" y2="52"/>')
        parts.append(_text(at, 78, f"limit {number(bound)}"))
        told += f", limit {number(bound)}"
    if interval:
        low, high = (_at(value, scale) for value in interval)
        parts.append(f'<line class="interval" x1="{low:.1f}" x2="{high:.1f}" y1="34" y2="34"/>')
    parts.append(_ring(_at(deployed, scale), 34))
    parts.append(_text(_at(deployed, scale), 11, f"deployed {number(deployed)}", "deployed-text"))
    parts.append(_diamond(_at(candidate, scale), 34))
    parts.append(_text(_at(candidate, scale), 64, f"candidate {number(candidate)}", "candidate-text"))
    return _svg(84, f"{metric_name(comparison)}: {told}", parts)


def _interval(comparison: Comparison, deployed: float) -> list[float]:
    """Where the candidate's value lies with 95 % confidence; nothing where that is not known."""
    ends = [deployed + end for end in comparison.interval or () if isfinite(deployed + end)]
    return ends if len(ends) == 2 else []


def over_versions(course: Course) -> str:
    """A metric over the versions; empty where the values are too close or too far apart to be drawn."""
    ticks = _ticks(min(course.values), max(course.values))
    scale = _scale([*course.values, *ticks], 128, 12)
    if scale is None or not ticks:
        return ""
    left = 10 + 6.2 * max(len(number(tick)) for tick in ticks)
    step = (_WIDTH - _MARGIN - left) / (len(course.points) - 1)
    places = [(left + step * index, _at(point.value, scale)) for index, point in enumerate(course.points)]
    parts = [*_grid(ticks, scale, left), *_lines(course, places, scale, left)]
    parts += [
        _diamond(x, y) if point.is_candidate else _ring(x, y)
        for point, (x, y) in zip(course.points, places, strict=True)
    ]
    parts += _names(course.points, [x for x, _ in places])
    values = ", ".join(f"{point.version} {number(point.value)}" for point in course.points)
    return _svg(152, f"{course.metric} over the versions: {values}", parts)


def _grid(ticks: Iterable[float], scale: _Scale, left: float) -> Iterator[str]:
    for tick in ticks:
        y = _at(tick, scale)
        yield f'<line class="axis" x1="{left:.1f}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(left - 8, y + 4, number(tick), anchor="end")


def _lines(course: Course, places: list[tuple[float, float]], scale: _Scale, left: float) -> Iterator[str]:
    """The limit, the course of what was deployed, and the step from it to the candidate."""
    if course.bound is not None:
        y = _at(course.bound, scale)
        yield f'<line class="bound" x1="{left:.1f}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(left + 4, y - 5, f"limit {number(course.bound)}", anchor="start")
    deployed = [place for point, place in zip(course.points, places, strict=True) if not point.is_candidate]
    yield f'<polyline class="course" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in deployed)}"/>'
    if course.points[-1].is_candidate:
        (x1, y1), (x2, y2) = places[-2:]
        yield f'<line class="next" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _names(points: tuple[Point, ...], places: list[float]) -> Iterator[str]:
    """The versions beneath their points: the last, and of the others those that fit, from the first on."""
    names = [_cut(point.version, _LONGEST_VERSION) for point in points]
    end = -_WIDTH
    last_begins = _WIDTH - 6.5 * len(names[-1]) - 8
    for point, name, x in zip(points, names, places, strict=True):
        half = 6.5 * len(name) / 2
        is_last = point is points[-1]
        start = max(0.0, min(x - half, _WIDTH - 2 * half))
        if is_last or (start > end + 8 and start + 2 * half < last_begins):
            end = int(start + 2 * half)
            yield _text(x, 147, name, "candidate-text" if point.is_candidate else "")


def _scale(values: list[float], start: float, end: float) -> _Scale | None:
    """From the lowest and the highest value to where they are drawn, with room at both ends; None beyond all sizes."""
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or abs(high) * 0.05 or 0.5
    low, high = low - room, high + room
    return (low, high, start, end) if isfinite(high - low) and high > low else None


def _at(value: float, scale: _Scale) -> float:
    low, high, start, end = scale
    return start + (value - low) / (high - low) * (end - start)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, two to five of them, from about the lowest to about the highest."""
    room = high - low or abs(high) * 0.1 or 1.0
    if not _SMALLEST < room < _LARGEST:
        return []
    power = 10.0 ** floor(log10(room / 2))
    step = next(power * each for each in (1, 2, 5, 10) if room / (power * each) <= 3)
    first = floor(low / step)
    return [tick * step for tick in range(first, first + 6) if low - step / 2 <= tick * step <= high + step / 2]


def _ring(x: float, y: float) -> str:
    return f'<circle class="deployed" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'


def _diamond(x: float, y: float) -> str:
    return f'<path class="candidate" d="M{x:.1f} {y - 7:.1f}l7 7-7 7-7-7z"/>'


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    """A text at its middle, or at its end where it would else leave the chart."""
    half = 3.1 * len(text)
    if not anchor:
        anchor = "start" if x < half else "end" if x > _WIDTH - half else "middle"
        x = 0 if x < half else _WIDTH if x > _WIDTH - half else x
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{for_html(text)}</text>'


def _svg(height: int, title: str, parts: Iterable[str]) -> str:
    name = for_html(_cut(title, _LONGEST_TITLE))
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{name}">{"".join(parts)}</svg>'


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"

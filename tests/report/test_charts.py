"""Charts stand for their values: what is where, what is named, and what cannot be drawn."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from snitch.finding import Comparison
from snitch.report.charts import over_versions, standing
from snitch.report.history import Course, Point, courses
from tests.report.reports import GATED, WORSE

HIGHER = replace(WORSE, greater_is_better=True)
LOWER = replace(WORSE, deployed=0.5, candidate=0.6, delta=0.1, limit=0.2, interval=None, greater_is_better=False)
ROC_AUC = courses(GATED)[0]
VALUES = st.one_of(st.floats(-1e3, 1e3), st.floats(), st.sampled_from([0.0, 0.5, 1e308, -1e308, 5e-324]))


def drawn(svg: str) -> dict[str, list[dict[str, str]]]:
    """What was drawn, by its class."""
    found: dict[str, list[dict[str, str]]] = {}
    for element in ElementTree.fromstring(svg).iter():
        found.setdefault(element.get("class", element.tag), []).append({**element.attrib, "": element.text or ""})
    return found


def middle(mark: dict[str, str]) -> tuple[float, float]:
    if "d" in mark:
        x, y = re.findall(r"-?[0-9.]+", mark["d"])[:2]
        return float(x), float(y) + 7
    return float(mark["cx"]), float(mark["cy"])


def test_where_a_candidate_stands() -> None:
    chart = drawn(standing(HIGHER))
    candidate, deployed = middle(chart["candidate"][0])[0], middle(chart["deployed"][0])[0]
    bound = float(chart["bound"][0]["x1"])
    assert candidate < bound < deployed
    # 0.882, 0.908 and 0.913: a line, so the distances are those of the values.
    assert (bound - candidate) / (deployed - candidate) == pytest.approx(26 / 31, abs=0.01)
    low, high = (float(chart["interval"][0][end]) for end in ("x1", "x2"))
    assert (high - low) / (deployed - candidate) == pytest.approx(20 / 31, abs=0.01)
    assert low < candidate < high


def test_what_is_allowed_is_to_the_better_side() -> None:
    up, down = drawn(standing(HIGHER))["allowed"][0], drawn(standing(LOWER))["allowed"][0]
    assert float(up["x"]) == float(drawn(standing(HIGHER))["bound"][0]["x1"])
    assert float(up["x"]) + float(up["width"]) == pytest.approx(360)
    assert float(down["x"]) == 0
    assert float(down["width"]) == float(drawn(standing(LOWER))["bound"][0]["x1"])


@pytest.mark.parametrize(
    "comparison",
    [replace(HIGHER, limit=None), replace(HIGHER, greater_is_better=None), replace(HIGHER, limit=math.nan)],
)
def test_no_limit_is_drawn_that_nobody_knows(comparison: Comparison) -> None:
    chart = drawn(standing(comparison))
    assert "bound" not in chart
    assert "allowed" not in chart
    assert "limit" not in standing(comparison)


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_without_both_values_there_is_no_chart(value: float | None) -> None:
    assert standing(replace(HIGHER, deployed=value)) == ""
    assert standing(replace(HIGHER, candidate=value)) == ""


def test_an_interval_that_is_not_known_on_both_sides_is_none() -> None:
    assert "interval" not in drawn(standing(replace(HIGHER, interval=(-math.inf, 0.0))))


def test_over_the_versions() -> None:
    chart = drawn(over_versions(ROC_AUC))
    rings = [middle(each) for each in chart["deployed"]]
    candidate = middle(chart["candidate"][0])
    assert [x for x, _ in (*rings, candidate)] == sorted(x for x, _ in (*rings, candidate))
    # 0.891, 0.907, 0.913, 0.882: higher is further up.
    assert candidate[1] > rings[0][1] > rings[1][1] > rings[2][1]
    assert rings[1][1] > float(chart["bound"][0]["y1"]) > rings[2][1]
    named = {each.text for each in ElementTree.fromstring(over_versions(ROC_AUC)).iter("text")}
    assert {"1.2.0", "1.3.0", "1.3.2", "1.4.0", "limit 0.908"} <= named


def test_the_line_joins_what_was_deployed_and_a_dotted_one_the_candidate() -> None:
    chart = drawn(over_versions(ROC_AUC))
    assert len(chart["course"][0]["points"].split()) == 3
    x, y = middle(chart["candidate"][0])
    assert float(chart["next"][0]["x2"]) == pytest.approx(x)
    assert float(chart["next"][0]["y2"]) == pytest.approx(y, abs=0.11)


def test_names_never_lie_on_one_another() -> None:
    points = tuple(Point(f"1.{number}.0-release", number / 10) for number in range(10))
    texts = ElementTree.fromstring(over_versions(replace(ROC_AUC, points=points, bound=None))).iter("text")
    names = sorted((float(each.get("x", "")), each.text) for each in texts if each.get("y") == "147.0")
    assert names[-1][1] == "1.9.0-release"
    assert len(names) > 1
    half = 6.5 * len("1.0.0-release") / 2
    inner = [min(max(x, half), 360 - half) for x, _ in names]
    assert all(right - left > 2 * half for left, right in pairwise(inner))


@given(st.builds(replace, st.just(HIGHER), deployed=VALUES, candidate=VALUES, limit=st.none() | VALUES))
def test_any_comparison_is_drawn_within_its_chart_or_not_at_all(comparison: Comparison) -> None:
    svg = standing(comparison)
    _assert_within(svg, 84)


@given(st.lists(st.builds(Point, st.text(max_size=30), VALUES), min_size=2, max_size=10).map(tuple), st.none() | VALUES)
def test_any_course_is_drawn_within_its_chart_or_not_at_all(points: tuple[Point, ...], bound: float | None) -> None:
    points = tuple(point for point in points if math.isfinite(point.value))
    bound = bound if bound is not None and math.isfinite(bound) else None
    if len(points) > 1:
        _assert_within(over_versions(replace(ROC_AUC, points=points, bound=bound)), 152)


def _assert_within(svg: str, height: float) -> None:
    if not svg:
        return
    assert not re.search(r'"-?(?:nan|inf)', svg)
    for marks in drawn(svg).values():
        for mark in marks:
            for key, value in mark.items():
                if key in ("x", "x1", "x2", "cx"):
                    assert 0 <= float(value) <= 360, mark
                if key in ("y", "y1", "y2", "cy"):
                    assert 0 <= float(value) <= height, mark


def test_a_course_of_equal_values_is_a_level_line() -> None:
    level = Course("m", "b", "x", (Point("1", 0.5), Point("2", 0.5)), None, True, 0)
    first, second = (middle(each)[1] for each in drawn(over_versions(level))["deployed"])
    assert first == second


@pytest.mark.parametrize("values", [(0.0, 5e-324), (-1e308, 1e308), (1e-310, 2e-310)])
def test_values_beyond_all_sizes_are_drawn_or_not_but_never_crash(values: tuple[float, float]) -> None:
    points = tuple(Point("1", value) for value in values)
    _assert_within(over_versions(replace(ROC_AUC, points=points, bound=None)), 152)

"""The charts' source follows Mermaid's grammar whatever it is made of."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from snitch.report.history import Course, Point, courses
from snitch.report.mermaid import mermaid
from tests.hostile_text import HOSTILE
from tests.report.reports import GATED

# What the grammar of Mermaid's xychart takes: https://mermaid.js.org/syntax/xyChart
_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?"
_TEXT = r'"[^"`\n]+"'
_DIRECTIVE = r"%%\{init: \{[\w\" :,{}#]+\}\}%%"
_GRAMMAR = re.compile(
    rf"""{_DIRECTIVE}
xychart-beta
    title {_TEXT}
    x-axis \[{_TEXT}(?:, {_TEXT})*\]
    y-axis (?P<low>{_NUMBER}) --> (?P<high>{_NUMBER})
    line \[{_NUMBER}(?:, {_NUMBER})*\](?:
    line \[{_NUMBER}(?:, {_NUMBER})*\])?"""
)

ROC_AUC = courses(GATED)[0]
TEXTS = st.one_of(HOSTILE, st.sampled_from(["%%{init: {}}%%", '"]\n  line [1]', "#quot;", "style a:#f00;", "---"]))
VALUES = st.one_of(st.floats(-1e6, 1e6), st.floats(allow_nan=False, allow_infinity=False), st.just(0.5))
COURSES = st.builds(
    Course,
    model=TEXTS,
    benchmark=TEXTS,
    metric=TEXTS,
    points=st.lists(st.builds(Point, TEXTS, VALUES, st.booleans()), min_size=2, max_size=10).map(tuple),
    bound=st.none() | VALUES,
    passes=st.booleans(),
    left_out=st.integers(0, 3),
)


def test_a_chart() -> None:
    directive, *lines = mermaid(ROC_AUC).splitlines()
    assert directive.startswith("%%{init: ")
    assert lines == [
        "xychart-beta",
        '    title "roc_auc of churn on churn-holdout"',
        '    x-axis ["1.2.0", "1.3.0", "1.3.2", "1.4.0 candidate"]',
        "    y-axis 0.87735 --> 0.91765",
        "    line [0.891, 0.907, 0.913, 0.882]",
        "    line [0.908, 0.908, 0.908, 0.908]",
    ]


@given(COURSES, st.booleans())
def test_nothing_breaks_out_of_a_label(course: Course, unicode: bool) -> None:
    source = mermaid(course, unicode=unicode)
    if not source:
        return
    match = _GRAMMAR.fullmatch(source)
    assert match
    assert float(match["low"]) < float(match["high"])
    body = source.split("\n", 1)[1]
    # A comment or directive, an entity, a statement's end, a tag: Mermaid looks for these in quoted text as well.
    assert not re.search(r"[%#;{}<>&`\\$]", body.replace(" --> ", " "))
    axis = body.splitlines()[2]
    labels = re.findall(_TEXT, axis)
    assert len(labels) == len(set(labels)) == len(course.points)
    assert unicode or source.isascii()
    assert len(source) < 2_000  # what GitLab draws at once


def test_versions_of_one_name_stay_two_places() -> None:
    points = (Point("1.0.0", 0.1), Point("1.0.0", 0.2), Point("1.0.0", 0.3))
    assert 'x-axis ["1.0.0", "1.0.0+", "1.0.0++"]' in mermaid(replace(ROC_AUC, points=points))


@pytest.mark.parametrize("value", [1e-5, 123456.789, -0.0, 1e11])
def test_numbers_have_no_exponent(value: float) -> None:
    points = (Point("1", value), Point("2", value * 2 + 1))
    assert not re.search(r"[0-9]e", mermaid(replace(ROC_AUC, points=points, bound=None)))


@pytest.mark.parametrize("values", [(1e300, 2e300), (1e-300, 2e-300), (-1e308, 1e308)])
def test_what_nobody_reads_is_not_drawn(values: tuple[float, float]) -> None:
    points = tuple(Point(f"{value}", value) for value in values)
    assert mermaid(replace(ROC_AUC, points=points, bound=None)) == ""


def test_equal_values_have_an_axis() -> None:
    points = (Point("1", 0.5), Point("2", 0.5))
    assert "y-axis 0.475 --> 0.525" in mermaid(replace(ROC_AUC, points=points, bound=None))

"""A metric over the versions: which belong to what was compared, and the worst value that passes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from snitch.report.history import LATEST, Point, bound_of, courses
from snitch.verdict import Measured
from tests.report.reports import BETTER, GATED, HISTORY, PASSED, SLICES, WORSE


@dataclass(frozen=True)
class Case:
    better: bool | None
    deployed: float | None
    limit: float | None
    bound: float | None


@pytest.mark.parametrize(
    "case",
    [
        Case(True, 0.5, 0.125, 0.375),
        Case(False, 0.5, 0.125, 0.625),
        Case(None, 0.5, 0.125, None),
        Case(True, None, 0.125, None),
        Case(True, 0.5, None, None),
        Case(True, math.nan, 0.125, None),
        Case(True, 1e308, 1e309, None),
    ],
)
def test_the_worst_value_that_passes(case: Case) -> None:
    comparison = replace(WORSE, greater_is_better=case.better, deployed=case.deployed, limit=case.limit)
    assert bound_of(comparison) == case.bound


def test_the_candidate_comes_last_and_what_fails_first() -> None:
    worse, better = courses(GATED)
    assert (worse.metric, better.metric) == ("roc_auc", "recall(threshold=0.42)")
    assert (worse.passes, better.passes) == (False, True)
    assert [point.version for point in worse.points] == ["1.2.0", "1.3.0", "1.3.2", "1.4.0"]
    assert worse.points[-1] == Point("1.4.0", 0.882, is_candidate=True)
    assert not any(point.is_candidate for point in worse.points[:-1])
    assert worse.bound == pytest.approx(0.908)


@pytest.mark.parametrize(
    "other",
    [
        replace(WORSE, benchmark="another"),
        replace(WORSE, model="another"),
        replace(WORSE, args={"average": "macro"}),
        replace(WORSE, slice={"plan": "pro"}),
        replace(WORSE, candidate=None),
        replace(WORSE, candidate=math.nan),
    ],
)
def test_only_the_very_same_metric_continues_it(other: object) -> None:
    report = replace(PASSED, history=HISTORY[1:], comparisons=(other,))
    (course,) = courses(report)
    assert [point.version for point in course.points] == ["1.2.0", "1.3.0", "1.3.2"]


def test_equal_arguments_are_one_metric_however_written() -> None:
    report = replace(PASSED, history=(replace(HISTORY[0], args={"threshold": 1}),))
    (course,) = courses(replace(report, comparisons=(*SLICES, replace(BETTER, args={"threshold": 1.0}))))
    assert course.points[-1].is_candidate


def test_one_version_is_no_history() -> None:
    one = replace(HISTORY[1], points=HISTORY[1].points[:1])
    assert courses(replace(PASSED, history=(one,))) == []
    assert len(courses(replace(PASSED, history=(one,), comparisons=(WORSE,)))) == 1


def test_what_is_no_number_is_no_point() -> None:
    points = (*HISTORY[1].points, Measured("1.3.3", PASSED.now, math.inf))
    (course,) = courses(replace(PASSED, history=(replace(HISTORY[1], points=points),)))
    assert len(course.points) == 3


def test_the_latest_are_kept_and_the_others_counted() -> None:
    points = tuple(Measured(f"1.{n}.0", PASSED.now, n / 100) for n in range(LATEST + 3))
    (course,) = courses(replace(PASSED, history=(replace(HISTORY[1], points=points),), comparisons=(WORSE,)))
    assert len(course.points) == LATEST
    assert course.left_out == 4
    assert course.points[0].version == "1.4.0"

"""How a metric came to be what it is: its value over the versions, the candidate's last, and the limit."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.metrics import identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.finding import Comparison
    from snitch.verdict import MetricHistory, Report

#: More versions than these no chart of a comment's width can name.
LATEST = 10


class Point(Struct, frozen=True):
    """A version and its value; `is_candidate` where it is not deployed yet."""

    version: str
    value: float
    is_candidate: bool = False


class Course(Struct, frozen=True):
    """One metric over the versions, oldest first, at least two of them; `left_out` are older still.

    `bound` is the worst value that passes, None where there is no limit or nobody knows which way is worse.
    """

    model: str
    benchmark: str
    metric: str
    points: tuple[Point, ...]
    bound: float | None
    passes: bool
    left_out: int

    @property
    def values(self) -> list[float]:
        """All the values that a chart of it must hold."""
        return [*(point.value for point in self.points), *([] if self.bound is None else [self.bound])]


def bound_of(comparison: Comparison) -> float | None:
    """The worst value that passes beside the deployed one; None where that is not known."""
    deployed, limit, better = comparison.deployed, comparison.limit, comparison.greater_is_better
    if deployed is None or limit is None or better is None:
        return None
    bound = deployed - limit if better else deployed + limit
    return bound if isfinite(bound) else None


def courses(report: Report) -> list[Course]:
    """The metrics of which two versions or more are known, those that do not pass first."""
    compared = {
        (each.model, each.benchmark, identity(each.type, each.args)): each
        for each in report.comparisons
        if each.slice is None
    }
    versions = {model.name: model.version for model in report.models}
    found = list(_courses(report.history, compared, versions))
    return sorted(found, key=lambda each: each.passes)


def _courses(
    histories: tuple[MetricHistory, ...],
    compared: dict[tuple[str, str, str], Comparison],
    versions: dict[str, str],
) -> Iterator[Course]:
    for history in histories:
        metric = identity(history.type, history.args)
        comparison = compared.get((history.model, history.benchmark, metric))
        points = [Point(each.version, each.value) for each in history.points if isfinite(each.value)]
        if comparison is not None and comparison.candidate is not None and isfinite(comparison.candidate):
            points.append(Point(versions.get(history.model, ""), comparison.candidate, is_candidate=True))
        if len(points) > 1:
            yield Course(
                history.model,
                history.benchmark,
                metric,
                tuple(points[-LATEST:]),
                None if comparison is None else bound_of(comparison),
                comparison is None or comparison.outcome == "pass",
                max(0, len(points) - LATEST),
            )

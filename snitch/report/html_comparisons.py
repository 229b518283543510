"""The comparisons in the HTML report: a table a model and benchmark, a chart a metric, the history over versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.metrics import identity
from snitch.report.charts import over_versions, standing
from snitch.report.comparisons import HEADER, by_benchmark, row
from snitch.report.history import Course, courses
from snitch.report.html_text import code, columns, fold, sign, table, text, tone
from snitch.report.wording import counted, metric_name, number, passing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.finding import Comparison
    from snitch.verdict import Report

#: More charts than these nobody looks at, and a browser takes its time to draw them.
_MOST_CHARTS = 200
_Key = tuple[str, str, str]


class Comparisons:
    """What was compared in a report; each chart is drawn once, and not more than a browser bears."""

    def __init__(self, report: Report) -> None:
        self._groups = by_benchmark(report)
        self._courses = {(each.model, each.benchmark, each.metric): each for each in courses(report)}
        self._versions = {model.name: model.version for model in report.models}
        self._left = _MOST_CHARTS
        self._lost = 0

    def cards(self) -> Iterator[str]:
        """A card for each model and benchmark, what does not pass first, and then what passes folded."""
        failing = any(group[0].outcome != "pass" for group in self._groups)
        for group in self._groups:
            first = group[0]
            title = f"{self._model(first.model)} on {code(first.benchmark)}"
            if failing and first.outcome == "pass":
                summary = f"{title}: {passing(len(group), 'comparison')}"
                yield f'<section class="card">{fold(summary, self._content(group))}</section>'
            else:
                yield f'<section class="card"><h3>{title}</h3>\n{self._content(group)}</section>'

    def other_courses(self) -> Iterator[str]:
        """The history of metrics that were not compared; and how many charts of all were left out."""
        figures = [self._figure(course.metric, "", "", course) for course in list(self._courses.values())]
        if figures:
            yield f'<div class="card charts">{"".join(figures)}</div>'
        if self._lost:
            yield f"<p>And {counted(self._lost, 'chart')} more; the tables have all the values.</p>"

    def _model(self, name: str) -> str:
        version = self._versions.get(name)
        return f"{code(name)} {code(version)}" if version else code(name)

    def _content(self, group: list[Comparison]) -> str:
        shown = [each for each in group if each.outcome != "pass" or each.slice is None]
        folded = [each for each in group if each.outcome == "pass" and each.slice is not None]
        parts = [_table(shown)] if shown else []
        parts += [fold(passing(len(folded), "comparison of slices"), _table(folded))] if folded else []
        figures = "".join(self._chart(each) for each in shown)
        return "\n".join([*parts, *([f'<div class="charts">{figures}</div>'] if figures else [])])

    def _chart(self, comparison: Comparison) -> str:
        key = (comparison.model, comparison.benchmark, identity(comparison.type, comparison.args))
        course = self._courses.pop(key, None) if comparison.slice is None else None
        return self._figure(metric_name(comparison), comparison.outcome, standing(comparison), course)

    def _figure(self, name: str, outcome: str, drawn: str, course: Course | None) -> str:
        drawn += (over_versions(course) + _values(course)) if course is not None else ""
        if not drawn:
            return ""
        if not self._left:
            self._lost += 1
            return ""
        self._left -= 1
        said = f" {sign(outcome)}" if outcome else ""
        return f'<figure class="{tone(outcome)}"><figcaption>{code(name)}{said}</figcaption>{drawn}</figure>\n'


def _table(comparisons: list[Comparison]) -> str:
    """The interval of the difference has a column only where one is known."""
    count = len(HEADER) - 1 if any(each.interval for each in comparisons) else len(HEADER) - 2
    names = ["metric", *HEADER[1:count], "outcome"]
    label = f"{comparisons[0].model} on {comparisons[0].benchmark}"
    return table(label, columns(names, HEADER[1:count]), [_row(each, count) for each in comparisons])


def _row(comparison: Comparison, count: int) -> str:
    name, *numbers, outcome = row(comparison)
    cells = "".join(f'<td class="number">{text(each)}</td>' for each in numbers[: count - 1])
    return f'<tr><th scope="row">{code(name)}</th>{cells}<td>{sign(outcome)}</td></tr>'


def _values(course: Course) -> str:
    """The values of a chart, for those who would rather read them."""
    rows = [
        f'<tr><th scope="row">{code(point.version)}{" (candidate)" if point.is_candidate else ""}</th>'
        f'<td class="number">{text(number(point.value))}</td></tr>'
        for point in course.points
    ]
    older = f"<p>And {counted(course.left_out, 'older version')}.</p>" if course.left_out else ""
    return fold("values", table(f"{course.metric} by version", columns(["version", "value"], ["value"]), rows) + older)

"""A metric's values over the versions that a branch has held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from snitch.metric_history import metric_histories
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Measured, MetricHistory
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, digest, edit, edit_json, without
from tests.past import Past, ago


def model(files: Files = SPOTLESS) -> Model:
    return Model(Repository(MemorySnapshot(files)), FOLDER)


def state(version: str, roc_auc: object, day: str = "2026-11-02", change: Callable[[Any], object] = id) -> Files:
    """The model's own folder under a version, which had measured so much that day."""

    def measure(data: Any) -> None:
        data["metrics"][0]["value"] = roc_auc
        data["date"] = f"{day}T10:00:00Z"
        change(data)

    files = edit(edit_json(SPOTLESS, EVALUATION, measure), MANIFEST, "version: 1.4.0", f"version: {version}")
    return {path: content for path, content in files.items() if path.startswith(f"{FOLDER}/")}


def told(*states: Files, now: Files = SPOTLESS, cut: bool = False, **more: Any) -> dict[str, MetricHistory]:
    past = Past(*((each, ago(days=number)) for number, each in enumerate(states)), branch="main", cut=cut)
    return {each.type: each for each in metric_histories(model(now), past, **more)}


def roc_auc(*states: Files, **more: Any) -> list[tuple[str, float]]:
    found = told(*states, **more).get("roc_auc")
    return [(each.version, each.value) for each in found.points] if found else []


def test_each_metric_over_the_versions_oldest_first() -> None:
    found = told(state("1.3.0", 0.9, "2026-10-02"), state("1.2.0", 0.88, "2026-09-02"))
    assert list(found) == ["roc_auc", "average_precision", "recall"]
    assert found["roc_auc"] == MetricHistory(
        model="churn",
        benchmark="churn-holdout",
        type="roc_auc",
        args=None,
        points=(Measured("1.2.0", date(2026, 9, 2), 0.88), Measured("1.3.0", date(2026, 10, 2), 0.9)),
    )
    assert found["recall"].args == {"threshold": 0.42}


def test_of_a_version_that_was_measured_twice_the_later_counts() -> None:
    assert roc_auc(state("1.3.0", 0.9), state("1.3.0", 0.89), state("1.2.0", 0.88)) == [("1.2.0", 0.88), ("1.3.0", 0.9)]


def test_as_many_versions_as_are_asked_for() -> None:
    states = [state(f"1.{9 - number}.0", 0.9) for number in range(9)]
    assert [version for version, _ in roc_auc(*states, limit=2)] == ["1.8.0", "1.9.0"]


def test_what_was_measured_on_something_else_is_left_out() -> None:
    other = {
        "revision": lambda data: data["dataset"].update(revision=digest("other")),
        "definition": lambda data: data["dataset"].update(definition=digest("other")),
        "no definition": lambda data: data["dataset"].pop("definition"),
        "name": lambda data: data["dataset"].update(name="another"),
    }
    for change in other.values():
        assert roc_auc(state("1.3.0", 0.9, change=change), state("1.2.0", 0.88)) == [("1.2.0", 0.88)]


def test_where_the_benchmark_has_changed_there_is_none() -> None:
    assert told(state("1.3.0", 0.9), now=edit(SPOTLESS, BENCHMARK, "positive_label: 1", "positive_label: 0")) == {}
    assert told(state("1.3.0", 0.9), now=without(SPOTLESS, BENCHMARK)) == {}


def test_a_value_that_is_none_is_left_out() -> None:
    for value in (float("nan"), "0.9", 1.5, True, None):
        assert roc_auc(state("1.3.0", value), state("1.2.0", 0.88)) == [("1.2.0", 0.88)]


def test_arguments_that_the_benchmark_gives_need_not_be_written() -> None:
    without_args = state("1.3.0", 0.9, change=lambda data: data["metrics"][2].pop("args"))
    assert [each.version for each in told(without_args)["recall"].points] == ["1.3.0"]


def test_records_that_cannot_be_read_are_left_out() -> None:
    broken = {**state("1.3.0", 0.9), EVALUATION: "{"}
    assert roc_auc(broken, state("1.2.0", 0.88)) == [("1.2.0", 0.88)]
    assert told(state("1.2.0", 0.88), now={**SPOTLESS, EVALUATION: "{"}) == {}


def test_a_model_that_was_another_or_gone_is_left_out() -> None:
    fraud = edit(state("1.3.0", 0.9), MANIFEST, "name: churn\n", "name: fraud\n")
    assert roc_auc(fraud, {}, state("1.2.0", 0.88)) == [("1.2.0", 0.88)]


def test_a_history_that_is_cut_off_ends_there() -> None:
    assert roc_auc(state("1.2.0", 0.88), cut=True) == [("1.2.0", 0.88)]


def test_a_model_without_a_past_has_none() -> None:
    assert told() == {}

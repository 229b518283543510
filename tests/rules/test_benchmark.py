"""What benchmarks ask of a model, and whether they are still worth asking."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from snitch.rules.benchmark import ExpiredBenchmark, MissingEvaluation, MissingMetric, StaleBenchmark

from tests.judging import (
    BENCHMARK,
    DATA,
    EVALUATION,
    FOLDER,
    MANIFEST,
    SPOTLESS,
    digest,
    edit,
    findings,
    judgement,
    without,
)
from tests.rules.measured import METRICS, record

RULES = [MissingEvaluation(), StaleBenchmark(), MissingMetric(), ExpiredBenchmark()]


@pytest.mark.parametrize("rule", RULES)
def test_spotless(rule: MissingEvaluation) -> None:
    assert findings(rule, SPOTLESS) == findings(rule, SPOTLESS, SPOTLESS) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_benchmark_that_is_not_valid(rule: MissingEvaluation) -> None:
    [found] = findings(rule, {**SPOTLESS, BENCHMARK: "name: churn-holdout\nmodels: [churn]\n"})
    assert (found.rule, found.outcome, found.path) == ("SNT003", "inconclusive", BENCHMARK)


def test_a_model_that_no_benchmark_names_is_noted() -> None:
    result = judgement(MissingEvaluation(), without(SPOTLESS, BENCHMARK))
    assert result.findings == () and result.notes == ("no benchmark names churn: nothing measures it",)
    assert judgement(MissingEvaluation(), SPOTLESS).notes == ()


def test_missing_evaluation() -> None:
    [found] = findings(MissingEvaluation(), without(SPOTLESS, EVALUATION))
    assert found.message == "there is no evaluation on churn-holdout 2026.10, which names the model"
    assert (found.rule, found.severity, found.role) == ("BEN001", "error", "churn-holdout")
    assert (found.path, found.line, found.column) == (MANIFEST, 1, 7)
    assert "evaluations/churn-holdout.json" in found.help


@pytest.mark.parametrize("content", ["{", "{}", "[]", b"\xff"])
def test_an_evaluation_that_is_not_valid_is_there(content: str | bytes) -> None:
    assert findings(MissingEvaluation(), {**SPOTLESS, EVALUATION: content}) == []


def test_an_evaluation_in_a_file_of_another_name_is_there() -> None:
    other = f"{FOLDER}/evaluations/other.json"
    assert findings(MissingEvaluation(), {**without(SPOTLESS, EVALUATION), other: SPOTLESS[EVALUATION]}) == []


@pytest.mark.parametrize(
    "path", ["evaluations/deep/churn-holdout.json", "churn-holdout.json", "evaluations/churn-holdout.yaml"]
)
def test_an_evaluation_elsewhere_is_none(path: str) -> None:
    files = {**without(SPOTLESS, EVALUATION), f"{FOLDER}/{path}": SPOTLESS[EVALUATION]}
    assert len(findings(MissingEvaluation(), files)) == 1


@pytest.mark.parametrize(
    ("models", "asked"),
    [
        ("models: [churn, other]", True),
        ("models: [other]", False),
        ("models: [churn-2]", False),
        ("all: true", True),
        ("all: true\ntask: regression", False),
    ],
)
def test_which_models_a_benchmark_names(models: str, asked: bool) -> None:
    files = without(SPOTLESS, EVALUATION)
    if "task" in models:
        files = edit(files, BENCHMARK, "task: binary-classification\n", "")
    assert len(findings(MissingEvaluation(), edit(files, BENCHMARK, "models: [churn]", models))) == asked


def test_each_missing_evaluation_is_told() -> None:
    second = {
        **SPOTLESS,
        "benchmarks/b/benchmark.yaml": str(SPOTLESS[BENCHMARK]).replace("name: churn-holdout", "name: b"),
    }
    assert [each.role for each in findings(MissingEvaluation(), without(second, EVALUATION))] == ["b", "churn-holdout"]
    [found] = findings(MissingEvaluation(), {**second, EVALUATION: "{"})
    assert found.role == "b"


def test_other_data() -> None:
    files = edit(edit(SPOTLESS, EVALUATION, DATA, digest("old")), EVALUATION, '"2026.10"', '"2026.09"')
    [found] = findings(StaleBenchmark(), files)
    assert found.message == "measured on churn-holdout 2026.09; the current benchmark is 2026.10, with other data"
    assert (found.rule, found.severity, found.role) == ("BEN002", "error", "churn-holdout")
    assert (found.path, found.pointer, found.line) == (EVALUATION, "/dataset/revision", 13)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("target: churned", "target: left"),
        ("id: customer_id", "id: subscriber_id"),
        ("positive_label: 1", "positive_label: 0"),
        (METRICS, "metrics: [roc_auc]"),
    ],
)
def test_another_definition(old: str, new: str) -> None:
    [found] = findings(StaleBenchmark(), edit(SPOTLESS, BENCHMARK, old, new))
    assert found.message.endswith("the current benchmark is 2026.10, with other definition")
    assert found.pointer == "/dataset/definition"


def test_other_data_and_definition_are_one_finding() -> None:
    files = edit(edit(SPOTLESS, BENCHMARK, "target: churned", "target: left"), BENCHMARK, DATA, digest("new"))
    [found] = findings(StaleBenchmark(), files)
    assert found.message.endswith("with other data and definition") and found.pointer == "/dataset/revision"


@pytest.mark.parametrize(("old", "new"), [("slices: [plan]", "slices: [plan, region]"), ('"2026.10"', '"2026.11"')])
def test_what_does_not_change_what_was_measured(old: str, new: str) -> None:
    assert findings(StaleBenchmark(), edit(SPOTLESS, BENCHMARK, old, new)) == []


def test_a_definition_that_is_not_recorded_is_noted() -> None:
    result = judgement(StaleBenchmark(), record(SPOTLESS, lambda data: data["dataset"].pop("definition")))
    assert result.findings == () and result.notes == (f"{EVALUATION}: definition not recorded",)
    assert judgement(StaleBenchmark(), SPOTLESS).notes == ()


def test_a_version_that_is_not_recorded() -> None:
    files = record(edit(SPOTLESS, EVALUATION, DATA, digest("old")), lambda data: data["dataset"].pop("version"))
    [found] = findings(StaleBenchmark(), files)
    assert found.message.startswith("measured on a churn-holdout of no version; ")


def test_an_evaluation_that_outlived_its_benchmark() -> None:
    [found] = findings(StaleBenchmark(), without(SPOTLESS, BENCHMARK))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "there is no benchmark `churn-holdout`" in found.message


@pytest.mark.parametrize(("index", "key"), [(0, "roc_auc"), (1, "average_precision"), (2, "recall(threshold=0.42)")])
def test_missing_metric(index: int, key: str) -> None:
    [found] = findings(MissingMetric(), record(SPOTLESS, lambda data: data["metrics"].pop(index)))
    assert found.message == f"churn-holdout 2026.10 asks for {key}, and the evaluation has none"
    assert (found.rule, found.severity, found.role) == ("BEN005", "error", "churn-holdout")
    assert (found.path, found.pointer, found.line, found.length) == (EVALUATION, "/metrics", 18, 9)


def test_other_arguments_are_another_metric() -> None:
    [found] = findings(MissingMetric(), record(SPOTLESS, lambda data: data["metrics"][2]["args"].update(threshold=0.5)))
    assert found.message.endswith("the evaluation has none; the record has recall(threshold=0.5)")


def test_absent_arguments_are_those_of_the_benchmark_where_it_lists_the_type_once() -> None:
    silent = record(SPOTLESS, lambda data: data["metrics"][2].pop("args"))
    assert findings(MissingMetric(), silent) == []
    twice = edit(
        silent, BENCHMARK, "{threshold: 0.42}}]", "{threshold: 0.42}}, {type: recall, args: {threshold: 0.5}}]"
    )
    assert [each.key for each in findings(MissingMetric(), twice)] == [
        "recall(threshold=0.42)",
        "recall(threshold=0.5)",
    ]


def test_equal_numbers_are_equal_arguments() -> None:
    files = edit(SPOTLESS, BENCHMARK, "{threshold: 0.42}", "{threshold: 1}")
    assert findings(MissingMetric(), record(files, lambda data: data["metrics"][2]["args"].update(threshold=1.0))) == []


def test_missing_slices() -> None:
    [found] = findings(MissingMetric(), record(SPOTLESS, lambda data: data.pop("slices")))
    assert found.message == "churn-holdout 2026.10 asks for slices by plan, and the evaluation has none"
    assert found.pointer == "/slices"
    [found] = findings(MissingMetric(), edit(SPOTLESS, BENCHMARK, "slices: [plan]", "slices: [plan, region]"))
    assert found.key == "slices by region"
    assert findings(MissingMetric(), edit(SPOTLESS, BENCHMARK, "slices: [plan]\n", "")) == []


def test_a_benchmark_of_other_models_asks_for_nothing() -> None:
    files = edit(SPOTLESS, BENCHMARK, "models: [churn]", "models: [other]")
    assert findings(MissingMetric(), record(files, lambda data: data.update(metrics=[]))) == []


def aged(max_age: str) -> ExpiredBenchmark:
    return msgspec.convert({"max_age": max_age}, ExpiredBenchmark)


@pytest.mark.parametrize(("expires", "fails"), [("2026-11-20", False), ("2026-11-19", True)])
def test_the_last_day_is_included(expires: str, fails: bool) -> None:
    found = findings(ExpiredBenchmark(), edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31", f"expires: {expires}"))
    assert [each.message for each in found] == ["churn-holdout 2026.10 expired on 2026-11-19"] * fails
    assert all((each.rule, each.severity, each.path, each.line) == ("BEN006", "error", BENCHMARK, 7) for each in found)


@pytest.mark.parametrize(("max_age", "fails"), [("51d", False), ("50d", True), ("1224h", False), ("1223h", True)])
def test_collected_too_long_ago(max_age: str, fails: bool) -> None:
    """From 2026-09-30 to 2026-11-20 it is 51 days."""
    found = findings(aged(max_age), SPOTLESS)
    message = f"churn-holdout 2026.10 was collected until 2026-09-30, longer ago than {max_age}"
    assert [(each.message, each.pointer) for each in found] == [(message, "/collected/end")] * fails


def test_a_year_by_default() -> None:
    files = edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31\n", "")
    assert findings(ExpiredBenchmark(), files, today=date(2027, 9, 30)) == []
    assert len(findings(ExpiredBenchmark(), files, today=date(2027, 10, 1))) == 1


def test_a_collection_without_an_end_has_no_age() -> None:
    files = edit(
        SPOTLESS, BENCHMARK, "collected: {start: 2026-09-01, end: 2026-09-30}", "collected: {start: 2026-09-01}"
    )
    assert findings(aged("1d"), files) == []


def test_over_in_two_ways_is_one_finding() -> None:
    [found] = findings(aged("1d"), edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31", "expires: 2026-10-05"))
    assert found.pointer == "/collected/end"


def test_over_in_two_ways_on_one_day_is_told_at_the_day_that_somebody_set() -> None:
    [found] = findings(aged("5d"), edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31", "expires: 2026-10-05"))
    assert found.pointer == "/expires"


def test_the_fingerprint_does_not_say_in_which_way_it_is_over() -> None:
    [one] = findings(aged("1d"), SPOTLESS)
    [other] = findings(ExpiredBenchmark(), edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31", "expires: 2026-11-19"))
    assert one.pointer != other.pointer and one.fingerprint == other.fingerprint
    assert (one.role, one.key) == ("churn-holdout", "expired")


@pytest.mark.parametrize(
    ("expires", "on"),
    [
        ("expires: 2027-03-31\n", date(2027, 4, 1)),
        ("", date(2027, 10, 1)),
        ("expires: 2028-01-01\n", date(2027, 10, 1)),
    ],
)
def test_the_first_day_on_which_it_is_over(expires: str, on: date) -> None:
    files = edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31\n", expires)
    [due] = judgement(ExpiredBenchmark(), files).due
    assert (due.on, due.message, due.rule) == (on, "its benchmark churn-holdout expires", "BEN006")
    assert findings(ExpiredBenchmark(), files, today=on)
    assert not findings(ExpiredBenchmark(), files, today=date.fromordinal(on.toordinal() - 1))


@pytest.mark.parametrize("expires", ["expires: 9999-12-31\n", ""])
def test_a_benchmark_without_an_end(expires: str) -> None:
    files = edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31\n", expires)
    files = edit(files, BENCHMARK, "collected: {start: 2026-09-01, end: 2026-09-30}\n", "")
    result = judgement(ExpiredBenchmark(), edit(files, BENCHMARK, "split: temporal\n", ""), today=date.max)
    assert result.findings == () and result.due == ()


def test_an_age_beyond_the_calendar() -> None:
    files = edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31\n", "")
    assert findings(aged("999999w"), files, today=date.max) == []

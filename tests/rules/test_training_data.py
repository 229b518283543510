"""Training data: its age, its dates, its revision."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from snitch.rules.training_data import ImpossibleTrainingWindow, StaleTrainingData, UnpinnedTrainingData

from tests.judging import BENCHMARK, DEVELOPMENT, MANIFEST, SPOTLESS, digest, edit, findings, judgement, without

END = "end: 2026-08-31"
ENTRY = f'revision: "{digest("training")}", start: 2026-06-01, end: 2026-08-31'
SECOND = '\n    - {name: more, revision: "x", start: 2026-01-01, end: 2026-03-31}\nsignature:'


def aged(max_age: str) -> StaleTrainingData:
    return msgspec.convert({"max_age": max_age}, StaleTrainingData)


@pytest.mark.parametrize(
    ("max_age", "fails"),
    [("81d", False), ("80d", True), ("82d", False), ("11w", True), ("12w", False), ("1944h", False), ("1943h", True)],
)
def test_exactly_at_the_limit_passes(max_age: str, fails: bool) -> None:
    """From 2026-08-31 to 2026-11-20 it is 81 days."""
    assert len(findings(aged(max_age), SPOTLESS)) == fails


def test_stale() -> None:
    [found] = findings(aged("80d"), SPOTLESS)
    assert found.message == "the newest training data ends on 2026-08-31, 81 days ago; the limit is 80d"
    assert (found.rule, found.severity, found.path, found.pointer) == (
        "DAT001",
        "error",
        MANIFEST,
        "/training/data/0/end",
    )
    assert (found.line, found.length) == (17, 10)
    assert found.measured is not None and found.measured.value == 81


@pytest.mark.parametrize(
    ("max_age", "on"), [("81d", date(2026, 11, 21)), ("1944h", date(2026, 11, 21)), ("100d", date(2026, 12, 10))]
)
def test_the_first_day_on_which_it_is_stale(max_age: str, on: date) -> None:
    [due] = judgement(aged(max_age), SPOTLESS).due
    assert (due.on, due.message, due.rule, due.model) == (on, "its training data goes stale", "DAT001", "churn")
    assert findings(aged(max_age), SPOTLESS, today=on)
    assert not findings(aged(max_age), SPOTLESS, today=date.fromordinal(on.toordinal() - 1))


def test_what_is_stale_is_not_due() -> None:
    assert judgement(aged("80d"), SPOTLESS).due == ()


def test_a_day_beyond_the_calendar_is_never_due() -> None:
    result = judgement(aged("999999w"), SPOTLESS)
    assert result.findings == () and result.due == ()


def test_the_newest_of_several_counts() -> None:
    files = edit(SPOTLESS, MANIFEST, "\nsignature:", SECOND)
    assert findings(aged("81d"), files) == []
    [found] = findings(aged("80d"), files)
    assert found.pointer == "/training/data/0/end"


def test_nobody_named_a_limit() -> None:
    result = judgement(StaleTrainingData(), edit(SPOTLESS, MANIFEST, END, "end: 1999-01-01"))
    assert result.findings == () and [each.reason for each in result.skipped] == ["the policy sets no max_age"]


@pytest.mark.parametrize("old", [", end: 2026-08-31", f", {ENTRY}"])
def test_no_end_is_no_age(old: str) -> None:
    [found] = findings(aged("999d"), edit(SPOTLESS, MANIFEST, old, ""))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_no_training_data_is_no_age() -> None:
    text = str(SPOTLESS[MANIFEST])
    silent = text[: text.index("training:")] + text[text.index("signature:") :]
    [found] = findings(aged("999d"), {**SPOTLESS, MANIFEST: silent})
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize(("end", "due"), [("9999-12-30", []), ("9999-12-29", [date.max])])
def test_the_last_day_of_the_calendar(end: str, due: list[date]) -> None:
    result = judgement(aged("1d"), edit(SPOTLESS, MANIFEST, END, f"end: {end}"), today=date(9999, 12, 30))
    assert (result.findings, [each.on for each in result.due]) == ((), due)


def test_one_end_of_two_is_no_age() -> None:
    files = edit(SPOTLESS, MANIFEST, "\nsignature:", SECOND.replace(", end: 2026-03-31", ""))
    [found] = findings(aged("999d"), files)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize("limit", ["1y", "-1d", "1.5d", "", 90, "9999999d"])
def test_a_limit_that_is_no_duration_is_refused(limit: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"max_age": limit}, StaleTrainingData)


WINDOW = ImpossibleTrainingWindow()


@pytest.mark.parametrize(("end", "fails"), [("2026-11-20", False), ("2026-11-21", True)])
def test_the_future(end: str, fails: bool) -> None:
    files = without(edit(SPOTLESS, MANIFEST, END, f"end: {end}"), BENCHMARK)
    found = findings(WINDOW, files)
    assert [each.message for each in found] == ["subscribers ends on 2026-11-21, which is in the future"] * fails


@pytest.mark.parametrize(("start", "fails"), [("2026-08-31", False), ("2026-09-01", True)])
def test_inverted(start: str, fails: bool) -> None:
    found = findings(WINDOW, edit(SPOTLESS, MANIFEST, "start: 2026-06-01", f"start: {start}"))
    assert [each.message for each in found] == ["subscribers starts on 2026-09-01, after it ends on 2026-08-31"] * fails
    assert all(
        (each.rule, each.severity, each.pointer) == ("DAT002", "error", "/training/data/0/start") for each in found
    )


@pytest.mark.parametrize(("start", "fails"), [("2026-11-20", False), ("2026-11-21", True)])
def test_a_start_in_the_future_without_an_end(start: str, fails: bool) -> None:
    files = edit(SPOTLESS, MANIFEST, "start: 2026-06-01, end: 2026-08-31", f"start: {start}")
    assert len(findings(WINDOW, files, environment=DEVELOPMENT)) == fails


def test_severities() -> None:
    rules = (StaleTrainingData, ImpossibleTrainingWindow, UnpinnedTrainingData)
    assert [rule.severity for rule in rules] == [("warning", "error"), ("error", "error"), ("warning", "error")]


@pytest.mark.parametrize("dates", ["", "end: 2026-08-31"])
def test_dates_that_are_not_given_are_not_impossible(dates: str) -> None:
    files = edit(SPOTLESS, MANIFEST, "start: 2026-06-01, end: 2026-08-31", dates or "rows: 1")
    files = files if dates else edit(files, MANIFEST, ", rows: 18000", "")
    assert findings(WINDOW, files, environment=DEVELOPMENT) == []


@pytest.mark.parametrize(("end", "fails"), [("2026-08-31", False), ("2026-09-01", True), ("2026-11-01", True)])
def test_training_ends_before_a_temporal_benchmark_begins(end: str, fails: bool) -> None:
    found = findings(WINDOW, edit(SPOTLESS, MANIFEST, END, f"end: {end}"))
    message = f"subscribers ends on {end}; churn-holdout 2026.10 begins on 2026-09-01 and its split is temporal"
    assert [(each.message, each.role) for each in found] == [(message, "churn-holdout")] * fails


def test_a_random_split_may_overlap() -> None:
    files = edit(SPOTLESS, MANIFEST, END, "end: 2026-10-01")
    assert findings(WINDOW, edit(files, BENCHMARK, "split: temporal\n", "")) == []


def test_another_models_benchmark_may_overlap() -> None:
    files = edit(SPOTLESS, MANIFEST, END, "end: 2026-10-01")
    assert findings(WINDOW, edit(files, BENCHMARK, "models: [churn]", "models: [fraud]")) == []


def test_an_impossible_window_is_told_once() -> None:
    [found] = findings(WINDOW, edit(SPOTLESS, MANIFEST, END, "end: 2027-01-01"))
    assert found.message == "subscribers ends on 2027-01-01, which is in the future"


def test_a_temporal_benchmark_needs_the_end() -> None:
    files = edit(SPOTLESS, MANIFEST, ", end: 2026-08-31", "")
    [found] = findings(WINDOW, files)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert findings(WINDOW, files, environment=DEVELOPMENT) == []
    assert findings(WINDOW, edit(files, BENCHMARK, "split: temporal", "split: random")) == []


@pytest.mark.parametrize("collected", ["", "collected: {end: 2026-09-30}\n"])
def test_a_temporal_benchmark_without_a_start(collected: str) -> None:
    files = edit(SPOTLESS, BENCHMARK, "collected: {start: 2026-09-01, end: 2026-09-30}\n", collected)
    [found] = findings(WINDOW, files)
    assert (found.rule, found.outcome, found.path) == ("SNT003", "inconclusive", BENCHMARK)


def test_no_training_data_has_no_window() -> None:
    text = str(SPOTLESS[MANIFEST])
    start, end = text.index("training:"), text.index("signature:")
    assert findings(WINDOW, {**SPOTLESS, MANIFEST: text[:start] + text[end:]}) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (f'revision: "{digest("training")}", ', "", "subscribers has no `revision`"),
        (digest("training"), " ", "subscribers has no `revision`"),
        (", end: 2026-08-31", "", "subscribers has no `end`"),
        (f", {ENTRY}", "", "subscribers has no `revision` and `end`"),
    ],
)
def test_unpinned(old: str, new: str, message: str) -> None:
    [found] = findings(UnpinnedTrainingData(), edit(SPOTLESS, MANIFEST, old, new))
    assert found.message == message
    assert (found.rule, found.severity, found.pointer, found.line) == ("DAT003", "error", "/training/data/0", 17)


def test_each_dataset_is_told() -> None:
    files = edit(SPOTLESS, MANIFEST, "\nsignature:", "\n    - {name: a}\n    - {name: b}\nsignature:")
    assert [each.message for each in findings(UnpinnedTrainingData(), files)] == [
        "a has no `revision` and `end`",
        "b has no `revision` and `end`",
    ]


def test_without_training_data_no_benchmark_can_overlap() -> None:
    text = str(SPOTLESS[MANIFEST])
    silent = text[: text.index("training:")] + text[text.index("signature:") :]
    undated = edit(SPOTLESS, BENCHMARK, "collected: {start: 2026-09-01, end: 2026-09-30}\n", "")
    assert findings(WINDOW, {**undated, MANIFEST: silent}) == []


def test_no_training_data() -> None:
    text = str(SPOTLESS[MANIFEST])
    start, end = text.index("training:"), text.index("signature:")
    data = text.index("  data:")
    line = text[:start].count("\n") + 1
    for content, expected in (
        (text[:start] + text[end:], (1, 1)),
        (text[:data] + text[end:], (line, 1)),
        (text[:data] + "  data: []\n" + text[end:], (line, 1)),
    ):
        [found] = findings(UnpinnedTrainingData(), {**SPOTLESS, MANIFEST: content})
        assert found.message == "the model records no training data"
        assert (found.pointer, found.line, found.column) == ("/training", *expected)


def test_a_fingerprint_survives_another_entry_above() -> None:
    files = edit(SPOTLESS, MANIFEST, ", end: 2026-08-31", "")
    [first] = findings(UnpinnedTrainingData(), files)
    above = '  data:\n    - {name: a, revision: "1", end: 2026-01-01}\n'
    [second] = findings(UnpinnedTrainingData(), edit(files, MANIFEST, "  data:\n", above))
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize("rule", [aged("365d"), WINDOW, UnpinnedTrainingData()])
def test_spotless(rule: StaleTrainingData) -> None:
    assert findings(rule, SPOTLESS, SPOTLESS) == []


@pytest.mark.parametrize("rule", [aged("365d"), WINDOW, UnpinnedTrainingData()])
def test_a_manifest_that_is_not_valid(rule: StaleTrainingData) -> None:
    [found] = findings(rule, edit(SPOTLESS, MANIFEST, "seed: 7", "seed: seven"))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")

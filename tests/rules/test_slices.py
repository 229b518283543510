"""Slices that got worse."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from snitch.rules.slices import SliceRegressed

from snitch.finding import Skip
from tests.judging import EVALUATION, SPOTLESS, Files, findings, judgement
from tests.rules.measured import DEPLOYED, Edit, asking, record, scoring_slice


def ruled(**options: object) -> SliceRegressed:
    return msgspec.convert(options, SliceRegressed)


def sized(files: Files, rows: int | None) -> dict[str, bytes | str]:
    """The files with another number of rows of the slice `plan=pro`."""
    return record(files, lambda data: data["slices"][1].update(rows=rows))


def test_a_slice_that_lost() -> None:
    candidate = scoring_slice(SPOTLESS, 0.85)
    line = 1 + [text.strip() for text in str(candidate[EVALUATION]).splitlines()].index('"value": 0.85')
    result = judgement(SliceRegressed(), candidate, DEPLOYED)
    [found] = result.findings
    assert found.message == "roc_auc where plan=pro fell 0.047 below the deployed model; the limit is 0.02"
    assert (found.rule, found.severity, found.outcome, found.role) == ("REG003", "error", "fail", "churn-holdout")
    assert (found.path, found.pointer, found.line) == (EVALUATION, "/slices/1/metrics/0/value", line)
    assert found.notes == ("both on churn-holdout 2026.10, n = 512; no uncertainty known",)
    assert found.deployed is not None and (found.deployed.line, found.deployed.value) == (line, 0.897)
    [row] = [row for row in result.comparisons if row.outcome == "fail"]
    assert (row.type, row.slice, row.delta, row.limit) == ("roc_auc", {"plan": "pro"}, -0.047, 0.02)
    assert len(result.comparisons) == 6


@pytest.mark.parametrize(("value", "fails"), [(0.877, False), (0.8769, True), (0.95, False)])
def test_exactly_at_the_limit_passes(value: float, fails: bool) -> None:
    assert len(findings(SliceRegressed(), scoring_slice(SPOTLESS, value), DEPLOYED)) == fails


@pytest.mark.parametrize(
    ("options", "value", "fails"),
    [
        ({"max_drop": 0.01}, 0.887, False),
        ({"max_drop": 0.01}, 0.8869, True),
        ({"max_drop": "10%"}, 0.8073, False),
        ({"max_drop": "10%"}, 0.8072, True),
        ({"metrics": {"roc_auc": {"max_drop": 0.1}}}, 0.797, False),
        ({"metrics": {"roc_auc": {"max_drop": 0.1}}}, 0.796, True),
        ({"metrics": {"recall": {"max_drop": 0.1}}}, 0.8769, True),
        ({"min_rows": 512}, 0.5, True),
        ({"min_rows": 513}, 0.5, False),
    ],
)
def test_options(options: dict[str, Any], value: float, fails: bool) -> None:
    assert len(findings(ruled(**options), scoring_slice(SPOTLESS, value), DEPLOYED)) == fails


@pytest.mark.parametrize(("rows", "fails"), [(200, True), (199, False)])
def test_small_slices_are_noise(rows: int, fails: bool) -> None:
    assert len(findings(SliceRegressed(), sized(scoring_slice(SPOTLESS, 0.5), rows), sized(DEPLOYED, rows))) == fails


@pytest.mark.parametrize(("ours", "theirs"), [(1, 512), (None, 512), (512, 1), (512, None)])
def test_a_side_cannot_hide_the_size_of_a_slice(ours: int | None, theirs: int | None) -> None:
    assert len(findings(SliceRegressed(), sized(scoring_slice(SPOTLESS, 0.5), ours), sized(DEPLOYED, theirs))) == 1


def test_that_no_slice_is_large_enough_is_said() -> None:
    """A `min_rows` that leaves none may be a slip."""
    result = judgement(ruled(min_rows=9000), scoring_slice(SPOTLESS, 0.5), DEPLOYED)
    assert result.findings == ()
    told = f"{EVALUATION}: no slice has the 9,000 examples of min_rows: plan=basic; plan=pro"
    assert result.notes == (told,)


def test_a_slice_of_unknown_size_is_said_not_to_be_compared() -> None:
    result = judgement(SliceRegressed(), sized(scoring_slice(SPOTLESS, 0.5), None), sized(DEPLOYED, None))
    assert result.findings == ()
    assert result.notes == (f"{EVALUATION}: slices not compared, because neither side records their `rows`: plan=pro",)
    [found] = findings(ruled(min_rows=0), sized(scoring_slice(SPOTLESS, 0.5), None), sized(DEPLOYED, None))
    assert found.rule == "REG003"
    assert judgement(ruled(min_rows=1), sized(SPOTLESS, None), sized(DEPLOYED, None)).notes == result.notes


@pytest.mark.parametrize(("value", "fails"), [(102, False), (102.1, True)])
def test_an_unbounded_metric_may_lose_two_percent_on_a_slice(value: float, fails: bool) -> None:
    def sliced(files: Files, error: float) -> dict[str, bytes | str]:
        metrics = [{"type": "mean_absolute_error", "value": error}]
        part = {"slice": {"plan": "pro"}, "rows": 300, "metrics": metrics}
        files = asking(files, "[mean_absolute_error]", ("mean_absolute_error", 100))
        return record(files, lambda data: data["slices"].append(part))

    assert len(findings(SliceRegressed(), sliced(SPOTLESS, value), sliced(DEPLOYED, 100))) == fails


def test_slices_are_matched_by_their_columns_not_by_their_order() -> None:
    turned = record(scoring_slice(SPOTLESS, 0.5), lambda data: data["slices"].reverse())
    [found] = findings(SliceRegressed(), turned, DEPLOYED)
    [same] = findings(SliceRegressed(), scoring_slice(SPOTLESS, 0.6), DEPLOYED)
    assert found.pointer == "/slices/0/metrics/0/value" and found.fingerprint == same.fingerprint


@pytest.mark.parametrize("value", [float("nan"), "0.9", None, 2.0])
def test_a_value_that_is_none_never_passes(value: object) -> None:
    [found] = findings(SliceRegressed(), scoring_slice(SPOTLESS, value), DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_slice_recorded_twice_never_passes() -> None:
    twice = record(SPOTLESS, lambda data: data["slices"].append(data["slices"][1]))
    [found] = findings(SliceRegressed(), twice, DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize(
    ("ours", "theirs", "rule"),
    [(True, True, "SNT003"), (False, False, "REG003"), (True, False, "REG003"), (False, True, "REG003")],
    ids=["both overall", "on slices alone", "deployed on slices alone", "candidate on slices alone"],
)
def test_an_unknown_direction_is_told_once(ours: bool, theirs: bool, rule: str) -> None:
    def add(overall: bool) -> Edit:
        def change(data: dict[str, Any]) -> None:
            for each in [*[data] * overall, data["slices"][0]]:
                each["metrics"].append({"type": "lift", "value": 3.0})

        return change

    [found] = findings(SliceRegressed(), record(SPOTLESS, add(ours)), record(DEPLOYED, add(theirs)))
    assert (found.rule, found.outcome) == (rule, "inconclusive")


def test_a_slice_that_only_one_side_measured_is_not_compared() -> None:
    part = {"slice": {"plan": "max"}, "rows": 900, "metrics": [{"type": "roc_auc", "value": 0.1}]}
    more = record(SPOTLESS, lambda data: data["slices"].append(part))
    assert not findings(SliceRegressed(), more, DEPLOYED)
    assert not findings(SliceRegressed(), SPOTLESS, record(DEPLOYED, lambda data: data["slices"].append(part)))


@pytest.mark.parametrize("deployed", [SPOTLESS, Skip("first release")])
def test_slices_need_another_model(deployed: object) -> None:
    result = judgement(SliceRegressed(), scoring_slice(SPOTLESS, 0.1), deployed)  # type: ignore[arg-type]
    assert result.findings == () and len(result.skipped) == 1


def test_a_spotless_slice() -> None:
    assert findings(SliceRegressed(), SPOTLESS, DEPLOYED) == []

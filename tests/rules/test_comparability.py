"""Candidate and deployed model on the same benchmark, or not."""

from __future__ import annotations

from typing import Any

import pytest
from snitch.rules.comparability import IncomparableEvaluation

from snitch.change import Change
from snitch.engine import ActiveRule, judge
from snitch.finding import Finding, Skip, Undecidable
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import (
    BENCHMARK,
    DATA,
    EVALUATION,
    FOLDER,
    MANIFEST,
    SPOTLESS,
    TODAY,
    Files,
    change_of,
    digest,
    edit,
    findings,
    judgement,
    without,
)
from tests.rules.measured import DEPLOYED, METRICS, record, redefined, scoring

RULE = IncomparableEvaluation()


def with_other_data(files: Files) -> dict[str, bytes | str]:
    return redefined(edit(files, BENCHMARK, DATA, digest("other data")))


def with_other_definition(files: Files) -> dict[str, bytes | str]:
    return redefined(edit(files, BENCHMARK, "target: churned", "target: left"))


@pytest.mark.parametrize("change", [with_other_data, with_other_definition])
def test_benchmark_and_weights_in_one_pull_request(change: Any) -> None:
    [found] = findings(RULE, change(SPOTLESS), DEPLOYED)
    assert found.message == "churn-holdout and the weights changed in one pull request: split it"
    assert (found.rule, found.severity, found.outcome, found.role) == ("REG005", "error", "fail", "churn-holdout")
    assert (found.path, found.pointer) == (EVALUATION, "/dataset/revision")
    assert found.deployed is not None and found.deployed.label == "deployed 1.3.2"


@pytest.mark.parametrize("change", [with_other_data, with_other_definition])
def test_a_benchmark_changes_with_the_deployed_weights(change: Any) -> None:
    result = judgement(RULE, change(SPOTLESS), SPOTLESS)
    assert result.findings == () and [each.reason for each in result.skipped] == [
        "weights, threshold and prediction code are the deployed model's own"
    ]


def test_a_benchmark_and_its_weights_come_together() -> None:
    deployed = without(DEPLOYED, BENCHMARK, EVALUATION)
    [found] = findings(RULE, SPOTLESS, deployed)
    assert (found.outcome, found.pointer, found.deployed) == ("fail", "/dataset/name", None)


def against_base(files: Files, base: Files, deployed: Files) -> tuple[Finding, ...]:
    change = change_of(files, deployed)
    before = Repository(MemorySnapshot(base))
    change = Change(change.candidate, change.deployed, environment=change.environment, today=TODAY, base=before)
    return judge([ActiveRule(RULE, "error")], change).findings


def test_a_benchmark_that_the_base_has_already_did_not_change_here() -> None:
    """On the way to production two pull requests may come between: the base has the new benchmark, deployed has not."""
    [found] = against_base(with_other_data(SPOTLESS), with_other_data(DEPLOYED), DEPLOYED)
    assert (found.outcome, found.message) == (
        "inconclusive",
        "the deployed model was measured on another churn-holdout",
    )
    [found] = against_base(with_other_data(SPOTLESS), DEPLOYED, DEPLOYED)
    assert found.outcome == "fail"


def test_the_deployed_model_has_no_evaluation() -> None:
    [found] = findings(RULE, SPOTLESS, without(DEPLOYED, EVALUATION))
    assert (found.rule, found.outcome) == ("REG005", "inconclusive")
    assert found.message == "the deployed model has no evaluation on churn-holdout to be compared with"
    assert judgement(RULE, SPOTLESS, without(DEPLOYED, EVALUATION)).skipped == ()


@pytest.mark.parametrize(
    ("deployed", "reason"),
    [
        (
            edit(DEPLOYED, EVALUATION, DATA, digest("older data")),
            "the deployed model was measured on another churn-holdout",
        ),
        (scoring(DEPLOYED, float("nan")), "roc_auc is NaN, which is not a finite number"),
        (scoring(DEPLOYED, 1.2), "roc_auc is 1.2, outside its range of 0 to 1"),
        (
            record(DEPLOYED, lambda data: data["model"].update(weights={"model.skops": digest("foreign")})),
            "the evaluation measured other weights",
        ),
        (record(DEPLOYED, lambda data: data["metrics"].append(data["metrics"][0])), "roc_auc is recorded twice"),
        (without(DEPLOYED, f"{FOLDER}/model.skops"), "its weights cannot be told"),
        (without(DEPLOYED, BENCHMARK), "it is not of the benchmark beside it"),
        (edit(DEPLOYED, BENCHMARK, DATA, digest("older data")), "it is not of the benchmark beside it"),
    ],
)
def test_a_deployed_record_that_is_no_evidence(deployed: Files, reason: str) -> None:
    [found] = findings(RULE, SPOTLESS, deployed)
    assert (found.rule, found.outcome, found.severity) == ("REG005", "inconclusive", "error")
    assert reason in found.message
    assert found.deployed is not None and found.deployed.path == EVALUATION


@pytest.mark.parametrize("content", ["{", "[]", "NaN", '{"schema_version": 1}', b"\xff"])
def test_a_deployed_record_that_is_not_valid(content: str | bytes) -> None:
    [found] = findings(RULE, SPOTLESS, {**DEPLOYED, EVALUATION: content})
    assert (found.rule, found.outcome, found.path, found.pointer) == ("REG005", "inconclusive", MANIFEST, "/version")
    assert f"the deployed model's evaluation cannot be used: {EVALUATION} is not valid" in found.message


@pytest.mark.parametrize(
    "files",
    [
        without(SPOTLESS, EVALUATION),
        edit(SPOTLESS, EVALUATION, DATA, digest("older data")),
        {**SPOTLESS, EVALUATION: "{"},
        {**SPOTLESS, BENCHMARK: "name: churn-holdout"},
    ],
)
def test_what_other_rules_tell_of_the_candidate_is_inconclusive_without_them(files: Files) -> None:
    [found] = findings(RULE, files, DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_benchmark_that_could_not_be_read_before_is_another() -> None:
    """Else a change that mends it and changes the weights would be told that only the deployed record is at fault."""
    deployed = {**edit(DEPLOYED, EVALUATION, DATA, digest("older data")), BENCHMARK: "name: churn-holdout"}
    [found] = findings(RULE, SPOTLESS, deployed)
    assert (found.rule, found.outcome) == ("REG005", "fail")
    assert found.message == "churn-holdout and the weights changed in one pull request: split it"


def test_a_model_that_nothing_measures() -> None:
    files, deployed = (without(each, EVALUATION, BENCHMARK) for each in (SPOTLESS, DEPLOYED))
    result = judgement(RULE, files, deployed)
    assert result.findings == () and [each.reason for each in result.skipped] == ["no benchmark names the model"]


def test_a_model_that_nothing_measures_any_more() -> None:
    [found] = findings(RULE, without(SPOTLESS, EVALUATION, BENCHMARK), DEPLOYED)
    assert (found.rule, found.outcome, found.path) == ("REG005", "inconclusive", MANIFEST)
    assert found.message == "churn was measured on nothing that the deployed model was measured on"


def test_an_evaluation_that_outlived_its_benchmark() -> None:
    [found] = findings(RULE, without(SPOTLESS, BENCHMARK), DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize(("deployed", "count"), [(Skip("first release"), 0), (Undecidable("not here"), 1)])
def test_nothing_deployed(deployed: Skip | Undecidable, count: int) -> None:
    found = findings(RULE, SPOTLESS, deployed)
    assert [each.outcome for each in found] == ["inconclusive"] * count


def test_definitions_that_are_not_recorded_are_those_of_their_own_trees() -> None:
    silent = [record(each, lambda data: data["dataset"].pop("definition")) for each in (SPOTLESS, DEPLOYED)]
    assert findings(RULE, *silent) == []
    [found] = findings(
        RULE, record(with_other_definition(SPOTLESS), lambda data: data["dataset"].pop("definition")), silent[1]
    )
    assert found.outcome == "fail"


def test_comparable() -> None:
    assert findings(RULE, SPOTLESS, DEPLOYED) == []


def test_the_same_weights_with_another_threshold_are_another_model() -> None:
    deployed = record(SPOTLESS, lambda data: data["dataset"].update(revision=digest("other data")))
    other = edit(SPOTLESS, MANIFEST, "decision_threshold: 0.42", "decision_threshold: 0.99")
    assert [found.outcome for found in findings(IncomparableEvaluation(), other, deployed)] == ["inconclusive"]
    assert findings(IncomparableEvaluation(), SPOTLESS, deployed) == []


def test_a_benchmark_and_a_threshold_in_one_pull_request() -> None:
    other = edit(SPOTLESS, MANIFEST, "decision_threshold: 0.42", "decision_threshold: 0.99")
    other = redefined(edit(other, BENCHMARK, METRICS, "metrics: [roc_auc]"))
    [found] = findings(IncomparableEvaluation(), other, SPOTLESS)
    assert found.outcome == "fail"
    assert found.message == "churn-holdout and the decision threshold changed in one pull request: split it"

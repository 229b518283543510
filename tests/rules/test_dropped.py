"""Metrics, slices and evaluations that vanished."""

from __future__ import annotations

import pytest
from snitch.rules.dropped import MetricDropped

from snitch.gate import Approvals, Gate
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, SPOTLESS, Files, digest, edit, findings, judgement, without
from tests.rules.measured import DEPLOYED, METRICS, record, redefined


def add_metric(files: Files, key: str = "log_loss") -> dict[str, bytes | str]:
    return record(files, lambda data: data["metrics"].append({"type": key, "value": 0.3}))


def test_a_metric_that_nobody_asked_for_vanished() -> None:
    [found] = findings(MetricDropped(), SPOTLESS, add_metric(DEPLOYED))
    assert found.message == "the deployed model reports log_loss, the candidate does not"
    assert (found.rule, found.severity, found.outcome, found.role) == ("REG004", "error", "fail", "churn-holdout")
    assert (found.path, found.pointer, found.line, found.column) == (EVALUATION, "/metrics", 18, 3)
    assert found.deployed is not None and found.deployed.label == "deployed 1.3.2" and found.deployed.line == 36
    assert findings(MetricDropped(), add_metric(SPOTLESS), add_metric(DEPLOYED)) == []


def test_a_metric_vanished_over_the_deployed_weights() -> None:
    assert len(findings(MetricDropped(), SPOTLESS, add_metric(SPOTLESS))) == 1


def test_a_record_that_says_two_things_reports_nothing() -> None:
    twice = record(add_metric(SPOTLESS), lambda data: data["metrics"].append({"type": "log_loss", "value": 0.9}))
    [found] = findings(MetricDropped(), twice, add_metric(DEPLOYED))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "log_loss is recorded twice" in found.message


def test_one_record_beside_two_definitions_may_lack_a_metric_of_its_own() -> None:
    """The arguments that it leaves out are the benchmark's, here another threshold on each side."""
    files = record(SPOTLESS, lambda data: data["metrics"][2].pop("args"))
    assert findings(MetricDropped(), files, files) == []
    deployed = edit(files, BENCHMARK, "threshold: 0.42", "threshold: 0.5")
    [found] = findings(MetricDropped(), files, deployed)
    assert found.message == "the deployed model reports recall(threshold=0.5), the candidate does not"


def test_a_metric_that_the_benchmark_asks_for_is_another_rules() -> None:
    [found] = findings(MetricDropped(), record(SPOTLESS, lambda data: data["metrics"].pop(1)), DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_slice_vanished() -> None:
    [found] = findings(MetricDropped(), record(SPOTLESS, lambda data: data["slices"].pop(1)), DEPLOYED)
    assert found.message == "the deployed model reports the slice plan=pro, the candidate does not"
    assert found.pointer == "/slices" and found.deployed is not None and found.deployed.path == EVALUATION


def test_a_metric_of_a_slice_vanished() -> None:
    [found] = findings(MetricDropped(), record(SPOTLESS, lambda data: data["slices"][1]["metrics"].pop(0)), DEPLOYED)
    assert found.message == "the deployed model reports roc_auc where plan=pro, the candidate does not"
    assert found.pointer == "/slices/1/metrics"


def test_all_slices_that_the_benchmark_asks_for_are_another_rules() -> None:
    [found] = findings(MetricDropped(), record(SPOTLESS, lambda data: data["slices"].clear()), DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def naming_predictions(files: Files) -> dict[str, bytes | str]:
    named = {"path": "churn-holdout.parquet", "sha256": digest("predictions")}
    return record(files, lambda data: data.update(predictions=named))


def test_predictions_vanished() -> None:
    """Without them a made-up number is not computed again, and a drop is not tested."""
    [found] = findings(MetricDropped(), SPOTLESS, naming_predictions(DEPLOYED))
    assert found.message == (
        "the deployed model's evaluation has its predictions, the candidate's has none: nothing can be computed again"
    )
    assert (found.rule, found.outcome, found.pointer, found.key) == ("REG004", "fail", "/metrics", "the predictions")
    assert found.deployed is not None and found.deployed.path == EVALUATION and found.deployed.line > 1
    assert findings(MetricDropped(), naming_predictions(SPOTLESS), DEPLOYED) == []
    assert findings(MetricDropped(), naming_predictions(SPOTLESS), naming_predictions(DEPLOYED)) == []


def test_predictions_vanished_over_the_deployed_weights() -> None:
    assert len(findings(MetricDropped(), SPOTLESS, naming_predictions(SPOTLESS))) == 1


def test_predictions_on_another_benchmark_are_no_measure() -> None:
    deployed = redefined(edit(naming_predictions(DEPLOYED), BENCHMARK, METRICS, "metrics: [roc_auc]"))
    assert findings(MetricDropped(), SPOTLESS, deployed) == []


def test_slices_that_the_benchmark_does_not_ask_for() -> None:
    part = {"slice": {"region": "eu"}, "rows": 900, "metrics": []}
    [found] = findings(MetricDropped(), SPOTLESS, record(DEPLOYED, lambda data: data["slices"].append(part)))
    assert found.message == "the deployed model reports the slice region=eu, the candidate does not"


def test_an_evaluation_that_the_benchmark_asks_for_is_another_rules() -> None:
    [found] = findings(MetricDropped(), without(SPOTLESS, EVALUATION), DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def unnamed(files: Files) -> dict[str, bytes | str]:
    """The benchmark names other models, and mentions the name all the same."""
    files = edit(files, BENCHMARK, "models: [churn]", "models: [other, churn-2]")
    return edit(files, BENCHMARK, "slices: [plan]", "slices: [churn]")


def approved(*users: str) -> Gate:
    return gate_of(approvals=Approvals("ada", frozenset(users)), approvers=("lead",))


LET_GO = unnamed(without(SPOTLESS, EVALUATION))


def test_an_evaluation_that_the_change_makes_the_benchmark_no_longer_ask_for() -> None:
    [found] = findings(MetricDropped(), LET_GO, DEPLOYED)
    assert found.message == (
        "the deployed model was measured on churn-holdout, the candidate is not; "
        "this makes churn-holdout stop naming it"
    )
    assert (found.path, found.role) == (MANIFEST, "churn-holdout")
    assert found.deployed is not None
    assert (found.deployed.path, found.deployed.value) == (EVALUATION, "churn-holdout")
    assert "let the record stay until that is merged" in found.help


@pytest.mark.parametrize("base", [DEPLOYED, None], ids=["base", "deployed"])
def test_a_change_does_not_free_itself(base: Files | None) -> None:
    """Nobody may, who is not an approver; and what nobody can tell is not approved."""
    for gate, outcome in ((approved("eve", "ada"), "fail"), (gate_of(approvers=("lead",)), "inconclusive")):
        [found] = findings(MetricDropped(), LET_GO, DEPLOYED, base=base, gate=gate)
        assert (found.rule, found.outcome) == ("REG004", outcome)
        assert "one of lead" in found.help or outcome == "inconclusive"


def test_an_approver_lets_the_record_go_with_the_name() -> None:
    assert findings(MetricDropped(), LET_GO, DEPLOYED, base=DEPLOYED, gate=approved("lead")) == []


def test_what_the_benchmark_of_the_base_no_longer_asks_for_may_go() -> None:
    base = unnamed(SPOTLESS)
    assert findings(MetricDropped(), LET_GO, DEPLOYED, base=base) == []
    assert findings(MetricDropped(), LET_GO, DEPLOYED, base=base, gate=approved()) == []


def test_another_task_is_no_way_out_of_a_benchmark_of_all() -> None:
    """The manifest is the head's own; the deployed model's says what the base's benchmark asks for."""
    files = edit(without(SPOTLESS, EVALUATION), BENCHMARK, "models: [churn]", "all: true")
    other = edit(files, MANIFEST, "task: binary-classification", "task: other")
    base = edit(DEPLOYED, BENCHMARK, "models: [churn]", "all: true")
    [found] = findings(MetricDropped(), other, base, base=base, gate=approved())
    assert (found.rule, found.outcome) == ("REG004", "fail")


def test_a_base_that_cannot_be_read_may_ask() -> None:
    [found] = findings(MetricDropped(), LET_GO, DEPLOYED, base={**DEPLOYED, BENCHMARK: "churn-holdout: ["})
    assert found.rule == "REG004"


def test_an_evaluation_goes_with_its_benchmark() -> None:
    assert findings(MetricDropped(), without(SPOTLESS, EVALUATION, BENCHMARK), DEPLOYED) == []


def test_without_the_benchmark_nothing_is_another_rules() -> None:
    files = without(record(SPOTLESS, lambda data: data["metrics"].pop(1)), BENCHMARK)
    [found] = findings(MetricDropped(), files, DEPLOYED)
    assert (found.rule, found.message) == (
        "REG004", "the deployed model reports average_precision, the candidate does not",
    )  # fmt: skip


def test_another_benchmark_may_ask_for_less() -> None:
    files = edit(SPOTLESS, BENCHMARK, METRICS, "metrics: [roc_auc]")
    files = redefined(record(files, lambda data: data.update(metrics=data["metrics"][:1])))
    assert findings(MetricDropped(), files, DEPLOYED) == []


def test_a_broken_deployed_record_can_be_mended() -> None:
    broken = record(SPOTLESS, lambda data: data.pop("date"))
    result = judgement(MetricDropped(), SPOTLESS, broken)
    assert result.findings == () and len(result.skipped) == 1
    [found] = findings(MetricDropped(), SPOTLESS, record(DEPLOYED, lambda data: data.pop("date")))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_first_release_drops_nothing() -> None:
    result = judgement(MetricDropped(), SPOTLESS)
    assert result.findings == () and len(result.skipped) == 1


def test_nothing_dropped() -> None:
    assert findings(MetricDropped(), SPOTLESS, DEPLOYED) == []
    assert findings(MetricDropped(), add_metric(SPOTLESS), DEPLOYED) == []

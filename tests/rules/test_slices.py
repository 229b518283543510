"""Slices that got worse; metrics, slices and evaluations that vanished."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from snitch.rules.slices import MetricDropped, SliceRegressed

from snitch.finding import Skip
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, SPOTLESS, Files, digest, edit, findings, judgement, without
from tests.rules.measured import DEPLOYED, METRICS, Edit, asking, record, redefined, scoring_slice


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


def test_an_evaluation_that_the_benchmark_no_longer_asks_for() -> None:
    files = edit(without(SPOTLESS, EVALUATION), BENCHMARK, "models: [churn]", "models: [other, churn-2]")
    files = edit(files, BENCHMARK, "slices: [plan]", "slices: [churn]")  # still mentions the name
    [found] = findings(MetricDropped(), files, DEPLOYED)
    assert found.message == "the deployed model was measured on churn-holdout, the candidate is not"
    assert (found.path, found.role) == (MANIFEST, "churn-holdout")
    assert found.deployed is not None
    assert (found.deployed.path, found.deployed.value) == (EVALUATION, "churn-holdout")


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

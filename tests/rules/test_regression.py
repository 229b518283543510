"""Worse than deployed, below a floor, too good to be true."""

from __future__ import annotations

import msgspec
import pytest
from snitch.rules.regression import MetricBelowFloor, MetricRegressed, SuspiciousImprovement

from snitch.finding import Measured, Skip, Undecidable
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, SPOTLESS, edit, findings, judgement, without
from tests.rules.measured import DEPLOYED, asking, record, redefined, scoring


def limited(**limits: object) -> MetricRegressed:
    options = {"metrics": {name: {"max_drop": limit} for name, limit in limits.items()}}
    return msgspec.convert(options, MetricRegressed)


def test_a_drop_beyond_the_limit() -> None:
    [found] = findings(limited(roc_auc=0.005), scoring(SPOTLESS, 0.882), DEPLOYED)
    assert found.message == "roc_auc fell 0.031 below the deployed model; the limit is 0.005"
    assert (found.rule, found.severity, found.outcome) == ("REG001", "error", "fail")
    assert (found.path, found.pointer, found.line, found.column, found.length) == (
        EVALUATION,
        "/metrics/0/value",
        21,
        16,
        5,
    )
    assert found.label == "candidate 1.4.0"
    assert found.notes == ("both on churn-holdout 2026.10, n = 4120; no uncertainty known",)
    assert "snitch waive REG001 --model churn --until DATE" in found.help
    assert found.measured is not None and (found.measured.value, found.measured.scale) == (0.031, 0.913)


def test_the_deployed_side_is_shown() -> None:
    [found] = findings(limited(roc_auc=0.005), scoring(SPOTLESS, 0.882), DEPLOYED)
    side = found.deployed
    assert side is not None
    assert (side.ref, side.path, side.line, side.value, side.label) == (
        "refs/remotes/origin/main", EVALUATION, 21, 0.913, "deployed 1.3.2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "value", "fails"),
    [
        (0.005, 0.908, False),  # equality, which binary floats miss: 0.913 - 0.908 > 0.005
        (0.005, 0.9079999, True),
        (0, 0.913, False),
        (0, 0.9129999, True),
        (0.005, 1.0, False),
        ("1%", 0.90387, False),
        ("1%", 0.903869, True),
        ("0.5 %", 0.908435, False),
        ("0.5 %", 0.908434, True),
    ],
)
def test_the_limit_is_compared_as_written_and_equality_passes(limit: object, value: float, fails: bool) -> None:
    assert len(findings(limited(roc_auc=limit), scoring(SPOTLESS, value), DEPLOYED)) == fails


def test_each_metric_is_compared() -> None:
    result = judgement(limited(roc_auc=0.005), scoring(SPOTLESS, 0.882), DEPLOYED)
    rows = [
        (row.type, row.args, row.deployed, row.candidate, row.delta, row.limit, row.outcome)
        for row in result.comparisons
    ]
    assert rows == [
        ("roc_auc", None, 0.913, 0.882, -0.031, 0.005, "fail"),
        ("average_precision", None, 0.71, 0.71, 0.0, 0.01, "pass"),
        ("recall", {"threshold": 0.42}, 0.74, 0.74, 0.0, 0.01, "pass"),
    ]
    assert {(row.model, row.benchmark, row.slice, row.interval) for row in result.comparisons} == {
        ("churn", "churn-holdout", None, None)
    }


@pytest.mark.parametrize(("value", "fails"), [(0.903, False), (0.9029, True)])
def test_a_bounded_metric_that_is_not_listed_may_lose_a_hundredth(value: float, fails: bool) -> None:
    assert len(findings(MetricRegressed(), scoring(SPOTLESS, value), DEPLOYED)) == fails


@pytest.mark.parametrize(("value", "fails"), [(202.0, False), (202.0001, True), (150, False)])
def test_an_unbounded_metric_that_is_not_listed_may_lose_one_percent(value: float, fails: bool) -> None:
    deployed = asking(DEPLOYED, "[mean_absolute_error]", ("mean_absolute_error", 200))
    candidate = asking(SPOTLESS, "[mean_absolute_error]", ("mean_absolute_error", value))
    assert len(findings(MetricRegressed(), candidate, deployed)) == fails


def test_a_loss_rises() -> None:
    deployed = asking(DEPLOYED, "[mean_absolute_error]", ("mean_absolute_error", 10.0))
    candidate = asking(SPOTLESS, "[mean_absolute_error]", ("mean_absolute_error", 11.2))
    result = judgement(limited(mean_absolute_error="2%"), candidate, deployed)
    [found] = result.findings
    assert found.message == "mean_absolute_error rose 1.2 above the deployed model; the limit is 2% (0.2)"
    assert [(row.delta, row.limit, row.outcome) for row in result.comparisons] == [(1.2, 0.2, "fail")]


@pytest.mark.parametrize(("value", "fails"), [(-2.02, False), (-2.021, True), (-1.0, False), (-0.0, False)])
def test_a_percentage_is_of_the_absolute_value(value: float, fails: bool) -> None:
    deployed = asking(DEPLOYED, "[neg_log_loss]", ("neg_log_loss", -2.0))
    candidate = asking(SPOTLESS, "[neg_log_loss]", ("neg_log_loss", value))
    assert len(findings(limited(neg_log_loss="1%"), candidate, deployed)) == fails


def test_zero_and_minus_zero_are_equal() -> None:
    deployed = asking(DEPLOYED, "[r2]", ("r2", 0.0))
    candidate = asking(SPOTLESS, "[r2]", ("r2", -0.0))
    assert findings(limited(r2=0), candidate, deployed) == []


def test_a_drop_that_rounds_to_the_limit_is_written_in_full() -> None:
    [found] = findings(limited(roc_auc=0.005), scoring(SPOTLESS, 0.90799999999), DEPLOYED)
    assert "fell 0.00500000001 below" in found.message


def test_a_drop_is_written_with_six_digits_where_they_tell_it_from_the_limit() -> None:
    [found] = findings(limited(roc_auc=0.005), scoring(SPOTLESS, 0.8817654321), DEPLOYED)
    assert found.message == "roc_auc fell 0.0312346 below the deployed model; the limit is 0.005"


def test_the_benchmark_declares_the_direction() -> None:
    asks = "[{type: cost, greater_is_better: false}]"
    deployed, candidate = asking(DEPLOYED, asks, ("cost", 100)), asking(SPOTLESS, asks, ("cost", 102))
    [found] = findings(MetricRegressed(), candidate, deployed)
    assert found.message == "cost rose 2 above the deployed model; the limit is 1% (1)"
    better = asking(SPOTLESS, asks, ("cost", 98))
    assert findings(MetricRegressed(), better, deployed) == []


def test_a_candidate_cannot_turn_the_direction() -> None:
    """The record still claims the deployed definition; only the benchmark beside it was edited."""
    deployed = asking(DEPLOYED, "[{type: profit, greater_is_better: true}]", ("profit", 100))
    candidate = asking(SPOTLESS, "[{type: profit, greater_is_better: true}]", ("profit", 50))
    turned = edit(candidate, BENCHMARK, "greater_is_better: true", "greater_is_better: false")
    assert len(findings(MetricRegressed(), turned, deployed)) == 1


def test_a_metric_of_unknown_direction_that_nobody_asked_for_is_inconclusive() -> None:
    def add(data: dict) -> None:  # type: ignore[type-arg]
        data["metrics"].append({"type": "lift", "value": 3.0})

    result = judgement(MetricRegressed(), record(SPOTLESS, add), record(DEPLOYED, add))
    [found] = result.findings
    assert (found.rule, found.outcome, found.pointer) == ("REG001", "inconclusive", "/metrics/3/value")
    assert "greater_is_better" in found.help and BENCHMARK in found.help
    assert result.comparisons[-1].outcome == "inconclusive"


def test_a_metric_of_unknown_direction_that_the_benchmark_asks_for_is_the_benchmarks_fault() -> None:
    deployed, candidate = (asking(files, "[lift]", ("lift", 3.0)) for files in (DEPLOYED, SPOTLESS))
    [found] = findings(MetricRegressed(), candidate, deployed)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "greater_is_better" in found.message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), "0.99", True, None, 10**400, 1.5, -0.1])
def test_a_value_that_is_none_never_passes(value: object) -> None:
    [found] = findings(MetricRegressed(), scoring(SPOTLESS, value), DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert found.message.startswith(f"cannot judge REG001: {EVALUATION}: roc_auc is ")


def test_a_deployed_value_that_is_none_never_passes() -> None:
    [found] = findings(MetricRegressed(), SPOTLESS, scoring(DEPLOYED, float("nan")))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_the_other_metrics_are_judged_beside_one_that_cannot_be() -> None:
    candidate = scoring(scoring(SPOTLESS, float("nan")), 0.2, index=1)
    assert {found.rule for found in findings(MetricRegressed(), candidate, DEPLOYED)} == {"REG001", "SNT003"}


def test_a_metric_recorded_twice_never_passes() -> None:
    twice = record(SPOTLESS, lambda data: data["metrics"].insert(0, {"type": "roc_auc", "value": 0.5}))
    [found] = findings(MetricRegressed(), twice, DEPLOYED)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "recorded twice" in found.message


def test_absent_arguments_are_those_of_the_benchmark() -> None:
    silent = record(SPOTLESS, lambda data: data["metrics"][2].pop("args"))
    [found] = findings(MetricRegressed(), scoring(silent, 0.5, index=2), DEPLOYED)
    assert found.message.startswith("recall(threshold=0.42) fell 0.24 below")


def test_a_definition_that_is_not_recorded_is_said() -> None:
    silent = record(scoring(SPOTLESS, 0.5), lambda data: data["dataset"].pop("definition"))
    [found] = findings(MetricRegressed(), silent, DEPLOYED)
    assert found.notes[1:] == ("definition not recorded (candidate)",)


def test_rows_and_version_that_are_not_recorded_are_left_out() -> None:
    def silence(data: dict) -> None:  # type: ignore[type-arg]
        del data["dataset"]["rows"], data["dataset"]["version"]

    [found] = findings(MetricRegressed(), record(scoring(SPOTLESS, 0.5), silence), record(DEPLOYED, silence))
    assert found.notes == ("both on churn-holdout; no uncertainty known",)


def test_a_fingerprint_survives_another_value_and_another_order() -> None:
    [first] = findings(MetricRegressed(), scoring(SPOTLESS, 0.5), DEPLOYED)
    turned = record(scoring(SPOTLESS, 0.6), lambda data: data["metrics"].reverse())
    [second] = findings(MetricRegressed(), turned, DEPLOYED)
    [other] = findings(MetricRegressed(), scoring(SPOTLESS, 0.5, index=1), DEPLOYED)
    assert first.fingerprint == second.fingerprint != other.fingerprint


def test_other_benchmarks_are_not_compared() -> None:
    moved = redefined(edit(scoring(SPOTLESS, 0.5), BENCHMARK, "target: churned", "target: left"))
    assert findings(MetricRegressed(), moved, DEPLOYED) == []


def test_the_deployed_weights_themselves_are_not_compared() -> None:
    result = judgement(MetricRegressed(), scoring(SPOTLESS, 0.5), SPOTLESS)
    assert result.findings == () and [each.reason for each in result.skipped] == [
        "weights, threshold and prediction code are the deployed model's own"
    ]


def test_a_first_release_has_nothing_to_be_compared_with() -> None:
    result = judgement(MetricRegressed(), SPOTLESS, Skip("first release"))
    assert result.findings == () and [each.reason for each in result.skipped] == ["first release"]


def test_an_absent_deployed_branch_is_inconclusive() -> None:
    [found] = findings(MetricRegressed(), SPOTLESS, Undecidable("the deployed branch is not here"))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_nothing_to_tell_of_equals() -> None:
    assert findings(MetricRegressed(), SPOTLESS, DEPLOYED) == []
    assert findings(limited(roc_auc=0), SPOTLESS, DEPLOYED) == []


def test_foreign_weights_in_the_record_do_not_stop_the_comparison() -> None:
    foreign = record(
        scoring(SPOTLESS, 0.5), lambda data: data["model"].update(weights={"model.skops": "sha256:" + "0" * 64})
    )
    assert len(findings(MetricRegressed(), foreign, DEPLOYED)) == 1


@pytest.mark.parametrize("limit", [-0.1, "-1%", "1", "%", True, None, "1e3%", "1 percent"])
def test_a_limit_that_is_none_is_refused(limit: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        limited(roc_auc=limit)


def floored(**floors: object) -> MetricBelowFloor:
    return msgspec.convert({"metrics": floors}, MetricBelowFloor)


def test_below_the_floor() -> None:
    [found] = findings(floored(roc_auc=0.92), SPOTLESS)
    assert found.message == "roc_auc is 0.913, below the floor of 0.92"
    assert (found.rule, found.severity, found.outcome, found.role) == ("REG002", "error", "fail", "churn-holdout")
    assert (found.path, found.pointer, found.line, found.column) == (EVALUATION, "/metrics/0/value", 21, 16)
    assert found.measured is not None and (found.measured.value, found.measured.greater_is_worse) == (0.913, False)


@pytest.mark.parametrize(("floor", "fails"), [(0.913, False), (0.9130001, True), (0.9129999, False), (0, False)])
def test_exactly_at_the_floor_passes(floor: float, fails: bool) -> None:
    assert len(findings(floored(roc_auc=floor), SPOTLESS)) == fails


def test_a_floor_holds_for_a_metric_by_its_other_name() -> None:
    [found] = findings(floored(roc_auc_score=0.92), SPOTLESS)
    assert found.message == "roc_auc is 0.913, below the floor of 0.92"


def test_two_floors_of_one_metric_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="roc_auc and roc_auc_score are one metric"):
        floored(roc_auc=0.92, roc_auc_score=0.5)


def test_a_limit_holds_for_a_metric_by_its_other_name() -> None:
    rule = msgspec.convert({"metrics": {"roc_auc_score": {"max_drop": 0.5}}}, MetricRegressed)
    worse = scoring(SPOTLESS, 0.6)
    assert findings(MetricRegressed(), worse, DEPLOYED)
    assert findings(rule, worse, DEPLOYED) == []


def test_a_floor_that_is_kept_applies() -> None:
    assert judgement(floored(roc_auc=0.9), SPOTLESS) == judgement(floored(roc_auc=0.5), SPOTLESS)
    assert judgement(floored(roc_auc=0.9), SPOTLESS).skipped == ()


def test_severities() -> None:
    assert MetricRegressed.severity == MetricBelowFloor.severity == ("warning", "error")
    assert SuspiciousImprovement.severity == ("warning", "warning")


@pytest.mark.parametrize(("ceiling", "fails"), [(1.2, False), (1.1999, True), (2, False)])
def test_the_floor_of_a_loss_is_a_ceiling(ceiling: float, fails: bool) -> None:
    files = asking(SPOTLESS, "[mean_absolute_error]", ("mean_absolute_error", 1.2))
    found = findings(floored(mean_absolute_error=ceiling), files)
    assert [each.message for each in found] == ["mean_absolute_error is 1.2, above the ceiling of 1.1999"] * fails
    assert all(each.measured is not None and each.measured.greater_is_worse for each in found)


@pytest.mark.parametrize(("floor", "fails"), [(-0.5, False), (-0.49, True)])
def test_a_negative_floor(floor: float, fails: bool) -> None:
    files = asking(SPOTLESS, "[neg_log_loss]", ("neg_log_loss", -0.5))
    assert len(findings(floored(neg_log_loss=floor), files)) == fails


def test_a_floor_is_for_all_arguments_of_a_type() -> None:
    [found] = findings(floored(recall=0.8), SPOTLESS)
    assert found.message == "recall(threshold=0.42) is 0.74, below the floor of 0.8"


@pytest.mark.parametrize("value", [float("nan"), "0.99", None, 10**400, 1.01])
def test_a_value_that_is_none_is_not_above_a_floor(value: object) -> None:
    [found] = findings(floored(roc_auc=0.5), scoring(SPOTLESS, value))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize("place", [0, 3])
def test_a_metric_recorded_twice_is_not_above_its_floor(place: int) -> None:
    """Whichever of the two is taken, the other may be below."""
    entry = {"type": "roc_auc", "value": 0.5}
    [found] = findings(floored(roc_auc=0.4), record(SPOTLESS, lambda data: data["metrics"].insert(place, entry)))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "recorded twice" in found.message


def test_a_missing_metric_is_not_above_its_floor() -> None:
    [found] = findings(floored(roc_auc=0.5), record(SPOTLESS, lambda data: data["metrics"].pop(0)))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert found.message == f"cannot judge REG002: {EVALUATION} has no roc_auc"


def test_a_missing_metric_without_a_floor_is_another_rules() -> None:
    assert findings(floored(roc_auc=0.5), record(SPOTLESS, lambda data: data["metrics"].pop(1))) == []


def test_a_missing_evaluation_is_not_above_a_floor() -> None:
    [found] = findings(floored(roc_auc=0.5), without(SPOTLESS, EVALUATION))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "no evaluation on churn-holdout" in found.message


def test_a_floor_of_unknown_direction_is_inconclusive() -> None:
    files = record(SPOTLESS, lambda data: data["metrics"].append({"type": "lift", "value": 3.0}))
    [found] = findings(floored(lift=2), files)
    assert (found.rule, found.outcome, found.pointer) == ("REG002", "inconclusive", "/metrics/3/value")
    assert "greater_is_better" in found.help


@pytest.mark.parametrize(("rule", "reason"), [
    (MetricBelowFloor(), "the policy sets no floor"),
    (floored(r2=0.5, log_loss=1), "no benchmark of the model asks for log_loss, r2"),
])  # fmt: skip
def test_a_floor_of_what_nobody_measures_does_not_apply(rule: MetricBelowFloor, reason: str) -> None:
    result = judgement(rule, SPOTLESS)
    assert result.findings == () and [each.reason for each in result.skipped] == [reason]


def test_a_floor_holds_for_the_deployed_weights_too() -> None:
    assert len(findings(floored(roc_auc=0.92), SPOTLESS, SPOTLESS)) == 1


@pytest.mark.parametrize("floor", [float("nan"), float("inf"), "0.5", True, None])
def test_a_floor_that_is_no_number_is_refused(floor: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        floored(roc_auc=floor)


def gaining(limit: object) -> SuspiciousImprovement:
    return msgspec.convert({"max_gain": limit}, SuspiciousImprovement)


@pytest.mark.parametrize(("value", "suspicious"), [(0.81, False), (0.8100001, True), (0.5, False), (0.71, False)])
def test_a_gain_beyond_a_tenth_is_suspicious(value: float, suspicious: bool) -> None:
    assert len(findings(SuspiciousImprovement(), scoring(SPOTLESS, value, index=1), DEPLOYED)) == suspicious


def test_a_suspicious_gain_is_a_warning() -> None:
    [found] = findings(SuspiciousImprovement(), scoring(SPOTLESS, 0.86, index=1), DEPLOYED)
    assert (
        found.message
        == "average_precision rose 0.15 above the deployed model; a gain of more than 0.1 is hardly credible"
    )
    assert (found.rule, found.severity, found.pointer) == ("REG006", "warning", "/metrics/1/value")
    assert found.deployed is not None and found.deployed.value == 0.71
    assert found.measured == Measured(0.15, True, 0.71)


@pytest.mark.parametrize("value", [1, 1.0, 1.0000000000000002])
def test_a_perfect_score_is_suspicious(value: float) -> None:
    [found] = findings(SuspiciousImprovement(), scoring(SPOTLESS, value), DEPLOYED)
    assert found.message == "roc_auc is 1, a perfect score"


@pytest.mark.parametrize(("value", "known"), [(1.0, 1.0), (1.0000000000000002, 1.0), (1.0, 1.0000000000000002)])
def test_a_score_that_was_perfect_before_is_no_improvement(value: float, known: float) -> None:
    assert findings(SuspiciousImprovement(), scoring(SPOTLESS, value), scoring(DEPLOYED, known)) == []


def test_how_sure_a_suspicious_value_is_stands_in_its_record() -> None:
    interval = {"level": 0.95, "lower_bound": 0.981, "upper_bound": 1.0}
    measured = record(scoring(SPOTLESS, 1.0), lambda data: data["metrics"][0].update(confidence_interval=interval))
    [found] = findings(SuspiciousImprovement(), measured, DEPLOYED)
    assert found.notes[0].endswith("; the candidate's 95 % interval is 0.981 to 1")
    [found] = findings(SuspiciousImprovement(), scoring(SPOTLESS, 1.0), DEPLOYED)
    assert found.notes[0].endswith("; no uncertainty known")


def test_a_perfect_score_is_measured_by_its_gain() -> None:
    [found] = findings(SuspiciousImprovement(), scoring(SPOTLESS, 1), DEPLOYED)
    assert found.measured == Measured(0.087, True, 0.913)


def test_nearly_perfect_is_not_perfect() -> None:
    assert findings(SuspiciousImprovement(), scoring(SPOTLESS, 0.999), DEPLOYED) == []


@pytest.mark.parametrize(("value", "suspicious"), [(0, True), (-0.0, True), (1e-9, False), (20, False)])
def test_the_perfect_loss_is_zero(value: float, suspicious: bool) -> None:
    deployed = asking(DEPLOYED, "[mean_absolute_error]", ("mean_absolute_error", 10))
    candidate = asking(SPOTLESS, "[mean_absolute_error]", ("mean_absolute_error", value))
    assert len(findings(SuspiciousImprovement(), candidate, deployed)) == suspicious


@pytest.mark.parametrize(("value", "suspicious"), [(8, False), (7.99, True), (12.5, False)])
def test_a_percentage_judges_unbounded_metrics_too(value: float, suspicious: bool) -> None:
    deployed = asking(DEPLOYED, "[mean_absolute_error]", ("mean_absolute_error", 10))
    candidate = asking(SPOTLESS, "[mean_absolute_error]", ("mean_absolute_error", value))
    found = findings(gaining("20%"), candidate, deployed)
    message = "mean_absolute_error fell 2.01 below the deployed model; a gain of more than 2 is hardly credible"
    assert [each.message for each in found] == [message] * suspicious


@pytest.mark.parametrize(("direction", "value"), [("true", 1.0), ("false", 0.0)])
def test_a_metric_that_snitch_does_not_know_has_no_perfect_score(direction: str, value: float) -> None:
    metrics = f"[{{type: lift, greater_is_better: {direction}}}]"
    deployed, candidate = (
        asking(files, metrics, ("lift", score)) for files, score in ((DEPLOYED, 0.5), (SPOTLESS, value))
    )
    assert findings(SuspiciousImprovement(), candidate, deployed) == []


def test_a_benchmark_that_turns_the_direction_turns_what_is_perfect() -> None:
    metrics = "[{type: mean_absolute_error, greater_is_better: true}]"
    deployed, candidate = (
        asking(files, metrics, ("mean_absolute_error", value)) for files, value in ((DEPLOYED, 3), (SPOTLESS, 0))
    )
    assert findings(SuspiciousImprovement(), candidate, deployed) == []


@pytest.mark.parametrize("deployed", [SPOTLESS, Skip("first release")])
def test_a_gain_needs_another_model(deployed: object) -> None:
    result = judgement(SuspiciousImprovement(), scoring(SPOTLESS, 1.0), deployed)  # type: ignore[arg-type]
    assert result.findings == () and len(result.skipped) == 1


def test_a_gain_that_cannot_be_told_is_inconclusive() -> None:
    [found] = findings(SuspiciousImprovement(), scoring(SPOTLESS, float("inf")), DEPLOYED)
    assert (found.rule, found.outcome, found.severity) == ("SNT003", "inconclusive", "error")


def test_a_gain_of_unknown_direction_is_inconclusive() -> None:
    """Half of it or twice as much: nobody knows which of them is a gain."""
    for value in (2.0, 0.5):
        deployed, candidate = (
            asking(files, "[lift]", ("lift", v)) for files, v in ((DEPLOYED, 1.0), (SPOTLESS, value))
        )
        [found] = findings(gaining("20%"), candidate, deployed)
        assert (found.rule, found.outcome, found.path) == ("SNT003", "inconclusive", EVALUATION)
        assert "nobody says whether a greater lift is better" in found.message


def test_a_spotless_model_is_credible() -> None:
    assert findings(SuspiciousImprovement(), SPOTLESS, DEPLOYED) == []


def test_the_same_weights_with_another_threshold_are_compared() -> None:
    other = edit(SPOTLESS, MANIFEST, "decision_threshold: 0.42", "decision_threshold: 0.99")
    assert len(judgement(MetricRegressed(), other, SPOTLESS).comparisons) == 3
    [found] = findings(MetricRegressed(), scoring(other, 0.88), SPOTLESS)
    assert found.key == "roc_auc"

"""One evaluation record: its shape, its numbers, and whether it is of these weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from snitch.rules.evaluation import ContradictoryEvaluation, ForeignWeights, InvalidEvaluation, InvalidMetric

from snitch.finding import Finding, Skip
from snitch.pointer import write_pointer
from snitch.rule import Rule
from snitch.snapshot import Mode
from tests.judging import (
    BENCHMARK,
    EVALUATION,
    FOLDER,
    MANIFEST,
    SPOTLESS,
    WEIGHTS,
    Files,
    digest,
    edit,
    findings,
    judgement,
    without,
)
from tests.rules.measured import DEPLOYED, asking, record, scoring, scoring_slice

RULES: list[Rule] = [ForeignWeights(), InvalidMetric(), ContradictoryEvaluation(), InvalidEvaluation()]
NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize("rule", RULES)
def test_spotless(rule: Rule) -> None:
    assert findings(rule, SPOTLESS) == findings(rule, SPOTLESS, SPOTLESS) == findings(rule, SPOTLESS, DEPLOYED) == []


def test_severities() -> None:
    in_development = {rule.code: rule.severity[0] for rule in RULES}
    assert in_development == {"BEN003": "warning", "BEN004": "error", "BEN010": "error", "BEN011": "error"}
    assert {rule.severity[1] for rule in RULES} == {"error"}


def only(rule: Rule, files: Files, deployed: Files | None = None) -> Finding:
    [found] = findings(rule, files, deployed)
    assert (found.rule, found.outcome, found.severity) == (rule.code, "fail", "error")
    assert (found.path, found.role) == (EVALUATION, "churn-holdout")
    return found


def test_other_weights() -> None:
    found = only(ForeignWeights(), {**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("new"), 3)})
    was, now = WEIGHTS[:15], digest("new")[:15]
    assert found.message == f"the evaluation measured other weights: model.skops was {was} and is {now}"
    assert (found.pointer, found.line) == ("/model/weights/model.skops", 7)
    assert found.help.startswith("evaluate again with the committed weights")


def two_weights(files: Files) -> dict[str, bytes | str]:
    """The files with a second weights file, which the record does not know."""
    return {
        **edit(files, MANIFEST, "[model.skops]", "[model.skops, second.skops]"),
        f"{FOLDER}/second.skops": write_pointer(digest("second"), 6),
    }


def test_weights_that_were_not_measured() -> None:
    found = only(ForeignWeights(), two_weights(SPOTLESS))
    assert found.message == "the evaluation measured other weights: second.skops was not measured"


def measured(weights: dict[str, str]) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["model"].update(weights=weights)


def test_weights_that_are_not_of_the_model() -> None:
    found = only(ForeignWeights(), record(SPOTLESS, measured({"model.skops": WEIGHTS, "a": digest("second")})))
    assert found.message == "the evaluation measured other weights: a is not of the model"
    assert found.pointer == "/model/weights/a"


def test_swapped_weights_are_others() -> None:
    swapped = {"model.skops": digest("second"), "second.skops": WEIGHTS}
    assert only(ForeignWeights(), record(two_weights(SPOTLESS), measured(swapped))).pointer == (
        "/model/weights/model.skops"
    )
    right = {"model.skops": WEIGHTS, "second.skops": digest("second")}
    assert findings(ForeignWeights(), record(two_weights(SPOTLESS), measured(right))) == []


def test_a_new_name_makes_no_other_weights() -> None:
    assert findings(ForeignWeights(), record(SPOTLESS, measured({"old-name.skops": WEIGHTS}))) == []
    assert only(ForeignWeights(), record(SPOTLESS, measured({"old-name.skops": digest("old")})))


def test_many_weights_are_shortened() -> None:
    found = only(ForeignWeights(), record(SPOTLESS, measured({f"{n:02}": digest(f"{n}") for n in range(50)})))
    assert found.message.endswith("03 is not of the model; and 47 more")


def test_a_weights_name_with_a_slash() -> None:
    found = only(ForeignWeights(), record(SPOTLESS, measured({"model.skops": WEIGHTS, "a/b~c": digest("second")})))
    assert (found.pointer, found.length) == ("/model/weights/a~1b~0c", 73)


def test_missing_weights_are_another_rules() -> None:
    [found] = findings(ForeignWeights(), without(SPOTLESS, f"{FOLDER}/model.skops"))
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_another_models_record_is_another_rules() -> None:
    files = record(record(SPOTLESS, measured({"x": digest("x")})), lambda data: data["model"].update(name="fraud"))
    [found] = findings(ForeignWeights(), files)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert only(InvalidEvaluation(), files).pointer == "/model/name"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (NAN, "NaN"),
        (INFINITY, "Infinity"),
        (-INFINITY, "-Infinity"),
        ("0.99", '"0.99"'),
        (True, "true"),
        (None, "null"),
        ([0.9], "[0.9]"),
        ({"a": 1}, '{"a": 1}'),
        (10**400, "1" + "0" * 58 + "…"),
    ],
)
def test_not_a_number(value: object, shown: str) -> None:
    found = only(InvalidMetric(), scoring(SPOTLESS, value))
    assert found.message == f"roc_auc is {shown}, which is not a finite number"
    assert (found.pointer, found.line, found.key) == ("/metrics/0/value", 21, "roc_auc")


@pytest.mark.parametrize(
    ("value", "fails"),
    [
        (0, False),
        (1, False),
        (-0.0, False),
        (1 + 1e-9, False),
        (1.0000001, True),
        (-1e-7, True),
        (-0.5, True),
        (91.3, True),
    ],
)
def test_the_range(value: float, fails: bool) -> None:
    found = findings(InvalidMetric(), scoring(SPOTLESS, value))
    assert [each.message for each in found] == [f"roc_auc is {value}, outside its range of 0 to 1"] * fails


@pytest.mark.parametrize(
    ("type", "value", "message"),
    [
        ("mean_absolute_error", -0.1, "mean_absolute_error is -0.1, outside its range of 0 or more"),
        ("r2", 1.1, "r2 is 1.1, outside its range of 1 or less"),
        ("matthews_corrcoef", -1.5, "matthews_corrcoef is -1.5, outside its range of -1 to 1"),
        ("neg_log_loss", 0.5, "neg_log_loss is 0.5, outside its range of 0 or less"),
    ],
)
def test_the_range_of_a_metric(type: str, value: float, message: str) -> None:
    assert only(InvalidMetric(), asking(SPOTLESS, f"[{type}]", (type, value))).message == message


@pytest.mark.parametrize(
    ("type", "value"), [("mean_absolute_error", 1e300), ("r2", -1e300), ("profit", -7), ("profit", 0)]
)
def test_what_is_in_range(type: str, value: float) -> None:
    files = asking(SPOTLESS, f"[{{type: {type}}}]", (type, value))
    assert findings(InvalidMetric(), files) == []


def test_an_argument_may_widen_the_range() -> None:
    files = record(SPOTLESS, lambda data: data["metrics"].append({"type": "accuracy", "value": 3000}))
    assert only(InvalidMetric(), files)
    files = record(files, lambda data: data["metrics"][3].update(args={"normalize": False}))
    assert findings(InvalidMetric(), files) == []


def test_a_metric_that_nobody_knows_must_be_finite() -> None:
    assert only(InvalidMetric(), asking(SPOTLESS, "[profit]", ("profit", NAN)))


def test_a_metric_of_a_slice() -> None:
    found = only(InvalidMetric(), scoring_slice(SPOTLESS, NAN))
    assert found.message == "roc_auc where plan=pro is NaN, which is not a finite number"
    assert found.pointer == "/slices/1/metrics/0/value"


def within(lower: float, upper: float) -> dict[str, bytes | str]:
    interval = {"lower_bound": lower, "upper_bound": upper, "level": 0.95}
    return record(SPOTLESS, lambda data: data["metrics"][0].update(confidence_interval=interval))


@pytest.mark.parametrize(("lower", "upper"), [(0.9, 0.92), (0.913, 0.92), (0.9, 0.913), (0.913, 0.913), (0, 1)])
def test_an_interval_that_holds_the_value(lower: float, upper: float) -> None:
    assert findings(InvalidMetric(), within(lower, upper)) == []


@pytest.mark.parametrize(
    ("lower", "upper", "message"),
    [
        (0.914, 0.92, "roc_auc is 0.913, outside its own confidence interval of 0.914 to 0.92"),
        (0.9, 0.912, "roc_auc is 0.913, outside its own confidence interval of 0.9 to 0.912"),
        (0.92, 0.9, "the confidence interval of roc_auc is 0.92 to 0.9: its bounds are swapped"),
        (NAN, 0.92, "the confidence interval of roc_auc is NaN to 0.92, which is not finite"),
        (0.9, INFINITY, "the confidence interval of roc_auc is 0.9 to Infinity, which is not finite"),
        (-INFINITY, 0.92, "the confidence interval of roc_auc is -Infinity to 0.92, which is not finite"),
        (-INFINITY, INFINITY, "the confidence interval of roc_auc is -Infinity to Infinity, which is not finite"),
    ],
)
def test_an_interval_that_cannot_be(lower: float, upper: float, message: str) -> None:
    found = only(InvalidMetric(), within(lower, upper))
    assert (found.message, found.pointer) == (message, "/metrics/0/confidence_interval")


def test_a_value_that_is_none_is_not_also_outside_its_interval() -> None:
    files = record(within(0.9, 0.92), lambda data: data["metrics"][0].update(value=NAN))
    assert only(InvalidMetric(), files).pointer == "/metrics/0/value"


@pytest.mark.parametrize(
    ("value", "fails"),
    [
        (0.913, False),
        (0.913000913, False),
        (0.9130009131, True),
        (0.912999087, False),
        (0.9129990869, True),
        (0.9, True),
        (0.95, True),
    ],
)
def test_another_score_of_the_same_weights(value: float, fails: bool) -> None:
    """A millionth of 0.913 is 0.000000913."""
    assert len(findings(ContradictoryEvaluation(), scoring(SPOTLESS, value), SPOTLESS)) == fails


def test_contradiction() -> None:
    found = only(ContradictoryEvaluation(), scoring(SPOTLESS, 0.95), SPOTLESS)
    assert found.message == "roc_auc is 0.95; the deployed record says 0.913 of the same weights and benchmark"
    assert (found.pointer, found.line, found.key) == ("/metrics/0/value", 21, "roc_auc")
    assert found.deployed is not None and (found.deployed.value, found.deployed.line) == (0.913, 21)


def test_contradiction_of_a_slice() -> None:
    found = only(ContradictoryEvaluation(), scoring_slice(SPOTLESS, 0.95), SPOTLESS)
    assert found.key == "roc_auc where plan=pro"


@pytest.mark.parametrize(("value", "fails"), [(0.0, False), (-0.0, False), (1e-9, True)])
def test_a_millionth_of_zero(value: float, fails: bool) -> None:
    deployed, candidate = asking(SPOTLESS, "[r2]", ("r2", 0.0)), asking(SPOTLESS, "[r2]", ("r2", value))
    assert len(findings(ContradictoryEvaluation(), candidate, deployed)) == fails


@pytest.mark.parametrize(("value", "fails"), [(-2.000002, False), (-2.0000021, True)])
def test_a_millionth_of_a_negative_value(value: float, fails: bool) -> None:
    deployed, candidate = (asking(SPOTLESS, "[neg_log_loss]", ("neg_log_loss", each)) for each in (-2.0, value))
    assert len(findings(ContradictoryEvaluation(), candidate, deployed)) == fails


def test_other_weights_may_have_another_score() -> None:
    assert findings(ContradictoryEvaluation(), scoring(SPOTLESS, 0.95), DEPLOYED) == []


CODED = {
    **edit(SPOTLESS, MANIFEST, "decision_threshold: 0.42", "decision_threshold: 0.42\npredict: [python, predict.py]"),
    f"{FOLDER}/predict.py": "print(1)\n",
}


def test_other_code_may_have_another_score() -> None:
    refactored = {**scoring(CODED, 0.95), f"{FOLDER}/predict.py": "print(0)\n"}
    assert findings(ContradictoryEvaluation(), refactored, CODED) == []
    assert only(ContradictoryEvaluation(), scoring(CODED, 0.95), CODED)


def deciding_by(threshold: float, value: float) -> dict[str, bytes | str]:
    """The files with a threshold, and an f1 of what is decided by it."""
    files = record(SPOTLESS, lambda data: data["metrics"].append({"type": "f1", "value": value}))
    return edit(files, MANIFEST, "decision_threshold: 0.42", f"decision_threshold: {threshold}")


def test_another_threshold_moves_what_is_decided_but_no_score() -> None:
    deployed = deciding_by(0.42, 0.6)
    assert findings(ContradictoryEvaluation(), deciding_by(0.5, 0.5), deployed) == []
    assert only(ContradictoryEvaluation(), deciding_by(0.42, 0.5), deployed).key == "f1"
    for index, key in ((0, "roc_auc"), (2, "recall(threshold=0.42)")):
        other = scoring(deciding_by(0.5, 0.5), 0.8, index)
        assert only(ContradictoryEvaluation(), other, deployed).key == key


def test_records_count_not_commits() -> None:
    """The record still says that it measured the deployed weights, whatever is committed beside it."""
    files = {**scoring(SPOTLESS, 0.95), f"{FOLDER}/model.skops": write_pointer(digest("new"), 3)}
    assert only(ContradictoryEvaluation(), files, SPOTLESS)


def test_another_benchmark_may_give_another_score() -> None:
    moved = record(scoring(SPOTLESS, 0.95), lambda data: data["dataset"].update(revision=digest("other data")))
    assert findings(ContradictoryEvaluation(), moved, SPOTLESS) == []


def test_a_value_that_is_none_agrees_with_nothing() -> None:
    [found] = findings(ContradictoryEvaluation(), scoring(SPOTLESS, NAN), SPOTLESS)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_value_that_is_none_agrees_with_nothing_in_its_own_copy_either() -> None:
    files = scoring(SPOTLESS, NAN)
    [found] = findings(ContradictoryEvaluation(), files, files)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_record_that_says_two_things_agrees_with_nothing_in_its_own_copy_either() -> None:
    files = record(SPOTLESS, lambda data: data["metrics"].append({"type": "roc_auc", "value": 0.913}))
    [found] = findings(ContradictoryEvaluation(), files, files)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_one_record_beside_two_definitions_may_contradict_itself() -> None:
    """The arguments that it leaves out are the benchmark's, here another threshold on each side."""
    measured = [{"type": "recall", "args": {"threshold": 0.5}, "value": 0.8}, {"type": "recall", "value": 0.7}]
    files = record(SPOTLESS, lambda data: data.update(metrics=measured, slices=[]))
    found = only(ContradictoryEvaluation(), files, edit(files, BENCHMARK, "threshold: 0.42", "threshold: 0.5"))
    assert (found.key, found.pointer) == ("recall(threshold=0.5)", "/metrics/0/value")


@pytest.mark.parametrize(
    "deployed", [scoring(SPOTLESS, NAN), {**SPOTLESS, EVALUATION: "{"}, without(SPOTLESS, EVALUATION)]
)
def test_a_deployed_record_that_is_none_can_be_mended(deployed: Files) -> None:
    assert findings(ContradictoryEvaluation(), SPOTLESS, deployed) == []


def test_a_deployed_record_that_is_not_valid_of_other_weights() -> None:
    [found] = findings(ContradictoryEvaluation(), SPOTLESS, {**DEPLOYED, EVALUATION: "{"})
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_first_release_contradicts_nothing() -> None:
    result = judgement(ContradictoryEvaluation(), SPOTLESS, Skip("first release"))
    assert result.findings == () and len(result.skipped) == 1


def put(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        (put("schema_version", value=2), "/schema_version", "`schema_version` must be 1"),
        (put("schema_version", value="1"), "/schema_version", "`schema_version` must be"),
        (put("extra", value=1), "/extra", "unknown key `extra`"),
        (put("metrics", 0, "vale", value=1), "/metrics/0/vale", "unknown key `vale`"),
        (put("date", value="yesterday"), "/date", ""),
        (put("model", "weights", value={}), "/model/weights", "`weights`"),
        (put("dataset", "revision", value="sha256:1"), "/dataset/revision", "`revision` is `sha256:1`"),
        (put("dataset", "rows", value=-1), "/dataset/rows", "`rows` is -1"),
        (put("dataset", "rows", value=4119), "/dataset/rows", "measured on 4119 rows; churn-holdout has 4120"),
        (
            put("dataset", "name", value="other"),
            "/dataset/name",
            "the record in churn-holdout.json is of the benchmark other",
        ),
        (put("model", "name", value="fraud"), "/model/name", "the record is of the model fraud, and this is churn"),
        (put("date", value="2026-11-22T00:00:00Z"), "/date", "measured on 2026-11-22, which is in the future"),
        (put("date", value="2026-11-21T14:00:00-10:00"), "/date", "measured on 2026-11-21, which is in the future"),
        (put("date", value="9999-12-31T23:59:59-23:59"), "/date", "measured on 9999-12-31, which is in the future"),
        (put("metrics", 1, "type", value="roc_auc"), "/metrics/1", "roc_auc is recorded twice"),
        (
            put("slices", 1, "metrics", 1, "type", value="roc_auc"),
            "/slices/1/metrics/1",
            "roc_auc where plan=pro is recorded",
        ),
        (put("slices", 1, "slice", "plan", value="basic"), "/slices/1/slice", "the slice plan=basic is recorded twice"),
        (put("slices", 1, "slice", "plan", value=NAN), "/slices/1/slice/plan", "plan=NaN is not a slice"),
        (
            put("metrics", 2, "args", "threshold", value=NAN),
            "/metrics/2/args",
            "an argument of recall(threshold=nan) is not",
        ),
        (put("metrics", 2, "args", "labels", value=[1, {"a": INFINITY}]), "/metrics/2/args", "an argument of recall"),
        (put("metrics", 2, "args", "threshold", value=NAN), "/metrics/2/args", "an argument of recall(threshold=nan)"),
    ],
)
def test_one_fault(change: Callable[[dict[str, Any]], None], pointer: str, message: str) -> None:
    found = only(InvalidEvaluation(), record(SPOTLESS, change))
    assert found.pointer == pointer and found.message.startswith(message)


@pytest.mark.parametrize("key", ["schema_version", "model", "dataset", "date", "metrics"])
def test_what_is_required(key: str) -> None:
    found = only(InvalidEvaluation(), record(SPOTLESS, lambda data: data.pop(key)))
    assert found.message == f"required key `{key}` is missing"


@pytest.mark.parametrize(
    "change",
    [
        put("date", value="2026-11-21T23:59:59Z"),
        put("date", value="2026-11-22T13:00:00+14:00"),
        put("date", value="2026-11-21T23:59:59"),
        put("date", value="2026-11-20T23:59:59-23:59"),
        put("date", value="0001-01-01T00:00:00+14:00"),
        put("dataset", "version", value="2026.09"),
        put("model", "version", value="0.0.1"),
        lambda data: data["dataset"].pop("rows"),
        lambda data: data.pop("slices"),
        put("metrics", 0, "value", value=NAN),
        put("metrics", value=[]),
    ],
)
def test_what_is_no_fault(change: Callable[[dict[str, Any]], None]) -> None:
    assert findings(InvalidEvaluation(), record(SPOTLESS, change)) == []


def test_a_benchmark_that_does_not_count_its_rows_asks_for_none() -> None:
    assert findings(InvalidEvaluation(), edit(SPOTLESS, BENCHMARK, ", rows: 4120}", "}")) == []


def test_rows_of_another_revision_are_another_rules() -> None:
    def change(data: dict[str, Any]) -> None:
        data["dataset"].update(rows=4000, revision=digest("older data"))

    assert findings(InvalidEvaluation(), record(SPOTLESS, change)) == []


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "NaN", '{"a": 1, "a": 2}', b"\xff", "[" * 100, '{"\\ud800": 1}']
)
def test_what_is_no_record_at_all(content: str | bytes) -> None:
    found = findings(InvalidEvaluation(), {**SPOTLESS, EVALUATION: content})
    assert {(each.rule, each.outcome, each.role) for each in found} == {("BEN011", "fail", "churn-holdout")}


def test_every_fault_is_told() -> None:
    def change(data: dict[str, Any]) -> None:
        data["extra"] = data["more"] = 1
        del data["date"]

    assert len(findings(InvalidEvaluation(), record(SPOTLESS, change))) == 3


def test_each_record_is_judged() -> None:
    files = {**SPOTLESS, f"{FOLDER}/evaluations/a.json": "{", f"{FOLDER}/evaluations/b.json": "{}"}
    assert {each.role for each in findings(InvalidEvaluation(), files)} == {"a", "b"}


PREDICTIONS = f"{FOLDER}/evaluations/churn-holdout.parquet"


def predicting(path: str, content: str = "predictions") -> dict[str, bytes | str]:
    files = record(SPOTLESS, put("predictions", value={"path": path, "sha256": digest(content)}))
    return {**files, PREDICTIONS: write_pointer(digest("predictions"), 11)}


@pytest.mark.parametrize(
    "path", ["churn-holdout.parquet", "../evaluations/churn-holdout.parquet", "./churn-holdout.parquet"]
)
def test_predictions_that_lie_where_the_record_says(path: str) -> None:
    assert findings(InvalidEvaluation(), predicting(path)) == []


@pytest.mark.parametrize(
    ("path", "content", "pointer", "message"),
    [
        ("churn-holdout.parquet", "others", "/predictions/sha256", f"computed from predictions {digest('others')}"),
        ("gone.parquet", "predictions", "/predictions/path", "`gone.parquet` is not in the tree"),
        (
            "../../../../etc/passwd.csv",
            "predictions",
            "/predictions/path",
            "`../../../../etc/passwd.csv` leaves the repository",
        ),
        ("/etc/passwd.csv", "predictions", "/predictions/path", "`/etc/passwd.csv` leaves the repository"),
        (
            "p.arrow",
            "predictions",
            "/predictions/path",
            "`path` is `p.arrow`; it must be the path of a table: a `.parquet` or `.csv` file",
        ),
    ],
)
def test_predictions_that_are_none(path: str, content: str, pointer: str, message: str) -> None:
    found = only(InvalidEvaluation(), predicting(path, content))
    assert found.pointer == pointer and found.message.startswith(message)


def test_predictions_that_are_a_link() -> None:
    [found] = findings(InvalidEvaluation(), predicting("churn-holdout.parquet"), modes={PREDICTIONS: Mode.SYMLINK})
    assert (found.rule, found.pointer) == ("BEN011", "/predictions/path")


def test_a_record_that_is_a_link_is_unreadable() -> None:
    [found] = findings(InvalidEvaluation(), SPOTLESS, modes={EVALUATION: Mode.SYMLINK})
    assert (found.rule, found.path) == ("SNT001", EVALUATION)


def test_a_manifest_that_is_not_valid_makes_no_other_model() -> None:
    assert findings(InvalidEvaluation(), edit(SPOTLESS, MANIFEST, "name: churn\n", "nam: churn\n")) == []


def test_a_record_without_its_benchmark_is_judged() -> None:
    assert findings(InvalidEvaluation(), without(SPOTLESS, BENCHMARK)) == []

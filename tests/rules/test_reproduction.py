"""An evaluation whose numbers its own predictions do not give."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from snitch.finding import Undecidable
from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, edit, edit_json
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table
from tests.rules.reproduced import (
    DATA,
    PREDICTIONS,
    ROWS,
    VERIFY,
    Files,
    answers,
    examples,
    judged,
    repository,
)


@pytest.fixture(scope="module")
def files() -> Files:
    return repository()


def records(change: Callable[[Any], object]) -> Callable[[Files], Files]:
    return lambda files: edit_json(files, EVALUATION, change)


def test_a_record_that_its_predictions_give(files: Files) -> None:
    found = judged(files)
    assert not found.findings
    assert found.notes == ("the evaluations are recomputed from their predictions, not from the weights",)


def test_a_record_without_predictions_is_a_claim(files: Files) -> None:
    found = judged(edit_json(files, EVALUATION, lambda record: record.pop("predictions")))
    assert not found.findings
    assert found.notes == ("the evaluations are recorded, not reproduced",)


def test_a_metric_that_was_edited(files: Files) -> None:
    actual = json.loads(files[EVALUATION])["metrics"][0]["value"]
    forged = edit_json(files, EVALUATION, lambda record: record["metrics"][0].update(value=0.99))
    [found] = judged(forged).findings
    assert (found.rule, found.outcome, found.pointer) == ("BEN007", "fail", "/metrics/0/value")
    assert found.message == f"roc_auc is recorded as 0.99; its predictions give {actual:.6g}"
    assert str(forged[EVALUATION]).splitlines()[found.line - 1].strip() == '"value": 0.99'


def test_rounding_is_no_other_value(files: Files) -> None:
    def round_(record: Any) -> None:
        record["metrics"][0]["value"] *= 1 + 5e-7

    assert not judged(edit_json(files, EVALUATION, round_)).findings


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        (
            lambda record: record["slices"][1]["metrics"][0].update(value=0.5),
            "/slices/1/metrics/0/value",
            "roc_auc where plan=pro is recorded as 0.5; its predictions give ",
        ),
        (
            lambda record: record["slices"][1].update(rows=7),
            "/slices/1/rows",
            "rows where plan=pro is recorded as 7; its predictions give ",
        ),
        (
            lambda record: record["slices"][1].update(slice={"plan": "ultra"}),
            "/slices/1/slice",
            "plan=ultra is recorded, and cannot be computed: no example has plan=ultra",
        ),
        (
            lambda record: record["slices"][1].update(slice={"country": "no"}),
            "/slices/1/slice",
            "country=no is recorded, and cannot be computed: the data has no column `country`",
        ),
    ],
)
def test_a_slice_that_is_another(files: Files, change: Any, pointer: str, message: str) -> None:
    [found] = judged(edit_json(files, EVALUATION, change)).findings
    assert (found.outcome, found.pointer) == ("fail", pointer)
    assert found.message.startswith(message)


def test_rows_are_counted(files: Files) -> None:
    counted = edit(files, BENCHMARK, f", rows: {ROWS}", "")
    [found] = judged(edit_json(counted, EVALUATION, lambda record: record["dataset"].update(rows=12))).findings
    assert found.message == f"rows is recorded as 12; its predictions give {ROWS}"


def test_a_metric_that_nobody_can_compute_is_a_note(files: Files) -> None:
    found = judged(
        edit_json(files, EVALUATION, lambda record: record["metrics"].append({"type": "profit", "value": 12.5}))
    )
    assert not found.findings
    assert "nobody here can compute profit, recorded on churn-holdout" in found.notes


def test_scores_that_were_left_out_hide_nothing() -> None:
    """Without them no ranking can be checked, and the record says that it was computed from this file."""
    whole = repository()
    predictions = table(answers(examples())[["customer_id", "prediction"]])

    def name(record: Any) -> None:
        record["predictions"]["sha256"] = digest(predictions)

    found = judged({**edit_json(whole, EVALUATION, name), PREDICTIONS: predictions}).findings
    assert {each.outcome for each in found} == {"fail"}
    assert "takes scores, and the predictions have none" in found[0].message


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda frame: frame.iloc[1:], "lack the id `c000` of the benchmark"),
        (lambda frame: pd.concat([frame, frame.iloc[:1]]), "hold the id `c000` more than once"),
        (lambda frame: frame.assign(customer_id=["x", *frame["customer_id"][1:]]), "hold the id `x`"),
        (lambda frame: frame.assign(score=np.nan), "the score `score` is no finite number"),
        (lambda frame: frame.drop(columns="customer_id"), "have no column `customer_id`"),
    ],
)
def test_predictions_that_do_not_answer(spoil: Any, reason: str) -> None:
    [found] = judged(repository(answered=spoil(answers(examples())))).findings
    assert (found.rule, found.outcome, found.pointer) == ("BEN007", "fail", "/predictions/path")
    assert reason in found.message


def test_a_column_that_the_benchmark_names_and_the_data_lacks() -> None:
    files = edit(repository(), BENCHMARK, "slices: [plan]", "slices: [plan, region]")
    [found] = judged(files).findings
    assert (found.rule, found.outcome, found.path, found.pointer) == ("BEN007", "fail", BENCHMARK, "/slices/1")
    assert "the data has no column `region`" in found.message


def test_predictions_that_know_no_label() -> None:
    """An accuracy of 0 that is recorded is what they give; it says nothing of the model."""
    data = examples().assign(churned=[f"class_{n % 3}" for n in range(ROWS)])
    numbers = answers(examples())[["customer_id"]].assign(prediction=[n % 3 for n in range(ROWS)])
    files = repository(data, numbers, measures=False)
    files = edit(edit(files, BENCHMARK, "task: binary", "task: multiclass"), BENCHMARK, "positive_label: 1\n", "")
    asked = "[roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]"
    files = edit(files, BENCHMARK, asked, "[accuracy]")
    definition = Repository(MemorySnapshot(files)).benchmarks[0].definition.definition

    def claim(record: Any) -> None:
        record["dataset"]["definition"] = definition
        record.update(metrics=[{"type": "accuracy", "value": 0}], slices=[])

    [found] = judged(edit_json(files, EVALUATION, claim)).findings
    assert (found.rule, found.outcome, found.pointer) == ("BEN007", "fail", "/predictions/path")
    assert found.message == (
        "the predictions do not answer churn-holdout: none of the predictions is a label of the benchmark: "
        "they are `0`, `1`, `2`; the labels are `class_0`, `class_1`, `class_2`"
    )


METRICS = "metrics: [roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]"


class TestScoresThatAreNoProbabilities:
    """The same order as the probabilities, from minus to plus infinity."""

    def judged(self, outputs: str, metrics: str, threshold: str = "") -> Judgement:
        answered = answers(examples())
        answered["score"] = np.log(answered["score"] / (1 - answered["score"]))
        answered["prediction"] = (answered["score"] >= 0.42).astype(int)
        files = edit(repository(answered=answered), BENCHMARK, METRICS, f"metrics: {metrics}")
        definition = Repository(MemorySnapshot({BENCHMARK: files[BENCHMARK]})).benchmarks[0].definition.definition

        def keep(record: Any) -> None:
            record["dataset"]["definition"] = definition
            for each in (record, *record["slices"]):
                each["metrics"] = [one for one in each["metrics"] if one["type"] in metrics]

        files = edit(edit_json(files, EVALUATION, keep), MANIFEST, "decision_threshold: 0.42\n", threshold)
        told = "outputs: [{name: probability, type: double, minimum: 0, maximum: 1}]"
        return judged(edit(files, MANIFEST, told, f"outputs: [{outputs}]"))

    def test_where_they_only_rank_that_is_noted(self) -> None:
        done = self.judged("", "[roc_auc]")
        assert not done.findings
        assert any(
            each.startswith("the scores on churn-holdout are no probabilities: they reach") for each in done.notes
        )

    @pytest.mark.parametrize(
        ("metrics", "threshold"),
        [("[{type: recall, args: {threshold: 0.42}}]", ""), ("[roc_auc]", "decision_threshold: 0.42\n")],
    )
    def test_a_threshold_of_probabilities_decides_nothing(self, metrics: str, threshold: str) -> None:
        [finding] = self.judged("", metrics, threshold).findings
        assert (finding.rule, finding.outcome, finding.path) == ("BEN007", "inconclusive", EVALUATION)
        assert "the threshold 0.42 is one of probabilities, and the scores are none" in finding.message
        assert finding.help.startswith("give probabilities; of a decision function say so in `signature.outputs`")
        assert not self.judged("{name: margin, type: double}", metrics, threshold).findings


def deciding(how: Callable[[pd.DataFrame], object], more: tuple[str, str] = ("", "")) -> Files:
    """A record whose predictions were decided as `how` edits them, and which says so; `more` edits the manifest."""
    answered = answers(examples())
    how(answered)
    files = repository(answered=answered)
    return edit(files, MANIFEST, *more) if more[0] else files


def flip(*rows: int) -> Callable[[pd.DataFrame], object]:
    def decide(answered: pd.DataFrame) -> None:
        answered.loc[list(rows), "prediction"] = 1 - answered.loc[list(rows), "prediction"]

    return decide


def test_a_decision_that_the_threshold_does_not_give() -> None:
    """No metric of the benchmark looks at the predictions; a business rule may."""
    [found] = judged(deciding(flip(7))).findings
    assert (found.rule, found.outcome, found.pointer) == ("BEN007", "fail", "/predictions/sha256")
    assert found.message == "1 prediction is not what the `decision_threshold` 0.42 gives: the id `c007`"
    [found] = judged(deciding(flip(7, 9, 11))).findings
    assert found.message.startswith(
        "3 of 200 predictions are not what the `decision_threshold` 0.42 gives: the ids `c0"
    )


def test_predictions_by_another_threshold_than_the_manifest_says() -> None:
    answered = answers(examples())
    between = int(((answered["score"] >= 0.42) & (answered["score"] < 0.6)).sum())
    [found] = judged(repository(answered=answered.assign(prediction=(answered["score"] >= 0.6).astype(int)))).findings
    assert found.message.startswith(f"{between} of 200 predictions are not what")


UNTOLD = "decision_threshold: 0.42\n", ""


@pytest.mark.parametrize("threshold", [-1.0, 0.1, 0.42, 0.9, 2.0])
def test_without_a_threshold_any_will_do(threshold: float) -> None:
    def decide(answered: pd.DataFrame) -> None:
        answered["prediction"] = (answered["score"] >= threshold).astype(int)

    assert not judged(deciding(decide, UNTOLD)).findings


def test_without_a_threshold_one_has_to_do() -> None:
    [found] = judged(deciding(flip(7, 9), UNTOLD)).findings
    assert found.message.startswith("2 of 200 predictions are not what one threshold of the scores gives")


def test_a_model_with_code_of_its_own_decides_as_it_likes() -> None:
    own = "decision_threshold: 0.42\n", "decision_threshold: 0.42\npredict: [python, predict.py]\n"
    assert not judged(deciding(flip(7), own)).findings


def test_a_threshold_that_nothing_can_be_held_against() -> None:
    def ask_for_decisions(record: Any) -> None:
        record["metrics"] = [{"type": "accuracy", "value": float((answered["prediction"] == data["churned"]).mean())}]
        record["slices"] = []

    data, answered = examples(), answers(examples())
    files = repository(answered=answered[["customer_id", "prediction"]], measures=False)
    [found] = judged(edit_json(files, EVALUATION, ask_for_decisions)).findings
    assert (found.outcome, found.help) == (
        "inconclusive",
        "record the scores, too, or remove a threshold that turns none into a label",
    )
    assert not judged(edit(edit_json(files, EVALUATION, ask_for_decisions), MANIFEST, *UNTOLD)).findings


def test_the_order_and_the_types_of_the_rows_change_nothing() -> None:
    """The ids are numbers on one side and text on the other, and the rows lie in another order."""
    data, answered = examples(), answers(examples())
    numbers = data.assign(customer_id=range(ROWS))
    texts = answered.assign(customer_id=[str(n) for n in range(ROWS)], score=answered["score"].astype("float64"))
    whole = repository()

    def bind(record: Any) -> None:
        record["dataset"]["revision"] = digest(table(numbers))
        record["predictions"]["sha256"] = digest(table(texts.sample(frac=1, random_state=1)))

    files = edit_json(whole, EVALUATION, bind)
    files[DATA], files[PREDICTIONS] = table(numbers), table(texts.sample(frac=1, random_state=1))
    files[BENCHMARK] = str(files[BENCHMARK]).replace(digest(table(data)), digest(table(numbers)))
    assert not judged(files).findings


def test_bytes_that_are_not_here_decide_nothing(files: Files) -> None:
    predictions = files[PREDICTIONS]
    assert isinstance(predictions, bytes)
    pointed = {**files, PREDICTIONS: write_pointer(digest(predictions), len(predictions))}
    [found] = judged(pointed).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "BEN007" in found.message
    gate = gate_of(unfetched={digest(predictions): Undecidable("too large to download")})
    [found] = judged(pointed, gate=gate).findings
    assert "too large to download" in found.message


def test_bytes_that_lie_on_this_disk_are_read(files: Files, tmp_path: Path) -> None:
    predictions = files[PREDICTIONS]
    assert isinstance(predictions, bytes)
    (tmp_path / "object").write_bytes(predictions)
    pointed = {**files, PREDICTIONS: write_pointer(digest(predictions), len(predictions))}
    assert not judged(pointed, local={PREDICTIONS: str(tmp_path / "object")}).findings


def test_a_record_of_another_benchmark_is_told_elsewhere(files: Files) -> None:
    stale = edit_json(files, EVALUATION, lambda record: record["dataset"].update(revision=digest(b"older")))
    [found] = judged(stale).findings  # BEN002, which would tell, is not run here
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_record_that_asks_for_endless_work(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snitch.recomputation.MAX_ROWS", 4 * ROWS)
    [found] = judged(files).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "more than can be computed again" in found.message


def test_metrics_of_a_few_rows_each_are_counted_by_what_they_take(files: Files, monkeypatch: Any) -> None:
    """Thousands of slices of one example each take as long as the whole benchmark does thousands of times."""
    monkeypatch.setattr("snitch.recomputation.MAX_ROWS", 60_000)
    [found] = judged(files).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "records more than can be computed again in a reasonable time" in found.message


def test_a_model_without_an_evaluation_is_another_rule_s(files: Files) -> None:
    found = judged({path: content for path, content in files.items() if path != EVALUATION}, environment=VERIFY)
    assert not found.findings
    assert [each.reason for each in found.skipped] == ["there is no evaluation"]


def test_a_manifest_that_is_broken_is_another_rule_s(files: Files) -> None:
    [found] = judged({**files, MANIFEST: "name: [\n"}).findings
    assert found.rule == "SNT003"

"""A recorded evaluation held against the model that is run again."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from msgspec.structs import replace

from snitch.evaluating.evidence import written_evidence
from snitch.evaluating.verify import Verified
from tests.evaluating.measured import Scene, answers, examples, unmeasured, whole
from tests.judging import EVALUATION, FOLDER, edit, edit_json, without
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table
from tests.rules.reproduced import PREDICTIONS, ROWS, Files


@pytest.fixture
def made(scene: Scene) -> Files:
    """What `evaluate` makes."""
    files = unmeasured(whole())
    scene.evaluate(files)
    return scene.made(files)


def told(verified: Verified) -> list[tuple[str, str]]:
    return [(each.pointer, each.about or each.reason) for each in verified.departures]


def test_what_was_made_is_reproduced(scene: Scene, made: Files) -> None:
    found = scene.verify(made)
    assert (found.outcome, found.departures) == ("reproduced", ())
    assert found.evidence is not None
    recorded = json.loads(made[EVALUATION])
    assert [(each.type, each.value) for each in found.evidence.metrics] == [
        (each["type"], each["value"]) for each in recorded["metrics"]
    ]
    assert [each.rows for each in found.evidence.slices] == [each["rows"] for each in recorded["slices"]]
    assert (found.evidence.differing, found.evidence.predictions) == (0, recorded["predictions"]["sha256"])


def test_rounding_is_reproduced(scene: Scene, made: Files) -> None:
    scene.said = lambda _: answers(examples())[["score"]] * (1 + 1e-9)
    assert scene.verify(made).outcome == "reproduced"


def test_forged_metrics(scene: Scene, made: Files) -> None:
    forged = edit_json(made, EVALUATION, lambda record: record["metrics"][0].update(value=0.99))
    found = scene.verify(forged)
    assert (found.outcome, told(found)) == ("differs", [("/metrics/0/value", "roc_auc")])
    assert found.evidence is not None
    assert found.evidence.metrics[0].value == pytest.approx(json.loads(made[EVALUATION])["metrics"][0]["value"])


def test_metrics_and_predictions_forged_together(scene: Scene, made: Files) -> None:
    """The record is what its predictions give, and the model gives other ones."""
    better = examples().assign(prediction=lambda f: f["churned"], score=lambda f: f["churned"] * 0.8 + 0.1)
    content = table(better[["customer_id", "prediction", "score"]])

    def forge(record: Any) -> None:
        record["predictions"]["sha256"] = digest(content)
        for each in (*record["metrics"], *(m for part in record["slices"] for m in part["metrics"])):
            each["value"] = 1.0

    found = scene.verify({**edit_json(made, EVALUATION, forge), PREDICTIONS: content})
    assert found.outcome == "differs"
    assert ("/metrics/0/value", "roc_auc") in told(found)
    assert told(found)[-1] == ("/predictions/sha256", "200 of 200 recorded predictions are not what the model gives")
    assert found.evidence is not None
    assert found.evidence.differing == ROWS


def test_one_prediction_that_was_edited(scene: Scene, made: Files) -> None:
    frame = answers(examples())
    frame.loc[7, "score"] += 1e-4
    content = table(frame)
    files = edit_json(made, EVALUATION, lambda record: record["predictions"].update(sha256=digest(content)))
    found = scene.verify({**files, PREDICTIONS: content})
    assert found.outcome == "differs"
    assert told(found)[-1][1] == "1 of 200 recorded predictions are not what the model gives"


def test_predictions_that_do_not_answer(scene: Scene, made: Files) -> None:
    content = table(answers(examples())[1:])
    files = edit_json(made, EVALUATION, lambda record: record["predictions"].update(sha256=digest(content)))
    found = scene.verify({**files, PREDICTIONS: content})
    assert found.outcome == "differs"
    assert "lack the id `c000`" in told(found)[-1][1]


@pytest.mark.parametrize(
    ("change", "pointer", "reason"),
    [
        (lambda r: r["model"].update(weights={"model.skops": digest(b"x")}), "/model/weights/model.skops", "other"),
        (lambda r: r["model"].update(name="other"), "/model/name", "of the model other"),
        (lambda r: r["dataset"].update(revision=digest(b"x")), "/dataset/revision", "the benchmark is 2026.10"),
        (lambda r: r["predictions"].update(sha256=digest(b"x")), "/predictions/sha256", "is computed from sha256:"),
    ],
)  # fmt: skip
def test_a_record_of_something_else(scene: Scene, made: Files, change: Any, pointer: str, reason: str) -> None:
    scene.requests.clear()
    found = scene.verify(edit_json(made, EVALUATION, change))
    assert found.outcome == "differs"
    assert found.departures[0].pointer == pointer
    assert reason in found.departures[0].reason
    assert scene.requests == []  # nothing needs to be run to know


def test_another_version_of_a_library(scene: Scene, made: Files) -> None:
    other = edit(made, f"{FOLDER}/requirements.txt", "scikit-learn==1.9.0", "scikit-learn==1.9.1\nlightgbm==4.6.0")
    found = scene.verify(other)
    assert found.outcome == "inconclusive"
    assert found.reason == "pinned scikit-learn 1.9.1, here 1.9.0; pinned lightgbm 4.6.0, here none"
    assert found.evidence is not None
    assert (found.evidence.reason, found.evidence.metrics) == (found.reason, ())
    elsewhere = edit(made, f"{FOLDER}/requirements.txt", "numpy==2.1.0", 'numpy==1.26.0; sys_platform == "win32"')
    assert scene.verify(elsewhere).outcome == "reproduced"


def test_a_model_that_fails(scene: Scene, made: Files) -> None:
    scene.said = lambda _: "the model did not end within 600 s"
    found = scene.verify(made)
    assert found.outcome == "inconclusive"
    assert found.reason == "models/churn/model.yaml:9: the model did not end within 600 s"
    assert found.evidence is not None
    assert found.evidence.reason == found.reason


def test_evidence_of_what_is_no_unicode_is_not_the_others(scene: Scene, made: Files) -> None:
    """A name that Git has may be any bytes."""
    scene.said = lambda _: "models/\udcff.pkl is not loaded"
    odd, scene.said = scene.verify(made), lambda _: "it ran out of time"
    other = scene.verify(made)
    assert odd.evidence is not None
    unwritable = replace(odd, evidence=replace(odd.evidence, packages={"\udcff": "1"}))
    content = json.loads(written_evidence(None, "3.12.1", [odd, unwritable, other], []))
    assert [each["reason"] for each in content["evaluations"]] == [
        "models/churn/model.yaml:9: models/\\udcff.pkl is not loaded",
        "models/churn/model.yaml:9: it ran out of time",
    ]


def test_a_record_of_which_nothing_can_be_computed_is_not_reproduced(scene: Scene, made: Files) -> None:
    def only_profit(record: dict[str, Any]) -> None:
        record.pop("predictions")
        record.update(metrics=[{"type": "profit", "value": 12.5}], slices=[])

    found = scene.verify(edit_json(made, EVALUATION, only_profit))
    assert (found.outcome, found.reason) == (
        "inconclusive",
        f"{EVALUATION}:18: nobody here can compute anything that it records",
    )


def test_there_is_no_record(scene: Scene, made: Files) -> None:
    found = scene.verify(without(made, EVALUATION))
    assert (found.outcome, found.evidence) == ("inconclusive", None)
    assert found.help == "`snitch evaluate churn` makes one"
    found = scene.verify({**made, EVALUATION: '{\n  "schema_version": 2}'})
    assert (found.outcome, found.evidence) == ("inconclusive", None)
    assert found.reason.startswith(f"{EVALUATION}:")


def test_a_model_that_draws_lots_is_not_reproduced(scene: Scene, made: Files) -> None:
    scene.said = lambda _: pd.DataFrame({"score": answers(examples())["score"].sample(frac=1, random_state=9).values})
    assert scene.verify(made).outcome == "differs"

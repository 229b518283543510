"""What rules ask of an evaluation: its examples with the answers, read once, and a reason where there are none."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pandas as pd
import pytest

from snitch.change import Change
from snitch.examples import examples_of, predicted, predictions_path, tables_of
from snitch.finding import Broken, Undecidable
from snitch.measuring.tables import Unusable
from snitch.postponed import Postponed
from tests.judging import BENCHMARK, DATA, EVALUATION, FOLDER, SPOTLESS, Files, change_of, edit
from tests.measuring.tables import parquet

PREDICTIONS = f"{FOLDER}/evaluations/churn-holdout.parquet"
TABLE = "benchmarks/churn-holdout/data.parquet"
CUSTOMERS = pd.DataFrame({"customer_id": [3, 1, 2], "churned": [1, 0, 1], "plan": ["pro", "basic", "pro"]})
ANSWERS = pd.DataFrame({"customer_id": [1, 2, 3], "score": [0.1, 0.7, 0.9]})


def measured(data: pd.DataFrame = CUSTOMERS, answers: pd.DataFrame = ANSWERS, **more: Any) -> Files:
    """The spotless repository with real tables in it, and records that name them."""
    content, predictions = parquet(data), parquet(answers)
    digest = "sha256:" + sha256(content).hexdigest()
    files = edit(SPOTLESS, BENCHMARK, DATA, digest)
    files = edit(files, BENCHMARK, "rows: 4120", f"rows: {len(data)}")
    record = json.loads(str(files[EVALUATION]))
    record["dataset"]["revision"] = digest
    record["predictions"] = {"path": "churn-holdout.parquet", "sha256": "sha256:" + sha256(predictions).hexdigest()}
    return {**files, EVALUATION: json.dumps({**record, **more}), TABLE: content, PREDICTIONS: predictions}


def asked(files: Files) -> Any:
    change = change_of(files)
    return predicted(change.candidate.evaluations[0], change)


def test_examples_come_with_the_answers() -> None:
    found = asked(measured())
    assert found.examples.ids.tolist() == ["1", "2", "3"]
    assert found.sample.labels.tolist() == [False, True, True]
    assert found.sample.score.tolist() == [0.1, 0.7, 0.9]


def test_they_are_read_once() -> None:
    change = change_of(measured())
    evaluation = change.candidate.evaluations[0]
    assert predicted(evaluation, change) is predicted(evaluation, change)
    assert examples_of(change.benchmarks[0], change) is predicted(evaluation, change).examples


def test_what_is_wrong_is_kept_too(monkeypatch: pytest.MonkeyPatch) -> None:
    change = change_of(measured(answers=ANSWERS.iloc[:2]))
    evaluation = change.candidate.evaluations[0]
    for _ in range(2):
        with pytest.raises(Unusable, match="the predictions lack the id `3` of the benchmark"):
            predicted(evaluation, change)
        monkeypatch.setattr("snitch.examples._predicted", None)


def test_without_predictions_nothing_is_known() -> None:
    with pytest.raises(Undecidable, match="records no predictions"):
        asked(measured(predictions=None))


@pytest.mark.parametrize(
    ("old", "new", "reported_by"),
    [
        ('"churn-holdout.parquet"', '"../../../../out.parquet"', "BEN011"),
        ('"churn-holdout.parquet"', '"gone.parquet"', "MET007"),
    ],
)
def test_what_is_broken_another_rule_tells(old: str, new: str, reported_by: str) -> None:
    with pytest.raises(Broken) as broken:
        asked(edit(measured(), EVALUATION, old, new))
    assert broken.value.reported_by == reported_by


def test_an_evaluation_of_another_revision_is_not_joined_with_this_one() -> None:
    files = dict(measured())
    record = json.loads(str(files[EVALUATION]))
    record["dataset"]["revision"] = "sha256:" + "0" * 64
    with pytest.raises(Broken) as broken:
        asked({**files, EVALUATION: json.dumps(record)})
    assert broken.value.reported_by == "BEN002"


def test_data_of_another_revision_than_declared_is_not_read() -> None:
    with pytest.raises(Broken) as broken:
        asked({**measured(), TABLE: parquet(CUSTOMERS.assign(churned=[0, 0, 1]))})
    assert broken.value.reported_by == "BEN009"


def tables(change: Change) -> list[str]:
    return [f"{each.path}" for each in tables_of(change, Postponed())]


def test_the_tables_are_those_of_both_sides() -> None:
    ours = {**measured(), f"{FOLDER}/model.skops": b"other weights"}
    assert tables(change_of(ours, deployed=measured())) == [TABLE, PREDICTIONS, PREDICTIONS]


def test_of_the_same_weights_too_for_they_may_decide_otherwise() -> None:
    assert tables(change_of(measured(), deployed=measured())) == [TABLE, PREDICTIONS, PREDICTIONS]
    assert tables(change_of(measured(predictions=None))) == [TABLE]


def test_the_path_of_predictions_is_relative_to_the_record() -> None:
    change = change_of(measured())
    assert predictions_path(change.candidate.evaluations[0]) == PREDICTIONS

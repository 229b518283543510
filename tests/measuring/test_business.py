"""The table that expressions are about, and the process that evaluates them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from snitch.formats.benchmark import BenchmarkData, BenchmarkDefinition
from snitch.measuring import business
from snitch.measuring.business import Joined, evaluate, faults, joined
from snitch.measuring.examples import Examples
from snitch.measuring.tables import Unusable

DEFINITION = BenchmarkDefinition(
    name="b",
    version="1",
    task="binary-classification",
    data=BenchmarkData("data.parquet", "sha256:" + "0" * 64),
    id="id",
    target="label",
    metrics=("roc_auc",),
)


def examples(**more: Any) -> Examples:
    return Examples(DEFINITION, pd.DataFrame({"id": [3, 1, 2], "label": [1, 0, 1], "plan": list("abc"), **more}))


def answers(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"id": ["2", "3", "1"], **columns})


def test_one_row_an_example() -> None:
    table, named = joined(examples(), answers(prediction=[0, 1, 1], score=[0.2, 0.3, 0.1], note=["x", "y", "z"]))
    assert table.to_pydict() == {
        "id": [1, 2, 3],
        "label": [0, 1, 1],
        "plan": ["b", "c", "a"],
        "prediction": [1, 0, 1],
        "score": [0.1, 0.2, 0.3],
    }
    assert named == ("prediction", "score")


def test_the_deployed_models_answers() -> None:
    ours, theirs = answers(prediction=[0, 1, 1]), answers(prediction=[1, 1, 1], score=[0.5, 0.6, 0.7])
    table, named = joined(examples(), ours, theirs)
    assert table.column_names[3:] == ["prediction", "deployed_prediction", "deployed_score"] == list(named)
    assert table["deployed_score"].to_pylist() == [0.7, 0.5, 0.6]


def test_an_answer_that_is_none_is_missing() -> None:
    frame = answers(prediction=[True, False, True], score=[np.nan, np.inf, 0.1])[1:]
    table = joined(examples(), frame).table
    assert table["score"].to_pylist() == [0.1, None, None]
    assert table["prediction"].to_pylist() == [1, None, 0]


def test_numbers_of_half_precision() -> None:
    """As PyTorch writes them, and also in the benchmark."""
    held = joined(examples(age=np.array([20, 30, 40], "float16")), answers(score=np.array([0.5, 0.25, 1.0], "float16")))
    outcomes = evaluate(held, ["sum(score) = 1.75", "max(age) = 40"])
    assert [each.holds for each in outcomes] == [True, True], outcomes


@pytest.mark.parametrize(
    ("held", "frame", "reason"),
    [
        (examples(), answers(prediction=[0, 1, 1]).assign(id=["1", "1", "2"]), "more than once"),
        (examples(), answers(prediction=[0, 1, 1]).assign(id=["1", "2", "4"]), "which the benchmark has not"),
        (examples(), answers(prediction=[0, 1, 1]).drop(columns="id"), "no column `id`"),
        (examples(prediction=[1, 2, 3]), answers(prediction=[0, 1, 1]), "two columns `prediction`"),
        (examples(Plan=[1, 2, 3]), answers(prediction=[0, 1, 1]), "two columns `plan`"),
        (examples(mixed=[1, "a", 2.0]), answers(prediction=[0, 1, 1]), "no table"),
    ],
)
def test_what_is_no_table(held: Examples, frame: pd.DataFrame, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        joined(held, frame)


def test_what_ends_its_process_takes_nothing_else_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`repeat` makes gigabytes in one step that nothing interrupts."""
    monkeypatch.setenv("SECRET", "open sesame")
    held = Joined(pa.table({"id": [f"c{at}" for at in range(1000)]}), ())
    endless = "max(length(repeat(id, 1000000000))) > 0"
    first, second, third = evaluate(held, ["count(*) = 1000", endless, "count(*) > 1000"], seconds=0.5)
    assert (first.holds, second.holds, third.holds) == (True, None, False)
    assert second.reason


@pytest.mark.parametrize(
    "written", [b"", b"nonsense\n", b'{"holds": true}', b'{"holds": 1}\n', b'{"holds": true}\n{"holds": tr\n']
)
def test_what_a_process_says_is_looked_at(written: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    told.write_bytes(written)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncat "{told}"\n')
    python.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(python))
    assert [each.holds for each in evaluate(Joined(pa.table({"id": ["a"]}), ()), ["count(*) = 1"])] == [None]
    monkeypatch.setattr("sys.executable", str(tmp_path / "nothing"))
    with pytest.raises(Unusable, match="no process"):
        evaluate(Joined(pa.table({"id": ["a"]}), ()), ["count(*) = 1"])


def test_a_process_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 100\n")
    python.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(python))
    monkeypatch.setattr(business, "_START", 0.1)
    [outcome] = evaluate(Joined(pa.table({"id": ["a"]}), ()), ["count(*) = 1"], seconds=0.1)
    assert outcome.holds is None and "its process ended" in outcome.reason


def test_what_is_no_expression_on_any_table() -> None:
    """Of what a column might be called nothing is said."""
    good = ["avg(prediction) <= 0.05", "count(*) FILTER (WHERE plan = 'pro' AND score IS NULL) = 0", "max(today) > 1"]
    assert faults(good) == [""] * len(good)
    bad = {
        "avg(prediction <= 0.05": "it is no SQL expression",
        "averag(prediction) <= 0.05": "`averag` is no function",
        "avg(prediction) <= 0.05; DROP TABLE examples": "",
        "(SELECT count(*) FROM customers) > 1": "there is no table but `examples`",
        "random() < avg(score)": "`random` is no function that an expression may use",
        "1 = 1": "it says nothing of the examples",
    }
    for text, reason in zip(bad, faults(list(bad)), strict=True):
        assert reason and bad[text] in reason, text
    assert faults([]) == []

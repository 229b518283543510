"""Predictions are joined with a benchmark on the id, whatever the order or the types; what does not fit is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snitch.measuring.examples import Examples, read_examples, read_predictions
from snitch.measuring.labels import strangers
from snitch.measuring.tables import Unusable
from tests.measuring.tables import data, definition, parquet, predictions

#: The customers in the order of their ids, 10 to 50.
LABELS = [False, False, True, False, True]


def test_rows_are_in_the_order_of_the_ids() -> None:
    examples = Examples(definition(), data())
    sample = examples.answered(predictions())
    assert examples.ids.tolist() == ["10", "20", "30", "40", "50"]
    assert examples.frame["months"].tolist() == [24, 7, 1, 12, 2]
    assert sample.labels.tolist() == LABELS
    assert sample.prediction is not None and sample.score is not None
    assert sample.prediction.tolist() == [False, False, True, True, True]
    assert sample.score.tolist() == [0.1, 0.2, 0.9, 0.6, 0.8]


@settings(max_examples=30, deadline=None)
@given(one=st.permutations(range(5)), other=st.permutations(range(5)))
def test_the_order_of_rows_changes_nothing(one: list[int], other: list[int]) -> None:
    sample = Examples(definition(), data().iloc[one]).answered(predictions().iloc[other])
    expected = Examples(definition(), data()).answered(predictions())
    assert [each.tolist() for each in sample[:3] if each is not None] == [
        each.tolist() for each in expected[:3] if each is not None
    ]


@pytest.mark.parametrize("ids", [["10", "20", "30", "40", "50"], [10.0, 20.0, 30.0, 40.0, 50.0]])
@pytest.mark.parametrize("dtype", [None, "category"])
def test_the_type_of_the_ids_does_not_matter(ids: list[Any], dtype: str | None) -> None:
    frame = predictions(customer=pd.Series(ids, dtype=dtype))
    assert Examples(definition(), data()).answered(frame).labels.tolist() == LABELS


@pytest.mark.parametrize(
    "labels", [[True, False, True, False, False], [1.0, 0.0, 1.0, 0.0, 0.0], ["1", "0", "1", "0", "0"]]
)
@pytest.mark.parametrize("answers", [[0, 0, 1, 1, 1], [False, False, True, True, True], ["0", "0", "1", "1", "1"]])
@pytest.mark.parametrize("positive", [1, True, "1", None])
def test_nor_does_that_of_the_labels(labels: list[Any], answers: list[Any], positive: Any) -> None:
    examples = Examples(definition(positive_label=positive), data(churned=labels))
    sample = examples.answered(predictions(prediction=answers))
    assert sample.labels.tolist() == LABELS
    assert sample.prediction is not None
    assert sample.prediction.tolist() == [False, False, True, True, True]


def test_labels_may_be_words() -> None:
    examples = Examples(definition(positive_label="gone"), data(churned=["gone", "here", "gone", "here", "here"]))
    sample = examples.answered(predictions(prediction=["here", "here", "gone", "gone", "gone"]))
    assert (sample.labels.tolist(), sample.prediction.tolist()) == (LABELS, [False, False, True, True, True])  # type: ignore[union-attr]


def test_classes_are_positions() -> None:
    several = definition(task="multiclass-classification", positive_label=None)
    examples = Examples(several, data(churned=["b", "a", "c", "a", "b"]))
    scores = {f"score_{name}": [0.2, 0.3, 0.5, 0.1, 0.4] for name in "cab"}
    frame = predictions(prediction=["a", "z", "b", "b", "c"], **scores).drop(columns="score")
    sample = examples.answered(frame)
    assert sample.classes == ("a", "b", "c")
    assert sample.labels.tolist() == [0, 0, 1, 1, 2]
    assert sample.prediction is not None and sample.score is not None
    assert sample.prediction.tolist() == [0, 3, 1, 1, 2], "a class that no example has is beyond the last"
    assert sample.score.shape == (5, 3)


@pytest.mark.parametrize(
    ("labels", "given", "reason"),
    [
        (["x", "y", "z", "x", "y"], [0, 1, 2, 0, 1], "they are `0`, `1`, `2`; the labels are `x`, `y`, `z`"),
        ([0, 1, 2, 0, 1], ["0 ", "1 ", "2 ", "0 ", "1 "], "they are `0 `, `1 `, `2 `; the labels are `0`, `1`, `2`"),
        (list("abcde"), [7] * 5, "they are `7`; the labels are `a`, `b`, `c`, `d`, `e`"),
        (list("aaaab"), list("uvwxy"), "they are `u`, `v`, `w`, `x`, `y`; the labels are `a`, `b`"),
    ],
)
def test_a_model_that_knows_no_label_is_not_wrong_every_time(labels: list[Any], given: list[Any], reason: str) -> None:
    several = definition(task="multiclass-classification", positive_label=None)
    with pytest.raises(Unusable) as refused:
        Examples(several, data(churned=labels)).answered(predictions(prediction=given))
    assert refused.value.reason == f"none of the predictions is a label of the benchmark: {reason}"


@pytest.mark.parametrize("given", [[0, 1, 2, 0, 1], [0.0, 1.0, 2.0, 0.0, 1.0], ["0", "1", "2", "0", "1"]])
def test_labels_of_other_types_are_the_same_labels(given: list[Any]) -> None:
    several = definition(task="multiclass-classification", positive_label=None)
    sample = Examples(several, data(churned=["2", "0", "1", "1", "0"])).answered(predictions(prediction=given))
    assert sample.prediction is not None and sample.prediction.tolist() == [0, 1, 2, 0, 1]


def test_labels_that_the_benchmark_has_not_are_counted() -> None:
    several = definition(task="multiclass-classification", positive_label=None)
    classes = ("a", "b")
    assert strangers(several, classes, predictions(prediction=list("abzyz"))) == (
        "of 5 predictions 3 are no label of the benchmark: `y`, `z`"
    )
    assert strangers(several, classes, predictions(prediction=list("ababa"))) == ""
    many = predictions(prediction=list("vwxyz")).assign(customer=range(5))
    assert strangers(several, ("a",), pd.concat([many, many.assign(prediction=list("abcde"))])).endswith(
        "`b`, `c`, `d`, `e`, `v` and 4 more"
    )


def test_several_targets_are_columns() -> None:
    both = definition(task="regression", target=("months", "churned"), positive_label=None)
    frame = predictions(prediction_months=[1.5] * 5, prediction_churned=[0.5] * 5)
    sample = Examples(both, data()).answered(frame)
    assert sample.labels.tolist() == [[24, 0], [7, 0], [1, 1], [12, 0], [2, 1]]
    assert sample.prediction is not None and sample.prediction.tolist() == [[1.5, 0.5]] * 5


def test_groups_are_numbered() -> None:
    grouped = Examples(definition(group="household"), data(household=["b", "a", "b", "c", "a"]))
    sample = grouped.answered(predictions())
    assert sample.group is not None and sample.group.tolist() == [0, 2, 1, 0, 1]
    assert sample.take(np.array([1, 1])).group.tolist() == [2, 2]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ({"plan": "basic"}, [10, 40]),
        ({"plan": None}, [20]),
        ({"plan": "pro", "months": 2}, [50]),
        ({"months": "2"}, [50]),
        ({"plan": "gone"}, []),
    ],
)
def test_slices_are_told_by_what_values_mean(columns: dict[str, Any], rows: list[int]) -> None:
    examples = Examples(definition(), data())
    assert examples.ids[examples.rows_where(columns)].tolist() == [str(row) for row in rows]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"customer": [10, 20, 30, 40, 60]}, "the predictions lack the id `50` of the benchmark and hold the id `60`"),
        ({"customer": [10, 20, 30, 40, 40]}, "the predictions hold the id `40` more than once"),
        ({"customer": [10, 20, 30, 40, None]}, "`customer` is missing in 1 row: the row 5 of the table"),
        ({"customer": [10, None, 30, None, 40]}, "`customer` is missing in 2 rows: the first is row 2 of the table"),
        ({"customer": [10, 20, 30, 40, "50 "]}, "the predictions lack the id `50`"),
        ({"score": [0.1, 0.2, float("nan"), 0.6, 0.8]}, "the score `score` is no finite number in 1 of 5 rows"),
        ({"score": [0.1, 0.2, float("inf"), 0.6, 0.8]}, "the score `score` is no finite number in 1 of 5 rows"),
        ({"score": ["a", "b", "c", "d", "e"]}, "not a number"),
        ({"prediction": [0, 1, 2, 0, 1]}, "the prediction `2` is no label of the benchmark: `0` or `1`"),
        # It would count as the negative label, and lower an average.
        ({"prediction": [-1, 1, -1, -1, 1]}, "the prediction `-1` is no label of the benchmark: `0` or `1`"),
        ({"prediction": [5, 5, 5, 5, 5]}, "the prediction `5` is no label of the benchmark: `0` or `1`"),
        ({"prediction": [0, 1, None, 0, 1]}, "`prediction` is missing in 1 row: of the id `30`"),
    ],
)
def test_predictions_that_do_not_answer_the_benchmark_are_refused(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable) as refused:
        Examples(definition(), data()).answered(predictions(**more))
    assert reason in refused.value.reason


@pytest.mark.parametrize("rows", [slice(0, 4), slice(0, 0)])
def test_a_row_too_few_is_refused(rows: slice) -> None:
    with pytest.raises(Unusable, match="the predictions lack the id"):
        Examples(definition(), data()).answered(predictions().iloc[rows])


def test_predictions_without_ids_or_answers_are_refused() -> None:
    examples = Examples(definition(), data())
    with pytest.raises(Unusable, match="the predictions have no column `customer`"):
        examples.answered(predictions().drop(columns="customer"))
    with pytest.raises(Unusable, match="the predictions have neither `prediction` nor a score"):
        examples.answered(predictions()[["customer"]])


@pytest.mark.parametrize(
    ("named", "more", "reason"),
    [
        ({"target": "left"}, {}, "the data has no column `left`"),
        ({"group": "household"}, {}, "the data has no column `household`"),
        ({"slices": ("region",)}, {}, "the data has no column `region`"),
        ({}, {"customer": [1, 1, 2, 3, 4]}, "the data hold the id `1` more than once"),
        ({}, {"churned": [0, 1, None, 0, 1]}, "`churned` is missing in 1 row: of the id `50`"),
        ({}, {"churned": [0, 1, 2, 0, 1]}, "`churned` has 3 labels; a binary classification has two"),
        ({"positive_label": "yes"}, {}, "no label is the positive one, `yes`; there are 0 and 1"),
        ({"positive_label": None}, {"churned": ["a", "b", "a", "b", "b"]}, "which label is the positive one"),
        ({"task": "regression", "target": "plan"}, {}, "not a number"),
        ({"task": "regression"}, {"churned": [1, 2, 3, None, 4]}, "is no finite number in 1 of 5 rows"),
    ],
)
def test_data_that_is_no_benchmark_is_refused(named: dict[str, Any], more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable) as refused:
        Examples(definition(**named), data(**more)).answered(predictions())
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("named", "pointer", "reason"),
    [
        ({"id": "customr"}, "/id", "which the benchmark names in `id`; did you mean `customer`?"),
        ({"target": ["months", "x"], "task": "regression"}, "/target/1", "which the benchmark names in `target`"),
        ({"slices": ("plan", "Months")}, "/slices/1", "which the benchmark names in `slices`; did you mean `months`?"),
        ({"protected": ("age",)}, "/protected/0", "which the benchmark names in `protected`"),
    ],
)
def test_a_column_that_is_not_there_is_told_with_who_asks_for_it(
    named: dict[str, Any], pointer: str, reason: str
) -> None:
    with pytest.raises(Unusable) as refused:
        Examples(definition(**named), data())
    assert refused.value.pointer == pointer
    assert refused.value.reason.endswith(reason)


def test_no_example_is_none() -> None:
    with pytest.raises(Unusable, match="the data holds no example"):
        Examples(definition(), data().iloc[:0])


def test_files_are_read_with_only_the_columns_that_matter() -> None:
    content, answers = parquet(data()), parquet(predictions())
    examples = read_examples(definition(), content, ["months"])
    assert list(examples.frame.columns) == ["customer", "churned", "months"]
    sample = examples.answered(read_predictions(definition(), answers, "p.parquet", examples.size))
    assert sample.labels.tolist() == LABELS


def test_a_csv_is_the_same() -> None:
    csv = definition(data={"path": "data.csv", "revision": "sha256:" + "0" * 64})
    examples = read_examples(csv, data().to_csv(index=False).encode())
    frame = read_predictions(csv, predictions().to_csv(index=False).encode(), "p.csv", 5)
    sample = examples.answered(frame)
    assert sample.labels.tolist() == LABELS


def test_the_declared_number_of_rows_is_held() -> None:
    declared = definition(data={"path": "data.parquet", "revision": "sha256:" + "0" * 64, "rows": 6})
    with pytest.raises(Unusable, match="the data has 5 rows; the benchmark says 6"):
        read_examples(declared, parquet(data()))


def test_millions_of_predictions_too_many_are_not_read() -> None:
    many = pd.DataFrame({"customer": np.arange(5000), "score": np.zeros(5000)})
    with pytest.raises(Unusable, match="it has 5,000 rows; 1,005 are read at most"):
        read_predictions(definition(), parquet(many), "p.parquet", 5)

"""A model says the same whatever format it comes in, and the same as when it is called directly."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from snitch.evaluating.predictor.libraries import Refused, library
from snitch.evaluating.predictor.loading import load
from snitch.evaluating.predictor.main import main
from tests.evaluating.models import (
    BINARY,
    MULTICLASS,
    POSITIVE,
    REGRESSION,
    data,
    direct,
    estimator,
    lightgbm,
    onnx,
    save,
    xgboost,
)

TASKS = (BINARY, MULTICLASS, REGRESSION)


def request(path: Path, task: str, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "name": path.name,
        "weights": str(path),
        "task": task,
        "positive": POSITIVE.get(task),
        "trusted": [],
    }
    return {**asked, "id": "id", "targets": ["y"], "columns": [], **more}


def assert_same(said: dict[str, Any], expected: dict[str, Any], precision: float = 1e-12) -> None:
    assert set(said) == set(expected)
    for name, values in expected.items():
        found = np.asarray(said[name]).reshape(-1)
        if np.asarray(values).dtype.kind in "fc":
            assert_allclose(found, values, rtol=precision, atol=precision, err_msg=name)
        else:
            assert_array_equal(found.astype(str), np.asarray(values).astype(str), err_msg=name)


@pytest.fixture(scope="module")
def estimators() -> dict[str, Any]:
    return {task: estimator(task) for task in TASKS}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("suffix", [".skops", ".joblib", ".pkl", ".onnx"])
def test_an_estimator(task: str, suffix: str, estimators: dict[str, Any], tmp_path: Path) -> None:
    path, features = tmp_path / f"model{suffix}", data(task)[0]
    save(estimators[task], path)
    # ONNX counts with 32 bits.
    said, expected = load(request(path, task))(features), direct(task, estimators[task], features)
    if suffix == ".onnx" and task == REGRESSION:
        assert_same(said, expected, 1e-5)
    else:
        assert_same(said, expected, 1e-6 if suffix == ".onnx" else 1e-12)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("suffix", [".ubj", ".json"])
def test_a_booster_of_xgboost(task: str, suffix: str, tmp_path: Path) -> None:
    booster, expected = xgboost(task)
    booster.save_model(tmp_path / f"model{suffix}")
    assert_same(load(request(tmp_path / f"model{suffix}", task))(data(task)[0]), expected, 1e-6)


@pytest.mark.parametrize("task", TASKS)
def test_a_booster_of_lightgbm(task: str, tmp_path: Path) -> None:
    booster, expected = lightgbm(task)
    booster.save_model(tmp_path / "model.txt")
    assert_same(load(request(tmp_path / "model.txt", task))(data(task)[0]), expected)


def test_early_stopping_answers_with_the_best_round(tmp_path: Path) -> None:
    from xgboost import XGBRegressor

    features, labels = data(REGRESSION)
    model = XGBRegressor(n_estimators=60, learning_rate=1.0, early_stopping_rounds=3, n_jobs=1)
    model.fit(features[:100], labels[:100], eval_set=[(features[100:], labels[100:])], verbose=False)
    model.save_model(tmp_path / "model.ubj")
    said = load(request(tmp_path / "model.ubj", REGRESSION))(features)
    assert_same(said, {"prediction": model.predict(features)}, 1e-6)
    assert (
        np.abs(
            said["prediction"] - model.predict(features, iteration_range=(0, model.get_booster().num_boosted_rounds()))
        ).max()
        > 1
    )


@pytest.mark.parametrize("label, other", [(True, False), (1, 0), (1.0, 0.0), ("1", "0")])
def test_the_positive_class_is_found_whatever_its_type(label: Any, other: Any, tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    features, labels = data(BINARY)
    model = LogisticRegression().fit(features, [label if each else other for each in labels])
    save(model, tmp_path / "model.pkl")
    for positive, at in (("1", 1), ("0", 0)):
        said = load(request(tmp_path / "model.pkl", BINARY, positive=positive))(features)
        assert_allclose(said["score"], model.predict_proba(features)[:, at])


def test_a_positive_label_that_the_model_does_not_know(estimators: dict[str, Any], tmp_path: Path) -> None:
    save(estimators[BINARY], tmp_path / "model.pkl")
    with pytest.raises(Refused, match=r"^the model knows the classes 0, 1; the positive label is yes$"):
        load(request(tmp_path / "model.pkl", BINARY, positive="yes"))(data(BINARY)[0])


def test_scores_of_a_model_without_probabilities(tmp_path: Path) -> None:
    from sklearn.svm import LinearSVC

    features, labels = data(BINARY)
    model = LinearSVC().fit(features, labels)
    save(model, tmp_path / "model.pkl")
    for positive, sign in (("1", 1), ("0", -1)):
        said = load(request(tmp_path / "model.pkl", BINARY, positive=positive))(features)
        assert_allclose(said["score"], sign * model.decision_function(features))


def test_columns_come_in_the_order_that_the_model_knows(estimators: dict[str, Any], tmp_path: Path) -> None:
    features = data(BINARY)[0]
    save(estimators[BINARY], tmp_path / "model.pkl")
    said = load(request(tmp_path / "model.pkl", BINARY))(features[["d", "b", "a", "c"]])
    assert_same(said, direct(BINARY, estimators[BINARY], features))


def test_several_targets(tmp_path: Path) -> None:
    from sklearn.linear_model import Ridge

    features, labels = data(REGRESSION)
    model = Ridge().fit(features, np.column_stack([labels, -labels]))
    save(model, tmp_path / "model.pkl")
    said = load(request(tmp_path / "model.pkl", REGRESSION, targets=["up", "down"]))(features)
    predicted = model.predict(features)
    assert_same(said, {"prediction_up": predicted[:, 0], "prediction_down": predicted[:, 1]})
    with pytest.raises(Refused, match=r"^the model answers with the shape \(150, 2\); there are 3 targets$"):
        load(request(tmp_path / "model.pkl", REGRESSION, targets=["up", "down", "top"]))(features)


def test_a_graph_that_names_no_classes_is_asked_what_it_calls_them(estimators: dict[str, Any], tmp_path: Path) -> None:
    features = data(MULTICLASS)[0]
    (tmp_path / "model.onnx").write_bytes(onnx(estimators[MULTICLASS], zipmap=False))
    model = load(request(tmp_path / "model.onnx", MULTICLASS))
    assert_same(model(features), direct(MULTICLASS, estimators[MULTICLASS], features), 1e-6)
    with pytest.raises(Refused, match=r"^the graph does not tell which score is of which class"):
        load(request(tmp_path / "model.onnx", MULTICLASS))(features[:10])


def test_a_graph_whose_inputs_are_columns(tmp_path: Path) -> None:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    features, labels = data(BINARY)
    features = features[["a"]].assign(plan=["basic", "pro", "team"] * 50)
    encoded = make_column_transformer((OneHotEncoder(), ["plan"]), remainder="passthrough")
    model = make_pipeline(encoded, LogisticRegression()).fit(features, labels)
    inputs = [("a", FloatTensorType([None, 1])), ("plan", StringTensorType([None, 1]))]
    (tmp_path / "model.onnx").write_bytes(to_onnx(model, initial_types=inputs).SerializeToString())
    said = load(request(tmp_path / "model.onnx", BINARY))(features)
    assert_same(said, direct(BINARY, model, features), 1e-6)
    with pytest.raises(Refused, match=r"^the graph's input `plan` is no column of the features$"):
        load(request(tmp_path / "model.onnx", BINARY))(features[["a"]])


def test_types_that_skops_does_not_trust(tmp_path: Path) -> None:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    model = make_pipeline(FunctionTransformer(os.path.basename), estimator(REGRESSION))
    save(model, tmp_path / "model.skops")
    with pytest.raises(Refused, match=r"^model\.skops holds types that are not trusted: posixpath\.basename$"):
        load(request(tmp_path / "model.skops", REGRESSION))
    load(request(tmp_path / "model.skops", REGRESSION, trusted=["posixpath.basename"]))


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("model.safetensors", b"", "Snitch loads no .safetensors: have the manifest's `predict` do it"),
        ("model", b"", "Snitch loads no file without an ending: have the manifest's `predict` do it"),
        ("model.bin", b"PK\3\4", "model.bin is no model of LightGBM: have the manifest's `predict` load it"),
        ("model.skops", b"nothing", "model.skops cannot be loaded: "),
        ("model.pkl", b"nothing", "model.pkl cannot be loaded: "),
        ("model.onnx", b"nothing", "model.onnx cannot be loaded: "),
        ("model.ubj", b"nothing", "model.ubj cannot be loaded: "),
        ("model.txt", b"tree\nnothing", "model.txt cannot be loaded: "),
        ("model.pkl", b"\x80\x04K\x07.", "model.pkl holds a int, which cannot predict"),
        ("model.pkl", b"cno_such_library\nModel\n.", "model.pkl needs no_such_library, which this interpreter has not"),
    ],
)
def test_what_cannot_be_loaded(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused) as caught:
        load(request(tmp_path / name, BINARY))
    assert str(caught.value).startswith(said)


def test_a_library_that_is_missing() -> None:
    with pytest.raises(Refused, match=r"^this interpreter has no no_such_library: install it, or name another one$"):
        library("no_such_library.io")


@pytest.mark.parametrize("columns", [[], ["d", "c", "b", "a"]])
def test_large_data_is_answered_in_pieces(
    columns: list[str], estimators: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    from snitch.evaluating.predictor import main as program

    monkeypatch.setattr(program, "_BATCH", 64)
    features = data(BINARY)[0]
    features.assign(id=range(150)).to_parquet(tmp_path / "features.parquet")
    save(estimators[BINARY], tmp_path / "model.pkl")
    asked = request(tmp_path / "model.pkl", BINARY, columns=columns)
    asked |= {"features": str(tmp_path / "features.parquet"), "answers": str(tmp_path / "answers.parquet")}
    code, told = _run(asked, tmp_path)
    assert (code, told) == (0, "rows 64\nrows 128\nrows 150\n")
    said = pd.read_parquet(tmp_path / "answers.parquet")
    assert_same(dict(said), direct(BINARY, estimators[BINARY], features))


def test_a_failure_is_told_on_one_line(tmp_path: Path) -> None:
    data(BINARY)[0].to_parquet(tmp_path / "features.parquet")
    (tmp_path / "model\n.pkl").write_bytes(b"nothing")
    asked = {**request(tmp_path / "model\n.pkl", BINARY), "features": str(tmp_path / "features.parquet")}
    code, told = _run({**asked, "answers": str(tmp_path / "answers.parquet")}, tmp_path)
    assert code == 1
    assert told.startswith("failed model .pkl cannot be loaded: ")
    assert told.count("\n") == 1


def _run(asked: dict[str, Any], folder: Path) -> tuple[int, str]:
    (folder / "request.json").write_text(json.dumps(asked))
    read, write = os.pipe()
    with os.fdopen(read) as told, os.fdopen(write, "w") as channel:
        code = main(str(folder / "request.json"), str(channel.fileno()))
        channel.close()
        return code, told.read()


def boosted(path: Path, labels: Any, library: str) -> Any:
    """A booster of a model that was trained on these labels, saved in the library's own format; and that model."""
    from lightgbm import LGBMClassifier
    from xgboost import XGBClassifier

    kind = LGBMClassifier if library == "lightgbm" else XGBClassifier
    quiet: dict[str, Any] = {"verbose": -1} if library == "lightgbm" else {}
    features = data(BINARY if len(set(labels)) == 2 else MULTICLASS)[0]
    model = kind(n_estimators=5, max_depth=2, n_jobs=1, **quiet).fit(features, labels)
    (model.booster_ if library == "lightgbm" else model).save_model(str(path))
    return model


class TestClassesThatABoosterDoesNotName:
    """LightGBM numbers whatever labels it is given; of XGBoost people number them themselves."""

    LIBRARIES = (("lightgbm", ".txt"), ("xgboost", ".ubj"))

    @pytest.mark.parametrize(("library", "suffix"), LIBRARIES)
    @pytest.mark.parametrize(
        ("names", "positive"), [(("no", "yes"), "no"), (("no", "yes"), "yes"), (("1", "2"), "1"), (("1", "2"), "2")]
    )
    def test_labels_that_are_no_such_numbers_are_refused(
        self, library: str, suffix: str, names: tuple[str, str], positive: str, tmp_path: Path
    ) -> None:
        features, labels = data(BINARY)
        named = [names[each] for each in labels]
        model = boosted(tmp_path / f"m{suffix}", named if library == "lightgbm" else labels, library)
        asked = request(tmp_path / f"m{suffix}", BINARY, positive=positive, labels=names)
        with pytest.raises(Refused, match="the model knows its classes as 0 and 1 alone, and the labels are "):
            load(asked)(features)
        if library == "lightgbm":  # which keeps the classes with the estimator
            save(model, tmp_path / "m.joblib")
            said = load({**asked, "name": "m.joblib", "weights": str(tmp_path / "m.joblib")})(features)
            assert_allclose(said["score"], model.predict_proba(features)[:, names.index(positive)])

    @pytest.mark.parametrize(("library", "suffix"), LIBRARIES)
    def test_either_number_may_be_the_positive_label(self, library: str, suffix: str, tmp_path: Path) -> None:
        features, labels = data(BINARY)
        model = boosted(tmp_path / f"m{suffix}", labels, library)
        for at in (0, 1):
            asked = request(tmp_path / f"m{suffix}", BINARY, positive=str(at), labels=("0", "1"))
            assert_allclose(load(asked)(features)["score"], model.predict_proba(features)[:, at], rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize(("library", "suffix"), LIBRARIES)
    @pytest.mark.parametrize(
        ("names", "is_known"),
        [(("0", "1", "2"), True), (("1", "2"), True), (("1", "2", "3"), False), (("setosa", "0"), False)],
    )
    def test_of_several_classes(
        self, library: str, suffix: str, names: tuple[str, ...], is_known: bool, tmp_path: Path
    ) -> None:
        features, labels = data(MULTICLASS, numbered=True)
        model = boosted(tmp_path / f"m{suffix}", labels, library)
        asked = request(tmp_path / f"m{suffix}", MULTICLASS, labels=names)
        if is_known:
            assert_array_equal(load(asked)(features)["prediction"], model.predict(features))
        else:
            with pytest.raises(Refused, match="as 0 to 2 alone"):
                load(asked)(features)

    @pytest.mark.parametrize(("names", "is_known"), [(("0", "1", "2"), True), (("1", "2", "3"), False)])
    def test_classes_without_scores_are_counted_from_0(
        self, names: tuple[str, ...], is_known: bool, tmp_path: Path
    ) -> None:
        import xgboost

        features, labels = data(MULTICLASS, numbered=True)
        settings = {"objective": "multi:softmax", "num_class": 3, "max_depth": 2}
        booster = xgboost.train(settings, xgboost.DMatrix(features, labels), 5)
        booster.save_model(str(tmp_path / "m.ubj"))
        asked = request(tmp_path / "m.ubj", MULTICLASS, labels=names)
        if is_known:
            assert_array_equal(load(asked)(features)["prediction"], booster.predict(xgboost.DMatrix(features)))
        else:
            with pytest.raises(Refused, match=r"as 0, 1, … alone, and the labels are 1, 2, 3"):
                load(asked)(features)

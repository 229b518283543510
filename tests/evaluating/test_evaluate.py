"""A model measured on a benchmark: what it is shown, what of its answers counts, what is written down."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from snitch.evaluating.writing import place_all
from snitch.finding import Broken, Undecidable
from snitch.snapshot import UnreadableFile
from tests.evaluating.measured import HERE, SHIPPED, Scene, answers, examples, frame_of, unmeasured, whole
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, edit, edit_json
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table
from tests.rules.reproduced import DATA, PREDICTIONS, ROWS, Files

LATER = datetime(2027, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def record(scene: Scene) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((scene.top / EVALUATION).read_text())
    return found


def test_what_is_written(scene: Scene) -> None:
    """The numbers are those of scikit-learn itself, the digests those of the files."""
    done = scene.evaluate(unmeasured(whole()))
    assert scene.written == sorted([EVALUATION, PREDICTIONS])
    data, score = examples(), answers(examples())["score"]
    found = record(scene)
    assert found["model"] == {"name": "churn", "version": "1.4.0", "weights": {"model.skops": SHIPPED.digest}}
    assert found["dataset"]["rows"] == ROWS
    assert found["date"] == "2026-11-20T12:00:00Z"
    assert found["metrics"][0]["value"] == metrics.roc_auc_score(data["churned"], score)
    interval = found["metrics"][0]["confidence_interval"]
    assert interval["level"] == 0.95
    assert interval["lower_bound"] < found["metrics"][0]["value"] < interval["upper_bound"]
    assert found["metrics"][2]["value"] == metrics.recall_score(data["churned"], score >= 0.42)
    pro = data["plan"] == "pro"
    assert found["slices"][1]["slice"] == {"plan": "pro"}
    assert found["slices"][1]["rows"] == int(pro.sum())
    assert found["slices"][1]["metrics"][0]["value"] == metrics.roc_auc_score(data["churned"][pro], score[pro])
    content = (scene.top / PREDICTIONS).read_bytes()
    assert found["predictions"] == {
        "path": "churn-holdout.parquet",
        "sha256": f"sha256:{sha256(content).hexdigest()}",
    }
    assert found["environment"] == {"python": HERE.python, "packages": HERE.packages}
    assert done.values["roc_auc"] == found["metrics"][0]["value"]
    assert done.is_written


def test_predictions_hold_the_id_and_the_answers_alone(scene: Scene) -> None:
    scene.said = lambda _: answers(examples())[["score"]].assign(churned=1, plan="pro")
    scene.evaluate(unmeasured(whole()))
    frame = frame_of((scene.top / PREDICTIONS).read_bytes())
    assert list(frame.columns) == ["customer_id", "prediction", "score"]
    assert frame["customer_id"].is_monotonic_increasing
    assert (frame["prediction"] == (frame["score"] >= 0.42)).all()  # the manifest's threshold


def test_no_label_is_shown_to_the_model(scene: Scene) -> None:
    scene.evaluate(unmeasured(whole()))
    [request] = scene.requests
    assert list(request.features.columns) == ["customer_id", "plan"]
    assert (request.columns, request.targets, request.positive) == (("plan",), ("churned",), "1")
    scene.requests.clear()
    bare = edit(unmeasured(whole(examples().assign(age=40))), MANIFEST, "signature:", "metadata:\n  signature:")
    scene.evaluate(bare)
    [request] = scene.requests
    assert list(request.features.columns) == ["customer_id", "plan", "age"]


def test_a_re_run_leaves_the_same_bytes(scene: Scene) -> None:
    files = unmeasured(whole())
    scene.evaluate(files)
    before = {name: ((scene.top / name).read_bytes(), (scene.top / name).stat().st_mtime_ns) for name in scene.written}
    again = scene.evaluate(scene.made(files), LATER)
    assert not again.is_written
    assert before == {
        name: ((scene.top / name).read_bytes(), (scene.top / name).stat().st_mtime_ns) for name in scene.written
    }


def test_the_date_is_of_the_last_change(scene: Scene) -> None:
    files = unmeasured(whole())
    scene.evaluate(files)
    scene.said = lambda _: answers(examples())[["score"]] * 0.9
    again = scene.evaluate(scene.made(files), LATER)
    assert again.is_written
    assert record(scene)["date"] == "2027-01-02T03:04:05Z"


def test_predictions_that_another_library_wrote_are_kept(scene: Scene) -> None:
    files = unmeasured(whole())
    scene.evaluate(files)
    path = scene.top / PREDICTIONS
    frame_of(path.read_bytes()).to_parquet(path, compression="gzip", index=False)
    other = path.read_bytes()
    scene.evaluate(scene.made(files), LATER)
    assert path.read_bytes() == other
    assert record(scene)["predictions"]["sha256"] == f"sha256:{sha256(other).hexdigest()}"


def test_the_order_of_the_rows_changes_nothing(scene: Scene) -> None:
    """Neither of the data nor of the answers, and an id may be a number on one side and text on the other."""
    scene.evaluate(unmeasured(whole()))
    first = [each["value"] for each in record(scene)["metrics"]], (scene.top / PREDICTIONS).read_bytes()
    shuffled = unmeasured(whole(examples().sample(frac=1, random_state=2)))
    scene.has_ids, scene.said = True, lambda _: answers(examples()).sample(frac=1, random_state=5)
    scene.evaluate(edit(shuffled, MANIFEST, "decision_threshold: 0.42", "predict: [python, p.py, '{data}', '{out}']"))
    again = [each["value"] for each in record(scene)["metrics"]], (scene.top / PREDICTIONS).read_bytes()
    assert again == first
    assert scene.requests[1].predict[0] == "python"


def test_a_regression(scene: Scene) -> None:
    data = examples().assign(churned=np.linspace(0, 9, ROWS))
    files = edit(unmeasured(whole(data)), BENCHMARK, "task: binary-classification", "task: regression")
    files = edit(files, BENCHMARK, "positive_label: 1\n", "")
    wanted = "[roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]"
    files = edit(files, BENCHMARK, wanted, "[mean_absolute_error, r2]")
    files = edit(files, MANIFEST, "maximum: 1}]", "maximum: 20}]")
    scene.said = lambda _: pd.DataFrame({"prediction": data["churned"] + 0.5})
    scene.evaluate(edit(files, MANIFEST, "task: binary-classification", "task: regression"))
    assert record(scene)["metrics"][0]["value"] == pytest.approx(0.5, abs=1e-12)


def test_a_metric_that_nobody_can_compute(scene: Scene) -> None:
    """It is not passed over in silence; what a script of the team's own recorded of these weights is kept."""
    wanted = "metrics: [roc_auc, {type: profit, greater_is_better: true}, "
    files = edit(unmeasured(whole()), BENCHMARK, "metrics: [roc_auc, ", wanted)
    done = scene.evaluate(files)
    assert done.missing == ("profit",)
    assert [each["type"] for each in record(scene)["metrics"]] == ["roc_auc", "average_precision", "recall"]

    def add(content: Any) -> None:
        content["metrics"].append({"type": "profit", "value": 12.5})

    kept = scene.evaluate(edit_json(scene.made(files), EVALUATION, add))
    assert kept.missing == ()
    assert kept.notes[0] == "profit is kept as it was recorded: nobody here can compute it"
    assert record(scene)["metrics"][-1] == {"type": "profit", "value": 12.5}

    def other(content: Any) -> None:
        add(content)
        content["model"]["weights"]["model.skops"] = "sha256:" + "0" * 64

    assert scene.evaluate(edit_json(files | {EVALUATION: json.dumps(record(scene))}, EVALUATION, other)).missing


def test_a_slice_of_one_class_is_left_out_and_told(scene: Scene) -> None:
    data = examples()
    data.loc[data["plan"] == "pro", "churned"] = 1
    done = scene.evaluate(unmeasured(whole(data)))
    assert any(note.startswith("roc_auc where plan=pro is left out: ") for note in done.notes)
    assert [each["type"] for each in record(scene)["slices"][1]["metrics"]] == ["average_precision", "recall"]


def test_of_many_slices_without_a_value_the_rest_are_counted(scene: Scene) -> None:
    data = examples()
    done = scene.evaluate(edit(unmeasured(whole(data)), BENCHMARK, "slices: [plan]", "slices: [customer_id]"))
    assert len(done.notes) == 11
    assert done.notes[-1].endswith(" more metrics of slices by customer_id are left out")


def test_a_folder_in_a_records_place_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "record.json"
    place.mkdir()
    with pytest.raises(IsADirectoryError, match="a folder lies where a file is to be"):
        place_all({str(place): b"{}"})
    assert [each.name for each in tmp_path.iterdir()] == ["record.json"]


def several() -> tuple[dict[str, bytes | str], pd.DataFrame]:
    """A repository whose benchmark has three classes, and its examples."""
    data = examples().assign(churned=[f"class_{n % 3}" for n in range(ROWS)])
    files = edit(unmeasured(whole(data)), BENCHMARK, "task: binary", "task: multiclass")
    files = edit(edit(files, BENCHMARK, "positive_label: 1\n", ""), MANIFEST, "task: binary", "task: multiclass")
    wanted = "[roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]"
    return edit(files, BENCHMARK, wanted, "[accuracy]"), data


@pytest.mark.parametrize("given", [[n % 3 for n in range(ROWS)], [float(n % 3) for n in range(ROWS)]])
def test_numbers_are_no_labels_that_are_words(scene: Scene, given: list[Any]) -> None:
    """A booster's 0, 1, 2 are never right and never wrong: nobody said which of the classes they are."""
    files, data = several()
    scene.said = lambda _: pd.DataFrame({"prediction": given})
    with pytest.raises(Undecidable) as caught:
        scene.evaluate(files)
    assert "they are `0`, `1`, `2`; the labels are `class_0`, `class_1`, `class_2`" in str(caught.value)
    assert "`predict`" in caught.value.help
    assert scene.written == []
    scene.said = lambda _: data[["churned"]].set_axis(["prediction"], axis="columns")
    scene.evaluate(files)
    scene.said = lambda _: pd.DataFrame({"prediction": given})
    verified = scene.verify(scene.made(files))
    assert (verified.outcome, verified.help) == ("inconclusive", caught.value.help)


def test_a_class_that_no_example_has_is_told(scene: Scene) -> None:
    files, data = several()
    scene.said = lambda _: pd.DataFrame({"prediction": ["class_9", *data["churned"][1:]]})
    done = scene.evaluate(files)
    assert done.values == {"accuracy": 1 - 1 / ROWS}
    assert done.notes[0] == f"of {ROWS} predictions 1 is no label of the benchmark: `class_9`"


def said(frame: pd.DataFrame) -> Any:
    return lambda _: frame


ANSWERS = answers(examples())


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        ("the model's process ended with 1: boom", "ended with 1: boom"),
        (ANSWERS[["score"]][1:], "gave 199 answers to 200 examples"),
        (ANSWERS[["score"]].assign(score=np.nan), "`score` is no finite number in 200 of 200 rows"),
        (ANSWERS[["score"]].assign(score=[np.inf, *ANSWERS["score"][1:]]), "`score` is no finite number in 1 of 200"),
        (
            ANSWERS[["score"]].assign(score=[1.5, *ANSWERS["score"][1:]]),
            "outside of the signature's 0 to 1 in 1 of 200",
        ),
        (ANSWERS[["score"]].assign(score="high"), "not a number"),
        (ANSWERS[["customer_id"]].rename(columns={"customer_id": "x"}), "no column `prediction` or `score`"),
    ],
)
def test_answers_that_are_none(scene: Scene, answered: pd.DataFrame | str, reason: str) -> None:
    scene.said = lambda _: answered
    with pytest.raises(Undecidable) as caught:
        scene.evaluate(unmeasured(whole()))
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"{MANIFEST}:{line_of('weights:', whole())}: ")
    assert "mend the weights" in caught.value.help
    assert scene.written == []


OUTPUTS = "outputs: [{name: probability, type: double, minimum: 0, maximum: 1}]"
#: As a decision function gives them: the same order, and 0 where the probability is a half.
DECISIONS = ANSWERS[["score"]].assign(score=np.log(ANSWERS["score"] / (1 - ANSWERS["score"])))


def unbounded(outputs: str, *, metrics: str = "[roc_auc]", threshold: str = "") -> Files:
    files = edit(unmeasured(whole()), MANIFEST, OUTPUTS, f"outputs: [{outputs}]")
    files = edit(files, MANIFEST, "decision_threshold: 0.42\n", threshold)
    asked = "metrics: [roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]"
    return edit(files, BENCHMARK, asked, f"metrics: {metrics}")


class TestScoresThatAreNoProbabilities:
    def test_where_they_only_rank_that_is_noted(self, scene: Scene) -> None:
        scene.said = lambda _: DECISIONS
        done = scene.evaluate(unbounded(""))
        low, high = DECISIONS["score"].min(), DECISIONS["score"].max()
        assert done.notes[0] == f"the scores are no probabilities: they reach from {low:.4g} to {high:.4g}"
        scene.said = lambda _: ANSWERS[["score"]]
        assert not any("probabilities" in note for note in scene.evaluate(unbounded("")).notes)

    @pytest.mark.parametrize(
        ("metrics", "threshold"),
        [("[roc_auc]", "decision_threshold: 0.42\n"), ("[{type: recall, args: {threshold: 0.42}}]", "")],
    )
    def test_a_threshold_of_probabilities_decides_nothing(self, scene: Scene, metrics: str, threshold: str) -> None:
        scene.said = lambda _: DECISIONS
        with pytest.raises(Undecidable, match=r"the threshold 0\.42 is one of probabilities.* say so in") as caught:
            scene.evaluate(unbounded("", metrics=metrics, threshold=threshold))
        assert "`signature.outputs`" in str(caught.value) and scene.written == []
        declared = unbounded("{name: margin, type: double}", metrics=metrics, threshold=threshold)
        assert "no probabilities" in scene.evaluate(declared).notes[0]

    def test_a_threshold_of_a_decision_function(self, scene: Scene) -> None:
        scene.said = lambda _: DECISIONS
        files = unbounded("", metrics="[{type: recall, args: {threshold: 0}}]", threshold="decision_threshold: 0\n")
        [value] = scene.evaluate(files).values.values()
        labels = examples()["churned"]
        assert value == (ANSWERS["score"][labels == 1] >= 0.5).mean()

    @pytest.mark.parametrize("metric", ["brier_score_loss", "log_loss", "expected_calibration_error"])
    def test_a_metric_of_probabilities_has_no_value(self, scene: Scene, metric: str) -> None:
        scene.said = lambda _: DECISIONS
        with pytest.raises(Undecidable, match="takes probabilities, and there are scores outside 0 to 1"):
            scene.evaluate(unbounded("{name: margin, type: double}", metrics=f"[{metric}]"))

    def test_the_one_real_number_of_several_outputs_is_the_score(self, scene: Scene) -> None:
        scene.said = lambda _: DECISIONS
        outputs = "{name: churns, type: long}, {name: probability, type: double, minimum: 0, maximum: 1}"
        with pytest.raises(Undecidable, match="`score` lies outside of the signature's 0 to 1 in"):
            scene.evaluate(unbounded(outputs))


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (ANSWERS[1:], "lack the id `c000`"),
        (pd.concat([ANSWERS, ANSWERS[:1]]), "hold the id `c000` more than once"),
        (ANSWERS.assign(customer_id=["x", *ANSWERS["customer_id"][1:]]), "hold the id `x`"),
        (ANSWERS.drop(columns="customer_id"), "have no column `customer_id`"),
        (pd.concat([ANSWERS] * 10), "it has 2,000 rows; 1,200 are read at most"),
    ],
)
def test_answers_with_other_ids(scene: Scene, answered: pd.DataFrame, reason: str) -> None:
    scene.said, scene.has_ids = said(answered), True
    command = edit(unmeasured(whole()), MANIFEST, "decision_threshold: 0.42", "predict: [./run, '{data}', '{out}']")
    with pytest.raises(Undecidable) as caught:
        scene.evaluate(command)
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"{MANIFEST}:{line_of('predict:', command)}: ")
    assert "one row for each id" in caught.value.help
    assert scene.written == []


def line_of(key: str, files: Files) -> int:
    """Where a key of the manifest stands."""
    lines = str(files[MANIFEST]).splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(key))


def test_what_the_signature_asks_for_and_the_data_has_not(scene: Scene) -> None:
    files = edit(unmeasured(whole()), MANIFEST, "name: plan", "name: plans")
    with pytest.raises(Undecidable) as caught:
        scene.evaluate(files)
    place = f"{MANIFEST}:{line_of('signature:', files) + 1}"
    assert str(caught.value).startswith(f"{place}: the data has no column `plans`")
    assert "`required: false`" in caught.value.help


def dust() -> pd.DataFrame:
    """A column that is another in each row."""
    parts = [examples().assign(customer_id=lambda f, n=n: f"{n}" + f["customer_id"]) for n in range(6)]
    return pd.concat(parts).assign(plan=range(6 * ROWS))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (examples()[:0], "the data holds no example"),
        (examples().assign(churned=1), "roc_auc has no value"),
        (examples().drop(columns="plan"), "the data has no column `plan`"),
        (examples().assign(churned=None), "`churned` is missing in 200 rows"),
        (examples().assign(customer_id="c000"), "the data hold the id `c000` more than once"),
        (dust(), "`plan` has 1,200 values"),
    ],
)
def test_data_that_nothing_can_be_computed_from(scene: Scene, data: pd.DataFrame, reason: str) -> None:
    scene.said = lambda request: pd.DataFrame({"score": np.linspace(0, 1, len(request.features))})
    files = edit(unmeasured(whole(data)), MANIFEST, "decision_threshold: 0.42\n", "")
    with pytest.raises(Undecidable) as caught:
        scene.evaluate(files)
    assert reason in str(caught.value)
    assert "benchmarks/churn-holdout/" in str(caught.value)
    assert caught.value.help
    assert scene.written == []


def test_data_of_another_revision(scene: Scene) -> None:
    with pytest.raises(Broken, match=r"benchmark\.yaml: benchmarks/churn-holdout/data\.parquet is sha256:"):
        scene.evaluate({**unmeasured(whole()), DATA: table(examples()[1:])})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "data.parquet,",
            "date.csv,",
            f"benchmarks/churn-holdout/date.csv is not in the tree, and {BENCHMARK}:5 names it",
        ),
        (
            "id: customer_id",
            "id: customer",
            f"{BENCHMARK}:9: the data has no column `customer`, which the benchmark names in `id`; did you mean `cust",
        ),
        ("slices: [plan]", "slices: [region]", f"{BENCHMARK}:13: the data has no column `region`, which"),
    ],
)
def test_where_the_definition_asks_for_what_is_not_there(scene: Scene, old: str, new: str, told: str) -> None:
    with pytest.raises((Broken, Undecidable)) as caught:
        scene.evaluate(edit(unmeasured(whole()), BENCHMARK, old, new))
    assert str(caught.value).startswith(told)


def test_data_that_is_no_table_is_named_once(scene: Scene) -> None:
    content = b"PK\x03\x04" * 9
    files = edit(unmeasured(whole()), BENCHMARK, "data.parquet", "data.xlsx")
    files = edit(files, BENCHMARK, digest(table(examples())), digest(content))
    with pytest.raises(Undecidable) as caught:
        scene.evaluate({**files, "benchmarks/churn-holdout/data.xlsx": content})
    told = "it is neither Parquet nor a `.csv`; export it as one of them"
    assert str(caught.value) == f"benchmarks/churn-holdout/data.xlsx cannot be read: {told}"


@pytest.mark.parametrize(
    ("old", "new", "mend"),
    [
        (
            "decision_threshold: 0.42\n",
            "",
            f"say in {MANIFEST} from which score on the answer is the positive label: `decision_threshold: 0.5`",
        ),
        (
            "decision_threshold: 0.42",
            "predict: [./run, '{data}', '{out}']",
            f"let what {MANIFEST} names give a column `prediction`",
        ),
    ],
)
def test_scores_that_nothing_makes_predictions_of(scene: Scene, old: str, new: str, mend: str) -> None:
    files = edit(edit(unmeasured(whole()), BENCHMARK, "[roc_auc, ", "[roc_auc, accuracy, "), MANIFEST, old, new)
    with pytest.raises(Undecidable) as caught:
        scene.evaluate(files)
    assert str(caught.value) == (
        f"{BENCHMARK}:12: accuracy has no value: accuracy_score takes predictions, and there are only scores"
    )
    assert caught.value.help == mend


def test_a_benchmark_of_another_task(scene: Scene) -> None:
    """A regression's numbers are no scores, whatever a metric makes of them."""
    files = edit(unmeasured(whole()), MANIFEST, "task: binary-classification", "task: regression")
    with pytest.raises(
        Broken, match=rf"model is for regression, and {BENCHMARK}:3 is of binary-classification"
    ) as caught:
        scene.evaluate(files)
    assert caught.value.reported_by == "MET002"
    assert scene.requests == [] == scene.written
    made = scene.verify(files | {EVALUATION: whole()[EVALUATION]})
    assert made.outcome != "reproduced"


def test_a_signature_that_asks_for_the_label(scene: Scene) -> None:
    files = edit(unmeasured(whole()), MANIFEST, "name: plan,", "name: churned,")
    with pytest.raises(Undecidable, match="`churned` for an input, which is the benchmark's label"):
        scene.evaluate(files)
    with pytest.raises(Undecidable, match="no column `age`, which the signature has for an input"):
        scene.evaluate(edit(unmeasured(whole()), MANIFEST, "name: plan,", "name: age,"))
    assert scene.requests == []


def test_weights_that_may_run_code_are_not_loaded(scene: Scene) -> None:
    hostile = b"cos\nsystem\n(S'touch was-run'\ntR."
    files = edit(unmeasured(whole()), MANIFEST, "weights: [model.skops]", "weights: [model.pkl]")
    with pytest.raises(Undecidable, match=r"model\.pkl is not loaded: .*system"):
        scene.evaluate({**files, "models/churn/model.pkl": hostile})
    assert scene.requests == []


def test_a_folder_that_is_a_link_is_not_written_through(scene: Scene) -> None:
    (scene.top / "models/churn").mkdir(parents=True)
    (scene.top / "elsewhere").mkdir()
    (scene.top / "models/churn/evaluations").symlink_to(scene.top / "elsewhere")
    with pytest.raises(UnreadableFile, match="lies behind the link"):
        scene.evaluate(unmeasured(whole()))
    assert list((scene.top / "elsewhere").iterdir()) == []


def test_both_files_or_none(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second cannot be put in place: the first is as it was."""
    one, two = str(scene.top / "one"), str(scene.top / "two")
    place_all({one: b"1", two: b"1"})
    real = os.replace

    def failing(source: Any, target: Any) -> None:
        if str(target) == two and str(source).endswith(".tmp"):
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        place_all({one: b"2", two: b"2"})
    assert scene.written == ["one", "two"]
    assert [(scene.top / name).read_bytes() for name in scene.written] == [b"1", b"1"]

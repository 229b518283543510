"""An evaluation whose numbers its own predictions, or the model when it is run again, do not give."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from msgspec.structs import replace
from sklearn import metrics
from snitch.rules.reproduction import UnreproducibleEvaluation

from snitch.finding import Undecidable
from snitch.gating.evidence import read_evidence
from snitch.model import Model
from snitch.model_files import answering_digest
from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, PRODUCTION, SPOTLESS, edit, edit_json, judgement
from tests.judging import WEIGHTS as WEIGHTS_DIGEST
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table

RULE = UnreproducibleEvaluation()
VERIFY = replace(PRODUCTION, verify=True)
DATA, PREDICTIONS = "benchmarks/churn-holdout/data.parquet", f"{FOLDER}/evaluations/churn-holdout.parquet"
HEAD = "4" * 40
ROWS = 200

Files = dict[str, bytes | str]


def examples() -> pd.DataFrame:
    draws = np.random.default_rng(3)
    churned = draws.integers(0, 2, ROWS)
    plan = np.where(draws.random(ROWS) < 0.3, "pro", "basic")
    return pd.DataFrame({"customer_id": [f"c{n:03}" for n in range(ROWS)], "churned": churned, "plan": plan})


def answers(data: pd.DataFrame) -> pd.DataFrame:
    noise = np.random.default_rng(4).normal(0, 0.8, len(data))
    score = 1 / (1 + np.exp(-(2 * data["churned"] - 1 + noise)))
    prediction = (score >= 0.42).astype(int)
    return pd.DataFrame({"customer_id": data["customer_id"], "prediction": prediction, "score": score})


def measured(data: pd.DataFrame, answered: pd.DataFrame) -> list[dict[str, Any]]:
    """The metrics of the benchmark by scikit-learn itself."""
    labels, score = data["churned"], answered["score"]
    return [
        {"type": "roc_auc", "value": float(metrics.roc_auc_score(labels, score))},
        {"type": "average_precision", "value": float(metrics.average_precision_score(labels, score))},
        {"type": "recall", "args": {"threshold": 0.42}, "value": float(metrics.recall_score(labels, score >= 0.42))},
    ]


def repository(
    data: pd.DataFrame | None = None, answered: pd.DataFrame | None = None, *, measures: bool = True
) -> Files:
    """A repository whose record is what its predictions give; the tables lie in Git itself."""
    data = examples() if data is None else data
    answered = answers(examples()) if answered is None else answered
    content, predictions = table(data), table(answered)
    benchmark = str(SPOTLESS[BENCHMARK]).replace(digest(b"data"), digest(content)).replace("4120", str(len(data)))
    definition = Repository(MemorySnapshot({BENCHMARK: benchmark})).benchmarks[0].definition.definition
    record = json.loads(SPOTLESS[EVALUATION])
    record["dataset"] |= {"revision": digest(content), "definition": definition, "rows": len(data)}
    joined = data.merge(answered, on="customer_id") if "customer_id" in answered and measures else data
    if len(joined) == len(data) and "score" in joined and joined["score"].notna().all():
        record["metrics"] = measured(joined, joined)
        record["slices"] = [
            {"slice": {"plan": plan}, "rows": len(rows), "metrics": measured(rows, rows)}
            for plan, rows in joined.groupby("plan")
        ]
    record["predictions"] = {"path": "churn-holdout.parquet", "sha256": digest(predictions)}
    held: Files = {
        BENCHMARK: benchmark,
        DATA: content,
        EVALUATION: json.dumps(record, indent=2),
        PREDICTIONS: predictions,
    }
    return {**SPOTLESS, **held}


@pytest.fixture(scope="module")
def files() -> Files:
    return repository()


def judged(files: Mapping[str, bytes | str], **more: Any) -> Judgement:
    more = {"gate": gate_of(), **more}
    return judgement(RULE, files, **more)


def records(change: Callable[[Any], object]) -> Callable[[Files], Files]:
    return lambda files: edit_json(files, EVALUATION, change)


# Predictions.


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


# Evidence.


def entry(files: Files, /, **changes: Any) -> dict[str, Any]:
    record = json.loads(files[EVALUATION])
    return {
        "model": "churn",
        "benchmark": "churn-holdout",
        "weights": {"model.skops": WEIGHTS_DIGEST},
        "files": answering_digest(Model(Repository(MemorySnapshot(files)), FOLDER)),
        "data": record["dataset"]["revision"],
        "definition": record["dataset"]["definition"],
        "predictions": record["predictions"]["sha256"],
        "rows": ROWS,
        "metrics": record["metrics"],
        "slices": record["slices"],
        "differing": 0,
        **changes,
    }


def attested(tmp_path: Path, files: Files, *entries: dict[str, Any], head: str | None = None, **more: Any) -> Judgement:
    isolation = more.pop("isolation", ["files", "memory", "network", "processes", "time"])
    evidence = {
        "schema_version": 1,
        "snitch": "0.1.0",
        "head": head,
        "isolation": isolation,
        "evaluations": list(entries),
    }
    path = tmp_path / f"evidence-{len(list(tmp_path.iterdir()))}.json"
    path.write_text(json.dumps(evidence))
    gate = gate_of(evidence=(read_evidence(str(path)),))
    return judged(files, **{"environment": VERIFY, "gate": gate, **more})


def test_metrics_of_a_few_rows_each_are_counted_by_what_they_take(files: Files, monkeypatch: Any) -> None:
    """Thousands of slices of one example each take as long as the whole benchmark does thousands of times."""
    monkeypatch.setattr("snitch.recomputation.MAX_ROWS", 60_000)
    [found] = judged(files).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "records more than can be computed again in a reasonable time" in found.message


def test_where_verification_is_asked_for_nothing_passes_without_it(files: Files) -> None:
    [found] = judged(files, environment=VERIFY).findings
    assert (found.rule, found.outcome, found.path) == ("BEN007", "inconclusive", EVALUATION)
    assert "no evidence says that it was" in found.message
    assert "`snitch evaluate churn --verify --evidence evidence.json`" in found.help


def test_evidence_that_it_was_reproduced(files: Files, tmp_path: Path) -> None:
    found = attested(tmp_path, files, entry(files))
    assert not found.findings
    assert found.notes == ("the evaluations are reproduced from the weights",)


def test_a_job_that_could_not_keep_the_labels_from_the_model_proves_nothing(files: Files, tmp_path: Path) -> None:
    [found] = attested(tmp_path, files, entry(files), isolation=["memory", "network"]).findings
    assert (found.rule, found.outcome) == ("BEN007", "inconclusive")
    assert "could not keep the model from files, and the labels are some" in found.message
    assert "Landlock" in found.help


def test_what_a_model_was_not_kept_from_is_noted(files: Files, tmp_path: Path) -> None:
    connected = attested(tmp_path, files, entry(files), isolation=["files", "memory"])
    elsewhere = attested(tmp_path, files, entry(files), isolation=["memory", "network"], environment=PRODUCTION)
    for found, what in ((connected, "network"), (elsewhere, "files")):
        assert not found.findings
        assert any(f"could not keep the model from {what}: it may have seen the labels" in each for each in found.notes)


def test_without_predictions_evidence_is_enough(files: Files, tmp_path: Path) -> None:
    told = entry(files, predictions=None, differing=None)
    bare = edit_json(files, EVALUATION, lambda record: record.pop("predictions"))
    assert not attested(tmp_path, bare, told).findings


def test_evidence_that_compared_nothing_reproduces_nothing(files: Files, tmp_path: Path) -> None:
    """The one metric is the team's own, and there are no predictions."""
    profit = {"type": "profit", "value": 12.5}

    def only_profit(record: dict[str, Any]) -> None:
        record.pop("predictions")
        record.update(metrics=[profit], slices=[])

    bare = edit_json(files, EVALUATION, only_profit)
    told = entry(files, predictions=None, differing=None, metrics=[], slices=[])
    [found] = attested(tmp_path, bare, told).findings
    assert (found.rule, found.outcome) == ("BEN007", "inconclusive")
    assert "nothing that it records could be computed" in found.message


def test_what_nobody_can_compute_is_not_reproduced(files: Files, tmp_path: Path) -> None:
    def with_profit(record: dict[str, Any]) -> None:
        record.pop("predictions")
        record["metrics"].append({"type": "profit", "value": 12.5})

    recorded = edit_json(files, EVALUATION, with_profit)
    told = entry(files, predictions=None, differing=None)
    [finding] = attested(tmp_path, recorded, told).findings
    assert (finding.rule, finding.outcome) == ("BEN007", "inconclusive")
    assert "nobody here can compute profit" in finding.message
    found = attested(tmp_path, recorded, told, environment=PRODUCTION)
    assert not found.findings
    assert "nobody here can compute profit, recorded on churn-holdout" in found.notes


def test_evidence_of_another_value(files: Files, tmp_path: Path) -> None:
    """Metrics and predictions were forged together; the model itself gives something else."""
    metrics_ = json.loads(json.dumps(entry(files)["metrics"]))
    metrics_[0]["value"] = 0.6
    [found] = attested(tmp_path, files, entry(files, metrics=metrics_)).findings
    assert (found.rule, found.outcome, found.pointer) == ("BEN007", "fail", "/metrics/0/value")
    assert "measured again it is 0.6" in found.message
    elsewhere = attested(tmp_path, files, entry(files, metrics=metrics_), environment=PRODUCTION)
    assert [each.outcome for each in elsewhere.findings] == ["fail"]


def test_predictions_that_the_model_does_not_give(files: Files, tmp_path: Path) -> None:
    [found] = attested(tmp_path, files, entry(files, differing=3)).findings
    assert (found.outcome, found.pointer) == ("fail", "/predictions/sha256")
    assert found.message == "3 predictions are not what the model gives"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weights": {"model.skops": digest(b"others")}}, "is of other weights"),
        ({"data": digest(b"others")}, "is of another revision of the data"),
        ({"definition": digest(b"others")}, "is of another definition of the benchmark"),
        ({"predictions": digest(b"others")}, "is of other predictions"),
        ({"predictions": None}, "is of other predictions"),
        ({"files": digest(b"others")}, "is of other files of the model"),
        ({"files": None}, "is of other files of the model"),
        ({"model": "other"}, "no evidence says that it was"),
        ({"benchmark": "other"}, "no evidence says that it was"),
        ({"metrics": [], "slices": [], "reason": "pinned numpy 2.4.6, here 2.4.5"}, "pinned numpy 2.4.6, here 2.4.5"),
        ({"metrics": []}, "has no roc_auc"),
        ({"slices": []}, "has no roc_auc where plan=basic"),
        ({"differing": None}, "does not say whether the model gives the recorded predictions"),
    ],
)
def test_evidence_that_proves_nothing(files: Files, tmp_path: Path, changes: Any, reason: str) -> None:
    [found] = attested(tmp_path, files, entry(files, **changes)).findings
    assert (found.rule, found.outcome) == ("BEN007", "inconclusive")
    assert reason in found.message


def test_evidence_that_contradicts_itself(files: Files, tmp_path: Path) -> None:
    other = json.loads(json.dumps(entry(files)))
    other["metrics"][0]["value"] = 0.6
    [found] = attested(tmp_path, files, entry(files), other).findings
    assert found.outcome == "inconclusive"
    assert "contradicts itself" in found.message
    twice = entry(files, metrics=[*entry(files)["metrics"], {"type": "roc_auc", "value": 0.6}])
    [found] = attested(tmp_path, files, twice).findings
    assert "says two things of roc_auc" in found.message


def test_a_job_that_could_not_decide_does_not_undo_one_that_did(files: Files, tmp_path: Path) -> None:
    gave_up = entry(files, metrics=[], slices=[], reason="out of memory")
    assert not attested(tmp_path, files, gave_up, entry(files)).findings


def test_evidence_of_another_commit(files: Files, tmp_path: Path) -> None:
    candidate = {"deployed": None, "environment": VERIFY}
    kept = {"isolation": ["files", "network"]}
    evidence = {"schema_version": 1, "snitch": "0.1.0", "head": HEAD, **kept, "evaluations": [entry(files)]}
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps(evidence))
    gate = gate_of(evidence=(read_evidence(str(path)),))
    assert not judged(files, gate=gate, commit=HEAD, **candidate).findings
    [found] = judged(files, gate=gate, commit="5" * 40, **candidate).findings
    assert "is of the commit 444444444444, and 555555555555 is judged" in found.message


@pytest.mark.parametrize("content", ["", "[]", '{"schema_version": 1}', "{" * 10_000])
def test_evidence_that_is_none(files: Files, tmp_path: Path, content: str) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(content)
    gate = gate_of(evidence=(read_evidence(str(path)),))
    [found] = judged(files, gate=gate, environment=VERIFY).findings
    assert found.outcome == "inconclusive"
    assert f"{path} cannot be used: " in found.message
    assert not judged(files, gate=gate).findings


def test_a_model_without_an_evaluation_is_another_rule_s(files: Files) -> None:
    found = judged({path: content for path, content in files.items() if path != EVALUATION}, environment=VERIFY)
    assert not found.findings
    assert [each.reason for each in found.skipped] == ["there is no evaluation"]


def test_a_manifest_that_is_broken_is_another_rule_s(files: Files) -> None:
    [found] = judged({**files, MANIFEST: "name: [\n"}).findings
    assert found.rule == "SNT003"

"""Evidence that an evaluation was reproduced from the weights, which the gate asks for where it is to be verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snitch.gate import Approvals
from snitch.gating.evidence import read_evidence
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, PRODUCTION, edit, edit_json, without
from tests.measuring.tables import digest
from tests.rules.attested import attested
from tests.rules.reproduced import (
    HEAD,
    VERIFY,
    Files,
    entry,
    judged,
    repository,
)


@pytest.fixture(scope="module")
def files() -> Files:
    return repository()


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


def let_go(files: Files) -> Files:
    return edit(files, BENCHMARK, "models: [churn]", "models: [triage]")


def test_what_no_benchmark_asks_for_any_more_is_not_asked_for(files: Files) -> None:
    """`snitch evaluate` measures where a benchmark names the model: nobody could ever hand evidence in."""
    after = let_go(files)
    described = edit(after, MANIFEST, "within 30 days", "within 31 days")
    assert not judged(described, deployed=after, base=after, environment=VERIFY).findings


@pytest.mark.parametrize("what", ["the name in this change", "another record", "no record before"])
def test_a_head_does_not_free_itself_from_being_verified(files: Files, what: str) -> None:
    after = let_go(files)
    other = edit_json(after, EVALUATION, lambda record: record.update(date="2026-11-03T10:00:00Z"))
    candidate, base = {
        "the name in this change": (after, files),
        "another record": (other, after),
        "no record before": (after, without(after, EVALUATION)),
    }[what]
    [found] = judged(candidate, deployed=base, base=base, environment=VERIFY).findings
    assert (found.rule, found.outcome) == ("BEN007", "inconclusive")
    assert found.help == "churn-holdout does not name churn: remove the record, or have it name the model"


def test_an_approver_lets_a_record_be(files: Files) -> None:
    gate = gate_of(approvals=Approvals("ada", frozenset({"lead"})), approvers=("lead",))
    assert not judged(let_go(files), deployed=files, base=files, environment=VERIFY, gate=gate).findings

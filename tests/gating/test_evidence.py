"""The gate where numbers have to be reproduced: forged ones, and what a job came to that measured again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, edit, edit_json
from tests.repository import Repo
from tests.rules.reproduced import Files, entry, repository

POLICY = """\
extends: recommended
environments:
  development: {branches: ["*"]}
  production: {branches: [main], verify: true}
gate: {approvers: [platform-lead]}
rules: {unsafe-pickle: off, missing-object: off, missing-file: off, invalid-manifest: off}
"""


@pytest.fixture(scope="module")
def measured() -> Files:
    """A model with predictions that give what is recorded. The tables lie in Git itself, which is no matter here."""
    files = repository()
    rules = (
        "weights-outside-lfs: off, untracked-weights-pattern: off, suspicious-improvement: off, schema-mismatch: off"
    )
    policy = POLICY.replace("rules: {", f"rules: {{{rules}, ")
    return {**files, "snitch.yaml": policy}


class Said:
    """What the gate said: how it ended, and its findings by rule."""

    def __init__(self, ran: subprocess.CompletedProcess[str]) -> None:
        assert "Traceback" not in ran.stderr, ran.stderr
        self.code = ran.returncode
        self.report = json.loads(ran.stdout)
        self.findings = [(each["rule"], each["outcome"], each["message"]) for each in self.report["findings"]]


@pytest.fixture
def gated(tmp_path: Path, measured: Files, run_gate: Callable[..., Any]) -> Callable[..., Said]:
    """Judges a change of the record into main, with the evidence that a job would hand over."""
    repo = Repo(tmp_path / "repo")
    repo.commit({**measured, MANIFEST: str(measured[MANIFEST])})
    repo.switch("feature", create=True)

    def judge(files: Files, *entries: dict[str, Any], head: str | None = None, meanwhile: Files | None = None) -> Said:
        files = edit(files, MANIFEST, "within 30 days", "within 31 days")
        commit = repo.commit(files)
        if meanwhile:
            repo.switch("main")
            repo.commit(meanwhile)
        arguments = ["--target", "main", "--head", "feature", "--author", "eve", "--format", "json"]
        if entries:
            told = [{**each, "files": entry(files)["files"]} for each in entries]
            evidence = {
                "schema_version": 1,
                "snitch": "0.1.0",
                "head": head or commit,
                "isolation": ["files", "network"],
                "evaluations": told,
            }
            path = tmp_path / "evidence.json"
            path.write_text(json.dumps(evidence))
            arguments += ["--evidence", str(path)]
        return Said(run_gate(repo, *arguments))

    return judge


def of_ben007(said: Said) -> list[tuple[str, str]]:
    return [(outcome, message) for rule, outcome, message in said.findings if rule == "BEN007"]


def test_what_a_job_reproduced_passes(gated: Callable[..., Said], measured: Files) -> None:
    said = gated(measured, entry(measured))
    assert of_ben007(said) == []
    assert "the evaluations are reproduced from the weights" in said.report["notes"]


def test_without_a_job_nothing_passes(gated: Callable[..., Said], measured: Files) -> None:
    said = gated(measured)
    [(outcome, message)] = of_ben007(said)
    assert (said.code, outcome) == (3, "inconclusive")
    assert "production asks for it to be measured again" in message


def test_forged_metrics_are_caught_without_a_job(gated: Callable[..., Said], measured: Files) -> None:
    forged = edit_json(measured, EVALUATION, lambda record: record["metrics"][0].update(value=0.999))
    said = gated(forged)
    assert said.code == 1
    first = next(message for outcome, message in of_ben007(said) if outcome == "fail")
    assert first.startswith("roc_auc is recorded as 0.999; its predictions give ")


def test_forged_predictions_are_caught_by_the_job(gated: Callable[..., Said], measured: Files) -> None:
    """The record is what its predictions give. What the model itself gives is another thing."""
    worse = json.loads(json.dumps(entry(measured)["metrics"]))
    worse[0]["value"] = 0.61
    said = gated(measured, entry(measured, metrics=worse, differing=200))
    assert said.code == 1
    messages = [message for outcome, message in of_ben007(said) if outcome == "fail"]
    assert any("measured again it is 0.61" in message for message in messages)
    assert "200 predictions are not what the model gives" in messages


def test_evidence_of_another_commit_proves_nothing(gated: Callable[..., Said], measured: Files) -> None:
    said = gated(measured, entry(measured), head="4" * 40)
    [(outcome, message)] = of_ben007(said)
    assert (said.code, outcome) == (3, "inconclusive")
    assert "is of the commit 444444444444" in message


def test_evidence_of_a_model_that_the_merge_changes_proves_nothing(gated: Callable[..., Said], measured: Files) -> None:
    """The head was measured; what is merged has the target's code, too."""
    said = gated(measured, entry(measured), meanwhile={f"{FOLDER}/predict.py": "print(1)\n"})
    [(outcome, message)] = of_ben007(said)
    assert (said.code, outcome) == (3, "inconclusive")
    assert "is of other files of the model" in message


def test_what_the_target_does_elsewhere_is_no_matter(gated: Callable[..., Said], measured: Files) -> None:
    said = gated(measured, entry(measured), meanwhile={"README.md": "# All models\n"})
    assert of_ben007(said) == []


@pytest.mark.parametrize("name", ["evidence.txt", "none.json"])
def test_a_file_that_is_none_is_misuse(tmp_path: Path, run_gate: Callable[..., Any], name: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit(SPOTLESS)
    ran = run_gate(repo, "--target", "main", "--evidence", name)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--evidence takes a .json file" in ran.stderr or "cannot be read" in ran.stderr

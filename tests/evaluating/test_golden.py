"""A model's answers to its golden cases, as `evaluate` gets them and as the gate is told."""

from __future__ import annotations

import json
import os
from typing import Any

import msgspec
import pandas as pd
import pytest
from msgspec.structs import replace
from snitch.rules.golden_cases import GoldenCaseFailed

from snitch.evaluating.evidence import written_evidence
from snitch.evaluating.golden import Golden, golden
from snitch.evaluating.isolation import Isolation
from snitch.evaluating.model_process import Request
from snitch.formats.evidence import Evidence
from snitch.gate import EvidenceFile
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.source import File
from tests.evaluating.measured import Scene, subject_of, unmeasured, whole
from tests.gating.witnesses import gate_of
from tests.judging import FOLDER, MANIFEST, edit, findings
from tests.rules.reproduced import Files

CASES = f"{FOLDER}/cases.jsonl"
AGREED = [
    {"name": "long-standing", "input": {"plan": "pro"}, "expected": {"prediction": 0, "score": {"maximum": 0.3}}},
    {"name": "new", "input": {"plan": "basic"}, "expected": {"prediction": 1, "score": {"minimum": 0.85}}},
]


def with_cases(*cases: dict[str, Any]) -> Files:
    files = edit(unmeasured(whole()), MANIFEST, "decision_threshold:", "cases: cases.jsonl\ndecision_threshold:")
    return {**files, CASES: "".join(json.dumps(case) + "\n" for case in cases or AGREED)}


def answered(scene: Scene, files: Files, *scores: float) -> Golden:
    scene.said = lambda _: pd.DataFrame({"score": scores})
    subject = subject_of(files)
    found = golden(subject.model, [subject], lambda: scene.means, as_pinned=True)
    assert found is not None
    return found


def test_answered_as_agreed(scene: Scene) -> None:
    found = answered(scene, with_cases(), 0.2, 0.91)
    assert (found.failures, found.reason) == ((), "")
    assert found.evidence is not None
    assert found.evidence.answers == {
        "long-standing": {"prediction": "0", "score": 0.2},
        "new": {"prediction": "1", "score": 0.91},
    }
    [request] = scene.requests
    assert request.features.to_dict("list") == {"customer_id": ["long-standing", "new"], "plan": ["pro", "basic"]}
    assert (request.columns, request.positive) == (("plan",), "1")


def test_the_gate_takes_the_evidence(scene: Scene) -> None:
    """What is told of one model and its cases decides the rule, both ways."""
    files = with_cases()
    scene.isolation = Isolation({"network": "namespaces", "files": "landlock"})
    for scores, failing in (((0.2, 0.91), 0), ((0.2, 0.3), 2)):
        written = written_evidence(None, "3.11", [], [answered(scene, files, *scores)])
        told = msgspec.json.decode(written, type=Evidence)
        assert told.isolation == ("files", "network")
        file = File(Repository(MemorySnapshot({})), "evidence.json")
        gate = gate_of(evidence=(EvidenceFile(file, told),))
        assert len(findings(GoldenCaseFailed(), files, gate=gate)) == failing


def test_answered_otherwise(scene: Scene) -> None:
    found = answered(scene, with_cases(), 0.5, 0.91)
    assert [(each.case.name, each.output) for each in found.failures] == [
        ("long-standing", "prediction"),
        ("long-standing", "score"),
    ]


@pytest.mark.parametrize(
    ("cases", "scores", "reason"),
    [
        ([], (0.2,), "the model gave 1 answers to 2 golden cases"),
        ([{**AGREED[0], "input": {"age": 3}}], (0.2,), "has no `plan`, which the signature has for an input"),
        ([{**AGREED[0], "input": {"plan": "pro"}, "expected": {}}], (), f"{CASES}:1: "),
        (
            [AGREED[0], {**AGREED[1], "input": {"plan": 3}}],
            (0.2, 0.9),
            "`plan` is a number in `new`, and text before",
        ),
    ],
)
def test_what_decides_nothing(
    scene: Scene, cases: list[dict[str, Any]], scores: tuple[float, ...], reason: str
) -> None:
    found = answered(scene, with_cases(*cases), *scores)
    assert reason in found.reason


def test_another_version_of_a_library_decides_nothing(scene: Scene) -> None:
    files = edit(with_cases(), f"{FOLDER}/requirements.txt", "scikit-learn==1.9.0", "scikit-learn==1.9.1")
    found = answered(scene, files, 0.2, 0.91)
    assert found.reason == "pinned scikit-learn 1.9.1, here 1.9.0"
    assert found.evidence == replace(found.evidence, reason=found.reason, answers={}) if found.evidence else False


def test_a_model_without_any(scene: Scene) -> None:
    subject = subject_of(unmeasured(whole()))
    assert golden(subject.model, [subject], lambda: scene.means, as_pinned=True) is None


@pytest.mark.parametrize("named", ["cases.jsonl", "./cases.jsonl", "../churn/cases.jsonl"])
def test_what_is_agreed_is_not_shown_to_the_model(scene: Scene, named: str) -> None:
    command = "predict: [python, p.py, '{data}', '{out}']\ndecision_threshold:"
    files = {**edit(with_cases(), MANIFEST, "decision_threshold:", command), f"{FOLDER}/p.py": "…"}
    files = edit(files, MANIFEST, "cases: cases.jsonl", f"cases: {named}")
    seen: list[str] = []

    def said(request: Request) -> pd.DataFrame:
        assert request.folder is not None
        seen.extend(os.listdir(request.folder))
        return pd.DataFrame({"customer_id": ["long-standing", "new"], "prediction": [0, 1], "score": [0.2, 0.91]})

    scene.said, scene.has_ids = said, True
    subject = subject_of(files)
    golden(subject.model, [subject], lambda: scene.means, as_pinned=True)
    assert "p.py" in seen
    assert "cases.jsonl" not in seen


@pytest.mark.parametrize(
    ("outputs", "scores", "reason"),
    [
        ("{name: probability, type: double, minimum: 0, maximum: 1}", (0.2, 2.99), "outside of the signature's 0 to 1"),
        ("", (0.2, 2.99), "the threshold 0.42 is one of probabilities"),
        ("", (0.2, float("nan")), "no finite number"),
    ],
)
def test_scores_of_which_a_threshold_makes_nothing(
    scene: Scene, outputs: str, scores: tuple[float, ...], reason: str
) -> None:
    told = "outputs: [{name: probability, type: double, minimum: 0, maximum: 1}]"
    found = answered(scene, edit(with_cases(), MANIFEST, told, f"outputs: [{outputs}]"), *scores)
    assert reason in found.reason and found.failures == ()

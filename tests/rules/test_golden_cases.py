"""Cases that a model has to answer as agreed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace
from snitch.rules.golden_cases import GoldenCaseFailed

from snitch.finding import Undecidable
from snitch.formats.cases import Scalar
from snitch.formats.evidence import AnsweredCases, Evidence
from snitch.gate import Approvals, EvidenceFile
from snitch.model import Model
from snitch.model_files import answering_digest
from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.source import File, Source
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import FOLDER, MANIFEST, SPOTLESS, WEIGHTS, Files, edit, judgement, without
from tests.rules.measured import DEPLOYED

CASES = f"{FOLDER}/cases.jsonl"
HEAD = "4" * 40
RULE = GoldenCaseFailed()


def case(name: str, **expected: Any) -> str:
    return json.dumps({"name": name, "input": {"tenure_months": 90, "plan": "pro"}, "expected": expected}) + "\n"


TWO = case("loyal", prediction=0, score={"maximum": 0.3}) + case("new", prediction=1)
RIGHT: dict[str, dict[str, Scalar]] = {"loyal": {"prediction": 0, "score": 0.3}, "new": {"prediction": 1, "score": 0.9}}


def with_cases(files: Files, content: str = TWO) -> dict[str, bytes | str]:
    files = edit(files, MANIFEST, "decision_threshold", "cases: cases.jsonl\ndecision_threshold")
    return {**files, CASES: content}


FILES = with_cases(SPOTLESS)


def digest(content: bytes | str) -> str:
    return "sha256:" + sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def answered(answers: Any, files: Files = FILES, **more: Any) -> AnsweredCases:
    held = {"manifest": digest(files[MANIFEST]), "cases": digest(files[CASES]), **more}
    made_of = answering_digest(Model(Repository(MemorySnapshot(files)), FOLDER))
    return AnsweredCases(model="churn", weights={"model.skops": WEIGHTS}, files=made_of, answers=answers, **held)


def told(
    *entries: AnsweredCases,
    head: str | None = HEAD,
    path: str = "evidence.json",
    kept_from: tuple[str, ...] = ("files", "memory", "network"),
) -> EvidenceFile:
    evidence = Evidence(schema_version=1, snitch="0.1.0", head=head, isolation=kept_from, evaluations=(), cases=entries)
    return EvidenceFile(File(Source(MemorySnapshot({})), path), evidence)


def judged(*evidence: EvidenceFile, files: Files = FILES, deployed: Files | None = None) -> Judgement:
    return judgement(RULE, files, deployed, gate=gate_of(evidence=evidence), commit=HEAD)


def test_all_as_agreed() -> None:
    result = judged(told(answered(RIGHT)))
    assert not result.findings and not result.skipped and not result.notes


def test_a_case_that_is_answered_otherwise() -> None:
    wrong = {**RIGHT, "new": {"prediction": 0, "score": 0.9}}
    [found] = judged(told(answered(wrong))).findings
    assert found.message == "`new`: prediction is 0, expected 1"
    assert (found.rule, found.severity, found.outcome, found.role) == ("REG008", "error", "fail", "cases")
    assert (found.path, found.line, found.key) == (CASES, 2, "new: prediction")
    assert found.excerpt[found.column - 1 :] == "1}}"


def test_every_case_is_told_of() -> None:
    wrong = {"loyal": {"prediction": 1, "score": 0.31}}
    assert [found.message for found in judged(told(answered(wrong))).findings] == [
        "`loyal`: prediction is 1, expected 0",
        "`loyal`: score is 0.31, expected at most 0.3",
        "`new`: there is no answer",
    ]


def test_of_many_the_rest_is_counted() -> None:
    files = with_cases(SPOTLESS, "".join(case(f"c{number}", prediction=1) for number in range(150)))
    found = judged(told(answered({}, files)), files=files).findings
    assert len(found) == 101
    assert found[-1].message == "50 more answers to golden cases are not as expected"


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ((), "answers its golden cases"),
        ((told(),), "answers its golden cases"),
        (
            (told(answered(RIGHT), head="5" * 40),),
            "of the commit 555555555555, and 444444444444 is judged",
        ),
        ((told(answered(RIGHT, manifest=digest("x"))),), "evidence.json is of another manifest"),
        ((told(answered(RIGHT, cases=digest("x"))),), "evidence.json is of other cases"),
        ((told(replace(answered(RIGHT), files=digest("x"))),), "evidence.json is of other files of the model"),
        ((told(replace(answered(RIGHT), files=None)),), "evidence.json is of other files of the model"),
        (
            (
                told(
                    AnsweredCases(
                        model="churn", weights={"model.skops": digest("x")}, manifest=digest("x"), cases=digest("x")
                    )
                ),
            ),
            "other weights",
        ),
        ((told(answered({}, reason="the model was killed after 10 minutes")),), "killed after 10 minutes"),
        ((EvidenceFile(File(Source(MemorySnapshot({})), "e.json"), None, "is no JSON"),), "e.json: is no JSON"),
    ],
)
def test_without_evidence_nothing_is_decided(evidence: tuple[EvidenceFile, ...], reason: str) -> None:
    [found] = judged(*evidence).findings
    assert (found.rule, found.outcome, found.path) == ("SNT003", "inconclusive", CASES)
    assert reason in found.message
    assert "snitch evaluate churn --verify --evidence" in found.help


def test_what_does_not_fit_does_not_outweigh_what_does() -> None:
    stale = told(answered({}, cases=digest("x")), path="old.json")
    assert not judged(stale, told(answered(RIGHT))).findings
    wrong = told(answered({**RIGHT, "new": {"prediction": 0}}), path="other.json")
    assert [found.message for found in judged(told(answered(RIGHT)), wrong, wrong).findings] == [
        "`new`: prediction is 0, expected 1"
    ]
    assert not judged(told(answered(RIGHT), head=None)).findings


def test_a_model_that_could_read_the_cases_proves_nothing() -> None:
    """Answers that are right may be known by heart; those that are wrong are wrong all the same."""
    open_to_all = told(answered(RIGHT), kept_from=("memory", "network"))
    [found] = judged(open_to_all).findings
    assert (found.outcome, found.path) == ("inconclusive", CASES)
    assert "the job of evidence.json could not keep the model from files, and the cases are one" in found.message
    assert "Landlock" in found.help
    wrong = told(answered({**RIGHT, "new": {"prediction": 0}}), kept_from=())
    assert [found.outcome for found in judged(wrong).findings] == ["fail"]
    assert not judged(open_to_all, told(answered(RIGHT), path="other.json")).findings


def test_another_models_evidence() -> None:
    other = AnsweredCases(
        model="fraud",
        weights={"model.skops": WEIGHTS},
        manifest=digest(FILES[MANIFEST]),
        cases=digest(TWO),
        answers=RIGHT,
    )
    assert [found.outcome for found in judged(told(other)).findings] == ["inconclusive"]


LEAD = ("platform-lead",)
NEEDS = "that needs the approval of one of platform-lead, the author not counted"
THREE = TWO + case("third", prediction=1)


def eased(files: Files, deployed: Files, approvals: Approvals | Undecidable | None = None) -> Judgement:
    """What is said where the answers are right; `platform-lead` may approve, and nobody else."""
    evidence = (told(answered(RIGHT)),) if CASES in files else ()
    gate = gate_of(
        evidence=evidence, approvers=LEAD, approvals=approvals or Approvals("ada", frozenset({"bob", "ada"}))
    )
    return judgement(RULE, files, deployed, gate=gate, commit=HEAD)


def test_a_case_that_is_gone() -> None:
    [found] = eased(FILES, with_cases(DEPLOYED, THREE)).findings
    assert (found.rule, found.outcome, found.path) == ("REG008", "fail", CASES)
    assert found.message == f"golden cases of the deployed model are gone: third; {NEEDS}"
    assert found.help == "restore them, or ask one of platform-lead to approve the latest commit"


def test_cases_that_are_all_gone() -> None:
    many = "".join(case(f"case {number}", prediction=1) for number in range(8))
    judged = eased(SPOTLESS, with_cases(DEPLOYED, many))
    [found] = judged.findings
    assert (found.outcome, found.path, found.pointer) == ("fail", MANIFEST, "/name")
    assert f"gone: case 0, case 1, case 2, case 3, case 4 and 3 more; {NEEDS}" in found.message
    assert not judged.skipped


def test_a_case_that_is_another() -> None:
    [found] = eased(FILES, with_cases(DEPLOYED, TWO.replace('"maximum": 0.3', '"maximum": 0.2'))).findings
    assert found.message == f"golden cases of the deployed model are others now: loyal; {NEEDS}"


def test_a_case_that_asks_for_more_needs_nobody() -> None:
    deployed = with_cases(DEPLOYED, TWO.replace('"maximum": 0.3', '"maximum": 0.4'))
    assert not eased(FILES, deployed).findings
    assert not eased(FILES, with_cases(DEPLOYED, case("new", prediction=1))).findings


def test_an_approver_lifts_it_and_is_told() -> None:
    approved = Approvals("ada", frozenset({"Platform-Lead"}))
    judged = eased(FILES, with_cases(DEPLOYED, THREE), approved)
    assert not judged.findings
    assert judged.notes == ("golden cases of the deployed model are gone: third, which platform-lead approved",)
    judged = eased(SPOTLESS, with_cases(DEPLOYED, THREE), approved)
    assert not judged.findings
    assert judged.skipped[0].reason == "the manifest names no golden cases"


def test_the_author_does_not() -> None:
    [found] = eased(FILES, with_cases(DEPLOYED, THREE), Approvals("platform-lead", frozenset(LEAD))).findings
    assert found.outcome == "fail"


def test_approvals_that_nobody_knows_decide_nothing() -> None:
    [found] = eased(FILES, with_cases(DEPLOYED, THREE), Undecidable("no forge was asked", help="ask one")).findings
    assert (found.outcome, found.message.endswith("; no forge was asked")) == ("inconclusive", True)
    assert found.help == "restore them, or ask one"


def test_cases_whose_bytes_are_not_here_decide_nothing_unless_they_are_the_same() -> None:
    pointer = write_pointer(digest("cases"), 40)
    [found] = eased(FILES, with_cases(DEPLOYED, THREE) | {CASES: pointer}).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize(
    "deployed", [DEPLOYED, with_cases(DEPLOYED, "{"), {**with_cases(DEPLOYED), MANIFEST: "name: churn\n"}]
)
def test_what_is_deployed_may_have_none(deployed: Files) -> None:
    result = judged(told(answered(RIGHT)), deployed=deployed)
    assert not result.notes and not result.findings


def test_a_file_that_is_none() -> None:
    [found] = judged(files=with_cases(SPOTLESS, TWO + "{\n")).findings
    assert (found.rule, found.path, found.line) == ("SNT001", CASES, 3)


def test_a_file_that_is_not_there() -> None:
    [found] = judged(files=without(FILES, CASES)).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "cases.jsonl is not in the tree" in found.message

"""LFS005: files that the Git LFS server does not have."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from snitch.rules.weights_server import MissingObject

from snitch.finding import Finding, Undecidable
from snitch.pointer import Pointer, write_pointer
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import DATA, FOLDER, SPOTLESS, WEIGHTS, Files, findings, judgement

MODEL, TABLE = f"{FOLDER}/model.skops", "benchmarks/churn-holdout/data.parquet"
PREDICTIONS = f"{FOLDER}/evaluations/churn-holdout.parquet"
PREDICTED = "sha256:" + sha256(b"predictions").hexdigest()


class Having:
    """A server that has all but these; of some it cannot tell."""

    def __init__(self, *lacks: str, unsure: tuple[str, ...] = (), down: bool = False) -> None:
        self.lacks = lacks
        self.unsure = unsure
        self.down = down
        self.asked: list[tuple[Pointer, ...]] = []

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        asked = tuple(pointers)
        self.asked.append(asked)
        if self.down or any(pointer.digest in self.unsure for pointer in asked):
            raise Undecidable("the server cannot be asked: it is asleep", help="wake it")
        return frozenset(pointer.digest for pointer in asked if pointer.digest in self.lacks)


def judged(server: Having, files: Files = SPOTLESS, **more: Any) -> Judgement:
    return judgement(MissingObject(), files, gate=gate_of(weights_server=server), **more)


def told(server: Having, files: Files = SPOTLESS) -> list[Finding]:
    return list(judged(server, files).findings)


def test_all_is_well_where_the_server_has_everything() -> None:
    assert told(Having()) == []


def test_weights_that_it_lacks_are_told_at_their_digest() -> None:
    [finding] = told(Having(WEIGHTS))
    assert (finding.rule, finding.path, finding.severity, finding.outcome) == ("LFS005", MODEL, "error", "fail")
    assert (finding.line, finding.column, finding.length) == (2, 5, 71)
    assert finding.message == "the Git LFS server does not have this file (7 bytes)"
    assert f"git lfs push --object-id origin {WEIGHTS.removeprefix('sha256:')}" in finding.help
    assert (finding.role, finding.key) == ("weights", "model.skops")


def test_data_of_a_benchmark_that_it_lacks_is_told() -> None:
    [finding] = told(Having(DATA))
    assert (finding.path, finding.role) == (TABLE, "churn-holdout")


def test_predictions_that_it_lacks_are_told() -> None:
    [finding] = told(Having(PREDICTED), {**SPOTLESS, PREDICTIONS: write_pointer(PREDICTED, 11)})
    assert (finding.path, finding.role) == (PREDICTIONS, "predictions")


def test_each_file_is_a_finding_of_its_own() -> None:
    found = told(Having(WEIGHTS, DATA))
    assert [finding.path for finding in found] == [MODEL, TABLE]
    assert len({finding.fingerprint for finding in found}) == 2


def test_what_is_no_pointer_is_not_asked_about() -> None:
    server = Having(WEIGHTS)
    assert told(server, {**SPOTLESS, MODEL: b"real bytes"}) == []
    assert {pointer.digest for asked in server.asked for pointer in asked} == {DATA}


def test_all_files_are_asked_about_at_once() -> None:
    server = Having()
    told(server)
    assert {pointer.digest for pointer in server.asked[0]} == {WEIGHTS, DATA}


def test_a_server_that_cannot_be_asked_is_no_pass() -> None:
    [finding] = told(Having(down=True))
    assert (finding.rule, finding.outcome, finding.severity) == ("SNT003", "inconclusive", "error")
    assert finding.message == "cannot judge LFS005: the server cannot be asked: it is asleep"
    assert finding.help == "wake it"


def test_what_it_cannot_tell_of_one_does_not_hide_what_it_lacks() -> None:
    found = told(Having(WEIGHTS, unsure=(DATA,)))
    assert [(finding.rule, finding.outcome) for finding in found] == [("LFS005", "fail"), ("SNT003", "inconclusive")]


def test_nobody_but_the_gate_asks() -> None:
    judged = judgement(MissingObject(), SPOTLESS)
    assert (judged.findings, [each.reason for each in judged.skipped]) == ((), ["only the gate knows"])


def test_it_is_the_gates_and_off_in_the_lowest_environment() -> None:
    assert (MissingObject.stage, MissingObject.severity) == ("gate", (None, "error"))


def test_absent_weights_are_another_rules_finding_and_no_pass() -> None:
    files = {path: content for path, content in SPOTLESS.items() if path != MODEL}
    [finding] = findings(MissingObject(), files, gate=gate_of(weights_server=Having()))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")

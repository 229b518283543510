"""An evaluation that nobody has recomputed."""

from __future__ import annotations

from msgspec.structs import replace
from snitch.rules.reproduction import UnreproducibleEvaluation

from tests.judging import MANIFEST, PRODUCTION, SPOTLESS, judgement


def test_where_verification_is_asked_for_nothing_is_decided_without_it() -> None:
    [found] = judgement(UnreproducibleEvaluation(), SPOTLESS, environment=replace(PRODUCTION, verify=True)).findings
    assert (found.rule, found.outcome, found.path) == ("SNT003", "inconclusive", MANIFEST)
    assert "BEN007" in found.message


def test_elsewhere_the_report_says_what_the_numbers_are() -> None:
    judged = judgement(UnreproducibleEvaluation(), SPOTLESS)
    assert not judged.findings
    assert judged.notes == ("the evaluations are recorded, not reproduced",)

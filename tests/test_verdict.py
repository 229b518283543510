"""What findings come to: a verdict, an exit code, and counts in which each finding stands once."""

from __future__ import annotations

from typing import Any

import pytest

from snitch.finding import Finding, Outcome, Severity
from snitch.verdict import EXIT_CODES, Report, State, Verdict, verdict_of
from tests.judging import TODAY

INDEX = State("index", None)


def finding(severity: Severity, outcome: Outcome, waiver: str | None = None) -> Finding:
    return Finding(message="is odd", path="x", severity=severity, outcome=outcome, waiver=waiver)


FAILS, UNDECIDED = finding("error", "fail"), finding("error", "inconclusive")
WARNS, DOUBTS = finding("warning", "fail"), finding("warning", "inconclusive")
WAIVED = finding("error", "fail", "agreed")


def report(*findings: Finding, **more: Any) -> Report:
    return Report(
        snitch="0.1.0",
        environment="production",
        now=TODAY,
        candidate=INDEX,
        base=None,
        deployed=None,
        policy=INDEX,
        findings=findings,
        **more,
    )


@pytest.mark.parametrize(
    ("findings", "verdict", "code"),
    [
        ((), "passed", 0),
        ((WARNS, DOUBTS, WAIVED), "passed", 0),
        ((FAILS,), "blocked", 1),
        ((UNDECIDED,), "inconclusive", 3),
        ((UNDECIDED, FAILS), "blocked", 1),
        ((FAILS, UNDECIDED), "blocked", 1),
    ],
    ids=["nothing", "no error that counts", "fails", "undecided", "both", "both the other way round"],
)
def test_the_verdict(findings: tuple[Finding, ...], verdict: Verdict, code: int) -> None:
    assert verdict_of(findings) == report(*findings).verdict == verdict
    assert EXIT_CODES[verdict] == code


def test_each_finding_is_counted_once() -> None:
    counts = report(FAILS, FAILS, FAILS, UNDECIDED, UNDECIDED, WARNS, WARNS, WARNS, DOUBTS, WAIVED, rules=7).counts
    assert counts == {"models": 0, "rules": 7, "errors": 3, "warnings": 4, "inconclusive": 2, "waived": 1}


def test_nothing_is_counted_where_nothing_ran() -> None:
    assert set(report().counts.values()) == {0}

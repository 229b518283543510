"""Code Quality: what GitLab documents of it, and that no finding hides another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from snitch.finding import Finding
from snitch.report import render
from snitch.verdict import Report
from tests.golden import held_against
from tests.report.cases import CASES
from tests.report.reports import BLOCKED, CLEAN, NOTHING, OUTSIDE_LFS, REGRESSED, STALE, UNDECIDED
from tests.report.strategies import REPORTS

GOLDEN = Path(__file__).parent / "golden"

#: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format; one entry that breaks it hides all
#: that follow. A path is relative, and must not begin with `./`.
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16,}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": r"^\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def entries(report: Report) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(render(report, "gitlab"))
    jsonschema.validate(loaded, SCHEMA)
    return loaded


def told(*findings: Finding) -> list[dict[str, Any]]:
    return entries(replace(BLOCKED, findings=findings))


@pytest.mark.parametrize("name", ["everything", "hostile", "nothing"])
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    held_against(GOLDEN / f"{name}.gitlab.json", render(CASES[name][0], "gitlab"), request)


def test_a_finding() -> None:
    assert told(REGRESSED) == [
        {
            "description": REGRESSED.message,
            "check_name": "REG001 metric-regressed",
            "fingerprint": REGRESSED.fingerprint,
            "severity": "blocker",
            "location": {"path": REGRESSED.path, "lines": {"begin": 6}},
        }
    ]


@pytest.mark.parametrize(
    ("finding", "severity", "begins"),
    [
        (OUTSIDE_LFS, "blocker", "48,213 bytes"),
        (UNDECIDED, "critical", "inconclusive: cannot judge"),
        (STALE, "major", "training data ended"),
        (replace(STALE, blocks_next=False), "minor", "training data ended"),
        (replace(STALE, blocks_next=False, outcome="inconclusive"), "minor", "training data ended"),
    ],
)
def test_severities(finding: Finding, severity: str, begins: str) -> None:
    (entry,) = told(finding)
    assert entry["severity"] == severity
    assert entry["description"].startswith(begins)


@pytest.mark.parametrize("report", [CLEAN, NOTHING])
def test_what_is_waived_is_left_out(report: Report) -> None:
    assert render(report, "gitlab") == "[]\n"


def test_what_blocks_comes_first() -> None:
    assert [entry["severity"] for entry in told(STALE, UNDECIDED, OUTSIDE_LFS)] == ["blocker", "critical", "major"]


def test_equal_fingerprints_are_told_apart_and_the_first_keeps_its_own() -> None:
    same = [REGRESSED, REGRESSED, replace(REGRESSED, path="models/z.yaml"), REGRESSED]
    fingerprints = [entry["fingerprint"] for entry in told(*same)]
    assert len(set(fingerprints)) == 4
    assert fingerprints[0] == REGRESSED.fingerprint


def test_a_fingerprint_does_not_hang_on_the_line_nor_on_what_else_is_wrong() -> None:
    twin = replace(REGRESSED, path="models/z.yaml")
    alone = {entry["location"]["path"]: entry["fingerprint"] for entry in told(REGRESSED, twin)}
    moved = {
        entry["location"]["path"]: entry["fingerprint"]
        for entry in told(OUTSIDE_LFS, REGRESSED, replace(twin, line=60))
    }
    assert alone.items() <= moved.items()


def test_a_finding_of_the_repository_has_a_path() -> None:
    (entry,) = told(replace(UNDECIDED, path="."))
    assert entry["location"]["path"] == "."


@given(REPORTS)
@settings(max_examples=100, deadline=None)
def test_the_schema_holds_whatever_is_in_it(report: Report) -> None:
    text = render(report, "gitlab")
    assert text.isascii()
    assert "\\ud" not in text.replace("\\\\", "") or json.loads(text)
    found = entries(report)
    assert len({entry["fingerprint"] for entry in found}) == len(found)
    assert len(found) == sum(finding.waiver is None for finding in report.findings)
    text.encode("utf-8")
    json.dumps(found, ensure_ascii=False).encode("utf-8")

"""Annotations: which there are, in what order, how many, and that GitHub's runner reads no other command in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from snitch.finding import Finding
from snitch.report import render
from snitch.verdict import Report
from tests.golden import held_against
from tests.report.cases import CASES
from tests.report.reports import BLOCKED, CLEAN, EVERYTHING, NOTHING, OUTSIDE_LFS, REGRESSED, STALE, UNDECIDED
from tests.report.runners import Command, commands
from tests.report.strategies import REPORTS

GOLDEN = Path(__file__).parent / "golden"


def told(*findings: Finding) -> list[Command]:
    return commands(render(replace(BLOCKED, findings=findings), "github"))


@pytest.mark.parametrize("name", ["blocked", "everything", "clean", "nothing", "hostile"])
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    held_against(GOLDEN / f"{name}.github.txt", render(CASES[name][0], "github"), request)


def test_an_error_is_at_its_place() -> None:
    (command,) = told(replace(REGRESSED, notes=(), help="", message="100 %, all: of\nit"))
    place = {"file": REGRESSED.path, "line": "6", "endLine": "6", "col": "44", "endColumn": "48"}
    assert command == Command("error", {**place, "title": "REG001 metric-regressed"}, "100 %, all: of\\nit")


def test_notes_and_help_are_lines_of_their_own() -> None:
    (command,) = told(replace(REGRESSED, message="it fell", notes=("one", "two"), help="retrain"))
    assert command.data.splitlines() == ["it fell", "note: one", "note: two", "help: retrain"]


def test_a_file_as_a_whole_has_no_line() -> None:
    (command,) = told(OUTSIDE_LFS)
    assert command.properties == {"file": OUTSIDE_LFS.path, "title": "LFS001 weights-outside-lfs"}


@pytest.mark.parametrize(
    ("finding", "name", "title"),
    [
        (REGRESSED, "error", "REG001 metric-regressed"),
        (UNDECIDED, "error", "SNT003 undecidable (inconclusive)"),
        (STALE, "warning", "DAT001 stale-training-data"),
    ],
)
def test_what_an_annotation_is(finding: Finding, name: str, title: str) -> None:
    (command,) = told(finding)
    assert (command.name, command.properties["title"]) == (name, title)


def test_a_warning_that_will_block_says_so() -> None:
    (command,) = commands(render(replace(EVERYTHING, findings=(STALE,)), "github"))
    assert "note: will block the pull request: an error in staging" in command.data


def test_a_waived_finding_is_in_the_log_on_request_and_never_annotated() -> None:
    assert commands(render(CLEAN, "github", verbose=True)) == []
    assert "waived[REG001]" in render(CLEAN, "github", verbose=True)
    assert "REG001" not in render(CLEAN, "github")


def test_a_run_without_findings_says_so_in_the_log() -> None:
    assert render(NOTHING, "github") == "passed: 0 models judged: nothing that Snitch judges has changed\n"
    assert render(NOTHING, "github", quiet=True) == ""


def test_ten_of_each_kind_are_annotated_and_the_rest_is_counted_and_logged() -> None:
    errors = [replace(OUTSIDE_LFS, path=f"m{n:02}.onnx") for n in range(12)]
    warnings = [replace(STALE, path=f"w{n:02}.yaml") for n in range(11)]
    undecided = replace(UNDECIDED, path="a")
    text = render(replace(BLOCKED, findings=(undecided, *warnings, *errors)), "github")
    *annotations, notice = commands(text)
    assert [each.properties["file"] for each in annotations[:10]] == [f"m{n:02}.onnx" for n in range(10)]
    assert [each.properties["file"] for each in annotations[10:]] == [f"w{n:02}.yaml" for n in range(10)]
    assert notice == Command(
        "notice", {"title": "Snitch"}, "3 errors and 1 warning more: the log of this step has them all"
    )
    assert "\nm11.onnx:1:1: error[LFS001]" in text
    assert "\na:1:1: inconclusive[SNT003]" in text
    assert "\nw10.yaml:18:51: warning[DAT001]" in text


def test_one_kind_alone_is_counted_alone() -> None:
    *_, notice = told(*(replace(OUTSIDE_LFS, path=f"m{n}") for n in range(11)))
    assert notice.data.startswith("1 error more:")


@given(REPORTS)
@settings(max_examples=100, deadline=None)
def test_there_are_no_commands_but_its_own(report: Report) -> None:
    live = [each for each in report.findings if each.waiver is None]
    found = commands(render(report, "github", verbose=True))
    assert sorted(each.name for each in found) == sorted(each.severity for each in live)
    for command in found:
        assert set(command.properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}

"""JUnit: what Jenkins, GitLab and Azure read of it, and that every character of it can stand in XML."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from snitch.finding import Finding
from snitch.report import render
from snitch.verdict import Report, Skipped
from tests.golden import held_against
from tests.report.cases import CASES
from tests.report.reports import (
    BLOCKED,
    CLEAN,
    EVERYTHING,
    NOTHING,
    OUTSIDE_LFS,
    PASSED,
    REGRESSED,
    STALE,
    UNDECIDED,
    UNNAMED,
    WAIVED,
)
from tests.report.strategies import REPORTS

GOLDEN = Path(__file__).parent / "golden"

#: Of each element what may stand in it, and its attributes: those it must have, those it may have. As Jenkins' schema
#: has it (junit-10.xsd of its xUnit plugin), whose subset is what GitLab and Azure document.
SHAPES: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "tests", "failures", "errors", "time"}),
    "testsuite": (
        {"properties", "testcase"},
        {"name", "tests", "failures", "errors"},
        {"skipped", "time", "timestamp", "id", "package"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "testcase": ({"skipped", "error", "failure", "system-out"}, {"name"}, {"classname", "time"}),
    "failure": (set(), set(), {"message", "type"}),
    "error": (set(), set(), {"message", "type"}),
    "skipped": (set(), set(), {"message", "type"}),
    "system-out": (set(), set(), set()),
}


def suites(report: Report, *, verbose: bool = False) -> dict[str, Element]:
    """The suites by name, once the document has the shape that it must have."""
    root = ElementTree.fromstring(render(report, "junit", verbose=verbose))
    assert root.tag == "testsuites"
    _check(root)
    every = list(root.iter("testcase"))
    assert root.get("tests") == str(len(every))
    assert len({(case.get("classname"), case.get("name")) for case in every}) == len(every)
    for suite in root:
        _check_counts(suite)
    _check_counts(root)
    assert len({suite.get("name") for suite in root}) == len(root)
    return {suite.get("name") or "": suite for suite in root}


def _check(element: Element) -> None:
    children, required, optional = SHAPES[element.tag]
    assert required <= set(element.keys()) <= required | optional
    assert {child.tag for child in element} <= children
    if element.tag == "testcase":
        assert len(element) <= 1
    if children:
        assert not (element.text or "").strip()
    for child in element:
        assert not (child.tail or "").strip()
        _check(child)


def _check_counts(element: Element) -> None:
    counted = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for attribute, tag in counted.items():
        assert element.get(attribute, str(len(list(element.iter(tag))))) == str(len(list(element.iter(tag))))


def outcomes(suite: Element) -> dict[str, str]:
    return {case.get("name") or "": case[0].tag if len(case) else "passed" for case in suite.iter("testcase")}


def told(*findings: Finding) -> dict[str, Element]:
    return suites(replace(PASSED, findings=findings))


@pytest.mark.parametrize("name", ["blocked", "everything", "clean", "nothing", "hostile"])
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    held_against(GOLDEN / f"{name}.junit.xml", render(CASES[name][0], "junit"), request)


def test_a_suite_for_each_model_and_one_for_the_repository() -> None:
    assert list(suites(EVERYTHING)) == ["churn", "fraud", "(repository)"]
    assert outcomes(suites(EVERYTHING)["(repository)"]) == {"MET001 missing-manifest": "failure"}


@pytest.mark.parametrize(
    ("finding", "name", "outcome"),
    [
        (REGRESSED, "REG001 metric-regressed", "failure"),
        (replace(UNDECIDED, model="churn"), "SNT003 undecidable", "error"),
        (STALE, "DAT001 stale-training-data", "system-out"),
        (WAIVED, "REG001 metric-regressed", "skipped"),
    ],
)
def test_what_a_finding_is(finding: Finding, name: str, outcome: str) -> None:
    found = outcomes(told(finding)["churn"])
    assert found[name] == outcome
    assert (found.get("passes") == "passed") == (outcome in ("system-out", "skipped"))


@pytest.mark.parametrize("report", [PASSED, NOTHING])
def test_where_nothing_is_wrong_a_case_passes(report: Report) -> None:
    for suite in suites(report).values():
        assert outcomes(suite) == {"passes": "passed"}


def test_a_failure_says_what_is_wrong_where_and_what_to_do() -> None:
    failure = told(REGRESSED)["churn"].find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == REGRESSED.message
    lines = (failure.text or "").splitlines()
    assert lines[0] == f"error[REG001] metric-regressed: {REGRESSED.message}"
    assert lines[1] == f"  --> {REGRESSED.path}:6:44"
    assert lines[4].startswith("  ::: main@3f2c1ab")
    assert lines[-1].startswith("   = help: retrain")


def test_findings_of_one_rule_are_one_case() -> None:
    twin = replace(REGRESSED, line=7, message="recall fell")
    (case,) = told(REGRESSED, twin, WAIVED)["churn"].iter("testcase")
    assert case[0].tag == "failure"
    assert case[0].get("message") == f"{REGRESSED.message} (and 1 more)"
    text = case[0].text or ""
    assert text.count("error[REG001]") == 2
    assert "waived[REG001]" in text


def test_what_blocks_outranks_what_is_undecided() -> None:
    undecided = replace(REGRESSED, outcome="inconclusive")
    (case,) = told(undecided, REGRESSED)["churn"].iter("testcase")
    assert case[0].tag == "failure"


def test_of_ten_thousand_findings_a_hundred_are_shown() -> None:
    (case,) = told(*(replace(REGRESSED, line=n) for n in range(10_000)))["churn"].iter("testcase")
    text = case[0].text or ""
    assert text.count("error[REG001]") == 100
    assert text.endswith("and 9900 findings more")
    assert (case[0].get("message") or "").endswith("(and 9999 more)")


def test_a_waived_finding_says_why() -> None:
    skipped = told(WAIVED)["churn"].find("testcase/skipped")
    assert skipped is not None
    assert skipped.get("message") == WAIVED.waiver


def test_a_rule_that_did_not_apply_is_told_on_request() -> None:
    assert "REG004" not in outcomes(suites(EVERYTHING)["fraud"])
    found = suites(EVERYTHING, verbose=True)
    assert outcomes(found["fraud"])["REG004"] == "skipped"
    skipped = found["churn"].find("testcase[@name='DEP001']/skipped")
    assert skipped is not None
    assert (skipped.get("message"), skipped.text) == ("the policy disallows no package",) * 2


def test_a_rule_that_did_not_apply_twice_is_told_once() -> None:
    report = replace(PASSED, skipped=(Skipped("REG004", None, "one"), Skipped("REG004", None, "two")))
    assert outcomes(suites(report, verbose=True)["(repository)"]) == {"passes": "passed", "REG004": "skipped"}


def test_a_finding_of_a_model_that_was_not_judged_has_a_suite() -> None:
    assert list(told(replace(UNNAMED, model="gone"))) == ["churn", "gone", "(repository)"]


def test_models_of_one_name_share_a_suite() -> None:
    report = replace(PASSED, models=(PASSED.models[0], replace(PASSED.models[0], path="models/other")))
    assert list(suites(report)) == ["churn", "(repository)"]


def test_a_suite_says_what_was_judged() -> None:
    properties = {each.get("name"): each.get("value") for each in suites(CLEAN)["churn"].iter("property")}
    assert properties == {
        "version": "1.4.0",
        "path": "models/churn",
        "change": "modified",
        "environment": "production",
    }


def test_nothing_is_attached() -> None:
    attack = "[[ATTACHMENT|/etc/passwd]] [[attachment|x]]"
    finding = replace(STALE, message=attack, excerpt=attack, column=1, help=attack, notes=(attack,))
    text = render(replace(BLOCKED, findings=(finding, replace(finding, severity="error"))), "junit")
    assert "[[" not in text
    assert "[ [ATTACHMENT|/etc/passwd]]" in text


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x1b", "\x0b", "\ud800", "\udcff", "\ufffe", "\uffff", "\x85"])
def test_what_xml_cannot_hold_is_made_visible(character: str) -> None:
    failure = told(replace(OUTSIDE_LFS, message=f"a{character}b"))["churn"].find("testcase/failure")
    assert failure is not None
    assert (failure.get("message") or "").startswith("a\\")


def test_markup_stays_text() -> None:
    attack = "</failure><testcase name='x'/>&amp;<![CDATA[ ]]> \"'"
    failure = told(replace(OUTSIDE_LFS, message=attack))["churn"].find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == attack
    assert attack in (failure.text or "")


@given(REPORTS)
@settings(max_examples=100, deadline=None)
def test_it_is_xml_of_that_shape_whatever_is_in_it(report: Report) -> None:
    text = render(report, "junit", verbose=True)
    assert text.isascii()
    found = suites(report, verbose=True)
    blocked = [tag for suite in found.values() for tag in outcomes(suite).values() if tag in ("failure", "error")]
    assert bool(blocked) == any(finding.blocks for finding in report.findings)

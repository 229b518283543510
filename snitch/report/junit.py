"""The report as JUnit's XML, for the test tabs of Jenkins, GitLab and Azure.

A suite is a model, and one is the repository; a case is a rule that has something to tell. What blocks has failed, what
is inconclusive is an error, what only warns has passed with an output, what is waived is skipped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.escape import for_xml, shown_for_xml
from snitch.report.look import LONGEST, Look
from snitch.report.text import finding_lines
from snitch.report.wording import counted, heading, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snitch.finding import Finding
    from snitch.verdict import JudgedModel, Report

#: More findings than anybody reads in one case.
MOST = 100

_REPOSITORY = "(repository)"
_FRAME = Look(width=120)
_KINDS = {"error": "failure", "inconclusive": "error", "warning": "system-out", "waived": "skipped"}


class Case(Struct, frozen=True):
    """A case: `kind` is the name of the element that tells its outcome, `None` where there is nothing to tell."""

    name: str
    kind: str | None = None
    message: str = ""
    lines: tuple[str, ...] = ()


def render(report: Report, look: Look) -> str:
    """One document. The rules that did not apply are told with `look.verbose`, as skipped."""
    suites = _suites(report, look)
    every = [case for _, _, cases in suites for case in cases]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {_attributes(name='Snitch', **_counts(every))}>"]
    for name, properties, cases in suites:
        lines += _suite(name, properties, cases)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suites(report: Report, look: Look) -> list[tuple[str, dict[str, str], list[Case]]]:
    """Each suite's name, properties and cases: the models in their order, then the repository."""
    cases: dict[str, list[Case]] = {_shown(model.name): [] for model in report.models}
    told: dict[tuple[str, str], list[Finding]] = {}
    for finding in in_order(report.findings):
        told.setdefault((_suite_name(finding.model), _case_name(finding)), []).append(finding)
    for (suite, name), findings in told.items():
        cases.setdefault(suite, []).append(_case(name, findings, report))
    for skipped in report.skipped if look.verbose else ():
        suite, name = _suite_name(skipped.model), _shown(skipped.rule)
        cases.setdefault(suite, []).append(Case(name, "skipped", _shown(skipped.reason)))
    cases[_REPOSITORY] = cases.pop(_REPOSITORY, [])
    properties = {_shown(model.name): _properties(model, report) for model in reversed(report.models)}
    return [(suite, properties.get(suite, {}), _completed(own)) for suite, own in cases.items()]


def _completed(cases: list[Case]) -> list[Case]:
    """With the case that passes where nothing is wrong, so that it is seen to have been judged; each name once."""
    wrong = any(case.kind in ("failure", "error") for case in cases)
    unique = {case.name: case for case in reversed(cases)}
    return [*([] if wrong else [Case("passes")]), *reversed(unique.values())]


def _case(name: str, findings: list[Finding], report: Report) -> Case:
    """What a rule tells of a model; its first finding is the most important one."""
    first = findings[0]
    same = [finding for finding in findings if _KINDS[heading(finding)] == _KINDS[heading(first)]]
    more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
    message = first.message if first.waiver is None else first.waiver
    lines = [line for finding in findings[:MOST] for line in (*finding_lines(finding, report, _FRAME), "")]
    if len(findings) > MOST:
        lines.append(f"and {counted(len(findings) - MOST, 'finding')} more")
    return Case(name, _KINDS[heading(first)], f"{_shown(message)}{more}", tuple(map(_source, lines)))


def _properties(model: JudgedModel, report: Report) -> dict[str, str]:
    told = {"version": model.version, "path": model.path, "change": model.change, "environment": report.environment}
    return {key: _shown(value) for key, value in told.items()}


def _suite(name: str, properties: dict[str, str], cases: list[Case]) -> Iterator[str]:
    yield f"  <testsuite {_attributes(name=name, **_counts(cases), skipped=_count(cases, 'skipped'))}>"
    if properties:
        yield "    <properties>"
        yield from (f"      <property {_attributes(name=key, value=properties[key])}/>" for key in properties)
        yield "    </properties>"
    for case in cases:
        yield from _element(case, f"snitch.{name}")
    yield "  </testsuite>"


def _element(case: Case, classname: str) -> Iterator[str]:
    head = f"    <testcase {_attributes(classname=classname, name=case.name)}"
    if case.kind is None:
        yield f"{head}/>"
        return
    attributes = "" if case.kind == "system-out" else f" {_attributes(message=case.message)}"
    yield f"{head}>"
    yield f"      <{case.kind}{attributes}>" + "\n".join(case.lines or (case.message,)).rstrip() + f"</{case.kind}>"
    yield "    </testcase>"


def _attributes(**attributes: str) -> str:
    """What is shown already, as attributes of an element."""
    return " ".join(f'{name}="{value}"' for name, value in attributes.items())


def _counts(cases: Iterable[Case]) -> dict[str, str]:
    cases = list(cases)
    return {"tests": str(len(cases)), "failures": _count(cases, "failure"), "errors": _count(cases, "error")}


def _count(cases: list[Case], kind: str) -> str:
    return str(sum(case.kind == kind for case in cases))


def _suite_name(model: str | None) -> str:
    return _REPOSITORY if model is None else _shown(model)


def _case_name(finding: Finding) -> str:
    return _shown(f"{finding.rule} {finding.name}")


def _shown(text: str) -> str:
    """A text that others wrote, for XML and not endless."""
    return for_xml(_attaches_nothing(text if len(text) <= LONGEST else text[:LONGEST] + "…"))


def _source(line: str) -> str:
    """A line of the text report, for XML."""
    return shown_for_xml(_attaches_nothing(line))


def _attaches_nothing(text: str) -> str:
    """Jenkins, GitLab and Azure would fetch the file of `[[ATTACHMENT|/etc/passwd]]`."""
    return re.sub(r"(?i)\[\[(?=ATTACHMENT)", "[ [", text)

"""A result file is read back as the report it was, or refused: it may come from anybody."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from math import inf, isfinite, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from snitch.report import FORMATS, render
from snitch.report.reading import MAX_RESULT_BYTES, InvalidResult, report_of
from snitch.verdict import Report
from tests.report.reports import BLOCKED, CLEAN, EVERYTHING, GATED, GREEN, NOTHING, PASSED, REGRESSED, WORSE
from tests.report.strategies import REPORTS

GOLDEN = Path(__file__).parents[1] / "cli" / "golden"
SHAS = st.sampled_from([None, "a" * 40, "0" * 64])


def written(report: Report) -> bytes:
    return render(report, "json").encode()


def data(report: Report = GATED) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(written(report))
    return loaded


def without_excerpts(report: Report) -> Report:
    """The report as far as its result tells of it."""
    findings = []
    for each in report.findings:
        side = each.deployed
        if side is not None:
            at_deployed = report.deployed is not None and report.deployed.commit == side.commit
            ref = report.deployed.ref if at_deployed and report.deployed else side.commit or "deployed"
            side = replace(side, ref=ref, column=1, length=1, excerpt="", label="")
        findings.append(replace(each, excerpt="", label="", deployed=side))
    return replace(report, findings=tuple(findings))


@pytest.mark.parametrize("report", [BLOCKED, CLEAN, EVERYTHING, GATED, GREEN, NOTHING, replace(PASSED, base=None)])
@pytest.mark.parametrize("format", FORMATS)
def test_it_renders_as_the_report_that_was_written(report: Report, format: str) -> None:
    read = report_of(written(report))
    assert render(read, format, verbose=True) == render(without_excerpts(report), format, verbose=True)


def _with_shas(report: Report, shas: tuple[str | None, ...]) -> Report:
    first, second, third, fourth, tree = shas
    findings = [
        each if each.deployed is None else replace(each, deployed=replace(each.deployed, commit=second))
        for each in report.findings
    ]
    return replace(
        report,
        candidate=replace(report.candidate, commit=first, path=None, tree=tree),
        base=None if report.base is None else replace(report.base, commit=fourth, path=None),
        deployed=None if report.deployed is None else replace(report.deployed, commit=third, path=None),
        policy=replace(report.policy, commit=first, tree=None),
        findings=tuple(findings),
    )


def _is_json(value: object) -> bool:
    """Whether a slice can have this value: a record in JSON has no infinite ones."""
    return not isinstance(value, float) or isfinite(value)


@given(st.builds(_with_shas, REPORTS, st.tuples(SHAS, SHAS, SHAS, SHAS, SHAS)))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_in_it(report: Report) -> None:
    # JSON joins two halves that stand side by side; no name that is not UTF-8 has such.
    assume(not re.search(r"\\ud[89ab]..\\ud[c-f]..", ascii(report)))
    assume(all(_is_json(value) for each in report.comparisons for value in (each.slice or {}).values()))
    read = report_of(written(report))
    assert written(read) == written(report)
    assert render(read, "markdown", verbose=True) == render(without_excerpts(report), "markdown", verbose=True)


@pytest.mark.parametrize("ends", [(0.0, inf), (nan, nan), (-inf, inf)])
def test_an_interval_without_an_end_is_none(ends: tuple[float, float]) -> None:
    [compared, *others] = GATED.comparisons
    report = replace(GATED, comparisons=(replace(compared, interval=ends), *others))
    assert render(report_of(written(report)), "markdown") == render(without_excerpts(report), "markdown")


@pytest.mark.parametrize("name", ["blocked", "clean", "inconclusive"])
def test_what_the_command_writes(name: str) -> None:
    content = re.sub(rb"[0-9a-f]{40}", b"a" * 40, (GOLDEN / f"{name}.json").read_bytes())
    assert written(report_of(content)) == content


def test_keys_of_a_newer_snitch_are_passed_over() -> None:
    newer = {**data(), "more": {"of": ["it"]}}
    newer["findings"][0]["more"] = 1
    assert written(report_of(json.dumps(newer).encode())) == written(GATED)


def test_a_name_that_is_not_utf_8() -> None:
    report = replace(BLOCKED, findings=(replace(REGRESSED, path="caf\udce9"),))
    assert report_of(written(report)).findings[0].path == "caf\udce9"


def test_what_was_not_finite_is_unknown() -> None:
    report = replace(BLOCKED, comparisons=(replace(WORSE, candidate=math.nan, interval=(-math.inf, 0.0)),))
    (comparison,) = report_of(written(report)).comparisons
    assert comparison.candidate is None
    assert comparison.interval is not None
    assert math.isnan(comparison.interval[0])


def refused(content: bytes) -> str:
    with pytest.raises(InvalidResult) as refusal:
        report_of(content)
    assert refusal.value.__cause__ is None
    return str(refusal.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not valid JSON"),
        (b"\xff{}", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b"[]", "object"),
        (b"{}", "version"),
        (b"null", "object"),
        (b'{"version": 1, "version": 1}', "it is not valid: duplicate key `version`"),
        (b'{"version": 2}', "reads version 1"),
        (b'{"version": true}', "got `bool`"),
        (b"[" * 100_000, "deeper"),
        (b'{"a":' * 100_000, "deeper"),
        (b"[]" * 1_100_000, "too large"),
        (b"0," * 3_000_000, "too large"),
        (b" " * (MAX_RESULT_BYTES + 1), "the limit is"),
        (b"{'version': 1}", "not valid JSON"),
        (b'{"version": 1e999}', "not finite"),
        (b'{"version": NaN}', "not finite"),
        (b'{"version": 1, "x": ' + b"9" * 5_000 + b"}", "not valid JSON"),
        (b'{"version": 1, "x": ' + b"9" * 400 + b"}", "not finite"),
    ],
    ids=range(19),
)
def test_what_is_no_result(content: bytes, said: str) -> None:
    assert said in refused(content)


Edit = Callable[[dict[str, Any]], object]
LIES: dict[str, tuple[Edit, str]] = {
    "another verdict": (lambda it: it.update(verdict="passed"), "it says `passed`, and its findings say `blocked`"),
    "a verdict that is none": (lambda it: it.update(verdict="great"), "verdict"),
    "findings taken out": (lambda it: it.update(findings=[]), "its findings say `passed`"),
    "a finding that only warns": (lambda it: it["findings"].pop(), "summary"),
    "fewer errors counted": (lambda it: it["summary"].update(errors=0), "summary"),
    "more models counted": (lambda it: it["summary"].update(models=9), "summary"),
    "rules below none": (lambda it: it["summary"].update(rules=-1), "rules"),
    "a short commit": (lambda it: it["candidate"].update(commit="3f2c1ab"), "full hexadecimal id"),
    "a branch for a commit": (lambda it: it["base"].update(commit="main"), "full hexadecimal id"),
    "capital letters": (lambda it: it["deployed"].update(commit="A" * 40), "full hexadecimal id"),
    "a line's end in a commit": (lambda it: it["policy"].update(commit="a" * 40 + "\n"), "full hexadecimal id"),
    "a tree that is none": (lambda it: it["candidate"].update(tree="d" * 39), "full hexadecimal id"),
    "a side's commit": (lambda it: _deployed(it).update(commit="x"), "full hexadecimal id"),
    "a side's line": (lambda it: _deployed(it).update(line=0), "line"),
    "a line before the first": (lambda it: it["findings"][0].update(line=0), "line"),
    "a column beyond all": (lambda it: it["findings"][0].update(column=2**40), "column"),
    "a length below none": (lambda it: it["findings"][0].update(length=-1), "length"),
    "a severity of its own": (lambda it: it["findings"][0].update(severity="info"), "severity"),
    "a text for a number": (lambda it: it["comparisons"][0].update(deployed="0.9"), "deployed"),
    "a number for a text": (lambda it: it["findings"][0].update(message=1), "message"),
    "a waiver without an owner": (lambda it: it["waivers"][0].update(owner=""), "waiver"),
    "a waiver of no version": (lambda it: it["waivers"][0].update(version="latest"), "waiver"),
    "a day that is none": (lambda it: it.update(now="2026-02-30"), "date"),
    "a point without a version": (lambda it: it["history"][0]["points"][0].pop("version"), "version"),
    "no summary": (lambda it: it.pop("summary"), "summary"),
}


def _deployed(result: dict[str, Any]) -> dict[str, Any]:
    side: dict[str, Any] = next(each["deployed"] for each in result["findings"] if each["deployed"])
    return side


@pytest.mark.parametrize("name", LIES)
def test_what_contradicts_itself(name: str) -> None:
    edit, said = LIES[name]
    result = data()
    edit(result)
    assert said in refused(json.dumps(result).encode())


@pytest.mark.parametrize("key", ["notes", "findings", "models", "skipped", "history"])
def test_a_list_without_end(key: str) -> None:
    assert "has 300,000 entries; the limit is 250,000" in refused(json.dumps({**data(), key: ["x"] * 300_000}).encode())


class Visited(tuple[Any, ...]):
    """A tuple that counts how often it is gone through, of all that are such."""

    times = 0

    def __iter__(self) -> Iterator[Any]:
        Visited.times += 1
        return super().__iter__()


def _visits(report: Report, format: str) -> int:
    Visited.times = 0
    fields = {name: getattr(report, name) for name in LISTS}
    render(replace(report, **{name: Visited(value) for name, value in fields.items()}), format, verbose=True)
    return Visited.times


LISTS = ("models", "findings", "comparisons", "skipped", "waivers", "due", "notes", "history")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("format", FORMATS)
def test_no_list_is_gone_through_for_each_entry_of_another(name: str, format: str) -> None:
    few, many = (replace(FULL, **{name: _several(name, count)}) for count in (10, 30))
    assert _visits(few, format) == _visits(many, format)


FULL = replace(EVERYTHING, history=GATED.history)


def _several(name: str, count: int) -> tuple[Any, ...]:
    first = getattr(FULL, name)[0]
    key = {"skipped": "model", "models": "name", "waivers": "reason", "due": "message"}.get(name, "model")
    return tuple(f"note {i}" if name == "notes" else replace(first, **{key: f"a{i}"}) for i in range(count))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_other_value_anywhere_is_read_or_refused(draw: st.DataObject) -> None:
    result: Any = data()
    place, steps = result, draw.draw(st.integers(1, 4))
    for step in range(steps):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            break
        key = draw.draw(st.sampled_from(keys))
        if step == steps - 1 or not isinstance(place[key], (dict, list)):
            place[key] = draw.draw(JSON)
            break
        place = place[key]
    try:
        report = report_of(json.dumps(result).encode())
    except InvalidResult:
        return
    for format in FORMATS:
        render(report, format, verbose=True)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    refused(content)

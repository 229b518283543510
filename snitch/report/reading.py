"""The way back from a result's JSON to a report, for a result that a job made which anybody can steer.

All of it is hostile: it is bounded before it is parsed, and refused where it contradicts itself. What it claims may
still be a lie, but it is one that can be shown: a report like any other, whose texts every format escapes.
"""

from __future__ import annotations

import re
from math import nan
from sys import float_info
from typing import TYPE_CHECKING

import msgspec

from snitch.documents import Unreadable
from snitch.documents.json_text import read_json
from snitch.finding import Comparison, Due, Finding, Side
from snitch.report.result import CandidateCommit, PolicyFile, Result, result_of
from snitch.verdict import Measured, MetricHistory, Report, State
from snitch.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.report.result import Commit, ComparisonResult, DeployedPlace, FindingResult, HistoryResult, WaiverResult

#: A result of ten thousand findings has some ten million bytes.
MAX_RESULT_BYTES = 20 * 1024 * 1024
MAX_RESULT_VALUES = 1_000_000
#: In any one list of it: whatever has more entries than this was not written by a run.
MAX_RESULT_ENTRIES = 250_000
#: No line, no column, no count is beyond this.
_FURTHEST = 2**31
_LARGEST = float_info.max
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class InvalidResult(Exception):
    """A file is no result that Snitch wrote: what is wrong with it."""


def report_of(content: bytes) -> Report:
    """The report whose `--format json` this is, without the excerpts of the source, which are not in it.

    Raises:
        InvalidResult: it is too large, no JSON, not of the contract's shape, or it contradicts itself.
    """
    result = _decoded(content)
    report = _report(result)
    _require_consistent(result, report)
    return report


def _decoded(content: bytes) -> Result:
    if len(content) > MAX_RESULT_BYTES:
        raise InvalidResult(f"it is {len(content):,} bytes; the limit is {MAX_RESULT_BYTES:,}")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidResult("it is not UTF-8 text") from None
    if text.count("[") + text.count("{") > MAX_RESULT_VALUES:
        raise InvalidResult(f"it is too large: the limit is {MAX_RESULT_VALUES:,} values")
    try:
        data = read_json("", text, most=MAX_RESULT_VALUES, half_characters=True)
    except Unreadable as error:
        raise InvalidResult("; ".join(f"it {problem.as_predicate}" for problem in error.problems)) from None
    _require_bounded(data)
    if isinstance(data, dict) and data.get("version") != 1:
        raise InvalidResult("it says of no version that is known here; this Snitch reads version 1")
    try:
        return msgspec.convert(data, Result)
    except msgspec.ValidationError as error:
        raise InvalidResult(f"{error}") from None


def _require_bounded(data: object) -> None:
    """Only what is finite as a float is a number, and no list is endless."""
    left = [data]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            if len(value) > MAX_RESULT_ENTRIES:
                raise InvalidResult(f"a list in it has {len(value):,} entries; the limit is {MAX_RESULT_ENTRIES:,}")
            left += value
        elif isinstance(value, (int, float)) and not -_LARGEST <= value <= _LARGEST:
            raise InvalidResult("a number in it is not finite")


def _report(result: Result) -> Report:
    deployed = _state(result.deployed)
    return Report(
        snitch=result.snitch,
        environment=result.environment,
        now=result.now,
        candidate=State(result.candidate.ref, result.candidate.commit, tree=result.candidate.tree),
        base=_state(result.base),
        deployed=deployed,
        policy=State(result.policy.ref, result.policy.commit, result.policy.path),
        models=result.models,
        findings=tuple(_finding(each, deployed) for each in result.findings),
        comparisons=tuple(_comparison(each) for each in result.comparisons),
        skipped=result.skipped,
        waivers=tuple(_waiver(each) for each in result.waivers),
        due=tuple(Due(rule=each.rule, model=each.model, on=each.on, message=each.message) for each in result.due),
        notes=result.notes,
        history=tuple(_history(each) for each in result.history),
        rules=result.summary.rules,
        next_environment=result.next_environment,
    )


def _state(commit: Commit | None) -> State | None:
    return None if commit is None else State(commit.ref, commit.commit)


def _finding(result: FindingResult, deployed: State | None) -> Finding:
    fields = {name: getattr(result, name) for name in result.__struct_fields__}
    side = None if result.deployed is None else _side(result.deployed, deployed)
    return Finding(**{**fields, "deployed": side})


def _side(place: DeployedPlace, deployed: State | None) -> Side:
    """The deployed side; of its ref the result says nothing but that of the deployed state, if they are one."""
    ref = deployed.ref if deployed is not None and deployed.commit == place.commit else place.commit or "deployed"
    return Side(ref=ref, commit=place.commit, path=place.path, line=place.line, value=place.value)


def _comparison(result: ComparisonResult) -> Comparison:
    fields = {name: getattr(result, name) for name in result.__struct_fields__}
    interval = None
    if result.interval is not None:
        low, high = (nan if end is None else end for end in result.interval)
        interval = (low, high)
    return Comparison(**{**fields, "interval": interval})


def _waiver(result: WaiverResult) -> Waiver:
    fields = {name: getattr(result, name) for name in result.__struct_fields__ if name != "used"}
    try:
        return msgspec.convert(fields, Waiver)
    except msgspec.ValidationError as error:
        raise InvalidResult(f"a waiver in it is none: {error}") from None


def _history(result: HistoryResult) -> MetricHistory:
    points = tuple(Measured(each.version, each.on, nan if each.value is None else each.value) for each in result.points)
    return MetricHistory(
        model=result.model, benchmark=result.benchmark, type=result.type, args=result.args, points=points
    )


def _require_consistent(result: Result, report: Report) -> None:
    """What the result says of itself must follow from what it holds; places and commits must be such."""
    if result.verdict != report.verdict:
        raise InvalidResult(f"it says `{result.verdict}`, and its findings say `{report.verdict}`")
    if result.summary != result_of(report).summary:
        raise InvalidResult("its summary is not that of its findings and models")
    for commit in _commits(result):
        if commit is not None and not _SHA.fullmatch(commit):
            raise InvalidResult("a commit or tree in it is no full hexadecimal id")
    for number in _places(result):
        if not 0 < number < _FURTHEST:
            raise InvalidResult("a line, column or length in it is none")
    if not 0 <= result.summary.rules < _FURTHEST:
        raise InvalidResult("its count of rules is none")


def _commits(result: Result) -> Iterator[str | None]:
    states: tuple[CandidateCommit | Commit | PolicyFile | None, ...]
    states = (result.candidate, result.base, result.deployed, result.policy)
    yield from (state.commit for state in states if state is not None)
    yield result.candidate.tree
    yield from (each.deployed.commit for each in result.findings if each.deployed is not None)


def _places(result: Result) -> Iterator[int]:
    for each in result.findings:
        yield from (each.line, each.column, each.length)
        if each.deployed is not None:
            yield each.deployed.line

"""Golden cases: read within bounds, and held against answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from snitch.cases import MAX_CASES, GoldenCases, asks_no_less, failures, golden_cases, meets
from snitch.documents import Unreadable
from snitch.finding import Broken, Undecidable
from snitch.formats.cases import Expectation, GoldenCase
from snitch.model import Model
from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import FOLDER, MANIFEST, SPOTLESS, digest, edit

CASES = f"{FOLDER}/cases.jsonl"


def line(name: str = "long-standing", expected: Any = None, **input: Any) -> str:
    case = {"name": name, "input": input or {"tenure_months": 90}, "expected": expected or {"prediction": 0}}
    return json.dumps(case)


def read(content: str | bytes) -> GoldenCases:
    files = edit(SPOTLESS, MANIFEST, "decision_threshold", "cases: cases.jsonl\ndecision_threshold")
    found = golden_cases(Model(Repository(MemorySnapshot({**files, CASES: content})), FOLDER))
    assert found is not None
    return found


def test_cases() -> None:
    cases = read(f"{line()}\n\n  \n{line('new', {'score': {'minimum': 0.2}}, plan='pro', tenure_months=None)}\r\n")
    assert list(cases.cases) == [1, 4]
    assert cases.cases[4] == GoldenCase(
        name="new", input={"plan": "pro", "tenure_months": None}, expected={"score": Expectation(minimum=0.2)}
    )
    assert cases.digest == digest(
        f"{line()}\n\n  \n{line('new', {'score': {'minimum': 0.2}}, plan='pro', tenure_months=None)}\r\n"
    )


def test_none() -> None:
    assert golden_cases(Model(Repository(MemorySnapshot(SPOTLESS)), FOLDER)) is None


def test_a_finding_stands_at_what_is_expected() -> None:
    cases = read(f"{line()}\n{line('new', {'score': 1, 'prediction': 1})}\n")
    found = cases.finding_at(cases.cases[2], "no", output="prediction")
    assert (found.path, found.line, found.key, found.role) == (CASES, 2, "new: prediction", "cases")
    assert found.excerpt[found.column - 1 :].startswith("1}")
    assert cases.finding_at(cases.cases[2], "no").excerpt == line("new", {"score": 1, "prediction": 1})


@pytest.mark.parametrize(
    ("content", "number", "message"),
    [
        (f"{line()}\n{{", 2, "is not valid JSON"),
        (f"{line()}\n[]", 2, "must be a mapping, not a list"),
        (f"{line()}\n{line()}", 2, "a second case `long-standing`: the first is on line 1"),
        (line().replace('"input"', '"inputs"'), 1, "`inputs`"),
        (line().replace("{", '{"name": "x", ', 1), 1, "duplicate key `name`"),
        (line(a=float("nan")), 1, "no finite number"),
        (line(a=float("inf")), 1, "no finite number"),
        (line(a=[1]), 1, "/input/a"),
        (line(a=2**63), 1, "/input expected `int`"),
        (line("x", {"score": None}), 1, "nothing is expected of `score`"),
        (line("x", {"score": float("-inf")}), 1, "no finite number"),
        (line("x", {"score": {}}), 1, "a `minimum`, a `maximum` or both"),
        (line("x", {"score": {"minimum": 1, "maximum": 0}}), 1, "nothing lies from"),
        (line("x", {"score": {"value": 1}}), 1, "a `value` and a `tolerance`"),
        (line("x", {"score": {"value": 1, "tolerance": 1, "minimum": 0}}), 1, "a `value` and a `tolerance`"),
        (line("x", {"score": {"minimum": float("nan")}}), 1, "finite number"),
        (line("x", {"score": {"value": 1, "tolerance": -1}}), 1, "/expected/score"),
        (line("x", {"score": {"minimum": 1, "max": 2}}), 1, "max"),
        (line("", {"score": 1}), 1, "/name"),
        (json.dumps({"name": "x", "input": {}, "expected": {"score": 1}}), 1, "/input"),
        (json.dumps({"name": "x", "input": {"a": 1}, "expected": {}}), 1, "/expected"),
        (json.dumps({"name": "x", "input": {"a": 1}}), 1, "expected"),
        (b"\n\xff", 2, "is not UTF-8 text"),
        ("\n \n", 1, "holds no case"),
        ("[" * 100_000, 1, "deep"),
        (" " * (16 * 1024 * 1024 + 1), 1, "larger than"),
        ("1\n" * (MAX_CASES + 1), 1, "10,001 cases"),
        (f"{line()}\n<<<<<<< ours\n", 2, "is not valid JSON"),
    ],
)
def test_what_is_no_case(content: str | bytes, number: int, message: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read(content)
    problems = raised.value.problems
    assert raised.value.path == CASES
    assert {each.span.line if each.span else 1 for each in problems} == {number}
    assert any(message in f"{each.pointer} {each.message}" for each in problems)


def test_each_line_that_is_wrong_is_told_of() -> None:
    with pytest.raises(Unreadable) as raised:
        read("{\n" * 500)
    assert [each.span.line for each in raised.value.problems if each.span] == list(range(1, 101))


def test_what_is_not_here() -> None:
    with pytest.raises(Undecidable, match="are not here"):
        read(write_pointer(digest("cases"), 5))
    files = edit(SPOTLESS, MANIFEST, "decision_threshold", "cases: ../../../cases.jsonl\ndecision_threshold")
    with pytest.raises(Broken, match="leaves the repository"):
        golden_cases(Model(Repository(MemorySnapshot(files)), FOLDER))


RANGE, NEAR = Expectation(minimum=0.1, maximum=0.3), Expectation(value=0.2, tolerance=0.1)


@pytest.mark.parametrize(
    ("given", "expected", "is_met"),
    [
        (1, 1, True),
        (1.0, 1, True),
        ("1", 1, True),
        (True, 1, True),
        (1, True, True),
        (False, 0, True),
        (0, 1, False),
        ("yes", "yes", True),
        ("yes", "Yes", False),
        (0.30000000000000004, 0.3, False),
        (None, 0, False),
        (None, "", False),
        (0.1, RANGE, True),
        (0.3, RANGE, True),
        (0.0999, RANGE, False),
        (0.30001, RANGE, False),
        (5, Expectation(minimum=5), True),
        (4, Expectation(minimum=5), False),
        (5, Expectation(maximum=5), True),
        (6, Expectation(maximum=5), False),
        # In floating-point numbers 0.3 - 0.2 is less than 0.1, and 0.2 - 0.1 is not.
        (0.3, NEAR, True),
        (0.1, NEAR, True),
        (0.3001, NEAR, False),
        (float("nan"), RANGE, False),
        (float("inf"), Expectation(minimum=5), False),
        (None, RANGE, False),
        ("0.2", RANGE, False),
        (True, Expectation(minimum=0), False),
    ],
)
def test_what_is_as_expected(given: Any, expected: Any, is_met: bool) -> None:
    assert meets(given, expected) == is_met


@pytest.mark.parametrize(
    ("expected", "answer", "message"),
    [
        ({"prediction": 1}, {"prediction": 0}, "`x`: prediction is 0, expected 1"),
        ({"prediction": "yes"}, {"prediction": "no"}, "`x`: prediction is `no`, expected `yes`"),
        ({"score": RANGE}, {"score": 0.45}, "`x`: score is 0.45, expected 0.1 to 0.3"),
        ({"score": NEAR}, {"score": 0.45}, "`x`: score is 0.45, expected 0.2 ± 0.1"),
        ({"score": Expectation(minimum=0.5)}, {"score": 0.45}, "`x`: score is 0.45, expected at least 0.5"),
        ({"score": Expectation(maximum=0.4)}, {"score": None}, "`x`: score is none, expected at most 0.4"),
        ({"score": 1}, {"prediction": 1}, "`x`: the model gives no `score`"),
        ({"score": 1}, None, "`x`: there is no answer"),
        ({"prediction": "a"}, {"prediction": "b" * 100}, f"`x`: prediction is `{'b' * 58}…, expected `a`"),
    ],
)
def test_what_is_told(expected: Any, answer: Any, message: str) -> None:
    case = GoldenCase(name="x", input={"a": 1}, expected=expected)
    [failure] = failures([case], {} if answer is None else {"x": answer})
    assert failure.message == message


@pytest.mark.parametrize(
    ("before", "now", "no_less"),
    [
        ({"prediction": 0}, {"prediction": 0, "score": 0.2}, True),
        ({"prediction": 1}, {"prediction": "1"}, True),
        ({"prediction": 0, "score": 0.2}, {"prediction": 0}, False),
        ({"prediction": 0}, {"prediction": 1}, False),
        ({"score": 0.2}, {"score": {"minimum": 0.2, "maximum": 0.3}}, False),
        ({"score": {"minimum": 0.2, "maximum": 0.4}}, {"score": 0.3}, True),
        ({"score": {"minimum": 0.2, "maximum": 0.4}}, {"score": 0.5}, False),
        ({"score": {"minimum": 0.2}}, {"score": {"minimum": 0.2, "maximum": 0.4}}, True),
        ({"score": {"minimum": 0.2, "maximum": 0.4}}, {"score": {"minimum": 0.2}}, False),
        ({"score": {"maximum": 0.4}}, {"score": {"maximum": 0.41}}, False),
        ({"score": {"minimum": 0.1, "maximum": 0.3}}, {"score": {"value": 0.2, "tolerance": 0.1}}, True),
        ({"score": {"value": 0.2, "tolerance": 0.1}}, {"score": {"minimum": 0.1, "maximum": 0.3}}, True),
        ({"score": {"value": 0.2, "tolerance": 0.1}}, {"score": {"value": 0.2, "tolerance": 0.2}}, False),
    ],
)
def test_a_case_that_admits_no_more_than_before(before: Any, now: Any, no_less: bool) -> None:
    first, second = (read(line(expected=each)).cases[1] for each in (before, now))
    assert asks_no_less(second, first) is no_less


def test_another_input_is_another_question() -> None:
    first, second = read(line(tenure_months=90)).cases[1], read(line(tenure_months=91)).cases[1]
    assert not asks_no_less(second, first)

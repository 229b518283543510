"""Golden cases: a model's `cases.jsonl`, and the answers of the model held against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from math import isfinite
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from snitch.contents import content_at
from snitch.documents import Document, Problem, Span, Unreadable
from snitch.documents.decoding import decode
from snitch.documents.json_text import locate_json, read_json
from snitch.documents.problems import MAX_PROBLEMS, join_pointer
from snitch.finding import Finding
from snitch.formats.cases import Expectation, GoldenCase, Scalar
from snitch.gate import Gate
from snitch.model import Model
from snitch.numbers import decimal, written
from snitch.source import File

MAX_BYTES = 16 * 1024 * 1024
#: More than anybody has written by hand, and few enough to be told of one by one.
MAX_CASES = 10_000
_MAX_NODES = 20_000
_MAX_SHOWN = 60

Answer = Mapping[str, Scalar]


class GoldenCases(File):
    """The golden cases of a model, each with the line that it stands on."""

    def __init__(self, model: Model, path: str, content: bytes) -> None:
        """Reads them.

        Raises:
            Unreadable: a line is no case, or there are none, or too many.
        """
        super().__init__(model.repository, path)
        self._content = content
        self._lines = _lines_of(path, content)
        self.cases = _cases_of(path, self._lines)

    @cached_property
    def digest(self) -> str:
        return f"sha256:{sha256(self._content).hexdigest()}"

    def finding_at(self, case: GoldenCase, message: str, *, output: str = "", **more: Any) -> Finding:
        """A finding at a case, or at what it expects of an output."""
        number = next(number for number, each in self.cases.items() if each is case)
        pointer = join_pointer("expected", output) if output else "/name"
        place = locate_json(self._lines[number], pointer)
        span = Span(number, place.column, place.length)
        about = f"{case.name}: {output}" if output else case.name
        return self.finding("", message, span=span, about=about, role="cases", **more)


def golden_cases(model: Model, gate: Gate | None = None) -> GoldenCases | None:
    """The golden cases that a model's manifest names; None where it names none.

    Raises:
        Broken: the manifest is not valid, or the file is not in the tree.
        Undecidable: its bytes are not here.
        Unreadable: it holds something else.
    """
    if model.manifest.cases is None:
        return None
    path = model.resolve(model.manifest.cases)
    content = content_at(model.repository, path, gate)
    if isinstance(content, str):
        with open(content, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    return GoldenCases(model, path, content)


def _lines_of(path: str, content: bytes) -> dict[int, str]:
    """The lines that hold something, by number."""
    if len(content) > MAX_BYTES:
        raise Unreadable(path, (Problem("", f"is larger than {MAX_BYTES:,} bytes, the limit of golden cases"),))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        place = Span(content.count(b"\n", 0, error.start) + 1, 1)
        raise Unreadable(path, (Problem("", "is not UTF-8 text", "save it as UTF-8", place),)) from None
    lines = {number: line for number, line in enumerate(text.split("\n"), start=1) if line.strip()}
    if not lines:
        raise Unreadable(path, (Problem("", "holds no case", "write one JSON object a line"),))
    if len(lines) > MAX_CASES:
        raise Unreadable(path, (Problem("", f"holds {len(lines):,} cases; the limit is {MAX_CASES:,}"),))
    return lines


def _cases_of(path: str, lines: Mapping[int, str]) -> dict[int, GoldenCase]:
    """The cases by line."""
    cases: dict[int, GoldenCase] = {}
    by_name: dict[str, int] = {}
    problems: list[Problem] = []
    for number, line in lines.items():
        try:
            case = cases[number] = _case(line)
        except Unreadable as error:
            problems += [_at_line(each, number) for each in error.problems]
        else:
            first = by_name.setdefault(case.name, number)
            if first != number:
                message = f"a second case `{case.name}`: the first is on line {first}"
                problems.append(Problem("", message, "give each a name of its own", Span(number, 1)))
        if len(problems) >= MAX_PROBLEMS:
            break
    if problems:
        raise Unreadable(path, tuple(problems[:MAX_PROBLEMS]))
    return cases


def _case(line: str) -> GoldenCase:
    # By the name it is told that this is JSON.
    name = "line.json"
    return decode(Document(name, line, read_json(name, line, most=_MAX_NODES)), GoldenCase)


def _at_line(problem: Problem, number: int) -> Problem:
    span = problem.span or Span(1, 1)
    return replace(problem, span=Span(number, span.column, span.length))


class Failure(Struct, frozen=True):
    """A golden case that a model does not answer as expected, in one output (empty: it gives no answer at all)."""

    case: GoldenCase
    output: str
    message: str


def failures(cases: Sequence[GoldenCase], answers: Mapping[str, Answer]) -> Iterator[Failure]:
    """The cases that the answers (by the case's name) do not meet, in the order of the cases."""
    for case in cases:
        answer = answers.get(case.name)
        if answer is None:
            yield Failure(case, "", f"`{case.name}`: there is no answer")
            continue
        for output, expected in case.expected.items():
            if output not in answer:
                yield Failure(case, output, f"`{case.name}`: the model gives no `{output}`")
            elif not meets(answer[output], expected):
                given = f"{output} is {_shown(answer[output])}"
                yield Failure(case, output, f"`{case.name}`: {given}, expected {_expected(expected)}")


def meets(given: Scalar, expected: Scalar | Expectation) -> bool:
    """Whether an answer is as expected: bounds and tolerances by the decimals as written, which count as within.

    A label is one whether it is written as a number or as text: 1, 1.0, "1" and true are one label.
    """
    if not isinstance(expected, Expectation):
        return given is not None and _label(given) == _label(expected)
    if isinstance(given, (bool, str)) or given is None or not isfinite(given):
        return False
    number = decimal(given)
    if expected.value is not None and expected.tolerance is not None:
        return abs(number - decimal(expected.value)) <= decimal(expected.tolerance)
    is_above = expected.minimum is None or number >= decimal(expected.minimum)
    return is_above and (expected.maximum is None or number <= decimal(expected.maximum))


def asks_no_less(case: GoldenCase, before: GoldenCase) -> bool:
    """Whether a case admits no answer to the same input that it did not admit before."""
    outputs = case.expected
    return case.input == before.input and all(
        name in outputs and _is_within(outputs[name], expected) for name, expected in before.expected.items()
    )


def _is_within(expected: Scalar | Expectation, before: Scalar | Expectation) -> bool:
    if not isinstance(before, Expectation):
        return not isinstance(expected, Expectation) and meets(expected, before)
    if not isinstance(expected, Expectation):
        return meets(expected, before)
    (low, high), (lowest, highest) = _bounds(expected), _bounds(before)
    return lowest <= low and high <= highest


def _bounds(expected: Expectation) -> tuple[Decimal, Decimal]:
    """The lowest number that is right, and the highest."""
    if expected.value is not None and expected.tolerance is not None:
        value, tolerance = decimal(expected.value), decimal(expected.tolerance)
        return value - tolerance, value + tolerance
    low, high = expected.minimum, expected.maximum
    return Decimal("-inf") if low is None else decimal(low), Decimal("inf") if high is None else decimal(high)


def _label(value: Scalar) -> str:
    from snitch.measuring.ids import canonical

    return canonical(int(value) if isinstance(value, bool) else value)


def _expected(expected: Scalar | Expectation) -> str:
    if not isinstance(expected, Expectation):
        return _shown(expected)
    if expected.value is not None:
        return f"{written(expected.value)} ± {written(expected.tolerance or 0)}"
    low, high = expected.minimum, expected.maximum
    if low is None or high is None:
        return f"at least {written(low)}" if low is not None else f"at most {written(high or 0)}"
    return f"{written(low)} to {written(high)}"


def _shown(value: Scalar) -> str:
    text = f"`{value}`" if isinstance(value, str) else "none" if value is None else repr(value)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"

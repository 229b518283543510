"""JSON Schemas that others wrote, run within bounds: no reference leaves the schema, and nothing runs for long."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from jsonschema import FormatChecker, validators
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from snitch.documents.decoding import explain
from snitch.documents.document import Document, read_document
from snitch.documents.problems import Problem, Unreadable
from snitch.documents.regex_cost import worst_cost

#: An organisation's own fields are some dozens; comparing all pairs of this many still takes no time.
MAX_VALUES = 2_000
#: Holding a schema against the schema of schemas takes a fifth of a millisecond a value.
MAX_SCHEMA_VALUES = 3_000
_MAX_STEPS = 50_000
_MAX_COST = 10_000_000
_LATEST = "https://json-schema.org/draft/2020-12/schema"


class UnusableSchema(Exception):
    """The schema does not say what it should: what is wrong with it, or with running it on the data."""


def validate_by(schema: bytes, path: str, document: Document, data: object, pointer: str) -> tuple[Problem, ...]:
    """What is wrong with `data`, the document's part at `pointer`, by the schema in the file `path`.

    Raises:
        UnusableSchema: it is no JSON Schema, refers to another one, or would take too long.
    """
    if not _at_most(MAX_VALUES, data):
        raise UnusableSchema(f"`{pointer.rsplit('/', 1)[-1]}` has more than {MAX_VALUES:,} values to check")
    validator, keys = _validator(schema, path)
    budget, longest = _Budget(), _longest_key(data)
    for pattern in keys:
        budget.pay_for(pattern, longest)
    try:
        return explain(document, validator.evolve(format_checker=budget).iter_errors(data), pointer=pointer)
    except Unresolvable as error:
        raise UnusableSchema(f"its reference `{getattr(error, 'ref', '?')}` is not in the file itself") from None
    except RecursionError:
        raise UnusableSchema("it refers to itself without end") from None
    except (ValueError, ArithmeticError) as error:
        raise UnusableSchema(f"checking by it failed: {error}") from None


class _Budget(FormatChecker):
    """What a run may still spend. It travels with the validator as its checker of formats, of which dates count."""

    def __init__(self) -> None:
        super().__init__(formats=["date"])
        self.steps = _MAX_STEPS
        self.cost = float(_MAX_COST)

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise UnusableSchema(f"checking by it takes more than {_MAX_STEPS:,} steps")

    def pay_for(self, pattern: str, length: int) -> None:
        try:
            self.cost -= worst_cost(pattern, length)
        except re.error as error:
            raise UnusableSchema(f"its pattern `{pattern[:80]}` is not a regular expression: {error}") from None
        if self.cost < 0:
            raise UnusableSchema(
                f"its pattern `{pattern[:80]}` may take for ever on {length} characters; what a group repeats must end "
                "in one way only"
            )


@lru_cache(maxsize=8)
def _validator(schema: bytes, path: str) -> tuple[Any, tuple[str, ...]]:
    """The validator of a schema, and the patterns that it holds keys against."""
    try:
        data = read_document(path, schema).data
    except Unreadable as error:
        raise UnusableSchema(f"it {error.problems[0].message}") from None
    if not isinstance(data, dict):
        raise UnusableSchema("it is not a JSON Schema: a schema is a mapping")
    if not _at_most(MAX_SCHEMA_VALUES, data):
        raise UnusableSchema(f"it has more than {MAX_SCHEMA_VALUES:,} values")
    if _has_a_number_that_is_none(data):
        raise UnusableSchema("it holds NaN or Infinity, which no number is held against")
    kind = _dialect(data)
    try:
        kind.check_schema(data)
    except SchemaError as error:
        raise UnusableSchema(f"it is not a JSON Schema: {error.message[:200]}") from None
    except RecursionError:
        raise UnusableSchema("it is nested too deeply") from None
    return _bounded(kind)(data, registry=Registry()), tuple(_key_patterns(data))


def _dialect(schema: dict[str, Any]) -> Any:
    dialect = schema.get("$schema", _LATEST)
    unknown: Any = None
    found = validators.validator_for({"$schema": dialect}, unknown) if isinstance(dialect, str) else None
    if found in (None, validators.Draft3Validator):
        raise UnusableSchema(f"its `$schema` {dialect!r} is not a dialect of JSON Schema; the newest is {_LATEST}")
    return found


@lru_cache(maxsize=8)
def _bounded(kind: Any) -> Any:
    """A validator class that pays for every keyword it evaluates."""
    paying = {name: _paying(name, keyword) for name, keyword in kind.VALIDATORS.items()}
    return validators.extend(kind, paying)  # type: ignore[no-untyped-call]


def _paying(name: str, keyword: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    def evaluate(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        validator.format_checker.step()
        if name == "pattern" and isinstance(instance, str):
            validator.format_checker.pay_for(value, len(instance))
        yield from keyword(validator, value, instance, schema) or ()

    return evaluate


def _key_patterns(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        patterns = schema.get("patternProperties")
        yield from patterns if isinstance(patterns, dict) else ()
    for part in _parts(schema):
        yield from _key_patterns(part)


def _has_a_number_that_is_none(data: object) -> bool:
    """NaN and the infinities: every comparison with NaN is false, so that a limit of NaN would let all pass."""
    if isinstance(data, float):
        return not math.isfinite(data)
    return any(map(_has_a_number_that_is_none, _parts(data)))


def _longest_key(data: object) -> int:
    own = map(len, data) if isinstance(data, dict) else ()
    return max((*own, *map(_longest_key, _parts(data))), default=0)


def _at_most(limit: int, data: object) -> bool:
    """Whether the data holds at most so many values, itself included."""
    waiting, seen = [data], 0
    while waiting and seen <= limit:
        waiting.extend(_parts(waiting.pop()))
        seen += 1
    return seen <= limit


def _parts(data: object) -> list[object]:
    if isinstance(data, dict):
        return list(data.values())
    return data if isinstance(data, list) else []

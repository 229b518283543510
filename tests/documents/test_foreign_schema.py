"""Schemas that others wrote: what they say, what they may not do, and what they may not cost."""

import json
from typing import Any

import pytest

from snitch.documents import Problem, read_document
from snitch.documents.foreign_schema import MAX_VALUES, UnusableSchema, validate_by

LATEST = "https://json-schema.org/draft/2020-12/schema"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def check(schema: object, metadata: object) -> tuple[Problem, ...]:
    document = read_document("model.yaml", json.dumps({"metadata": metadata}).encode())
    content = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    return validate_by(content, "schemas/ours.json", document, metadata, "/metadata")


def unusable(schema: object, metadata: object) -> str:
    with pytest.raises(UnusableSchema) as caught:
        check(schema, metadata)
    return str(caught.value)


def test_data_that_fits() -> None:
    assert check({"required": ["cost"], "properties": {"cost": {"type": "integer"}}}, {"cost": 3}) == ()


def test_a_fault_is_told_at_its_place() -> None:
    (problem,) = check({"properties": {"cost": {"type": "integer"}}}, {"team": "growth", "cost": "3"})
    assert problem.pointer == "/metadata/cost"
    assert problem.message == "`cost` must be a whole number, not a string (3)"
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (1, 41)


def test_keys_that_a_pattern_allows_are_known() -> None:
    schema = {"additionalProperties": False, "properties": {"cost": {}}, "patternProperties": {"^x-": {}}}
    (problem,) = check(schema, {"cost": 1, "x-y": 2, "cots": 3})
    assert (problem.pointer, problem.help) == ("/metadata/cots", "did you mean `cost`?")


@pytest.mark.parametrize("dialect", [LATEST, DRAFT_7, "http://json-schema.org/draft-04/schema#"])
def test_each_dialect_with_its_references(dialect: str) -> None:
    schema = {
        "$schema": dialect,
        "definitions": {"money": {"type": "number"}},
        "properties": {"cost": {"$ref": "#/definitions/money"}},
    }
    assert check(schema, {"cost": 3}) == ()
    assert len(check(schema, {"cost": "3"})) == 1


def test_a_dialect_keeps_its_meaning() -> None:
    schema: dict[str, Any] = {"items": [{"type": "string"}]}
    assert len(check({"$schema": DRAFT_7, "properties": {"a": schema}}, {"a": [1]})) == 1
    assert "not a JSON Schema" in unusable({"$schema": LATEST, "properties": {"a": schema}}, {"a": [1]})


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ([], "a schema is a mapping"),
        (b"{", "is not valid JSON"),
        (b"\xff", "is not UTF-8"),
        ({"type": "strin"}, "not a JSON Schema"),
        ({"$schema": "http://example.com/ours"}, "not a dialect"),
        ({"$schema": 4}, "not a dialect"),
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, "not a dialect"),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, "`http://127.0.0.1:9/schema.json` is not in the file"),
        ({"$ref": "other.json"}, "`other.json` is not in the file"),
        ({"$ref": "#/$defs/none"}, "is not in the file"),
        ({"$ref": "#"}, "without end"),
        ({"properties": {"note": {"pattern": "("}}}, "regex"),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "patternProperties": {"(": {}}}, "expression"),
        ({"properties": {"note": {"pattern": "^(a+)+$"}}}, "may take for ever on 33 characters"),
        ({"patternProperties": {"^(a+)+$": {}}}, "may take for ever on 4 characters"),
        ({"properties": {"note": {"additionalProperties": {"patternProperties": {"^(a+)+$": {}}}}}}, "for ever"),
        (b'{"properties": {"cost": {"minimum": NaN}}}', "NaN"),
    ],
)
def test_schemas_that_cannot_be_used(schema: object, why: str) -> None:
    assert why in unusable(schema, {"note": "a" * 32 + "!", "cost": 1})


def test_a_pattern_says_nothing_of_a_number() -> None:
    assert check({"properties": {"cost": {"pattern": "^a$"}}}, {"cost": 3}) == ()


def test_references_that_multiply() -> None:
    definitions: dict[str, Any] = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(40)}
    definitions["d40"] = {}
    assert "steps" in unusable({"$defs": definitions, "$ref": "#/$defs/d0"}, {})


def test_the_cost_of_patterns_adds_up() -> None:
    schema = {"additionalProperties": {"pattern": "^a*b*$"}}
    assert check(schema, {"a": "a" * 2_000}) == ()
    assert "for ever" in unusable(schema, {"a": "a" * 2_000, "b": "a" * 2_000, "c": "a" * 2_000})


def test_the_values_that_are_checked_are_counted() -> None:
    assert check({}, {"a": [0] * (MAX_VALUES - 2)}) == ()
    assert "more than 2,000 values" in unusable({}, {"a": [0] * (MAX_VALUES - 1)})

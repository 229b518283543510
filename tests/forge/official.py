"""GitHub's own description of its API, cut to what Snitch uses: what a request must be like, and what an answer is.

`github_api.json` is made by scripts/cut_github_api.py from the MIT-licensed package `@octokit/openapi` 23.0.2.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

DOCUMENT = Path(__file__).parent / "github_api.json"
_HOST = "http://127.0.0.1"


class Operation(NamedTuple):
    """What a method and a path mean: `issues/create-comment`, with the path's parameters, still as in a URL."""

    id: str
    pattern: str
    method: str
    parameters: dict[str, str]


class Asked:
    """A request as openapi-core wants it."""

    def __init__(self, method: str, path: str, query: list[tuple[str, str]], headers: Headers, body: bytes) -> None:
        self.host_url = _HOST
        self.path = path
        self.method = method.lower()
        self.body = body or None
        self.content_type = headers.get("Content-Type", "application/json")
        self.parameters = RequestParameters(query=ImmutableMultiDict(query), header=headers)


class Answered:
    """An answer as openapi-core wants it."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status_code = status
        self.data = body or None
        self.headers = Headers({"Content-Type": "application/json; charset=utf-8"})
        self.content_type = "application/json"


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


@cache
def _validator() -> OpenAPI:
    return OpenAPI.from_dict(document())


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    patterns = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), path) for path in patterns]


def operation_of(method: str, path: str) -> Operation | None:
    """The operation that the document knows under this method and path."""
    for template, pattern in _templates():
        match = template.fullmatch(path)
        found = document()["paths"][pattern].get(method.lower()) if match else None
        if match and found:
            return Operation(found["operationId"], pattern, method.lower(), match.groupdict())
    return None


def request_faults(operation: Operation, asked: Asked) -> str:
    """What is wrong with a request; empty if nothing. A key that the document does not know is a fault too."""
    try:
        _validator().validate_request(asked)
    except OpenAPIError as error:
        return f"{type(error).__name__}: {_root(error)}"
    stated = _operation(operation)
    known = {resolved(each)["name"] for each in stated.get("parameters", ()) if resolved(each)["in"] == "query"}
    unknown = set(asked.parameters.query) - known
    if asked.body:
        schema = resolved(stated["requestBody"]["content"]["application/json"]["schema"])
        unknown |= set(json.loads(asked.body)) - set(schema.get("properties", ()))
    return f"unknown: {', '.join(sorted(unknown))}" if unknown else ""


def answer_faults(operation: Operation, asked: Asked, status: int, body: bytes) -> str:
    """What is wrong with an answer; empty if nothing. An error that the document does not list for it may be any."""
    if status >= 400 and str(status) not in _operation(operation)["responses"]:
        return ""
    try:
        _validator().validate_response(asked, Answered(status, body))
    except OpenAPIError as error:
        return f"{type(error).__name__}: {_root(error)}"
    return ""


def _root(error: BaseException) -> str:
    told = [str(error)]
    while error.__cause__ is not None:
        error = error.__cause__
        told.append(str(error))
    details = [each.message for each in getattr(error, "schema_errors", ())]
    return "; ".join([*told, *details])[:2000]


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = document()["paths"][operation.pattern][operation.method]
    return found


def resolved(item: dict[str, Any]) -> dict[str, Any]:
    """The item, or what it refers to."""
    while "$ref" in item:
        _, _, kind, name = item["$ref"].split("/")
        item = document()["components"][kind][name]
    return item


def answer(operation: Operation, code: int, /, **values: Any) -> Any:
    """A complete answer to an operation, with these values in it, which must be keys that the document knows."""
    content = resolved(_operation(operation)["responses"][str(code)])["content"]["application/json"]
    return filled(content["schema"], **values)


def named(name: str, /, **values: Any) -> dict[str, Any]:
    """A complete object of a named schema, with these values in it."""
    made: dict[str, Any] = filled({"$ref": f"#/components/schemas/{name}"}, **values)
    return made


def filled(schema: dict[str, Any], /, **values: Any) -> Any:
    schema = resolved(schema)
    if id(schema) not in _SAMPLES:  # the document is read once, so that its parts keep their ids
        _SAMPLES[id(schema)] = _sample(schema)
    made = _SAMPLES[id(schema)]
    properties = _properties(schema)
    unknown = set(values) - set(properties)
    assert not unknown, f"no such keys: {unknown}"
    return {**made, **values}


_SAMPLES: dict[int, Any] = {}


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    schema = resolved(schema)
    parts = [schema.get("properties", {}), *(_properties(each) for each in schema.get("allOf", ()))]
    return {name: each for part in parts for name, each in part.items()}


def _sample(schema: dict[str, Any]) -> Any:
    """The least that the schema accepts."""
    schema = resolved(schema)
    if schema.get("nullable"):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if "allOf" in schema:
        return {key: each for part in schema["allOf"] for key, each in _sample(part).items()}
    for choice in ("oneOf", "anyOf"):
        if choice in schema and "properties" not in schema:
            return _sample(schema[choice][0])
    if "properties" in schema or schema.get("type") == "object":
        wanted = schema.get("required", ())
        return {name: _sample(schema["properties"][name]) for name in wanted if name in schema.get("properties", {})}
    return _scalar(schema)


def _scalar(schema: dict[str, Any]) -> Any:
    by_format = {"uri": "https://github.example/", "date-time": "2026-11-20T10:00:00Z", "email": "ada@example.com"}
    by_type: dict[str, Any] = {"integer": 1, "number": 1, "boolean": False, "array": []}
    kind = schema.get("type", "string")
    if kind == "string":
        return by_format.get(schema.get("format", ""), "x" * schema.get("minLength", 1))
    return by_type[kind]

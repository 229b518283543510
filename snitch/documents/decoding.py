"""From a document's plain data to the type of its format, with every fault told at its place."""

from __future__ import annotations

import copy
import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from snitch.documents.document import Document
from snitch.documents.problems import MAX_PROBLEMS as MAX_PROBLEMS
from snitch.documents.problems import Problem, Unreadable, join_pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema.exceptions import ValidationError

T = TypeVar("T")

#: More words than these are no help.
_FEW = 24
#: Beyond these the nearest one is looked for no further: a broken policy may ask for it a hundred times.
_MANY = 2000

#: Nobody mistypes a word into a longer one; comparing it would take its time.
_LONG = 200

_WORDS = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


def decode(document: Document, kind: type[T]) -> T:
    """The document as a `kind`, a msgspec type, strictly: no string becomes a number, no boolean an integer.

    A number where a string belongs keeps its source text, so that `version: 2026.10` is `2026.10`. What decides is
    msgspec, which is fast; what explains a refusal is the JSON Schema of the same type, which names every cause.

    Raises:
        Unreadable: one problem a cause.
    """
    try:
        return msgspec.convert(document.data, kind)
    except msgspec.ValidationError:
        data = _with_source_text(document, kind)
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as refusal:
        problems = explain(document, _errors(data, _schema_of(kind))) or (_from_msgspec(document, str(refusal)),)
        raise Unreadable(document.path, problems) from None


def _schema_of(kind: Any) -> dict[str, Any]:
    return json_schema(kind)


@cache
def json_schema(kind: type) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a format's type."""
    schema = msgspec.json.schema(kind)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def validate(document: Document, data: object, schema: dict[str, Any], *, pointer: str = "") -> tuple[Problem, ...]:
    """What is wrong with `data`, the document's part at `pointer`, by a JSON Schema; remote references are refused."""
    return explain(document, _errors(data, schema), pointer=pointer)


def explain(document: Document, errors: Iterable[ValidationError], *, pointer: str = "") -> tuple[Problem, ...]:
    """What a validator's errors about the document's part at `pointer` mean, at most `MAX_PROBLEMS` of them."""
    found = sorted(islice(errors, MAX_PROBLEMS), key=lambda each: [str(part) for part in each.absolute_path])
    causes = (cause for error in found for cause in _causes(error))
    return tuple(islice((each for cause in causes for each in _problems(document, cause, pointer)), MAX_PROBLEMS))


def _with_source_text(document: Document, kind: type) -> object:
    """The data with the source text of each plain YAML scalar that stands where a string belongs."""
    if document.path.endswith(".json"):
        return document.data
    from snitch.documents.yaml_text import scalar_source

    data = copy.deepcopy(document.data)
    for error in islice(_leaves(_errors(data, _schema_of(kind))), MAX_PROBLEMS):
        types = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        if error.validator != "type" or "string" not in types or not isinstance(error.instance, (int, float)):
            continue
        source = scalar_source(document.text, join_pointer(*error.absolute_path))
        if source is not None and error.absolute_path:
            data = _replace(data, list(error.absolute_path), source)
    return data


def _replace(data: Any, path: list[str | int], value: str) -> object:
    parent = data
    for token in path[:-1]:
        parent = parent[token]
    parent[path[-1]] = value
    return data


def _errors(data: object, schema: dict[str, Any]) -> Iterator[ValidationError]:
    from jsonschema import Draft202012Validator, FormatChecker
    from referencing import Registry

    checker = FormatChecker(formats=["date"])
    validator = Draft202012Validator(schema, registry=Registry(), format_checker=checker)
    return iter(validator.iter_errors(data))


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        if error.context:
            yield from _leaves(error.context)
        else:
            yield error


def _causes(error: ValidationError) -> Iterator[ValidationError]:
    """The causes behind an alternative that failed: those of the one branch whose type fits, if there is one."""
    branches: dict[object, list[ValidationError]] = {}
    for each in error.context or ():
        branches.setdefault(each.schema_path[0], []).append(each)
    fitting = [causes for causes in branches.values() if not _wrong_type(error, causes)]
    if len(fitting) != 1:
        yield error
        return
    for cause in fitting[0]:
        yield from _causes(cause)


def _wrong_type(error: ValidationError, causes: list[ValidationError]) -> bool:
    return any(each.validator == "type" and each.absolute_path == error.absolute_path for each in causes)


def _problems(document: Document, error: ValidationError, prefix: str) -> Iterator[Problem]:
    pointer = prefix + join_pointer(*error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
        patterns = list(error.schema.get("patternProperties", {})) if isinstance(error.schema, dict) else []
        for key in error.instance:
            if key not in known and not any(re.search(pattern, key) for pattern in patterns):
                place = pointer + join_pointer(key)
                yield Problem(place, f"unknown key `{key}`", suggest(key, known), document.locate(place, key=True))
        return
    if error.validator == "required":
        missing = re.match(r"'(.*)' is a required property", error.message)
        message = f"required key `{missing[1]}` is missing" if missing else error.message
        help_text = _how_to_add(missing[1], error.schema) if missing else ""
        yield Problem(pointer, message, help_text, document.locate(pointer, key=True))
        return
    near = _near(error.instance, error.validator_value) if error.validator == "enum" else ""
    yield Problem(pointer, _message(error, pointer), near, document.locate(pointer))


def _message(error: ValidationError, pointer: str) -> str:
    name = f"`{pointer.rsplit('/', 1)[-1]}`" if pointer else "the document"
    value: Any = error.validator_value
    rule = error.validator
    if rule == "type":
        return f"{name} must be {_wanted(error.schema)}, not {_kind(error.instance)}"
    if rule in ("anyOf", "oneOf"):
        kinds = [each for each in error.context or () if each.validator == "type" and each.validator_value != "null"]
        words = [_wanted(each.schema) for each in kinds if isinstance(each.validator_value, str)]
        return (
            f"{name} must be {' or '.join(words)}, not {_kind(error.instance)}"
            if words
            else f"{name} has the wrong shape"
        )
    if rule == "enum":
        return f"{name} must be {'one of ' if len(value) > 1 else ''}{', '.join(map(str, value))}"
    if rule == "pattern":
        expected = error.schema.get("description") if isinstance(error.schema, dict) else None
        return f"{name} is `{_short(error.instance)}`; it must be {expected or f'text that matches {value}'}"
    if rule in ("minLength", "minItems"):
        return f"{name} must not be empty"
    if rule == "format":
        return f"{name} is `{_short(error.instance)}`, which is not a {value} (YYYY-MM-DD)"
    if rule in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        return f"{name} is {_short(error.instance)}; the {rule} is {value}"
    return f"{name}: {error.message[:200]}"


def _how_to_add(key: str, schema: Any) -> str:
    wanted = _wanted(schema.get("properties", {}).get(key))
    return f"add `{key}`, {wanted}" if wanted else ""


def _wanted(schema: Any) -> str:
    """What a value must be by its schema, in words; empty where the schema does not say in one."""
    schema = schema if isinstance(schema, dict) else {}
    types = schema.get("type", ())
    if types == "string" and "pattern" in schema and "description" in schema:
        return str(schema["description"])
    if 0 < len(schema.get("enum", ())) <= _FEW:
        return f"one of {', '.join(map(str, schema['enum']))}"
    return " or ".join(_WORDS[each] for each in ([types] if isinstance(types, str) else types))


def _near(word: object, known: Any) -> str:
    """`did you mean …?`, where a known word is near; the message lists them all."""
    words = [each for each in known if isinstance(each, str)] if isinstance(known, list) else []
    return suggest(word, words, list_them=False) if isinstance(word, str) and len(word) <= _LONG else ""


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    for types, word in (((int, float), "a number"), (str, "a string"), (dict, "a mapping"), (list, "a list")):
        if isinstance(value, types):
            return f"{word} ({_short(value)})" if not isinstance(value, (dict, list)) else word
    return type(value).__name__


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _from_msgspec(document: Document, refusal: str) -> Problem:
    """The one cause that msgspec names, at the place it names: `Expected … - at `$.a[0].b``."""
    message, _, place = refusal.partition(" - at ")
    tokens = re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", place)
    pointer = join_pointer(*(key or index for key, index in tokens))
    return Problem(pointer, f"{message[:1].lower()}{message[1:]}", span=document.locate(pointer))


def suggest(word: str, known: Iterable[str], *, list_them: bool = True) -> str:
    """`did you mean …?` with the nearest known word, or the list of what is known if nothing is near."""
    import difflib

    known = list(islice(known, _MANY))
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known: {', '.join(known)}" if list_them and 0 < len(known) <= _FEW else ""

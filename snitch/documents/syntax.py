"""Whether a file that is another program's to read is what its name says: its syntax alone, whatever it means there."""

from __future__ import annotations

import re

from snitch.documents.conflict import conflict
from snitch.documents.problems import Problem, Span, Unreadable

#: A larger file is data, not somebody's settings.
_MAX_CHARACTERS = 100_000

#: Lines `key: value` of plain scalars, which most parameters are: certain to be YAML, and costs nothing to see.
_FLAT = re.compile(r"(?:[A-Za-z_]\w*: [-+.]?[A-Za-z0-9][A-Za-z0-9_.+-]*\n|#[^\n]*\n|\n)*", re.ASCII)


def syntax_error(path: str, text: str) -> Problem | None:
    """What is wrong with the syntax of a YAML or JSON file, by its name; None for others, and for very large ones."""
    if len(text) > _MAX_CHARACTERS:
        return None
    if path.endswith((".yaml", ".yml")):
        return conflict(text) or _of_yaml(text)
    return conflict(text) or _of_json(text) if path.endswith(".json") else None


def same_content(path: str, one: bytes, other: bytes) -> bool:
    """Whether two versions of a YAML or JSON file, by its name, say the same to whoever reads them.

    Comments, line endings and layout say nothing. What only some readers take for the same does not count: `yes` is
    not `"yes"`. Of any other file, a very large or deep one or one that cannot be read the bytes decide.
    """
    if one == other or max(len(one), len(other)) > _MAX_CHARACTERS:
        return one == other
    read = _yaml_content if path.endswith((".yaml", ".yml")) else _json_content if path.endswith(".json") else None
    if read is None:
        return False
    try:
        return read(one.decode("utf-8")) == read(other.decode("utf-8"))
    except (Unreadable, ValueError, RecursionError):
        return False


def _yaml_content(text: str) -> list[tuple[object, ...]]:
    """The events that a text is made of, without how it is laid out.

    Raises:
        Unreadable: it is nested too deeply.
        ValueError: it is not YAML.
    """
    import yaml

    from snitch.documents.yaml_text import bounded_events

    fields = ("anchor", "tag", "value", "implicit", "version", "tags")
    try:
        return [(type(event), *(getattr(event, name, None) for name in fields)) for event in bounded_events("", text)]
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _json_content(text: str) -> str:
    """The data, in which `1`, `1.0` and `true` are not the same, nor are keys in another order.

    Raises:
        ValueError, RecursionError: it is not JSON.
    """
    import json

    return repr(json.loads(text, object_pairs_hook=tuple))


def _of_yaml(text: str) -> Problem | None:
    if _FLAT.fullmatch(text):
        return None
    import yaml

    from snitch.documents.yaml_text import bounded_events

    try:
        for _ in bounded_events("", text):
            pass
    except Unreadable as error:
        return error.problems[0]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(mark.line + 1, mark.column + 1) if mark else Span(1, 1)
        return Problem("", f"is not valid YAML: {' '.join(filter(None, [error.context, error.problem]))}", span=span)
    except (yaml.YAMLError, ValueError) as error:
        return Problem("", f"is not valid YAML: {str(error).splitlines()[0]}", span=Span(1, 1))
    return None


def _of_json(text: str) -> Problem | None:
    import json

    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return Problem("", f"is not valid JSON: {error.msg}", span=Span(error.lineno, error.colno))
    except (ValueError, RecursionError) as error:
        return Problem("", f"is not valid JSON: {error}", span=Span(1, 1))
    return None

"""Whether a file that is another program's to read is what its name says: its syntax alone, whatever it means there."""

from __future__ import annotations

import re

from snitch.documents.conflict import conflict
from snitch.documents.problems import Problem, Span

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


def _of_yaml(text: str) -> Problem | None:
    if _FLAT.fullmatch(text):
        return None
    import yaml

    try:
        # Events need no stack and no memory, however deep the text.
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass
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

"""What a merge left behind where it could not decide: lines of `<<<<<<<` and `>>>>>>>`."""

from __future__ import annotations

import re

from snitch.documents.problems import Problem, Span

_MARKER = re.compile(r"^(?:<{7}|>{7}) .*", re.MULTILINE)


def conflict(text: str) -> Problem | None:
    """The first sign of a merge conflict in a YAML or JSON text; None where there is none.

    Such a text mostly breaks the syntax, but on a line that is innocent; in a list in brackets it may even parse.
    """
    if "<<<<<<< " not in text and ">>>>>>> " not in text:
        return None
    marker = _MARKER.search(text)
    if marker is None:
        return None
    span = Span(text.count("\n", 0, marker.start()) + 1, 1, len(marker[0].rstrip("\r")))
    return Problem("", "a merge conflict is left", "resolve it, and delete the lines of `<`, `=` and `>`", span)

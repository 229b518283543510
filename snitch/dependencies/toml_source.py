"""TOML within bounds, and where in its text a string stands.

The standard library's parser keeps no positions. A value is looked for in the text as the string literal that says it:
the literals of a file are listed once, in order, and equal ones are given out in that order. A string written with
escapes, or over several lines, is not found; its place is then the file's first line.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections import deque
from collections.abc import Mapping
from typing import Any

from snitch.dependencies.declared import Place

MAX_BYTES = 2 * 1024 * 1024
#: The parser's time and memory grow with the square of a dotted key's parts.
_MAX_DOTS = 20

_STRING_OR_COMMENT = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:""")?'
    r"|'''(?:[^']|'(?!''))*(?:''')?"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?'
    r"|'[^'\n]*'?"
    r"|\#[^\n]*",
    re.DOTALL,
)
_KEY_CHARACTERS = re.compile(r"[\w \t-]+")
_KEY = re.compile(r"^[ \t]*([A-Za-z0-9_-]+)[ \t]*(?:=|\.[ \t]*[a-z]+[ \t]*=)", re.MULTILINE)
_AT_LINE = re.compile(r" ?\(at line (\d+), column (\d+)\)$")


class NotToml(Exception):
    """A text is not TOML, or beyond the bounds; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def read_toml(text: str) -> dict[str, Any]:
    """The data of a TOML text.

    Raises:
        NotToml: too large, nested too deeply, or bad syntax.
    """
    if len(text) > MAX_BYTES:
        raise NotToml(f"is larger than {MAX_BYTES:,} bytes")
    if "." * _MAX_DOTS in _KEY_CHARACTERS.sub("", _STRING_OR_COMMENT.sub("", text)):
        raise NotToml(f"a key has more than {_MAX_DOTS} parts")
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        data: dict[str, Any] = tomllib.loads(text)
    except RecursionError:
        raise NotToml("is nested too deeply") from None
    except ValueError as error:
        place = _AT_LINE.search(str(error))
        message = f"is not TOML: {_AT_LINE.sub('', str(error))}"
        raise NotToml(message, *(int(number) for number in place.groups()) if place else ()) from None
    return data


class Source:
    """The places of a TOML file's strings and keys."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._strings: dict[str, deque[tuple[int, int]]] = {}
        self._keys: dict[str, deque[tuple[int, int]]] = {}
        for match in _STRING_OR_COMMENT.finditer(text):
            if match[0][0] in "\"'":
                self._strings.setdefault(match[0].strip("\"'"), deque()).append(match.span())
        for match in _KEY.finditer(text):
            self._keys.setdefault(match[1], deque()).append(match.span(1))

    def string(self, value: str) -> Place:
        """Where the next string of this value stands."""
        return self._next(self._strings, value)

    def key(self, name: str) -> Place:
        """Where the next line that begins with this key stands."""
        return self._next(self._keys if name in self._keys else self._strings, name)

    def _next(self, spans: Mapping[str, deque[tuple[int, int]]], value: str) -> Place:
        found = spans.get(value)
        if not found:
            return Place(self._path, text=value)
        start, end = found.popleft() if len(found) > 1 else found[0]
        line = bisect_right(self._lines, start)
        return Place(self._path, line, start - self._lines[line - 1] + 1, end - start, value)

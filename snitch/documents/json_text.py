"""JSON, bounded, with duplicate keys refused and the place of every value.

`NaN` and `Infinity`, which Python writes and JSON does not know, are read as such: a rule tells of them
where they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from snitch.documents.problems import MAX_DEPTH, MAX_NODES, Problem, Span, Unreadable, split_pointer

_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_MARK = re.compile(r'["\[\]{}]')
#: Steps over values in C; a regular expression for strings keeps a record a character.
_value_at = json.JSONDecoder().raw_decode


class _DuplicateKeyError(Exception):
    pass


def read_json(path: str, text: str, *, most: int = MAX_NODES, half_characters: bool = False) -> object:
    """The data of one JSON text of at most so many values.

    With `half_characters` a string may hold half of a surrogate pair, as Python's for a name that is not UTF-8.

    Raises:
        Unreadable: bad syntax, a duplicate key, or beyond the bounds.
    """
    _measure(path, text, most)
    if "\\" not in text:
        try:
            data = msgspec.json.decode(text)
            # A pair that a duplicate key dropped took a colon along. Where a colon may be escaped, nobody knows.
            if msgspec.json.encode(data).count(b":") == text.count(":"):
                return data
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
            pass  # not JSON, or beyond it: what exactly is told below
    return _read_with_care(path, text, half_characters)


def _read_with_care(path: str, text: str, half_characters: bool) -> object:
    """As `read_json`, slowly, telling what is wrong where."""
    try:
        data = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise Unreadable(
            path, (Problem("", f"is not valid JSON: {error.msg}", span=Span(error.lineno, error.colno)),)
        ) from None
    except _DuplicateKeyError as error:
        key = str(error)
        raise Unreadable(
            path, (Problem("", f"duplicate key `{key}`", "keep one of them", _second(text, key)),)
        ) from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(path, (Problem("", f"is not valid JSON: {error}"),)) from None
    if not half_characters:
        _refuse_half_characters(path, text, data)
    return data


def _refuse_half_characters(path: str, text: str, data: object) -> None:
    """JSON can escape half of a surrogate pair, which is no character: nobody could encode the text again."""
    half = _SURROGATE.search(text)
    if half is None:
        return
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        span = Span(*_line_and_column(text, half.start()), len(half[0]))
        raise Unreadable(path, (Problem("", "half of a surrogate pair is no text", span=span),)) from None


def locate_json(text: str, pointer: str, *, key: bool = False) -> Span:
    """Where the value (or its key) at a pointer stands; the deepest parent that exists if it does not.

    The text must have been read without error.
    """
    places = _places(text)
    start = _skip(text, 0)
    at = start
    for token in split_pointer(pointer):
        step = places.members(start).get(token)
        if step is None:
            break
        key_at, start = step
        at = key_at if key and key_at is not None else start
    return _span(text, at)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(key)
            seen.add(key)
    return data


def _measure(path: str, text: str, most: int) -> None:
    if text.count(",") + text.count(":") > 2 * most:
        raise Unreadable(path, (Problem("", f"is too large: the limit is {most:,} values"),))
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket, at in _brackets(text):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            line, column = _line_and_column(text, at)
            raise Unreadable(path, (Problem("", f"is nested deeper than {MAX_DEPTH} levels", span=Span(line, column)),))


def _brackets(text: str) -> Iterator[tuple[str, int]]:
    """Each bracket outside strings and where it stands, up to the first string that is none."""
    at = 0
    while mark := _MARK.search(text, at):
        at = mark.end()
        if mark[0] != '"':
            yield mark[0], mark.start()
            continue
        try:
            at = _value_at(text, mark.start())[1]
        except json.JSONDecodeError:
            return


class _Places:
    """Where the members of a text's containers stand: of a container with thousands all are found in one go."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._members: dict[int, dict[str, tuple[int | None, int]]] = {}

    def members(self, start: int) -> dict[str, tuple[int | None, int]]:
        """By key or index, where the key (None in a list) and the value start; nothing but a container has any."""
        if start not in self._members:
            self._members[start] = dict(_members(self.text, start))
        return self._members[start]


#: A finding is at a place in the candidate's file and one in the deployed: keep both.
_places = lru_cache(maxsize=2)(_Places)


def _members(text: str, start: int) -> Iterator[tuple[str, tuple[int | None, int]]]:
    opening = text[start : start + 1]
    if opening not in ("{", "["):
        return
    at, index = _skip(text, start + 1), 0
    while at < len(text) and text[at] not in "}]":
        key_at, name = None, str(index)
        if opening == "{":
            key_at = at
            name, at = _value_at(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield name, (key_at, at)
        at = _skip(text, _end(text, at))
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        index += 1


def _end(text: str, at: int) -> int:
    """Just past the value that starts at `at`."""
    return int(_value_at(text, at)[1])


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _span(text: str, at: int) -> Span:
    line, column = _line_and_column(text, at)
    if at >= len(text):
        return Span(line, column)
    token = text[at : _end(text, at)]
    return Span(line, column, len(token) if "\n" not in token and len(token) < 200 else 1)


def _second(text: str, key: str) -> Span | None:
    """The second place in the text where the key stands as a key: exact unless it is also written with escapes."""
    places = [m.start() for m in re.finditer(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:", text)]
    if len(places) < 2:
        return None
    line, column = _line_and_column(text, places[1])
    return Span(line, column, len(key) + 2)


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1

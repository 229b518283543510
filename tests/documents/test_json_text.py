"""JSON: what it says, and that a key which stands twice is refused however it is written."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.documents import Unreadable
from snitch.documents.json_text import read_json


def refusal(text: str) -> str:
    with pytest.raises(Unreadable) as refused:
        read_json("a.json", text)
    [problem] = refused.value.problems
    return problem.message


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 1}',
        '[{"b": {"a": 1, "c": ":", "a": 2}}]',
        '{"a": ":", "a": ""}',
        r'{"a": 1, "\u0061": 2}',
        # Escaped colons stand for those that the dropped pair took along.
        r'{"a": ":", "a": "\u003a\u003a"}',
        r'{"a": 1, "b": "\u003a", "a": 2}',
        f'{{"a": 1, "b": {10**30}, "a": 2}}',
        '{"a": NaN, "a": 1}',
    ],
)
def test_a_key_that_stands_twice(text: str) -> None:
    assert refusal(text) == "duplicate key `a`"


@pytest.mark.parametrize(
    "text", ["null", "[]", '{"a": {"a": "a:a"}, "b": [{"a": 1}, {"a": 1}]}', r'{"a": "\n:"}', str(10**30), '"::"']
)
def test_what_stands_once(text: str) -> None:
    assert read_json("a.json", text) == json.loads(text)


def test_numbers_that_json_does_not_know_are_left_to_rules() -> None:
    data: Any = read_json("a.json", '{"a": NaN, "b": -Infinity, "c": 1e999}')
    assert math.isnan(data["a"]) and data["b"] == -math.inf and data["c"] == math.inf


@pytest.mark.parametrize("text", ["", "[1,", "{'a': 1}", '{"a" 1}', "nul", '"\n"', '["\x1f"]', "\ufeff{}"])
def test_what_is_no_json(text: str) -> None:
    assert refusal(text).startswith("is not valid JSON: ")


def test_a_number_that_python_refuses_to_convert() -> None:
    assert refusal("1" * 5000).startswith("is not valid JSON: ")


_KEYS = st.text(alphabet='ab:"\\\n', max_size=2)
_VALUES = st.recursive(
    st.none() | st.text(alphabet=':a"\\é', max_size=4) | st.integers() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(_KEYS, inner), max_size=4).map(tuple),
    max_leaves=12,
)


def spelled(value: object, *, escaped: bool) -> str:
    """A value as JSON; a tuple of pairs is an object, which may say a key twice."""
    if isinstance(value, tuple):
        pairs = (f"{json.dumps(key)}: {spelled(each, escaped=escaped)}" for key, each in value)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spelled(each, escaped=escaped) for each in value) + "]"
    if isinstance(value, str) and escaped:
        return '"' + "".join(f"\\u{ord(each):04x}" for each in value) + '"'
    return json.dumps(value, ensure_ascii=False)


def says_a_key_twice(value: object) -> bool:
    if isinstance(value, tuple):
        keys = [key for key, _ in value]
        return len(set(keys)) < len(keys) or any(says_a_key_twice(each) for _, each in value)
    return isinstance(value, list) and any(map(says_a_key_twice, value))


@given(st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,3})?", fullmatch=True))
def test_a_number_is_read_as_python_reads_it(text: str) -> None:
    try:
        number = json.loads(text)
    except ValueError:
        assert refusal(text).startswith("is not valid JSON: ")
    else:
        assert repr(read_json("a.json", text)) == repr(number)


@given(_VALUES, st.booleans())
def test_a_text_is_refused_where_it_says_a_key_twice_and_nowhere_else(value: object, escaped: bool) -> None:
    text = spelled(value, escaped=escaped)
    if says_a_key_twice(value):
        assert refusal(text).startswith("duplicate key `")
    else:
        assert read_json("a.json", text) == json.loads(text)

"""Two versions of another program's file: what only lays it out differently, and what says something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from snitch.documents.problems import MAX_DEPTH
from snitch.documents.syntax import same_content, syntax_error

YAML = "a: 200\nb: {c: [1, yes]}\nd: |\n  text\n"
JSON = '{"a": 200, "b": [1, true]}'


@pytest.mark.parametrize(
    "other",
    [
        YAML.replace("\n", "\r\n"),
        f"# why\n{YAML}# because\n",
        YAML.replace("200", "200  # trees"),
        YAML.replace("{c: [1, yes]}", "\n  c:\n    - 1\n    - yes"),
        f"\ufeff{YAML}",
    ],
)
def test_yaml_that_says_the_same(other: str) -> None:
    assert same_content("params.yaml", YAML.encode(), other.encode())


@pytest.mark.parametrize(
    "other",
    [
        YAML.replace("200", "201"),
        YAML.replace("200", "200.0"),
        YAML.replace("200", '"200"'),
        YAML.replace("yes", '"yes"'),
        YAML.replace("yes", "true"),
        YAML.replace("  text", "  # text"),
        YAML.replace("a: 200", "#a: 200"),
        YAML + "a: 200\n",
        YAML + "---\n",
        YAML + "[",
        YAML.replace("200", "!!str 200"),
    ],
)
def test_yaml_that_says_something_else(other: str) -> None:
    assert not same_content("params.yml", YAML.encode(), other.encode())


def test_json() -> None:
    def same(other: str) -> bool:
        return same_content("params.json", JSON.encode(), other.encode())

    assert same('{\r\n  "a": 200,\n  "b": [1, true]\n}\n')
    others = ["201", "200.0", '"200"', '200, "a": 200', "["]
    assert not any(same(JSON.replace("200", other)) for other in others)
    assert not same(JSON.replace("true", "1"))


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("params.toml", b"a = 1\n", b"a = 1\r\n"),
        ("params.yaml", b"[\n", b"[ # broken alike\n"),
        ("params.yaml", b"a: \xff\n", b"a: \xff\r\n"),
        ("params.json", b"[" * 50_000, b"[" * 50_001),
        ("params.yaml", b"a: 1\n" + b"#" * 100_000, b"a: 1\n"),
    ],
)
def test_where_the_bytes_decide(path: str, one: bytes, other: bytes) -> None:
    assert not same_content(path, one, other)
    assert same_content(path, one, one)


DEEP = {
    "braces": "{" * 99_000,
    "brackets": "[" * 99_000,
    "brackets on lines of their own": "[\n" * 49_000,
    "a key and braces": "x: " + "{" * 99_000,
    "keys and braces": "{a: " * 24_000,
    "dashes": "- " * 49_000,
    "questions": "? " * 49_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_nested_deeply_is_refused_where_it_is_too_deep(text: str) -> None:
    problem = syntax_error("params.yaml", text)
    assert problem is not None
    assert "too deeply nested" in problem.message
    assert not same_content("params.yaml", text.encode(), f"{text} ".encode())
    assert same_content("params.yaml", text.encode(), text.encode())


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_of_what_is_nested_deeply_hardly_more_is_read(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    parse = yaml.parse

    def counted(*args: Any, **options: Any) -> Iterator[Any]:
        nonlocal asked
        for event in parse(*args, **options):
            asked += 1
            yield event

    monkeypatch.setattr(yaml, "parse", counted)
    assert syntax_error("params.yaml", text) is not None
    assert not same_content("params.yaml", text.encode(), f"{text} ".encode())
    assert 0 < asked <= 6 * MAX_DEPTH


def test_nesting_within_bounds_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert syntax_error("params.yaml", text) is None
    assert same_content("params.yaml", text.encode(), f"{text} # deep\n".encode())

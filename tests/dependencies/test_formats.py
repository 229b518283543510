"""Every format: no content makes it raise, and what two formats say alike is read alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snitch.dependencies import Dependencies, is_dependency_file, read_dependencies

NAMES = ["requirements.txt", "pyproject.toml", "pylock.toml", "environment.yml"]
TABLES = ["[project]", "[[packages]]", "[tool.poetry.dependencies]", "dependencies", "channels", "lock-version", "name"]
SYNTAX = [
    "=",
    "==",
    ":",
    "- ",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\n",
    "\n  ",
    "^",
    "::",
    "&a ",
    "*a",
    "!x ",
    "#",
    "\\",
]
VALUES = ["version", "pip", "numpy", "1.0", "https://", "git", "-r ", "../", "\x85", "é", "\ufeff", "1", "true", "~"]
WORDS = st.sampled_from(TABLES + SYNTAX + VALUES)
CONTENT = st.one_of(st.binary(max_size=100), st.lists(WORDS, max_size=40).map(lambda words: "".join(words).encode()))


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(content=CONTENT)
def test_no_bytes_make_a_reader_raise(name: str, content: bytes) -> None:
    dependencies = read_dependencies({name: content}, name)
    assert isinstance(dependencies, Dependencies)
    assert dependencies.files[0] == name
    places = [(r.line, r.column, r.length) for r in (*dependencies.requirements, *dependencies.constraints)]
    places += [(problem.line, problem.column, problem.length) for problem in dependencies.problems]
    for line, column, length in places:
        assert line >= 1
        assert column >= 1
        assert length >= 0


@pytest.mark.parametrize("name", NAMES)
def test_bytes_that_are_no_text_are_told(name: str) -> None:
    assert {problem.kind for problem in read_dependencies({name: b"\xe9"}, name).problems} >= {"unreadable"}
    assert {problem.kind for problem in read_dependencies({name: "a".encode("utf-16")}, name).problems} >= {"unsafe"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("requirements.txt", True),
        ("a/requirements-dev.in", True),
        ("pyproject.toml", True),
        ("pylock.toml", True),
        ("pylock.gpu.toml", True),
        ("environment.yaml", True),
        ("poetry.toml", False),
        ("Pipfile", False),
        ("setup.py", False),
        ("", False),
    ],
)
def test_a_format_is_known_by_its_name(path: str, expected: bool) -> None:
    assert is_dependency_file(path) is expected

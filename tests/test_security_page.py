"""The page on security names a test for each promise; here the tests are looked for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.partition("## What is promised")[2].splitlines() if line.startswith("| ")]
PROMISES = [row for row in ROWS if not row.startswith("| Promise")]
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))


def test_every_promise_names_a_test() -> None:
    assert len(PROMISES) > 20
    assert not [row for row in PROMISES if "`tests/" not in row]


@pytest.mark.parametrize("name", NAMED)
def test_the_test_is_there(name: str) -> None:
    path, *inside = name.split("::")
    file = ROOT / path
    assert file.is_file(), f"there is no {path}"
    body = ast.parse(file.read_text(encoding="utf-8")).body
    for part in inside:
        node = next((n for n in body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == part), None)
        assert node is not None, f"{path} has no {part}"
        body = node.body

"""Files, and the places in them that findings point at."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from snitch.report import render
from snitch.snapshot import MemorySnapshot
from snitch.source import File, Source, resolve
from tests.report.reports import PASSED


def file(path: str, content: str) -> File:
    return File(Source(MemorySnapshot({path: content})), path)


def test_a_finding_in_a_file_of_one_endless_line_still_shows_its_place() -> None:
    text = json.dumps({**{f"key{number}": number for number in range(500)}, "here": "wrong", "after": ["x"] * 500})
    finding = file("a.json", text).finding("/here", "is wrong", label="this")
    assert text[finding.column - 1 :].startswith('"wrong"')
    shown = render(replace(PASSED, findings=(finding,)), "text", width=80)
    line, underline = (each.split("|", 1)[1] for each in shown.splitlines() if "|" in each)
    assert line[underline.index("^") :].startswith('"wrong"')


@pytest.mark.parametrize(
    ("folder", "relative", "path"),
    [
        ("models/a", "x.json", "models/a/x.json"),
        ("models/a", "../b/x.json", "models/b/x.json"),
        ("models/a", "./x/../y", "models/a/y"),
        ("", "x", "x"),
    ],
)
def test_a_path_is_relative_to_its_file(folder: str, relative: str, path: str) -> None:
    assert resolve(folder, relative) == path


@pytest.mark.parametrize(
    "relative", ["../x", "../../../x", "/etc/passwd", "a/../../../x", "\\\\x", "c:\\x", "", ".", "s3://x", "a\0b"]
)
def test_a_path_never_leaves_the_repository(relative: str) -> None:
    folder = "models" if relative != "../x" else ""
    assert resolve(folder if relative not in ("", ".") else "", relative) is None

"""Files, and the places in them that findings point at."""

from __future__ import annotations

import json
from datetime import date

import pytest
from msgspec.structs import replace

from snitch.documents import Unreadable
from snitch.formats.benchmark import BenchmarkData, Period
from snitch.report import render
from snitch.snapshot import MemorySnapshot, Mode, UnreadableFile
from snitch.source import Documents, File, Source, resolve
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
        ("models/a", "..x", "models/a/..x"),
        ("models/a", "x/", "models/a/x"),
        ("models/a", "..", "models"),
        ("models/a", ".", "models/a"),
        ("models/a", "", "models/a"),
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


def test_equal_files_of_two_snapshots_are_decoded_once_and_different_ones_each() -> None:
    documents = Documents()
    one, same, other = (
        Source(MemorySnapshot({"a.json": f'{{"start": "{day}"}}'}), documents=documents)
        for day in ("2026-01-01", "2026-01-01", "2026-01-02")
    )
    period = one.decoded("a.json", Period)
    assert same.decoded("a.json", Period) is period
    assert other.decoded("a.json", Period).start == date(2026, 1, 2)
    documents.forget(["a.json"])
    assert one.decoded("a.json", Period) is not period


def test_one_file_is_decoded_as_each_kind_that_is_asked_for() -> None:
    source = Source(MemorySnapshot({"a.json": "{}"}))
    assert source.decoded("a.json", Period) == Period()
    with pytest.raises(Unreadable, match=r"a\.json"):
        source.decoded("a.json", BenchmarkData)
    assert source.decoded("a.json", Period) == Period()


def test_what_is_wrong_with_a_file_is_told_each_time_it_is_decoded() -> None:
    source = Source(MemorySnapshot({"a.json": '{"end": 1}'}))
    for _ in range(2):
        with pytest.raises(Unreadable) as refused:
            source.decoded("a.json", Period)
        assert [problem.pointer for problem in refused.value.problems] == ["/end"]


def test_a_link_to_the_blob_of_a_file_that_was_read_is_still_a_link() -> None:
    documents = Documents()
    file = MemorySnapshot({"a.yaml": "a: 1\n"})
    link = MemorySnapshot({"a.yaml": "a: 1\n"}, modes={"a.yaml": Mode.SYMLINK})
    assert Source(file, documents=documents).document("a.yaml").data == {"a": 1}
    assert documents.decoded(file, "a.yaml", dict) == {"a": 1}
    with pytest.raises(UnreadableFile, match="symbolic link"):
        Source(link, documents=documents).document("a.yaml")
    with pytest.raises(UnreadableFile, match="symbolic link"):
        documents.decoded(link, "a.yaml", dict)

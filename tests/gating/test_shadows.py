"""Shadow reports read from files of this machine, whatever those are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from snitch.checking.commits import Misuse
from snitch.gating.shadows import MAX_BYTES, read_shadow
from tests.rules.shadow_report import REPORT


def test_a_report(tmp_path: Path) -> None:
    path = tmp_path / "churn.json"
    path.write_text(json.dumps(REPORT))
    shadow = read_shadow(str(path))
    assert shadow.report is not None
    assert (shadow.report.model, shadow.report.candidate.requests, shadow.fault) == ("churn", 10000, "")
    finding = shadow.file.finding("/candidate/requests", "few")
    assert (finding.path, finding.pointer) == (str(path), "/candidate/requests")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is not valid JSON: Expecting value"),
        (b"{}", "required key `schema_version` is missing (and 3 more)"),
        (b"[" * 100_000, "is nested deeper than"),
        (b'{"model": 1, "model": 2}', "duplicate key `model`"),
        (b"\xff", "is not UTF-8 text"),
        (b"<<<<<<< HEAD\n{}\n", ""),
    ],
)
def test_what_is_none_is_said_to_be(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "churn.json"
    path.write_bytes(content)
    shadow = read_shadow(str(path))
    assert shadow.report is None
    assert shadow.fault.startswith(fault)
    assert shadow.fault


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="cannot be read: No such file"):
        read_shadow(str(tmp_path / "none.json"))


@pytest.mark.parametrize("name", ["shadow.yaml", "shadow", "shadow.json.txt"])
def test_a_file_of_another_kind(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misuse, match=r"takes a \.json file"):
        read_shadow(str(tmp_path / name))


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(Misuse, match="cannot be read"):
        read_shadow("a\0.json")


def test_a_folder_and_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("folder.json", "pipe.json"):
        with pytest.raises(Misuse, match="no regular file"):
            read_shadow(str(tmp_path / name))


def test_a_file_without_end(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(Misuse, match="larger than"):
        read_shadow(str(tmp_path / "large.json"))
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    with pytest.raises(Misuse, match="no regular file"):
        read_shadow(str(tmp_path / "zero.json"))

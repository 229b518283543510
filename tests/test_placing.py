"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snitch.placing import place, write_out


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    place(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o7777 == 0o640
    assert os.listdir(tmp_path) == ["policy.yaml"]


def test_a_new_file_gets_the_permissions_that_are_asked_for(tmp_path: Path) -> None:
    place(str(tmp_path / "hook"), b"#!/bin/sh\n", mode=0o755)
    assert (tmp_path / "hook").stat().st_mode & 0o7777 == 0o755


def test_where_it_cannot_be_put_in_place_all_is_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "report.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        place(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_what_somebody_else_is_writing_is_left_to_them(tmp_path: Path) -> None:
    theirs = tmp_path / f"report.json.{os.getpid()}.tmp"
    theirs.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        place(str(tmp_path / "report.json"), b"ours")
    assert theirs.read_bytes() == b"theirs"


def test_what_is_asked_for_is_written_to_a_pipe_and_to_the_end_of_a_link(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_out(str(pipe), b"new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    link.symlink_to(tmp_path / "file")
    write_out(str(link), b"new")
    assert (link.is_symlink(), (tmp_path / "file").read_bytes()) == (True, b"new")

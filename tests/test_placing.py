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


def test_where_none_can_be_made_that_very_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError) as caught:
        place(str(tmp_path / "file" / "report.json"), b"new")
    assert caught.value.filename == str(tmp_path / "file" / "report.json")


def test_what_somebody_else_is_writing_is_left_to_them(tmp_path: Path) -> None:
    theirs = tmp_path / f"report.json.{os.getpid()}.tmp"
    theirs.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        place(str(tmp_path / "report.json"), b"ours")
    assert theirs.read_bytes() == b"theirs"


def test_what_is_asked_for_is_written_to_a_pipe_and_to_a_device(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_out(str(pipe), b"new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    write_out(os.devnull, b"new")
    assert not os.path.isfile(os.devnull)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
def test_a_device_that_is_full(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        write_out("/dev/full", b"new")


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_what_is_open_is_written_to(tmp_path: Path, name: str) -> None:
    """As `>(…)` of a shell names it: after what is written there already, and not to a file of its own."""
    with (tmp_path / "out").open("wb", buffering=0) as file:
        file.write(b"one ")
        write_out(name.format(file.fileno()), b"two ")
        file.write(b"three")
    assert (tmp_path / "out").read_bytes() == b"one two three"


def test_stdout_by_its_name(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_out("/dev/stdout", b"out")
    write_out("/dev/stderr", b"err")
    assert capfdbinary.readouterr() == (b"out", b"err")


@pytest.mark.parametrize("target", ["file", "nothing", "folder"])
def test_a_link_is_replaced_and_not_followed(tmp_path: Path, target: str) -> None:
    replaces_a_link_to(target, tmp_path)


@pytest.mark.parametrize("target", ["file", "nothing", "folder", "pipe", "/dev/full"])
def test_nor_is_any_of_the_work_tree(tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of a repository may lead to any pipe of the machine."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    replaces_a_link_to(target, tmp_path)


def test_a_pipe_behind_a_link_of_ones_own_is_written_to(tmp_path: Path) -> None:
    """As `/proc/PID/fd/N` is one, on a runner."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_out(str(tmp_path / "link"), b"new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert (tmp_path / "link").is_symlink()


def replaces_a_link_to(target: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o777)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    link = tmp_path / "link"
    link.symlink_to(target if target.startswith("/") else tmp_path / target)
    write_out(str(link), b"new")
    assert (link.is_symlink(), link.read_bytes()) == (False, b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert link.stat().st_mode & 0o111 == 0
    assert {*os.listdir(tmp_path)} - {".git"} == {"file", "folder", "link", "pipe"}


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that a work tree, which this runs in, has a link to."""
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "top" / ".git").mkdir(parents=True)
    (tmp_path / "top" / "sub").mkdir()
    (tmp_path / "top" / "sub" / "out").symlink_to(tmp_path / "elsewhere" / "deep")
    monkeypatch.chdir(tmp_path / "top" / "sub")
    return tmp_path / "elsewhere"


@pytest.mark.parametrize("path", ["out/new", "../sub/out/new", "./out//new", "out/../new", "{top}/sub/out/new"])
def test_no_folder_that_is_a_link_in_the_work_tree_is_written_to(elsewhere: Path, path: str) -> None:
    with pytest.raises(OSError, match="out is a link in the repository"):
        write_out(path.format(top=elsewhere.parent / "top"), b"new")
    assert [each for each in elsewhere.rglob("*") if each.is_file()] == []


def test_links_above_the_work_tree_and_beside_it_are_the_machines(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere.parent / "alias").symlink_to(elsewhere.parent / "top")
    write_out(str(elsewhere.parent / "alias" / "sub" / "new"), b"new")
    (elsewhere.parent / "reports").symlink_to(elsewhere)
    write_out("../../reports/new", b"new")
    assert (elsewhere / "new").read_bytes() == b"new"
    monkeypatch.chdir(elsewhere)
    write_out("new", b"newer")
    assert (elsewhere / "new").read_bytes() == b"newer"

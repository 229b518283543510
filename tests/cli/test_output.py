"""Where a report goes, and how it looks there: terminals of all kinds, pipes, streams that nobody reads."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from snitch.cli.output import terminal_width, use_color
from tests.cli.changed import NOW, UNREACHABLE, WORSE, process
from tests.cli.conftest import Command, Ran
from tests.judging import FOLDER, MANIFEST, edit
from tests.repository import Repo

CHECK = ("check", NOW, "--env=production")
#: Decodes nothing but ASCII, as on a machine that nobody has set up.
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}

#: Commands that are there to tell something, and judge nothing.
ANSWERS = ["rules", "explain REG001", "schema", "--help", "gate -h", "--version", "doctor"]


class Stream:
    """What is asked of a stream about colours."""

    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class TestColor:
    @pytest.mark.parametrize(
        ("env", "terminal", "colored"),
        [
            ({}, True, True),
            ({}, False, False),
            ({"TERM": "dumb"}, True, False),
            ({"NO_COLOR": "1"}, True, False),
            ({"NO_COLOR": ""}, True, True),
            ({"FORCE_COLOR": "1"}, False, True),
            ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
            ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
            ({"CLICOLOR_FORCE": "1"}, False, True),
            ({"CLICOLOR_FORCE": "0"}, False, False),
        ],
        ids=str,
    )
    def test_the_environment_decides_before_the_stream(
        self, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], terminal: bool, colored: bool
    ) -> None:
        monkeypatch.setenv("TERM", "xterm-256color")
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        assert use_color(Stream(terminal)) is colored

    def test_without_a_stream(self) -> None:
        assert use_color(None) is False

    def test_in_a_report(self, snitch: Command, repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        repo.write(UNREACHABLE)
        assert "\x1b" not in snitch(*CHECK, at=repo.path).out
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b[" in snitch(*CHECK, at=repo.path).out
        snitch(*CHECK, f"--format=text={tmp_path / 'report'}", at=repo.path)
        assert "\x1b" not in (tmp_path / "report").read_text()
        json.loads(snitch(*CHECK, "--format=json", at=repo.path).out)


class TestWidth:
    @pytest.mark.parametrize(
        ("columns", "width"),
        [("80", 80), ("0040", 40), ("1", 20), ("99999", 99999), ("9" * 5000, 99999), ("٤٠", 40)],
        ids=["plain", "zeros", "narrow", "wide", "absurd", "digits of another script"],
    )
    def test_stated(self, monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
        monkeypatch.setenv("COLUMNS", columns)
        assert terminal_width() == width

    @pytest.mark.parametrize("columns", ["", "0", "000", "-5", "wide", "8.5", "²"])
    def test_where_there_is_no_terminal(self, repo: Repo, columns: str) -> None:
        code = "from snitch.cli.output import terminal_width; print(terminal_width())"
        told = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "COLUMNS": columns}, capture_output=True, check=True
        )
        assert told.stdout == b"100\n"

    @pytest.mark.parametrize(("columns", "width"), [("40", 40), ("20", 20), ("1", 20)])
    def test_prose_keeps_within_it(
        self, snitch: Command, repo: Repo, monkeypatch: pytest.MonkeyPatch, columns: str, width: int
    ) -> None:
        repo.write(UNREACHABLE)
        monkeypatch.setenv("COLUMNS", columns)
        heading, rest = snitch(*CHECK, at=repo.path).out.split("  --> ")
        _, summary = rest.split("\n\n")
        assert summary.startswith("blocked: 1 error in")
        prose = [*heading.splitlines()[1:], *summary.splitlines()]  # a rule's code and name stand on one line
        assert max(len(line) for line in prose if "`" not in line) <= width  # and a command is not broken

    def test_a_huge_one_pads_nothing(self, snitch: Command, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        repo.write(WORSE)
        monkeypatch.setenv("COLUMNS", "9" * 30)
        assert len(snitch(*CHECK, at=repo.path).out) < 5000


def test_at_a_terminal(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLUMNS", raising=False)
    repo.write(WORSE)
    shown = at_terminal(*CHECK, at=repo.path)
    assert "\x1b[" in shown
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in at_terminal(*CHECK, at=repo.path)


def at_terminal(*arguments: str, at: Path) -> str:
    """What a terminal receives."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "snitch", *arguments], cwd=at, stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        received = b""
        while part := _read(ours):
            received += part
    os.close(ours)
    assert running.returncode == 1
    return received.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other side has closed
        return b""


class TestAscii:
    def test_text_is_ascii(self, repo: Repo) -> None:
        repo.write(edit(WORSE, MANIFEST, "name: Growth ML, contact: growth-ml@example.com", "name: 解約"))
        ran = process(*CHECK, at=repo.path, env=ASCII)
        assert (ran.code, ran.err) == (1, "")
        assert ran.out.isascii()
        assert "error[REG001]" in ran.out

    def test_json_is_json(self, repo: Repo) -> None:
        repo.write(edit(UNREACHABLE, MANIFEST, "license: apache-2.0", "license: café-1.0"))
        ran = process(*CHECK, "--format=json", at=repo.path, env=ASCII)
        assert any("café-1.0" in finding["message"] for finding in json.loads(ran.out)["findings"])

    def test_a_path_that_is_no_text(self, repo: Repo) -> None:
        repo.write({f"{FOLDER}/evaluations/\udcff.json": "{}"})
        ran = process(*CHECK, at=repo.path, env=ASCII)
        assert (ran.code, ran.err) == (1, "")
        assert "Traceback" not in ran.out

    def test_an_option_that_is_no_text(self, repo: Repo) -> None:
        ran = process("check", "\udcff", at=repo.path, env=ASCII)
        assert (ran.code, ran.out) == (2, "")
        assert "matches no model" in ran.err


class TestNobodyReads:
    """The verdict stands before its delivery."""

    @pytest.fixture
    def repo(self, repo: Repo) -> Repo:
        return repo.write(WORSE)

    def test_a_closed_stdout(self, repo: Repo) -> None:
        ran = process(*CHECK, at=repo.path, preexec_fn=lambda: os.close(1))
        assert ran == Ran(1, "", "snitch: the report cannot be written: stdout is closed\n")

    def test_a_closed_stderr(self, repo: Repo) -> None:
        ran = process(*CHECK, at=repo.path, preexec_fn=lambda: os.close(2))
        assert ran.code == 1
        assert "error[REG001]" in ran.out

    def test_both_closed(self, repo: Repo) -> None:
        assert process(*CHECK, at=repo.path, preexec_fn=lambda: os.closerange(1, 3)).code == 1
        assert process("check", "--bogus", at=repo.path, preexec_fn=lambda: os.closerange(1, 3)).code == 2

    def test_a_pipe_that_nobody_reads(self, repo: Repo) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as stdout:
            assert process(*CHECK, at=repo.path, stdout=stdout) == Ran(1, "", "")

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
    def test_a_full_disk(self, repo: Repo) -> None:
        with open("/dev/full", "wb") as stdout:
            ran = process(*CHECK, at=repo.path, stdout=stdout)
        assert ran.code == 1
        assert ran.err.startswith("snitch: the report cannot be written: ")
        assert ran.err.count("\n") == 1

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
    @pytest.mark.parametrize("command", ANSWERS)
    def test_an_answer_that_cannot_be_written_is_none(self, repo: Repo, command: str) -> None:
        with open("/dev/full", "wb") as stdout:
            ran = process(*command.split(), at=repo.path, stdout=stdout)
        assert ran.code == (1 if command == "doctor" else 2), "what it found comes first"
        assert ran.err == "snitch: the answer cannot be written: No space left on device\n"

    @pytest.mark.parametrize("command", ANSWERS)
    def test_an_answer_that_nobody_reads_to_its_end(self, repo: Repo, command: str) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as stdout:
            ran = process(*command.split(), at=repo.path, stdout=stdout)
        assert (ran.code, ran.err) == (int(command == "doctor"), "")

    @pytest.mark.parametrize("command", ["rules", "--version"])
    def test_an_answer_where_stdout_is_closed(self, repo: Repo, command: str) -> None:
        ran = process(command, at=repo.path, preexec_fn=lambda: os.close(1))
        assert (ran.code, ran.err) == (2, "snitch: the answer cannot be written: stdout is closed\n")

    def test_what_was_done_stays_done(self, repo: Repo) -> None:
        ran = process("new", "fraud", "--task=regression", at=repo.path, preexec_fn=lambda: os.close(1))
        assert (ran.code, ran.err) == (0, "snitch: what was done cannot be written: stdout is closed\n")
        assert os.path.exists(f"{repo.path}/models/fraud/model.yaml")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(CHECK, b"snitch: interrupted"), (("check", "--staged", "--quiet"), b"")],
    ids=["check", "hook"],
)
@pytest.mark.usefixtures("interruptible")
def test_an_interruption(repo: Repo, tmp_path: Path, arguments: tuple[str, ...], told: bytes) -> None:
    """It comes while git is at work, which here never ends."""
    repo.write(WORSE).stage()
    started, fake = tmp_path / "started", tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n: > '{started}'\nexec sleep 600\n")
    fake.chmod(0o755)
    env = {**os.environ, "PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "snitch", *arguments]
    with subprocess.Popen(
        command, cwd=repo.path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as running:
        while not started.exists():
            assert running.poll() is None
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err.strip()) == (130, b"", told)

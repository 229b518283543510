"""The command line itself: its help, its version, and what it says of commands that it does not have."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from snitch import __version__
from snitch.cli import main
from tests.cli.changed import process
from tests.cli.conftest import Command, Ran


@pytest.mark.parametrize("argument", ["-h", "--help", "help"])
def test_help(snitch: Command, tmp_path: Path, argument: str) -> None:
    ran = snitch(argument, at=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    for name, line in main.COMMANDS.items():
        assert f"  {name}" in ran.out
        assert " ".join(line.split()[:3]) in ran.out
    assert "Exit codes: 0 passed, 1 blocked, 2 misuse or bad policy, 3 inconclusive, 130" in ran.out


@pytest.mark.parametrize("name", main.COMMANDS)
def test_help_of_a_command(snitch: Command, tmp_path: Path, name: str) -> None:
    ran = snitch(name, "--help", at=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: snitch {name} [OPTIONS]")
    assert snitch("help", name, at=tmp_path) == ran
    assert snitch(name, "-h", at=tmp_path) == ran


@pytest.mark.parametrize("name", main.COMMANDS)
def test_the_line_of_the_group_is_the_commands_own(name: str) -> None:
    command = main.snitch.get_command(click.Context(main.snitch), name)
    assert command is not None
    assert command.short_help == main.COMMANDS[name]


def test_no_command_at_all_is_no_pass(snitch: Command, tmp_path: Path) -> None:
    ran = snitch(at=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: snitch [OPTIONS] COMMAND")


def test_version(snitch: Command, tmp_path: Path) -> None:
    assert snitch("--version", at=tmp_path) == Ran(0, f"snitch, version {__version__}\n", "")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("chekc", "there is no command `chekc`; did you mean `check`?"),
        ("docter", "there is no command `docter`; did you mean `doctor`?"),
        ("\x1b[2J", "there is no command `"),
        (
            "xyz",
            "rollback, rules, explain, waive, init, new, advisories, schema",
        ),
    ],
)
def test_an_unknown_command(snitch: Command, tmp_path: Path, word: str, told: str) -> None:
    ran = snitch(word, at=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "\x1b" not in ran.err


def test_help_of_an_unknown_command(snitch: Command, tmp_path: Path) -> None:
    ran = snitch("help", "chekc", at=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean `check`?" in ran.err


@pytest.mark.parametrize("arguments", [["--nosuch"], ["check", "--nosuch"], ["rules", "--nosuch"], ["explain"]])
def test_misuse_is_told_on_stderr(snitch: Command, tmp_path: Path, arguments: list[str]) -> None:
    ran = snitch(*arguments, at=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: snitch")


def test_a_fault_of_its_own_is_no_pass_and_no_traceback(
    snitch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by\x1b[2J zero")

    monkeypatch.setattr("snitch.cli.schema.schema_of", broken)
    ran = snitch("schema", "model", at=tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("snitch: a fault of Snitch's own: ZeroDivisionError: by")
    assert "\x1b" not in ran.err
    monkeypatch.setenv("SNITCH_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        snitch("schema", "model", at=tmp_path)


def test_the_module_is_the_command(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('planted')\n")
    assert process("--version", at=tmp_path) == Ran(0, f"snitch, version {__version__}\n", "")

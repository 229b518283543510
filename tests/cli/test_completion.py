"""Shell completion: commands, rules and models, asked for as a shell asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import Repo


def ask(words: str, at: Path) -> list[str]:
    """What a shell is offered for the last word of a line."""
    environment = {
        **os.environ,
        "_SNITCH_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    code = "import sys; from snitch.cli.main import run; sys.exit(run([]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=at, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("snitch wa", ["waive"]),
        ("snitch explain REG001", ["REG001"]),
        ("snitch explain metric-reg", ["metric-regressed"]),
        ("snitch waive stale-b", ["stale-benchmark"]),
        ("snitch check --select metric-reg", ["metric-regressed"]),
        ("snitch check --ignore BEN001,metric-reg", ["BEN001,metric-regressed"]),
        ("snitch explain nothing-like-it", []),
        ("snitch check --format j", ["json", "junit"]),
        ("snitch schema m", ["model"]),
    ],
)
def test_what_a_shell_is_offered(tmp_path: Path, words: str, offered: list[str]) -> None:
    assert ask(words, tmp_path) == offered


def test_every_command_is_offered(tmp_path: Path) -> None:
    assert {"check", "rules", "explain", "waive", "init", "new", "schema", "doctor"} <= set(ask("snitch ", tmp_path))


def test_models_are_offered_where_there_are_any(repo: Repo, tmp_path: Path) -> None:
    assert ask("snitch waive REG001 --model c", repo.path) == ["churn"]
    assert ask("snitch waive REG001 --model c", tmp_path) == []


def test_environments_are_offered_where_a_policy_names_them(repo: Repo, tmp_path: Path) -> None:
    assert ask("snitch check --env p", repo.path) == ["production"]
    repo.write(
        {
            "snitch.yaml": "extends: ours.yaml\n",
            "ours.yaml": "deployed: live\nenvironments: {low: {branches: [dev]}, live: {branches: [main]}}\n",
        }
    )
    assert ask("snitch check --env l", repo.path) == ["low", "live"]
    assert ask("snitch rules --env li", repo.path) == ["live"]
    repo.write({"snitch.yaml": "extends: [\n"})
    assert ask("snitch check --env l", repo.path) == []
    assert ask("snitch check --env p", tmp_path) == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_script_for_bash_is_bash(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("snitch")
    environment = {**os.environ, "_SNITCH_COMPLETE": "bash_source"}
    done = subprocess.run([program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "complete -o nosort -F _snitch_completion snitch" in done.stdout
    subprocess.run(["bash", "-n"], input=done.stdout, text=True, check=True)

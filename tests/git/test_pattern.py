"""Several patterns as one find what each of them would."""

from __future__ import annotations

import subprocess
from pathlib import Path
from time import monotonic

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snitch.git.command import Git
from snitch.git.grep import grep
from snitch.git.pattern import one_pattern
from tests.repository import Repo

WORDS = st.text(".*+?()[]{}|^$\\-/'\" aeé", min_size=1, max_size=4)


def _found(folder: Path, options: list[str]) -> list[str]:
    command = ["git", "grep", "--no-index", "-h", *options, "--", "lines"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"LC_ALL": "C"}).stdout.split("\n")


@given(st.lists(WORDS, min_size=1, max_size=3), st.lists(WORDS, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fixed_strings(tmp_path: Path, words: list[str], others: list[str]) -> None:
    lines = [*others, *(f"x{word}y" for word in words)]
    (tmp_path / "lines").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    option, pattern = one_pattern(words)
    expected = [line for line in lines if any(word in line for word in words)]
    assert _found(tmp_path, [option, "-e", pattern]) == [*expected, ""]


def test_regular_expressions() -> None:
    assert one_pattern(["^a$", "b|c"], regex=True) == ("--extended-regexp", "^a$|b|c")


def test_a_large_file_with_many_hits_of_one_is_searched_in_one_go(repo: Repo) -> None:
    commit = repo.commit({"log.txt": "".join(f"step {number} ... done {'y' * 80}\n" for number in range(40_000))})
    began = monotonic()
    assert len(grep(Git(str(repo.path)), commit, [r"\.\.", r"\.\\[[:space:]]*$", r"\\[uUx]"], regex=True)) == 40_000
    assert len(grep(Git(str(repo.path)), commit, ["...", "nowhere", "never"])) == 40_000
    assert monotonic() - began < 10

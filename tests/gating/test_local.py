"""What somebody names on the command line: users, and commits that must be named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from snitch.checking.commits import Misuse
from snitch.gate import Approvals
from snitch.gating.local import Named
from tests.repository import Repo


@pytest.mark.parametrize(
    ("author", "approved_by", "users"),
    [
        ("ada", ("bob",), {"bob"}),
        ("@ada", (" ada", "@bob "), {"ada", "bob"}),
        ("ada@example.com", ("bob@example.com",), {"bob@example.com"}),
    ],
)
def test_users_are_named_as_a_forge_knows_them(author: str, approved_by: tuple[str, ...], users: set[str]) -> None:
    approvals = Named(target="main", author=author, approved_by=approved_by).approvals
    assert isinstance(approvals, Approvals)
    assert approvals == Approvals(author.removeprefix("@"), frozenset(users))


@pytest.mark.parametrize("name", ["bob,alice", "ada ada", "ada@", "", " ", "@", "a\nb"])
def test_what_can_be_nobodys_name_is_misuse(name: str) -> None:
    with pytest.raises(Misuse, match="is no user's name"):
        _ = Named(target="main", author="ada", approved_by=(name,)).approvals


@pytest.mark.parametrize("option", ["--target", "--head", "--base", "--author", "--approved-by"])
def test_an_empty_option_is_misuse(repo: Repo, run_gate: Callable[..., Any], option: str) -> None:
    ran = run_gate(repo, "--target", "main", option, "")
    assert (ran.returncode, f"{option} is empty" in ran.stderr) == (2, True), ran


def test_a_bare_repository_has_no_head_to_take_for_granted(
    repo: Repo, tmp_path: Path, run_gate: Callable[..., Any]
) -> None:
    bare = repo.clone(tmp_path / "bare", "--bare")
    ran = run_gate(bare, "--target", "main", "--author", "ada")
    assert (ran.returncode, "--head" in ran.stderr) == (2, True), ran


@pytest.mark.parametrize(
    ("target", "told"), [("refs/heads/main", "passed"), ("origin/main", "name the branch without `origin/`")]
)
def test_a_target_that_is_written_as_a_ref(
    repo: Repo, tmp_path: Path, run_gate: Callable[..., Any], target: str, told: str
) -> None:
    clone = repo.clone(tmp_path / "clone")
    ran = run_gate(clone, "--target", target, "--author", "ada")
    assert told in ran.stdout + ran.stderr, ran


def test_where_all_goes_to_files_the_verdict_is_said(repo: Repo, tmp_path: Path, run_gate: Callable[..., Any]) -> None:
    ran = run_gate(repo, "--target", "main", "--author", "ada", "--format", f"html={tmp_path / 'x.html'}")
    assert (ran.stdout, ran.stderr.startswith("snitch: passed: ")) == ("", True), ran

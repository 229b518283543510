"""What a push hook is told, by git and by pre-commit."""

from __future__ import annotations

import pytest

from snitch.git.command import Git
from snitch.git.errors import GitError
from snitch.git.pushed import Pushed, pushed_by_git, pushed_by_pre_commit
from tests.repository import Repo

NOTHING = "0" * 40


def _git(repo: Repo) -> Git:
    return Git(str(repo.path))


def test_several_refs_of_which_one_is_deleted(repo: Repo) -> None:
    first = repo.commit({"a": "1"})
    second = repo.commit({"a": "2"})
    told = (
        f"refs/heads/main {second} refs/heads/main {first}\n"
        f"(delete) {NOTHING} refs/heads/old {first}\n"
        f"HEAD@{{1 day ago}} {first} refs/heads/other {NOTHING}\n"
    )
    assert pushed_by_git(_git(repo), told.encode()) == [
        Pushed(second, "refs/heads/main", "refs/heads/main"),
        Pushed(first, "HEAD@{1 day ago}", "refs/heads/other"),
    ]


def test_nothing_is_pushed(repo: Repo) -> None:
    assert pushed_by_git(_git(repo), b"") == []


def test_tags_are_pushed_as_their_commits(repo: Repo) -> None:
    commit = repo.commit({"a": "1"})
    repo.git("tag", "-a", "-m", "x", "v1")
    repo.git("tag", "file", "HEAD:a")
    told = "".join(f"refs/tags/{tag} {repo.rev(tag)} refs/tags/{tag} {NOTHING}\n" for tag in ("v1", "file"))
    assert pushed_by_git(_git(repo), told.encode()) == [Pushed(commit, "refs/tags/v1", "refs/tags/v1")]


@pytest.mark.parametrize("line", ["nonsense", "a b c", f"refs/heads/x --all refs/heads/x {NOTHING}"])
def test_nonsense_is_refused(repo: Repo, line: str) -> None:
    with pytest.raises(GitError):
        pushed_by_git(_git(repo), line.encode() + b"\n")


def test_a_commit_that_is_not_here(repo: Repo) -> None:
    repo.commit({"a": "1"})
    with pytest.raises(GitError, match=r"the pushed commit 1+ cannot be read"):
        pushed_by_git(_git(repo), f"refs/heads/x {'1' * 40} refs/heads/x {NOTHING}\n".encode())


def test_pre_commit_names_the_commit(repo: Repo) -> None:
    first = repo.commit({"a": "1"})
    second = repo.commit({"a": "2"})
    environment = {
        "PRE_COMMIT_FROM_REF": first,
        "PRE_COMMIT_TO_REF": second,
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/release",
    }
    assert pushed_by_pre_commit(_git(repo), environment) == [Pushed(second, "refs/heads/main", "refs/heads/release")]


def test_pre_commit_names_only_branches_on_a_first_push(repo: Repo) -> None:
    repo.commit({"a": "1"})
    repo.branch("other")
    repo.commit({"a": "2"})
    environment = {"PRE_COMMIT_LOCAL_BRANCH": "refs/heads/other", "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/other"}
    assert pushed_by_pre_commit(_git(repo), environment) == [
        Pushed(repo.rev("other"), "refs/heads/other", "refs/heads/other")
    ]


def test_pre_commit_that_no_push_ran(repo: Repo) -> None:
    assert pushed_by_pre_commit(_git(repo), {"PRE_COMMIT": "1"}) is None


def test_pre_commit_names_no_option(repo: Repo) -> None:
    repo.commit({"a": "1"})
    with pytest.raises(GitError, match="is not a revision"):
        pushed_by_pre_commit(_git(repo), {"PRE_COMMIT_LOCAL_BRANCH": "--all"})


def test_a_real_push_tells_what_is_expected_here(repo: Repo) -> None:
    commit = repo.commit({"a": "1"})
    remote = Repo(repo.path.parent / "remote.git", "--bare")
    hook = repo.path / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ncat > '{repo.path}/told'\n")
    hook.chmod(0o755)
    repo.git("push", "--quiet", str(remote.path), "main", "HEAD:refs/heads/other")
    told = (repo.path / "told").read_bytes()
    assert {(pushed.commit, pushed.remote_ref) for pushed in pushed_by_git(_git(repo), told)} == {
        (commit, "refs/heads/main"),
        (commit, "refs/heads/other"),
    }
    repo.git("push", "--quiet", str(remote.path), ":other")
    assert pushed_by_git(_git(repo), (repo.path / "told").read_bytes()) == []

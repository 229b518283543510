"""Names, each resolved once and never to a tag where a branch is meant."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from snitch.git import refs
from snitch.git.command import Git
from snitch.git.errors import GitError
from snitch.git.refs import Revision
from tests.repository import Repo


def _git(repo: Repo) -> Git:
    return Git(str(repo.path))


def test_a_remote_branch_comes_before_a_local_one(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit({"a": "1"})
    clone = repo.clone(tmp_path / "clone")
    clone.commit({"a": "2"})
    assert refs.branch_tip(_git(clone), "main") == Revision("refs/remotes/origin/main", commit)


def test_without_a_remote_the_local_branch_counts(repo: Repo) -> None:
    commit = repo.commit({"a": "1"})
    assert refs.branch_tip(_git(repo), "main", remote="origin") == Revision("refs/heads/main", commit)


@pytest.mark.parametrize("tag", ["main", "origin/main", "refs/remotes/origin/main", "refs/heads/main"])
def test_a_tag_is_never_a_branch(repo: Repo, tag: str) -> None:
    commit = repo.commit({"a": "1"})
    repo.git("update-ref", f"refs/tags/{tag}", commit)
    repo.git("branch", "--move", "main", "other")
    assert refs.branch_tip(_git(repo), "main") is None


def test_a_tag_beside_the_remote_branch_changes_nothing(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit({"a": "1"})
    clone = repo.clone(tmp_path / "clone")
    clone.commit({"a": "2"})
    clone.git("tag", "origin/main")
    assert refs.branch_tip(_git(clone), "main") == Revision("refs/remotes/origin/main", commit)
    assert refs.resolve(_git(clone), "origin/main") == Revision("refs/remotes/origin/main", commit)


def test_a_branch_name_is_no_pattern(repo: Repo) -> None:
    repo.commit({"a": "1"})
    assert refs.branch_tip(_git(repo), "ma*") is None


def test_what_a_person_names(repo: Repo) -> None:
    first = repo.commit({"a": "1"})
    second = repo.commit({"a": "2"})
    repo.git("tag", "-a", "-m", "annotated", "v1", first)
    git = _git(repo)
    assert refs.resolve(git, second) == Revision(second, second)
    assert refs.resolve(git, second[:12]) == Revision(second[:12], second)
    assert refs.resolve(git, "HEAD") == Revision("HEAD", second)
    assert refs.resolve(git, "HEAD~1") == Revision("HEAD~1", first)
    assert refs.resolve(git, "main") == Revision("refs/heads/main", second)
    assert refs.resolve(git, "main~1") == Revision("refs/heads/main~1", first)
    assert refs.resolve(git, "refs/heads/main") == Revision("refs/heads/main", second)
    assert refs.resolve(git, "v1") == Revision("refs/tags/v1", first)
    assert refs.resolve(git, "refs/tags/v1") == Revision("refs/tags/v1", first)


def test_a_person_who_names_branch_and_tag_means_the_branch(repo: Repo) -> None:
    first = repo.commit({"a": "1"})
    second = repo.commit({"a": "2"})
    repo.git("tag", "main", first)
    assert refs.resolve(_git(repo), "main") == Revision("refs/heads/main", second)
    assert refs.resolve(_git(repo), "main^") == Revision("refs/heads/main^", first)


@pytest.mark.parametrize("rev", ["", "--all", "-h", "HEAD:a", ":/text", "a\nb", "HEAD\0"])
def test_what_is_no_revision(repo: Repo, rev: str) -> None:
    repo.commit({"a": "1"})
    with pytest.raises(GitError, match="is not a revision"):
        refs.resolve(_git(repo), rev)


@pytest.mark.parametrize("rev", ["nowhere", "1" * 40, "main~7", "refs/heads/nowhere", "refs/heads/*"])
def test_what_is_not_there(repo: Repo, rev: str) -> None:
    repo.commit({"a": "1"})
    with pytest.raises(GitError):
        refs.resolve(_git(repo), rev)


def test_an_unborn_branch(repo: Repo) -> None:
    git = _git(repo)
    assert (refs.head(git), refs.current_branch(git), refs.branches(git)) == (None, "main", [])
    with pytest.raises(GitError, match="there is no commit 'HEAD'"):
        refs.resolve(git, "HEAD")


def test_a_detached_head_is_on_no_branch(repo: Repo) -> None:
    commit = repo.commit({"a": "1"})
    repo.git("checkout", "--quiet", "--detach")
    assert (refs.head(_git(repo)), refs.current_branch(_git(repo))) == (commit, None)


def test_branches_and_remotes(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    repo.branch("feature/x")
    assert (refs.branches(_git(repo)), refs.remotes(_git(repo))) == (["feature/x", "main"], [])
    assert refs.remotes(_git(repo.clone(tmp_path / "clone"))) == ["origin"]


def test_merge_base(repo: Repo) -> None:
    base = repo.commit({"a": "1"})
    repo.branch("side")
    ours = repo.commit({"a": "2"})
    theirs = repo.switch("side").commit({"b": "1"})
    assert refs.merge_base(_git(repo), ours, theirs) == base


def test_no_merge_base_of_strangers_and_of_a_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit({"a": "1"})
    repo.branch("side")
    ours = repo.commit({"a": "2"})
    theirs = repo.switch("side").commit({"b": "1"})
    clone = repo.clone(tmp_path / "shallow", "--depth=1", "--no-single-branch")
    assert refs.merge_base(_git(clone), ours, theirs) is None
    assert _git(clone).layout.is_shallow
    stranger = repo.git("commit-tree", "-m", "stranger", f"{base}^{{tree}}")
    assert refs.merge_base(_git(repo), base, stranger) is None


def test_partial_clones(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    assert not refs.is_partial(_git(repo))
    assert refs.is_partial(_git(repo.clone(tmp_path / "partial", "--filter=blob:none")))


def test_when_a_commit_was_made(repo: Repo) -> None:
    commit = repo.commit({"a": "1"}, env={"GIT_COMMITTER_DATE": "2026-11-02T23:30:00-0500"})
    assert refs.committed_at(_git(repo), commit) == datetime(2026, 11, 3, 4, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize("stamp", ["99999999999999999999 +0000", "9223372036854775807 +0000", "x +0000", ""])
def test_a_commit_of_no_calendar(repo: Repo, stamp: str) -> None:
    repo.commit({"a": "1"})
    text = f"tree {repo.rev('HEAD^{tree}')}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> {stamp}\n\nodd\n"
    commit = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", input=text.encode())
    assert refs.committed_at(_git(repo), commit) is None

"""A tree that is listed by how it differs from another snapshot is the tree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from snitch.git.beside import tree_beside
from snitch.git.command import Git
from snitch.git.snapshots import index_snapshot, tree_snapshot
from snitch.git.worktree import work_tree_snapshot
from snitch.snapshot import MemorySnapshot, Snapshot
from tests.repository import Repo


def _git(repo: Repo) -> Git:
    return Git(str(repo.path))


def _tip(git: Git) -> Snapshot:
    return tree_snapshot(git, git.layout.head)


def _assert_listed_like_git(git: Git, commit: str, near: Snapshot) -> None:
    beside = tree_beside(git, commit, near, ref="refs/heads/x", commit=commit)
    assert list(beside.entries.items()) == list(tree_snapshot(git, commit).entries.items())


@pytest.mark.parametrize("near_of", [index_snapshot, work_tree_snapshot, _tip])
def test_whatever_differs(repo: Repo, near_of: Callable[[Git], Snapshot]) -> None:
    base = repo.commit({"same": "1", "changed": "1", "gone/a": "1", "b\né": "1", "run": "1", "a": "1"})
    repo.remove("gone/a", "a")
    (repo.path / "gone").rmdir()
    (repo.path / "run").chmod(0o755)
    repo.commit({"changed": "2", "gone": "a file now", "a.b": "new", "a/b": "2"})
    git = _git(repo)
    near = near_of(git)
    _assert_listed_like_git(git, base, near)
    beside = tree_beside(git, base, near, ref="", commit=base)
    assert beside.differences() == {"changed", "gone/a", "gone", "run", "a", "a.b", "a/b"}
    assert beside["changed"] == b"1"


def test_what_the_work_tree_alone_holds_differs_and_is_not_listed(repo: Repo) -> None:
    base = repo.commit({"kept": "1", "edited": "1"})
    repo.write({"edited": "2", "untracked": "1"})
    git = _git(repo)
    near = work_tree_snapshot(git)
    _assert_listed_like_git(git, base, near)
    assert tree_beside(git, base, near, ref="", commit=base).differences() == {"edited", "untracked"}


def test_what_is_only_announced_is_no_part_of_the_index(repo: Repo) -> None:
    base = repo.commit({"kept": "1", "empty": ""})
    repo.git("rm", "-q", "--cached", "empty")
    repo.write({"new": "1"})
    repo.git("add", "-N", "new", "empty")
    git = _git(repo)
    _assert_listed_like_git(git, base, index_snapshot(git))
    _assert_listed_like_git(git, base, work_tree_snapshot(git))


def test_while_a_merge_is_in_conflict_the_tree_is_listed_whole(repo: Repo) -> None:
    base = repo.commit({"file": "1", "other": "1"})
    repo.switch("side", create=True)
    repo.commit({"file": "2"})
    repo.switch("main")
    tip = repo.commit({"file": "3"})
    repo.run("merge", "side")
    git = _git(repo)
    near = work_tree_snapshot(git)
    _assert_listed_like_git(git, base, near)
    _assert_listed_like_git(git, tip, near)
    assert tree_beside(git, tip, near, ref="", commit=tip).differences() == {"file"}
    repo.write({"file": "3"})
    git = _git(repo)
    near = work_tree_snapshot(git)
    assert tree_beside(git, tip, near, ref="", commit=tip).differences() == set()
    assert tree_beside(git, base, near, ref="", commit=base).differences() == {"file"}


def test_against_an_unborn_branch(repo: Repo) -> None:
    base = repo.commit({"a": "1", "b/c": "1"})
    git = _git(repo)
    near = tree_snapshot(git, None)
    _assert_listed_like_git(git, base, near)
    assert tree_beside(git, base, near, ref="", commit=base).differences() == {"a", "b/c"}


def test_a_snapshot_that_git_does_not_know_is_refused(repo: Repo) -> None:
    base = repo.commit({"a": "1"})
    with pytest.raises(TypeError, match="MemorySnapshot"):
        _ = tree_beside(_git(repo), base, MemorySnapshot({}), ref="", commit=base).entries


@pytest.mark.parametrize("near_of", [index_snapshot, work_tree_snapshot, _tip])
@pytest.mark.parametrize("changed", [{"a/model.yaml": "2"}, {"B.SKOPS": "2"}, {"other": "2"}, {"new/model.yaml": "1"}])
def test_endings_are_looked_for_in_what_differs_too(
    repo: Repo, near_of: Callable[[Git], Snapshot], changed: dict[str, str]
) -> None:
    base = repo.commit({"a/model.yaml": "1", "b.skops": "1", "B.SKOPS": "1", "gone.skops": "1", "other": "1"})
    repo.remove("gone.skops")
    repo.commit(changed)
    git = _git(repo)
    beside = tree_beside(git, base, near_of(git), ref="", commit=base)
    alone = tree_snapshot(git, base)
    assert beside.ending("model.yaml") == alone.ending("model.yaml") == ["a/model.yaml"]
    assert beside.ending(".skops", ".pkl") == alone.ending(".skops", ".pkl") == ["B.SKOPS", "b.skops", "gone.skops"]

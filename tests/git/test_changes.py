"""Which paths a change touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.git.beside import tree_beside
from snitch.git.changes import staged_paths
from snitch.git.command import Git
from snitch.git.errors import GitError
from snitch.git.snapshots import index_snapshot, tree_snapshot
from snitch.git.worktree import work_tree_snapshot
from snitch.snapshot import Snapshot
from tests.repository import Repo


def _git(repo: Repo) -> Git:
    return Git(str(repo.path))


def changed_paths(git: Git, base: str, candidate: Snapshot) -> set[str]:
    return tree_beside(git, base, candidate, ref="", commit=base).differences()


def test_between_commits(repo: Repo) -> None:
    base = repo.commit({"same": "1", "changed": "1", "deleted": "1", "moved/from": "1" * 200})
    repo.remove("deleted")
    repo.git("mv", "moved/from", "to")
    tip = repo.commit({"changed": "2", "line\nbreak": "1"})
    git = _git(repo)
    expected = {"changed", "deleted", "moved/from", "to", "line\nbreak"}
    assert changed_paths(git, base, tree_snapshot(git, tip)) == expected
    assert changed_paths(git, tip, tree_snapshot(git, base)) == expected


def test_against_nothing_everything_changed(repo: Repo) -> None:
    base = repo.commit()
    tip = repo.commit({"a": "1", "b/c": "1"})
    git = _git(repo)
    for candidate in (tree_snapshot(git, tip), index_snapshot(git), work_tree_snapshot(git)):
        assert changed_paths(git, base, candidate) == {"a", "b/c"}


def test_into_nothing_everything_changed(repo: Repo) -> None:
    base = repo.commit({"a": "1"})
    assert changed_paths(_git(repo), base, tree_snapshot(_git(repo), None)) == {"a"}


def test_a_mode_is_a_change(repo: Repo) -> None:
    base = repo.commit({"a": "1"})
    (repo.path / "a").chmod(0o755)
    git = _git(repo)
    assert changed_paths(git, base, work_tree_snapshot(git)) == {"a"}


def test_in_the_index(repo: Repo) -> None:
    base = repo.commit({"a": "1", "deleted": "1", "unstaged": "1"})
    repo.write({"a": "2"}).remove("deleted").stage()
    repo.write({"unstaged": "2", "untracked": "1"})
    git = _git(repo)
    assert staged_paths(git) == changed_paths(git, base, index_snapshot(git)) == {"a", "deleted"}


def test_in_the_work_tree(repo: Repo) -> None:
    base = repo.commit({"staged": "1", "unstaged": "1", "deleted": "1", "same": "1"})
    repo.write({"staged": "2"}).stage()
    repo.write({"unstaged": "2", "untracked": "1"}).remove("deleted")
    git = _git(repo)
    assert changed_paths(git, base, work_tree_snapshot(git)) == {"staged", "unstaged", "untracked", "deleted"}


def test_what_the_index_alone_changed_is_the_same_in_the_work_tree(repo: Repo) -> None:
    base = repo.commit({"edited": "1", "edited again": "1", "mode": "1", "forgotten": "1", "staged": "1"})
    repo.write({"edited": "2", "edited again": "2", "new": "1", "staged": "2"})
    (repo.path / "mode").chmod(0o755)
    repo.stage().git("rm", "-q", "--cached", "forgotten")
    repo.write({"edited": "1", "edited again": "3"}).remove("new")
    (repo.path / "mode").chmod(0o644)
    git = _git(repo)
    assert changed_paths(git, base, work_tree_snapshot(git)) == {"edited again", "staged"}
    staged = {"edited", "edited again", "mode", "new", "forgotten", "staged"}
    assert changed_paths(git, base, index_snapshot(git)) == staged


@pytest.mark.parametrize("setting", ["diff.relative", "diff.noprefix", "diff.renames", "diff.ignoreSubmodules"])
def test_configuration_hides_nothing(repo: Repo, setting: str) -> None:
    base = repo.commit({"a": "1", "sub/b": "1"})
    repo.git("config", setting, "all" if setting.endswith("Submodules") else "true")
    repo.write({"a": "2", "sub/b": "2"}).stage()
    git = Git(str(repo.path / "sub"))
    assert staged_paths(git) == {"a", "sub/b"}
    assert changed_paths(git, base, tree_snapshot(git, repo.commit())) == {"a", "sub/b"}


def test_a_submodule_that_is_told_to_be_ignored(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit({"model.yaml": "1"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repo.git("config", "--file", ".gitmodules", "submodule.sub.ignore", "all")
    base = repo.commit()
    later = inner.commit({"model.yaml": "2"})
    repo.git("update-index", "--cacheinfo", f"160000,{later},sub")
    git = _git(repo)
    assert staged_paths(git) == {"sub"}
    assert changed_paths(git, base, index_snapshot(git)) == {"sub"}


def test_on_an_unborn_branch_all_that_is_staged_changes(repo: Repo) -> None:
    assert staged_paths(_git(repo)) == set()
    repo.write({"a": "1"}).stage()
    assert staged_paths(_git(repo)) == {"a"}


def test_outside_a_repository(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="there is no git repository"):
        staged_paths(Git(str(tmp_path)))


def test_a_sha256_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "long", "--object-format=sha256")
    repo.write({"a": "1"}).stage()
    assert staged_paths(_git(repo)) == {"a"}

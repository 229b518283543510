"""The merge that the gate judges, made by real git and held against what `git merge` makes of the same two commits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snitch.git.command import Git
from snitch.git.errors import AbsentObject, GitError
from snitch.git.merge import MergeConflict, merged
from snitch.git.snapshots import tree_snapshot
from tests.repository import Repo, isolate


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


def diverged(path: Path, *init: str) -> tuple[Repo, str, str]:
    """A target that changed one file, and a head that changed another."""
    repo = Repo(path, *init)
    repo.commit({"a.txt": "one\n", "b.txt": "one\n"})
    repo.switch("feature", create=True)
    head = repo.commit({"b.txt": "two\n"})
    repo.switch("main")
    target = repo.commit({"a.txt": "two\n"})
    return repo, target, head


@pytest.mark.parametrize("init", [(), ("--object-format=sha256",)], ids=["sha1", "sha256"])
def test_it_is_what_git_merge_makes(tmp_path: Path, init: tuple[str, ...]) -> None:
    repo, target, head = diverged(tmp_path / "repo", *init)
    with merged(Git(str(repo.path)), target, head) as found:
        snapshot = tree_snapshot(found.git, found.tree)
        assert {path: snapshot[path] for path in snapshot} == {"a.txt": b"two\n", "b.txt": b"two\n"}
        folder = found.git.directory
    repo.git("merge", "--quiet", "--no-edit", head)
    assert repo.rev("HEAD^{tree}") == found.tree
    assert not os.path.exists(folder)


def test_nothing_is_written_into_the_repository(tmp_path: Path) -> None:
    repo, target, head = diverged(tmp_path / "repo")
    before = sorted(path.relative_to(repo.path) for path in repo.path.rglob("*"))
    with merged(Git(str(repo.path)), target, head):
        pass
    assert sorted(path.relative_to(repo.path) for path in repo.path.rglob("*")) == before


def test_a_conflict_names_its_files(tmp_path: Path) -> None:
    repo, target, _ = diverged(tmp_path / "repo")
    repo.switch("feature")
    head = repo.commit({"a.txt": "three\n"})
    with pytest.raises(MergeConflict) as caught, merged(Git(str(repo.path)), target, head):
        pass
    assert caught.value.paths == ("a.txt",)


def test_histories_that_have_nothing_in_common_are_a_conflict(tmp_path: Path) -> None:
    repo, target, _ = diverged(tmp_path / "repo")
    repo.git("switch", "--quiet", "--orphan", "other")
    head = repo.commit({"c.txt": "one\n"})
    with pytest.raises(MergeConflict, match="no history in common"), merged(Git(str(repo.path)), target, head):
        pass


def test_a_merge_driver_of_the_work_tree_has_no_say(tmp_path: Path) -> None:
    repo, _, _ = diverged(tmp_path / "repo")
    repo.git("config", "merge.mine.driver", "true")
    repo.write({".git/info/attributes": "a.txt merge=mine\n", ".gitattributes": "a.txt merge=mine\n"})
    target = repo.commit({"a.txt": "two\nmore\n"})
    repo.switch("feature")
    head = repo.commit({"a.txt": "three\n", ".gitattributes": "a.txt merge=mine\n"})
    with pytest.raises(MergeConflict), merged(Git(str(repo.path)), target, head):
        pass


def test_a_replace_ref_does_not_stand_in_for_the_head(tmp_path: Path) -> None:
    repo, target, head = diverged(tmp_path / "repo")
    repo.git("replace", head, target)
    with merged(Git(str(repo.path)), target, head) as found:
        assert tree_snapshot(found.git, found.tree)["b.txt"] == b"two\n"


def test_an_octopus_is_judged_by_its_tree(tmp_path: Path) -> None:
    repo, target, head = diverged(tmp_path / "repo")
    repo.switch("feature")
    tree = repo.rev("HEAD^{tree}")
    others = [repo.git("commit-tree", tree, "-p", head, "-m", str(number)) for number in range(3)]
    parents = [flag for each in others for flag in ("-p", each)]
    repo.write({"b.txt": "hidden\n"}).stage()
    octopus = repo.git("commit-tree", repo.git("write-tree"), *parents, "-m", "octopus")
    with merged(Git(str(repo.path)), target, octopus) as found:
        assert tree_snapshot(found.git, found.tree)["b.txt"] == b"hidden\n"


def test_a_shallow_clone_without_the_common_ancestor_says_what_brings_it(tmp_path: Path) -> None:
    repo, target, head = diverged(tmp_path / "repo")
    clone = repo.clone(tmp_path / "clone", "--depth=1", "--no-single-branch")
    with pytest.raises(AbsentObject, match="git fetch --unshallow"), merged(Git(str(clone.path)), target, head):
        pass


def test_a_clone_without_the_files_that_both_changed_lacks_an_object(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.txt": "".join(f"{number}\n" for number in range(20))})
    repo.switch("feature", create=True)
    head = repo.commit({"a.txt": "".join(f"{number}\n" for number in range(21))})
    repo.switch("main")
    target = repo.commit({"a.txt": "first\n" + "".join(f"{number}\n" for number in range(20))})
    clone = repo.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    with pytest.raises(AbsentObject), merged(Git(str(clone.path)), target, head):
        pass


def test_an_old_git_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, target, head = diverged(tmp_path / "repo")
    monkeypatch.setattr(Git, "version", lambda _: (2, 37, 1))
    with (
        pytest.raises(GitError, match=r"git 2\.37\.1 is too old: the gate needs 2\.38"),
        merged(Git(str(repo.path)), target, head),
    ):
        pass

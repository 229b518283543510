"""What is advised where a branch is missing: what the clone has decides, and what is advised works."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.git.absence import Surroundings, how_to_have, surroundings
from snitch.git.command import Git
from tests.repository import Repo


@pytest.mark.parametrize(
    ("around", "advice"),
    [
        (
            Surroundings(("origin",), ("topic",), "topic", ("origin",)),
            "`git fetch origin main:refs/remotes/origin/main`, or name",
        ),
        (
            Surroundings(("fork", "origin"), (), "main", ("origin",)),
            "`git fetch origin main:refs/remotes/origin/main`, or name",
        ),
        (
            Surroundings(("origin",), (), "main"),
            "if origin is still empty, begin with main: make the first commit, then `git push -u origin main`; else `",
        ),
        (
            Surroundings(("origin",), (), "master"),
            "if origin is still empty, begin with main: `git branch -m main`, and make the first commit, then `",
        ),
        (
            Surroundings(("origin", "fork"), ("topic",), "topic", ("fork",)),
            "if origin is still empty, begin with main: `git branch main`, then `git push -u origin main`; else `git f",
        ),
        (Surroundings(("upstream",), ("main",), "main"), "there is no remote `origin`: write `remote: upstream` into"),
        (Surroundings((), ("master",), "master"), "`git branch main` creates it; or name `master` in its place"),
        (Surroundings((), ("master", "topic"), "topic"), "`git branch main` creates it; or name `master` in its place"),
        (Surroundings((), ("one", "two"), "two"), "`git branch main` creates it; or name your branch in its place"),
        (Surroundings((), (), "master"), "`git branch -m main`, and make the first commit"),
        (Surroundings((), (), "main"), "make the first commit"),
    ],
)
def test_what_is_there_decides(around: Surroundings, advice: str) -> None:
    assert how_to_have("main", "origin", around).startswith(advice)


def test_what_a_clone_has(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "one")
    repo.commit({"a": ""})
    repo.branch("topic")
    clone = repo.clone(tmp_path / "two")
    assert surroundings(Git(str(repo.path))) == Surroundings((), ("main", "topic"), "main")
    assert surroundings(Git(str(clone.path))) == Surroundings(("origin",), ("main",), "main", ("origin",))


def test_beside_an_empty_remote_the_advice_works(tmp_path: Path) -> None:
    """Neither the first commit nor the push is refused, and then the branch is here."""
    Repo(tmp_path / "remote.git", "--bare")
    repo = Repo(tmp_path / "one", branch="topic")
    repo.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    git = Git(str(repo.path))
    assert surroundings(git) == Surroundings(("origin",), (), "topic")
    repo.commit({"a": ""})
    assert surroundings(git) == Surroundings(("origin",), ("topic",), "topic")
    repo.git("branch", "main")
    repo.git("push", "--quiet", "-u", "origin", "main")
    assert surroundings(git) == Surroundings(("origin",), ("main", "topic"), "topic", ("origin",))


def test_on_an_unborn_branch_the_advice_works(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "empty", branch="master")
    repo.git("branch", "-m", "main")
    assert surroundings(Git(str(repo.path))) == Surroundings((), (), "main")

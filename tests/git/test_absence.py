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
        (Surroundings(("origin",), ("topic",), "topic"), "`git fetch origin main:refs/remotes/origin/main`, or name"),
        (Surroundings(("fork", "origin"), (), "main"), "`git fetch origin main:refs/remotes/origin/main`, or name"),
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
    assert surroundings(Git(str(clone.path))) == Surroundings(("origin",), ("main",), "main")


def test_on_an_unborn_branch_the_advice_works(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "empty", branch="master")
    repo.git("branch", "-m", "main")
    assert surroundings(Git(str(repo.path))) == Surroundings((), (), "main")

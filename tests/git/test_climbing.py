"""The lines of manifests that may name files elsewhere are found once, and again when a manifest has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snitch.git import climbing
from snitch.git.climbing import climbing_lines
from snitch.git.command import Git
from tests.repository import Repo

LINES = b"code: ../../train.py\n"
FILES = {"models/a/model.yaml": f"name: a\n{LINES.decode()}", "models/b/model.yaml": "name: b\n", "notes.txt": "..\n"}


def _lines(repo: Repo) -> bytes:
    return climbing_lines(Git(str(repo.path)))


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commits that were searched."""
    searched: list[str] = []
    real = climbing._search

    def search(git: Git, commit: str) -> bytes:
        searched.append(commit)
        return real(git, commit)

    monkeypatch.setattr(climbing, "_search", search)
    return searched


def test_it_searches_once_as_long_as_no_manifest_changes(repo: Repo, searches: list[str]) -> None:
    first = repo.commit(FILES)
    assert _lines(repo) == LINES
    repo.commit({"train.py": "x", "models/a/README.md": "x"})
    assert _lines(repo) == LINES
    assert searches == [first]
    tip = repo.commit({"models/b/model.yaml": 'name: b\ncode: "\\x2e./train.py"\n'})
    assert _lines(repo) == LINES + b'code: "\\x2e./train.py"\n'
    assert searches == [first, tip]


def test_from_a_subfolder_and_a_linked_work_tree(repo: Repo, tmp_path: Path, searches: list[str]) -> None:
    first = repo.commit(FILES)
    other = repo.worktree(tmp_path / "other", "other")
    for folder in (repo.path / "models" / "a", other.path):
        assert climbing_lines(Git(str(folder))) == LINES
    assert searches == [first]


@pytest.mark.parametrize(
    "content", [b"", b"x\n", b"../..\n\n-- end --\n", b"\xff" * 40 + b"\n\n-- end --\n", "cut", "gone"]
)
def test_what_cannot_be_remembered_is_searched_again(repo: Repo, content: bytes | str, searches: list[str]) -> None:
    tip = repo.commit(FILES)
    whole = tip.encode() + b"\n" + LINES + b"\n-- end --\n"
    kept = {"cut": whole[:-5], "gone": whole.replace(tip.encode(), b"0" * 39 + b"1")}
    repo.write({".git/snitch/climbing": kept[content] if isinstance(content, str) else content})
    assert _lines(repo) == LINES
    assert searches == [tip]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes among files here")
def test_a_pipe_in_its_place_is_not_waited_for(repo: Repo, searches: list[str]) -> None:
    tip = repo.commit(FILES)
    (repo.path / ".git" / "snitch").mkdir()
    os.mkfifo(repo.path / ".git" / "snitch" / "climbing")
    assert _lines(repo) == LINES
    assert searches == [tip]


def test_where_nothing_can_be_kept_it_searches_every_time(repo: Repo, searches: list[str]) -> None:
    repo.commit(FILES)
    repo.write({".git/snitch": "a file where the folder would be"})
    assert _lines(repo) == _lines(repo) == LINES
    assert len(searches) == 2


def test_on_an_unborn_branch_there_are_none(repo: Repo) -> None:
    repo.write(FILES).stage()
    assert _lines(repo) == b""

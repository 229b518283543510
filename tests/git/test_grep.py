"""Searching a whole tree in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.git import grep as searching
from snitch.git.command import Git
from snitch.git.errors import AbsentObject, GitError
from snitch.git.grep import grep
from tests.git.odd_names import ODD_NAMES
from tests.repository import Repo


def _git(repo: Repo) -> Git:
    return Git(str(repo.path))


def test_lines_with_their_paths(repo: Repo) -> None:
    commit = repo.commit({"a/model.yaml": "name: churn\nversion: 1", "b.yaml": "x\n  name: fraud\nname: y\n"})
    expected = [("a/model.yaml", "name: churn"), ("b.yaml", "  name: fraud"), ("b.yaml", "name: y")]
    for tree in (commit, repo.rev("HEAD^{tree}"), None):
        assert list(grep(_git(repo), tree, ["name:"])) == expected


def test_the_index_is_searched_not_the_disk(repo: Repo) -> None:
    commit = repo.commit({"a": "committed\n"})
    repo.write({"a": "staged\n"}).stage()
    repo.write({"a": "on disk\n"})
    assert list(grep(_git(repo), None, ["e"])) == [("a", "staged")]
    assert list(grep(_git(repo), commit, ["e"])) == [("a", "committed")]


def test_several_patterns_and_regular_expressions(repo: Repo) -> None:
    repo.commit({"a": "one.\ntwo\nthree\n"})
    assert [line for _, line in grep(_git(repo), None, ["o.", "ee"])] == ["three"]
    assert [line for _, line in grep(_git(repo), None, ["^t(w|x)o$", "^one"], regex=True)] == ["one.", "two"]
    assert list(grep(_git(repo), None, ["-v"])) == []


def test_globs(repo: Repo) -> None:
    repo.commit(dict.fromkeys(("model.yaml", "a/b/model.yaml", "a/model.yaml.txt", "x.yaml"), "name\n"))
    assert [path for path, _ in grep(_git(repo), None, ["name"], ["**/model.yaml"])] == ["a/b/model.yaml", "model.yaml"]
    assert [path for path, _ in grep(_git(repo), None, ["name"], ["*.yaml"])] == ["model.yaml", "x.yaml"]


def test_from_a_subfolder_the_whole_repository_is_searched(repo: Repo) -> None:
    repo.commit({"a": "name\n", "sub/b": "name\n"})
    git = Git(str(repo.path / "sub"))
    assert [path for path, _ in grep(git, None, ["name"])] == ["a", "sub/b"]
    assert [path for path, _ in grep(git, repo.rev("HEAD"), ["name"], ["**/b", "a"])] == ["a", "sub/b"]


def test_odd_names(repo: Repo) -> None:
    commit = repo.commit({f"folder/{name}": f"name: {number}\n" for number, name in enumerate(ODD_NAMES)})
    for tree in (commit, None):
        found = dict(grep(_git(repo), tree, ["name"]))
        assert found == {f"folder/{name}": f"name: {number}" for number, name in enumerate(ODD_NAMES)}


def test_nothing_hides_a_file(repo: Repo) -> None:
    repo.commit({"binary": b"\0name: b\0\xff\n", "attr": "name: a\n", ".gitattributes": "attr -diff -text binary\n"})
    for setting in ("grep.lineNumber", "grep.column", "submodule.recurse"):
        repo.git("config", setting, "true")
    repo.git("config", "grep.patternType", "perl")
    repo.git("config", "color.ui", "always")
    assert dict(grep(_git(repo), None, ["name"])) == {"attr": "name: a", "binary": "\0name: b\0\udcff"}


def test_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit({"a/b": "name\n"})
    bare = repo.clone(tmp_path / "bare.git", "--bare")
    assert list(grep(_git(bare), commit, ["name"], ["**/b"])) == [("a/b", "name")]


def test_a_partial_clone_is_undecidable(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit({"a": "name\n"})
    partial = repo.clone(tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    with pytest.raises(AbsentObject):
        list(grep(_git(partial), commit, ["name"]))


def test_an_unbelievable_amount_is_refused(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"a": "name\n" * 100_000})
    monkeypatch.setattr(searching, "MAX_OUTPUT", 100_000)
    with pytest.raises(GitError, match="finds more than 100000 bytes"):
        list(grep(_git(repo), None, ["name"]))


def test_a_file_that_cannot_be_read_is_no_file_without_the_word(repo: Repo) -> None:
    commit = repo.commit({"a.txt": "word\n", "b.txt": "other\n"})
    blob = repo.rev("HEAD:a.txt")
    (repo.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitError):
        list(grep(Git(str(repo.path)), commit, ["word"]))

"""Trees, commits and branches made from objects alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.git.building import blob_id, build_tree, create_branch, is_branch_name, make_commit, write_blob
from snitch.git.command import Git
from snitch.git.errors import GitError
from snitch.snapshot import Entry, Mode
from tests.repository import Repo


@pytest.fixture(params=["sha1", "sha256"])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo", f"--object-format={request.param}")
    repo.commit({"a/b": "1", "c": "2", ".gitattributes": "* text eol=crlf\n*.x filter=none\n"})
    return repo


def test_an_id_is_that_of_what_is_written(repo: Repo) -> None:
    git = Git(str(repo.path))
    before = repo.git("count-objects")
    oid = blob_id(git, b"1\r\n")
    assert repo.git("count-objects") == before
    assert write_blob(git, b"1\r\n") == oid
    assert repo.run("cat-file", "blob", oid).stdout == b"1\r\n"


def test_a_file_makes_way_for_a_folder_and_a_folder_for_a_file(repo: Repo) -> None:
    git = Git(str(repo.path))
    entry = Entry(Mode.EXECUTABLE, write_blob(git, b"3"))
    tree = build_tree(git, repo.rev("HEAD"), {"a/b": None, "a": entry, "c": None, "c/d": entry})
    told = repo.git("ls-tree", "-r", tree).splitlines()
    assert [line.split("\t")[1] for line in told] == [".gitattributes", "a", "c/d"]
    assert told[1] == f"100755 blob {entry.oid}\ta"
    assert repo.git("status", "--porcelain") == ""


def test_no_edit_is_the_same_tree(repo: Repo) -> None:
    assert build_tree(Git(str(repo.path)), repo.rev("HEAD"), {}) == repo.rev("HEAD^{tree}")


def test_what_is_in_the_way_gives_way(repo: Repo) -> None:
    git = Git(str(repo.path))
    entry = Entry(Mode.FILE, write_blob(git, b"3"))
    tree = build_tree(git, repo.rev("HEAD"), {"a": entry, "c/d": entry})
    assert repo.git("ls-tree", "-r", "--name-only", tree).splitlines() == [".gitattributes", "a", "c/d"]


def test_a_commit_s_message_is_kept_as_it_is(repo: Repo) -> None:
    git = Git(str(repo.path))
    repo.git("config", "i18n.commitEncoding", "latin1")
    commit = make_commit(git, repo.rev("HEAD^{tree}"), repo.rev("HEAD"), "Über\n\n# no remark\n")
    raw = repo.run("cat-file", "commit", commit).stdout
    assert raw.endswith("\n\nÜber\n\n# no remark\n".encode())
    assert b"\nencoding " not in raw


def test_a_branch_is_created_and_never_moved(repo: Repo) -> None:
    git, first = Git(str(repo.path)), repo.rev("HEAD")
    create_branch(git, "new/one", first)
    second = repo.commit({"c": "3"})
    for name in ("new/one", "new", "new/one/more"):
        with pytest.raises(GitError, match="another is in its way"):
            create_branch(git, name, second)
    assert repo.rev("refs/heads/new/one") == first
    assert repo.git("reflog", "new/one", "--format=%gs") == "snitch: created"


@pytest.mark.parametrize(
    ("name", "may"), [("a/b-1.0.0+x", True), ("ü", True), ("-x", False), ("a..b", False), ("a\n", False), ("", False)]
)
def test_what_a_branch_may_be_called(repo: Repo, name: str, may: bool) -> None:
    assert is_branch_name(Git(str(repo.path)), name) is may

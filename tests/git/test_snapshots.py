"""Snapshots of trees and of the index."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from snitch.git.command import Git
from snitch.git.errors import AbsentObject, GitError
from snitch.git.snapshots import IndexSnapshot, TreeSnapshot, index_snapshot, tree_snapshot
from snitch.snapshot import Mode, UnreadableFile, blob_id
from tests.git.odd_names import ODD_NAMES
from tests.repository import Repo


def _tree(repo: Repo, rev: str = "HEAD") -> TreeSnapshot:
    return tree_snapshot(Git(str(repo.path)), repo.rev(rev), ref=rev)


def _index(repo: Repo) -> IndexSnapshot:
    return index_snapshot(Git(str(repo.path)))


def test_a_commit_and_its_tree_hold_the_same(repo: Repo) -> None:
    repo.commit({"a": "1", "b/c": "2"})
    assert dict(_tree(repo)) == dict(_tree(repo, "HEAD^{tree}")) == {"a": b"1", "b/c": b"2"}


def test_an_entry_is_known_without_reading(repo: Repo) -> None:
    repo.write({"run": "1"})
    (repo.path / "run").chmod(0o755)
    repo.commit()
    entry = _tree(repo).entries["run"]
    assert (entry.mode, entry.oid) == (Mode.EXECUTABLE, blob_id(b"1"))


def test_the_tree_of_an_unborn_branch_is_empty(repo: Repo) -> None:
    assert dict(tree_snapshot(Git(str(repo.path)), None)) == {}


def test_a_name_is_not_an_object_id(repo: Repo) -> None:
    with pytest.raises(ValueError, match="'HEAD' is not a full object id"):
        tree_snapshot(Git(str(repo.path)), "HEAD")


def test_a_missing_commit(repo: Repo) -> None:
    repo.commit({"a": "1"})
    with pytest.raises(GitError):
        len(tree_snapshot(Git(str(repo.path)), "1" * 40))


def test_odd_names(repo: Repo) -> None:
    files = {f"folder/{name}": name.encode("utf-8", "surrogateescape") for name in ODD_NAMES}
    repo.commit(files)
    assert dict(_tree(repo)) == dict(_index(repo)) == files


def test_links_are_listed_and_not_followed(repo: Repo) -> None:
    repo.link("model.yaml", "/etc/passwd").commit()
    for snapshot in (_tree(repo), _index(repo)):
        assert snapshot.entries["model.yaml"].mode == Mode.SYMLINK
        assert snapshot.size("model.yaml") == len("/etc/passwd")
        with pytest.raises(UnreadableFile, match="symbolic link"):
            snapshot["model.yaml"]


def test_submodules_are_listed_and_not_entered(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit({"model.yaml": "name: inner"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repo.commit()
    for snapshot in (_tree(repo), _index(repo)):
        assert [path for path in snapshot if path.startswith("sub")] == ["sub"]
        with pytest.raises(UnreadableFile, match="submodule"):
            snapshot["sub"]


def test_a_tree_that_lists_a_path_twice(repo: Repo) -> None:
    blobs = [repo.git("hash-object", "-w", "--stdin", input=content) for content in (b"good", b"bad")]
    raw = b"".join(b"100644 model.yaml\0" + bytes.fromhex(blob) for blob in blobs)
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=raw)
    with pytest.raises(GitError, match="lists a path twice"):
        len(tree_snapshot(Git(str(repo.path)), tree))


def test_modes_of_old_gits(repo: Repo) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", input=b"1")
    raw = b"100664 a\0" + bytes.fromhex(blob)
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=raw)
    assert tree_snapshot(Git(str(repo.path)), tree)["a"] == b"1"


def test_replace_refs_replace_nothing(repo: Repo) -> None:
    true = repo.commit({"a": "true"})
    false = repo.commit({"a": "false"})
    repo.git("replace", true, false)
    assert _tree(repo, true)["a"] == b"true"


def test_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    assert dict(_tree(repo.clone(tmp_path / "bare.git", "--bare"))) == {"a": b"1"}


def test_a_partial_clone_says_that_the_file_is_absent(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    snapshot = _tree(repo.clone(tmp_path / "partial", "--filter=blob:none", "--no-checkout"))
    snapshot.prefetch(["a"])
    assert list(snapshot) == ["a"]
    with pytest.raises(UnreadableFile, match=r"^a: ") as caught:
        snapshot["a"]
    assert caught.value.absent
    with pytest.raises(UnreadableFile) as caught:
        snapshot.size("a")
    assert caught.value.absent


def test_a_clone_without_trees(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    repo.commit({"a": "2"})
    with pytest.raises(AbsentObject):
        len(_tree(repo.clone(tmp_path / "treeless", "--filter=tree:0", "--no-checkout"), "HEAD"))


def test_a_sha256_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "long", "--object-format=sha256")
    assert dict(_index(repo)) == {}
    repo.commit({"a": "1", "empty": ""})
    assert dict(_tree(repo)) == dict(_index(repo)) == {"a": b"1", "empty": b""}
    assert _tree(repo).entries == _index(repo).entries


def test_the_index_is_what_is_staged(repo: Repo) -> None:
    repo.commit({"a": "committed", "gone": "1"})
    repo.write({"a": "staged"}).remove("gone").stage()
    repo.write({"a": "on disk", "untracked": "1"})
    assert dict(_index(repo)) == {"a": b"staged"}


def test_the_index_is_whole_from_a_subfolder(repo: Repo) -> None:
    repo.commit({"a": "1", "sub/b": "2"})
    assert dict(index_snapshot(Git(str(repo.path / "sub")))) == {"a": b"1", "sub/b": b"2"}


def test_the_index_of_an_unborn_branch(repo: Repo) -> None:
    repo.write({"a": "1"}).stage()
    assert dict(_index(repo)) == {"a": b"1"}


@pytest.mark.parametrize("arguments", [("-a",), ("--", ":/a")])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_hook_sees_the_index_of_its_commit(
    repo: Repo, tmp_path: Path, arguments: tuple[str, ...], is_linked: bool
) -> None:
    repo.commit({"a": "old", "b": "old", "sub/c": "old"})
    program = "from snitch.git.command import Git; from snitch.git.snapshots import index_snapshot as i; "
    hook = repo.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{program}print(dict(i(Git())))'\n")
    hook.chmod(0o755)
    here = repo.worktree(tmp_path / "linked", "other") if is_linked else repo
    here.write({"b": "staged"}).stage()
    here.write({"a": "new"})
    done = here.run("-C", "sub", "commit", "--quiet", "-m", "x", *arguments, env={"PYTHONPATH": os.getcwd()})
    assert done.returncode == 0, done.stderr
    expected = {"a": b"new", "b": b"staged" if arguments == ("-a",) else b"old", "sub/c": b"old"}
    assert (done.stdout + done.stderr).decode().strip() == str(expected)


def test_a_push_being_received_is_read_from_quarantine(repo: Repo, tmp_path: Path) -> None:
    remote = Repo(tmp_path / "remote.git", "--bare")
    commit = repo.commit({"a": "1"})
    program = "from snitch.git.command import Git; from snitch.git.snapshots import tree_snapshot as t; "
    hook = remote.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{program}print(dict(t(Git(), \"{commit}\")))'\n")
    hook.chmod(0o755)
    done = repo.run("push", str(remote.path), "main", env={"PYTHONPATH": os.getcwd()})
    assert b"remote: {'a': b'1'}" in done.stderr


def test_announced_files_are_not_in_the_index_and_empty_ones_are(repo: Repo) -> None:
    repo.commit({"a": "1"})
    repo.write({"empty": "", "announced": "soon"}).stage("empty")
    repo.git("add", "--intent-to-add", "announced")
    assert dict(_index(repo)) == {"a": b"1", "empty": b""}


def _conflict(repo: Repo) -> Repo:
    repo.commit({"a": "base", "b": "base"})
    repo.branch("side")
    repo.commit({"a": "ours"})
    repo.switch("side").commit({"a": "theirs", "b": "theirs"})
    repo.switch("main")
    assert repo.run("merge", "side").returncode == 1
    return repo


def test_unresolved_conflicts_are_named(repo: Repo) -> None:
    with pytest.raises(GitError, match=r"unresolved conflicts in 'a'\. Resolve them and `git add` the files"):
        len(_index(_conflict(repo)))


def test_a_merge_in_progress_whose_conflicts_are_resolved(repo: Repo) -> None:
    _conflict(repo).write({"a": "both"}).stage()
    assert (repo.path / ".git" / "MERGE_HEAD").exists()
    assert dict(_index(repo)) == {"a": b"both", "b": b"theirs"}


@pytest.mark.parametrize("options", [("--cone",), ("--cone", "--sparse-index"), ("--no-cone",)])
def test_a_sparse_checkout_has_all_in_its_index(repo: Repo, options: tuple[str, ...]) -> None:
    files = {f"models/m{number}/model.yaml": str(number).encode() for number in range(5)}
    repo.commit(files)
    repo.git("sparse-checkout", "init", *options)
    repo.git("sparse-checkout", "set", "models/m1")
    assert not (repo.path / "models" / "m3").exists()
    assert dict(_index(repo)) == files


def test_a_split_index(repo: Repo) -> None:
    repo.commit({"a": "1", "b": "2"})
    repo.git("update-index", "--split-index")
    repo.write({"a": "changed"}).stage()
    assert dict(_index(repo)) == {"a": b"changed", "b": b"2"}


def test_a_linked_work_tree_has_its_own_index(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    linked = repo.worktree(tmp_path / "linked", "other")
    linked.write({"a": "linked"}).stage()
    assert (_index(repo)["a"], _index(linked)["a"]) == (b"1", b"linked")


def test_a_detached_head(repo: Repo) -> None:
    repo.commit({"a": "1"})
    repo.commit({"a": "2"})
    repo.git("checkout", "--quiet", "HEAD~1")
    assert (_index(repo)["a"], _tree(repo)["a"]) == (b"1", b"1")


def test_a_file_is_prefetched_with_many(repo: Repo) -> None:
    files = {f"f{number}": random.Random(number).randbytes(200) for number in range(1000)}
    repo.commit(files)
    snapshot = _tree(repo)
    snapshot.prefetch([*files, "not there"])
    assert {path: snapshot[path] for path in files} == files


def test_an_unknown_path(repo: Repo) -> None:
    repo.commit({"a": "1"})
    for snapshot in (_tree(repo), _index(repo)):
        assert "b" not in snapshot
        with pytest.raises(KeyError):
            snapshot["b"]
        with pytest.raises(KeyError):
            snapshot.size("b")

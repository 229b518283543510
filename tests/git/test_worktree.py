"""The work tree as a snapshot: what committing everything would store."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from snitch.git.command import Git
from snitch.git.snapshots import index_snapshot, tree_snapshot
from snitch.git.worktree import WorkTreeSnapshot, index_listing, is_clean, work_tree_snapshot
from snitch.pointer import parse_pointer, write_pointer
from snitch.snapshot import Mode, UnreadableFile
from tests.git.odd_names import ODD_NAMES
from tests.repository import Repo


def _work_tree(repo: Repo) -> WorkTreeSnapshot:
    return work_tree_snapshot(Git(str(repo.path)))


def _as_committed(repo: Repo) -> None:
    """What the snapshot says now is what git stores when everything is committed."""
    before = _work_tree(repo)
    entries, contents = dict(before.entries), dict(before)
    sizes = {path: before.size(path) for path in before}
    repo.commit()
    after = tree_snapshot(Git(str(repo.path)), repo.rev("HEAD"))
    assert contents == dict(after)
    assert entries == after.entries
    assert sizes == {path: after.size(path) for path in after}


def test_an_unchanged_work_tree_is_the_index(repo: Repo) -> None:
    repo.commit({"a": "1", "b/c": "2"})
    assert _work_tree(repo).entries == index_snapshot(Git(str(repo.path))).entries
    assert _work_tree(repo).differences() == set()


def test_changed_deleted_untracked_and_ignored(repo: Repo) -> None:
    repo.commit({"same": "1", "changed": "1", "deleted": "1", ".gitignore": "*.log\n", "staged": "1"})
    repo.write({"staged": "2"}).stage()
    repo.write({"changed": "2", "new/file": "3", "ignored.log": "4"}).remove("deleted")
    snapshot = _work_tree(repo)
    assert {path: snapshot[path] for path in snapshot if path != ".gitignore"} == {
        "same": b"1",
        "changed": b"2",
        "new/file": b"3",
        "staged": b"2",
    }
    assert snapshot.differences() == {"changed", "deleted", "new/file"}
    _as_committed(repo)


def test_a_touched_file_is_not_a_different_one(repo: Repo) -> None:
    repo.commit({"a": "1"})
    os.utime(repo.path / "a", (1, 1))
    assert _work_tree(repo).differences() == set()


def test_an_unborn_branch(repo: Repo) -> None:
    repo.write({"a": "1"})
    assert dict(_work_tree(repo)) == {"a": b"1"}


def test_it_is_whole_from_a_subfolder(repo: Repo) -> None:
    repo.commit({"a": "1", "sub/b": "2"})
    repo.write({"a": "changed", "new": "3"})
    assert dict(work_tree_snapshot(Git(str(repo.path / "sub")))) == {"a": b"changed", "new": b"3", "sub/b": b"2"}


def test_odd_names(repo: Repo) -> None:
    repo.commit({f"tracked/{name}": "1" for name in ODD_NAMES})
    repo.write({f"tracked/{name}": "2" for name in ODD_NAMES})
    repo.write({f"new/{name}": "3" for name in ODD_NAMES})
    _as_committed(repo)


def test_modes(repo: Repo) -> None:
    repo.commit({"tracked": "1"})
    repo.write({"new": "1"})
    (repo.path / "tracked").chmod(0o755)
    (repo.path / "new").chmod(0o755)
    assert {entry.mode for entry in _work_tree(repo).entries.values()} == {Mode.EXECUTABLE}
    _as_committed(repo)


def test_links_are_not_followed(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    repo.link("new", str(tmp_path / "secret"))
    snapshot = _work_tree(repo)
    assert snapshot.entries["new"].mode == Mode.SYMLINK
    with pytest.raises(UnreadableFile, match="symbolic link"):
        snapshot["new"]
    assert snapshot.local_file("new") is None


def test_a_folder_that_became_a_link_leads_nowhere(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "model.yaml").write_text("name: outside")
    repo.commit({"models/model.yaml": "name: inside"})
    repo.remove("models/model.yaml")
    (repo.path / "models").rmdir()
    repo.link("models", str(tmp_path / "outside"))
    snapshot = _work_tree(repo)
    assert list(snapshot) == ["models"]
    assert snapshot.entries["models"].mode == Mode.SYMLINK


def test_a_file_behind_a_link_is_refused_even_if_it_appears_later(repo: Repo, tmp_path: Path) -> None:
    repo.write({"models/model.yaml": "name: inside"})
    snapshot = _work_tree(repo)
    assert "models/model.yaml" in snapshot
    (repo.path / "models").rename(tmp_path / "outside")
    repo.link("models", str(tmp_path / "outside"))
    with pytest.raises(UnreadableFile, match="behind the link"):
        snapshot["models/model.yaml"]


def test_a_pipe_does_not_hang(repo: Repo) -> None:
    repo.commit({"a": "1"})
    repo.remove("a")
    os.mkfifo(repo.path / "a")
    with pytest.raises(UnreadableFile, match="not a regular file"):
        _work_tree(repo)["a"]


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(repo: Repo) -> None:
    repo.write({"a": "1"})
    (repo.path / "a").chmod(0)
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        _work_tree(repo)["a"]


def test_a_large_file_is_hashed_and_not_read(repo: Repo) -> None:
    with (repo.path / "large").open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    snapshot = _work_tree(repo)
    with pytest.raises(UnreadableFile, match="is 16777217 bytes long; the limit is 16777216"):
        snapshot["large"]
    assert snapshot.size("large") == 16777217
    entry = snapshot.entries["large"]
    repo.commit()
    assert entry.oid == repo.rev("HEAD:large")


def test_a_nested_repository_is_left_out(repo: Repo) -> None:
    repo.commit({"a": "1"})
    Repo(repo.path / "nested").commit({"model.yaml": "name: nested"})
    assert list(_work_tree(repo)) == ["a"]


def test_a_submodule_is_listed_and_not_entered(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit({"model.yaml": "name: inner"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repo.commit()
    (repo.path / "sub" / "model.yaml").write_text("changed")
    assert list(_work_tree(repo)) == [".gitmodules", "sub"]
    assert _work_tree(repo).differences() == set()


def test_files_in_conflict_are_what_lies_on_disk(repo: Repo) -> None:
    repo.commit({"a": "base\n"})
    repo.branch("side")
    repo.commit({"a": "ours\n"})
    repo.switch("side").commit({"a": "theirs\n"})
    assert repo.run("merge", "main").returncode == 1
    assert b"<<<<<<< HEAD" in _work_tree(repo)["a"]


def test_announced_files_are_read_from_disk(repo: Repo) -> None:
    repo.write({"a": "1"})
    repo.git("add", "--intent-to-add", "a")
    assert dict(_work_tree(repo)) == {"a": b"1"}


@pytest.mark.parametrize("options", [("--cone",), ("--cone", "--sparse-index"), ("--no-cone",)])
def test_a_sparse_checkout_takes_the_rest_from_the_index(repo: Repo, options: tuple[str, ...]) -> None:
    files = {f"models/m{number}/model.yaml": str(number).encode() for number in range(5)}
    repo.commit(files)
    repo.git("sparse-checkout", "init", *options)
    repo.git("sparse-checkout", "set", "models/m1")
    repo.write({"models/m1/model.yaml": "changed"})
    assert dict(_work_tree(repo)) == files | {"models/m1/model.yaml": b"changed"}


def test_a_sha256_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "long", "--object-format=sha256")
    repo.commit({"a": "1"})
    repo.write({"a": "2", "b": "3"})
    _as_committed(repo)


@pytest.mark.parametrize(
    "attribute", ["text", "text=auto", "eol=crlf", "eol=lf", "-text", "binary", "text=auto eol=crlf"]
)
@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
def test_line_endings_are_those_that_git_would_store(repo: Repo, attribute: str, autocrlf: str) -> None:
    repo.git("config", "core.autocrlf", autocrlf)
    repo.git("config", "core.safecrlf", "false")
    repo.commit({".gitattributes": f"*.attr {attribute}\n", "was.attr": "lf\n", "was": "lf\n"})
    contents = {
        "was": b"one\r\ntwo\r\n",
        "text": b"one\r\ntwo\r\n",
        "binary": b"one\r\n\0two\r\n",
        "old-mac": b"one\r\ntwo\rthree\r\n",
        "mixed": b"one\ntwo\r\n",
    }
    repo.write(contents).write({f"{name}.attr": content for name, content in contents.items()})
    _as_committed(repo)


def test_line_endings_that_the_index_holds_are_kept(repo: Repo) -> None:
    repo.commit({"a": "one\r\n"})
    repo.git("config", "core.autocrlf", "true")
    repo.git("config", "core.safecrlf", "false")
    repo.write({"a": "one\r\ntwo\r\n"})
    _as_committed(repo)


WEIGHTS = b"\x80\x04 real weights" * 1000
POINTER = write_pointer(f"sha256:{sha256(WEIGHTS).hexdigest()}", len(WEIGHTS))


@pytest.fixture
def lfs(repo: Repo) -> Repo:
    repo.lfs("*.skops").commit({"model.skops": WEIGHTS})
    return repo


def _store_file(repo: Repo, pointer: bytes = POINTER) -> Path:
    parsed = parse_pointer(pointer)
    assert parsed is not None
    oid = parsed.digest.removeprefix("sha256:")
    return repo.path / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid


def test_unchanged_weights_are_their_pointer(lfs: Repo) -> None:
    assert _work_tree(lfs)["model.skops"] == POINTER
    assert _work_tree(lfs).local_file("model.skops") == str(lfs.path / "model.skops")


def test_changed_and_new_weights_are_the_pointer_that_committing_makes(lfs: Repo) -> None:
    lfs.write({"model.skops": WEIGHTS + b"!", "new/other.skops": b"small", "empty.skops": b""})
    assert _work_tree(lfs).local_file("model.skops") == str(lfs.path / "model.skops")
    _as_committed(lfs)


def test_touched_weights_are_no_difference(lfs: Repo) -> None:
    os.utime(lfs.path / "model.skops", (1, 1))
    assert _work_tree(lfs).differences() == set()


def test_weights_that_are_not_downloaded(lfs: Repo) -> None:
    lfs.write({"model.skops": POINTER, "copy.skops": POINTER})
    snapshot = _work_tree(lfs)
    assert (snapshot["model.skops"], snapshot["copy.skops"]) == (POINTER, POINTER)
    assert snapshot.local_file("model.skops") == snapshot.local_file("copy.skops") == str(_store_file(lfs))
    _store_file(lfs).unlink()
    assert snapshot.local_file("model.skops") is None
    _as_committed(lfs)


def test_an_odd_pointer_is_passed_on_as_git_lfs_does(lfs: Repo) -> None:
    lfs.write({"model.skops": POINTER.replace(b"git-lfs.github.com", b"hawser.github.com")})
    _as_committed(lfs)


def test_without_git_lfs_committing_stores_the_bytes(repo: Repo) -> None:
    repo.write({".gitattributes": "*.skops filter=lfs diff=lfs merge=lfs -text\n", "model.skops": WEIGHTS})
    assert _work_tree(repo)["model.skops"] == WEIGHTS
    _as_committed(repo)


def test_no_filter_runs(repo: Repo, tmp_path: Path) -> None:
    script, witness = tmp_path / "evil", tmp_path / "ran"
    script.write_text(f"#!/bin/sh\ntouch {witness}\ncat\n")
    script.chmod(0o755)
    repo.commit({".gitattributes": "*.x filter=evil\n*.skops filter=lfs\n", "a.x": "1", "b.skops": "2", "index": "3"})
    for name in ("evil", "lfs"):
        for setting in ("clean", "smudge", "process"):
            repo.git("config", f"filter.{name}.{setting}", str(script))
        repo.git("config", f"filter.{name}.required", "true")
    # As old as the index: git cannot tell from the times that these are unchanged, and would compare their contents.
    moment = (repo.path / ".git" / "index").stat().st_mtime_ns + 1
    for name in ("a.x", "b.skops"):
        os.utime(repo.path / name, ns=(moment, moment))
    repo.write({"new.x": "1"})
    snapshot = _work_tree(repo)
    assert snapshot["a.x"] == b"1"
    snapshot.differences()
    assert not witness.exists()


def test_weights_of_a_commit_lie_in_the_store(lfs: Repo) -> None:
    git = Git(str(lfs.path))
    for snapshot in (index_snapshot(git), tree_snapshot(git, lfs.rev("HEAD"))):
        assert snapshot.local_file("model.skops") == str(_store_file(lfs))
        assert snapshot.local_file(".gitattributes") is None
        assert snapshot.local_file("not there") is None


def test_weights_of_a_commit_may_lie_in_the_work_tree(lfs: Repo) -> None:
    _store_file(lfs).unlink()
    snapshot = index_snapshot(Git(str(lfs.path)))
    assert snapshot.local_file("model.skops") == str(lfs.path / "model.skops")
    lfs.write({"model.skops": WEIGHTS[:-1] + b"?"})
    assert snapshot.local_file("model.skops") is None


def test_a_stored_file_of_the_wrong_length_does_not_count(lfs: Repo) -> None:
    file = _store_file(lfs)
    file.chmod(0o644)
    file.write_bytes(b"cut")
    lfs.write({"model.skops": POINTER})
    assert index_snapshot(Git(str(lfs.path))).local_file("model.skops") is None


def test_the_store_is_where_git_says_not_where_the_repository_says(lfs: Repo, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    lfs.write({".lfsconfig": f"[lfs]\n\tstorage = {elsewhere}\n"})
    assert index_snapshot(Git(str(lfs.path))).local_file("model.skops") == str(_store_file(lfs))
    (lfs.path / ".git" / "lfs").rename(elsewhere)
    lfs.git("config", "lfs.storage", str(elsewhere))
    found = index_snapshot(Git(str(lfs.path))).local_file("model.skops")
    assert found is not None
    assert found.startswith(str(elsewhere))


def test_a_linked_work_tree_shares_the_store(lfs: Repo, tmp_path: Path) -> None:
    linked = lfs.worktree(tmp_path / "linked", "other")
    assert index_snapshot(Git(str(linked.path))).local_file("model.skops") == str(_store_file(lfs))


def test_a_tree_that_names_places_outside_finds_nothing_there(lfs: Repo, tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(WEIGHTS)
    _store_file(lfs).unlink()
    blob = lfs.rev("HEAD:model.skops")
    inner = lfs.git("mktree", input=f"100644 blob {blob}\tmodel.skops\n".encode())
    raw = b"40000 ..\0" + bytes.fromhex(inner)
    outer = lfs.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=raw)
    snapshot = tree_snapshot(Git(str(lfs.path)), outer)
    assert list(snapshot) == ["../model.skops"]
    assert snapshot.local_file("../model.skops") is None


@pytest.mark.parametrize("folder", [".", "sub"])
def test_a_clean_work_tree(repo: Repo, folder: str) -> None:
    repo.commit({"a": "1", "sub/b": "1", ".gitignore": "*.tmp\n"})
    repo.write({"sub/x.tmp": "ignored"})
    git = Git(str(repo.path / folder))
    listing = index_listing(git)
    assert b"sub/b" in listing
    assert is_clean(git)
    assert list(work_tree_snapshot(git)) == [".gitignore", "a", "sub/b"]
    git.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda repo: repo.write({"a": "22"}),
        lambda repo: repo.write({"new": "1"}),
        lambda repo: repo.remove("a"),
        lambda repo: (repo.path / "a").chmod(0o755),
        lambda repo: repo.write({"new": "1"}).git("add", "-N", "new"),
    ],
    ids=["changed", "untracked", "deleted", "another mode", "announced"],
)
def test_a_work_tree_that_is_not_clean(repo: Repo, spoil: Callable[[Repo], object]) -> None:
    repo.commit({"a": "1", "sub/b": "1"})
    spoil(repo)
    git = Git(str(repo.path / "sub"))
    index_listing(git)
    assert not is_clean(git)
    git.close()


def test_a_conflict_is_not_clean(repo: Repo) -> None:
    repo.commit({"a": "1"})
    repo.switch("side", create=True)
    repo.commit({"a": "2"})
    repo.switch("main")
    repo.commit({"a": "3"})
    repo.run("merge", "side")
    git = Git(str(repo.path))
    index_listing(git)
    assert not is_clean(git)
    git.close()


def test_what_git_has_stored_is_the_index_whatever_lies_on_disk(repo: Repo) -> None:
    repo.commit({"kept.skops": "1", "changed.skops": "1", "gone.skops": "1"})
    assert _work_tree(repo).ending(".skops") == ["changed.skops", "gone.skops", "kept.skops"]
    repo.write({"changed.skops": "2", "new.skops": "1"}).remove("gone.skops")
    snapshot = _work_tree(repo)
    assert list(snapshot.stored) == ["changed.skops", "gone.skops", "kept.skops"]
    assert snapshot.stored["changed.skops"] == b"1"
    assert snapshot.ending(".skops") == ["changed.skops", "kept.skops", "new.skops"]
    assert snapshot.stored.ending(".skops") == ["changed.skops", "gone.skops", "kept.skops"]

"""A remote on this disk: what a real git-lfs pushed there is its server."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from snitch.finding import Undecidable
from snitch.git.command import Git
from snitch.lfs.server import weights_server
from snitch.pointer import Pointer
from tests.repository import Repo

CONTENT = b"the weights"
OID = sha256(CONTENT).hexdigest()
POINTER = Pointer(f"sha256:{OID}", len(CONTENT))


@pytest.fixture(params=["bare", "with a work tree"])
def remote(request: pytest.FixtureRequest, repo: Repo, tmp_path: Path) -> Path:
    """The store of a remote that weights were pushed to."""
    other = Repo(tmp_path / "remote", *(["--bare"] if request.param == "bare" else []), branch="other")
    repo.lfs("*.skops").git("remote", "add", "origin", f"file://{other.path}")
    repo.commit({"model.skops": CONTENT})
    repo.git("push", "--quiet", "origin", "main")
    return other.path / ("lfs" if request.param == "bare" else ".git/lfs") / "objects" / OID[:2] / OID[2:4] / OID


def test_it_has_what_was_pushed(remote: Path, repo: Repo, tmp_path: Path) -> None:
    server = weights_server(Git(str(repo.path)))
    assert server.missing([POINTER]) == frozenset()
    assert Path(server.download(POINTER, str(tmp_path / "in"))).read_bytes() == CONTENT


def test_it_lacks_what_was_removed(remote: Path, repo: Repo, tmp_path: Path) -> None:
    remote.unlink()
    server = weights_server(Git(str(repo.path)))
    assert server.missing([POINTER]) == {POINTER.digest}
    with pytest.raises(Undecidable, match="cannot be had"):
        server.download(POINTER, str(tmp_path / "in"))


def test_another_size_is_another_object(remote: Path, repo: Repo) -> None:
    assert weights_server(Git(str(repo.path))).missing([POINTER._replace(size=3)]) == {POINTER.digest}


def test_other_bytes_are_not_taken(remote: Path, repo: Repo, tmp_path: Path) -> None:
    remote.chmod(0o644)
    remote.write_bytes(CONTENT[::-1])
    with pytest.raises(Undecidable, match="another digest"):
        weights_server(Git(str(repo.path))).download(POINTER, str(tmp_path / "in"))
    assert [each for each in (tmp_path / "in").rglob("*") if each.is_file()] == []


def test_a_remote_that_is_no_repository_decides_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.git("remote", "add", "origin", f"{tmp_path}/nothing")
    server = weights_server(Git(str(repo.path)))
    with pytest.raises(Undecidable, match="there is no Git repository"):
        server.missing([POINTER])
    assert server.missing([]) == frozenset()


def test_a_remote_that_git_does_not_know_decides_nothing(repo: Repo, tmp_path: Path) -> None:
    server = weights_server(Git(str(repo.path)))
    with pytest.raises(Undecidable, match="git knows no remote `origin`"):
        server.missing([POINTER])
    with pytest.raises(Undecidable, match="git knows no remote `origin`"):
        server.download(POINTER, str(tmp_path))
    assert server.missing([]) == frozenset()

"""A real Git LFS server, and a real git-lfs that pushes to it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from snitch.finding import Undecidable
from snitch.git.command import Git
from snitch.lfs.login import forge_login
from snitch.lfs.server import weights_server
from snitch.pointer import Pointer
from tests.lfs.giftless_server import LfsServer
from tests.repository import Repo

FIRST, SECOND = b"the first weights", b"the second weights" * 1000
TOKEN = "ghs_atokenthatnobodymaysee"


def pointer_of(content: bytes) -> Pointer:
    return Pointer("sha256:" + sha256(content).hexdigest(), len(content))


@pytest.fixture
def pushed(repo: Repo, lfs_server: LfsServer, tmp_path: Path) -> Repo:
    """A repository whose weights git-lfs has pushed to the server."""
    Repo(tmp_path / "remote.git", "--bare")
    lfs_server.serve(repo)
    repo.lfs("*.skops").git("remote", "add", "origin", f"file://{tmp_path}/remote.git")
    repo.commit({"first.skops": FIRST, "second.skops": SECOND})
    repo.git("push", "--quiet", "origin", "main")
    assert lfs_server.holds(pointer_of(FIRST).digest)
    lfs_server.requests.clear()
    return repo


def test_it_has_what_was_pushed(pushed: Repo) -> None:
    server = weights_server(Git(str(pushed.path)))
    assert server.missing([pointer_of(FIRST), pointer_of(SECOND)]) == frozenset()


def test_it_lacks_what_was_removed(pushed: Repo, lfs_server: LfsServer) -> None:
    lfs_server.remove(pointer_of(FIRST).digest)
    server = weights_server(Git(str(pushed.path)))
    assert server.missing([pointer_of(FIRST), pointer_of(SECOND)]) == {pointer_of(FIRST).digest}


def test_it_may_lack_all_that_it_is_asked_for(pushed: Repo, lfs_server: LfsServer) -> None:
    lfs_server.remove(pointer_of(FIRST).digest)
    assert weights_server(Git(str(pushed.path))).missing([pointer_of(FIRST)]) == {pointer_of(FIRST).digest}


def test_another_size_is_no_pass(pushed: Repo) -> None:
    lying = pointer_of(FIRST)._replace(size=3)
    server = weights_server(Git(str(pushed.path)))
    with pytest.raises(Undecidable, match="answered 422 about"):
        server.missing([lying])
    assert server.missing([pointer_of(FIRST)]) == frozenset()


def test_the_bytes_arrive_in_the_layout_of_git_lfs(pushed: Repo, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    server, store = weights_server(Git(str(pushed.path))), str(tmp_path / "fetched")
    file = server.download(pointer_of(SECOND), store, lambda *numbers: told.append(numbers))
    oid = sha256(SECOND).hexdigest()
    assert Path(file) == Path(store, "objects", oid[:2], oid[2:4], oid)
    assert Path(file).read_bytes() == SECOND
    assert told[-1] == (len(SECOND), len(SECOND))
    assert [each.name for each in Path(store).iterdir()] == ["objects"]


def test_what_is_there_is_not_downloaded_again(pushed: Repo, lfs_server: LfsServer, tmp_path: Path) -> None:
    server = weights_server(Git(str(pushed.path)))
    first = server.download(pointer_of(FIRST), str(tmp_path / "fetched"))
    lfs_server.requests.clear()
    assert server.download(pointer_of(FIRST), str(tmp_path / "fetched")) == first
    assert lfs_server.requests == []


def test_other_bytes_than_the_pointers_are_not_kept(pushed: Repo, lfs_server: LfsServer, tmp_path: Path) -> None:
    lfs_server.put(pointer_of(FIRST).digest, FIRST[::-1])
    with pytest.raises(Undecidable, match="another digest"):
        weights_server(Git(str(pushed.path))).download(pointer_of(FIRST), str(tmp_path / "fetched"))
    assert [each for each in (tmp_path / "fetched").rglob("*") if each.is_file()] == []


def test_what_it_lacks_cannot_be_downloaded(pushed: Repo, lfs_server: LfsServer, tmp_path: Path) -> None:
    lfs_server.remove(pointer_of(FIRST).digest)
    with pytest.raises(Undecidable, match="does not have it"):
        weights_server(Git(str(pushed.path))).download(pointer_of(FIRST), str(tmp_path / "fetched"))


def test_the_url_of_the_repository_is_enough(pushed: Repo, lfs_server: LfsServer) -> None:
    pushed.git("config", "--unset", "lfs.url")
    server = weights_server(Git(str(pushed.path)), url=lfs_server.git_url)
    assert server.missing([pointer_of(FIRST)]) == frozenset()


def test_a_remote_over_http_is_enough(pushed: Repo, lfs_server: LfsServer) -> None:
    pushed.git("config", "--unset", "lfs.url")
    pushed.git("remote", "set-url", "origin", lfs_server.git_url)
    assert weights_server(Git(str(pushed.path))).missing([pointer_of(FIRST)]) == frozenset()


def test_a_server_that_the_judged_tree_names_is_not_asked(pushed: Repo, lfs_server: LfsServer) -> None:
    lfs_server.remove(pointer_of(FIRST).digest)
    config = '[lfs]\n\turl = http://127.0.0.1:1/elsewhere\n[remote "origin"]\n\tlfsurl = http://127.0.0.1:1/elsewhere\n'
    pushed.commit({".lfsconfig": config})
    server = weights_server(Git(str(pushed.path)))
    assert server.missing([pointer_of(FIRST), pointer_of(SECOND)]) == {pointer_of(FIRST).digest}


def test_a_token_for_the_servers_host_opens_it(pushed: Repo, lfs_server: LfsServer, tmp_path: Path) -> None:
    lfs_server.token = TOKEN
    login = forge_login("github", lfs_server.git_url, TOKEN)
    server = weights_server(Git(str(pushed.path)), login=login)
    assert server.missing([pointer_of(FIRST)]) == frozenset()
    assert Path(server.download(pointer_of(FIRST), str(tmp_path / "fetched"))).read_bytes() == FIRST


def test_without_it_nothing_is_decided_and_the_mend_is_told(pushed: Repo, lfs_server: LfsServer) -> None:
    lfs_server.token = TOKEN
    with pytest.raises(Undecidable, match="asks for credentials") as told:
        weights_server(Git(str(pushed.path))).missing([pointer_of(FIRST)])
    assert "contents: read" in told.value.help


def test_git_is_asked_for_a_login_once(pushed: Repo, lfs_server: LfsServer) -> None:
    lfs_server.token = TOKEN
    pushed.git("config", "credential.helper", f"!f() {{ echo username=ada; echo password={TOKEN}; }}; f")
    server = weights_server(Git(str(pushed.path)))
    assert server.missing([pointer_of(FIRST)]) == frozenset()
    assert server.missing([pointer_of(SECOND)]) == frozenset()
    assert ["authorization" in headers for _, _, headers in lfs_server.requests] == [False, True, True]


def test_the_header_that_a_checkout_leaves_is_used(pushed: Repo, lfs_server: LfsServer) -> None:
    lfs_server.token = TOKEN
    header = forge_login("github", lfs_server.git_url, TOKEN).authorization.replace("Basic", "AUTHORIZATION: Basic")
    host = lfs_server.git_url.removesuffix("acme/models.git")
    pushed.git("config", f"http.{host}.extraheader", header)
    assert weights_server(Git(str(pushed.path))).missing([pointer_of(FIRST)]) == frozenset()
    assert len(lfs_server.requests) == 1

"""The clone that the gate reads: the one it is run in if that is of the repository, else a bare one of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager

from snitch.forge.request import Request
from snitch.git.command import Git
from snitch.git.errors import NoRepository
from snitch.git.fetching import Login, Upstream, make_clone


@contextmanager
def clone_for(request: Request, login: Login | None) -> Iterator[Upstream]:
    """The remote of a clone of the request's repository. Its files are never checked out.

    A clone of another repository is left alone: its branches are another's, a fork's author's own perhaps.

    Raises:
        GitError: the repository that this is run in cannot be read.
    """
    with closing(Git()) as git:
        remote = remote_of(git, request.git_url) if _is_there(git) else None
        if remote is not None:
            yield Upstream(git, remote, login)
            return
    folder = tempfile.mkdtemp(prefix="snitch-clone-")
    try:
        upstream = make_clone(folder, request.git_url, login, request.authorities)
        with closing(upstream.git):
            yield upstream
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_there(git: Git) -> bool:
    try:
        return bool(git.layout.git_dir)
    except NoRepository:
        return False


def remote_of(git: Git, url: str) -> str | None:
    """The remote that is fetched from a URL, however that is written; None where none is."""
    told = git.ask(("config", "--null", "--get-regexp", r"^remote\..*\.url$")).out.decode("utf-8", "surrogateescape")
    for entry in told.split("\0")[:-1]:
        key, _, value = entry.partition("\n")
        if _plain(value) == _plain(url):
            return key.removeprefix("remote.").removesuffix(".url")
    return None


def _plain(url: str) -> str:
    """Host and path alone: the same repository is reached by several protocols."""
    rest = url.partition("://")[2] or url.replace(":", "/", 1)
    return rest.rpartition("@")[2].removesuffix("/").removesuffix(".git").lower()

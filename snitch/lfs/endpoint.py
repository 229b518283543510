"""Where a repository's Git LFS server is.

Git's own configuration says so, or a URL that is given. `.lfsconfig` never does: it belongs to the judged repository,
whose author could name a server that says yes to everything.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from snitch.finding import Undecidable
from snitch.lfs.login import Login, origin_of

if TYPE_CHECKING:
    from snitch.git.command import Git

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
#: `git@host:owner/name.git`: a colon before any slash. One letter before it is a drive.
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/:@\s]{2,}):(?P<path>[^\s]+)")
#: `ext::…`: a program of git's speaks to it, in its own way.
_HELPER = re.compile(r"[A-Za-z0-9]+::")
_SSH = frozenset({"ssh", "git+ssh", "ssh+git", "git"})
_SET_URL = "name the server: `git config lfs.url URL`"


class HttpEndpoint(Struct, frozen=True):
    """A server that speaks the batch API below `url`, which holds no credentials; those it held are the `login`."""

    url: str
    login: Login | None = None


class FolderEndpoint(Struct, frozen=True):
    """A repository on this disk: its own store is the server."""

    path: str


Endpoint = HttpEndpoint | FolderEndpoint


def endpoint_of(git: Git, remote: str, url: str | None = None) -> Endpoint:
    """The server of a clone's remote, as `git lfs` would find it without `.lfsconfig`; `url` goes for the remote's.

    Raises:
        Undecidable: git knows no such remote, or its URL names no server.
        GitError: git's configuration cannot be read.
    """
    told = setting(git, "lfs.url") or setting(git, f"remote.{remote}.lfsurl")
    if told:
        return _endpoint(git, _unaliased(git, told), suffix="")
    return _endpoint(git, _url_of(git, remote) if url is None else url, suffix="/info/lfs")


def _url_of(git: Git, remote: str) -> str:
    answer = git.ask(("remote", "get-url", "--", remote))
    if answer.status != 0:
        raise Undecidable(
            f"git knows no remote `{remote}`, so nobody can tell where the weights are",
            help=f"`git remote add {remote} URL`, or {_SET_URL}",
        )
    return os.fsdecode(answer.out).split("\n")[0]


def setting(git: Git, name: str) -> str:
    """One of git's own settings; empty where it is not set.

    Raises:
        GitError: the configuration cannot be read.
    """
    command = ("config", "--null", "--get", name)
    answer = git.ask(command)
    if answer.status not in (0, 1):
        raise git.failure("config", answer)
    return os.fsdecode(answer.out).split("\0")[0].strip()


def authorities_for(git: Git, url: str) -> str:
    """The file of certificates that git trusts for a URL; empty where it trusts the machine's."""
    answer = git.ask(("config", "--null", "--type=path", "--get-urlmatch", "http.sslCAInfo", url))
    told = os.fsdecode(answer.out).split("\0")[0] if answer.status == 0 else ""
    return os.environ.get("GIT_SSL_CAINFO", "") or told


def _absolute(git: Git, path: str) -> str:
    """A remote's path, which begins at the top of the work tree where it is relative."""
    if not os.path.isabs(path):
        path = os.path.join(git.layout.top_level or git.layout.git_dir, path)
    return os.path.normpath(path)


def _unaliased(git: Git, url: str) -> str:
    """With what `url.<base>.insteadOf` makes of it."""
    if not _SCHEME.match(url):
        return url
    answer = git.ask(("ls-remote", "--get-url", "--", url))
    return os.fsdecode(answer.out).split("\n")[0] if answer.status == 0 else url


def _endpoint(git: Git, url: str, *, suffix: str) -> Endpoint:
    """The endpoint of a URL or path; `suffix` is what the batch API has after that of a repository."""
    if not url or _HELPER.match(url):
        raise _no_server()
    scheme = _SCHEME.match(url)
    scp = _SCP.fullmatch(url)
    if scheme is None and scp is not None:
        path = scp["path"].lstrip("/")
        return _http(f"https://{scp['host']}/{path}", suffix)
    if scheme is None:
        return FolderEndpoint(_absolute(git, os.path.expanduser(url)))
    name = scheme[1].lower()
    if name in ("http", "https"):
        return _http(url, suffix)
    if name in _SSH:
        return _http(_over_https(url), suffix)
    if name == "file":
        return FolderEndpoint(os.path.normpath(unquote(url[scheme.end() :].removeprefix("localhost"))))
    raise Undecidable(f"nobody knows where the weights of a `{name}://` remote are", help=_SET_URL)


def _over_https(url: str) -> str:
    """As git-lfs maps it: the port is the one of ssh, and the user git's own."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host:
        raise _no_server()
    return f"https://{f'[{host}]' if ':' in host else host}{parts.path}"


def _http(url: str, suffix: str) -> HttpEndpoint:
    if origin_of(url) is None or not url.isprintable() or any(mark in url for mark in " ?#\\"):
        raise _no_server()
    parts = urlsplit(url)
    userinfo, _, host = parts.netloc.rpartition("@")
    path = parts.path.rstrip("/")
    if suffix and not path.endswith(".git"):
        path += ".git"
    bare = f"{parts.scheme.lower()}://{host}{path}{suffix}"
    user, _, secret = userinfo.partition(":")
    return HttpEndpoint(bare, Login(bare, unquote(user), unquote(secret)) if userinfo else None)


def _no_server() -> Undecidable:
    # The URL is not shown: it may hold a password.
    return Undecidable("the remote's URL names no Git LFS server", help=_SET_URL)

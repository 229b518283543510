"""Where a clone's remote is hosted: which forge, its API, and the repository's name there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from msgspec import Struct

from snitch.forge import names
from snitch.forge.request import ForgeKind

#: `git@host:owner/name.git`. One letter before the colon is a drive.
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[^/:@\s]{2,}):(?P<path>[^\s]+)")
_SCHEMES = frozenset({"https", "http", "ssh", "git", "git+ssh", "ssh+git"})
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+")


class _Address(NamedTuple):
    """Of a URL what is no credential: `site` is the scheme and the host as a browser would have them."""

    site: str
    host: str
    path: str


class Hosting(Struct, frozen=True):
    """A repository on a forge: `path` is `owner/name`, on GitLab with as many groups as there are."""

    forge: ForgeKind
    server: str
    api: str
    path: str

    def new_request(self, source: str, target: str) -> str:
        """The page on which a person asks for a merge."""
        if self.forge == "github":
            return f"{self.server}/{self.path}/compare/{quote(target)}...{quote(source)}?expand=1"
        asked = {"merge_request[source_branch]": source, "merge_request[target_branch]": target}
        return f"{self.server}/{self.path}/-/merge_requests/new?{urlencode(asked)}"


def hosting_of(url: str, environ: Mapping[str, str], stated: ForgeKind | None = None) -> Hosting | None:
    """The forge of a remote's URL; None where nobody can tell.

    A host is known by its name, or as the one of which the CI's variables or `GH_HOST` tell; of any other, `stated`
    says which kind it is.

    Raises:
        InvalidEvent: a variable that tells of the host is no address.
    """
    address = _address(url)
    if address is None:
        return None
    kinds = ("github", "gitlab") if stated is None else (stated,)
    for kind in kinds:
        known = _GITHUB_OR_GITLAB[kind](address, environ)
        if known is None and stated is not None:
            known = (address.site, f"{address.site}{'/api/v3' if stated == 'github' else '/api/v4'}")
        if known is not None:
            return Hosting(kind, *known, address.path)  # type: ignore[arg-type]
    return None


def _github(address: _Address, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The server and its API."""
    server, api = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_API_URL", "")
    if server and api and _host(server) == address.host:
        return names.address("GITHUB_SERVER_URL", server), names.address("GITHUB_API_URL", api)
    if address.host in ("github.com", "www.github.com", "ssh.github.com"):
        return "https://github.com", "https://api.github.com"
    if address.host.endswith(".ghe.com"):
        return f"https://{address.host}", f"https://api.{address.host}"
    if address.host == environ.get("GH_HOST", "").lower():
        return address.site, f"{address.site}/api/v3"
    return None


def _gitlab(address: _Address, environ: Mapping[str, str]) -> tuple[str, str] | None:
    server, api = environ.get("CI_SERVER_URL", ""), environ.get("CI_API_V4_URL", "")
    if server and api and _host(server) == address.host:
        return names.address("CI_SERVER_URL", server), names.address("CI_API_V4_URL", api)
    if address.host.startswith("gitlab.") or ".gitlab." in address.host:
        return address.site, f"{address.site}/api/v4"
    return None


_GITHUB_OR_GITLAB = {"github": _github, "gitlab": _gitlab}


def names_host(url: str) -> bool:
    """Whether a URL says on which machine it is; a path and `file://` do not."""
    return bool(_host(url)) or ("://" not in url and _SCP.fullmatch(url) is not None)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _address(url: str) -> _Address | None:
    if not url.isprintable() or any(mark in url for mark in "?#"):
        return None
    scp = _SCP.fullmatch(url) if "://" not in url else None
    if scp is not None:
        scheme, host, port, path = "ssh", scp["host"], None, scp["path"]
    else:
        try:
            parts = urlsplit(url)
            scheme, host, port, path = parts.scheme.lower(), parts.hostname or "", parts.port, parts.path
        except ValueError:
            return None
    path = path.strip("/").removesuffix(".git")
    if scheme not in _SCHEMES or not _HOST.fullmatch(host) or not _PATH.fullmatch(path) or ".." in path.split("/"):
        return None
    # The port of ssh is none of the pages'.
    at = f":{port}" if port is not None and scheme in ("http", "https") else ""
    return _Address(f"{'http' if scheme == 'http' else 'https'}://{host.lower()}{at}", host.lower(), path)

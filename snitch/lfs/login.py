"""Who asks a server, and which server that is for."""

from __future__ import annotations

from base64 import b64encode
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from msgspec import Struct

_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """What credentials are for: a scheme, a host and a port, nothing less and nothing else."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin | None:
    """The origin of an http or https URL; None for what is none."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _PORTS or not host:
        return None
    return Origin(scheme, host.lower(), _PORTS[scheme] if port is None else port)


class Login(Struct, frozen=True):
    """A user and a secret, for the origin of `url` and no other."""

    url: str
    user: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret: what crashes may be shown."""
        return f"Login({origin_of(self.url)})"

    def is_for(self, url: str) -> bool:
        """Whether it may be shown to the server of `url`."""
        origin = origin_of(url)
        return origin is not None and origin == origin_of(self.url)

    @property
    def authorization(self) -> str:
        """The header of basic authentication."""
        return "Basic " + b64encode(f"{self.user}:{self.secret}".encode("utf-8", "surrogateescape")).decode()


def forge_login(kind: Literal["github", "gitlab"], server: str, token: str, *, is_job_token: bool = False) -> Login:
    """What a forge's token is to the Git server of the same host; GitLab tells a job's own token by the user's name."""
    if kind == "github":
        return Login(server, "x-access-token", token)
    return Login(server, "gitlab-ci-token" if is_job_token else "oauth2", token)

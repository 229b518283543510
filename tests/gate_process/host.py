"""A Git host on this machine: smart HTTP as git itself serves it, and Git LFS beside it, for those with the token."""

from __future__ import annotations

import os
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from http.client import parse_headers
from io import BytesIO
from pathlib import Path
from ssl import SSLContext
from typing import Any, Protocol

from tests.lfs.giftless_server import LfsServer
from tests.repository import ENVIRONMENT

_DENIED = "401 Unauthorized"
_ASKS = [("WWW-Authenticate", 'Basic realm="GitHub"'), ("Content-Type", "text/plain")]


class _Respond(Protocol):
    def __call__(self, status: str, headers: list[tuple[str, str]], /) -> object: ...


class GitHost(LfsServer):
    """Repositories lie in `root/OWNER/NAME.git`, weights in `storage/OWNER/NAME`."""

    def __init__(self, storage: Path, tls: SSLContext | None = None) -> None:
        super().__init__(storage, tls)
        self.root = storage
        #: Answers instead of git, to whoever brings the token: a status line.
        self.outage: str | None = None
        self.lfs_outage: str | None = None
        #: Seconds before git answers.
        self.delay = 0.0
        self.url = self.git_url.removesuffix("/acme/models.git")

    def _guarded(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        scheme, _, secret = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if secret:  # actions/checkout writes the scheme in lower case
            environ["HTTP_AUTHORIZATION"] = f"{scheme.capitalize()} {secret}"
        if "/info/lfs/" in environ["PATH_INFO"] or "/objects/storage/" in environ["PATH_INFO"]:
            if self.lfs_outage is not None:
                start_response(self.lfs_outage, [("Content-Type", "text/plain")])
                return [b"Unicorn!"]
            return super()._guarded(environ, start_response)
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], {}))
        return self._git(environ, start_response)

    def _git(self, environ: dict[str, Any], respond: _Respond) -> Iterable[bytes]:
        time.sleep(self.delay)
        login = b64encode(f"x-access-token:{self.token}".encode()).decode()
        if self.token is not None and environ.get("HTTP_AUTHORIZATION") != f"Basic {login}":
            respond(_DENIED, _ASKS)
            return [b"Invalid username or token."]
        if self.outage is not None:
            respond(self.outage, [("Content-Type", "text/plain")])
            return [b"Unicorn!"]
        status, headers, body = _backend(self.root, environ)
        respond(status, headers)
        return [body]


def _backend(root: Path, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    """What `git http-backend`, a CGI program, answers."""
    told = {name: value for name, value in environ.items() if isinstance(value, str) and name.isupper()}
    told.pop("HTTP_AUTHORIZATION", None)
    # Large requests come in chunks, and without a length.
    body = environ["wsgi.input"].read(*([] if environ.get("wsgi.input_terminated") else [_length(told)]))
    own = {"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1"}
    variables = {**ENVIRONMENT, **told, **own, "CONTENT_LENGTH": str(len(body)), "REMOTE_USER": "x-access-token"}
    done = subprocess.run(("git", "http-backend"), input=body, env=variables, capture_output=True, check=False)
    stream = BytesIO(done.stdout)
    headers = parse_headers(stream)
    status = headers.get("Status", "200 OK")
    return status, [(name, value) for name, value in headers.items() if name != "Status"], stream.read()


def _length(told: dict[str, str]) -> int:
    return int(told.get("CONTENT_LENGTH") or 0)

"""A server that does whatever a test says, for what no real one would do."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, NamedTuple

from msgspec import Struct


class Asked(NamedTuple):
    """A request, its headers by their lower-case names."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def oids(self) -> list[str]:
        return [each["oid"] for each in json.loads(self.body)["objects"]]


class Said(Struct):
    """An answer. Parts of a body are sent as they come; `broken` ends the connection before its time."""

    status: int = 200
    body: bytes | Iterator[bytes] = b""
    headers: dict[str, str] = {}
    broken: bool = False


def objects(*each: dict[str, Any], **more: Any) -> Said:
    """An answer of the batch API."""
    return Said(body=json.dumps({"transfer": "basic", "objects": each, **more}).encode())


class Faulty:
    """Answers each request with what `answer` returns for it; the last of several answers stays."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answers: list[Said | Callable[[Asked], Said]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer._serve(self)

            def do_GET(self) -> None:
                outer._serve(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.base = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"
        #: The same server as another host.
        self.elsewhere = f"http://localhost:{self._server.server_port}"
        self.git_url = f"{self.base}/acme/models.git"
        self.url = f"{self.git_url}/info/lfs"

    def answer(self, *answers: Said | Callable[[Asked], Said]) -> None:
        self.answers = list(answers)

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = request.rfile.read(int(headers.get("content-length", 0)))
        asked = Asked(request.command, request.path, headers, body)
        self.asked.append(asked)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        said = answer if isinstance(answer, Said) else answer(asked)
        request.send_response(said.status)
        for name, value in said.headers.items():
            request.send_header(name, value)
        parts = iter([said.body]) if isinstance(said.body, bytes) else said.body
        if isinstance(said.body, bytes) and "Content-Length" not in said.headers:
            request.send_header("Content-Length", str(len(said.body) + said.broken))
        try:
            request.end_headers()
            for part in parts:
                request.wfile.write(part)
                request.wfile.flush()
        except OSError:
            return  # nobody listens any more

    def __enter__(self) -> Faulty:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

"""A server on this machine that plays a forge, and fails where a test tells it to."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from types import TracebackType
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

Self = TypeVar("Self", bound="ScriptedServer")


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def nothing() -> Answer:
    raise AssertionError("a refusal asks for nothing")


class Reset(Exception):
    """The connection breaks."""


#: What happens to a request instead of, before or after what it asks for.
Fault = Callable[[Callable[[], Answer]], Answer]


def server_error(status: int = 502) -> Fault:
    """What a broken gateway says, which is no JSON."""
    return lambda _: Answer(status, {"Content-Type": "text/html"}, b"<html><h1>Unicorn!</h1></html>")


def slow(seconds: float) -> Fault:
    """The request is carried out at once; its answer is late."""

    def act(asked: Callable[[], Answer]) -> Answer:
        answer = asked()
        time.sleep(seconds)
        return answer

    return act


def reset(asked: Callable[[], Answer]) -> Answer:
    """Nobody hears the request."""
    raise Reset


def reset_after(asked: Callable[[], Answer]) -> Answer:
    """The request is carried out, and nobody hears the answer."""
    asked()
    raise Reset


def malformed(asked: Callable[[], Answer]) -> Answer:
    """The request is carried out; half of the answer arrives."""
    answer = asked()
    return answer._replace(body=answer.body[: len(answer.body) // 2])


def meanwhile(happens: Callable[[], object]) -> Fault:
    """Something else happens just before the request is carried out."""

    def act(asked: Callable[[], Answer]) -> Answer:
        happens()
        return asked()

    return act


def retold(change: Callable[[Any], object]) -> Fault:
    """The answer is changed in a way that the document does not know: GitHub does so here and there."""

    def act(asked: Callable[[], Answer]) -> Answer:
        answer = asked()
        told = json.loads(answer.body)
        change(told)
        return answer._replace(body=json.dumps(told).encode())

    return act


@dataclass
class _Script:
    pattern: str
    act: Fault
    times: int
    skip: int

    def applies(self, asked: str) -> bool:
        if not re.fullmatch(self.pattern, asked) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class ScriptedServer:
    """What every forge of the tests is: requests are kept and answered, and some go wrong as a test wants it.

    `prefix` is what the API has before its paths: `/api/v3`.
    """

    def __init__(self, prefix: str = "", tls: SSLContext | None = None) -> None:
        self.prefix = prefix
        #: `METHOD /path?query` of every request, in order.
        self.requests: list[str] = []
        #: What nobody should have asked, or answered.
        self.faults: list[str] = []
        self._scripts: list[_Script] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.forge = self
        self._scheme = "https" if tls else "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True)

    def __enter__(self: Self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}{self.prefix}"

    def fail(self, pattern: str, act: Fault, *, times: int = 1, skip: int = 0) -> None:
        """The next `times` requests whose `METHOD /path` matches in full go wrong, after `skip` that do not."""
        self._scripts.append(_Script(pattern, act, times, skip))

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self._scripts.clear()

    @property
    def writes(self) -> list[str]:
        return [each for each in self.requests if not each.startswith("GET ") and not each.endswith("/graphql")]

    def shown(self, path: str) -> str:
        """A path as tests name it."""
        return path.removeprefix(self.prefix)

    def perform(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        """What the forge does, where nothing goes wrong."""
        raise NotImplementedError

    def answer(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        """The answer to a request.

        Raises:
            Reset: there is none.
        """
        shown = self.shown(urlsplit(target).path)
        with self._lock:
            self.requests.append(f"{method} {shown}" + (f"?{urlsplit(target).query}" if "?" in target else ""))
            act = next((each.act for each in self._scripts if each.applies(f"{method} {shown}")), None)

        def asked() -> Answer:
            with self._lock:
                return self.perform(method, target, headers, body)

        return act(asked) if act else asked()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    forge: ScriptedServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes; each answer would be 40 ms late
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            answer = self.server.forge.answer(self.command, self.path, Headers(self.headers.items()), body)
        except Reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        except Exception as error:
            self.server.forge.faults.append(f"the server broke: {self.command} {self.path}: {error!r}")
            answer = server_error(500)(nothing)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: `requests` has it."""

"""The tests' own GitHub as a server on this machine, which fails where a test tells it to.

    with GitHub() as github:
        github.state.pulls[7] = Pull(7, head="1" * 40)
        github.fail("POST .*/comments", server_error(502), times=2)
        ...                                                     # GITHUB_API_URL is `github.url`

Every request and every answer is held against the official document: what it does not know of a request is refused
with 422 and kept in `faults`, and so is an answer of this server that GitHub would not give.
"""

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
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.datastructures import Headers

from tests.forge.official import Asked, answer_faults, operation_of, request_faults
from tests.forge.operations import Call, Refusal, perform
from tests.forge.state import State, account_id

TOKEN = "ghs_" + "S3cret" * 6
_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def _nothing() -> Answer:
    raise AssertionError("a refusal asks for nothing")


class Reset(Exception):
    """The connection breaks."""


#: What happens to a request instead of, before or after what it asks for.
Fault = Callable[[Callable[[], Answer]], Answer]


def refusal(status: int, message: str, **headers: str) -> Fault:
    """An error as GitHub words it."""
    told = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status, {**_JSON, **stated}, json.dumps(told).encode())


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


READ_ONLY = refusal(403, "Resource not accessible by integration")
BAD_TOKEN = refusal(401, "Bad credentials")


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


class GitHub:
    """The server and what it holds. `prefix` is what Enterprise has before its paths: `/api/v3`."""

    def __init__(self, prefix: str = "") -> None:
        self.state = State()
        self.prefix = prefix
        #: `METHOD /path?query` of every request, in order.
        self.requests: list[str] = []
        self.faults: list[str] = []
        self._scripts: list[_Script] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.github = self
        self.state.api = self.url
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True)

    def __enter__(self) -> GitHub:
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
        return f"http://127.0.0.1:{self._server.server_port}{self.prefix}"

    def fail(self, pattern: str, act: Fault, *, times: int = 1, skip: int = 0) -> None:
        """The next `times` requests whose `METHOD /path` matches in full go wrong, after `skip` that do not."""
        self._scripts.append(_Script(pattern, act, times, skip))

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self._scripts.clear()

    @property
    def writes(self) -> list[str]:
        return [each for each in self.requests if not each.startswith("GET ") and not each.endswith("/graphql")]

    def answer(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        """The answer to a request.

        Raises:
            Reset: there is none.
        """
        path = urlsplit(target).path
        graphql = self.prefix.removesuffix("/v3") + "/graphql"
        shown = path if path == graphql else path.removeprefix(self.prefix)
        with self._lock:
            self.requests.append(f"{method} {shown}" + (f"?{urlsplit(target).query}" if "?" in target else ""))
            act = next((each.act for each in self._scripts if each.applies(f"{method} {shown}")), None)

        def asked() -> Answer:
            with self._lock:
                if headers.get("Authorization", "").split(" ")[-1] != TOKEN:
                    return BAD_TOKEN(asked)
                if path == graphql:
                    return self._viewer(body)
                return self._answer(Asked(method, shown, parse_qsl(urlsplit(target).query), headers, body))

        return act(asked) if act else asked()

    def _viewer(self, body: bytes) -> Answer:
        """GraphQL is not in the document; the one question that is asked there is who asks."""
        if json.loads(body)["query"] != "{viewer{login databaseId}}":
            self.faults.append(f"GraphQL: {body!r}")
        viewer = {"login": self.state.viewer, "databaseId": account_id(self.state.viewer)}
        return Answer(200, _JSON, json.dumps({"data": {"viewer": viewer}}).encode())

    def _answer(self, asked: Asked) -> Answer:
        operation = operation_of(asked.method, asked.path)
        if operation is None:
            self.faults.append(f"{asked.method} {asked.path}: not in the document")
            return refusal(404, "Not Found")(_nothing)
        if wrong := request_faults(operation, asked):
            self.faults.append(f"{operation.id}: {wrong}")
            return refusal(422, f"Invalid request. {wrong}")(_nothing)
        query = dict(asked.parameters.query.items())
        body = json.loads(asked.body) if asked.body else {}
        headers = dict(_JSON)
        try:
            status, told = perform(Call(self.state, operation, query, body))
        except Refusal as error:
            return refusal(error.status, error.message, **error.headers)(_nothing)
        if isinstance(told, list):
            told, headers["Link"] = self._page(told, asked.path, query)
        content = b"" if told is None else json.dumps(told).encode()
        if wrong := answer_faults(operation, asked, status, content):
            self.faults.append(f"answer to {operation.id}: {wrong}")
        return Answer(status, headers, content)

    def _page(self, items: list[Any], path: str, query: dict[str, str]) -> tuple[list[Any], str]:
        """One page of many, and the links to the others."""
        size, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        links = [f'<{self._link(path, query, 1)}>; rel="first"']
        if page * size < len(items):
            links.insert(0, f'<{self._link(path, query, page + 1)}>; rel="next"')
        return items[(page - 1) * size : page * size], ", ".join(links)

    def _link(self, path: str, query: dict[str, str], page: int) -> str:
        return f"{self.url}{path}?{urlencode({**query, 'page': page})}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    github: GitHub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            answer = self.server.github.answer(self.command, self.path, Headers(self.headers.items()), body)
        except Reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        except Exception as error:
            self.server.github.faults.append(f"the server broke: {self.command} {self.path}: {error!r}")
            answer = server_error(500)(_nothing)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: `requests` has it."""

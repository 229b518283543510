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
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.datastructures import Headers

from tests.forge.carrier import Answer, Fault, ScriptedServer, nothing
from tests.forge.official import Asked, answer_faults, operation_of, request_faults
from tests.forge.operations import Call, Refusal, perform
from tests.forge.state import State, account_id

TOKEN = "ghs_" + "S3cret" * 6
_JSON = {"Content-Type": "application/json; charset=utf-8"}


def refusal(status: int, message: str, **headers: str) -> Fault:
    """An error as GitHub words it."""
    told = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status, {**_JSON, **stated}, json.dumps(told).encode())


READ_ONLY = refusal(403, "Resource not accessible by integration")
BAD_TOKEN = refusal(401, "Bad credentials")


class GitHub(ScriptedServer):
    """The server and what it holds."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix)
        self.state = State()
        self.state.api = self.url

    @property
    def _graphql(self) -> str:
        return self.prefix.removesuffix("/v3") + "/graphql"

    def shown(self, path: str) -> str:
        return path if path == self._graphql else super().shown(path)

    def perform(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        path = urlsplit(target).path
        if headers.get("Authorization", "").split(" ")[-1] != TOKEN:
            return BAD_TOKEN(nothing)
        if path == self._graphql:
            return self._viewer(body)
        return self._answer(Asked(method, self.shown(path), parse_qsl(urlsplit(target).query), headers, body))

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
            return refusal(404, "Not Found")(nothing)
        if wrong := request_faults(operation, asked):
            self.faults.append(f"{operation.id}: {wrong}")
            return refusal(422, f"Invalid request. {wrong}")(nothing)
        query = dict(asked.parameters.query.items())
        body = json.loads(asked.body) if asked.body else {}
        headers = dict(_JSON)
        try:
            status, told = perform(Call(self.state, operation, query, body))
        except Refusal as error:
            return refusal(error.status, error.message, **error.headers)(nothing)
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

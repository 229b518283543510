"""Asks GitLab over HTTP: what is tried again, for how long, how much of an answer is read, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import isfile
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from snitch.escape import for_terminal
from snitch.forge.errors import ErrorKind, ForgeError
from snitch.forge.patience import Patience
from snitch.forge.rest import Page, RestConnection
from snitch.forge.token import Token, token_variables
from snitch.forge.trouble import Trouble, lost, seconds

if TYPE_CHECKING:
    from requests import PreparedRequest, Session

T = TypeVar("T")

#: Bytes of one answer: a page of 100 notes of the longest kind is larger than anybody's.
_MOST_BYTES = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_LONGEST_TOLD = 200


class _Answer(NamedTuple):
    status: int
    #: Their names in any case.
    headers: Mapping[str, str]
    body: bytes


class GitLabConnection(RestConnection[_Answer]):
    """The API at `api`, asked with a token, which is in nothing that this tells.

    `authorities` is a file of certificates to trust; without one, those that the machine does.
    """

    def __init__(self, api: str, token: Token, patience: Patience, authorities: str = "") -> None:
        super().__init__(patience)
        self._api = api
        self._authorities = authorities
        self._token = token
        self._session: Session | None = None

    def _following(self, answer: _Answer, page: Page) -> Page | None:
        """GitLab tells its number, and none on the last one."""
        number = answer.headers.get("X-Next-Page", "").strip()
        if not number:
            return None
        if not (number.isdecimal() and number.isascii() and len(number) < 7):
            raise ForgeError(f"{page.path} goes on at no page: {for_terminal(number[:20])!r}", kind="misunderstood")
        return page._replace(query={**page.query, "page": number})

    def _once(self, verb: str, path: str, query: dict[str, Any] | None, body: dict[str, Any] | None) -> _Answer:
        session = self._connected()
        asked = f"{verb} {self._api}{path}"
        try:
            answer = self._errand.run(lambda: self._exchange(session, verb, path, query, body))
        except ForgeError:
            raise
        except TimeoutError:
            self._session = None  # it still waits for that answer
            raise lost(f"GitLab did not answer {asked} in time") from None
        except Exception as error:
            if type(error).__name__ == "SSLError":
                raise ForgeError(f"GitLab's certificate is not trusted here: {asked}", _TRUST) from None
            raise lost(f"GitLab cannot be reached: {asked} ended in {type(error).__name__}") from None
        if not 200 <= answer.status < 300:
            self._refuse(answer, verb, asked)
        return answer

    def _exchange(
        self, session: Session, verb: str, path: str, query: dict[str, Any] | None, body: dict[str, Any] | None
    ) -> _Answer:
        """One request. No redirection is followed: the token is for this server alone."""
        response = session.request(
            verb,
            self._api + path,
            params=query,
            json=body,
            timeout=self._patience.longest + 1,
            allow_redirects=False,
            stream=True,
        )
        with response:
            content = b""
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                if len(content) > _MOST_BYTES:
                    raise ForgeError(f"the answer to {verb} {path} has no end", _WRONG_API, kind="misunderstood")
            return _Answer(response.status_code, response.headers, content)

    def _refuse(self, answer: _Answer, verb: str, asked: str) -> None:
        """Raises what an answer that is an error amounts to."""
        words = self._words(answer.body)
        told = f"{asked} was answered with {answer.status}{f', {words}' if words else ''}"
        if answer.status >= 500:
            broken = ForgeError(f"GitLab is broken: {told}", "Try again later", kind="unreachable")
            raise Trouble(broken, seconds(answer.headers.get("Retry-After", "")), may_have_worked=True)
        if answer.status == 429:
            wait = seconds(answer.headers.get("Retry-After", ""))
            limited = ForgeError(f"GitLab takes no more requests now: {told}", "Try again later", kind="limited")
            if wait is None:
                raise limited
            raise Trouble(limited, wait)
        if answer.status == 409:
            # Another is writing the same; or what is to be made is there.
            busy = ForgeError(f"GitLab is at it already: {told}", "Try again later")
            raise Trouble(busy, may_have_worked=True)
        kind, message, advice = self._known(answer.status, verb)
        raise ForgeError(f"{message}: {told}", advice, kind=kind)

    def _known(self, status: int, verb: str) -> tuple[ErrorKind, str, str]:
        """The kind, what is wrong, and what to do."""
        writes = verb != "GET"
        if self._token.is_of_job and status in (401, 403, 404):
            return "read-only" if writes else "unauthorized", "CI_JOB_TOKEN may not do that", _GIVE_TOKEN
        if status == 401:
            return "unauthorized", "GitLab does not know the token", _GIVE_TOKEN
        if status == 403:
            return "read-only" if writes else "unauthorized", "the token may not do that", _GIVE_TOKEN
        if status == 404:
            return "absent", "there is no such thing, or the token may not see it", ""
        if status < 400:
            return "misunderstood", "the API is elsewhere", _WRONG_API
        return "refused", "GitLab refused", ""

    def _words(self, body: bytes) -> str:
        """What GitLab says is wrong, on one line, never with the token."""
        try:
            told = msgspec.json.decode(body[:_CHUNK])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""
        if not isinstance(told, dict):
            return ""
        message = told.get("error_description") or told.get("message") or told.get("error") or ""
        text = message if isinstance(message, str) else msgspec.json.encode(message).decode()
        return for_terminal(text.replace(self._token.value, "***")[:_LONGEST_TOLD])

    def _shaped(self, answer: _Answer, shape: type[T], path: str) -> T:
        try:
            return msgspec.json.decode(answer.body or b"null", type=shape)
        except msgspec.ValidationError as error:
            # msgspec names places and types, never values.
            message = f"the answer to {path} is not what was asked for: {for_terminal(str(error))}"
            raise ForgeError(message, _WRONG_API, kind="misunderstood") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise lost(f"GitLab's answer to {path} is broken") from None

    def _connected(self) -> Session:
        if self._session is None:
            try:
                from requests import Session
            except ImportError:
                raise ForgeError("requests is not installed", "`pip install 'model-snitch[gate]'`") from None
            self._session = Session()
            if self._authorities:
                if not isfile(self._authorities):
                    told = f"there is no file of certificates at {for_terminal(self._authorities)}"
                    raise ForgeError(told, "CI_SERVER_TLS_CA_FILE names it")
                self._session.verify = self._authorities
            self._session.headers.update({"Accept": "application/json", "User-Agent": "snitch"})
            # As an authentication of its own no other, from a .netrc, takes its place.
            self._session.auth = self._authenticated
        return self._session

    def _authenticated(self, request: PreparedRequest) -> PreparedRequest:
        if self._token.is_of_job:
            request.headers["JOB-TOKEN"] = self._token.value
        else:
            request.headers["Authorization"] = f"Bearer {self._token.value}"
        return request


_TRUST = "Have the runner name its authority (`tls-ca-file`), or set REQUESTS_CA_BUNDLE"
_WRONG_API = "Is `CI_API_V4_URL` the address of GitLab's API?"
_GIVE_TOKEN = (
    f"Set {token_variables('gitlab')}, masked, to a token of the project with the role Developer and the scope `api`; "
    "or leave the result for `snitch publish`"
)

"""HTTP with a Git LFS server: bounded in time and size, and with credentials for its own host alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin

from snitch.lfs.login import origin_of
from snitch.lfs.patience import Patience, patiently

if TYPE_CHECKING:
    import requests

    from snitch.lfs.credentials import Credentials

_CHUNK = 1 << 18
_REDIRECTS = frozenset({301, 302, 307, 308})
_MAX_REDIRECTS = 5
#: What may be another answer the next time; 403 too, where it says when.
_PASSING = frozenset({429, 500, 502, 503, 504})
_TRIES = 4


class Unanswered(Exception):
    """There is no answer that could be used; `str()` of it says why, without a secret in it.

    `again` is whether another try may do better.
    """

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    body: bytes


class _Head(NamedTuple):
    status: int
    headers: Mapping[str, str]


class _Request(NamedTuple):
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    #: Whether the URL and the headers prove enough by themselves.
    is_signed: bool = False


class _Opened:
    """An answer whose head is here; iterating brings the rest, close it in any case."""

    def __init__(self, parts: Generator[_Head | bytes, None, None], seconds: float) -> None:
        self._parts = parts
        self._seconds = seconds
        try:
            head = next(parts)
        except TimeoutError:
            raise Unanswered(f"it did not answer within {seconds:.0f} s") from None
        assert isinstance(head, _Head)
        self.head = head

    def __iter__(self) -> Iterator[bytes]:
        try:
            for part in self._parts:
                assert isinstance(part, bytes)
                yield part
        except TimeoutError:
            raise Unanswered(f"it had not said all after {self._seconds:.0f} s") from None

    def close(self) -> None:
        self._parts.close()


class Transport:
    """Sends requests, again where that may help; `sleep` waits in between.

    `authorities` is a file of the certificates to trust, where they are not the machine's own.
    """

    def __init__(
        self,
        credentials: Credentials,
        patience: Patience,
        *,
        authorities: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._credentials = credentials
        self._patience = patience
        self._authorities = authorities
        self._sleep = sleep
        #: Seconds that may still be spent on waiting before another try.
        self._left = patience.retrying
        self._session: requests.Session | None = None

    def post(self, url: str, body: bytes, headers: Mapping[str, str], limit: int) -> Reply:
        """The answer to a request of the batch API, at most `limit` bytes of it.

        Raises:
            Unanswered: there is none, or it is longer.
        """
        request = _Request("POST", url, headers, body)
        with closing(self._settled(request, self._patience.answer)) as answer:
            received = bytearray()
            for part in answer:
                received += part
                if len(received) > limit:
                    raise Unanswered(f"its answer is longer than {limit:,} bytes")
        return Reply(answer.head.status, bytes(received))

    def get(self, url: str, headers: Mapping[str, str], size: int, *, is_signed: bool) -> Generator[bytes, None, None]:
        """The bytes behind a URL that the server gave, in the time that `size` of them may take.

        With `is_signed` the URL and the headers prove enough, and nothing is added to them.

        Raises:
            Unanswered: they cannot be had, or cease to come.
        """
        request = _Request("GET", url, headers, None, is_signed)
        with closing(self._settled(request, self._patience.answer + size / self._patience.slowest)) as answer:
            if answer.head.status != 200:
                raise Unanswered(f"it answered {answer.head.status} when asked for the bytes")
            yield from answer

    def _settled(self, request: _Request, seconds: float) -> _Opened:
        """The first answer that is not about to be another one."""
        for attempt in range(1, _TRIES + 1):
            try:
                answer = self._follow(request, seconds)
            except Unanswered as reason:
                if not reason.again or attempt == _TRIES or not self._wait(attempt, ""):
                    raise
                continue
            if attempt == _TRIES or not self._is_passing(answer.head, attempt):
                return answer
            answer.close()
        raise AssertionError("the last answer settles it")

    def _is_passing(self, head: _Head, attempt: int) -> bool:
        """Whether the next answer may be another, now that there is another login or some time has passed."""
        if head.status == 401:
            return self._credentials.ask_helpers()
        after = head.headers.get("Retry-After", "")
        return (head.status in _PASSING or (head.status == 403 and after != "")) and self._wait(attempt, after)

    def _wait(self, attempt: int, after: str) -> bool:
        """Whether there was time to wait: as long as the server asks, else longer with each attempt."""
        seconds = _seconds(after) if after else 2.0 ** (attempt - 1) / 2
        if seconds is None or seconds > self._left:
            return False
        self._left -= seconds
        self._sleep(seconds)
        return True

    def _follow(self, request: _Request, seconds: float) -> _Opened:
        """The answer at the end of all redirects."""
        for _ in range(_MAX_REDIRECTS + 1):
            answer = _Opened(patiently(self._exchange(request), seconds), seconds)
            target = answer.head.headers.get("Location", "") if answer.head.status in _REDIRECTS else ""
            if not target:
                return answer
            answer.close()
            request = _redirected(request, target)
        raise Unanswered("it redirects in a circle")

    def _exchange(self, request: _Request) -> Generator[_Head | bytes, None, None]:
        """One request: the head of the answer, then its bytes, all as they are sent."""
        import requests
        import urllib3

        try:
            with self._send(request) as response:
                yield _Head(response.status_code, response.headers)
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise Unanswered("it answered in an encoding that was not asked for")
                yield from response.raw.stream(_CHUNK, decode_content=False)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise _unanswered(error) from None

    def _send(self, request: _Request) -> requests.Response:
        """Not through the session's own `request`: of a redirect, that reads the body, however long it is."""
        import requests

        self._session = self._session or requests.Session()
        shown = {} if request.is_signed else self._credentials.headers(request.url)
        headers = {"User-Agent": "snitch", "Accept-Encoding": "identity", **shown, **request.headers}
        # Without an `auth` a ~/.netrc would stand in for the header, and its default entry go to any host.
        asked = requests.Request(request.method, request.url, headers, data=request.body, auth=_as_it_is)
        prepared = self._session.prepare_request(asked)
        trusted = self._authorities or None
        settings: dict[str, Any] = {**self._session.merge_environment_settings(prepared.url, {}, True, trusted, None)}
        timeout = (self._patience.connect, self._patience.silence)
        return self._session.get_adapter(prepared.url or "").send(prepared, timeout=timeout, **settings)


def _redirected(request: _Request, target: str) -> _Request:
    """Where a redirect leads. Another host is shown nothing that was meant for this one."""
    try:
        target = urljoin(request.url, target)
    except ValueError:
        target = ""
    before, after = origin_of(request.url), origin_of(target)
    if after is None:
        raise Unanswered("it redirects to what is no URL")
    if after == before:
        return request._replace(url=target)
    if request.method == "POST":
        raise Unanswered(f"it redirects to another host, {after.host[:100]}")
    if before is not None and (before.scheme, after.scheme) == ("https", "http"):
        raise Unanswered("it redirects from https to http")
    return request._replace(url=target, headers={})


def _seconds(after: str) -> float | None:
    """How long `Retry-After` asks to wait; None where it says nothing that could be done."""
    if after.strip().isascii() and after.strip().isdigit():
        return float(after.strip()[:9])
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _unanswered(error: Exception) -> Unanswered:
    """What went wrong, in words of our own: an error's may hold a URL with its signature."""
    import requests
    import urllib3

    if isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        return Unanswered("its certificate is not trusted here")
    if isinstance(error, requests.exceptions.ProxyError):
        return Unanswered("the proxy does not connect to it", again=True)
    if isinstance(error, (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError)):
        return Unanswered("it did not answer in time")
    if isinstance(error, (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL)):
        return Unanswered("its URL or a header of its own choosing is malformed")
    if isinstance(error, requests.exceptions.ConnectionError):
        return Unanswered("it cannot be reached", again=True)
    return Unanswered("the connection broke", again=True)

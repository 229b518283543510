"""Asks GitHub through PyGithub, under a policy of our own: what is tried again, for how long, and what is told of it.

PyGithub's own retries are off. They never try an edit again, try a creation again that may have been carried out, and
may sleep for an hour.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from snitch.forge.errors import ForgeError
from snitch.forge.patience import Errand, Patience
from snitch.forge.trouble import Trouble, explain

if TYPE_CHECKING:
    from github.Requester import Requester

S = TypeVar("S")
T = TypeVar("T")

_PER_PAGE, _MOST_PAGES = 100, 50


class Connection:
    """The API at `api`, asked with a token, which is in nothing that this tells.

    Raises:
        ForgeError: the token or the address cannot be one.
    """

    def __init__(self, api: str, token: str, patience: Patience) -> None:
        self._api = api
        self._token = token.strip()
        if not re.fullmatch(r"[!-~]+", self._token):
            raise ForgeError("there is no token, or it has letters that none has", "Set `GITHUB_TOKEN`")
        if not re.fullmatch(r"https?://[\w.-]+(:[0-9]{1,5})?(/[\w./-]*)?", api, re.ASCII):
            raise ForgeError(f"{api!r} is no address of an API", _WRONG_API, kind="misunderstood")
        self._patience = patience
        self._errand = Errand(patience)
        self._connected: Requester | None = None

    def ask(
        self,
        verb: str,
        path: str,
        shape: type[T],
        *,
        parameters: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> T:
        """The answer to a request that may be sent twice.

        Raises:
            ForgeError: there is none, it is an error, or not of the shape.
        """
        return self._retried(lambda: self._shaped(self._once(verb, path, parameters, body)[1], shape, path))

    def create(
        self, path: str, body: dict[str, Any], shape: type[S], made: Callable[[S], T], already: Callable[[], T | None]
    ) -> T:
        """What `made` makes of the answer to a request that must not be carried out twice.

        `already` looks for it after a request of unknown fate.

        Raises:
            ForgeError: as `ask`, and as `already`.
        """
        return self._retried(lambda: made(self._shaped(self._once("POST", path, None, body)[1], shape, path)), already)

    def every(self, path: str, shape: type[T], parameters: dict[str, Any] | None = None) -> list[T]:
        """The items of all pages of a list.

        Raises:
            ForgeError: as `ask`; or there are more than anybody would read.
        """
        items: list[T] = []
        url, query = path, {"per_page": _PER_PAGE, **(parameters or {})}
        for _ in range(_MOST_PAGES):
            headers, page = self._retried(partial(self._page, url, query, shape))
            items += page
            following = re.search(r'<([^<>]+)>;\s*rel="next"', headers.get("link", ""))
            if following is None:
                return items
            url, query = following[1], {}
        raise ForgeError(f"{path} has more than {_MOST_PAGES * _PER_PAGE} items", kind="misunderstood")

    def graphql(self, query: str, shape: type[T]) -> T:
        """The answer to a question, never a change, asked through GraphQL.

        Raises:
            ForgeError: as `ask`.
        """
        return self.ask("POST", self._requester().graphql_url, shape, body={"query": query})

    def _page(self, url: str, query: dict[str, Any], shape: type[T]) -> tuple[dict[str, str], list[T]]:
        headers, told = self._once("GET", url, query, None)
        return headers, self._shaped(told, list[shape], url)  # type: ignore[valid-type]

    def _retried(self, action: Callable[[], T], already: Callable[[], T | None] = lambda: None) -> T:
        for attempt in count():
            try:
                return action()
            except Trouble as trouble:
                if not self._errand.pause(attempt, trouble.wait):
                    raise trouble.error from None
                found = already() if trouble.may_have_worked else None
                if found is not None:
                    return found
        raise AssertionError("attempts never end by themselves")

    def _once(
        self, verb: str, url: str, query: dict[str, Any] | None, body: dict[str, Any] | None
    ) -> tuple[dict[str, str], Any]:
        """The headers, their names in lower case, and the answer.

        Raises:
            ForgeError: it is no use to try again.
            Trouble: it may be.
        """
        requester = self._requester()
        try:
            return self._errand.run(lambda: requester.requestJsonAndCheck(verb, url, parameters=query, input=body))
        except ForgeError:
            raise
        except TimeoutError as error:
            self._connected = None  # it still waits for that answer
            trouble = explain(error, verb, url)
        except Exception as error:
            trouble = explain(error, verb, url)
        if trouble.is_final:
            raise self._clean(trouble.error)
        raise Trouble(self._clean(trouble.error), trouble.wait, may_have_worked=trouble.may_have_worked)

    def _clean(self, error: ForgeError) -> ForgeError:
        return ForgeError(error.message.replace(self._token, "***"), error.advice, kind=error.kind)

    def _shaped(self, told: Any, shape: type[T], path: str) -> T:
        try:
            return msgspec.convert(told, shape)
        except msgspec.ValidationError as error:
            message = f"the answer to {path} is not what was asked for: {error}"
            raise self._clean(ForgeError(message, _WRONG_API, kind="misunderstood")) from None

    def _requester(self) -> Requester:
        if self._connected is None:
            self._connected = self._connect()
        return self._connected

    def _connect(self) -> Requester:
        try:
            import github
        except ImportError:
            raise ForgeError("PyGithub is not installed", "`pip install 'model-snitch[gate]'`") from None
        return github.Github(
            auth=github.Auth.Token(self._token),
            base_url=self._api,
            timeout=int(self._patience.longest) + 1,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            user_agent="snitch",
        ).requester


_WRONG_API = "Is `GITHUB_API_URL` the address of GitHub's API?"

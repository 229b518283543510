"""Asks GitHub through PyGithub, under a policy of our own: what is tried again, for how long, and what is told of it.

PyGithub's own retries are off. They never try an edit again, try a creation again that may have been carried out, and
may sleep for an hour.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from snitch.forge.errors import ForgeError
from snitch.forge.patience import Patience
from snitch.forge.rest import Page, RestConnection
from snitch.forge.token import token_variables
from snitch.forge.trouble import Trouble, explain

if TYPE_CHECKING:
    from github.Requester import Requester

T = TypeVar("T")

#: The headers, their names in lower case, and what the answer holds.
_Answer = tuple[dict[str, str], Any]


class Connection(RestConnection[_Answer]):
    """The API at `api`, asked with a token, which is in nothing that this tells.

    Raises:
        ForgeError: the token or the address cannot be one.
    """

    def __init__(self, api: str, token: str, patience: Patience) -> None:
        super().__init__(patience)
        self._api = api
        self._token = token.strip()
        if not re.fullmatch(r"[!-~]+", self._token):
            advice = f"Set {token_variables('github')}"
            raise ForgeError("there is no token, or it has letters that none has", advice)
        if not re.fullmatch(r"https?://[\w.-]+(:[0-9]{1,5})?(/[\w./-]*)?", api, re.ASCII):
            raise ForgeError(f"{api!r} is no address of an API", _WRONG_API, kind="misunderstood")
        self._connected: Requester | None = None

    def graphql(self, query: str, shape: type[T]) -> T:
        """The answer to a question, never a change, asked through GraphQL.

        Raises:
            ForgeError: as `ask`.
        """
        return self.ask("POST", self._requester().graphql_url, shape, body={"query": query})

    def _following(self, answer: _Answer, page: Page) -> Page | None:
        """GitHub tells the whole address of the next one."""
        link = re.search(r'<([^<>]+)>;\s*rel="next"', answer[0].get("link", ""))
        return Page(link[1], {}) if link else None

    def _once(self, verb: str, path: str, query: dict[str, Any] | None, body: dict[str, Any] | None) -> _Answer:
        requester = self._requester()
        try:
            return self._errand.run(lambda: requester.requestJsonAndCheck(verb, path, parameters=query, input=body))
        except ForgeError:
            raise
        except TimeoutError as error:
            self._connected = None  # it still waits for that answer
            trouble = explain(error, verb, path)
        except Exception as error:
            trouble = explain(error, verb, path)
        if trouble.is_final:
            raise self._clean(trouble.error)
        raise Trouble(self._clean(trouble.error), trouble.wait, may_have_worked=trouble.may_have_worked)

    def _clean(self, error: ForgeError) -> ForgeError:
        return ForgeError(error.message.replace(self._token, "***"), error.advice, kind=error.kind)

    def _shaped(self, answer: _Answer, shape: type[T], path: str) -> T:
        try:
            return msgspec.convert(answer[1], shape)
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

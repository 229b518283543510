"""What is asked of either forge alike: again where that helps, twice only what may be done twice, and every page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, Generic, NamedTuple, TypeVar

from snitch.forge.errors import ForgeError
from snitch.forge.patience import Errand, Patience
from snitch.forge.trouble import Trouble

Answer = TypeVar("Answer")
T = TypeVar("T")

_PER_PAGE, _MOST_PAGES = 100, 50


class Page(NamedTuple):
    """Where a page of a list is."""

    path: str
    query: dict[str, Any]


class RestConnection(ABC, Generic[Answer]):
    """An API, asked within a budget. How one request is sent, and what its answer is like, is each forge's own."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._errand = Errand(patience)

    def ask(
        self,
        verb: str,
        path: str,
        shape: type[T],
        *,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> T:
        """The answer to a request that may be sent twice.

        Raises:
            ForgeError: there is none, it is an error, or not of the shape.
        """
        return self._retried(lambda: self._shaped(self._once(verb, path, query, body), shape, path))

    def create(self, path: str, body: dict[str, Any], shape: type[T], already: Callable[[], T | None]) -> T:
        """Makes something that must not be made twice: `already` looks for it after a request of unknown fate.

        Raises:
            ForgeError: as `ask`, and as `already`.
        """
        return self._retried(lambda: self._shaped(self._once("POST", path, None, body), shape, path), already)

    def delete(self, path: str) -> None:
        """Deletes something; that it is gone already is no error.

        Raises:
            ForgeError: as `ask`.
        """
        try:
            self.ask("DELETE", path, type(None))
        except ForgeError as error:
            if error.kind != "absent":
                raise

    def every(self, path: str, shape: type[T], query: dict[str, Any] | None = None) -> list[T]:
        """The items of all pages of a list.

        Raises:
            ForgeError: as `ask`; or there are more than anybody would read.
        """
        items: list[T] = []
        page = Page(path, {**(query or {}), "per_page": _PER_PAGE})
        for _ in range(_MOST_PAGES):
            more, following = self._retried(partial(self._items, page, shape))
            items += more
            if following is None:
                return items
            page = following
        raise ForgeError(f"{path} has more than {_MOST_PAGES * _PER_PAGE} items", kind="misunderstood")

    def _items(self, page: Page, shape: type[T]) -> tuple[list[T], Page | None]:
        """The items of a page, and the next one, if there is one."""
        answer = self._once("GET", page.path, page.query, None)
        return self._shaped(answer, list[shape], page.path), self._following(answer, page)  # type: ignore[valid-type]

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

    @abstractmethod
    def _once(self, verb: str, path: str, query: dict[str, Any] | None, body: dict[str, Any] | None) -> Answer:
        """The answer to a request that went well.

        Raises:
            ForgeError: it is no use to try again.
            Trouble: it may be.
        """

    @abstractmethod
    def _shaped(self, answer: Answer, shape: type[T], path: str) -> T:
        """What an answer holds.

        Raises:
            ForgeError: it is not of the shape.
            Trouble: it is broken.
        """

    @abstractmethod
    def _following(self, answer: Answer, page: Page) -> Page | None:
        """The page after this one, to which this was the answer; None where it is the last.

        Raises:
            ForgeError: nobody can tell.
        """

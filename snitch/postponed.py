"""What stops one judgement of several, kept until the others are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.finding import Broken, Undecidable
from snitch.snapshot import UnreadableFile

if TYPE_CHECKING:
    from types import TracebackType


class Postponed:
    """A context that keeps the first thing that stopped what ran in it.

    A rule that judges many places tells of those it can judge, and `tell` then raises for those it could not. One is
    enough: it holds the whole rule open.
    """

    def __init__(self) -> None:
        self._first: Broken | Undecidable | UnreadableFile | None = None

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> bool:
        if not isinstance(error, (Broken, Undecidable, UnreadableFile)):
            return False
        self.keep(error)
        return True

    def keep(self, error: Broken | Undecidable | UnreadableFile) -> None:
        """As if it had been raised within."""
        self._first = self._first or error

    def tell(self) -> None:
        """Raises what was kept.

        Raises:
            Broken, Undecidable, UnreadableFile: something was.
        """
        if self._first is not None:
            raise self._first.with_traceback(None)

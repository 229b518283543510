"""How long a forge is waited for: a budget for everything together, and how often one request is tried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from snitch.forge.errors import ForgeError

T = TypeVar("T")

#: Seconds for all requests of one errand together.
BUDGET = 30.0
#: Seconds for one request.
LONGEST = 10
#: How often one request is sent at most, and the seconds before it is sent again.
ATTEMPTS, _PAUSES = 4, (0.5, 1.0, 2.0)


class Patience(Struct, frozen=True):
    """The limits, and the clock that they are read from."""

    budget: float = BUDGET
    longest: float = LONGEST
    #: Seconds that only ever grow.
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


PATIENCE = Patience()


class Errand:
    """What is left of a budget."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._end = patience.clock() + patience.budget

    @property
    def left(self) -> float:
        """Seconds; never negative."""
        return max(0.0, self._end - self._patience.clock())

    def pause(self, attempt: int, asked_for: float | None) -> bool:
        """Waits before the next attempt (the first one was 0), as long as the forge asked for, if it did.

        False, without waiting, where there is to be no next one.
        """
        seconds = _PAUSES[min(attempt, len(_PAUSES) - 1)] if asked_for is None else asked_for
        if attempt + 1 >= ATTEMPTS or seconds >= self.left:
            return False
        self._patience.sleep(seconds)
        return True

    def run(self, action: Callable[[], T]) -> T:
        """What the action gives, if it comes in time. What comes late goes nowhere.

        The time-outs of an HTTP client hold for one read, and a name may be looked up for ever: only another thread
        can be left waiting.

        Raises:
            ForgeError: the budget is used up.
            TimeoutError: the action took longer than one request may.
        """
        seconds = min(self.left, self._patience.longest)
        if seconds <= 0:
            raise self.late()
        outcome: list[T] = []
        trouble: list[BaseException] = []

        def attempt() -> None:
            try:
                outcome.append(action())
            except BaseException as error:
                trouble.append(error)

        thread = threading.Thread(target=attempt, daemon=True, name="forge")
        thread.start()
        thread.join(seconds)
        if trouble:
            raise trouble[0]
        if not outcome:
            raise TimeoutError
        return outcome[0]

    def late(self) -> ForgeError:
        return ForgeError(f"the forge was given {self._patience.budget:g} seconds, and they are over", kind="late")

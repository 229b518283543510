"""How long a forge may take, and when it is worth asking again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from snitch.forge.errors import OutOfTime

#: Seconds that all the talk with a forge in one run may take, waits included.
SECONDS = 30.0
#: Seconds that one answer may take to arrive.
PATIENCE = 10.0
#: How often one thing is asked for.
ATTEMPTS = 4

#: Nobody knows whether these were done: a gateway gave up on the server behind it.
UNSURE = frozenset({500, 502, 504})


class Budget:
    """The time that is left. `clock` counts seconds from anywhere, only forward."""

    def __init__(
        self,
        seconds: float = SECONDS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._seconds = seconds
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds; never below zero."""
        return max(0.0, self._end - self._clock())

    def patience(self) -> float:
        """How many seconds to wait for one answer.

        Raises:
            OutOfTime: none are left.
        """
        left = self.left
        if left <= 0:
            raise self._spent("no time is left to ask the forge")
        return min(PATIENCE, left)

    def wait(self, seconds: float) -> None:
        """Waits.

        Raises:
            OutOfTime: at once, where nothing could be asked any more after so long a wait.
        """
        if seconds >= self.left:
            raise self._spent(f"the forge asks to wait {seconds:,.0f} seconds")
        self._sleep(seconds)

    def _spent(self, reason: str) -> OutOfTime:
        return OutOfTime(reason, f"{self._seconds:g} seconds are all that it may take; run the job again later")


def pause(status: int | None, headers: Mapping[str, str], attempt: int, *, now: float) -> float | None:
    """Seconds to wait before asking again; None where that would be of no use.

    `status` is that of the answer, None where none came; `attempt` counts from 1; `now` is the time since the epoch in
    seconds. Names of headers are compared as they come: hand over a mapping that does not care for case.
    """
    if attempt >= ATTEMPTS:
        return None
    if status is None or status in UNSURE or status == 503:
        told = _retry_after(headers, now)
        return told if told is not None else 0.5 * 2.0 ** (attempt - 1)
    if status == 429 or (status == 403 and _is_limited(headers)):
        told = _retry_after(headers, now)
        return told if told is not None else _until_reset(headers, now)
    return None


def _is_limited(headers: Mapping[str, str]) -> bool:
    """A forge may say 403 for `too many requests` as for `never`."""
    return "Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0"


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit() and len(told) < 10:
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _until_reset(headers: Mapping[str, str], now: float) -> float:
    """Without a word, a minute: a shorter wait is held against the one who asks."""
    for name in ("X-RateLimit-Reset", "RateLimit-Reset"):
        told = headers.get(name, "").strip()
        if told.isascii() and told.isdigit() and len(told) < 13:
            return max(1.0, float(told) - now)
    return 60.0

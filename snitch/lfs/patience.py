"""How long a server may keep the gate waiting, however it goes about it."""

from __future__ import annotations

from collections.abc import Generator
from queue import Empty, Full, Queue
from threading import Event, Thread
from time import monotonic
from typing import TypeVar

from msgspec import Struct

T = TypeVar("T")

#: What waits between the thread that reads and the one that uses, in parts.
_PARTS = 8


class Patience(Struct, frozen=True, kw_only=True):
    """Seconds. A server that answers at once and then sends a byte a minute is as good as one that says nothing."""

    #: Until it is connected.
    connect: float = 10
    #: Until the next bytes arrive.
    silence: float = 30
    #: Until a whole answer is here.
    answer: float = 60
    #: All waiting before another try, over the whole run.
    retrying: float = 30
    #: The least that a download must bring a second, in bytes.
    slowest: float = 256 * 1024


PATIENCE = Patience()


def patiently(source: Generator[T, None, None], seconds: float) -> Generator[T, None, None]:
    """What `source` yields, which runs in a thread of its own, as long as all of it takes no longer than `seconds`.

    Raises:
        TimeoutError: it took longer. The thread ends by itself once its own time-out has passed.
    """
    handed: Queue[tuple[T] | BaseException | None] = Queue(_PARTS)
    given_up = Event()
    Thread(target=_run, args=(source, handed, given_up), daemon=True).start()
    deadline = monotonic() + seconds
    try:
        while True:
            try:
                part = handed.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                raise TimeoutError from None
            if part is None:
                return
            if isinstance(part, BaseException):
                raise part
            yield part[0]
    finally:
        given_up.set()


def _run(source: Generator[T, None, None], handed: Queue[tuple[T] | BaseException | None], given_up: Event) -> None:
    last: BaseException | None = None
    try:
        for part in source:
            if not _hand((part,), handed, given_up):
                source.close()
                return
    except BaseException as error:  # it is the other thread's to deal with
        last = error
    _hand(last, handed, given_up)


def _hand(
    part: tuple[T] | BaseException | None, handed: Queue[tuple[T] | BaseException | None], given_up: Event
) -> bool:
    """Whether somebody still wanted it."""
    while not given_up.is_set():
        try:
            handed.put(part, timeout=0.2)
        except Full:
            continue
        return True
    return False

"""How a run ends that others may stop: nothing of its own is left behind."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Has SIGTERM, with which a CI cancels a job, end the run as Ctrl-C does: nothing of its own is left behind."""
    own = os.getpid()

    def end(number: int, _: object) -> None:
        if os.getpid() != own:
            os._exit(128 + number)  # a process that judges has nothing to put away
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

"""A progress bar on stderr, for runs long enough to want one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

#: Below so many models or records a run is over before a bar is read.
MANY = 100
#: Seconds, likewise.
LONG = 1.0


@contextmanager
def progress(
    label: str, *, enabled: bool = True, least: int = 1, after: float = 0.0
) -> Iterator[Callable[[int, int], None] | None]:
    """Yields what to call with how much is done and how much there is; None where it is not wanted, or nobody watches.

    What begins anew, or is of another size, has a bar of its own. What is less than `least` in all has none, nor has
    what takes no longer than `after` seconds.
    """
    if not enabled or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(label, least, time.monotonic() + after)
    try:
        yield bar.tick
    finally:
        bar.close()


class _Bar:
    def __init__(self, label: str, least: int, begin: float) -> None:
        self._label, self._least, self._begin = label, least, begin
        self._shown: ProgressBar[int] | None = None
        self._done, self._total = 0, 0

    def tick(self, done: int, total: int) -> None:
        if total < self._least or time.monotonic() < self._begin:
            return
        if self._shown is None or total != self._total or done < self._done:
            self.close()
            self._shown = _begun(self._label, total)
            self._done, self._total = 0, total
        self._shown.update(done - self._done)
        self._done = done

    def close(self) -> None:
        if self._shown is not None:
            self._shown.__exit__(None, None, None)
            self._shown = None


def _begun(label: str, total: int) -> ProgressBar[int]:
    import click

    return click.progressbar(length=total, label=label, file=sys.stderr).__enter__()

"""A progress bar on stderr, for runs long enough to want one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(*, enabled: bool, label: str = "judging") -> Iterator[Callable[[int, int], None] | None]:
    """Yields what to call with the number of things just done and of all; None where nobody watches."""
    if not enabled:
        yield None
        return
    bar = _Bar(label)
    try:
        yield bar.tick
    finally:
        bar.close()


@contextmanager
def bar(label: str, *, enabled: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Yields what to call with how much is done and how much there is; None where nobody watches.

    What begins anew, or is of another size, has a bar of its own.
    """
    if not enabled:
        yield None
        return
    shown = _Labelled(label)
    try:
        yield shown.tick
    finally:
        shown.close()


class _Labelled:
    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: object = None
        self._done, self._total = 0, 0

    def tick(self, done: int, total: int) -> None:
        if self._bar is None or total != self._total or done < self._done:
            self.close()
            self._begin(total)
        self._bar.update(done - self._done)  # type: ignore[attr-defined]
        self._done = done

    def _begin(self, total: int) -> None:
        import sys

        import click

        self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
        self._bar.__enter__()
        self._done, self._total = 0, total

    def close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)  # type: ignore[attr-defined]
            self._bar = None


class _Bar:
    _ENOUGH = 100

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: object = None

    def tick(self, done: int, total: int) -> None:
        if total < self._ENOUGH:
            return
        if self._bar is None:
            import sys

            import click

            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done)  # type: ignore[attr-defined]

    def close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)  # type: ignore[attr-defined]

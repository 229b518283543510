"""Progress bars: when there is one, and what it shows."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr

import pytest

from snitch.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(steps: Iterable[tuple[int, int]], **how: float) -> str:
    terminal = Terminal()
    with redirect_stderr(terminal), progress("reading", **how) as tick:  # type: ignore[arg-type]
        assert tick is not None
        for done, total in steps:
            tick(done, total)
    return terminal.getvalue()


def test_it_shows_how_much_is_done() -> None:
    text = shown([(1, 4), (3, 4)])
    assert "reading" in text and "75%" in text and text.endswith("\n")


def test_what_begins_anew_has_a_bar_of_its_own() -> None:
    lines = shown([(1, 2), (2, 2), (1, 2), (5, 10)]).split("\n")[:-1]
    assert ["100%" in lines[0], *("50%" in line for line in lines[1:])] == [True] * 3


@pytest.mark.parametrize(("steps", "how"), [([(50, 99)], {"least": 100}), ([(1, 4)], {"after": 60}), ([(0, 0)], {})])
def test_what_is_soon_over_has_none(steps: list[tuple[int, int]], how: dict[str, float]) -> None:
    assert shown(steps, **how) == ""


@pytest.mark.parametrize("stream", [None, io.StringIO()], ids=["no stream", "no terminal"])
def test_there_is_none_where_nobody_watches(stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with progress("reading") as tick:
        assert tick is None


def test_there_is_none_where_it_is_not_wanted() -> None:
    with redirect_stderr(Terminal()), progress("reading", enabled=False) as tick:
        assert tick is None

"""Carries a report to stdout and to files: formats, colours, widths.

The verdict stands before its delivery: what cannot be written is told on stderr and changes no exit code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from snitch.cli.guard import MISUSE, say
from snitch.escape import for_terminal
from snitch.placing import write_out
from snitch.report import render
from snitch.verdict import Report

_NO_TERMINAL, _NARROWEST = 100, 20


def deliver(reports: Sequence[Report], formats: tuple[str, ...], *, quiet: bool = False, verbose: bool = False) -> None:
    """Writes the reports in each format, as `FORMAT` to stdout and as `FORMAT=FILE` to a file.

    Several stand one after another, which the format must allow.
    """

    def made(name: str, **look: Any) -> str:
        texts = [render(report, name, verbose=verbose, quiet=quiet, **look) for report in reports]
        return "\n".join(filter(None, texts))

    deliver_each(made, formats)


def deliver_each(made: Callable[..., str], formats: tuple[str, ...]) -> None:
    """Writes what `made(format, width=, color=, unicode=)` gives, as `FORMAT` to stdout and as `FORMAT=FILE` to a file;
    as text, where none is named.
    """
    for each in formats or ("text",):
        name, _, path = each.partition("=")
        to_terminal = not path
        text = made(
            name,
            width=terminal_width(),
            color=to_terminal and use_color(sys.stdout),
            unicode=not to_terminal or _is_unicode(sys.stdout),
        )
        if to_terminal:
            tell(text)
        else:
            _write(path, text)


def answer(text: str) -> int:
    """Writes all that a command is there to tell, and returns its exit code: nothing else came of it."""
    return 0 if tell(text if text.endswith("\n") else f"{text}\n", "the answer") else MISUSE


def tell_line(line: str) -> None:
    """Writes a line about what was done, which stays done if nobody hears of it."""
    tell(f"{for_terminal(line)}\n", "what was done")


def tell(text: str, what: str = "the report") -> bool:
    """Writes to stdout, if anybody reads it; whether nothing but a reader was missing."""
    if sys.stdout is None:
        say(f"{what} cannot be written: stdout is closed", 0)
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it is told once, and what follows goes nowhere
        return False
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        _give_up_stdout()
        if isinstance(error, BrokenPipeError):
            return True
        say(f"{what} cannot be written: {error.strerror}", 0)
        return False
    return True


def _give_up_stdout() -> None:
    """What is buffered goes nowhere, so that the interpreter's own flush at exit neither fails nor changes its code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def use_color(stream: Any) -> bool:
    """`NO_COLOR` and `FORCE_COLOR` decide, else whether the stream is a terminal that knows colours."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return stream is not None and bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """The columns of the terminal; 100 where there is none. So few that no word fits count as more."""
    stated = os.environ.get("COLUMNS", "").lstrip("0")
    if stated.isdecimal():
        return max(_NARROWEST, int(stated[:5]))
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except (AttributeError, OSError, ValueError):
        return _NO_TERMINAL
    return max(_NARROWEST, columns) if columns else _NO_TERMINAL


def _is_unicode(stream: Any) -> bool:
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")


def _write(path: str, text: str) -> None:
    """Writes a report to a file; to a pipe or a device as it is, which must never be replaced by one."""
    try:
        write_out(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        say(f"the report cannot be written to {for_terminal(path)}: {error.strerror}", 0)

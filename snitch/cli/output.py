"""Carries a report to stdout and to files: formats, colours, widths."""

from __future__ import annotations

import os
import sys
from typing import Any

from snitch.checking.commits import Misuse
from snitch.report import render
from snitch.verdict import Report


def deliver(report: Report, formats: tuple[str, ...], *, quiet: bool = False, verbose: bool = False) -> None:
    """Writes the report in each format; what cannot be written is told on stderr and changes no verdict."""
    for each in formats or ("text",):
        name, _, path = each.partition("=")
        to_terminal = not path
        text = render(
            report,
            name,
            width=terminal_width(),
            color=to_terminal and use_color(sys.stdout),
            verbose=verbose,
            quiet=quiet,
            unicode=not to_terminal or _is_unicode(sys.stdout),
        )
        if to_terminal:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            _write(path, text)


def use_color(stream: Any) -> bool:
    """`NO_COLOR` and `FORCE_COLOR` decide, else whether the stream is a terminal that knows colours."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """The columns of the terminal; 100 where there is none."""
    stated = os.environ.get("COLUMNS", "")
    if stated.isdecimal() and int(stated) > 0:
        return int(stated)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 100
    except (OSError, ValueError):
        return 100


def _is_unicode(stream: Any) -> bool:
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")


def _write(path: str, text: str) -> None:
    """Writes a whole file or none: readers never meet half a report."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        raise Misuse(f"the report cannot be written to {path}: {error.strerror}") from None

"""`--format`, as all commands that report take it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from snitch.report import FORMATS

F = TypeVar("F", bound=Callable[..., Any])


def format_option(command: F) -> F:
    """`--format FORMAT` or `--format FORMAT=FILE`, repeatable."""
    return click.option(
        "--format",
        "formats",
        multiple=True,
        metavar="FORMAT[=FILE]",
        callback=_known,
        help=f"How to report, and where: {', '.join(FORMATS)}. Repeatable.",
    )(command)


def _known(_: click.Context, __: click.Parameter, formats: tuple[str, ...]) -> tuple[str, ...]:
    for each in formats:
        name, to_file, path = each.partition("=")
        if name not in FORMATS:
            from snitch.documents.decoding import suggest

            raise click.BadParameter(f"there is no format `{name}`; {suggest(name, FORMATS)}")
        if to_file and not path:
            raise click.BadParameter(f"`{each}` names no file")
    return formats

"""`--engine`, `--address` and `--jobs`: where a command's heavy work is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from snitch.measuring.clusters import NoEngine
from snitch.measuring.engine import ENGINES, Engine

F = TypeVar("F", bound=Callable[..., Any])


def engine_options(command: F) -> F:
    """Gives a command the options `engine`, `address` and `jobs`, of which `engine_of` makes an engine."""
    options = (
        click.option(
            "--engine", metavar="NAME", type=click.Choice(list(ENGINES)), help=f"Work on {', '.join(ENGINES)}."
        ),
        click.option(
            "--address",
            metavar="URL",
            help="The cluster's address, such as tcp://10.0.0.5:8786 or ray://10.0.0.5:10001.",
        ),
        click.option("--jobs", metavar="N", type=click.IntRange(1, 1024), help="How many tasks run at a time."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def engine_of(engine: str | None, address: str | None, jobs: int | None) -> Engine:
    """The engine asked for: with `--jobs` alone the cores of this machine, with nothing none.

    Raises:
        Misuse: there is none such.
    """
    from snitch.checking.commits import Misuse

    name = engine or ("loky" if jobs else "sequential")
    try:
        return Engine(name, address, jobs)
    except NoEngine as error:
        raise Misuse(str(error)) from None

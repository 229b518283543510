"""`--format`, as all commands that report take it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from snitch.escape import for_terminal
from snitch.report import FORMATS, SUCCESSIVE

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SEVERAL = f"Of several pushed commits only {', '.join(SUCCESSIVE)}, one after another."

F = TypeVar("F", bound=Callable[..., Any])


def format_option(command: F) -> F:
    """`--format FORMAT` or `--format FORMAT=FILE`, repeatable."""
    return format_option_of(FORMATS, _SEVERAL)(command)


def format_option_of(known: tuple[str, ...], more: str = "") -> Callable[[F], F]:
    """The same of other formats than those of a report."""

    def check(_: click.Context, __: click.Parameter, formats: tuple[str, ...]) -> tuple[str, ...]:
        return _checked(formats, known)

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _completed(known, incomplete)

    return click.option(
        "--format",
        "formats",
        multiple=True,
        metavar="FORMAT[=FILE]",
        callback=check,
        shell_complete=complete,
        help=f"How to report, and where: {', '.join(known)}. Repeatable. {more}".rstrip(),
    )


def _checked(formats: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    for each in formats:
        name, to_file, path = each.partition("=")
        if name not in known:
            from snitch.documents.decoding import suggest

            raise click.BadParameter(f"there is no format `{for_terminal(name)}`; {suggest(name, known)}")
        if to_file and not path:
            raise click.BadParameter(f"`{for_terminal(each)}` names no file")
    _refuse_one_file_for_two([each.partition("=")[2] for each in formats])
    _refuse_stdout_for_two([each for each in formats if "=" not in each])
    return formats


def _refuse_one_file_for_two(paths: list[str]) -> None:
    """The later report would replace the earlier; a pipe or a device takes both."""
    import os

    files = [os.path.realpath(path) for path in paths if path and (os.path.isfile(path) or not os.path.exists(path))]
    for file in files:
        if files.count(file) > 1:
            raise click.BadParameter(f"two reports would be written to {for_terminal(file)}; give each its own file")


def _refuse_stdout_for_two(names: list[str]) -> None:
    """A document is one only as long as nothing else stands beside it."""
    document = next((name for name in names if name not in SUCCESSIVE), None)
    if document is not None and len(names) > 1:
        message = f"two reports would be written to stdout, and {document} stands alone; give one a file, as in "
        raise click.BadParameter(f"{message}`{document}=FILE`")


def _completed(known: tuple[str, ...], incomplete: str) -> list[CompletionItem]:
    """The formats; what follows `FORMAT=` is a file, which the shell knows better."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in known if name.startswith(incomplete)]

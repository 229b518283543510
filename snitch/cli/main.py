"""The command line: finds the command asked for, imports it alone, and turns what went wrong into a sentence."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from snitch import __version__
from snitch.cli.guard import INTERRUPTED, MISUSE, guarded, say
from snitch.escape import for_terminal

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: Each command's module (one a command, its function bears the command's name) and its line in the help.
COMMANDS = {
    "check": "Judge the models that a change touches.",
    "gate": "Judge what a merge would make, by the policy of its target.",
    "publish": "Post a result that an unprivileged job left.",
    "evaluate": "Measure models on their benchmarks, or measure them again.",
    "profile": "Write a profile of training data.",
    "drift": "Tell how far data has moved from what a model was trained on.",
    "promote": "Ask for a model to be merged into the next environment.",
    "rollback": "Ask for an earlier version of a model to be put back.",
    "rules": "List the rules: what is on, where, with which options.",
    "explain": "Show a rule's page.",
    "waive": "Write a waiver: a reviewed, expiring exception.",
    "init": "Make a model repository.",
    "new": "Add a model to a repository.",
    "advisories": "Import a snapshot of known vulnerabilities.",
    "schema": "Print a JSON Schema.",
    "doctor": "Tell what here makes the gate less than it should be.",
}

_HELP = frozenset(("--help", "-h", "--version"))


class LazyGroup(click.Group):
    """Knows the commands by name, and imports one when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"snitch.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest command for one that does not exist."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from snitch.documents.decoding import suggest

            ctx.fail(f"there is no command `{for_terminal(name)}`; {suggest(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands with their lines, none of them imported."""
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=line) for name, line in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their lines, none of them imported."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="snitch")
def snitch() -> None:
    """Tells on machine-learning models that do not follow the rules.

    Exit codes: 0 passed, 1 blocked, 2 misuse or bad policy, 3 inconclusive, 130 interrupted.
    """


def run(arguments: list[str]) -> int:
    """Runs the command line and returns its exit code; whatever goes wrong ends as one clear message on stderr."""
    return guarded(lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:2], "--help"]
    try:
        if not _HELP.isdisjoint(arguments):
            return _help(arguments)
        return int(snitch.main(arguments, prog_name="snitch", standalone_mode=False) or 0)
    except click.exceptions.Abort:
        return say("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show(sys.stderr)
        return MISUSE


def _help(arguments: list[str]) -> int:
    """As any command line, but what click itself would write is written as every other answer is."""
    from contextlib import redirect_stdout
    from io import StringIO

    from snitch.cli.output import answer

    written = StringIO()
    with redirect_stdout(written):
        code = int(snitch.main(arguments, prog_name="snitch", standalone_mode=False) or 0)
    return code or answer(written.getvalue())

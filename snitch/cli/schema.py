"""`snitch schema NAME`: the JSON Schemas, so that editors complete and check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from snitch.checking.commits import Misuse
from snitch.cli.output import answer
from snitch.schemas import SCHEMAS, schema_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=of) for name, of in sorted(SCHEMAS.items()) if name.startswith(incomplete)]


@click.command(short_help="Print a JSON Schema.")
@click.argument("name", required=False, metavar="[NAME]", shell_complete=_complete)
def schema(name: str | None) -> int:
    """Print the JSON Schema of NAME; without one, list the names."""
    if name is not None and name not in SCHEMAS:
        from snitch.documents.decoding import suggest

        raise Misuse(f"there is no schema `{name}`; {suggest(name, sorted(SCHEMAS))}")
    return answer("\n".join(sorted(SCHEMAS)) if name is None else json.dumps(schema_of(name), indent=2))

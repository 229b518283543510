"""`snitch schema NAME`: the JSON Schemas, so that editors complete and check."""

from __future__ import annotations

import json

import click

from snitch.schemas import SCHEMAS, schema_of


@click.command(short_help="Print a JSON Schema.")
@click.argument("name", required=False, type=click.Choice(sorted(SCHEMAS)))
def schema(name: str | None) -> int:
    """Print the JSON Schema of NAME; without one, list the names."""
    click.echo("\n".join(sorted(SCHEMAS)) if name is None else json.dumps(schema_of(name), indent=2))
    return 0

"""`snitch explain RULE`: the rule's page, which is its docstring."""

from __future__ import annotations

import inspect

import click

from snitch.checking.commits import Misuse
from snitch.cli.completion import complete_rule
from snitch.rule import AnyRule
from snitch.rulebook import rulebook


@click.command(short_help="Show a rule's page.")
@click.argument("rule", shell_complete=complete_rule)
def explain(rule: str) -> int:
    """Show the page of RULE, a code or a name."""
    book = rulebook()
    found = book.find_in_any_case(rule)
    if found is None:
        raise Misuse(book.unknown(rule))
    click.echo(page(found))
    return 0


def page(rule: type[AnyRule]) -> str:
    """A rule's page: its name, where it runs and how hard, then its docstring."""
    lowest, above = (severity or "off" for severity in rule.severity)
    where = "everywhere" if rule.stage == "check" else "in the gate"
    heading = f"{rule.code} {rule.name}"
    facts = f"{lowest} in the lowest environment, {above} above it; runs {where}"
    return "\n".join([heading, "=" * len(heading), "", facts, "", inspect.getdoc(rule) or ""])

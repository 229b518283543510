"""`snitch explain RULE`: the rule's page, which is its docstring."""

from __future__ import annotations

import click

from snitch.checking.commits import Misuse
from snitch.cli.completion import complete_rule
from snitch.cli.output import answer
from snitch.rule_page import text_page
from snitch.rulebook import rulebook


@click.command(short_help="Show a rule's page.")
@click.argument("rule", shell_complete=complete_rule)
def explain(rule: str) -> int:
    """Show the page of RULE, a code or a name."""
    book = rulebook()
    found = book.find_in_any_case(rule)
    if found is None:
        raise Misuse(book.unknown(rule))
    return answer(text_page(found))

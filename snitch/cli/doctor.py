"""`snitch doctor`: what in this clone makes Snitch tell less than it should, and how to mend it."""

from __future__ import annotations

import json
import sys

import click

from snitch.cli.output import use_color
from snitch.diagnosis.ailments import Ailment, diagnose
from snitch.diagnosis.facts import gather
from snitch.escape import for_terminal
from snitch.git.command import Git

_COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command(short_help="Tell what here makes the gate less than it should be.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to tell.")
def doctor(form: str) -> int:
    """Tell what in this clone makes Snitch tell less than it should, and how to mend it.

    Exit codes: 0 nothing fails, 1 something does, 2 this is no repository.
    """
    ailments = diagnose(gather(Git()))
    click.echo(_json(ailments) if form == "json" else _text(ailments), color=use_color(sys.stdout))
    return 1 if any(each.level == "fail" for each in ailments) else 0


def _json(ailments: list[Ailment]) -> str:
    checks = [{"about": a.about, "level": a.level, "message": a.message, "mend": a.mend} for a in ailments]
    healthy = not any(each.level == "fail" for each in ailments)
    return json.dumps({"version": 1, "healthy": healthy, "checks": checks}, indent=2)


def _text(ailments: list[Ailment]) -> str:
    lines = []
    for each in ailments:
        level = each.level.ljust(5)
        shown = click.style(level, fg=_COLORS[each.level]) if use_color(sys.stdout) else level
        lines.append(shown + for_terminal(each.message))
        if each.mend:
            lines.append(f"     mend: {for_terminal(each.mend)}")
    counts = {level: sum(each.level == level for each in ailments) for level in ("fail", "warn")}
    failures, warnings = (_counted(counts["fail"], "failure"), _counted(counts["warn"], "warning"))
    return "\n".join([*lines, "", f"{failures}, {warnings}"])


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"

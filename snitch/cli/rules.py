"""`snitch rules`: what is on, for which environment, with which options, and which line of which file said so."""

from __future__ import annotations

import json
from typing import Any

import click

from snitch.checking.commits import Misuse
from snitch.checking.picking import folder_named
from snitch.cli.completion import complete_environment, complete_model
from snitch.cli.output import answer, terminal_width
from snitch.cli.places import from_top
from snitch.escape import for_terminal
from snitch.git.command import Git
from snitch.git.errors import NoRepository
from snitch.git.snapshots import index_snapshot
from snitch.git.worktree import work_tree_snapshot
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.policy.settings import RuleSetting
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot


@click.command(short_help="List the rules: what is on, where, with which options.")
@click.option(
    "--env",
    "environment",
    metavar="NAME",
    help="As in this environment (default: all of them).",
    shell_complete=complete_environment,
)
@click.option("--model", metavar="MODEL", help="For the model of this name or folder.", shell_complete=complete_model)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to list.")
def rules(environment: str | None, model: str | None, form: str) -> int:
    """List the rules: what is on, where, with which options, and from which line of which file."""
    git = Git()
    repository = _repository(git)
    policy = read_policy(repository, repository)
    folder = None if model is None else folder_named(model, from_top(git, model), repository)
    names = [each.name for each in policy.environments]
    if environment is not None and environment not in names:
        raise Misuse(f"there is no environment `{environment}`; the policy has {', '.join(names)}")
    chosen = [environment] if environment else names
    rows = [_row(policy, code, chosen, folder) for code in policy.book.rules]
    return answer(json.dumps(rows, indent=2) if form == "json" else _table(rows, chosen))


def _repository(git: Git) -> Repository:
    """The work tree; outside a repository nothing, so that the built-in policy is listed."""
    try:
        return Repository(work_tree_snapshot(git) if git.has_work_tree else index_snapshot(git))
    except NoRepository:
        return Repository(MemorySnapshot({}, ref="nothing"))


def _row(policy: Policy, code: str, environments: list[str], folder: str | None) -> dict[str, Any]:
    rule = policy.book.rules[code]
    settings = {name: policy.settings(policy.environment(name), folder).by_code[code] for name in environments}
    last = settings[environments[-1]]
    return {
        "code": code,
        "name": rule.name,
        "stage": rule.stage,
        "severity": {name: setting.severity or "off" for name, setting in settings.items()},
        "options": {name: setting.options for name, setting in settings.items() if setting.options},
        "from": {name: _origins(setting) for name, setting in settings.items() if setting.origins},
        "summary": (last.rule.__doc__ or "").strip().split("\n")[0],
    }


def _origins(setting: RuleSetting) -> dict[str, str]:
    return {key: origin.place for key, origin in setting.origins.items()}


def _table(rows: list[dict[str, Any]], environments: list[str]) -> str:
    lines = [" ".join(["rule".ljust(34), *(name.ljust(12) for name in environments), "from"]).rstrip()]
    for row in rows:
        words = [f"{row['code']} {row['name']}".ljust(34), *(row["severity"][name].ljust(12) for name in environments)]
        lines.append(" ".join([*words, *_severity_origin(row, environments)]).rstrip())
        lines.extend(_option_lines(row, environments))
    return "\n".join(part for line in lines for part in _wrapped(for_terminal(line)))


def _wrapped(line: str) -> list[str]:
    """Lines that the terminal holds: nothing of an option or its place is cut off."""
    from textwrap import wrap

    return wrap(line, terminal_width(), subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False)


def _severity_origin(row: dict[str, Any], environments: list[str]) -> list[str]:
    places = [row["from"][name]["severity"] for name in environments if "severity" in row["from"].get(name, {})]
    return [places[-1]] if places else []


def _option_lines(row: dict[str, Any], environments: list[str]) -> list[str]:
    """One line an option and value, naming the environments where they differ."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for name in environments:
        for key, value in row["options"].get(name, {}).items():
            place = row["from"].get(name, {}).get(key, "")
            told.setdefault((key, json.dumps(value, ensure_ascii=False), place), []).append(name)
    return [
        f"    {key}: {value}" + ("" if len(names) == len(environments) else f" in {', '.join(names)}") + f"  ({place})"
        for (key, value, place), names in told.items()
    ]

"""`snitch doctor`: what here, or in the CI's files, makes Snitch tell less than it should, and how to mend it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from snitch.checking.commits import Misuse
from snitch.cli.output import answer, use_color
from snitch.diagnosis.ailment import Ailment
from snitch.escape import for_terminal
from snitch.git.command import Git

if TYPE_CHECKING:
    from snitch.diagnosis.ci import CiFacts
    from snitch.diagnosis.protection import Protection

_COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}
_RULES_HELP = (
    "What protects the branch: `gh api repos/OWNER/NAME/rules/branches/main`, a ruleset's export, and beside it "
    "`gh api repos/OWNER/NAME`. Repeatable."
)


@click.command(short_help="Tell what here makes the gate less than it should be.")
@click.option("--ci", is_flag=True, help="Tell what would make the gate in CI only advisory.")
@click.option("--required-check", metavar="NAME", multiple=True, help="With --ci: a required check. Repeatable.")
@click.option("--rules", metavar="FILE", multiple=True, type=click.Path(), help=f"With --ci: {_RULES_HELP}")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to tell.")
def doctor(ci: bool, required_check: tuple[str, ...], rules: tuple[str, ...], form: str) -> int:
    """Tell what in this clone makes Snitch tell less than it should, and how to mend it.

    With --ci: what in the CI's files, in CODEOWNERS, in the policy, in the rules of the branch, and in the event of
    this run, where it is one of a CI, would make the gate only advisory.

    Exit codes: 0 nothing fails, 1 something does, 2 this is no repository.
    """
    if not ci and (required_check or rules):
        raise Misuse("--required-check and --rules are about the CI; add --ci")
    with closing(Git()) as git:
        ailments = _ci(git, required_check, rules) if ci else _clone(git)
    written = answer(_json(ailments) if form == "json" else _text(ailments))
    return 1 if any(each.level == "fail" for each in ailments) else written


def _clone(git: Git) -> list[Ailment]:
    from snitch.diagnosis.ailments import diagnose
    from snitch.diagnosis.facts import gather

    return diagnose(gather(git))


def _ci(git: Git, required: tuple[str, ...], rules: tuple[str, ...]) -> list[Ailment]:
    """The work tree is judged, where there is one: what is about to be committed is best mended before."""
    from msgspec.structs import replace

    from snitch.diagnosis.ci import diagnose_ci, gather_ci, read_policy_of
    from snitch.git.refs import branch_tip
    from snitch.git.snapshots import tree_snapshot
    from snitch.git.worktree import work_tree_snapshot

    protection = _protection(rules) if rules else None
    snapshot = work_tree_snapshot(git) if git.has_work_tree else tree_snapshot(git, git.layout.head, ref="HEAD")
    policy = read_policy_of(snapshot)
    tip = branch_tip(git, policy.deployed_branch, remote=policy.remote) if policy else None
    default = tree_snapshot(git, tip.commit, ref=tip.ref) if tip else None
    facts = gather_ci(snapshot, default, policy)
    return diagnose_ci(replace(_with_event(facts), required=required, protection=protection))


def _protection(paths: tuple[str, ...]) -> Protection:
    from snitch.diagnosis.protection import read_protection

    return read_protection([(path, _content(path)) for path in paths])


def _content(path: str) -> bytes:
    from snitch.documents.problems import MAX_BYTES

    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}") from None


def _with_event(facts: CiFacts) -> CiFacts:
    """The facts with what set off this run, where a CI runs it."""
    from msgspec.structs import replace

    from snitch.forge.discovery import find_request
    from snitch.forge.request import InvalidEvent, Request

    try:
        request = find_request(os.environ)
    except InvalidEvent as error:
        # Other events run this command too, such as a schedule; they set off no gate.
        return facts if error.where == "GITHUB_EVENT_NAME" else replace(facts, event_fault=str(error))
    if isinstance(request, Request) and request.is_advisory:
        return replace(facts, advisory_event=request.event)
    return facts


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

"""`snitch waive`: writes a reviewed, expiring exception into the policy, and changes nothing else of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timezone

import click

from snitch.checking.commits import Misuse
from snitch.checking.waiving import Edit, Existing, Terms, Waiving, waivable
from snitch.cli.completion import complete_model, complete_rule
from snitch.cli.guard import say
from snitch.cli.output import tell_line
from snitch.cli.places import from_top
from snitch.escape import for_terminal
from snitch.finding import Finding
from snitch.git.command import Git
from snitch.numbers import Limit
from snitch.waiver import Waiver


@click.command(short_help="Write a waiver: a reviewed, expiring exception.")
@click.argument("rule", required=False, shell_complete=complete_rule)
@click.option("--existing", is_flag=True, help="Waive each finding of what is deployed today.")
@click.option("--model", metavar="MODEL", help="The model's name or folder.", shell_complete=complete_model)
@click.option("--until", metavar="DATE", required=True, help="The last day (UTC) on which it holds.")
@click.option("--reason", metavar="TEXT", required=True, help="Why the exception is right.")
@click.option("--owner", metavar="WHO", help="Who answers for it (default: git's user.email).")
@click.option("--version", metavar="V", help="The model's version (default: the current one).")
@click.option("--limit", metavar="N", help='The worst value accepted: a number, or a percentage such as "2%".')
@click.option("--fingerprint", metavar="F", help="Of the one finding that is meant, as `--format json` tells it.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def waive(
    rule: str | None,
    existing: bool,
    model: str | None,
    until: str,
    reason: str,
    owner: str | None,
    version: str | None,
    limit: str | None,
    fingerprint: str | None,
    dry_run: bool,
) -> int:
    """Write a waiver of RULE, a name or a code, for one version of one model into the policy.

    Comments, order and formatting of the file stay as they are. What nobody may waive is refused, and so is what is
    waived already. A waiver that excuses nothing of the work tree today is written, with a note on stderr; so is one of
    a finding that other rules wait for, such as an invalid manifest: while it is waived, they are inconclusive.

    With --existing, a waiver for each finding of what is deployed today: the way to adopt a policy that the models in
    production do not meet yet. What other rules wait for is told instead, to be mended first.
    """
    today = datetime.now(timezone.utc).date()
    _refuse_mixture(
        existing, rule, {"--model": model, "--version": version, "--limit": limit, "--fingerprint": fingerprint}
    )
    git = Git()
    if rule is not None:
        waivable(rule)
    terms = Terms(_text("--reason", reason), _owner(git, owner), _until(until, today))
    waiving = Waiving(git, today)
    if existing:
        return _waive_existing(waiving, terms, dry_run=dry_run)
    assert rule is not None
    assert model is not None
    named = waiving.name_of(model, from_top(git, model))
    made = waiving.one(rule, named, terms, version=version, limit=_limit(limit), fingerprint=fingerprint)
    held = waiving.waived_already(made)
    if held is not None:
        raise Misuse(
            f"waived already: {held.rule} for {held.model} {held.version} until {held.expires}; nothing written"
        )
    idle = waiving.why_idle(made)
    undecided = 0 if idle else waiving.left_undecided(made)
    _write(waiving, [made], dry_run=dry_run)
    if idle:
        say(for_terminal(f"note: {idle}, so the waiver excuses nothing yet"), 0)
    if undecided:
        say(for_terminal(f"warning: {made.rule} of {made.model}: {_mend_first(undecided)}"), 0)
    return 0


def _mend_first(undecided: int) -> str:
    return f"mend it first: {undecided} rule{'s' * (undecided > 1)} cannot be judged without it"


def _waive_existing(waiving: Waiving, terms: Terms, *, dry_run: bool) -> int:
    found = waiving.existing(terms)
    for finding, undecided in found.awaited:
        tell_line(f"not waived: {_subject(finding)}; {finding.message}; {_mend_first(undecided)}")
    for finding in found.unwaivable:
        tell_line(f"not waived: {_subject(finding)} can't be; {finding.message}")
    if found.waivers:
        _write(waiving, found.waivers, dry_run=dry_run)
    else:
        tell_line(_nothing(waiving, found))
    return 0


def _subject(finding: Finding) -> str:
    return f"{finding.model}: {finding.rule} {finding.name}" if finding.model else f"{finding.rule} {finding.name}"


def _nothing(waiving: Waiving, found: Existing) -> str:
    branch = waiving.policy.deployed_branch
    if found.already:
        return f"all that can be waived of {branch} is waived already; nothing written"
    return f"nothing to waive on {branch}; nothing written"


def _write(waiving: Waiving, waivers: Sequence[Waiver], *, dry_run: bool) -> None:
    edit = waiving.edit(waivers)
    if dry_run:
        _show(edit)
        return
    waiving.write(edit)
    for waiver in waivers:
        tell_line(f"waived until {waiver.expires}: {waiver.rule} for {waiver.model} {waiver.version}")
    tell_line(
        f"written to {edit.path}; the gate heeds it once it is on the target branch, so commit it and have it approved"
    )


def _show(edit: Edit) -> None:
    import difflib

    before, after = ((content or b"").decode("utf-8").splitlines() for content in (edit.before, edit.after))
    names = (edit.path if edit.before is not None else "/dev/null", edit.path)
    for line in difflib.unified_diff(before, after, *names, lineterm=""):
        tell_line(line)


def _refuse_mixture(existing: bool, rule: str | None, narrower: dict[str, str | None]) -> None:
    given = [name for name, value in narrower.items() if value is not None]
    if existing and (rule is not None or given):
        raise Misuse(f"--existing waives every finding of what is deployed; leave out {rule or given[0]}")
    if not existing and rule is None:
        raise Misuse("name the rule to waive, or give --existing")
    if not existing and "--model" not in given:
        raise Misuse("name the model with --model")


def _text(option: str, text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise Misuse(f"{option} must not be empty")
    try:
        stripped.encode("utf-8")
    except UnicodeEncodeError:
        raise Misuse(f"{option} is not UTF-8 text") from None
    return stripped


def _owner(git: Git, owner: str | None) -> str:
    if owner is not None:
        return _text("--owner", owner)
    told = git.ask(("config", "--get", "user.email")).out.decode("utf-8", "replace").strip()
    if not told:
        raise Misuse("say who answers for the waiver with --owner; git's user.email is not set")
    return told


def _until(text: str, today: date) -> date:
    from snitch.formats.scalars import parse_day

    day = parse_day(text)
    if day is None:
        raise Misuse(f"--until takes a date such as 2026-12-15, not `{text}`")
    if day < today:
        raise Misuse(f"--until {text} is past; a waiver holds through that day (UTC)")
    return day


def _limit(text: str | None) -> Limit | None:
    if text is None:
        return None
    import msgspec

    try:
        limit: float | str = msgspec.convert(text if text.endswith("%") else float(text), Limit)
    except (ValueError, msgspec.ValidationError):
        limit = math.nan
    if isinstance(limit, float) and not math.isfinite(limit):
        raise Misuse(f'--limit takes a number of at least 0 or a percentage such as "2%", not `{text}`')
    return limit

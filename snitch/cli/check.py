"""`snitch check`: judges a change on a laptop, at a commit, at a push."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime, timezone

import click

from snitch.cli.completion import complete_environment, complete_rule
from snitch.cli.format_option import format_option
from snitch.git.command import Git
from snitch.git.questions import LAYOUT, LIST_INDEX, LIST_UNTRACKED

_RULES = "names, codes, families such as MET, or all"


@click.command(short_help="Judge the models that a change touches.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="Judge what is staged, as the commit hook does.")
@click.option("--pre-push", is_flag=True, help="Judge what is being pushed, as the push hook does.")
@click.option("--ref", metavar="REV", help="Judge a commit instead of the work tree.")
@click.option("--base", metavar="REV", help="Measure the change from this commit.")
@click.option("--deployed", metavar="REV", help="Compare with the models at this commit.")
@click.option("--policy", metavar="REV", help="Judge by the policy of this commit.")
@click.option(
    "--env", "environment", metavar="NAME", help="Judge as in this environment.", shell_complete=complete_environment
)
@click.option("--all", "judge_all", is_flag=True, help="Judge every model, changed or not.")
@click.option("--select", metavar="RULE,…", help=f"Run these rules only: {_RULES}.", shell_complete=complete_rule)
@click.option("--ignore", metavar="RULE,…", help="Leave these rules out, named likewise.", shell_complete=complete_rule)
@click.option("--now", metavar="DATE", help="Judge as on this day (UTC).")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing when there is nothing wrong.")
@click.option("--verbose", "-v", is_flag=True, help="Say what was skipped and compared, too.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever was found.")
@click.option("--no-cache", is_flag=True, help="Judge afresh, and remember nothing.")
@format_option
def check(
    paths: tuple[str, ...],
    staged: bool,
    pre_push: bool,
    ref: str | None,
    base: str | None,
    deployed: str | None,
    policy: str | None,
    environment: str | None,
    judge_all: bool,
    select: str | None,
    ignore: str | None,
    now: str | None,
    quiet: bool,
    verbose: bool,
    exit_zero: bool,
    no_cache: bool,
    formats: tuple[str, ...],
) -> int:
    """Judge the models that a change touches, or those at PATH.

    Exit codes: 0 passed, 1 blocked, 2 misuse or bad policy, 3 inconclusive.
    """
    with closing(Git()) as git:
        if not (staged or pre_push or ref is not None):
            _ask_ahead(git)
        from snitch.checking.commits import Asked, Misuse
        from snitch.checking.options import Options
        from snitch.cli.judging import judge
        from snitch.cli.places import from_top

        if staged and (pre_push or ref is not None):
            other = "--pre-push" if pre_push else "--ref"
            raise Misuse(f"--staged judges the index; it does not go with {other}")
        asked = Asked(
            moment="staged" if staged else "pre-push" if pre_push else "check",
            candidate=ref,
            base=base,
            deployed=deployed,
            policy=policy,
            environment=environment,
        )
        options = Options(
            paths=tuple(from_top(git, path) for path in paths),
            judge_all=judge_all,
            select=_words("--select", select),
            ignore=_words("--ignore", ignore),
            today=_day(now),
        )
        code = judge(git, asked, options, formats=formats, quiet=quiet, verbose=verbose, cached=not no_cache)
        return 0 if exit_zero else code


def _ask_ahead(git: Git) -> None:
    """Lets git look through the work tree while Python imports."""
    for question in (LAYOUT, LIST_UNTRACKED, LIST_INDEX):
        git.ahead(question)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(timezone.utc).date()
    from snitch.checking.commits import Misuse
    from snitch.formats.scalars import parse_day

    day = parse_day(text)
    if day is None:
        raise Misuse(f"--now takes a date such as 2026-11-20, not `{text}`")
    return day


def _words(option: str, text: str | None) -> tuple[str, ...]:
    """The words of a list; an option that is given and names nothing would be taken for one that is not given."""
    words = tuple(word.strip() for word in (text or "").split(",") if word.strip())
    if text is not None and not words:
        from snitch.checking.commits import Misuse

        raise Misuse(f"{option} names no rule; `snitch rules` lists them")
    return words

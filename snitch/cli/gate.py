"""`snitch gate`: judges a pull request as the merge that it asks for, in CI."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, time, timezone

import click

from snitch.cli.format_option import format_option
from snitch.finding import Undecidable
from snitch.git.command import Git
from snitch.pointer import Pointer


@click.command(short_help="Judge what a merge would make, by the policy of its target.")
@click.option("--target", metavar="BRANCH", help="The branch to merge into: it names the environment and the policy.")
@click.option("--head", metavar="REV", help="What is to be merged. Default: HEAD.")
@click.option("--base", metavar="REV", help="The target's tip. Default: the one that was fetched last.")
@click.option("--author", metavar="USER", help="Who asks for the merge: their own approval does not count.")
@click.option("--approved-by", metavar="USER", multiple=True, help="Who has approved the head. Repeatable.")
@click.option("--all", "judge_all", is_flag=True, help="Judge every model, changed or not.")
@click.option("--now", metavar="TIME", help="Judge as at this time (UTC): a day, or such as 2026-11-20T10:00:00Z.")
@click.option("--verbose", "-v", is_flag=True, help="Say what was skipped and compared, too.")
@format_option
def gate(
    target: str | None,
    head: str | None,
    base: str | None,
    author: str | None,
    approved_by: tuple[str, ...],
    judge_all: bool,
    now: str | None,
    verbose: bool,
    formats: tuple[str, ...],
) -> int:
    """Judge what merging a pull request would make, by the policy of the branch that it is merged into.

    In CI the request is found by itself; elsewhere --target, --head and --base name it, and nothing is asked of a forge
    or published to one.

    Exit codes: 0 passed, 1 blocked, 2 misuse or bad policy, 3 inconclusive. Everything but 0 blocks.
    """
    from snitch.cli.output import deliver
    from snitch.cli.progress import progress
    from snitch.gating.histories import Histories
    from snitch.gating.local import approvals_told, propose
    from snitch.gating.run import Witnesses, judge
    from snitch.verdict import EXIT_CODES

    assert target is not None
    moment = _moment(now)
    with closing(Git()) as git, progress(enabled=sys.stderr is not None and sys.stderr.isatty()) as tick:
        proposal = propose(git, target=target, head=head or "HEAD", base=base, moment=moment, judge_all=judge_all)
        witnesses = Witnesses(
            approvals=approvals_told(author, approved_by),
            history=Histories(git, proposal),
            weights_server=NoServer(),
        )
        report = judge(git, proposal, witnesses, tick)
    deliver([report], formats, verbose=verbose)
    return EXIT_CODES[report.verdict]


def _moment(text: str | None) -> datetime:
    """The time to judge at; of a day its beginning, so that nothing has soaked longer than it certainly has."""
    if text is None:
        return datetime.now(timezone.utc)
    from snitch.checking.commits import Misuse
    from snitch.formats.scalars import parse_day

    day: date | None = parse_day(text)
    if day is not None:
        return datetime.combine(day, time(), timezone.utc)
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z") + ("+00:00" if text.endswith("Z") else ""))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Misuse(f"--now takes a day or a time such as 2026-11-20T10:00:00Z, not `{text}`")
    return moment.astimezone(timezone.utc)


class NoServer:
    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        raise Undecidable("the Git LFS server cannot be asked yet")

"""`snitch gate`: judges a pull request as the merge that it asks for, in CI."""

from __future__ import annotations

from datetime import datetime, time, timezone

import click

from snitch.cli.ending import ended_in_order
from snitch.cli.format_option import format_option_of
from snitch.report import FORMATS


@click.command(short_help="Judge what a merge would make, by the policy of its target.")
@click.option("--target", metavar="BRANCH", help="The branch to merge into: it names the environment and the policy.")
@click.option("--head", metavar="REV", help="With --target: what is to be merged. Default: HEAD.")
@click.option("--base", metavar="REV", help="With --target: its tip. Default: what was fetched last.")
@click.option("--author", metavar="USER", help="With --target: who asks, whose own approval does not count.")
@click.option("--approved-by", metavar="USER", multiple=True, help="With --target: who has approved it. Repeatable.")
@click.option("--shadow", "shadows", metavar="FILE", multiple=True, help="What a shadow job saw. Repeatable.")
@click.option("--evidence", metavar="FILE", multiple=True, help="What `evaluate --verify` came to. Repeatable.")
@click.option("--max-download", metavar="SIZE", default="10GiB", help="The weights to fetch and look into at most.")
@click.option("--all", "judge_all", is_flag=True, help="Judge every model, changed or not.")
@click.option("--now", metavar="TIME", help="Judge as at this time (UTC): a day, or such as 2026-11-20T10:00:00Z.")
@click.option("--publish/--no-publish", default=True, help="In CI: comment on the request. Default: publish.")
@click.option("--status/--no-status", default=True, help="In CI: set a commit status, too. Default: set it.")
@click.option("--check-run", is_flag=True, help="In GitHub Actions: make a check run with annotations, too.")
@click.option("--verbose", "-v", is_flag=True, help="Say what was skipped and compared, too.")
@click.option("--exit-zero", is_flag=True, hidden=True)
@format_option_of(FORMATS)
def gate(
    target: str | None,
    head: str | None,
    base: str | None,
    author: str | None,
    approved_by: tuple[str, ...],
    shadows: tuple[str, ...],
    evidence: tuple[str, ...],
    max_download: str,
    judge_all: bool,
    now: str | None,
    publish: bool,
    status: bool,
    check_run: bool,
    verbose: bool,
    exit_zero: bool,
    formats: tuple[str, ...],
) -> int:
    """Judge what merging a pull request would make, by the policy of the branch that it is merged into.

    In GitHub Actions and GitLab CI the request is found by itself, and told of the verdict. Elsewhere --target, --head
    and --base name it; then nothing is asked of a forge or published to one.

    Exit codes: 0 passed, 1 blocked, 2 misuse or bad policy, 3 inconclusive. Everything but 0 blocks.
    """
    from snitch.checking.commits import Misuse
    from snitch.cli.gating import Judging
    from snitch.verdict import EXIT_CODES

    if exit_zero:
        raise Misuse("the gate has no --exit-zero: what does not pass must not be merged")
    named = {"head": head, "base": base, "author": author, "approved_by": approved_by}
    judging = Judging(
        moment=_moment(now),
        judge_all=judge_all,
        shadows=shadows,
        evidence=evidence,
        max_download=_size(max_download),
        formats=formats,
        verbose=verbose,
    )
    _refuse_empty(target=target, **named)
    if target is None:
        if any(named.values()):
            raise Misuse("--head, --base, --author and --approved-by go with --target, which names the branch")
        from snitch.cli.requested import judge_request

        with ended_in_order():
            report = judge_request(judging, publish=publish, status=status, check_run=check_run)
    else:
        from snitch.cli.gating import judge_named
        from snitch.gating.local import Named

        asked = Named(target=target, head=head or "HEAD", base=base, author=author, approved_by=approved_by)
        with ended_in_order():
            report = judge_named(judging, asked)
    return EXIT_CODES[report.verdict]


def _size(text: str) -> int:
    from snitch.checking.commits import Misuse
    from snitch.sizes import parse_size

    try:
        return parse_size(text)
    except ValueError as error:
        raise Misuse(f"--max-download: {error}") from None


def _refuse_empty(**options: object) -> None:
    """A variable of a CI that is not set would else be taken for what is meant where nothing is said."""
    for name, value in options.items():
        if any(
            isinstance(each, str) and not each.strip() for each in (value if isinstance(value, tuple) else (value,))
        ):
            from snitch.checking.commits import Misuse

            raise Misuse(f"--{name.replace('_', '-')} is empty: is a variable not set that it should have come from?")


def _moment(text: str | None) -> datetime:
    """The time to judge at; of a day its beginning, so that nothing has soaked longer than it certainly has."""
    if text is None:
        return datetime.now(timezone.utc)
    from snitch.checking.commits import Misuse
    from snitch.formats.scalars import parse_day

    day = parse_day(text)
    if day is not None:
        return datetime.combine(day, time(), timezone.utc)
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z") + ("+00:00" if text.endswith("Z") else ""))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Misuse(f"--now takes a day or a time such as 2026-11-20T10:00:00Z, not `{text}`")
    return moment.astimezone(timezone.utc)

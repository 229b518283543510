"""`snitch publish RESULT`: posts what a job without privileges found, which may claim anything."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import click

from snitch.checking.commits import Misuse
from snitch.cli.guard import say
from snitch.cli.output import tell
from snitch.escape import for_terminal

if TYPE_CHECKING:
    from snitch.forge.request import Request
    from snitch.forge.token import Token
    from snitch.verdict import Report

_NOT_PUBLISHED = 3


@click.command(short_help="Post a result that an unprivileged job left.")
@click.argument("result", type=click.Path())
@click.option("--status", is_flag=True, help="Set a commit status, too, though the result may claim anything.")
@click.option("--check-run", is_flag=True, help="In GitHub Actions: make a check run with annotations, too.")
@click.option("--dry-run", is_flag=True, help="Print the comment, and write nothing.")
def publish(result: str, status: bool, check_run: bool, dry_run: bool) -> int:
    """Post RESULT, which `snitch gate --format json=RESULT` wrote where no token could write.

    It runs in CI after that job, as on GitHub's `workflow_run`, and takes the result for hostile: for its commit alone,
    if that is still the newest of an open request; all that is posted says that it is advisory. Never require a status
    or a check run that this sets.

    Exit codes: 0 published, or nothing was to be; 2 RESULT is no result; 3 it could not be published.
    """
    from snitch.forge.connecting import connect
    from snitch.forge.publishing import UNPRIVILEGED, publish_result, with_caveat
    from snitch.report import render

    report = _report(result)
    if dry_run:
        tell(with_caveat(render(report, "markdown"), UNPRIVILEGED))
        return 0
    request, token = _request(result)
    comment = render(report, "markdown", full_report=request.run_url or None)
    forge = connect(request, token)
    delivery = publish_result(forge, request, report, comment, status=status, check_run=check_run)
    for done in delivery.done:
        tell(for_terminal(done) + "\n")
    for fault in delivery.faults:
        say(for_terminal(f"not published: {fault}"), _NOT_PUBLISHED)
    return _NOT_PUBLISHED if delivery.faults else 0


def _request(result: str) -> tuple[Request, Token]:
    """The request that this run of a CI is about, as its forge knows it now."""
    from snitch.forge.connecting import connect
    from snitch.forge.discovery import find_request
    from snitch.forge.resolution import resolve
    from snitch.forge.token import token_of, token_variables

    asked = find_request(os.environ)
    if asked is None:
        help = "run it in GitHub Actions or GitLab CI, after the gate; or look at it with --dry-run"
        raise Misuse(f"there is no request to publish {result} to: {help}")
    token = token_of(os.environ, asked.forge)
    if token is None:
        raise Misuse(f"there is no token to publish {result} with: set {token_variables(asked.forge)}")
    return resolve(asked, connect(asked, token)), token


def _report(path: str) -> Report:
    """What the file claims.

    Raises:
        Misuse: it is no file, or no result. What comes out of an archive of others may be a link to anywhere.
    """
    from snitch.report.reading import MAX_RESULT_BYTES, InvalidResult, report_of

    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Misuse(f"{path} is no file")
            return report_of(file.read(MAX_RESULT_BYTES + 1))
    except InvalidResult as error:
        raise Misuse(f"{path} is no result of Snitch: {error}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise Misuse(f"{path} cannot be read: {reason}") from None

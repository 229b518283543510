"""Judges what was asked for, reports it, and says with which code to exit: what `check` and the hooks share."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from snitch.checking.run import Options, check
from snitch.cli.guard import say
from snitch.cli.output import deliver, tell
from snitch.report import SUCCESSIVE
from snitch.verdict import EXIT_CODES, Report

if TYPE_CHECKING:
    from snitch.checking.commits import Asked
    from snitch.git.command import Git


def judge(
    git: Git,
    asked: Asked,
    options: Options,
    *,
    formats: tuple[str, ...] = (),
    quiet: bool = False,
    verbose: bool = False,
    cached: bool = False,
) -> int:
    """The exit code of the worst verdict; the reports are delivered first.

    Raises:
        Misuse: several commits are pushed, and a format makes one document of one of them.
    """
    candidates = _each_pushed(git, asked)
    if len(candidates) > 1:
        _refuse_documents(formats, candidates)
    reports = _reports(git, candidates, options, quiet=quiet, cached=cached)
    if reports:
        deliver(reports, formats, quiet=quiet, verbose=verbose)
    elif not quiet:
        _tell_nothing(formats)
    return _worst([EXIT_CODES[report.verdict] for report in reports])


def _reports(git: Git, candidates: list[Asked], options: Options, *, quiet: bool, cached: bool) -> list[Report]:
    from snitch.cli.progress import MANY, progress

    with progress("judging", enabled=not quiet, least=MANY) as tick:
        return [check(git, each, options, tick, cached=cached) for each in candidates]


def _refuse_documents(formats: tuple[str, ...], candidates: list[Asked]) -> None:
    """Two documents in a row are none that a program can read, and a second in a file's place would hide the first."""
    for each in formats:
        name = each.partition("=")[0]
        if name not in SUCCESSIVE:
            from snitch.checking.commits import Misuse

            refs = " and ".join(f"`--ref {asked.candidate}`" for asked in candidates[:2])
            more = ", and so on" if len(candidates) > 2 else ""
            raise Misuse(
                f"{len(candidates)} commits are pushed, and {name} makes one document of one commit; "
                f"judge each on its own with {refs}{more}"
            )


def _tell_nothing(formats: tuple[str, ...]) -> None:
    """In plain words where a report would have been in plain words, else where no program reads them as a report."""
    nothing = "nothing is pushed that could be judged"
    if formats:
        say(f"{nothing}, so there is no report", 0)
    else:
        tell(f"passed: {nothing}\n")


def _each_pushed(git: Git, asked: Asked) -> list[Asked]:
    """At a push one candidate a pushed commit, none for a deletion; else what was asked."""
    if asked.moment != "pre-push" or asked.candidate is not None:
        return [asked]
    from msgspec.structs import replace

    from snitch.git.pushed import pushed_by_git, pushed_by_pre_commit

    pushed = pushed_by_pre_commit(git, os.environ)
    if pushed is None:
        told = b"" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read()
        if not told and _is_by_hand():
            return [replace(asked, candidate="HEAD")]
        pushed = pushed_by_git(git, told)
    return [replace(asked, candidate=commit) for commit in dict.fromkeys(each.commit for each in pushed)]


def _is_by_hand() -> bool:
    """Whether no push runs this: a person at a terminal, or `pre-commit run --hook-stage pre-push`."""
    return sys.stdin is None or sys.stdin.isatty() or "PRE_COMMIT" in os.environ


def _worst(codes: list[int]) -> int:
    """Blocked is worse than inconclusive, which is worse than passed."""
    return 1 if 1 in codes else max(codes, default=0)

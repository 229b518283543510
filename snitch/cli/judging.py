"""Judges what was asked for, reports it, and says with which code to exit: what `check` and the hooks share."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from snitch.checking.run import Options, check
from snitch.cli.output import deliver, tell
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
    """The exit code of the worst verdict; each report is delivered first."""
    codes = []
    for report in _reports(git, asked, options, quiet=quiet, cached=cached):
        deliver(report, formats, quiet=quiet, verbose=verbose)
        codes.append(EXIT_CODES[report.verdict])
    if not codes and not quiet:
        tell("passed: nothing is pushed that could be judged\n")
    return _worst(codes) if codes else 0


def _reports(git: Git, asked: Asked, options: Options, *, quiet: bool, cached: bool) -> list[Report]:
    from snitch.cli.progress import progress

    with progress(enabled=not quiet and sys.stderr is not None and sys.stderr.isatty()) as tick:
        return [check(git, each, options, tick, cached=cached) for each in _each_pushed(git, asked)]


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
    return 1 if 1 in codes else max(codes)

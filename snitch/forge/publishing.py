"""Carries a finished report to the forge: the one comment of the request, a commit status, a check run.

The verdict stands before its delivery: whatever goes wrong here is handed back to be told, and raised to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from snitch.escape import for_terminal, prose_for_markdown
from snitch.forge import check_run as checks
from snitch.forge.client import Forge, Status, StatusState
from snitch.forge.errors import ForgeError
from snitch.forge.github import GitHub
from snitch.forge.request import Request
from snitch.forge.status_order import next_status
from snitch.forge.sticky import Remove, Rest, Wanted, Write, next_step, run_of
from snitch.report.wording import summary
from snitch.verdict import Report, Verdict

#: Characters that a forge takes in a comment, the marker included.
LONGEST_COMMENT = 65_536
_LONGEST_DESCRIPTION = 140
#: Of a result that others made, a name may be of any length.
_LONGEST_SUMMARY = 500
#: How often the comment and the status are looked at again; each time but the last something changed it meanwhile.
_ROUNDS = 8
_STATES: dict[Verdict, StatusState] = {"passed": "success", "blocked": "failure", "inconclusive": "error"}
#: What a merge queue or a push asks to be judged is no request that anybody could read a comment on.
_WITHOUT_REQUEST = {"merge_group", "merge_train", "push"}

_ONE_AT_A_TIME = "Run one gate at a time for a request"
_READ_ONLY = ForgeError("no write permission here", "Leave the result for `snitch publish`", kind="read-only")


#: What is told where whoever asks for the merge had a hand in how it was judged.
EDITABLE = "Whoever asks for this merge can edit the workflow that judged it: this report advises, no more."
UNPRIVILEGED = "A job of this very request made this report, and could have made up any: it advises, no more."


class Delivery(NamedTuple):
    """What was done, and what could not be, each in a sentence."""

    done: tuple[str, ...]
    faults: tuple[ForgeError, ...] = ()


def publish(
    forge: Forge,
    request: Request,
    report: Report,
    comment: str,
    *,
    status: bool = False,
    check_run: bool = False,
    caveat: str = "",
) -> Delivery:
    """Publishes a report of the request's head, with a budget of its own.

    `comment` is the report as Markdown that is safe to show, its first line the verdict; `caveat` is told right below.
    A request that is closed gets nothing.
    """
    if request.is_read_only:
        return Delivery((), (_READ_ONLY,))
    forge = forge.renewed()
    comment = with_caveat(comment, caveat)
    caveat = caveat or (EDITABLE if request.is_advisory else "")  # which the whole report says by itself
    brief = with_caveat(brief_comment(report, request), caveat)
    parts: list[Callable[[], Iterator[str]]] = []
    if status:
        parts.append(lambda: _set_status(forge, request, report, is_advisory=bool(caveat)))
    if request.number is not None and request.event not in _WITHOUT_REQUEST:
        number = request.number
        try:
            if not forge.request_of(number).is_open:
                return Delivery(("the request is closed: nothing is published",))
        except ForgeError as error:
            parts.append(partial(_fail, error))
        else:
            wanted = Wanted(request.head, request.target, run_of(request.run_url), comment, report.verdict == "passed")
            parts.append(lambda: _comment(forge, number, wanted, brief))
    if check_run:
        opening = with_caveat(_verdict(report), caveat) if checks.fits(comment) else brief
        parts.append(lambda: _check_run(forge, request, report, opening, comment))
    return _all_of(parts)


def _fail(error: ForgeError) -> Iterator[str]:
    raise error


def brief_comment(report: Report, request: Request) -> str:
    """The verdict alone, for where the report is not taken."""
    where = ""
    if re.fullmatch(r"https?://[\w.:/-]+", request.run_url, re.ASCII):
        where = f": [the run has it]({request.run_url})"
    return f"{_verdict(report)}\nThe whole report does not fit here{where}.\n"


def _verdict(report: Report) -> str:
    verdict, _, rest = summary(report).partition(": ")
    return f"## Snitch: {verdict}\n\n{prose_for_markdown(rest[:_LONGEST_SUMMARY])}\n"


def with_caveat(comment: str, caveat: str) -> str:
    """The comment with a caveat below its first line."""
    heading, _, rest = comment.partition("\n")
    return f"{heading}\n\n> **Advisory.** {caveat}\n{rest}" if caveat else comment


def publish_result(
    forge: Forge, request: Request, report: Report, comment: str, *, status: bool = False, check_run: bool = False
) -> Delivery:
    """Publishes what a job without privileges made: a report that may claim anything, so that every part says so.

    It is for the commit that the run which follows that job was started for, and for no other: `request` is what the
    forge itself knows of it.

    Raises:
        ForgeError: the result is of another commit, or of none.
    """
    claimed = report.candidate.commit
    if claimed != request.head:
        told = f"is of commit {for_terminal(claimed)[:64]}" if claimed else "is of no commit"
        advice = "Publish the result that the run for this commit left"
        raise ForgeError(f"the result {told}; the run that it came from was for {request.head}", advice)
    writing = replace(request, is_read_only=False)
    return publish(forge, writing, report, comment, status=status, check_run=check_run, caveat=UNPRIVILEGED)


def _all_of(parts: list[Callable[[], Iterator[str]]]) -> Delivery:
    """Each part, whatever becomes of the others; what cannot be written for one and the same reason is told once."""
    done: list[str] = []
    faults: dict[str, ForgeError] = {}
    for part in parts:
        try:
            done += part()
        except ForgeError as error:
            told = _READ_ONLY if error.kind == "read-only" else error
            faults.setdefault(told.kind if told.kind in ("read-only", "late") else str(told), told)
        except Exception as error:
            told = ForgeError(f"a fault of Snitch's own in publishing: {type(error).__name__}", kind="misunderstood")
            faults.setdefault(str(told), told)
    return Delivery(tuple(done), tuple(faults.values()))


def _set_status(forge: Forge, request: Request, report: Report, *, is_advisory: bool) -> Iterator[str]:
    """Sets the commit status, until the latest of the runs that have set one is the last that has."""
    told = f"advisory: {summary(report)}" if is_advisory else summary(report)
    description = for_terminal(told, unicode=False)[:_LONGEST_DESCRIPTION]
    wanted = Status(state=_STATES[report.verdict], description=description, url=request.run_url)
    has_written = False
    for _ in range(_ROUNDS):
        try:
            ours = forge.statuses(request.head)
        except ForgeError as error:
            if wanted.state != "success" and not has_written:  # a success is never set blindly
                yield _write_status(forge, request.head, wanted)
            message = f"whether a later run has set the commit status cannot be known: {error.message}"
            raise ForgeError(message, error.advice, kind=error.kind) from None
        status = next_status(wanted, ours, has_written=has_written)
        if status is None:
            if not has_written:
                yield "no commit status: a later run has set it already"
            return
        yield _write_status(forge, request.head, status, of_later_run=status is not wanted)
        has_written = True
    raise ForgeError("the commit status changed each time that it was looked at", _ONE_AT_A_TIME)


def _write_status(forge: Forge, commit: str, status: Status, *, of_later_run: bool = False) -> str:
    forge.set_status(commit, status.state, status.description, status.url)
    return f"the commit status is {status.state}{', as a later run has set it' if of_later_run else ''}"


def _comment(forge: Forge, number: int, wanted: Wanted, brief: str) -> Iterator[str]:
    """Writes, changes and deletes comments until nothing is left to do."""
    if len(wanted.body) > LONGEST_COMMENT:
        wanted = replace(wanted, text=brief)
    has_written = False
    for _ in range(_ROUNDS):
        comments = forge.comments(number)
        step = next_step(wanted, forge.request_of(number), comments, has_written=has_written)
        if isinstance(step, Rest):
            if not has_written:
                yield f"no comment: {step.reason}"
            return
        try:
            yield _take(forge, number, step)
            has_written = True
        except ForgeError as error:
            if error.kind == "refused" and wanted.text != brief:
                wanted = replace(wanted, text=brief)
            elif error.kind != "absent" or (isinstance(step, Write) and step.comment is None):
                raise  # of a comment that is gone nobody need know
    raise ForgeError("the comment changed each time that it was looked at", _ONE_AT_A_TIME)


def _take(forge: Forge, number: int, step: Write | Remove) -> str:
    if isinstance(step, Remove):
        for each in step.comments:
            forge.delete_comment(number, each)
        return f"{len(step.comments)} other of our comments deleted"
    if step.comment is None:
        forge.create_comment(number, step.body)
        return "a comment written"
    forge.update_comment(number, step.comment, step.body)
    return "the comment brought up to date"


def _check_run(forge: Forge, request: Request, report: Report, opening: str, whole: str) -> Iterator[str]:
    if not isinstance(forge, GitHub):
        raise ForgeError("only GitHub has check runs", "Ask for a commit status")
    first, *others = checks.bodies(report, request, opening, whole)
    made = forge.create_check_run(first)
    yield f"a check run made: {first['conclusion']}"
    for body in others:
        forge.update_check_run(made, body)

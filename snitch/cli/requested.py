"""The gate in CI: finds the request, brings what it takes, judges, and carries the report out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from snitch.checking.commits import Misuse
from snitch.cli.gating import Judging
from snitch.cli.guard import say
from snitch.escape import for_terminal
from snitch.forge.approving import approvals_of
from snitch.forge.connecting import connect
from snitch.forge.discovery import find_request
from snitch.forge.github_event import is_github
from snitch.forge.gitlab_event import is_gitlab
from snitch.forge.merge_times import MergeTimes
from snitch.forge.request import Request, UnresolvedRequest
from snitch.forge.resolution import resolve
from snitch.forge.token import Token, token_of, token_variables
from snitch.gating.clones import clone_for
from snitch.gating.requested import propose
from snitch.git.fetching import Login
from snitch.lfs.login import forge_login
from snitch.lfs.server import weights_server
from snitch.report import render
from snitch.verdict import Report

if TYPE_CHECKING:
    from snitch.forge.client import Forge
    from snitch.lfs.login import Login as WeightsLogin

_ADVISORY = "advisory against a hostile author: the request that is judged can edit the workflow that runs this gate"


_NO_CI = (
    "there is no request to judge: name one with --target, --head and --base, "
    "or run the gate in GitHub Actions or GitLab CI"
)
#: It is no pass: a tag on the head of a request would else make a job of the gate's name succeed on it.
_NOTHING_ASKED = (
    "this run asks for no merge: it is about a tag, or a branch that was deleted. "
    "Run the gate on what asks for one: a request, a merge queue, a push to a branch"
)


class _Asking(NamedTuple):
    """The request, and whom to ask about it: no forge without a token, or with none but that of a job of GitLab's."""

    request: Request
    forge: Forge | None
    login: WeightsLogin | None


def judge_request(judging: Judging, *, publish: bool, status: bool, check_run: bool) -> Report:
    """What the gate says of the request that this run of a CI is for; delivered, and published to its forge.

    Raises:
        Misuse: this is no CI that is known here, or its event asks for no merge.
        InvalidEvent: what the CI says of it cannot be understood.
        ForgeError: the forge has to be asked for it, and cannot be.
    """
    asking = _find()
    request = asking.request
    with clone_for(request, _git_login(asking.login)) as upstream:
        proposal = propose(request, upstream, judging.moment, judge_all=judging.judge_all)
        server = weights_server(upstream.git, upstream.name, url=request.git_url, login=asking.login)
        # Fetching took its time: what is asked now has a budget of its own.
        forge = asking.forge.renewed() if asking.forge else None
        merged_at = MergeTimes(forge) if forge else None
        report = judging.judge(upstream, proposal, approvals_of(request, forge), server, merged_at)
    if request.is_advisory:
        report = replace(report, notes=(_ADVISORY, *report.notes))
    judging.deliver(report)
    if publish:
        try:
            _publish(asking, report, status=status, check_run=check_run)
        except Exception as error:  # the verdict stands, whatever becomes of its delivery
            say(for_terminal(f"not published: a fault of Snitch's own: {type(error).__name__}"), 0)
    return report


def _find() -> _Asking:
    found = find_request(os.environ)
    if found is None:
        raise Misuse(_NOTHING_ASKED if is_github(os.environ) or is_gitlab(os.environ) else _NO_CI)
    token = token_of(os.environ, found.forge)
    if token is None:
        if isinstance(found, UnresolvedRequest):
            missing = f"there is no token: set {token_variables(found.forge)}"
            raise Misuse(f"which request this run is for has to be asked, and {missing}")
        return _Asking(found, None, None)
    if token.is_of_job and isinstance(found, Request):
        # It opens the repository and its weights, and none of what a request would be asked about.
        return _Asking(found, None, _login(found, token))
    request = resolve(found, connect(found, token))
    return _Asking(request, connect(request, token), _login(request, token))


def _login(request: Request, token: Token) -> WeightsLogin:
    return forge_login(request.forge, request.server, token.value, is_job_token=token.is_of_job)


def _git_login(login: WeightsLogin | None) -> Login | None:
    """As git takes it: a header for one server."""
    return None if login is None else Login(f"{login.url.rstrip('/')}/", f"Authorization: {login.authorization}")


def _publish(asking: _Asking, report: Report, *, status: bool, check_run: bool) -> None:
    """Carries a report to the forge, as far as the token may; what fails is told, and changes nothing."""
    from snitch.forge.publishing import publish

    if asking.forge is None:
        variables = token_variables(asking.request.forge)
        reason = f"no token was given ({variables})"
        if asking.login is not None:
            reason = f"CI_JOB_TOKEN may neither comment nor set a status; set {variables}, masked, for that"
        say(f"nothing is published: {reason}", 0)
        return
    comment = render(report, "markdown", full_report=asking.request.run_url or None)
    delivery = publish(asking.forge, asking.request, report, comment, status=status, check_run=check_run)
    for done in delivery.done:
        say(for_terminal(done), 0)
    for fault in delivery.faults:
        say(for_terminal(f"not published: {fault}"), 0)

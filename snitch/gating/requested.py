"""A proposal from a request on a forge: its commits are fetched by their ids, the branches by their live tips."""

from __future__ import annotations

from datetime import datetime

from snitch.checking.commits import environment_of
from snitch.finding import Undecidable
from snitch.forge.request import Request
from snitch.gating.proposal import Proposal, policy_on
from snitch.git.errors import AbsentObject
from snitch.git.fetching import Upstream
from snitch.git.refs import Revision, branch_tip, merge_bases
from snitch.policy.policy import Policy


def propose(request: Request, upstream: Upstream, moment: datetime, *, judge_all: bool = False) -> Proposal:
    """What a request asks for, in the clone of `upstream`, which is brought what it lacks.

    Raises:
        AbsentObject: a commit or a branch cannot be fetched.
        Undecidable: there is nothing that the change could be measured from.
        InvalidPolicy: the policy on the target cannot be used.
    """
    upstream.branch(request.target)
    live = _tip(upstream, request.target)
    _fetch_commit(upstream, request.head, request.head_ref)
    base = _base(request, upstream, live)
    tip = base if request.event == "push" else live
    upstream.complete([tip.commit])
    policy = policy_on(upstream.git, tip)
    deployed = _deployed(request, upstream, policy, tip)
    for branch in policy.sources(environment_of(policy, request.target)):
        _brought(upstream, branch)
    head = Revision(request.head_ref, request.head)
    commits = [base.commit, head.commit, *merge_bases(upstream.git, base.commit, head.commit)]
    upstream.complete([*commits, *([deployed.commit] if deployed else [])])
    return Proposal(
        target=request.target,
        base=base,
        tip=tip,
        head=head,
        deployed=deployed,
        moment=moment,
        judge_all=judge_all,
        # Not so a merge train: its head is the request's own, and the train may rebase it.
        lands_as_it_is=request.event in ("merge_group", "push"),
    )


def _tip(upstream: Upstream, branch: str) -> Revision:
    tip = branch_tip(upstream.git, branch, remote=upstream.name)
    assert tip is not None  # it has just been fetched
    return tip


def _fetch_commit(upstream: Upstream, commit: str, ref: str) -> None:
    """Brings a commit: by its id where the remote hands that over, else by the ref that held it.

    Raises:
        AbsentObject: it is gone, as after a push that replaced it.
    """
    failures = []
    for what in (commit, ref):
        try:
            upstream.fetch(what)
        except AbsentObject as error:
            failures.append(error)
        if _is_here(upstream, commit):
            return
    raise (
        failures[0]
        if len(failures) == 2
        else AbsentObject(
            f"{ref} no longer holds the commit {commit}",
            "It has been pushed over since; the run for the newer commit decides",
        )
    )


def _is_here(upstream: Upstream, commit: str) -> bool:
    return upstream.git.ask(("cat-file", "-e", commit + "^{commit}")).status == 0


def _base(request: Request, upstream: Upstream, live: Revision) -> Revision:
    """What the change is measured from: the live tip, or what the event alone knows.

    Raises:
        Undecidable: a branch was pushed that was not there before.
    """
    if request.base is None:
        if request.event == "push":
            reason = (
                f"the branch {request.target} was made by this push: nothing stood there whose policy could judge it"
            )
            raise Undecidable(reason, help="the next push is measured from it")
        return live
    if not _is_here(upstream, request.base):
        _fetch_commit(upstream, request.base, f"refs/heads/{request.target}")
    return Revision(live.ref, request.base)


def _deployed(request: Request, upstream: Upstream, policy: Policy, tip: Revision) -> Revision | None:
    """The tip of the deployed branch; None where the remote has none, which the report tells."""
    return tip if policy.deployed_branch == request.target else _brought(upstream, policy.deployed_branch)


def _brought(upstream: Upstream, branch: str) -> Revision | None:
    """The live tip of a branch that a rule may ask about; None where there is none, which the rule then tells.

    Raises:
        AbsentObject: it cannot be fetched now, and what the clone has of it may be out of date.
    """
    try:
        upstream.branch(branch)
    except AbsentObject:
        if branch_tip(upstream.git, branch, remote=upstream.name) is not None:
            raise
        return None
    return _tip(upstream, branch)

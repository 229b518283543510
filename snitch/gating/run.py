"""The gate's run: the merge of a head into its target, judged by what stands on the target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from snitch import __version__
from snitch.checking.catalogue import begin_search
from snitch.checking.commits import Asked, Commits, environment_of
from snitch.checking.judging import Progress
from snitch.checking.options import Options
from snitch.checking.run import Run
from snitch.engine import UNDECIDABLE
from snitch.finding import Finding, Undecidable
from snitch.gate import Approvals, Gate, History, Shadow, WeightsServer
from snitch.git.command import Git
from snitch.git.merge import MergeConflict, Merged, merged
from snitch.git.refs import Revision
from snitch.git.snapshots import tree_snapshot
from snitch.policy.policy import Policy
from snitch.policy.reading import has_policy, read_policy
from snitch.repository import POLICY
from snitch.source import Source
from snitch.verdict import Report, State


class Proposal(Struct, frozen=True, kw_only=True):
    """What is asked of the gate: to let `head` into the branch `target`.

    `base` is what the change is measured from, and `tip` what holds the policy: the target's tip, both of them, but for
    a merge queue, whose entries begin where the one before them ends. `deployed` is the tip of the deployed
    environment's branch; None where that is not here.
    """

    target: str
    base: Revision
    tip: Revision
    head: Revision
    deployed: Revision | None = None
    moment: datetime
    judge_all: bool = False


class Witnesses(Struct, frozen=True, kw_only=True):
    """Who tells the gate what is in no tree: each is asked only when a rule wants to know."""

    approvals: Approvals | Undecidable
    history: Callable[[Git, str], History]
    weights_server: WeightsServer
    shadows: tuple[Shadow, ...] = ()


def policy_on(git: Git, tip: Revision) -> Policy:
    """The policy that judges what is merged into a branch: the one at its tip.

    Raises:
        InvalidPolicy: it cannot be used.
    """
    return read_policy(Source(tree_snapshot(git, tip.commit, ref=tip.ref, commit=tip.commit)))


def judge(
    git: Git,
    proposal: Proposal,
    witnesses: Witnesses,
    progress: Progress | None = None,
    *,
    supplier: Callable[[Sequence[str]], None] | None = None,
) -> Report:
    """Judges a proposal in the repository of `git`, into which nothing is written but what `supplier` fetches: objects
    by their ids, where a rule looks further back than the clone was brought.

    Raises:
        InvalidPolicy, BrokenRulebook, Misuse: it cannot be judged by this policy, or with these rules.
        GitError: the repository cannot be read.
    """
    try:
        with merged(git, proposal.base.commit, proposal.head.commit) as merge:
            merge.git.objects.supplier = supplier
            return _run(git, merge, proposal, witnesses).judge(progress)
    except MergeConflict as conflict:
        return _unmergeable(git, proposal, conflict)


def _run(git: Git, merge: Merged, proposal: Proposal, witnesses: Witnesses) -> Run:
    head = proposal.head
    candidate = tree_snapshot(merge.git, merge.tree, ref=head.ref, commit=head.commit)
    asked = Asked(base=proposal.base, deployed=proposal.deployed, policy=proposal.tip, target=proposal.target)
    commits = Commits(merge.git, asked, candidate, refs=git)
    gate = Gate(
        target=proposal.target,
        deployed=commits.policy.deployed_branch,
        sources=commits.policy.sources(commits.environment),
        moment=proposal.moment,
        approvals=witnesses.approvals,
        approvers=commits.policy.gate.approvers or (),
        history=lambda branch: witnesses.history(merge.git, branch),
        weights_server=witnesses.weights_server,
        shadows=witnesses.shadows,
    )
    options = Options(judge_all=proposal.judge_all, today=proposal.moment.date())
    return Run(commits, options, begin_search(candidate), gate)


def _unmergeable(git: Git, proposal: Proposal, conflict: MergeConflict) -> Report:
    """Nothing can be judged of what cannot be merged: that is no pass."""
    policy = policy_on(git, proposal.tip)
    base, tip, head = proposal.base, proposal.tip, proposal.head
    files = f" in {_listed(conflict.paths)}" if conflict.paths else ""
    finding = Finding(
        rule=UNDECIDABLE,
        name="undecidable",
        message=f"cannot judge the merge into {proposal.target}: {conflict.reason}{files}",
        path=conflict.paths[0] if conflict.paths else ".",
        outcome="inconclusive",
        key="merge",
        fingerprint="merge-conflict",
        help=f"merge {proposal.target} into the branch, or rebase it, and push",
    )
    return Report(
        snitch=__version__,
        environment=environment_of(policy, proposal.target).name,
        now=proposal.moment.date(),
        candidate=State(head.ref, head.commit),
        base=State(base.ref, base.commit),
        deployed=None,
        policy=State(tip.ref, tip.commit, POLICY if has_policy(policy.source) else policy.path),
        findings=(finding,),
    )


def _listed(paths: tuple[str, ...], shown: int = 5) -> str:
    more = f" and {len(paths) - shown} more" if len(paths) > shown else ""
    return ", ".join(paths[:shown]) + more

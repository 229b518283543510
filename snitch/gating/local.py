"""A proposal that somebody names by branches and commits of a clone, where no forge is asked."""

from __future__ import annotations

from datetime import datetime

from snitch.finding import Undecidable
from snitch.gate import Approvals
from snitch.gating.run import Proposal, policy_on
from snitch.git.absence import how_to_have, surroundings
from snitch.git.command import Git
from snitch.git.refs import Revision, branch_tip, resolve

#: Whose branches count before the policy, which lies on one of them, can name another remote.
_REMOTE = "origin"


def propose(
    git: Git, *, target: str, head: str, base: str | None, moment: datetime, judge_all: bool = False
) -> Proposal:
    """The merge of `head` into the branch `target`, whose tip is `base` (None: the one that was fetched last).

    Raises:
        GitError: a name means no commit.
        Undecidable: the target branch is not in this clone.
        InvalidPolicy: the policy on it cannot be used.
    """
    tip = resolve(git, base) if base is not None else _tip(git, target, _REMOTE)
    policy = policy_on(git, tip)
    if base is None and policy.remote != _REMOTE:
        tip = _tip(git, target, policy.remote)
        policy = policy_on(git, tip)
    deployed = policy.deployed_branch
    return Proposal(
        target=target,
        base=tip,
        tip=tip,
        head=resolve(git, head),
        deployed=tip if deployed == target else branch_tip(git, deployed, remote=policy.remote),
        moment=moment,
        judge_all=judge_all,
    )


def _tip(git: Git, branch: str, remote: str) -> Revision:
    tip = branch_tip(git, branch, remote=remote)
    if tip is None:
        reason = f"the target branch `{branch}` is not in this clone"
        raise Undecidable(reason, help=how_to_have(branch, remote, surroundings(git)))
    return tip


def approvals_told(author: str | None, approved_by: tuple[str, ...]) -> Approvals | Undecidable:
    """Who approves, as the caller says; without the author nobody knows whose approval is none."""
    if author is None:
        return Undecidable(
            "nobody said who has approved the change",
            help="name its author with `--author`, and who has approved it with `--approved-by`",
        )
    return Approvals(author, frozenset(approved_by))

"""The histories of branches that the gate's rules ask for, from their tips as they are in the clone."""

from __future__ import annotations

from functools import cached_property

from snitch.finding import Undecidable
from snitch.gating.run import Proposal, policy_on
from snitch.git.absence import how_to_have, surroundings
from snitch.git.command import Git
from snitch.git.history import BranchHistory, MergedAt
from snitch.git.refs import branch_tip
from snitch.policy.policy import Policy


class Histories:
    """Tells a branch's history, each once; called as `Witnesses.history` is.

    `refs` is the clone that holds the branches; `merged_at` says when a forge merged a commit, where it knows.
    """

    def __init__(self, refs: Git, proposal: Proposal, *, merged_at: MergedAt | None = None) -> None:
        self._refs = refs
        self._proposal = proposal
        self._merged_at = merged_at
        self._known: dict[str, BranchHistory] = {}

    def __call__(self, git: Git, branch: str) -> BranchHistory:
        """The history of a branch, whose objects `git` reads.

        Raises:
            Undecidable: the branch is not in the clone.
        """
        if branch not in self._known:
            moment, remote = self._proposal.moment, self._policy.remote
            self._known[branch] = BranchHistory(
                git, self._tip(branch), branch, remote=remote, merged_at=self._merged_at, moment=moment
            )
        return self._known[branch]

    @cached_property
    def _policy(self) -> Policy:
        return policy_on(self._refs, self._proposal.tip)

    def _tip(self, branch: str) -> str:
        proposal, remote = self._proposal, self._policy.remote
        if branch == proposal.target:
            return proposal.base.commit
        deployed = proposal.deployed if branch == self._policy.deployed_branch else None
        tip = deployed or branch_tip(self._refs, branch, remote=remote)
        if tip is None:
            help_text = how_to_have(branch, remote, surroundings(self._refs))
            raise Undecidable(f"the branch `{branch}` is not in this clone", help=help_text)
        return tip.commit

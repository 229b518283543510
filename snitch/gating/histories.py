"""The histories of branches that the gate's rules ask for, from their tips as they are in the clone."""

from __future__ import annotations

from collections.abc import Iterable

from snitch.finding import Undecidable
from snitch.gating.proposal import Proposal
from snitch.git.absence import how_to_have, surroundings
from snitch.git.command import Git
from snitch.git.fetching import Upstream
from snitch.git.history import BranchHistory, MergedAt
from snitch.git.refs import branch_tip
from snitch.policy.policy import Policy


class Histories:
    """Tells a branch's history, each once: `Gate.history`.

    `git` reads the objects, the clone of `upstream` holds the branches; `merged_at` says when a forge merged a commit,
    where it knows.
    """

    def __init__(
        self, git: Git, upstream: Upstream, proposal: Proposal, policy: Policy, merged_at: MergedAt | None = None
    ) -> None:
        self._git = git
        self._upstream = upstream
        self._proposal = proposal
        self._policy = policy
        self._merged_at = merged_at
        #: Only how long something has been where it is promoted from is ever asked.
        self._sources = {branch for each in policy.environments for branch in policy.sources(each)}
        self._known: dict[str, BranchHistory] = {}
        self._expected: tuple[str, ...] = ()

    def expect(self, folders: Iterable[str]) -> None:
        """Says which models' folders will be asked for, of every branch."""
        self._expected = tuple(folders)

    def __call__(self, branch: str) -> BranchHistory:
        """The history of a branch.

        Raises:
            Undecidable: the branch is not in the clone.
        """
        if branch not in self._known:
            self._known[branch] = BranchHistory(
                self._git,
                self.tip(branch),
                branch,
                remote=self._upstream.name,
                merged_at=self._merged_at if branch in self._sources else None,
                moment=self._proposal.moment,
                exclude=self._policy.exclude,
            )
            self._known[branch].expect(self._expected)
        return self._known[branch]

    def tips(self) -> dict[str, str]:
        """What has been judged comes from these, by name: the target, the deployed branch, and the head.

        Raises:
            Undecidable: the deployed branch is not in the clone.
        """
        proposal = self._proposal
        branches = proposal.target, self._policy.deployed_branch or proposal.target
        return {**{branch: self.tip(branch) for branch in branches}, proposal.head.ref: proposal.head.commit}

    def tip(self, branch: str) -> str:
        """The commit at the tip of a branch.

        Raises:
            Undecidable: the branch is not in the clone.
        """
        proposal, clone, remote = self._proposal, self._upstream.git, self._upstream.name
        if branch == proposal.target:
            return proposal.tip.commit
        if branch == self._policy.deployed_branch and proposal.deployed is not None:
            return proposal.deployed.commit
        tip = branch_tip(clone, branch, remote=remote)
        if tip is None:
            help_text = how_to_have(branch, remote, surroundings(clone))
            raise Undecidable(f"the branch `{branch}` is not in this clone", help=help_text)
        return tip.commit

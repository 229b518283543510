"""Which commit is what: candidate, base, deployed and policy for each of the moments at which Snitch runs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Literal

from msgspec import Struct

from snitch.change import Environment
from snitch.finding import Skip, Undecidable
from snitch.git.beside import TreeBeside, tree_beside
from snitch.git.command import Git
from snitch.git.refs import Revision, branch_tip, merge_base, resolve
from snitch.git.snapshots import GitSnapshot, TreeSnapshot, index_snapshot, tree_snapshot
from snitch.git.worktree import work_tree_snapshot
from snitch.policy.layers import InvalidPolicy
from snitch.policy.policy import Policy
from snitch.policy.reading import has_policy, read_policy
from snitch.repository import POLICY, Repository
from snitch.snapshot import Snapshot, UnreadableFile
from snitch.source import Source
from snitch.verdict import State

Moment = Literal["staged", "pre-push", "check"]

#: Asked for as `policy`: the work tree's own, whatever is judged. No word of a command line holds a NUL, so that
#: nobody but this program asks for it.
WORK_TREE_POLICY = "\0work tree"


class Asked(Struct, frozen=True, kw_only=True):
    """What the caller named: the moment, and revisions instead of the ones that the moment implies."""

    moment: Moment = "check"
    candidate: str | None = None
    base: str | Revision | None = None
    deployed: str | Revision | None = None
    policy: str | Revision | None = None
    environment: str | None = None
    #: In the gate: the branch to merge into, whose environment it is.
    target: str | None = None


class Misuse(Exception):
    """The command was asked for something that cannot be."""


def candidate_snapshot(git: Git, asked: Asked) -> GitSnapshot:
    """What is to be judged.

    Raises:
        GitError: it cannot be read.
        Misuse: there is nothing of the kind.
    """
    if asked.candidate is not None:
        if asked.moment == "staged":
            raise Misuse("--staged judges the index, --ref a commit: name one of them")
        ref = resolve(git, asked.candidate)
        return tree_snapshot(git, ref.commit, ref=ref.ref, commit=ref.commit)
    if asked.moment == "staged":
        if not git.has_work_tree:
            raise Misuse("a bare repository has no index; name a commit with --ref")
        return index_snapshot(git)
    return work_tree_snapshot(git) if git.has_work_tree else _head_of_bare(git)


def _head_of_bare(git: Git) -> GitSnapshot:
    head = git.layout.head
    if head is None:
        raise Misuse("this bare repository has no commit at HEAD; name one with --ref")
    return tree_snapshot(git, head, ref="HEAD", commit=head)


def environment_of(policy: Policy, branch: str) -> Environment:
    """The environment that a branch stands for.

    Raises:
        Misuse: it stands for none.
    """
    environment = policy.environment_of(branch)
    if environment is None:
        known = ", ".join(pattern for each in policy.environments for pattern in each.branches)
        raise Misuse(f"the branch `{branch}` is of no environment; the policy on it names {known}")
    return environment


class Commits:
    """The snapshots of one run, beside that of the candidate."""

    def __init__(self, git: Git, asked: Asked, candidate: GitSnapshot, *, refs: Git | None = None) -> None:
        self.git = git
        #: The repository whose branches are meant: a merge that is judged lies in one of its own.
        self.refs = refs or git
        self.asked = asked
        everything = Repository(candidate)
        self.policy = self._policy(everything)
        self.candidate = everything.without(self.policy.exclude)
        self.environment = self._environment()
        self.deployed_ref = self._deployed_ref()
        self.base_ref, self.base_commit = self._base_revision()

    @property
    def is_hook(self) -> bool:
        return self.asked.moment != "check"

    def _policy(self, candidate: Repository) -> Policy:
        if self.asked.policy is None:
            return read_policy(candidate, candidate)
        if self.asked.policy == WORK_TREE_POLICY:
            return read_policy(Source(work_tree_snapshot(self.git)))
        ref = self._revision(self.asked.policy)
        return read_policy(Source(tree_snapshot(self.git, ref.commit, ref=ref.ref, commit=ref.commit)))

    def _revision(self, asked: str | Revision) -> Revision:
        return asked if isinstance(asked, Revision) else resolve(self.refs, asked)

    def _environment(self) -> Environment:
        policy, name = self.policy, self.asked.environment
        if self.asked.target is not None:
            return environment_of(policy, self.asked.target)
        if name is not None:
            try:
                return policy.environment(name)
            except KeyError:
                known = ", ".join(each.name for each in policy.environments)
                raise Misuse(f"there is no environment `{name}`; the policy has {known}") from None
        lowest = policy.environments[0]
        return policy.above(lowest) if self.asked.moment == "pre-push" else lowest

    def _deployed_ref(self) -> Revision | None:
        if self.asked.deployed is not None:
            return self._revision(self.asked.deployed)
        if self.asked.target == self.policy.deployed_branch and self.asked.base is not None:
            return self._revision(self.asked.base)
        return branch_tip(self.refs, self.policy.deployed_branch, remote=self.policy.remote)

    @cached_property
    def deployed(self) -> Repository | Skip | Undecidable:
        """The deployed state, or why there is none."""
        ref = self.deployed_ref
        if ref is not None:
            return self._repository(self._beside(ref.commit, ref.ref))
        branch, remote = self.policy.deployed_branch, self.policy.remote
        missing = f"the deployed branch `{branch}` is not in this clone"
        if self.is_hook:
            return Skip(missing)
        from snitch.git.absence import how_to_have, surroundings

        return Undecidable(missing, help=how_to_have(branch, remote, surroundings(self.refs)))

    def _base_revision(self) -> tuple[str, str | None]:
        """What the change is measured from, in words, and its commit; None where everything counts as changed."""
        if self.asked.base is not None:
            return self._revision(self.asked.base)
        head = self.candidate.commit or self.git.layout.head
        if self.asked.moment == "staged" or head is None:
            return "HEAD", head
        if self.deployed_ref is None:
            return "", None
        return f"merge base with {self.deployed_ref.ref}", merge_base(self.git, head, self.deployed_ref.commit)

    def _repository(self, snapshot: Snapshot) -> Repository:
        """Another state of the repository, without the folders that its own policy takes out.

        The candidate's policy must not hide what is deployed; a policy that the caller named holds for all states.
        """
        repository = Repository(snapshot, documents=self.candidate.documents)
        if self.asked.policy is not None:
            return repository.without(self.policy.exclude)
        ours = self.candidate.snapshot.entries
        if all(snapshot.entries.get(path) == ours.get(path) for path in (POLICY, *self.policy.paths)):
            return repository.without(self.policy.exclude)
        try:
            return repository.without(read_policy(repository).exclude)
        except (InvalidPolicy, UnreadableFile):
            return repository

    @cached_property
    def base(self) -> Repository | None:
        """The state that the change is measured from; None where everything counts as changed."""
        if self.base_commit is None:
            return None
        if isinstance(self.deployed, Repository) and self.deployed.commit == self.base_commit:
            return self.deployed
        return self._repository(self._beside(self.base_commit, self.base_commit))

    def _beside(self, commit: str, ref: str) -> Snapshot:
        """Another state, listed by how it differs from the candidate."""
        return tree_beside(self.git, commit, self.candidate.snapshot, ref=ref, commit=commit)

    def differences(self, state: Repository | None) -> set[str]:
        """The paths that differ between a state of the repository (None: nothing) and the candidate."""
        if state is None:
            return set(self.candidate.snapshot)
        assert isinstance(state.snapshot, TreeBeside)
        return state.snapshot.differences()

    @cached_property
    def policy_before(self) -> Policy | None:
        """The base's policy; None without a base. One that cannot be read counts as none: every model is judged."""
        if self.base is None:
            return None
        if self.asked.policy is None and self._are_unchanged({POLICY, *self.policy.paths}):
            return self.policy
        try:
            return read_policy(self.base)
        except (InvalidPolicy, UnreadableFile):
            return None

    def _are_unchanged(self, paths: Iterable[str]) -> bool:
        before, now = self.base, self.candidate.snapshot.entries
        return before is not None and all(before.snapshot.entries.get(path) == now.get(path) for path in paths)

    @property
    def _merged_tree(self) -> str | None:
        """The tree that the gate judges in the place of any commit's."""
        snapshot = self.candidate.snapshot
        return snapshot.tree if self.asked.target is not None and isinstance(snapshot, TreeSnapshot) else None

    @property
    def states(self) -> dict[str, Any]:
        """For the report: what each of the snapshots was."""
        deployed, policy = self.deployed_ref, self.policy.source
        path = POLICY if has_policy(policy) else self.policy.path
        return {
            "candidate": State(self.candidate.ref, self.candidate.commit, tree=self._merged_tree),
            "base": State(self.base_ref, self.base_commit) if self.base_commit else None,
            "deployed": State(deployed.ref, deployed.commit) if deployed else None,
            "policy": State(policy.ref, policy.commit, path),
        }

"""What the rules of a run see: one model's change, and the repository's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from snitch.change import Change
from snitch.finding import Skip, Undecidable
from snitch.layout import REQUIREMENTS_SUFFIXES
from snitch.model import Model
from snitch.policy.layers import InvalidPolicy
from snitch.policy.policy import Policy
from snitch.policy.reading import has_policy, read_policy
from snitch.policy.weakening import weakened, weaker
from snitch.repository import Repository
from snitch.repository_change import PolicyEdit, RepositoryChange, Reruled
from snitch.rulebook import rulebook
from snitch.snapshot import UnreadableFile
from snitch.waiver import Waiver

if TYPE_CHECKING:
    from snitch.checking.run import Run


class Changes:
    """Makes the changes that a run judges."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.commits = run.commits
        self.candidate = run.candidate
        self.policy = run.policy

    def of_model(self, folder: str) -> Change:
        """One model's."""
        candidate = Model(self.candidate, folder)
        return Change(
            candidate,
            self._deployed_model(candidate),
            environment=self.run.environment,
            today=self.run.options.today,
            policy_files=self.policy.source,
            catalogue=self.run.catalogue,
            base=self.commits.base,
            gate=self.run.gate,
        )

    def _deployed_model(self, candidate: Model) -> Model | Skip | Undecidable:
        """The deployed model of the candidate's name, wherever it lies; or the one in its folder, where that one's name
        is not to be had.
        """
        deployed = self.commits.deployed
        if not isinstance(deployed, Repository):
            return deployed
        folders = self.run.deployed_catalogue.folders.get(candidate.name, ())
        if folders:
            return Model(deployed, candidate.folder if candidate.folder in folders else folders[0])
        if candidate.folder in deployed.model_folders:
            predecessor = Model(deployed, candidate.folder)
            if not predecessor.declared("name"):
                return predecessor
        return Skip("first release: the deployed branch has no model of this name")

    def of_repository(self, folders: list[str]) -> RepositoryChange:
        """The repository's; `folders` are those of the models that are judged."""
        before, run = self.commits.policy_before, self.run
        return RepositoryChange(
            self.candidate,
            self.commits.deployed,
            environment=run.environment,
            today=run.options.today,
            base=self.commits.base,
            models=tuple(Model(self.candidate, folder) for folder in folders),
            changed=run.changed,
            catalogue=run.catalogue,
            deployed_catalogue=run.deployed_catalogue,
            retired=frozenset(each.model for each in (before or self.policy).retired),
            judges_all=run.options.judge_all,
            is_all_new=self.commits.base_commit is None,
            policy_paths=self._policy_paths(before),
            approvers=(before or self.policy).gate.approvers or (),
            waivers=self.policy.placed_waivers,
            open_waivers=frozenset(waiver for waiver in self.policy.waivers if not self._looks_for(waiver)),
            gate=run.gate,
            policy_edit=self._policy_edit() if run.gate else None,
            reruled=tuple(self._reruled(folders)),
            guarded=(before or self.policy).gate.paths,
        )

    def _policy_paths(self, before: Policy | None) -> frozenset[str]:
        """The files that the policy, as it is and as it was, is made of and reads."""
        states = [self.candidate, *([self.commits.base] if self.commits.base else [])]
        return frozenset().union(*(_files_of(policy, *states) for policy in (self.policy, before) if policy))

    def _looks_for(self, waiver: Waiver) -> bool:
        """Whether the run finds all that the waiver is there to excuse."""
        rule = rulebook().find(waiver.rule)
        if rule is None or not self.run.is_to_run(rule):
            return False
        folders = self.run.catalogue.folders.get(waiver.model, ())
        return all(self.policy.is_decisive(rule.code, self.run.environment, folder) for folder in folders)

    def _reruled(self, folders: list[str]) -> Iterator[Reruled]:
        """The models that were moved to where the policy has other rules for them."""
        base, added = self.commits.base, [folder for folder in folders if self.run.scope.is_added(folder)]
        if base is None or not added:
            return
        before = {Model(base, folder).name: folder for folder in self.run.scope.replaced}
        for folder in added:
            model = Model(self.candidate, folder)
            old = before.get(model.name)
            if old is None or old == folder:
                continue
            then, now = (self.policy.settings(self.run.environment, each) for each in (old, folder))
            if then.meaning != now.meaning:
                changes = weakened(then, now, self.run.environment.name)
                yield Reruled(model=model.name, path=model.path, before=old, changes=tuple(changes))

    def _policy_edit(self) -> PolicyEdit | None:
        """What the change makes of the policy that judges it; None where it leaves that alone.

        The first one weakens nothing, but has to be usable: by a broken one nothing could be judged again.
        """
        everything = Repository(self.candidate.snapshot, documents=self.candidate.documents)
        now, before = everything.snapshot.entries, self.policy.source.snapshot.entries
        try:
            after = read_policy(everything, everything)
        except (InvalidPolicy, UnreadableFile) as error:
            return PolicyEdit(fault=str(error))
        if all(now.get(path) == before.get(path) for path in after.paths | self.policy.paths):
            return None
        becomes = weaker(self.policy, after) if has_policy(self.policy.source) else ()
        return PolicyEdit(weaker=tuple(becomes), options=tuple(after.placed_options))


def _files_of(policy: Policy, *states: Repository) -> frozenset[str]:
    """What a policy is made of, and what its rules read in these states: what they name, and what that includes."""
    from snitch.dependencies import read_dependencies

    named = policy.paths | policy.named_paths
    requirements = [path for path in policy.named_paths if path.lower().endswith(REQUIREMENTS_SUFFIXES)]
    included = (
        read_dependencies(state.snapshot, path).files
        for state in states
        for path in requirements
        if path in state.snapshot
    )
    return named.union(*included)

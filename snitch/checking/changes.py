"""What the rules of a run see: one model's change, and the repository's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.change import Change
from snitch.finding import Skip, Undecidable
from snitch.model import Model
from snitch.policy.layers import InvalidPolicy
from snitch.policy.policy import Policy
from snitch.policy.reading import has_policy, read_policy
from snitch.repository import Repository
from snitch.repository_change import PolicyEdit, RepositoryChange
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
            policy_paths=_files_of(self.policy) | (_files_of(before) if before else frozenset()),
            approvers=(before or self.policy).gate.approvers or (),
            waivers=self.policy.placed_waivers,
            open_waivers=frozenset(waiver for waiver in self.policy.waivers if not self._looks_for(waiver)),
            gate=run.gate,
            policy_edit=self._policy_edit() if run.gate else None,
        )

    def _looks_for(self, waiver: Waiver) -> bool:
        """Whether the run finds all that the waiver is there to excuse."""
        rule = rulebook().find(waiver.rule)
        if rule is None or not self.run.is_to_run(rule):
            return False
        folders = self.run.catalogue.folders.get(waiver.model, ())
        return all(self.policy.is_decisive(rule.code, self.run.environment, folder) for folder in folders)

    def _policy_edit(self) -> PolicyEdit | None:
        """What the change makes of the policy that judges it; None where it leaves that alone, or there was none."""
        if not has_policy(self.policy.source):
            return None
        everything = Repository(self.candidate.snapshot, documents=self.candidate.documents)
        now, before = everything.snapshot.entries, self.policy.source.snapshot.entries
        try:
            after = read_policy(everything, everything.model_folders)
        except InvalidPolicy as error:
            return PolicyEdit(fault=str(error))
        except UnreadableFile as error:
            return PolicyEdit(fault=str(error))
        if all(now.get(path) == before.get(path) for path in after.paths | self.policy.paths):
            return None
        from snitch.policy.weakening import weaker

        return PolicyEdit(weaker=tuple(weaker(self.policy, after)))


def _files_of(policy: Policy) -> frozenset[str]:
    """What a policy is made of, and what its rules read."""
    return policy.paths | policy.named_paths

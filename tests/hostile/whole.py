"""A whole run over files held in memory: the policy that stands in them, every rule it turns on, every report."""

from __future__ import annotations

from typing import Literal

from snitch.change import Change
from snitch.checking.catalogue import catalogue_of
from snitch.engine import ActiveRule, judge, judge_repository
from snitch.finding import Skip
from snitch.model import Model
from snitch.policy.layers import InvalidPolicy
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.report import FORMATS, render
from snitch.repository import Repository
from snitch.repository_change import RepositoryChange
from snitch.snapshot import MemorySnapshot
from snitch.verdict import JudgedModel, Judgement, Report, State, verdict_of
from tests.judging import TODAY, Files

Outcome = Literal["passed", "blocked", "inconclusive", "misuse"]


def run(files: Files, deployed: Files) -> Report:
    """Every model judged as in the highest environment that the files' own policy knows.

    Raises:
        InvalidPolicy: nothing can be judged by it.
    """
    everything = Repository(MemorySnapshot(files, ref="index"))
    policy = read_policy(everything, everything)
    return _Run(everything.without(policy.exclude), policy, deployed).report()


def outcome(files: Files, deployed: Files) -> Outcome:
    """How the command would end; that no rule crashed, and that every report can be written, is asserted."""
    try:
        report = run(files, deployed)
    except InvalidPolicy as error:
        assert error.problems
        return "misuse"
    told(report)
    if not report.models:
        return "misuse"
    return report.verdict


def told(report: Report) -> dict[str, str]:
    """The report in every format."""
    crashes = [finding.message for finding in report.findings if finding.rule == "SNT002"]
    assert crashes == []
    return {name: render(report, name, width=80, verbose=True) for name in FORMATS}


class _Run:
    def __init__(self, candidate: Repository, policy: Policy, deployed: Files) -> None:
        self.candidate = candidate
        self.policy = policy
        self.environment = policy.environments[-1]
        self.tip = Repository(MemorySnapshot(deployed, ref="refs/remotes/origin/main", commit="3f2c1ab" + "0" * 33))
        self.catalogue = catalogue_of(candidate)
        self.deployed_catalogue = catalogue_of(self.tip)

    def report(self) -> Report:
        folders = sorted(self.candidate.model_folders)
        judgements = [judge(self._rules(folder), self._change(folder), self.policy.waivers) for folder in folders]
        whole = judge_repository(self._rules(None), self._repository_change(folders, judgements), self.policy.waivers)
        every = [*judgements, whole]
        return Report(
            snitch="0",
            environment=self.environment.name,
            now=TODAY,
            candidate=State("index", None),
            base=None,
            deployed=State("refs/remotes/origin/main", self.tip.commit),
            policy=State("index", None, self.policy.path),
            models=tuple(
                JudgedModel(each.model, folder or ".", each.version, "modified", verdict_of(each.findings))
                for folder, each in zip(folders, judgements, strict=True)
            ),
            findings=tuple(found for each in every for found in each.findings),
            comparisons=tuple(found for each in every for found in each.comparisons),
            skipped=tuple(found for each in every for found in each.skipped),
            waivers=self.policy.waivers,
            due=tuple(found for each in every for found in each.due),
            notes=tuple(found for each in every for found in each.notes),
        )

    def _rules(self, folder: str | None) -> list[ActiveRule]:
        return [each for each in self.policy.rules(self.environment, folder) if each.rule.stage == "check"]

    def _change(self, folder: str) -> Change:
        model = Model(self.candidate, folder)
        found = self.deployed_catalogue.folders.get(model.name, ())
        there = Model(self.tip, folder if folder in found else found[0]) if found else Skip("first release")
        return Change(
            model,
            there,
            environment=self.environment,
            today=TODAY,
            policy_files=self.policy.source,
            catalogue=self.catalogue,
        )

    def _repository_change(self, folders: list[str], judgements: list[Judgement]) -> RepositoryChange:
        return RepositoryChange(
            self.candidate,
            self.tip,
            environment=self.environment,
            today=TODAY,
            models=tuple(Model(self.candidate, folder) for folder in folders),
            catalogue=self.catalogue,
            deployed_catalogue=self.deployed_catalogue,
            retired=frozenset(each.model for each in self.policy.retired),
            judges_all=True,
            policy_paths=self.policy.paths,
            waivers=self.policy.placed_waivers,
            used_waivers=frozenset(waiver for each in judgements for waiver in each.used_waivers),
        )

"""From the judgements of a run to its report: what was judged, what was found, and what that means for the future."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date
from functools import cached_property

from msgspec.structs import replace

from snitch import __version__
from snitch.change import Environment
from snitch.checking.commits import Commits
from snitch.checking.scope import Scope
from snitch.finding import Finding, Skip
from snitch.model import Model
from snitch.policy.reading import misnamed_policy
from snitch.repository import POLICY
from snitch.verdict import JudgedModel, Judgement, ModelChange, Report, verdict_of


class Reporting:
    """Makes a run's report of what was judged: the folders of `scope`; the candidate's models bear the `names`."""

    def __init__(self, commits: Commits, scope: Scope, names: Container[str], today: date) -> None:
        self.commits = commits
        self.scope = scope
        self.names = names
        self.today = today
        self.policy = commits.policy
        self.environment = commits.environment

    def report(
        self, folders: list[str], judgements: list[Judgement], whole: list[Judgement], *, rules: int, deleted: bool
    ) -> Report:
        """The whole run as a value; `deleted` models are told of, or not."""
        every = [*zip(folders, judgements, strict=True), *((None, judgement) for judgement in whole)]
        findings = tuple(self._foreseen(found, folder) for folder, each in every for found in each.findings)
        return Report(
            snitch=__version__,
            environment=self.environment.name,
            now=self.today,
            **self.commits.states,
            models=(*self._judged(folders, judgements), *(self._deleted() if deleted else ())),
            findings=findings,
            comparisons=tuple(comparison for _, each in every for comparison in each.comparisons),
            skipped=tuple(skipped for _, each in every for skipped in each.skipped),
            waivers=self.policy.waivers,
            due=tuple(sorted((due for _, each in every for due in each.due), key=lambda due: (due.on, due.message))),
            notes=tuple(dict.fromkeys([*self._notes(findings), *(note for _, each in every for note in each.notes)])),
            rules=rules,
            next_environment=self._next.name if self._next else None,
        )

    @property
    def _next(self) -> Environment | None:
        """The environment that will judge the pull request of work in the lowest one."""
        above = self.policy.above(self.environment)
        return above if self.environment.lowest and above != self.environment else None

    def _foreseen(self, finding: Finding, folder: str | None) -> Finding:
        """A warning that will be an error in the next environment says so."""
        if self._next is None or finding.severity == "error" or finding.advisory:
            return finding
        setting = self.policy.settings(self._next, folder).by_code.get(finding.rule)
        return replace(finding, blocks_next=setting is not None and setting.severity == "error")

    def _notes(self, findings: Iterable[Finding]) -> Iterable[str]:
        misnamed = misnamed_policy(self.policy.source)
        if misnamed:
            yield f"{misnamed} is not read: the policy is {POLICY}, so rename it"
        if isinstance(self.commits.deployed, Skip):
            yield f"{self.commits.deployed}: nothing was compared with it"
        before = self.commits.policy_before
        agreed = {waiver.told for waiver in before.waivers} if before else set()
        fresh = sum(finding.waiver is not None and finding.waiver not in agreed for finding in findings)
        if fresh:
            count = "a finding is" if fresh == 1 else f"{fresh} findings are"
            yield f"{count} waived by this change itself: the pull request heeds a waiver once its target has it"

    def _judged(self, folders: list[str], judgements: list[Judgement]) -> Iterator[JudgedModel]:
        for folder, judgement in zip(folders, judgements, strict=True):
            verdict = verdict_of(judgement.findings)
            change = self._kind(folder, judgement.model)
            yield JudgedModel(judgement.model, folder or ".", judgement.version, change, verdict)

    def _deleted(self) -> Iterator[JudgedModel]:
        for model in self._gone.values():
            if model.name not in self.names:
                yield JudgedModel(model.name, model.folder or ".", model.version, "deleted", "passed")

    @cached_property
    def _gone(self) -> dict[str, Model]:
        """The models that have left their folder, by name: for another one, or for good."""
        scope, base = self.scope, self.scope.base
        if base is None:
            return {}
        # Who moved has come to a new folder: where there is none, no name of a manifest that was edited need be read.
        replaced = scope.replaced if any(map(scope.is_added, scope.folders)) else scope.deleted
        before = [Model(base, folder) for folder in replaced]
        return {model.name: model for model in before if not self._stays(model)}

    def _stays(self, model: Model) -> bool:
        """Whether a model of the base is still in its folder, be it under another name, unless that moved."""
        successor = Model(self.scope.candidate, model.folder)
        return successor.path in self.scope.candidate.snapshot and (
            successor.name == model.name or model.name not in self.names
        )

    def _moved_out(self, folder: str) -> bool:
        return any(model.folder == folder for model in self._gone.values())

    def _kind(self, folder: str, name: str | None) -> ModelChange:
        if name not in self._gone and (self.scope.is_added(folder) or self._moved_out(folder)):
            return "added"
        return "modified" if folder in self.scope.folders else "unchanged"

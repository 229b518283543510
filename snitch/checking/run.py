"""A run: from what was asked to the report, through snapshots, scope, rules and waivers."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from snitch.change import Catalogue
from snitch.checking.catalogue import CatalogueSearch, begin_search, catalogue_of
from snitch.checking.changes import Changes
from snitch.checking.commits import Asked, Commits, Misuse, candidate_snapshot
from snitch.checking.judging import Progress, judge_models
from snitch.checking.mentions import CLIMBS, Mention, Mentions, climbing_lines
from snitch.checking.naming import how_to_begin, suggestion
from snitch.checking.options import Options as Options
from snitch.checking.options import chosen_codes, is_to_run
from snitch.checking.reporting import Reporting
from snitch.checking.scope import Scope
from snitch.engine import ActiveRule, judge_repository
from snitch.git.command import Git
from snitch.git.grep import grep
from snitch.git.worktree import WorkTreeSnapshot, is_clean
from snitch.layout import MANIFEST, NAMING_FILES, PREDICTIONS_SUFFIXES, REQUIREMENTS_SUFFIXES
from snitch.pointer import Pointer
from snitch.policy.settings import Settings
from snitch.repository import Repository
from snitch.rule import AnyRule, ClosingRule
from snitch.rulebook import rulebook
from snitch.verdict import Report

if TYPE_CHECKING:
    from snitch.checking.cache import Cache
    from snitch.gate import Gate


def check(
    git: Git, asked: Asked, options: Options, progress: Progress | None = None, *, cached: bool = False
) -> Report:
    """Judges a repository; with `cached`, unless it was judged today and nothing has changed since.

    Raises:
        GitError: it cannot be read.
        InvalidPolicy, BrokenRulebook: it cannot be judged by this policy, or by these rules.
        Misuse: something asked for is not there.
    """
    if not cached or asked.moment != "check":
        candidate = candidate_snapshot(git, asked)
        search = begin_search(candidate)
        return Run(Commits(git, asked, candidate), options, search).judge(progress)
    from snitch.checking.cache import Cache, key_if_clean, key_of

    cache, book = Cache(git), rulebook()
    key = key_if_clean(git, asked, options, book)
    # Git is still looking through the work tree while the memory is read.
    report = cache.recall(key) if key else None
    if key and not is_clean(git):
        key = report = None
    if report is not None:
        return report
    candidate = candidate_snapshot(git, asked)
    commits = Commits(git, asked, candidate)
    key = key or key_of(commits, options, book)
    report = cache.recall(key)
    if report is not None:
        return report
    return _judge_and_remember(Run(commits, options, begin_search(candidate)), cache, key, progress)


def _judge_and_remember(run: Run, cache: Cache, key: str, progress: Progress | None) -> Report:
    report = run.judge(progress)
    # What could not be judged may well be judged in a minute.
    if not any(finding.rule.startswith("SNT") for finding in report.findings):
        cache.remember(key, report, run.awaited)
    return report


class Run:
    """The parts of a run that its report and its rules share; with a `gate` the rules of that stage run too."""

    def __init__(
        self, commits: Commits, options: Options, search: CatalogueSearch | None, gate: Gate | None = None
    ) -> None:
        self.commits = commits
        self.options = options
        self.gate = gate
        self.candidate = commits.candidate
        self.policy = commits.policy
        self.environment = commits.environment
        self.chosen = chosen_codes(options)
        self.changed = frozenset(commits.differences(commits.base))
        #: The lines of manifests that may name files elsewhere, once a search has found them.
        self._climbing: list[Mention] | None = None
        #: The weights that were not judged, since their bytes are not on this machine.
        self.awaited: tuple[tuple[str, Pointer], ...] = ()
        self.catalogue, self.deployed_catalogue = self._catalogues(search)
        self.scope = Scope(self.candidate, commits.base, self.changed)
        #: The rules by their settings, of which thousands of models share a few.
        self._active: dict[Settings, list[ActiveRule]] = {}

    @cached_property
    def changes(self) -> Changes:
        """What the rules see."""
        return Changes(self)

    def judge(self, progress: Progress | None) -> Report:
        """Judges what is to be judged."""
        folders, waivers = self.folders, self.policy.waivers
        opening, closing = self._repository_rules()
        changes = self.changes
        change = changes.of_repository(folders)
        first = judge_repository(opening, change, waivers)
        judgements = judge_models(
            self.candidate,
            changes.of_model,
            self.rules_for,
            folders,
            waivers,
            first.findings,
            progress,
            unlike=self._unlike(),
            is_gated=self.gate is not None,
        )
        self.awaited = tuple(each for judgement in judgements for each in judgement.awaited)
        change.used_waivers = frozenset(w for judgement in (first, *judgements) for w in judgement.used_waivers)
        last = judge_repository(closing, change, waivers)
        reporting = Reporting(self.commits, self.scope, self.catalogue.folders, self.options.today)
        rules, deleted = self._count_rules(), not self.options.paths
        return reporting.report(folders, judgements, [first, last], rules=rules, deleted=deleted)

    def is_to_run(self, rule: type[AnyRule] | AnyRule) -> bool:
        """Whether a rule, where it is on, runs in this run."""
        return (rule.stage == "check" or self.gate is not None) and is_to_run(rule.code, self.chosen)

    def _count_rules(self) -> int:
        """The rules that are on for the repository: of those that were chosen, where some were."""
        return sum(self.chosen is None or active.rule.code in self.chosen for active in self.rules_for(None))

    def _repository_rules(self) -> tuple[list[ActiveRule], list[ActiveRule]]:
        """The rules about the repository: those that run before the models are judged, and those that run after."""
        rules = self.rules_for(None)
        closing = [active for active in rules if isinstance(active.rule, ClosingRule)]
        return [active for active in rules if active not in closing], closing

    def _catalogues(self, search: CatalogueSearch | None) -> tuple[Catalogue, Catalogue]:
        """The candidate's and the deployed models; where there are many, by one search of what git has stored."""
        deployed, found, unstored = self.commits.deployed, None, frozenset[str]()
        if search is not None:
            found, unstored = search.found(), self._unstored()
            self._climbing = climbing_lines(self.candidate, found.climbing, unstored)
        ours = catalogue_of(self.candidate, found, unstored)
        if not isinstance(deployed, Repository):
            return ours, Catalogue()
        return ours, catalogue_of(deployed, found, unstored | self._undeployed(deployed), weights=False)

    def _undeployed(self, deployed: Repository) -> frozenset[str]:
        """The paths in which the deployed state and the candidate differ."""
        return self.changed if deployed is self.commits.base else frozenset(self.commits.differences(deployed))

    def _unlike(self) -> set[str | None]:
        """The folders of deployed models whose files are not all the candidate's."""
        deployed = self.commits.deployed
        return set(map(deployed.owner, self._undeployed(deployed))) if isinstance(deployed, Repository) else set()

    def _unstored(self) -> frozenset[str]:
        """What of the work tree the index does not hold as it is."""
        snapshot = self.candidate.snapshot
        return frozenset(snapshot.differences()) if isinstance(snapshot, WorkTreeSnapshot) else frozenset()

    @cached_property
    def folders(self) -> list[str]:
        """The folders of the models to judge, sorted.

        Raises:
            Misuse: a path names no model, or there is none at all.
        """
        everything = self.candidate.model_folders
        if not everything and not self.deployed_catalogue.folders and not self.commits.is_hook:
            where = "no model.yaml in the candidate or the deployed branch"
            raise Misuse(f"there is no model here: {where}. {how_to_begin(self.candidate, self.commits.git)}")
        touched = self._touched()
        if self.options.paths:
            return sorted({folder for path in self.options.paths for folder in self._under(path)})
        return sorted(everything) if self.options.judge_all else touched

    def _under(self, path: str) -> set[str]:
        """The models at, below or above a path."""
        folder = f"{path}/" if path else ""
        below = {f for f in self.candidate.model_folders if f"{f}/".startswith(folder)}
        paths = self.candidate.snapshot.entries
        if below or not (path in paths or any(each.startswith(folder) for each in paths)):
            owner = None
        else:
            owner = self.candidate.owner(path if path in paths else f"{folder}.")
        if not below and owner is None:
            near = suggestion(path, self.catalogue, self.candidate.model_folders)
            raise Misuse(f"{path or '.'} matches no model{near and f'; {near}'}")
        return below | ({owner} if owner is not None else set())

    def _touched(self) -> list[str]:
        scope, before = self.scope, self.commits.policy_before
        if before is None:
            return sorted(self.candidate.model_folders)
        if scope.changed:
            scope.add_owners()
            scope.add_benchmarks(self.catalogue)
            if any(layer.document.path in scope.changed for layer in (*self.policy.layers, *before.layers)):
                scope.add_policy(self.policy, before, self.environment, self.catalogue)
            scope.add_policy_files(self.policy, self.environment)
            scope.add_mentioned(self._mentions)
        return sorted(scope.folders)

    def _mentions(self, paths: set[str]) -> Mentions:
        """The lines that may name one of the paths: of manifests, and of dependency files where they may."""
        manifests = (posixpath.join(folder, MANIFEST) for folder in self.candidate.model_folders)
        climbing = climbing_lines(self.candidate, (), manifests) if self._climbing is None else self._climbing
        globs = [f"**/{glob}" for glob in NAMING_FILES] if _any_ends(paths, REQUIREMENTS_SUFFIXES) else []
        if _any_ends(paths, PREDICTIONS_SUFFIXES):
            globs.append("**/evaluations/*.json")
        if globs:
            climbing = climbing + grep(self.commits.git, self.candidate.commit, CLIMBS, globs, regex=True)
        return Mentions(self.candidate, climbing)

    def rules_for(self, folder: str | None) -> list[ActiveRule]:
        """The rules that are on for a model, or (None) for the repository, and that this stage can run."""
        settings = self.policy.settings(self.environment, folder)
        if settings not in self._active:
            self._active[settings] = [active for active in settings.active if self.is_to_run(active.rule)]
        return self._active[settings]


def _any_ends(paths: Iterable[str], suffixes: tuple[str, ...]) -> bool:
    return any(path.lower().endswith(suffixes) for path in paths)

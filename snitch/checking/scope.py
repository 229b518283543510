"""Which models a change touches: by their own files, their benchmarks, their policy, and what they name elsewhere."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from snitch.benchmark import Benchmark
from snitch.change import Catalogue, Environment
from snitch.checking.mentions import Mentions
from snitch.finding import Broken, Undecidable
from snitch.layout import BENCHMARK, BENCHMARKS, MANIFEST, REQUIREMENTS_SUFFIXES
from snitch.policy.policy import Policy, texts_in
from snitch.repository import Repository
from snitch.snapshot import UnreadableFile
from snitch.source import resolve


class Scope:
    """What a run judges: `folders` are the candidate's."""

    def __init__(self, candidate: Repository, base: Repository | None, changed: frozenset[str]) -> None:
        self.candidate = candidate
        self.base = base
        self.changed = changed
        self.folders: set[str] = set()

    @property
    def deleted(self) -> list[str]:
        """Folders whose manifest the change deletes."""
        return sorted(posixpath.dirname(path) for path in self._manifests() if path not in self.candidate.snapshot)

    @property
    def replaced(self) -> list[str]:
        """Folders whose manifest the change deletes or edits."""
        base = self.base
        return sorted(posixpath.dirname(path) for path in self._manifests() if base and path in base.snapshot)

    def is_added(self, folder: str) -> bool:
        """Whether the model's manifest is new."""
        path = posixpath.join(folder, MANIFEST)
        return self.base is None or (path in self.changed and path not in self.base.snapshot)

    def _manifests(self) -> Iterator[str]:
        for path in self.changed:
            if posixpath.basename(path) == MANIFEST and not self.candidate.is_unowned(path):
                yield path

    def add_owners(self) -> None:
        """The models whose own files, or whose `.gitattributes` above them, differ; and those that lost files to a
        manifest further down.
        """
        for path in self.changed:
            owners = {self.candidate.owner(path), self.base.owner(path) if self.base else None}
            self.folders |= {owner for owner in owners if owner in self.candidate.model_folders}
            if posixpath.basename(path) == ".gitattributes":
                above = posixpath.dirname(path)
                self.folders |= {
                    f for f in self.candidate.model_folders if not above or f"{f}/".startswith(f"{above}/")
                }

    def add_benchmarks(self, catalogue: Catalogue) -> None:
        """The models of benchmarks that differ; all of them where one is for all. One that is broken has none."""
        names = {path.split("/")[1] for path in self.changed if path.startswith(f"{BENCHMARKS}/")}
        for name in names:
            path = f"{BENCHMARKS}/{name}/{BENCHMARK}"
            for source in (self.candidate, self.base):
                if source is not None and path in source.snapshot:
                    self._add_models_of(Benchmark(source, path), catalogue)
        for benchmark in self.candidate.benchmarks:
            if self._has_data_elsewhere(benchmark):
                self._add_models_of(benchmark, catalogue)

    def _has_data_elsewhere(self, benchmark: Benchmark) -> bool:
        """Whether a benchmark's data differs that lies outside its folder."""
        try:
            text = benchmark.source.snapshot[benchmark.path]
            # Most name what lies beside them: to see that, they need no parsing.
            if b".." not in text and b"\\" not in text:
                return False
            return resolve(benchmark.folder, benchmark.definition.data.path) in self.changed
        except (UnreadableFile, Broken, Undecidable):
            return False

    def _add_models_of(self, benchmark: Benchmark, catalogue: Catalogue) -> None:
        try:
            definition = benchmark.definition
        except (Broken, Undecidable):
            return
        if definition.all:
            self.folders |= self.candidate.model_folders
        for model in definition.models or ():
            self.folders.update(catalogue.folders.get(model, ()))

    def add_mentioned(self, mentions_of: Callable[[set[str]], Mentions]) -> None:
        """The models that name a differing file outside their folder, be it through a requirements file."""
        named, seen = set(self.changed), set[str]()
        mentions = mentions_of(named)
        while named:
            found = mentions.files_naming(named | self._including(named)) - seen
            seen |= found
            self.folders.update(owner for owner in map(self.candidate.owner, found) if owner is not None)
            named = {path for path in found if posixpath.basename(path) != MANIFEST}

    def _including(self, paths: set[str]) -> set[str]:
        """The requirements files of the models that own one of these: one may include the other."""
        requirements = (path for path in paths if path.lower().endswith(REQUIREMENTS_SUFFIXES))
        owners = {owner for owner in map(self.candidate.owner, requirements) if owner is not None}
        files = (path for owner in owners for path in self.candidate.files_by_model.get(owner, ()))
        return {path for path in files if path.lower().endswith(REQUIREMENTS_SUFFIXES)}

    def add_policy(self, policy: Policy, before: Policy, environment: Environment, catalogue: Catalogue) -> None:
        """The models for whom the policy means something else than before."""
        if policy.exclude != before.exclude:
            self.folders |= self.candidate.model_folders
        differs: dict[tuple[int, int], bool] = {}
        old_environment = next((each for each in before.environments if each.name == environment.name), None)
        for folder in self.candidate.model_folders:
            new = policy.settings(environment, folder)
            old = before.settings(old_environment, folder) if old_environment else None
            key = (id(new), id(old))
            if key not in differs:
                differs[key] = old is None or new.meaning != old.meaning
            if differs[key]:
                self.folders.add(folder)
        for waiver in set(policy.waivers) ^ set(before.waivers):
            self.folders.update(catalogue.folders.get(waiver.model, ()))

    def add_policy_files(self, policy: Policy, environment: Environment) -> None:
        """The models judged by a rule whose options name a differing file."""
        named: dict[int, bool] = {}
        for folder in self.candidate.model_folders:
            settings = policy.settings(environment, folder)
            if id(settings) not in named:
                options = [setting.options for setting in settings.by_code.values()]
                named[id(settings)] = any(self._differs(posixpath.normpath(text)) for text in texts_in(options))
            if named[id(settings)]:
                self.folders.add(folder)

    def _differs(self, text: str) -> bool:
        """Whether a file that an option may name differs, or a requirements file that it includes."""
        if not text.lower().endswith(REQUIREMENTS_SUFFIXES):
            return text in self.changed
        from snitch.dependencies import read_dependencies

        return not self.changed.isdisjoint(read_dependencies(self.candidate.snapshot, text).files)

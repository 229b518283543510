"""What is to be measured: models of a snapshot, each on the benchmarks that name it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from difflib import get_close_matches
from typing import NamedTuple

from snitch.benchmark import Benchmark, of_one_task
from snitch.checking.catalogue import begin_search
from snitch.checking.commits import Asked, Commits, Misuse
from snitch.checking.naming import how_to_begin
from snitch.checking.picking import folder_named
from snitch.checking.run import Options, Run
from snitch.finding import Broken, Undecidable
from snitch.formats.benchmark import BenchmarkDefinition
from snitch.git.command import Git
from snitch.git.snapshots import GitSnapshot
from snitch.layout import PREDICTIONS_SUFFIXES
from snitch.model import Model
from snitch.postponed import Postponed
from snitch.repository import Repository
from snitch.source import resolve
from snitch.stored import Stored, stored


class Subject(NamedTuple):
    """A model and a benchmark that names it."""

    model: Model
    benchmark: Benchmark


def models_named(git: Git, repository: Repository, words: Sequence[tuple[str, str]]) -> list[Model]:
    """The models that people name, each by a word and what it is as a path from the top; all, where nothing is named.

    Raises:
        Misuse: there is none such.
    """
    if not repository.model_folders:
        raise Misuse(f"there is no model here. {how_to_begin(repository, git)}")
    named = [folder_named(word, place, repository) for word, place in words]
    return [Model(repository, folder) for folder in dict.fromkeys(named or sorted(repository.model_folders))]


def models_changed(git: Git, repository: Repository, base: str, policy: str | None) -> list[Model]:
    """The models that a change from a commit touches, as `snitch check --base` tells them.

    Raises:
        GitError: there is no such commit.
        Misuse: there is no model at all.
    """
    snapshot = repository.snapshot
    assert isinstance(snapshot, GitSnapshot)
    commits = Commits(git, Asked(base=base, policy=policy), snapshot)
    run = Run(commits, Options(today=datetime.now(timezone.utc).date()), begin_search(snapshot))
    return [Model(repository, folder) for folder in run.folders]


def files_of(model: Model, later: Postponed) -> Iterator[Stored]:
    """The files that measuring a model takes: weights, the data of its benchmarks, its recorded predictions.

    What keeps one from being told of is left to `later`.
    """
    repository = model.repository
    with later:
        for weights in model.weights:
            yield stored(repository, weights.path, weights.name)
    with later:
        for _, benchmark in subjects_of(model):
            path = resolve(benchmark.folder, benchmark.definition.data.path)
            if path is not None and path in repository.snapshot:
                yield stored(repository, path, path)
    for path in model.files:
        if path.startswith(f"{model.prefix}evaluations/") and path.endswith(PREDICTIONS_SUFFIXES):
            with later:
                yield stored(repository, path, path)


def unnamed(model: Model) -> str:
    """That no benchmark names a model; and which one that names nearly it may mean it."""
    reason = f"no benchmark names {model.name}: benchmarks/<benchmark>/benchmark.yaml lists it in `models`"
    for benchmark in model.repository.benchmarks:
        with suppress(Broken, Undecidable):
            near = get_close_matches(model.name, benchmark.definition.models or (), n=1)
            if near:
                return f"{reason}; {benchmark.place('/models')} lists `{near[0]}`"
    return reason


def require_task(subject: Subject) -> None:
    """A benchmark measures what the model is for.

    Raises:
        Broken: they are of different tasks.
    """
    model, benchmark = subject
    if not of_one_task(model.manifest.task, benchmark.definition.task):
        reason = f"{model.path}: the model is for {model.manifest.task}, and {benchmark.place('/task')} is of "
        raise Broken(f"{reason}{benchmark.definition.task}", reported_by="MET002", path=model.path)


def subjects_of(model: Model) -> list[Subject]:
    """A model with each benchmark that names it, by the benchmark's name.

    Raises:
        Unreadable: the manifest, or a benchmark that may name the model, is not valid.
        Broken: one cannot be had.
    """
    manifest = model.read_manifest()
    repository = model.repository
    found = []
    for benchmark in repository.benchmarks_mentioning(manifest.name):
        try:
            repository.decoded(benchmark.path, BenchmarkDefinition)
        except KeyError:
            raise Broken(f"{benchmark.path} is not there", reported_by="BEN009", path=benchmark.path) from None
        if benchmark.names(manifest.name, manifest.task):
            found.append(Subject(model, benchmark))
    return sorted(found, key=lambda each: each.benchmark.name)

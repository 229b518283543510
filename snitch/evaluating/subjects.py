"""What is to be measured: models of a snapshot, each on the benchmarks that name it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from snitch.benchmark import Benchmark
from snitch.checking.commits import Misuse
from snitch.checking.naming import how_to_begin
from snitch.checking.picking import folder_named
from snitch.finding import Broken
from snitch.formats.benchmark import BenchmarkDefinition
from snitch.git.command import Git
from snitch.model import Model
from snitch.repository import Repository


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

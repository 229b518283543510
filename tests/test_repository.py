"""A snapshot seen as models and benchmarks: who owns which file."""

from __future__ import annotations

import pytest

from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot

PATHS = [
    "snitch.yaml",
    ".github/model.yaml",
    "benchmarks/b/benchmark.yaml",
    "benchmarks/b/model.yaml",
    "models/a/model.yaml",
    "models/a/evaluations/b.json",
    "models/a/.gitkeep",
    "models/a/.cache/x.pkl",
    "models/a/.cache/model.yaml",
    "models/a/inner/model.yaml",
    "models/a/inner/x.py",
    "models/b.model.yaml",
    "sandbox/c/model.yaml",
    "sandbox/c/deep/x.py",
    "src/x.py",
]


@pytest.fixture
def repository() -> Repository:
    return Repository(MemorySnapshot(dict.fromkeys(PATHS, "")), exclude=["sandbox/"])


def test_models_are_folders_with_a_manifest(repository: Repository) -> None:
    assert repository.model_folders == {"models/a", "models/a/inner"}


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("models/a/evaluations/b.json", "models/a"),
        ("models/a/.gitkeep", "models/a"),
        ("models/a/.cache/x.pkl", None),
        ("models/a/inner/x.py", "models/a/inner"),
        ("models/b.model.yaml", None),
        ("sandbox/c/deep/x.py", None),
        ("src/x.py", None),
        ("snitch.yaml", None),
        ("benchmarks/b/model.yaml", None),
    ],
)
def test_the_nearest_manifest_above_a_file_owns_it(repository: Repository, path: str, owner: str | None) -> None:
    assert repository.owner(path) == owner
    assert (owner is not None) == any(path in owned for owned in repository.files_by_model.values())


def test_one_model_at_the_root_owns_what_nobody_else_does() -> None:
    paths = ["model.yaml", "model.skops", "snitch.yaml", "benchmarks/b/data.csv", ".github/x", "other/model.yaml"]
    repository = Repository(MemorySnapshot(dict.fromkeys(paths, "")))
    assert repository.files_by_model == {"": ["model.skops", "model.yaml"], "other": ["other/model.yaml"]}


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("models: [churn]", True),
        ("models:\n- 'churn'", True),
        ("all: true", True),
        ('models: ["ch\\x75rn"]', True),
        ("models: [churner, my-churn, churn.2]", False),
    ],
)
def test_a_benchmark_that_cannot_name_a_model_is_left_unread(text: str, mentions: bool) -> None:
    repository = Repository(MemorySnapshot({"benchmarks/b/benchmark.yaml": text}))
    assert bool(repository.benchmarks_mentioning("churn")) == mentions

"""A scene for each test, and models that are run apart."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from snitch.evaluating.model_process import Answers, Environment, environment_of
from tests.evaluating.apart import runner, watched
from tests.evaluating.measured import Scene


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def environment() -> Environment:
    return environment_of(sys.executable)


@pytest.fixture
def scratches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where models are run; at the end there is no file of theirs, and no process."""
    with watched(tmp_path / "scratches", monkeypatch) as folder:
        yield folder


@pytest.fixture
def run(scratches: Path, tmp_path: Path, environment: Environment) -> Callable[..., Answers]:
    return runner(tmp_path, environment)

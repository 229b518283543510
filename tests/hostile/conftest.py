"""A repository to be attacked: the spotless one, deployed on `main`, `feature` checked out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.judging import SPOTLESS
from tests.repository import Repo, isolate


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture(scope="session")
def spotless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; to be copied."""
    repo = Repo(tmp_path_factory.mktemp("spotless") / "repo")
    repo.commit(SPOTLESS)
    return repo.switch("feature", create=True).path


@pytest.fixture
def repo(spotless: Path, tmp_path: Path) -> Repo:
    shutil.copytree(spotless, tmp_path / "repo", symlinks=True)
    return Repo(tmp_path / "repo")

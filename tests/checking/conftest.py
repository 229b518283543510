"""A model repository on real git: deployed on `main`, worked on in `feature`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judging import SPOTLESS
from tests.repository import Repo, isolate


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """The spotless repository, its tip on `main`, `feature` checked out. Pointers lie in it as they are."""
    repo = Repo(tmp_path / "repo")
    repo.commit(SPOTLESS)
    return repo.switch("feature", create=True)

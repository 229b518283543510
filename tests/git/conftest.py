"""Every test here has a repository of its own, and a git that the machine's configuration does not reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repository import Repo, isolate


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")

"""A model repository on real git whose `main` is production, and a branch to be merged into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judging import SPOTLESS
from tests.repository import Repo, isolate

POLICY = """\
extends: recommended
environments:
  development: {branches: ["*"]}
  production: {branches: [main]}
gate: {approvers: [platform-lead]}
rules:
  metric-regressed: {metrics: {roc_auc: {max_drop: 0.005}}}
"""
DEPLOYED = {**SPOTLESS, "snitch.yaml": POLICY}


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """The spotless repository under a policy of its own, its tip on `main`, `feature` checked out."""
    repo = Repo(tmp_path / "repo")
    repo.commit(DEPLOYED)
    return repo.switch("feature", create=True)

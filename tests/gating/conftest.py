"""A model repository on real git whose `main` is production, and a branch to be merged into it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.judging import SPOTLESS
from tests.repository import ENVIRONMENT, Repo, isolate

#: Behind the pointers of these tests there are neither weights nor examples to look into.
POLICY = """\
extends: recommended
environments:
  development: {branches: ["*"]}
  production: {branches: [main]}
gate: {approvers: [platform-lead]}
rules:
  unsafe-pickle: off
  schema-mismatch: off
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


@pytest.fixture
def run_gate(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `snitch gate` as a process in a repository's checkout, as at noon of a known day."""

    def run(
        repo: Repo, *arguments: str, env: Mapping[str, str] = {}, how: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        started = (sys.executable, *how) if how else (str(Path(sys.executable).parent / "snitch"),)
        command = (*started, "gate", "--now", "2026-11-20T12:00:00Z", *arguments)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "CI"))}
        known = {**kept, **ENVIRONMENT, "HOME": str(tmp_path), "COLUMNS": "120", "NO_COLOR": "1", **env}
        return subprocess.run(
            command, cwd=repo.path, env=known, capture_output=True, text=True, timeout=120, check=False
        )

    return run

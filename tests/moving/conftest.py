"""A server's repository with three environments, and clones of it in which models are moved."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from snitch.git.building import signs
from snitch.git.command import Git
from snitch.moving.branches import Branches
from snitch.moving.plan import Plan
from snitch.moving.preparing import Prepared, made_on, prepare, standing_branch
from snitch.moving.promoting import plan_promotion
from snitch.moving.rolling_back import Back, plan_rollback
from snitch.moving.script import script
from tests.gating.promotions import DEPLOYED, NEW
from tests.gating.witnesses import NOON
from tests.judging import Files
from tests.repository import ENVIRONMENT, Repo, isolate

DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


def at(days: float) -> dict[str, str]:
    """An environment in which a committer's clock says so many days before the gate is asked."""
    return {"GIT_COMMITTER_DATE": f"{NOON - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"}


class Server(Repo):
    """The repository that everybody pushes to; its `main` is production."""

    def put(self, branch: str, files: Files, *, days: float = 5) -> str:
        """Makes a branch hold exactly these files by one commit more."""
        self.switch(branch, create=branch not in self.git("branch", "--format=%(refname:short)").split())
        self.git("rm", "-r", "--quiet", "--ignore-unmatch", ".")
        commit = self.commit(files, env=at(days))
        self.git("checkout", "--quiet", "--detach")
        return commit


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """Production holds 1.4.0; staging 1.5.0."""
    server = Server(tmp_path / "server")
    server.git("commit", "--quiet", "--allow-empty", "--message", "Nothing yet", env=at(40))
    server.put("main", DEPLOYED, days=30)
    server.branch("staging", "main")
    server.put("staging", NEW, days=9)
    return server


@pytest.fixture
def clone(server: Server, tmp_path: Path) -> Repo:
    return server.clone(tmp_path / "clone", "--branch=main")


def promotion(repo: Repo, word: str = "churn", *, fetches: bool = True, **more: Any) -> Plan:
    git = Git(str(repo.path))
    return plan_promotion(Branches(git, fetches=fetches), word, word, **more)


def rollback(repo: Repo, word: str = "churn", *, day: date = DAY, **more: Any) -> Plan:
    git = Git(str(repo.path))
    branches = Branches(git, fetches=True)
    return plan_rollback(branches, word, word, Back(**more), day, lambda name: made_on(git, name, branches.remote))


def prepared(repo: Repo, plan: Plan) -> Prepared:
    return prepare(Git(str(repo.path)), plan)


def files_of(repo: Repo, rev: str) -> dict[str, str]:
    """Every path of a commit with its mode and blob."""
    listed = repo.git("ls-tree", "-r", "-z", "--full-tree", rev)
    return {path: head for head, _, path in (each.partition("\t") for each in listed.split("\0")[:-1])}


def printed(repo: Repo, plan: Plan) -> str:
    git = Git(str(repo.path))
    standing = standing_branch(git, plan)
    return script(plan, existing=standing.commit if standing else None, signs=signs(git), page=None)


def run_script(repo: Repo, text: str, env: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
    """Runs commands as a person would who pastes them into a shell."""
    known = {"PATH": __import__("os").environ["PATH"], "HOME": str(repo.path.parent), **ENVIRONMENT, **env}
    return subprocess.run(["sh"], input=text, cwd=repo.path, env=known, capture_output=True, text=True, check=False)

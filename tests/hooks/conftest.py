"""The hooks as their users get them: cloned from a git URL and installed by pre-commit and by prek, once a session."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hooks.hooked import Models, binaries, spotless
from tests.project import ROOT, tracked
from tests.repository import ENVIRONMENT, Repo, isolate

#: The one place in which a runner of hooks is told where Snitch is.
CONFIGURATION = """\
default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]
repos:
  - repo: {url}
    rev: v0.1.0
    hooks: [{{id: snitch}}, {{id: snitch-push}}]
"""


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all of pytest's workers share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "hooks"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def project(shared: Path) -> str:
    """The git URL of this project as it is in the work tree, tagged as a release."""
    with _once(shared / "project") as needed:
        if needed:
            repo = Repo(shared / "project")
            repo.write({path: (ROOT / path).read_bytes() for path in tracked()})
            repo.commit()
            repo.git("tag", "v0.1.0")
    return f"file://{shared / 'project'}"


@pytest.fixture(scope="session")
def by_pre_commit(project: str, shared: Path) -> Models:
    """A spotless model repository, deployed from `main`, with a branch `work` checked out and pre-commit's hooks."""
    return _hooked(shared, "pre-commit", project, {"PRE_COMMIT_HOME": str(shared / "pre-commit-home")})


@pytest.fixture(scope="session")
def by_prek(project: str, shared: Path) -> Models:
    """The same with prek's hooks."""
    return _hooked(shared, "prek", project, {"PREK_HOME": str(shared / "prek-home")})


@pytest.fixture
def models(by_pre_commit: Models, tmp_path: Path) -> Models:
    """A test's own copy of the repository with pre-commit's hooks."""
    return by_pre_commit.copy(tmp_path / "models")


@pytest.fixture
def prekked(by_prek: Models, tmp_path: Path) -> Models:
    """A test's own copy of the repository with prek's hooks."""
    return by_prek.copy(tmp_path / "models")


@pytest.fixture
def plain(by_pre_commit: Models, tmp_path: Path) -> Models:
    """A test's own copy of the repository with plain git hooks, and with no runner of hooks."""
    models = by_pre_commit.copy(tmp_path / "models")
    for hook in (models.path / ".git" / "hooks").iterdir():
        hook.unlink()
    _run(models, "snitch", "init", "--git-hook")
    # The weights of these tests are pointers to nothing, which Git LFS would not let go.
    models.git("config", "lfs.allowincompletepush", "true")
    return models


def _hooked(shared: Path, runner: str, project: str, settings: dict[str, str]) -> Models:
    path = shared / f"models-{runner}"
    with _once(path) as needed:
        models = Models(path)
        models.settings = {"PATH": binaries(), **settings}
        if needed:
            models.commit(spotless({".pre-commit-config.yaml": CONFIGURATION.format(url=project)}))
            models.switch("work", create=True)
            started = time.monotonic()
            _run(models, runner, "install", "--install-hooks")
            (shared / f"{runner}.seconds").write_text(f"{time.monotonic() - started:.1f}\n")
    return models


def _run(models: Models, *command: str) -> None:
    """Runs a program of this virtual environment in a repository."""
    environment = {**_environment(), **models.settings}
    done = subprocess.run(command, cwd=models.path, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: {done.stdout}{done.stderr}")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "PREK"))}
    kept.setdefault("UV_SYSTEM_CERTS", "true")  # prek installs with uv, which else trusts its own certificates only
    return {**kept, **ENVIRONMENT}


@contextmanager
def _once(path: Path) -> Iterator[bool]:
    """Holds the other workers back while one makes `path`; whether that is for the caller to do."""
    done = path.with_name(f"{path.name}.made")
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        needed = not done.exists()
        yield needed
        if needed:
            done.touch()

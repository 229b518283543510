"""Commands as people run them: in a folder, by their arguments, seen by what they print and how they end."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from snitch.cli.main import run
from tests.judging import SPOTLESS
from tests.repository import Repo, isolate


class Ran(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch)
    for name in ("SNITCH_TRACEBACK", "FORCE_COLOR", "NO_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNITCH_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def snitch(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """`snitch ARGUMENTS` in a folder."""

    def command(*arguments: str, at: Path) -> Ran:
        monkeypatch.chdir(at)
        capfd.readouterr()
        code = run(list(arguments))
        told = capfd.readouterr()
        return Ran(code, told.out, told.err)

    return command


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes of this test end at SIGINT, also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """The spotless repository, its tip deployed on `main`, `feature` checked out. Pointers lie in it as they are."""
    repo = Repo(tmp_path / "repo")
    repo.commit(SPOTLESS)
    return repo.switch("feature", create=True)


@pytest.fixture(scope="session")
def born(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository as `snitch init` makes it. To be read only."""
    root = tmp_path_factory.mktemp("born") / "models"
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        assert run(["init", str(root)]) == 0
    return root


@pytest.fixture
def models(born: Path, tmp_path: Path) -> Repo:
    """A copy of it, to work in."""
    shutil.copytree(born, tmp_path / "models", symlinks=True)
    return Repo(tmp_path / "models")

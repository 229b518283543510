"""A forge for each test: its Git host is one for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forge.server import GitHub
from tests.gate_process.host import GitHost
from tests.gate_process.site import Site
from tests.repository import isolate


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHost]:
    server = GitHost(tmp_path_factory.mktemp("lfs-storage"))
    with server:
        yield server


@pytest.fixture
def site(tmp_path: Path, host: GitHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The repository with its model on `main`, `retrain` checked out. No call breaks the official document."""
    isolate(monkeypatch)
    with GitHub() as github:
        made = Site(tmp_path, host, github)
        yield made
        made.check()

"""Git LFS servers for tests: a real one, and one that does whatever a test says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lfs.faulty import Faulty
from tests.lfs.giftless_server import LfsServer
from tests.repository import Repo, isolate


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do a proxy, certificates or passwords of the machine count."""
    isolate(monkeypatch)
    for name in tuple(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSH_ASKPASS", "NETRC"):
            monkeypatch.delenv(name)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


@pytest.fixture
def lfs_server(tmp_path: Path) -> Iterator[LfsServer]:
    with LfsServer(tmp_path / "lfs-storage") as server:
        yield server


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    with Faulty() as server:
        yield server

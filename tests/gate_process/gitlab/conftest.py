"""A GitLab for each test: its Git host is one for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forge.gitlab_server import GitLab
from tests.gate_process.gitlab.site import GitLabHost, GitLabSite
from tests.repository import isolate


@pytest.fixture(scope="session")
def gitlab_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitLabHost]:
    server = GitLabHost(tmp_path_factory.mktemp("lfs-storage"))
    with server:
        yield server


@pytest.fixture
def lab(tmp_path: Path, gitlab_host: GitLabHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLabSite]:
    """The project with its model on `main`, `retrain` checked out. No call breaks the documentation's rules."""
    isolate(monkeypatch)
    with GitLab() as gitlab:
        site = GitLabSite(tmp_path, gitlab_host, gitlab)
        yield site
        site.check()

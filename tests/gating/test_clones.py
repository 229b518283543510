"""Which clone the gate reads: never that of another repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.gating.clones import clone_for, remote_of
from snitch.git.command import Git
from snitch.git.errors import AbsentObject
from tests.gating.requests import request_for
from tests.repository import Repo

URL = "https://forge.example/acme/models.git"


@pytest.mark.parametrize(
    "written",
    [
        URL,
        "https://forge.example/acme/models",
        "https://x-access-token:s3cret@forge.example/acme/models.git",
        "https://Forge.example/Acme/Models/",
        "git@forge.example:acme/models.git",
        "ssh://git@forge.example/acme/models.git",
    ],
)
def test_a_remote_is_known_however_its_url_is_written(repo: Repo, written: str) -> None:
    repo.git("remote", "add", "fork", "https://forge.example/mallory/models.git")
    repo.git("remote", "add", "upstream", written)
    assert remote_of(Git(str(repo.path)), URL) == "upstream"


@pytest.mark.parametrize(
    "other",
    [
        "https://forge.example/mallory/models.git",
        "https://elsewhere.example/acme/models.git",
        "https://forge.example/acme/models.git.git",
        "https://elsewhere.example/forge.example/acme/models.git",
        "https://forge.example@elsewhere.example/acme/models.git",
    ],
)
def test_the_remote_of_another_repository_is_none_of_ours(repo: Repo, other: str) -> None:
    repo.git("remote", "add", "origin", other)
    assert remote_of(Git(str(repo.path)), URL) is None


def test_beside_a_clone_of_another_repository_one_is_made(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork = repo.clone(tmp_path / "fork")
    clone = fork.clone(tmp_path / "clone")
    monkeypatch.chdir(clone.path)
    with clone_for(request_for(repo), None) as upstream:
        upstream.branch("main")
        assert upstream.git.directory != str(clone.path)
        made = Path(upstream.git.directory)
        assert made.exists()
    assert not made.exists()


def test_what_a_clone_of_its_own_cannot_fetch_is_told_by_its_url(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could run a command in a clone that is gone by then."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with clone_for(request_for(repo), None) as upstream, pytest.raises(AbsentObject) as caught:
        upstream.branch("nowhere")
    url = f"file://{repo.path}"
    assert caught.value.message == f"{url} cannot be fetched from: couldn't find remote ref refs/heads/nowhere"
    assert caught.value.advice == f"Once `git ls-remote {url}` shows what is asked for, run it again"

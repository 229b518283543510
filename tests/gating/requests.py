"""Requests to merge, as a forge's events would tell them, for repositories on this disk."""

from __future__ import annotations

from typing import Any

from snitch.forge.request import Request
from tests.repository import Repo


def request_for(repo: Repo, branch: str = "feature", *, number: int | None = 7, **more: Any) -> Request:
    """Pull request 7 of a branch into `main`; its ref is written into the repository as a forge would."""
    commit = repo.rev(branch)
    ref = f"refs/pull/{number}/head" if number else f"refs/heads/{branch}"
    if number:
        repo.git("update-ref", ref, commit)
    known: dict[str, Any] = {
        "forge": "github",
        "event": "pull_request_target",
        "repository": "acme/models",
        "server": "https://forge.example",
        "api": "https://forge.example/api/v3",
        "git_url": f"file://{repo.path}",
        "target": "main",
        "head": commit,
        "head_ref": ref,
        "number": number,
        "author": "ada",
    }
    return Request(**{**known, **more})

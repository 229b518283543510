"""What the tests' GitLab holds, and how it tells of that."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

PROJECT, FORK = 3001, 3002


@dataclass
class MergeRequest:
    iid: int
    head: str
    branch: str = "retrain"
    target: str = "main"
    author: str | None = "ada"
    source: int | None = PROJECT
    state: str = "opened"
    draft: bool = False
    #: When each head was pushed, newest last.
    versions: list[tuple[str, str]] = field(default_factory=list)
    #: Who approved, and when (None: this server does not say).
    approvals: list[tuple[str, str | None]] = field(default_factory=list)
    title: str = "Retrain churn on November"
    description: str = ""
    #: Its commits but the newest.
    older: list[str] = field(default_factory=list)
    merged_at: str | None = None
    merge_commit: str | None = None
    squash_commit: str | None = None

    @property
    def commits(self) -> list[str | None]:
        """Those that it is found by."""
        return [*self.older, self.head, self.merge_commit, self.squash_commit]


@dataclass
class Note:
    id: int
    user: str
    body: str
    system: bool = False
    edits: int = 0


def user_answer(name: str) -> dict[str, Any]:
    """A user as GitLab tells of one."""
    page = f"https://gitlab.example.com/{name}"
    return {"id": zlib.crc32(name.encode()) or 1, "username": name, "name": name, "state": "active", "web_url": page}


def merge_request_answer(asked: MergeRequest) -> dict[str, Any]:
    return {
        "id": 4000 + asked.iid,
        "iid": asked.iid,
        "project_id": PROJECT,
        "title": asked.title,
        "description": asked.description,
        "state": asked.state,
        "sha": asked.head,
        "source_branch": asked.branch,
        "target_branch": asked.target,
        "source_project_id": asked.source,
        "target_project_id": PROJECT,
        "author": user_answer(asked.author) if asked.author else None,
        "draft": asked.draft,
        "work_in_progress": asked.draft,
        "web_url": f"https://gitlab.example.com/acme/models/-/merge_requests/{asked.iid}",
        "merged_at": asked.merged_at,
        "merge_commit_sha": asked.merge_commit,
        "squash_commit_sha": asked.squash_commit,
    }


def approval_answer(name: str, moment: str | None) -> dict[str, Any]:
    return {"user": user_answer(name), **({"approved_at": moment} if moment else {})}


def version_answer(asked: MergeRequest, head: str, moment: str) -> dict[str, Any]:
    return {"id": 110, "head_commit_sha": head, "created_at": moment, "merge_request_id": 4000 + asked.iid}


def note_answer(asked: MergeRequest, note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "body": note.body,
        "author": user_answer(note.user),
        "created_at": "2026-11-20T09:00:00.000Z",
        "updated_at": "2026-11-20T09:00:00.000Z",
        "system": note.system,
        "noteable_id": 4000 + asked.iid,
        "noteable_iid": asked.iid,
        "noteable_type": "MergeRequest",
        "resolvable": False,
        "confidential": False,
    }

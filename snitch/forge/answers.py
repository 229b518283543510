"""What is read of GitHub's answers; they hold far more. What is not of the shape is refused as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

#: A full object id: it is handed on to git.
Sha = Annotated[str, Meta(pattern=r"\A[0-9a-f]{40}([0-9a-f]{24})?\Z")]


class Account(Struct, frozen=True):
    login: str
    id: int
    type: str = "User"


class Owned(Struct, frozen=True):
    full_name: str


class End(Struct, frozen=True):
    """One side of a pull request; a fork that is gone has no repository."""

    ref: str
    sha: Sha
    repo: Owned | None = None


class PullAnswer(Struct, frozen=True):
    number: int
    state: str
    head: End
    base: End
    user: Account | None
    html_url: str
    merged_at: datetime | None = None
    merge_commit_sha: str | None = None


class ReviewAnswer(Struct, frozen=True):
    state: str
    user: Account | None = None
    commit_id: str | None = None
    submitted_at: str | None = None


class CommentAnswer(Struct, frozen=True):
    id: int
    user: Account | None = None
    body: str | None = None


class StatusAnswer(Struct, frozen=True):
    id: int
    state: Literal["pending", "success", "failure", "error"]
    context: str
    description: str | None = None
    target_url: str | None = None
    creator: Account | None = None


class PermissionAnswer(Struct, frozen=True):
    permission: str


class Made(Struct, frozen=True):
    """Whatever was made or changed."""

    id: int


class CheckRunAnswer(Struct, frozen=True):
    id: int
    name: str
    external_id: str | None = None


class CheckRunsAnswer(Struct, frozen=True):
    check_runs: list[CheckRunAnswer]


class Viewer(Struct, frozen=True):
    login: str
    databaseId: int | None = None  # noqa: N815 - GraphQL's own name


class ViewerData(Struct, frozen=True):
    viewer: Viewer


class ViewerAnswer(Struct, frozen=True):
    data: ViewerData

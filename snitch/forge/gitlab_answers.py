"""What is read of GitLab's answers; they hold far more. What is not of the shape is refused as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from snitch.forge.answers import Sha

Moment = Annotated[datetime, Meta(tz=True)]


class GitLabUser(Struct, frozen=True):
    id: int
    username: str


class ProjectAnswer(Struct, frozen=True):
    id: int


class MergeRequestAnswer(Struct, frozen=True):
    """`source_project_id` is null where the fork is gone."""

    iid: int
    state: str
    #: The newest commit of its branch; once it is merged, the last one that was.
    sha: Sha
    target_branch: str
    target_project_id: int
    source_project_id: int | None = None
    author: GitLabUser | None = None
    merged_at: Moment | None = None
    #: Null where the target was moved forward instead.
    merge_commit_sha: Sha | None = None
    #: Of the commit that stands for all of its own, which a merge commit may follow.
    squash_commit_sha: Sha | None = None


class OpenedAnswer(Struct, frozen=True):
    """A merge request and its page."""

    iid: int
    source_branch: str
    target_branch: str
    web_url: str
    source_project_id: int | None = None


class VersionAnswer(Struct, frozen=True):
    """What a push made of a merge request."""

    head_commit_sha: Sha
    created_at: Moment


class ApprovalRules(Struct, frozen=True):
    """A project's settings; absent where the edition has none."""

    reset_approvals_on_push: bool


class Approval(Struct, frozen=True):
    user: GitLabUser
    #: Not told by older servers.
    approved_at: Moment | None = None


class ApprovalsAnswer(Struct, frozen=True):
    approved_by: tuple[Approval, ...]


class NoteAnswer(Struct, frozen=True):
    """A comment, or with `system` what GitLab itself remarks."""

    id: int
    body: str
    author: GitLabUser | None = None
    system: bool = False


class StatusAnswer(Struct, frozen=True):
    id: int
    name: str
    status: str
    description: str | None = None
    target_url: str | None = None
    author: GitLabUser | None = None

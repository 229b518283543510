"""A request to merge, as the CI's own variables and its event file tell it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ForgeKind = Literal["github", "gitlab"]


class Request(Struct, frozen=True, kw_only=True):
    """Who asks to merge what into which branch.

    Commits are full SHAs. The event is older than the gate that reads it: `base` is what the change is measured from
    only where the event alone knows (a merge queue's entry, a push); else the live tip of `target` is.
    """

    forge: ForgeKind
    #: What set the CI off: `pull_request_target`, `pull_request`, `merge_group`, `push`, `workflow_run`; on GitLab
    #: `merge_request` or `push`.
    event: str
    #: `owner/name` on GitHub, the project's id on GitLab.
    repository: str
    #: Where people look, where programs ask, and where git fetches: URLs without credentials.
    server: str
    api: str
    git_url: str
    #: The branch to merge into.
    target: str
    head: str
    #: The full ref under which the target repository holds the head, be it from a fork: `refs/pull/7/head`.
    head_ref: str
    base: str | None = None
    #: The request's number; None for a push, and for a merge queue's entry of several requests.
    number: int | None = None
    author: str | None = None
    is_fork: bool = False
    is_draft: bool = False
    is_open: bool = True
    #: Whether the author of the request could edit the workflow that runs the gate: then its verdict only advises.
    is_advisory: bool = False
    #: The page of this run of the CI.
    run_url: str = ""

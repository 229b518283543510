"""A request to merge, as the CI's own variables and its event file tell it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ForgeKind = Literal["github", "gitlab"]


class InvalidEvent(Exception):
    """The CI's variables or its event file do not say what they should.

    `where` is the variable, or the JSON pointer in the event file. `str()` of it is the whole message, which of a
    pointer names the file, too.
    """

    def __init__(self, where: str, reason: str, help: str = "") -> None:
        place = f"GITHUB_EVENT_PATH (the event file): {where}" if where.startswith("/") else where
        told = f"{place} {reason}" if reason.startswith("is ") else f"{place}: {reason}"
        super().__init__(f"{told}. {help}" if help else told)
        self.where = where
        self.reason = reason
        self.help = help


class Asked(Struct, frozen=True, kw_only=True):
    """What a run of a CI knows, whether or not it knows into which branch something is to be merged."""

    forge: ForgeKind
    #: What set the CI off: `pull_request_target`, `pull_request`, `pull_request_review`, `merge_group`, `push`,
    #: `workflow_run`; on GitLab `merge_request`, `merge_train` or `push`.
    event: str
    #: `owner/name` on GitHub, the project's id on GitLab.
    repository: str
    #: Where people look, where programs ask, and where git fetches: URLs without credentials.
    server: str
    api: str
    git_url: str
    #: The full SHA of what is to be merged.
    head: str
    #: The page of this run of the CI.
    run_url: str = ""


class Request(Asked, frozen=True, kw_only=True):
    """Who asks to merge what into which branch.

    Commits are full SHAs. The event is older than the gate that reads it: `base` is what the change is measured from
    only where the event alone knows (a merge queue's entry, a push); else the live tip of `target` is.
    """

    #: The branch to merge into.
    target: str
    #: The full ref under which the target repository holds the head, be it from a fork: `refs/pull/7/head`.
    head_ref: str
    base: str | None = None
    #: The request's number; None for a push, and for a merge queue's entry of several requests.
    number: int | None = None
    author: str | None = None
    #: Whether the author of the request could edit the workflow that runs the gate: then its verdict only advises.
    is_advisory: bool = False
    #: Whether the CI gives this run a token that can only read: it does to forks, and to Dependabot.
    is_read_only: bool = False
    #: A file of the certificates that the CI trusts for the server; empty where those of the machine do.
    authorities: str = ""


class UnresolvedRequest(Asked, frozen=True, kw_only=True):
    """What a run that follows another one knows of the request: which commit of which branch, not into what.

    `resolve` of `snitch.forge.resolution` asks the forge for the rest.
    """

    #: The branch that the request comes from, and its repository (None: deleted since).
    head_branch: str
    head_repository: str | None
    #: Requests that the event names; it names none for forks.
    numbers: tuple[int, ...] = ()

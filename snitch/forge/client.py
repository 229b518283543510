"""What Snitch asks of a forge, whichever it is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

#: What a commit status can say; each forge has its own words for them.
StatusState = Literal["pending", "success", "failure", "error"]

#: Under which name statuses stand beside those of the CI's own jobs; the target branch follows after a slash. A status
#: belongs to a commit, which may be asked to merge into several branches: what passes for one counts for no other.
STATUS_NAME = "snitch"


class RequestFacts(Struct, frozen=True, kw_only=True):
    """A request to merge as the forge knows it now; the event that set the CI off is older."""

    number: int
    #: The full SHA of its newest commit.
    head: str
    #: The branch it is to be merged into.
    target: str
    #: None where the forge no longer knows (a deleted account).
    author: str | None
    is_open: bool


class Comment(Struct, frozen=True, kw_only=True):
    """A comment on a request, oldest first by `id`. `is_own`: whoever the token writes as has written it."""

    id: int
    body: str
    author: str | None
    is_own: bool


class Status(Struct, frozen=True, kw_only=True):
    """What a commit status says; `url` is the page of the run that it speaks for."""

    state: StatusState
    description: str
    url: str


class OpenedRequest(Struct, frozen=True, kw_only=True):
    """A request that was opened, and the page where people look at it."""

    number: int
    url: str


class Forge(Protocol):
    """One repository on a forge.

    Every method raises ForgeError where the forge cannot be asked or does not do it, and none takes longer than the
    budget of seconds that all of them share.
    """

    def renewed(self) -> Forge:
        """The same, with a whole budget: judging takes its time between asking and publishing."""
        ...

    def request_of(self, number: int) -> RequestFacts:
        """What is known now of a request."""
        ...

    def requests_of(self, commit: str) -> tuple[RequestFacts, ...]:
        """The requests that a commit came by, or that hold it. Those from forks may be missing: see `requests_from`."""
        ...

    def merged_at(self, commit: str) -> datetime | None:
        """When a request brought this commit to the branch it was for, in UTC; None where none did.

        Of several, for one branch after another, the last.
        """
        ...

    def requests_from(self, repository: str, branch: str) -> tuple[RequestFacts, ...]:
        """The open requests to this repository from a branch of a repository (`owner/name`), be that a fork."""
        ...

    def approvals(self, number: int, head: str) -> frozenset[str]:
        """Who approves of the commit `head` of a request, as far as they may: the author is not taken out.

        Raises:
            Undecidable: the forge does not tell of which commit people approved.
        """
        ...

    def comments(self, number: int) -> tuple[Comment, ...]:
        """All comments of a request, oldest first."""
        ...

    def create_comment(self, number: int, body: str) -> Comment:
        """Writes a comment; where the answer was lost, the one that is there is handed back instead of a second."""
        ...

    def update_comment(self, number: int, comment: int, body: str) -> None:
        """Replaces a comment's text."""
        ...

    def delete_comment(self, number: int, comment: int) -> None:
        """Deletes a comment; one that is gone already is no error."""
        ...

    def statuses(self, commit: str) -> tuple[Status, ...]:
        """What we ourselves have set as `STATUS_NAME/TARGET` of a commit, oldest first; the last one counts.

        A forge that has fewer words than `StatusState` may tell of an error as of a failure.
        """
        ...

    def set_status(self, commit: str, state: StatusState, description: str, url: str) -> None:
        """Sets the status named `STATUS_NAME/TARGET` of a commit; the description is cut to what the forge takes."""
        ...

    def open_request(self, source: str, target: str, title: str, body: str) -> OpenedRequest:
        """Opens a request to merge a branch of this repository; one that is open already is handed back."""
        ...

"""What GitHub knows of branches, pull requests and approvals, and what is written there."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from snitch.forge.answers import (
    Account,
    CheckRunAnswer,
    CheckRunsAnswer,
    CommentAnswer,
    Made,
    PermissionAnswer,
    PullAnswer,
    ReviewAnswer,
    StatusAnswer,
    Viewer,
    ViewerAnswer,
)
from snitch.forge.client import STATUS_NAME, Comment, OpenedRequest, RequestFacts, Status, StatusState
from snitch.forge.connection import Connection
from snitch.forge.errors import ForgeError
from snitch.forge.patience import PATIENCE, Patience
from snitch.forge.request import Request, UnresolvedRequest

#: Levels of access that may approve. GitHub reports `maintain` as write and `triage` as read.
_WRITERS = {"admin", "maintain", "write"}
#: States of a review that replace what the same user said before.
_DECISIVE = {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}


class GitHub:
    """A repository on GitHub, or on a GitHub Enterprise, asked with a token: a `Forge`.

    Every method raises ForgeError where the answer cannot be had; none waits beyond the budget, which begins here and
    begins anew with `renewed`.
    """

    def __init__(self, request: Request | UnresolvedRequest, token: str, patience: Patience = PATIENCE) -> None:
        self._request = request
        self._token = token
        self._patience = patience
        self._connection = Connection(request.api, token, patience)
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", request.repository, re.ASCII):
            raise ForgeError(f"{request.repository!r} is no repository's name", "It looks like `owner/name`")
        self._path = f"/repos/{request.repository}"
        self._viewer: Viewer | None = None

    def renewed(self) -> GitHub:
        """The same, with a whole budget of seconds."""
        return GitHub(self._request, self._token, self._patience)

    def request_of(self, number: int) -> RequestFacts:
        """A pull request, as it is now."""
        return _facts(self._connection.ask("GET", f"{self._path}/pulls/{number}", PullAnswer))

    def requests_of(self, commit: str) -> tuple[RequestFacts, ...]:
        """The pull requests that hold a commit. Those from forks may be missing: see `requests_from`."""
        return tuple(
            _facts(each) for each in self._connection.every(f"{self._path}/commits/{commit}/pulls", PullAnswer)
        )

    def merged_at(self, commit: str) -> datetime | None:
        """When a pull request became this commit of its branch, in UTC; None where none did."""
        found = self._connection.every(f"{self._path}/commits/{commit}/pulls", PullAnswer)
        moments = (each.merged_at for each in found if each.merge_commit_sha == commit)
        return max((each.astimezone(timezone.utc) for each in moments if each is not None), default=None)

    def requests_from(self, repository: str, branch: str) -> tuple[RequestFacts, ...]:
        """The open pull requests of a branch of a repository (`owner/name`), be that a fork."""
        query = {"state": "open", "head": f"{repository.partition('/')[0]}:{branch}"}
        found = self._connection.every(f"{self._path}/pulls", PullAnswer, query)
        # GitHub ignores a head that it does not understand, and gives everything; an owner may have several forks.
        wanted = (repository.lower(), branch)
        return tuple(_facts(each) for each in found if each.head.repo and _source(each) == wanted)

    def approvals(self, number: int, head: str) -> frozenset[str]:
        """Who approves of exactly this head, as the last word they said, and may write to the repository.

        Logins are as GitHub writes them; they are equal whatever their case. Bots do not approve, nor do accounts that
        are gone. The author is not taken out.
        """
        reviews = self._connection.every(f"{self._path}/pulls/{number}/reviews", ReviewAnswer)
        return frozenset(login for login in _approving(reviews, head) if self._may_write(login))

    def _may_write(self, login: str) -> bool:
        path = f"{self._path}/collaborators/{quote(login, safe='')}/permission"
        try:
            return self._connection.ask("GET", path, PermissionAnswer).permission in _WRITERS
        except ForgeError as error:
            if error.kind == "absent":
                return False
            raise

    def comments(self, number: int) -> tuple[Comment, ...]:
        """All comments of a pull request or an issue, oldest first."""
        told = self._connection.every(f"{self._path}/issues/{number}/comments", CommentAnswer)
        return tuple(self._comment(each) for each in sorted(told, key=lambda each: each.id))

    def _comment(self, told: CommentAnswer) -> Comment:
        author = told.user
        is_own = author is not None and _is_same(author, self._who_asks())
        return Comment(id=told.id, body=told.body or "", author=author.login if author else None, is_own=is_own)

    def _who_asks(self) -> Viewer:
        """A user, or the app that the token was made for.

        REST does not tell apps, `GITHUB_TOKEN` among them; GraphQL tells everybody.
        """
        if self._viewer is None:
            self._viewer = self._connection.graphql("{viewer{login databaseId}}", ViewerAnswer).data.viewer
        return self._viewer

    def create_comment(self, number: int, body: str) -> Comment:
        """Writes a comment; where the answer was lost, the one that is there is handed back instead of a second."""

        path = f"{self._path}/issues/{number}/comments"

        def already() -> CommentAnswer | None:
            told = self._connection.every(path, CommentAnswer)
            return next((each for each in told if each.body == body and self._comment(each).is_own), None)

        told = self._connection.create(path, {"body": body}, CommentAnswer, already)
        return Comment(id=told.id, body=body, author=told.user.login if told.user else None, is_own=True)

    def update_comment(self, number: int, comment: int, body: str) -> None:
        """Replaces a comment's text."""
        self._connection.ask("PATCH", f"{self._path}/issues/comments/{comment}", CommentAnswer, body={"body": body})

    def delete_comment(self, number: int, comment: int) -> None:
        """Deletes a comment; one that is gone already is no error."""
        self._connection.delete(f"{self._path}/issues/comments/{comment}")

    @property
    def _context(self) -> str:
        if isinstance(self._request, UnresolvedRequest):
            raise ForgeError("a status is for a branch to merge into, and which that is has not been asked yet")
        return f"{STATUS_NAME}/{self._request.target}"

    def statuses(self, commit: str) -> tuple[Status, ...]:
        """The statuses `snitch/TARGET` of a commit that we ourselves have set, oldest first."""
        told = self._connection.every(f"{self._path}/commits/{commit}/statuses", StatusAnswer)
        named = sorted((each for each in told if each.context == self._context), key=lambda each: each.id)
        return tuple(
            Status(state=each.state, description=each.description or "", url=each.target_url or "")
            for each in named
            if each.creator is not None and _is_same(each.creator, self._who_asks())
        )

    def set_status(self, commit: str, state: StatusState, description: str, url: str) -> None:
        """Sets the status `snitch/TARGET` of a commit; of two, the last one counts.

        The branch is in the name since a status belongs to a commit, and a commit may be asked to merge into several:
        what passes for staging must not count for production.
        """
        body = {"state": state, "context": self._context, "description": description[:140]}
        if url:
            body["target_url"] = url
        self._connection.ask("POST", f"{self._path}/statuses/{commit}", Made, body=body)

    def open_request(self, source: str, target: str, title: str, body: str) -> OpenedRequest:
        """Opens a pull request to merge a branch of this repository; one that is open already is handed back."""
        owner = self._request.repository.partition("/")[0]

        path = f"{self._path}/pulls"

        def already() -> PullAnswer | None:
            query = {"state": "open", "head": f"{owner}:{source}", "base": target}
            found = self._connection.every(path, PullAnswer, query)
            same = (each for each in found if (each.head.ref, each.base.ref) == (source, target))
            return next((each for each in same if _source(each)[0] == self._request.repository.lower()), None)

        sent = {"head": source, "base": target, "title": title, "body": body}
        try:
            told = self._connection.create(path, sent, PullAnswer, already)
        except ForgeError as error:
            found = already() if error.kind == "refused" else None
            if found is None:
                raise
            told = found
        return OpenedRequest(number=told.number, url=told.html_url)

    def create_check_run(self, body: dict[str, Any]) -> int:
        """Makes a check run and gives its id; its name, commit and `external_id` say which one it is."""

        def already() -> CheckRunAnswer | None:
            path = f"{self._path}/commits/{body['head_sha']}/check-runs"
            runs = self._connection.ask("GET", path, CheckRunsAnswer, query={"check_name": body["name"]})
            return next((each for each in runs.check_runs if each.external_id == body["external_id"]), None)

        return self._connection.create(f"{self._path}/check-runs", body, CheckRunAnswer, already).id

    def update_check_run(self, id: int, body: dict[str, Any]) -> None:
        self._connection.ask("PATCH", f"{self._path}/check-runs/{id}", CheckRunAnswer, body=body)


def _facts(told: PullAnswer) -> RequestFacts:
    return RequestFacts(
        number=told.number,
        head=told.head.sha,
        target=told.base.ref,
        author=told.user.login if told.user else None,
        is_open=told.state == "open",
    )


def _source(told: PullAnswer) -> tuple[str, str]:
    return (told.head.repo.full_name.lower() if told.head.repo else "", told.head.ref)


def _is_same(author: Account, viewer: Viewer) -> bool:
    """By the id, which no renaming gives away."""
    if viewer.databaseId is not None:
        return author.id == viewer.databaseId
    return author.login.lower() == viewer.login.lower()


def _approving(reviews: list[ReviewAnswer], head: str) -> list[str]:
    """The logins of those whose last decisive review approves of the head."""
    last: dict[str, ReviewAnswer] = {}
    for review in sorted(reviews, key=_moment):
        user = review.user
        if user and user.type == "User" and not user.login.endswith("[bot]") and review.state in _DECISIVE:
            last[user.login.lower()] = review
    return [
        each.user.login for each in last.values() if each.user and each.state == "APPROVED" and each.commit_id == head
    ]


def _moment(review: ReviewAnswer) -> tuple[str, bool]:
    """When a review was given; in doubt an approval is not the last word."""
    approves = review.state == "APPROVED"
    return review.submitted_at or ("" if approves else "9"), not approves

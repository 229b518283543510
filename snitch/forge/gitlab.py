"""What GitLab knows of branches, merge requests and approvals, and what is written there."""

from __future__ import annotations

from datetime import datetime, timezone
from urllib.parse import quote

from snitch.finding import Undecidable
from snitch.forge.answers import Made
from snitch.forge.client import STATUS_NAME, Comment, OpenedRequest, RequestFacts, Status, StatusState
from snitch.forge.errors import ForgeError
from snitch.forge.gitlab_answers import (
    Approval,
    ApprovalRules,
    ApprovalsAnswer,
    GitLabUser,
    MergeRequestAnswer,
    NoteAnswer,
    OpenedAnswer,
    ProjectAnswer,
    StatusAnswer,
    VersionAnswer,
)
from snitch.forge.gitlab_connection import GitLabConnection
from snitch.forge.patience import PATIENCE, Patience
from snitch.forge.request import Request, UnresolvedRequest
from snitch.forge.token import Token

_STATES: dict[StatusState, str] = {"pending": "pending", "success": "success", "failure": "failed", "error": "failed"}
_UNDER_WAY = frozenset({"created", "pending", "running"})
_LONGEST_DESCRIPTION = 255

_RESET = (
    "Turn on `Remove all approvals when commits are added to the source branch` in the project's settings for merge "
    "request approvals"
)


class GitLab:
    """A project on GitLab, asked with a token: a `Forge`.

    Every method raises ForgeError where the answer cannot be had; none waits beyond the budget, which begins here and
    begins anew with `renewed`.
    """

    def __init__(self, request: Request | UnresolvedRequest, token: Token, patience: Patience = PATIENCE) -> None:
        self._request = request
        self._token = token
        self._patience = patience
        authorities = request.authorities if isinstance(request, Request) else ""
        self._connection = GitLabConnection(request.api, token, patience, authorities)
        if not (request.repository.isascii() and request.repository.isdigit()):
            raise ForgeError(f"{request.repository!r} is no project", "It is a number: CI_PROJECT_ID")
        self._path = f"/projects/{request.repository}"
        self._user: GitLabUser | None = None

    def renewed(self) -> GitLab:
        """The same, with a whole budget of seconds."""
        return GitLab(self._request, self._token, self._patience)

    def request_of(self, number: int) -> RequestFacts:
        """A merge request, as it is now."""
        return self._facts(self._connection.ask("GET", self._merge_request(number), MergeRequestAnswer))

    def requests_of(self, commit: str) -> tuple[RequestFacts, ...]:
        """The merge requests to this project that a commit came by, or that hold it."""
        found = self._connection.every(f"{self._path}/repository/commits/{commit}/merge_requests", MergeRequestAnswer)
        return tuple(self._facts(each) for each in found if self._is_of_here(each))

    def merged_at(self, commit: str) -> datetime | None:
        """When a merge request brought this commit to its branch, in UTC; None where none did.

        Where a branch is moved forward to what was asked for, all of that comes to it at once, each commit with the
        date that its author gave it.
        """
        found = self._connection.every(f"{self._path}/repository/commits/{commit}/merge_requests", MergeRequestAnswer)
        moments = (each.merged_at for each in found if self._is_of_here(each) and _brought(each, commit))
        return max((each.astimezone(timezone.utc) for each in moments if each is not None), default=None)

    def requests_from(self, repository: str, branch: str) -> tuple[RequestFacts, ...]:
        """The open merge requests of a branch of a project (its path or its id), be that a fork."""
        project = self._connection.ask("GET", f"/projects/{quote(repository, safe='')}", ProjectAnswer).id
        query = {"state": "opened", "source_branch": branch, "scope": "all"}
        found = self._connection.every(f"{self._path}/merge_requests", MergeRequestAnswer, query)
        return tuple(self._facts(each) for each in found if each.source_project_id == project)

    def _is_of_here(self, told: MergeRequestAnswer) -> bool:
        return str(told.target_project_id) == self._request.repository

    def _facts(self, told: MergeRequestAnswer) -> RequestFacts:
        if not self._is_of_here(told):
            raise ForgeError(f"merge request {told.iid} is to another project", kind="misunderstood")
        return RequestFacts(
            number=told.iid,
            head=told.sha,
            target=told.target_branch,
            author=told.author.username if told.author else None,
            is_open=told.state == "opened",
        )

    def approvals(self, number: int, head: str) -> frozenset[str]:
        """Who approves of exactly this head. The author is not taken out.

        GitLab does not tell which commit somebody approved. Where a push takes all approvals away, those that are left
        are for what was pushed last; and since that happens some time after the push, those are left out that are
        older than it, where the server tells when they were given.

        Raises:
            Undecidable: approvals outlive a push here, or the head is no longer the merge request's newest commit.
        """
        self._demand_reset()
        given = self._connection.ask("GET", f"{self._merge_request(number)}/approvals", ApprovalsAnswer).approved_by
        # After the approvals: what is pushed in between must not inherit them.
        pushes = self._connection.every(f"{self._merge_request(number)}/versions", VersionAnswer)
        newest = max(pushes, key=lambda push: push.created_at, default=None)
        if newest is None or newest.head_commit_sha != head:
            raise Undecidable(f"approvals are no longer for {head}", help="Judge what was pushed since")
        return frozenset(each.user.username for each in given if _is_of(each, newest))

    def _demand_reset(self) -> None:
        try:
            keeps = not self._connection.ask("GET", f"{self._path}/approvals", ApprovalRules).reset_approvals_on_push
        except ForgeError as error:
            if error.kind != "absent":
                raise
            raise Undecidable(
                "this GitLab does not say whether approvals outlive a push: nobody knows what they are for",
                help="GitLab Premium can take them away on a push; else name who approved with --approved-by",
            ) from None
        if keeps:
            raise Undecidable("approvals outlive a push in this project: nobody knows what they are for", help=_RESET)

    def comments(self, number: int) -> tuple[Comment, ...]:
        """All notes of a merge request that somebody wrote, oldest first."""
        query = {"sort": "asc", "order_by": "created_at"}
        told = self._connection.every(f"{self._merge_request(number)}/notes", NoteAnswer, query)
        written = sorted((each for each in told if not each.system), key=lambda each: each.id)
        user = self._who_asks() if written else None
        return tuple(_comment(each, user) for each in written)

    def _who_asks(self) -> GitLabUser:
        """The user that the token is of; a project's token has one of its own."""
        if self._user is None:
            self._user = self._connection.ask("GET", "/user", GitLabUser)
        return self._user

    def create_comment(self, number: int, body: str) -> Comment:
        """Writes a note; where the answer was lost, the one that is there is handed back instead of a second."""
        user = self._who_asks()
        path = f"{self._merge_request(number)}/notes"

        def already() -> NoteAnswer | None:
            told = self._connection.every(path, NoteAnswer, {"sort": "asc", "order_by": "created_at"})
            return next((each for each in told if each.author == user and each.body == body), None)

        return _comment(self._connection.create(path, {"body": body}, NoteAnswer, already), user)

    def update_comment(self, number: int, comment: int, body: str) -> None:
        """Replaces a note's text."""
        self._connection.ask("PUT", f"{self._merge_request(number)}/notes/{comment}", NoteAnswer, body={"body": body})

    def delete_comment(self, number: int, comment: int) -> None:
        """Deletes a note; one that is gone already is no error."""
        self._connection.delete(f"{self._merge_request(number)}/notes/{comment}")

    @property
    def _status_name(self) -> str:
        if isinstance(self._request, UnresolvedRequest):
            raise ForgeError("a status is for a branch to merge into, and which that is has not been asked yet")
        return f"{STATUS_NAME}/{self._request.target}"

    def statuses(self, commit: str) -> tuple[Status, ...]:
        """The statuses `snitch/TARGET` of a commit that we ourselves have set, oldest first; an error is a failure."""
        query = {"name": self._status_name, "all": "true"}
        told = self._connection.every(f"{self._path}/repository/commits/{commit}/statuses", StatusAnswer, query)
        named = sorted((each for each in told if each.name == self._status_name), key=lambda each: each.id)
        return tuple(_status(each) for each in named if each.author is not None and each.author == self._who_asks())

    def set_status(self, commit: str, state: StatusState, description: str, url: str) -> None:
        """Sets the status `snitch/TARGET` of a commit; that it is pending already is no error."""
        body = {
            "state": _STATES[state],
            "name": self._status_name,
            "description": description[:_LONGEST_DESCRIPTION],
        }
        if url:
            body["target_url"] = url
        try:
            self._connection.ask("POST", f"{self._path}/statuses/{commit}", Made, body=body)
        except ForgeError as error:
            # There is no way from `pending` to `pending`; of what is finished GitLab makes another status.
            if state != "pending" or "Cannot transition status" not in error.message:
                raise

    def open_request(self, source: str, target: str, title: str, body: str) -> OpenedRequest:
        """Opens a merge request of a branch of this project; one that is open already is handed back."""
        path = f"{self._path}/merge_requests"

        def already() -> OpenedAnswer | None:
            query = {"state": "opened", "source_branch": source, "target_branch": target, "scope": "all"}
            found = self._connection.every(path, OpenedAnswer, query)
            same = (each for each in found if (each.source_branch, each.target_branch) == (source, target))
            return next((each for each in same if str(each.source_project_id) == self._request.repository), None)

        sent = {"source_branch": source, "target_branch": target, "title": title, "description": body}
        # Asked first: a second one is refused with the status of what is busy, and would be tried again and again.
        told = already() or self._connection.create(path, sent, OpenedAnswer, already)
        return OpenedRequest(number=told.iid, url=told.web_url)

    def _merge_request(self, number: int) -> str:
        return f"{self._path}/merge_requests/{number}"


def project_of(api: str, path: str, token: Token, patience: Patience = PATIENCE) -> int:
    """The id of a project, by its path.

    Raises:
        ForgeError: the server knows no such project, or cannot be asked.
    """
    connection = GitLabConnection(api, token, patience)
    return connection.ask("GET", f"/projects/{quote(path, safe='')}", ProjectAnswer).id


def _brought(told: MergeRequestAnswer, commit: str) -> bool:
    """Whether a merge request that holds a commit, or became it, is how that came to its branch.

    What was merged as another commit has its own ones beside the branch, not on it.
    """
    became = told.merge_commit_sha or told.squash_commit_sha or told.sha
    return told.state == "merged" and became in (commit, told.sha)


def _is_of(approval: Approval, push: VersionAnswer) -> bool:
    return approval.approved_at is None or approval.approved_at >= push.created_at


def _status(told: StatusAnswer) -> Status:
    """Of what is neither finished well nor under way, as what was cancelled, nothing good is assumed."""
    under_way: StatusState = "pending" if told.status in _UNDER_WAY else "failure"
    state: StatusState = "success" if told.status == "success" else under_way
    return Status(state=state, description=told.description or "", url=told.target_url or "")


def _comment(note: NoteAnswer, user: GitLabUser | None) -> Comment:
    author = note.author
    return Comment(
        id=note.id,
        body=note.body,
        author=author.username if author else None,
        is_own=author is not None and user is not None and author.id == user.id,
    )

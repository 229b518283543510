"""What the tests' own GitHub holds: one repository, its pull requests, comments, statuses, check runs and issues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any
from zlib import crc32

from tests.forge.official import named

REPOSITORY = "acme/models"
ACTIONS = "github-actions[bot]"


@dataclass
class Pull:
    """A pull request. `fork` is the full name of the repository it comes from."""

    number: int
    head: str
    branch: str = "retrain"
    base: str = "main"
    author: str = "ada"
    fork: str = REPOSITORY
    state: str = "open"
    draft: bool = False
    title: str = "Retrain"
    body: str | None = None
    #: When it was merged, and as which commit of its target.
    merged_at: str | None = None
    merged_as: str | None = None


@dataclass
class Review:
    user: str | None
    state: str
    commit: str | None
    submitted: str = "2026-11-20T09:00:00Z"


@dataclass
class Comment:
    id: int
    user: str
    body: str
    edits: int = 0


@dataclass
class State:
    """The repository as it is now. Whoever asks is `viewer`, and may write where `writable`."""

    #: Where the server is: clients follow the `url` of what they are given.
    api: str = "http://127.0.0.1"
    viewer: str = ACTIONS
    writable: bool = True
    branches: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    reviews: dict[int, list[Review]] = field(default_factory=dict)
    #: Levels of access by login: admin, write, read, none.
    permissions: dict[str, str] = field(default_factory=dict)
    comments: dict[int, list[Comment]] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    check_runs: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    #: Whether `commits/{sha}/pulls` knows the pull requests of forks; the true one does not always.
    knows_forks: bool = True
    ids: Callable[[], int] = field(default_factory=lambda: count(1001).__next__)

    def comment(self, number: int, user: str, body: str) -> Comment:
        """Somebody writes a comment, in another way than through the API."""
        made = Comment(self.ids(), user, body)
        self.comments.setdefault(number, []).append(made)
        return made

    def status(self, sha: str, creator: str, **values: Any) -> dict[str, Any]:
        """Somebody sets a status, in another way than through the API."""
        made = {"context": "default", "description": None, "target_url": None, **values}
        made |= {"id": self.ids(), "sha": sha, "creator": creator}
        self.statuses.append(made)
        return made

    def bodies(self, number: int, user: str = ACTIONS) -> list[str]:
        """The comments of a user on a pull request, oldest first."""
        return [each.body for each in self.comments.get(number, ()) if each.user == user]

    def moment(self) -> str:
        """A time later than that of everything made before."""
        made = datetime(2026, 11, 20, 10, tzinfo=timezone.utc) + timedelta(seconds=self.ids())
        return made.strftime("%Y-%m-%dT%H:%M:%SZ")


def person(login: str | None) -> dict[str, Any] | None:
    """An account: a bot where its login says so, nobody where it is gone."""
    if login is None:
        return None
    kind = "Bot" if login.endswith("[bot]") else "User"
    return named("simple-user", login=login, id=account_id(login), type=kind)


def account_id(login: str) -> int:
    return crc32(login.lower().encode())


def repository(state: State, full_name: str) -> dict[str, Any]:
    owner, name = full_name.split("/")
    url = f"{state.api}/repos/{full_name}"
    return named("repository", full_name=full_name, name=name, owner=person(owner), url=url)


def pull_values(state: State, pull: Pull) -> dict[str, Any]:
    """What an answer says of a pull request, in the long form and in the short one."""
    source, owner = repository(state, pull.fork), pull.fork.split("/")[0]
    return {
        "url": f"{state.api}/repos/{REPOSITORY}/pulls/{pull.number}",
        "issue_url": f"{state.api}/repos/{REPOSITORY}/issues/{pull.number}",
        "number": pull.number,
        "state": pull.state,
        "draft": pull.draft,
        "merged_at": pull.merged_at,
        "merge_commit_sha": pull.merged_as,
        "title": pull.title,
        "body": pull.body,
        "user": person(pull.author),
        "html_url": f"https://github.example/{REPOSITORY}/pull/{pull.number}",
        "head": _end(pull.branch, pull.head, owner, source),
        "base": _end(pull.base, "b" * 40, REPOSITORY.split("/")[0], repository(state, REPOSITORY)),
    }


def _end(branch: str, sha: str, owner: str, source: dict[str, Any]) -> dict[str, Any]:
    return {"label": f"{owner}:{branch}", "ref": branch, "sha": sha, "user": person(owner), "repo": source}


def comment_values(state: State, comment: Comment, number: int) -> dict[str, Any]:
    return {
        "url": f"{state.api}/repos/{REPOSITORY}/issues/comments/{comment.id}",
        "id": comment.id,
        "body": comment.body,
        "user": person(comment.user),
        "html_url": f"https://github.example/{REPOSITORY}/pull/{number}#issuecomment-{comment.id}",
    }

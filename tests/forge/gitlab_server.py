"""The tests' own GitLab: one project, its merge requests, notes, approvals and statuses.

    with GitLab() as gitlab:
        gitlab.merge_requests[7] = MergeRequest(7, head="1" * 40)
        gitlab.fail("POST .*/notes", server_error(502))

Every request and every answer is held against `gitlab_api`; what breaks its rules is refused and kept in `faults`.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.datastructures import Headers

from tests.forge.carrier import Answer, Fault, ScriptedServer
from tests.forge.gitlab_api import Operation, answer_faults, operation_of, request_faults

TOKEN = "glpat-" + "S3cret" * 4
JOB_TOKEN = "glcbt-64_" + "S3cret" * 4
PROJECT, FORK = 3001, 3002
PATHS = {"acme/models": PROJECT, "mallory/models": FORK}
BOT = "project_3001_bot_5f1d"

_JSON = {"Content-Type": "application/json"}


def refusal(status: int, message: Any, **headers: str) -> Fault:
    """An error as GitLab words it."""
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status, {**_JSON, **stated}, json.dumps({"message": message}).encode())


READ_ONLY = refusal(403, "403 Forbidden")
BAD_TOKEN = refusal(401, "401 Unauthorized")


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
    title: str = "Retrain churn on November"
    description: str = ""
    #: When each head was pushed, newest last.
    versions: list[tuple[str, str]] = field(default_factory=list)
    #: Who approved, and when (None: this server does not say).
    approvals: list[tuple[str, str | None]] = field(default_factory=list)


@dataclass
class Note:
    id: int
    user: str
    body: str
    system: bool = False
    edits: int = 0


class Refusal(Exception):
    def __init__(self, status: int, message: Any) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class GitLab(ScriptedServer):
    """The server and what it holds. The token's user is `viewer`, who may write where `writable`."""

    def __init__(self) -> None:
        super().__init__("/api/v4")
        self.viewer = BOT
        self.writable = True
        #: Whether a push takes approvals away; None where the edition has no such setting.
        self.resets: bool | None = True
        self.branches: dict[str, str] = {}
        self.merge_requests: dict[int, MergeRequest] = {}
        self.notes: dict[int, list[Note]] = {}
        self.statuses: list[dict[str, Any]] = []
        self._last_id = 1000

    def note(self, number: int, user: str, body: str, *, system: bool = False) -> Note:
        """Somebody writes a note, in another way than through the API."""
        made = Note(self._new_id(), user, body, system)
        self.notes.setdefault(number, []).append(made)
        return made

    def bodies(self, number: int, user: str = BOT) -> list[str]:
        """The notes of a user on a merge request, oldest first."""
        return [each.body for each in self.notes.get(number, ()) if each.user == user]

    def perform(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        path, query = self.shown(urlsplit(target).path), dict(parse_qsl(urlsplit(target).query))
        known = operation_of(method, path)
        if known is None:
            self.faults.append(f"{method} {path}: not in the documentation")
            return _told(404, {"error": "404 Not Found"})
        operation, named = known
        sent = json.loads(body) if body else None
        if wrong := request_faults(operation, query, sent):
            self.faults.append(f"{operation.name}: {wrong}")
            return _told(400, {"error": f"{wrong}"})
        try:
            self._admit(method, headers)
            told = self._do(operation, named, query, sent or {})
            status = operation.status
        except Refusal as error:
            status, told = error.status, {"message": error.message}
        stated: dict[str, str] = {}
        if isinstance(told, list):
            told, stated = _page(told, query)
        if wrong := answer_faults(operation, status, told):
            self.faults.append(f"answer to {operation.name}: {wrong}")
        return _told(status, told, stated)

    def _admit(self, method: str, headers: Headers) -> None:
        if headers.get("JOB-TOKEN") == JOB_TOKEN:
            # The token of a job opens none of these: who holds it is nobody.
            raise Refusal(*((404, "404 Project Not Found") if method == "GET" else (401, "401 Unauthorized")))
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "401 Unauthorized")
        if method != "GET" and not self.writable:
            raise Refusal(403, "403 Forbidden")

    def _do(self, operation: Operation, named: dict[str, str], query: dict[str, str], body: dict[str, Any]) -> Any:
        if operation.name == "user":
            return user(self.viewer)
        if operation.name == "project":
            return {"id": self._project(unquote(named["project"]))}
        self._own(named["project"])
        if "iid" in named:
            return self._of_request(operation, self._merge_request(int(named["iid"])), named, body)
        if operation.name == "branch":
            return self._branch(unquote(named["branch"]))
        if operation.name == "approval settings":
            if self.resets is None:
                raise Refusal(404, "404 Not Found")
            return {"reset_approvals_on_push": self.resets, "selective_code_owner_removals": False}
        if operation.name == "set status":
            return self._status(named["sha"], body)
        if operation.name == "create merge request":
            return self._open(body)
        found = [each for each in self.merge_requests.values() if each.state == "opened"]
        found = [each for each in found if each.target == query.get("target_branch", each.target)]
        return [_merge_request(each) for each in found if each.branch == query["source_branch"]]

    def _open(self, body: dict[str, Any]) -> Any:
        source, target = body["source_branch"], body["target_branch"]
        for each in self.merge_requests.values():
            if (each.branch, each.target, each.source, each.state) == (source, target, PROJECT, "opened"):
                words = f"Another open merge request already exists for this source branch: !{each.iid}"
                raise Refusal(409, [words])
        if source not in self.branches:
            raise Refusal(400, {"source_branch": ["does not exist"]})
        made = MergeRequest(self._new_id(), self.branches[source], source, target, self.viewer)
        made.title, made.description = body["title"], body.get("description", "")
        self.merge_requests[made.iid] = made
        return _merge_request(made)

    def _of_request(
        self, operation: Operation, asked: MergeRequest, named: dict[str, str], body: dict[str, Any]
    ) -> Any:
        notes = self.notes.setdefault(asked.iid, [])
        if operation.name == "merge request":
            return _merge_request(asked)
        if operation.name == "approvals":
            return {"approved_by": [_approval(name, moment) for name, moment in asked.approvals], "approved": True}
        if operation.name == "versions":
            return [_version(asked, *each) for each in reversed(asked.versions)]
        if operation.name == "notes":
            return [_note(asked, each) for each in notes]
        if operation.name == "create note":
            return _note(asked, self.note(asked.iid, self.viewer, body["body"]))
        note = next((each for each in notes if each.id == int(named["note"])), None)
        if note is None:
            raise Refusal(404, "404 Note Not Found")
        if note.user != self.viewer:
            raise Refusal(403, "403 Forbidden")
        if operation.name == "delete note":
            notes.remove(note)
            return None
        note.body, note.edits = body["body"], note.edits + 1
        return _note(asked, note)

    def _branch(self, name: str) -> Any:
        if name not in self.branches:
            raise Refusal(404, "404 Branch Not Found")
        tip = self.branches[name]
        return {"name": name, "protected": True, "commit": {"id": tip, "short_id": tip[:8], "title": "Retrain"}}

    def _status(self, sha: str, body: dict[str, Any]) -> Any:
        last = next(
            (each for each in reversed(self.statuses) if (each["sha"], each["name"]) == (sha, body["name"])), None
        )
        if last and last["status"] == body["state"] == "pending":
            raise Refusal(
                400, "Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition)"
            )
        told = {"id": self._new_id(), "sha": sha, "status": body["state"], **body}
        self.statuses.append(told)
        return told

    def _project(self, name: str) -> int:
        if name not in PATHS and name not in map(str, PATHS.values()):
            raise Refusal(404, "404 Project Not Found")
        return PATHS.get(name) or int(name)

    def _own(self, project: str) -> None:
        if project != str(PROJECT):
            raise Refusal(404, "404 Project Not Found")

    def _merge_request(self, iid: int) -> MergeRequest:
        if iid not in self.merge_requests:
            raise Refusal(404, "404 Not found")
        return self.merge_requests[iid]

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id


def user(name: str) -> dict[str, Any]:
    """A user as GitLab tells of one."""
    page = f"https://gitlab.example.com/{name}"
    return {"id": zlib.crc32(name.encode()) or 1, "username": name, "name": name, "state": "active", "web_url": page}


def _merge_request(asked: MergeRequest) -> dict[str, Any]:
    return {
        "id": 4000 + asked.iid,
        "iid": asked.iid,
        "project_id": PROJECT,
        "title": asked.title,
        "state": asked.state,
        "sha": asked.head,
        "source_branch": asked.branch,
        "target_branch": asked.target,
        "source_project_id": asked.source,
        "target_project_id": PROJECT,
        "author": user(asked.author) if asked.author else None,
        "draft": asked.draft,
        "work_in_progress": asked.draft,
        "web_url": f"https://gitlab.example.com/acme/models/-/merge_requests/{asked.iid}",
    }


def _approval(name: str, moment: str | None) -> dict[str, Any]:
    return {"user": user(name), **({"approved_at": moment} if moment else {})}


def _version(asked: MergeRequest, head: str, moment: str) -> dict[str, Any]:
    return {"id": 110, "head_commit_sha": head, "created_at": moment, "merge_request_id": 4000 + asked.iid}


def _note(asked: MergeRequest, note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "body": note.body,
        "author": user(note.user),
        "created_at": "2026-11-20T09:00:00.000Z",
        "updated_at": "2026-11-20T09:00:00.000Z",
        "system": note.system,
        "noteable_id": 4000 + asked.iid,
        "noteable_iid": asked.iid,
        "noteable_type": "MergeRequest",
        "resolvable": False,
        "confidential": False,
    }


def _page(items: list[Any], query: dict[str, str]) -> tuple[list[Any], dict[str, str]]:
    size, page = int(query.get("per_page", 20)), int(query.get("page", 1))
    following = str(page + 1) if page * size < len(items) else ""
    return items[(page - 1) * size : page * size], {"X-Next-Page": following, "X-Page": str(page)}


def _told(status: int, told: Any, stated: dict[str, str] | None = None) -> Answer:
    return Answer(status, {**_JSON, **(stated or {})}, b"" if told is None else json.dumps(told).encode())

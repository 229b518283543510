"""The tests' own GitLab: one project, its merge requests, notes, approvals and statuses.

    with GitLab() as gitlab:
        gitlab.merge_requests[7] = MergeRequest(7, head="1" * 40)
        gitlab.fail("POST .*/notes", server_error(502))

Every request and every answer is held against `gitlab_api`; what breaks its rules is refused and kept in `faults`.
"""

from __future__ import annotations

import json
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.datastructures import Headers

from tests.forge.carrier import Answer, Fault, ScriptedServer
from tests.forge.gitlab_api import Operation, answer_faults, operation_of, request_faults
from tests.forge.gitlab_state import (
    FORK,
    PROJECT,
    MergeRequest,
    Note,
    approval_answer,
    merge_request_answer,
    note_answer,
    user_answer,
    version_answer,
)

TOKEN = "glpat-" + "S3cret" * 4
JOB_TOKEN = "glcbt-64_" + "S3cret" * 4
PATHS = {"acme/models": PROJECT, "mallory/models": FORK}
BOT = "project_3001_bot_5f1d"

_JSON = {"Content-Type": "application/json"}


def refusal(status: int, message: Any, **headers: str) -> Fault:
    """An error as GitLab words it."""
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status, {**_JSON, **stated}, json.dumps({"message": message}).encode())


READ_ONLY = refusal(403, "403 Forbidden")
BAD_TOKEN = refusal(401, "401 Unauthorized")


class Refusal(Exception):
    def __init__(self, status: int, message: Any) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class GitLab(ScriptedServer):
    """The server and what it holds. The token's user is `viewer`, who may write where `writable`."""

    def __init__(self, tls: SSLContext | None = None) -> None:
        super().__init__("/api/v4", tls)
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

    def status(self, sha: str, author: str, **values: Any) -> dict[str, Any]:
        """Somebody sets a status, in another way than through the API."""
        told = {"description": None, "target_url": None, **values, "status": values["state"]}
        made = {"id": self._new_id(), "sha": sha, "author": user_answer(author), **told}
        self.statuses.append(made)
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
            return user_answer(self.viewer)
        if operation.name == "project":
            return {"id": self._project(unquote(named["project"]))}
        self._own(named["project"])
        if "iid" in named:
            return self._of_request(operation, self._merge_request(int(named["iid"])), named, body)
        if operation.name == "approval settings":
            if self.resets is None:
                raise Refusal(404, "404 Not Found")
            return {"reset_approvals_on_push": self.resets, "selective_code_owner_removals": False}
        if "sha" in named:
            return self._of_commit(operation, named["sha"], query, body)
        if operation.name == "create merge request":
            return self._open(body)
        return [merge_request_answer(each) for each in self._opened(query["source_branch"], query.get("target_branch"))]

    def _opened(self, source: str, target: str | None) -> list[MergeRequest]:
        found = (each for each in self.merge_requests.values() if each.branch == source and each.state == "opened")
        return [each for each in found if target in (None, each.target)]

    def _open(self, body: dict[str, Any]) -> Any:
        source, target = body["source_branch"], body["target_branch"]
        for each in self._opened(source, target):
            if each.source == PROJECT:
                told = f"Another open merge request already exists for this source branch: !{each.iid}"
                raise Refusal(409, [told])
        if source not in self.branches:
            raise Refusal(400, {"source_branch": ["does not exist"]})
        number = max(self.merge_requests, default=0) + 1
        made = MergeRequest(number, self.branches[source], source, target, self.viewer, title=body["title"])
        made.description = body.get("description", "")
        self.merge_requests[number] = made
        return merge_request_answer(made)

    def _of_request(
        self, operation: Operation, asked: MergeRequest, named: dict[str, str], body: dict[str, Any]
    ) -> Any:
        notes = self.notes.setdefault(asked.iid, [])
        if operation.name == "merge request":
            return merge_request_answer(asked)
        if operation.name == "approvals":
            return {
                "approved_by": [approval_answer(name, moment) for name, moment in asked.approvals],
                "approved": True,
            }
        if operation.name == "versions":
            return [version_answer(asked, *each) for each in reversed(asked.versions)]
        if operation.name == "notes":
            return [note_answer(asked, each) for each in notes]
        if operation.name == "create note":
            return note_answer(asked, self.note(asked.iid, self.viewer, body["body"]))
        note = next((each for each in notes if each.id == int(named["note"])), None)
        if note is None:
            raise Refusal(404, "404 Note Not Found")
        if note.user != self.viewer:
            raise Refusal(403, "403 Forbidden")
        if operation.name == "delete note":
            notes.remove(note)
            return None
        note.body, note.edits = body["body"], note.edits + 1
        return note_answer(asked, note)

    def _of_commit(self, operation: Operation, sha: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        if operation.name == "merge requests of a commit":
            return [merge_request_answer(each) for each in self.merge_requests.values() if sha in each.commits]
        if operation.name == "set status":
            return self._status(sha, body)
        named = [each for each in self.statuses if (each["sha"], each["name"]) == (sha, query["name"])]
        return named if query.get("all") == "true" else named[-1:]

    def _status(self, sha: str, body: dict[str, Any]) -> Any:
        last = next(
            (each for each in reversed(self.statuses) if (each["sha"], each["name"]) == (sha, body["name"])), None
        )
        if last and last["status"] == body["state"] == "pending":
            raise Refusal(
                400, "Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition)"
            )
        return self.status(sha, self.viewer, **body)

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


def _page(items: list[Any], query: dict[str, str]) -> tuple[list[Any], dict[str, str]]:
    size, page = int(query.get("per_page", 20)), int(query.get("page", 1))
    following = str(page + 1) if page * size < len(items) else ""
    return items[(page - 1) * size : page * size], {"X-Next-Page": following, "X-Page": str(page)}


def _told(status: int, told: Any, stated: dict[str, str] | None = None) -> Answer:
    return Answer(status, {**_JSON, **(stated or {})}, b"" if told is None else json.dumps(told).encode())

"""What GitLab's documentation says of the few requests that are sent: JSON Schemas of what is asked and answered.

GitLab's own description of its API may not be copied under this project's licence; these are written from its pages on
merge requests, notes, approvals, commits and users, and hold what those call required or show in examples.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

_SHA: Schema = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
_MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "integer", "minimum": 1}
_FLAG: Schema = {"type": "boolean"}


def _object(required: Schema, optional: Schema | None = None, *, closed: bool = False) -> Schema:
    properties = {**required, **(optional or {})}
    return {
        "type": "object",
        "required": sorted(required),
        "properties": properties,
        "additionalProperties": not closed,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


_USER = _object({"id": _ID, "username": _TEXT, "name": _TEXT, "state": _TEXT, "web_url": _TEXT})
_NOTE = _object(
    {
        "id": _ID,
        "body": _TEXT,
        "author": _USER,
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
        "system": _FLAG,
        "noteable_id": _ID,
        "noteable_iid": _ID,
        "noteable_type": {"const": "MergeRequest"},
        "resolvable": _FLAG,
        "confidential": _FLAG,
    }
)
_MERGE_REQUEST = _object(
    {
        "id": _ID,
        "iid": _ID,
        "project_id": _ID,
        "title": _TEXT,
        "state": {"enum": ["opened", "closed", "locked", "merged"]},
        "sha": _SHA,
        "source_branch": _TEXT,
        "target_branch": _TEXT,
        "source_project_id": _or_null(_ID),
        "target_project_id": _ID,
        "author": _or_null(_USER),
        "draft": _FLAG,
        "work_in_progress": _FLAG,
        "web_url": _TEXT,
        "merged_at": _or_null(_MOMENT),
        "merge_commit_sha": _or_null(_SHA),
        "squash_commit_sha": _or_null(_SHA),
    }
)
_STATUS = _object(
    {
        "id": _ID,
        "sha": _SHA,
        "status": _TEXT,
        "name": _TEXT,
        "description": _or_null(_TEXT),
        "target_url": _or_null(_TEXT),
        "author": _USER,
    }
)
_PAGES: Schema = {
    "per_page": {"type": "string", "pattern": "^([1-9]|[1-9][0-9]|100)$"},
    "page": {"type": "string", "pattern": "^[1-9][0-9]*$"},
}
_SORTED: Schema = {"sort": {"enum": ["asc", "desc"]}, "order_by": {"enum": ["created_at", "updated_at"]}}
_ERROR = {"anyOf": [_object({"message": {}}), _object({"error": _TEXT})]}


class Operation(NamedTuple):
    """A request that the documentation knows: its path after `/api/v4`, and what may be in it and in its answer."""

    name: str
    method: str
    path: str
    query: Schema
    body: Schema | None
    status: int
    answer: Schema | None


_PROJECT = r"/projects/(?P<project>[0-9]+)"
_REQUEST = _PROJECT + r"/merge_requests/(?P<iid>[0-9]+)"
_BODY = _object({"body": {"type": "string", "minLength": 1, "maxLength": 1_000_000}}, closed=True)

OPERATIONS = [
    Operation("user", "GET", "/user", {}, None, 200, _USER),
    Operation("project", "GET", r"/projects/(?P<project>[^/]+)", {}, None, 200, _object({"id": _ID})),
    Operation("merge request", "GET", _REQUEST, {}, None, 200, _MERGE_REQUEST),
    Operation(
        "merge requests",
        "GET",
        _PROJECT + "/merge_requests",
        {
            **_PAGES,
            "state": {"enum": ["opened", "closed", "locked", "merged", "all"]},
            "source_branch": _TEXT,
            "target_branch": _TEXT,
            "scope": {"enum": ["created_by_me", "assigned_to_me", "all"]},
        },
        None,
        200,
        _list(_MERGE_REQUEST),
    ),
    Operation(
        "create merge request",
        "POST",
        _PROJECT + "/merge_requests",
        {},
        _object(
            {
                "source_branch": _TEXT,
                "target_branch": _TEXT,
                "title": {"type": "string", "minLength": 1, "maxLength": 255},
            },
            {"description": {"type": "string", "maxLength": 1_048_576}},
            closed=True,
        ),
        201,
        _MERGE_REQUEST,
    ),
    Operation(
        "merge requests of a commit",
        "GET",
        _PROJECT + "/repository/commits/(?P<sha>[0-9a-f]{40})/merge_requests",
        _PAGES,
        None,
        200,
        _list(_MERGE_REQUEST),
    ),
    Operation(
        "approval settings", "GET", _PROJECT + "/approvals", {}, None, 200, _object({"reset_approvals_on_push": _FLAG})
    ),
    Operation(
        "approvals",
        "GET",
        _REQUEST + "/approvals",
        {},
        None,
        200,
        _object({"approved_by": _list(_object({"user": _USER}, {"approved_at": _MOMENT}))}),
    ),
    Operation(
        "versions",
        "GET",
        _REQUEST + "/versions",
        _PAGES,
        None,
        200,
        _list(_object({"id": _ID, "head_commit_sha": _SHA, "created_at": _MOMENT, "merge_request_id": _ID})),
    ),
    Operation("notes", "GET", _REQUEST + "/notes", {**_PAGES, **_SORTED}, None, 200, _list(_NOTE)),
    Operation("create note", "POST", _REQUEST + "/notes", {}, _BODY, 201, _NOTE),
    Operation("update note", "PUT", _REQUEST + "/notes/(?P<note>[0-9]+)", {}, _BODY, 200, _NOTE),
    Operation("delete note", "DELETE", _REQUEST + "/notes/(?P<note>[0-9]+)", {}, None, 204, None),
    Operation(
        "statuses",
        "GET",
        _PROJECT + "/repository/commits/(?P<sha>[0-9a-f]{40})/statuses",
        {**_PAGES, "name": _TEXT, "all": {"enum": ["true", "false"]}},
        None,
        200,
        _list(_STATUS),
    ),
    Operation(
        "set status",
        "POST",
        _PROJECT + "/statuses/(?P<sha>[0-9a-f]{40})",
        {},
        _object(
            {"state": {"enum": ["pending", "running", "success", "failed", "canceled", "skipped"]}},
            {
                "name": _TEXT,
                "description": {"type": "string", "maxLength": 255},
                "target_url": {"type": "string", "pattern": "^https?://", "maxLength": 255},
            },
            closed=True,
        ),
        201,
        _STATUS,
    ),
]


def operation_of(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request is, and what its path names."""
    for operation in OPERATIONS:
        match = re.fullmatch(operation.path, path)
        if match and operation.method == method:
            return operation, match.groupdict()
    return None


def request_faults(operation: Operation, query: dict[str, str], body: object) -> list[str]:
    """What is wrong with a request."""
    allowed = _object({}, operation.query, closed=True)
    wanted = {"type": "null"} if operation.body is None else operation.body
    return [*_wrong(allowed, query), *_wrong(wanted, body)]


def answer_faults(operation: Operation, status: int, body: object) -> list[str]:
    """What is wrong with an answer."""
    if status != operation.status:
        return _wrong(_ERROR, body) if status >= 400 else [f"{status} is not {operation.status}"]
    return _wrong({"type": "null"} if operation.answer is None else operation.answer, body)


def _wrong(schema: Schema, value: object) -> list[str]:
    return [f"{error.json_path} {error.message}" for error in Draft202012Validator(schema).iter_errors(value)]

"""What each operation of the tests' own GitHub does; named after the official operation ids."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.forge.official import Operation, answer, named
from tests.forge.state import (
    REPOSITORY,
    Comment,
    Pull,
    State,
    comment_values,
    person,
    pull_values,
    repository,
)

LONGEST_COMMENT = 65_536


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}


@dataclass(frozen=True)
class Call:
    """A request that the official document accepts."""

    state: State
    operation: Operation
    query: dict[str, str]
    body: dict[str, Any]

    def __getitem__(self, name: str) -> str:
        """A parameter of the path."""
        return unquote(self.operation.parameters[name])

    @property
    def pull(self) -> Pull:
        number = int(self["pull_number" if "pull_number" in self.operation.parameters else "issue_number"])
        pull: Pull = found(self.state.pulls.get(number))
        return pull


def perform(call: Call) -> tuple[int, Any]:
    """The status and the body of the answer.

    Raises:
        Refusal: it is an error.
    """
    if f"{call['owner']}/{call['repo']}".lower() != REPOSITORY:
        raise Refusal(404, "Not Found")
    if call.operation.method != "get" and not call.state.writable:
        raise Refusal(403, "Resource not accessible by integration")
    return _OPERATIONS[call.operation.id](call)


def found(item: Any) -> Any:
    if item is None:
        raise Refusal(404, "Not Found")
    return item


def get_repository(call: Call) -> tuple[int, Any]:
    return 200, answer(
        call.operation, 200, full_name=REPOSITORY, default_branch="main", url=f"{call.state.api}/repos/{REPOSITORY}"
    )


def get_permission(call: Call) -> tuple[int, Any]:
    level = found({name.lower(): each for name, each in call.state.permissions.items()}.get(call["username"].lower()))
    return 200, answer(call.operation, 200, permission=level, role_name=level)


def get_pull(call: Call) -> tuple[int, Any]:
    return 200, answer(call.operation, 200, **pull_values(call.state, call.pull))


def list_pulls(call: Call) -> tuple[int, Any]:
    pulls = list(call.state.pulls.values())
    if call.query.get("state", "open") != "all":
        pulls = [each for each in pulls if each.state == call.query.get("state", "open")]
    if "base" in call.query:
        pulls = [each for each in pulls if each.base == call.query["base"]]
    if ":" in call.query.get("head", ""):  # one that is not `owner:branch` is ignored, as by the true one
        pulls = [each for each in pulls if f"{each.fork.split('/')[0]}:{each.branch}" == call.query["head"]]
    return 200, [_short(call, each) for each in pulls]


def list_pulls_of_commit(call: Call) -> tuple[int, Any]:
    known = [each for each in call.state.pulls.values() if call.state.knows_forks or each.fork == REPOSITORY]
    return 200, [_short(call, each) for each in known if call["commit_sha"] in (each.head, each.merged_as)]


def _short(call: Call, pull: Pull) -> Any:
    return named("pull-request-simple", **pull_values(call.state, pull))


def create_pull(call: Call) -> tuple[int, Any]:
    head, base = call.body["head"].rsplit(":", 1)[-1], call.body["base"]
    open_ones = [each for each in call.state.pulls.values() if each.state == "open" and each.fork == REPOSITORY]
    if any((each.branch, each.base) == (head, base) for each in open_ones):
        raise Refusal(422, f"A pull request already exists for acme:{head}.")
    number = call.state.ids()
    sha = found(call.state.branches.get(head))
    pull = Pull(number, sha, head, base, call.state.viewer, title=call.body["title"], body=call.body.get("body"))
    call.state.pulls[number] = pull
    return 201, answer(call.operation, 201, **pull_values(call.state, pull))


def list_reviews(call: Call) -> tuple[int, Any]:
    reviews = call.state.reviews.get(call.pull.number, [])
    return 200, [
        named(
            "pull-request-review",
            id=number,
            user=person(each.user),
            state=each.state,
            commit_id=each.commit,
            submitted_at=each.submitted,
        )
        for number, each in enumerate(reviews, 1)
    ]


def list_comments(call: Call) -> tuple[int, Any]:
    number = call.pull.number
    return 200, [
        named("issue-comment", **comment_values(call.state, each, number))
        for each in call.state.comments.get(number, ())
    ]


def create_comment(call: Call) -> tuple[int, Any]:
    _bound(call.body["body"])
    made = call.state.comment(call.pull.number, call.state.viewer, call.body["body"])
    return 201, answer(call.operation, 201, **comment_values(call.state, made, call.pull.number))


def get_comment(call: Call) -> tuple[int, Any]:
    number, comment = _comment(call)
    return 200, answer(call.operation, 200, **comment_values(call.state, comment, number))


def update_comment(call: Call) -> tuple[int, Any]:
    number, comment = _comment(call)
    _bound(call.body["body"])
    comment.body = call.body["body"]
    comment.edits += 1
    return 200, answer(call.operation, 200, **comment_values(call.state, comment, number))


def delete_comment(call: Call) -> tuple[int, Any]:
    number, comment = _comment(call)
    call.state.comments[number].remove(comment)
    return 204, None


def _comment(call: Call) -> tuple[int, Comment]:
    wanted = int(call["comment_id"])
    for number, comments in call.state.comments.items():
        for each in comments:
            if each.id == wanted:
                return number, each
    raise Refusal(404, "Not Found")


def _bound(body: str) -> None:
    if len(body) > LONGEST_COMMENT:
        raise Refusal(422, f"Validation Failed: body is too long (maximum is {LONGEST_COMMENT} characters)")


def create_status(call: Call) -> tuple[int, Any]:
    if len(call.body.get("description") or "") > 140:
        raise Refusal(422, "Validation Failed: description is too long (maximum is 140 characters)")
    if not re.fullmatch(r"(https?://.+)?", call.body.get("target_url") or ""):
        raise Refusal(422, "Validation Failed: target_url must use http(s) scheme")
    return 201, _status(call.state.status(call["sha"], call.state.viewer, **call.body))


def list_statuses(call: Call) -> tuple[int, Any]:
    return 200, [_status(each) for each in reversed(call.state.statuses) if each["sha"] == call["ref"]]


def _status(made: dict[str, Any]) -> Any:
    told = {key: each for key, each in made.items() if key != "sha"}
    return named("status", **{**told, "creator": person(made["creator"])})


def create_check_run(call: Call) -> tuple[int, Any]:
    made: dict[str, Any] = {"id": call.state.ids(), "annotations": [], "output": {}}
    call.state.check_runs.append(made)
    return 201, _write_check_run(call, made, 201)


def update_check_run(call: Call) -> tuple[int, Any]:
    made = found(next((each for each in call.state.check_runs if each["id"] == int(call["check_run_id"])), None))
    return 200, _write_check_run(call, made, 200)


def get_check_run(call: Call) -> tuple[int, Any]:
    made = found(next((each for each in call.state.check_runs if each["id"] == int(call["check_run_id"])), None))
    return 200, named("check-run", **_check_run(call, made))


def list_check_runs(call: Call) -> tuple[int, Any]:
    wanted = [each for each in call.state.check_runs if each["head_sha"] == call["ref"]]
    wanted = [each for each in wanted if each["name"] == call.query.get("check_name", each["name"])]
    runs = [named("check-run", **_check_run(call, each)) for each in wanted]
    return 200, answer(call.operation, 200, total_count=len(runs), check_runs=runs)


def _write_check_run(call: Call, made: dict[str, Any], status: int) -> Any:
    output = dict(call.body.get("output", {}))
    for key in ("summary", "text"):
        if len(output.get(key, "").encode()) > 65_535:
            raise Refusal(422, f"Invalid request: {key} exceeds a maximum bytesize of 65535")
    made["annotations"] += output.pop("annotations", [])
    made.update({key: each for key, each in call.body.items() if key != "output"})
    made["output"] = {**made["output"], **output}
    return answer(call.operation, status, **_check_run(call, made))


def _check_run(call: Call, made: dict[str, Any]) -> dict[str, Any]:
    output = {
        **{key: made["output"].get(key) for key in ("title", "summary", "text")},
        "annotations_count": len(made["annotations"]),
        "annotations_url": "https://github.example/",
    }
    url = f"{call.state.api}/repos/{REPOSITORY}/check-runs/{made['id']}"
    stated = {key: each for key, each in made.items() if key != "annotations"}
    return {**stated, "output": output, "url": url, "check_suite": {"id": 1}}


def create_issue(call: Call) -> tuple[int, Any]:
    made = {"number": call.state.ids(), "state": "open", "user": call.state.viewer, **call.body}
    call.state.issues.append(made)
    return 201, answer(call.operation, 201, **_issue(call, made))


def list_issues(call: Call) -> tuple[int, Any]:
    state = call.query.get("state", "open")
    wanted = [each for each in call.state.issues if state in ("all", each["state"])]
    if "creator" in call.query:
        wanted = [each for each in wanted if each["user"].lower() == call.query["creator"].lower()]
    return 200, [named("issue", **_issue(call, each)) for each in reversed(wanted)]


def update_issue(call: Call) -> tuple[int, Any]:
    made = found(next((each for each in call.state.issues if each["number"] == int(call["issue_number"])), None))
    made.update(call.body)
    return 200, answer(call.operation, 200, **_issue(call, made))


def get_issue(call: Call) -> tuple[int, Any]:
    made = found(next((each for each in call.state.issues if each["number"] == int(call["issue_number"])), None))
    return 200, answer(call.operation, 200, **_issue(call, made))


def _issue(call: Call, made: dict[str, Any]) -> dict[str, Any]:
    values = {key: each for key, each in made.items() if key in ("number", "state", "title", "body")}
    return {
        **values,
        "user": person(made["user"]),
        "url": f"{call.state.api}/repos/{REPOSITORY}/issues/{made['number']}",
        "html_url": f"https://github.example/{REPOSITORY}/issues/{made['number']}",
        "repository": repository(call.state, REPOSITORY),
    }


_OPERATIONS: dict[str, Callable[[Call], tuple[int, Any]]] = {
    "repos/get": get_repository,
    "repos/get-collaborator-permission-level": get_permission,
    "pulls/get": get_pull,
    "pulls/list": list_pulls,
    "pulls/create": create_pull,
    "pulls/list-reviews": list_reviews,
    "repos/list-pull-requests-associated-with-commit": list_pulls_of_commit,
    "issues/list-comments": list_comments,
    "issues/create-comment": create_comment,
    "issues/get-comment": get_comment,
    "issues/update-comment": update_comment,
    "issues/delete-comment": delete_comment,
    "repos/create-commit-status": create_status,
    "repos/list-commit-statuses-for-ref": list_statuses,
    "checks/create": create_check_run,
    "checks/update": update_check_run,
    "checks/get": get_check_run,
    "checks/list-for-ref": list_check_runs,
    "issues/create": create_issue,
    "issues/list-for-repo": list_issues,
    "issues/update": update_issue,
    "issues/get": get_issue,
}

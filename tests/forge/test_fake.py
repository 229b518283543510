"""The tests' own GitHub is as strict as the official document, and PyGithub takes it for the true one."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.forge.carrier import malformed, meanwhile, reset, reset_after, server_error, slow
from tests.forge.official import document
from tests.forge.server import TOKEN, GitHub, refusal
from tests.forge.state import ACTIONS, Pull, Review

ROOT = Path(__file__).parent.parent.parent
COMMENTS = "/repos/acme/models/issues/7/comments"

NOTICE = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "b"}


@pytest.fixture
def lax(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """A GitHub whose faults the test itself looks at."""
    monkeypatch.setenv("NO_PROXY", "*")
    with GitHub() as server:
        server.state.pulls[7] = Pull(7, "1" * 40)
        yield server


def send(server: GitHub, method: str, path: str, body: Any = None, token: str = TOKEN) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request(method, server.url + path, json=body, headers=headers, timeout=5)


@pytest.mark.parametrize(
    ("method", "path", "body", "fault"),
    [
        ("POST", COMMENTS, {}, "'body' is a required property"),
        ("POST", COMMENTS, {"body": 7}, "7 is not of type 'string'"),
        ("POST", COMMENTS, {"body": "a", "boddy": "b"}, "unknown: boddy"),
        ("POST", COMMENTS, None, "MissingRequiredRequestBody"),
        ("PATCH", "/repos/acme/models/issues/comments/1", {"text": "a"}, "'body' is a required property"),
        ("POST", f"/repos/acme/models/statuses/{'1' * 40}", {"state": "green"}, "'green' is not one of"),
        ("POST", "/repos/acme/models/check-runs", {"name": "a"}, "'head_sha' is a required property"),
        (
            "POST",
            "/repos/acme/models/check-runs",
            {"name": "a", "head_sha": "1", "output": {"title": "a", "summary": "b", "annotations": [NOTICE] * 51}},
            "'annotations'",
        ),
        ("GET", "/repos/acme/models/pulls?state=merged", None, "'merged' is not one of"),
        ("GET", "/repos/acme/models/pulls?stat=open", None, "unknown: stat"),
        ("GET", "/repos/acme/models/branches", None, "not in the document"),
        ("PUT", "/repos/acme/models/pulls/7", None, "not in the document"),
    ],
)
def test_what_the_document_does_not_know_is_refused(lax: GitHub, method: str, path: str, body: Any, fault: str) -> None:
    assert send(lax, method, path, body).status_code in (404, 422)
    assert fault in lax.faults[0]
    assert not lax.state.comments and not lax.state.statuses and not lax.state.check_runs


def test_an_answer_that_github_would_not_give_is_a_fault(lax: GitHub) -> None:
    lax.state.reviews[7] = [Review("lin", "APPROVED", 5)]  # type: ignore[arg-type]
    send(lax, "GET", "/repos/acme/models/pulls/7/reviews")
    assert "5 is not of type 'string'" in lax.faults[0]


def test_every_operation_of_the_cut_is_performed() -> None:
    from tests.forge.operations import _OPERATIONS

    stated = {item["operationId"] for path in document()["paths"].values() for item in path.values()}
    assert stated == set(_OPERATIONS)


def test_the_cut_is_what_its_script_makes_of_itself() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "cut_github_api.py"))
    again = script["cut"](document())
    assert json.dumps(again, sort_keys=True) == json.dumps(document(), sort_keys=True)


def test_pygithub_takes_it_for_the_true_one(lax: GitHub) -> None:
    import github

    hub = github.Github(
        auth=github.Auth.Token(TOKEN), base_url=lax.url, retry=None, seconds_between_writes=None, per_page=2
    )
    lax.state.permissions["lin"] = "write"
    lax.state.reviews[7] = [Review("lin", "APPROVED", "1" * 40)]
    repository = hub.get_repo("acme/models")
    pull = repository.get_pull(7)
    assert (pull.head.sha, pull.base.ref, pull.user.login, pull.draft) == ("1" * 40, "main", "ada", False)
    for text in "abc":
        pull.create_issue_comment(text)
    first, *others = pull.get_issue_comments()
    first.edit("d")
    others[0].delete()
    assert [(each.body, each.user.login) for each in pull.get_issue_comments()] == [("d", ACTIONS), ("c", ACTIONS)]
    assert [(each.state, each.commit_id) for each in pull.get_reviews()] == [("APPROVED", "1" * 40)]
    assert repository.get_collaborator_permission("lin") == "write"
    assert [each.number for each in repository.get_pulls(head="acme:retrain")] == [7]
    run = repository.create_check_run("a", "1" * 40, status="completed", conclusion="failure")
    run.edit(output={"title": "t", "summary": "s"})
    issue = repository.create_issue("Stale", body="b")
    issue.edit(state="closed")
    assert [each.number for each in repository.get_issues(state="closed")] == [issue.number]
    assert lax.faults == []


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (refusal(409, "Conflict"), 409),
        (refusal(429, "Slow down", Retry_After="3"), 429),
        (server_error(), 502),
    ],
)
def test_a_fault_happens_as_often_as_it_is_told_to(lax: GitHub, fault: Any, status: int) -> None:
    lax.fail("GET .*/pulls/7", fault, times=2, skip=1)
    codes = [send(lax, "GET", "/repos/acme/models/pulls/7").status_code for _ in range(4)]
    assert codes == [200, status, status, 200]


def test_a_connection_breaks_before_or_after(lax: GitHub) -> None:
    for act in (reset, reset_after):
        lax.fail("POST .*", act)
        with pytest.raises(requests.ConnectionError):
            send(lax, "POST", COMMENTS, {"body": "a"})
    assert lax.state.bodies(7) == ["a"]


def test_half_an_answer_a_late_one_and_what_happens_meanwhile(lax: GitHub) -> None:
    lax.fail("GET .*", malformed)
    with pytest.raises(ValueError):
        send(lax, "GET", "/repos/acme/models").json()
    lax.fail("GET .*", slow(0.2))
    assert send(lax, "GET", "/repos/acme/models").elapsed.total_seconds() >= 0.2
    lax.fail("GET .*", meanwhile(lambda: lax.state.comment(7, "eve", "me first")))
    assert [each["body"] for each in send(lax, "GET", COMMENTS).json()] == ["me first"]


def test_who_may_what(lax: GitHub) -> None:
    assert send(lax, "GET", "/repos/acme/models", token="ghs_other").status_code == 401
    assert send(lax, "GET", "/repos/acme/secrets").status_code == 404
    lax.state.writable = False
    answer = send(lax, "POST", COMMENTS, {"body": "a"})
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")


def test_pages_have_at_most_a_hundred(lax: GitHub) -> None:
    for number in range(205):
        lax.state.comment(7, "eve", str(number))
    answer = send(lax, "GET", f"{COMMENTS}?per_page=500&page=2")
    assert [each["body"] for each in answer.json()] == [str(number) for number in range(100, 200)]
    assert send(lax, "GET", f"{COMMENTS}?per_page=100&page=3").links.get("next") is None

"""What GitHub tells of branches, pull requests and approvals, and what becomes of a request that fails."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timezone
from urllib.parse import parse_qsl

import pytest
from msgspec.structs import replace

from snitch.forge.client import Comment, Status
from snitch.forge.errors import ErrorKind, ForgeError
from snitch.forge.github import GitHub
from snitch.forge.patience import Patience
from snitch.forge.request import Request
from tests.forge.carrier import Answer, Fault, malformed, reset, reset_after, retold, server_error, slow
from tests.forge.conftest import BASE, HEAD, OLDER, Clock
from tests.forge.server import BAD_TOKEN, READ_ONLY, TOKEN, refusal
from tests.forge.server import GitHub as FakeGitHub
from tests.forge.state import ACTIONS, Pull, Review
from tests.forge.state import Comment as Written

ASKED = "GET .*/pulls/7"


def test_one_that_is_not_there(client: GitHub) -> None:
    with pytest.raises(ForgeError, match="no such thing") as caught:
        client.request_of(8)
    assert caught.value.kind == "absent"


@pytest.mark.parametrize(
    "change",
    [
        {"number": "7"},
        {"head": {"ref": "retrain", "sha": "--upload-pack=x"}},
        {"head": {"ref": "retrain", "sha": HEAD + "\n"}},
        {"head": {"ref": "retrain", "sha": HEAD[:7]}},
        {"head": {"ref": "retrain"}},
        {"head": None},
    ],
)
def test_an_answer_that_makes_no_sense_is_none(client: GitHub, fake: FakeGitHub, change: dict[str, object]) -> None:
    fake.fail(ASKED, retold(lambda told: told.update(change)))
    with pytest.raises(ForgeError) as caught:
        client.request_of(7)
    assert caught.value.kind == "misunderstood"


@pytest.mark.parametrize("told", [b"{}", b"[]", b"null", b"7"])
def test_another_answer_is_none(client: GitHub, fake: FakeGitHub, told: bytes) -> None:
    fake.fail(ASKED, lambda _: Answer(200, {"Content-Type": "application/json"}, told))
    with pytest.raises(ForgeError) as caught:
        client.request_of(7)
    assert caught.value.kind == "misunderstood"


def test_a_pull_request(client: GitHub, fake: FakeGitHub) -> None:
    facts = client.request_of(7)
    assert (facts.number, facts.head, facts.target, facts.author) == (7, HEAD, "main", "ada")
    assert facts.is_open
    fake.state.pulls[7] = Pull(7, HEAD, author="ghost", fork="eve/models", state="closed", draft=True)
    facts = client.request_of(7)
    assert (facts.author, facts.is_open) == ("ghost", False)


def test_a_pull_request_of_those_who_are_gone(client: GitHub, fake: FakeGitHub) -> None:
    fake.fail("GET .*/pulls/7", retold(lambda told: told.update(user=None, head={**told["head"], "repo": None})))
    facts = client.request_of(7)
    assert (facts.author, facts.head) == (None, HEAD)


def test_the_pull_requests_of_a_commit_and_of_a_branch(client: GitHub, fake: FakeGitHub) -> None:
    fake.state.pulls[8] = Pull(8, OLDER, fork="eve/models")
    fake.state.pulls[9] = Pull(9, OLDER, fork="eve/models", base="staging")
    fake.state.pulls[10] = Pull(10, OLDER, fork="eve/models", state="closed")
    fake.state.pulls[11] = Pull(11, OLDER, fork="eve/other")
    assert [each.number for each in client.requests_of(OLDER)] == [8, 9, 10, 11]
    assert [each.number for each in client.requests_from("eve/models", "retrain")] == [8, 9]
    assert client.requests_from("eve/models", "other") == ()
    # Where GitHub does not understand the question, it gives all there is.
    assert client.requests_from("", "retrain") == ()


def test_when_a_commit_was_merged(client: GitHub, fake: FakeGitHub) -> None:
    fake.state.pulls[8] = Pull(8, OLDER, state="closed", merged_at="2026-11-20T09:00:00Z", merged_as=BASE)
    assert client.merged_at(BASE) == datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
    # It holds the commit, and was merged as another.
    assert client.merged_at(OLDER) is None
    assert client.merged_at("c" * 40) is None


def test_approvals_are_of_this_head_and_of_those_who_may_write(client: GitHub, fake: FakeGitHub) -> None:
    levels = {"lin": "write", "Max": "admin", "reader": "read", "nobody": "none", "old": "admin", "bot[bot]": "write"}
    fake.state.permissions = levels
    approving = [("lin", HEAD), ("Max", HEAD), ("reader", HEAD), ("nobody", HEAD), ("old", OLDER), ("bot[bot]", HEAD)]
    fake.state.reviews[7] = [Review(name, "APPROVED", head) for name, head in approving]
    fake.state.reviews[7] += [
        Review(None, "APPROVED", HEAD),
        Review("stranger", "APPROVED", HEAD),
        Review("talker", "COMMENTED", HEAD),
        Review("old", "COMMENTED", HEAD),
    ]
    assert client.approvals(7, HEAD) == {"lin", "Max"}


@pytest.mark.parametrize(
    ("words", "approves"),
    [
        (["APPROVED"], True),
        (["APPROVED", "COMMENTED"], True),
        (["APPROVED", "PENDING"], True),
        (["APPROVED", "CHANGES_REQUESTED"], False),
        (["APPROVED", "DISMISSED"], False),
        (["DISMISSED"], False),
        (["CHANGES_REQUESTED", "APPROVED"], True),
        (["APPROVED", "CHANGES_REQUESTED", "APPROVED"], True),
        (["COMMENTED"], False),
        (["approved"], False),
        ([], False),
    ],
)
def test_the_last_decisive_word_counts(client: GitHub, fake: FakeGitHub, words: list[str], approves: bool) -> None:
    fake.state.permissions["lin"] = "write"
    names = ["lin", "LIN", "Lin"]
    fake.state.reviews[7] = [Review(names[at], word, HEAD, f"2026-11-20T09:00:0{at}Z") for at, word in enumerate(words)]
    assert bool(client.approvals(7, HEAD)) is approves


def test_of_two_words_in_one_second_the_approval_is_not_the_last(client: GitHub, fake: FakeGitHub) -> None:
    fake.state.permissions["lin"] = "write"
    fake.state.reviews[7] = [Review("lin", "CHANGES_REQUESTED", HEAD), Review("lin", "APPROVED", HEAD)]
    assert client.approvals(7, HEAD) == frozenset()


def test_an_approval_of_another_commit_replaces_that_of_this_one(client: GitHub, fake: FakeGitHub) -> None:
    fake.state.permissions["lin"] = "write"
    fake.state.reviews[7] = [Review("lin", "APPROVED", HEAD), Review("lin", "APPROVED", OLDER, "2026-11-20T09:01:00Z")]
    assert client.approvals(7, HEAD) == frozenset()


def test_a_withdrawal_on_the_second_page_counts(client: GitHub, fake: FakeGitHub) -> None:
    fake.state.permissions["lin"] = "write"
    talk = [Review("talker", "COMMENTED", HEAD)] * 120
    fake.state.reviews[7] = [Review("lin", "APPROVED", HEAD), *talk, Review("lin", "CHANGES_REQUESTED", HEAD)]
    assert client.approvals(7, HEAD) == frozenset()


@pytest.mark.parametrize("what", [".*/reviews", ".*/permission"])
def test_approvals_that_cannot_be_known_are_none(client: GitHub, fake: FakeGitHub, what: str) -> None:
    fake.state.permissions["lin"] = "write"
    fake.state.reviews[7] = [Review("lin", "APPROVED", HEAD)]
    fake.fail(f"GET {what}", READ_ONLY)
    with pytest.raises(ForgeError, match="the token may not do that"):
        client.approvals(7, HEAD)


def test_comments_are_all_of_them_and_who_wrote_them(client: GitHub, fake: FakeGitHub) -> None:
    for number in range(230):
        fake.state.comment(7, "eve", str(number))
    own = fake.state.comment(7, ACTIONS, "ours")
    *others, last = client.comments(7)
    assert len(others) == 230 and not any(each.is_own for each in others)
    assert last == Comment(id=own.id, body="ours", author=ACTIONS, is_own=True)
    asked = [dict(parse_qsl(each.partition("?")[2])) for each in fake.requests if "comments" in each]
    assert [(each["per_page"], each.get("page")) for each in asked] == [("100", None), ("100", "2"), ("100", "3")]


def test_comments_are_written_changed_and_deleted(client: GitHub, fake: FakeGitHub) -> None:
    made = client.create_comment(7, "one")
    client.update_comment(7, made.id, "two")
    assert fake.state.bodies(7) == ["two"]
    client.delete_comment(7, made.id)
    client.delete_comment(7, made.id)
    assert fake.state.bodies(7) == []


@pytest.mark.parametrize("act", [reset, reset_after, server_error(502), malformed])
def test_a_comment_is_not_written_twice(client: GitHub, fake: FakeGitHub, act: Fault) -> None:
    fake.state.comment(7, "eve", "one")
    fake.fail("POST .*/comments", act, times=2)
    made = client.create_comment(7, "one")
    assert [each.id for each in fake.state.comments[7] if each.user == ACTIONS] == [made.id]


def test_an_edit_is_tried_again(client: GitHub, fake: FakeGitHub) -> None:
    fake.state.comments[7] = [Written(5, ACTIONS, "one")]
    fake.fail("PATCH .*", server_error(503), times=2)
    client.update_comment(7, 5, "two")
    assert fake.state.bodies(7) == ["two"]
    fake.fail("DELETE .*", reset_after)
    client.delete_comment(7, 5)
    assert fake.state.bodies(7) == []


def test_a_check_run_is_not_made_twice(client: GitHub, fake: FakeGitHub) -> None:
    body = {"name": "a", "head_sha": HEAD, "external_id": "x", "status": "completed", "conclusion": "success"}
    fake.fail("POST .*", reset_after)
    made = client.create_check_run(body)
    assert [each["id"] for each in fake.state.check_runs] == [made]
    assert client.create_check_run({**body, "external_id": "y"}) != made


def test_a_pull_request_is_opened_once(client: GitHub, fake: FakeGitHub) -> None:
    fake.state.branches["promote/churn"] = OLDER
    fake.state.pulls[8] = Pull(8, HEAD, branch="promote/churn", fork="eve/models")
    fake.fail("POST .*/pulls", reset_after)
    made = client.open_request("promote/churn", "main", "Promote churn", "1.4.0 to production")
    assert made.number not in (7, 8) and made.url.endswith(f"/pull/{made.number}")
    assert client.open_request("promote/churn", "main", "Promote churn", "again") == made
    opened = fake.state.pulls[made.number]
    assert (opened.title, opened.body, opened.base) == ("Promote churn", "1.4.0 to production", "main")


def test_a_pull_request_that_cannot_be_opened(client: GitHub, fake: FakeGitHub) -> None:
    fake.fail("POST .*/pulls", refusal(422, "No commits between main and promote/churn"))
    with pytest.raises(ForgeError, match="No commits between"):
        client.open_request("promote/churn", "main", "Promote churn", "")


def test_a_status_bears_the_name_of_the_branch_it_is_for(client: GitHub, fake: FakeGitHub) -> None:
    client.set_status(HEAD, "failure", "x" * 200, "https://ci.example/1")
    (made,) = fake.state.statuses
    assert made["context"] == "snitch/main"
    assert (made["state"], made["description"], made["target_url"]) == ("failure", "x" * 140, "https://ci.example/1")
    client.set_status(HEAD, "success", "", "")
    assert fake.state.statuses[-1]["target_url"] is None


def test_our_own_statuses_of_the_branch_are_told_oldest_first(client: GitHub, fake: FakeGitHub) -> None:
    client.set_status(HEAD, "success", "one", "https://ci.example/1")
    for creator, context in (("eve", "snitch/main"), (ACTIONS, "snitch/staging"), (ACTIONS, "build")):
        fake.state.status(HEAD, creator, context=context, state="failure")
    client.set_status(OLDER, "pending", "of another commit", "")
    client.set_status(HEAD, "error", "two", "")
    assert client.statuses(HEAD) == (
        Status(state="success", description="one", url="https://ci.example/1"),
        Status(state="error", description="two", url=""),
    )


# What goes wrong


@pytest.mark.parametrize(
    ("act", "slept"),
    [
        (reset, [0.5, 1.0]),
        (server_error(500), [0.5, 1.0]),
        (server_error(504), [0.5, 1.0]),
        (malformed, [0.5, 1.0]),
        (refusal(429, "Too many", Retry_After="3"), [3, 3]),
        (refusal(403, "You have exceeded a secondary rate limit", Retry_After="4"), [4, 4]),
        (refusal(503, "Maintenance", Retry_After="2"), [2, 2]),
    ],
)
def test_what_passes_is_tried_again(
    client: GitHub, fake: FakeGitHub, clock: Clock, act: Fault, slept: list[float]
) -> None:
    fake.fail(ASKED, act, times=2)
    assert client.request_of(7).head == HEAD
    assert clock.slept == slept


@pytest.mark.parametrize(
    ("act", "kind", "message"),
    [
        (BAD_TOKEN, "unauthorized", "GitHub does not know the token"),
        (READ_ONLY, "unauthorized", "the token may not do that"),
        (refusal(404, "Not Found"), "absent", "no such thing"),
        (refusal(409, "Git Repository is empty."), "refused", "Git Repository is empty."),
        (refusal(422, "Validation Failed"), "refused", "Validation Failed"),
        (refusal(403, "You have exceeded a secondary rate limit"), "limited", "takes no more requests now"),
        (refusal(403, "API rate limit exceeded", X_RateLimit_Remaining="0"), "limited", "takes no more requests now"),
        (refusal(429, "Too many"), "limited", "takes no more requests now"),
        (refusal(429, "Too many", Retry_After="3600"), "limited", "after 3600 seconds"),
        (refusal(302, "Found", Location="http://127.0.0.1:1/"), "misunderstood", "is not what was asked for"),
        (refusal(301, "Moved", Location="http://evil.example/"), "misunderstood", "ended in RuntimeError"),
        (lambda _: Answer(200, {}, b"<html>Sign in"), "misunderstood", "is not what was asked for"),
    ],
)
def test_what_does_not_pass_is_not(
    client: GitHub, fake: FakeGitHub, clock: Clock, act: Fault, kind: ErrorKind, message: str
) -> None:
    fake.fail(ASKED, act)
    with pytest.raises(ForgeError, match=message) as caught:
        client.request_of(7)
    assert caught.value.kind == kind
    assert clock.slept == []
    assert len(fake.requests) == 1


def test_tries_end(client: GitHub, fake: FakeGitHub, clock: Clock) -> None:
    fake.fail(ASKED, server_error(), times=99)
    with pytest.raises(ForgeError, match=r"GitHub is broken: it answered GET .* with 502") as caught:
        client.request_of(7)
    assert caught.value.kind == "unreachable"
    assert len(fake.requests) == 4 and clock.slept == [0.5, 1.0, 2.0]


def test_the_budget_is_for_all_requests_together(client: GitHub, fake: FakeGitHub, clock: Clock) -> None:
    fake.fail(ASKED, refusal(429, "Too many", Retry_After="9"), times=99)
    for _ in range(2):
        with pytest.raises(ForgeError):
            client.request_of(7)
    assert sum(clock.slept) == 27
    clock.now += 3
    asked = len(fake.requests)
    with pytest.raises(ForgeError, match="given 30 seconds") as caught:
        client.request_of(7)
    assert caught.value.kind == "late" and len(fake.requests) == asked
    with pytest.raises(ForgeError, match="takes no more"):
        client.renewed().request_of(7)


def test_an_answer_that_does_not_come_is_not_waited_for(request_7: Request, fake: FakeGitHub) -> None:
    client = GitHub(request_7, TOKEN, Patience(budget=0.5, longest=0.2))
    fake.fail(ASKED, slow(1.5), times=9)
    began = time.monotonic()
    with pytest.raises(ForgeError, match=r"did not answer .* in time"):
        client.request_of(7)
    assert time.monotonic() - began < 1
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "forge")


def test_a_late_answer_is_not_taken_for_another(request_7: Request, fake: FakeGitHub) -> None:
    client = GitHub(request_7, TOKEN, Patience(longest=0.2, sleep=lambda seconds: None))
    fake.fail(ASKED, slow(0.5))
    assert client.request_of(7).head == HEAD


def test_nobody_is_there(request_7: Request, clock: Clock) -> None:
    client = GitHub(replace(request_7, api="http://127.0.0.1:1"), TOKEN, clock.patience)
    with pytest.raises(ForgeError, match=r"GitHub cannot be reached: GET .* ended in ConnectionError"):
        client.request_of(7)


@pytest.mark.parametrize("api", ["", "ftp://github.example", "github.example", "http://github.example:port"])
def test_no_address(request_7: Request, api: str) -> None:
    with pytest.raises(ForgeError, match=r"no address|GITHUB_API_URL|Is the address"):
        GitHub(replace(request_7, api=api), TOKEN).request_of(7)


@pytest.mark.parametrize("name", ["", "acme", "../acme/models", "acme/models/x", "acme/mo dels", "acme/models\n"])
def test_no_repository(request_7: Request, name: str) -> None:
    with pytest.raises(ForgeError, match="no repository's name"):
        GitHub(replace(request_7, repository=name), TOKEN)


@pytest.mark.parametrize("token", ["", "\n", "gh s", "ghs_ä", "ghs\nX-Evil: 1"])
def test_no_token(request_7: Request, token: str) -> None:
    with pytest.raises(ForgeError, match="there is no token") as caught:
        GitHub(request_7, token)
    assert "Evil" not in str(caught.value)


def test_enterprise_has_its_api_elsewhere(request_7: Request, clock: Clock) -> None:
    with FakeGitHub(prefix="/api/v3") as server:
        server.state.pulls[7] = Pull(7, HEAD)
        client = GitHub(replace(request_7, api=server.url), TOKEN, clock.patience)
        assert client.request_of(7).head == HEAD
        client.create_comment(7, "one")
        for number in range(120):
            server.state.comment(7, "eve", str(number))
        assert client.comments(7)[0].is_own
        assert server.requests[-1] == "POST /api/graphql"
        assert server.faults == []


def test_the_token_is_told_nowhere(
    request_7: Request, fake: FakeGitHub, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    import github  # which sets the level of its own log

    for name in (None, github.__name__):
        caplog.set_level(logging.DEBUG, name)
    client = GitHub(request_7, f"{TOKEN}\n", clock.patience)
    messages = [repr(client)]
    faults = [
        refusal(403, f"Bad {TOKEN}"),
        refusal(422, TOKEN),
        server_error(),
        reset,
        malformed,
        BAD_TOKEN,
        lambda _: Answer(200, {}, f'{{"ref": "{TOKEN}"}}'.encode()),
        lambda _: Answer(200, {}, f'"{TOKEN}"'.encode()),
    ]
    for act in faults:
        fake.fail(ASKED, act, times=4)
        with pytest.raises(ForgeError) as caught:
            client.renewed().request_of(7)
        messages += [str(caught.value), repr(caught.value), caught.value.advice]
        fake.mend()
    assert len(messages) == 1 + 3 * len(faults)
    assert not [text for text in messages if TOKEN in text]
    caplog.clear()
    client.create_comment(7, "one")
    assert "'Authorization': 'token (oauth token removed)'" in caplog.text and TOKEN not in caplog.text

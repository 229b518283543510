"""What GitLab tells of branches, merge requests and approvals, and what becomes of a request that fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace as replace_fields
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from snitch.finding import Undecidable
from snitch.forge.client import Comment, Forge, OpenedRequest, RequestFacts, Status, StatusState
from snitch.forge.errors import ErrorKind, ForgeError
from snitch.forge.gitlab import GitLab
from snitch.forge.patience import Patience
from snitch.forge.publishing import Delivery, publish
from snitch.forge.request import Request
from snitch.forge.token import Token
from tests.forge.carrier import Answer, Fault, malformed, meanwhile, reset, reset_after, retold, server_error, slow
from tests.forge.conftest import BASE, HEAD, OLDER, Clock
from tests.forge.gitlab_server import (
    BAD_TOKEN,
    BOT,
    JOB_TOKEN,
    READ_ONLY,
    TOKEN,
    refusal,
)
from tests.forge.gitlab_server import GitLab as FakeGitLab
from tests.forge.gitlab_state import FORK, PROJECT, MergeRequest
from tests.report.reports import PASSED, UNDECIDED

ASKED = "GET .*/merge_requests/7"
NOTES = "/projects/3001/merge_requests/7/notes"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitLab]:
    """A GitLab with one merge request, number 7. A test fails where anybody broke the documentation's rules."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with FakeGitLab() as gitlab:
        gitlab.merge_requests[7] = MergeRequest(7, HEAD, versions=[(HEAD, "2026-11-20T09:00:00.000Z")])
        yield gitlab
    assert gitlab.faults == []


@pytest.fixture
def asked(server: FakeGitLab) -> Request:
    """What a CI says of merge request 7."""
    return Request(
        forge="gitlab",
        event="merge_request",
        repository=str(PROJECT),
        server="https://gitlab.example.com",
        api=server.url,
        git_url="https://gitlab.example.com/acme/models.git",
        target="main",
        head=HEAD,
        head_ref="refs/merge-requests/7/head",
        number=7,
    )


@pytest.fixture
def client(asked: Request, clock: Clock) -> GitLab:
    return GitLab(asked, Token(TOKEN, "GITLAB_TOKEN"), clock.patience)


def test_it_is_a_forge(client: GitLab) -> None:
    forge: Forge = client
    assert forge is client


def test_one_that_is_not_there(client: GitLab) -> None:
    with pytest.raises(ForgeError, match="no such thing") as caught:
        client.request_of(8)
    assert caught.value.kind == "absent"


@pytest.mark.parametrize(
    "change", [{"iid": "7"}, {"sha": "--upload-pack=x"}, {"sha": HEAD[:7]}, {"sha": HEAD + "\n"}, {"sha": None}]
)
def test_an_answer_that_makes_no_sense(client: GitLab, server: FakeGitLab, change: dict[str, object]) -> None:
    server.fail(ASKED, retold(lambda told: told.update(change)))
    with pytest.raises(ForgeError) as caught:
        client.request_of(7)
    assert caught.value.kind == "misunderstood"


@pytest.mark.parametrize("told", [b"{}", b"[]", b"null", b"7"])
def test_another_answer_is_none(client: GitLab, server: FakeGitLab, told: bytes) -> None:
    server.fail(ASKED, lambda _: Answer(200, {}, told))
    with pytest.raises(ForgeError) as caught:
        client.request_of(7)
    assert caught.value.kind == "misunderstood"


class TestMergeRequests:
    def test_what_is_known(self, client: GitLab) -> None:
        assert client.request_of(7) == RequestFacts(number=7, head=HEAD, target="main", author="ada", is_open=True)

    def test_one_to_another_project_is_none_of_ours(self, client: GitLab, server: FakeGitLab) -> None:
        server.fail("GET .*/7", retold(lambda told: told.update(target_project_id=FORK)))
        with pytest.raises(ForgeError, match="merge request 7 is to another project"):
            client.request_of(7)

    @pytest.mark.parametrize("state", ["closed", "merged", "locked"])
    def test_one_that_is_not_open(self, client: GitLab, server: FakeGitLab, state: str) -> None:
        server.merge_requests[7].state = state
        assert not client.request_of(7).is_open

    def test_an_author_who_is_gone(self, client: GitLab, server: FakeGitLab) -> None:
        server.merge_requests[7].author = None
        assert client.request_of(7).author is None

    def test_those_from_a_branch(self, client: GitLab, server: FakeGitLab) -> None:
        server.merge_requests[8] = MergeRequest(8, OLDER, source=FORK, author="mallory")
        server.merge_requests[9] = MergeRequest(9, OLDER, source=FORK, branch="other")
        server.merge_requests[10] = MergeRequest(10, OLDER, source=FORK, state="closed")
        (found,) = client.requests_from("mallory/models", "retrain")
        assert found.number == 8
        assert [each.number for each in client.requests_from("3001", "retrain")] == [7]

    def test_those_that_a_commit_came_by_or_that_hold_it(self, client: GitLab, server: FakeGitLab) -> None:
        server.merge_requests[8] = MergeRequest(8, OLDER, source=FORK, older=[HEAD])
        server.merge_requests[9] = MergeRequest(9, OLDER, state="merged", merge_commit=HEAD)
        server.merge_requests[10] = MergeRequest(10, OLDER)
        assert [each.number for each in client.requests_of(HEAD)] == [7, 8, 9]
        assert client.requests_of(BASE) == ()

    def test_none_of_those_that_hold_it_is_to_another_project(self, client: GitLab, server: FakeGitLab) -> None:
        """A commit of a fork is in the requests to that fork, too."""
        server.merge_requests[8] = MergeRequest(8, HEAD, state="merged", merged_at="2026-11-20T09:00:00Z")
        server.fail("GET .*/commits/.*", retold(lambda told: told[1].update(target_project_id=FORK)), times=2)
        assert [each.number for each in client.requests_of(HEAD)] == [7]
        assert client.merged_at(HEAD) is None

    def test_one_is_opened_once(self, client: GitLab, server: FakeGitLab) -> None:
        server.branches["promote/churn"] = OLDER
        server.merge_requests[8] = MergeRequest(8, HEAD, branch="promote/churn", source=FORK)
        server.merge_requests[9] = MergeRequest(9, HEAD, branch="promote/churn", target="staging")
        server.fail("POST .*/merge_requests", reset_after)
        made = client.open_request("promote/churn", "main", "Promote churn", "1.4.0 to production")
        assert made == OpenedRequest(number=10, url="https://gitlab.example.com/acme/models/-/merge_requests/10")
        assert client.open_request("promote/churn", "main", "Promote churn", "again") == made
        opened = server.merge_requests[10]
        assert (opened.title, opened.description, opened.target) == ("Promote churn", "1.4.0 to production", "main")
        assert len(server.merge_requests) == 4

    def test_one_that_cannot_be_opened(self, client: GitLab) -> None:
        with pytest.raises(ForgeError, match="does not exist"):
            client.open_request("promote/churn", "main", "Promote churn", "")

    def test_that_there_is_one_which_nobody_is_shown_is_no_success(self, client: GitLab, server: FakeGitLab) -> None:
        server.branches["retrain"] = HEAD
        server.fail("GET .*/merge_requests?.*", lambda _: Answer(200, {}, b"[]"), times=9)
        with pytest.raises(ForgeError, match="Another open merge request already exists"):
            client.open_request("retrain", "main", "Retrain", "")


class TestWhenACommitWasMerged:
    AT, UTC = "2026-11-20T10:00:00.000+01:00", datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
    SQUASHED, OTHER = "c" * 40, "d" * 40

    def merge(self, server: FakeGitLab, number: int = 7, **more: Any) -> None:
        one = MergeRequest(number, HEAD, older=[OLDER], state="merged", merged_at=self.AT)
        server.merge_requests[number] = replace_fields(one, **more)

    def test_as_a_merge_commit(self, client: GitLab, server: FakeGitLab) -> None:
        self.merge(server, merge_commit=BASE)
        assert str(client.merged_at(BASE)) == str(self.UTC)
        assert client.merged_at(HEAD) is None and client.merged_at(OLDER) is None

    def test_squashed(self, client: GitLab, server: FakeGitLab) -> None:
        self.merge(server, squash_commit=self.SQUASHED)
        assert client.merged_at(self.SQUASHED) == self.UTC
        assert client.merged_at(HEAD) is None and client.merged_at(OLDER) is None

    def test_squashed_beside_a_merge_commit(self, client: GitLab, server: FakeGitLab) -> None:
        self.merge(server, squash_commit=self.SQUASHED, merge_commit=BASE)
        assert client.merged_at(BASE) == self.UTC
        assert client.merged_at(self.SQUASHED) is None

    @pytest.mark.parametrize("merge_commit", [None, HEAD])
    def test_moved_forward(self, client: GitLab, server: FakeGitLab, merge_commit: str | None) -> None:
        """Then each of its commits came to the branch, with a date of its author's own."""
        self.merge(server, merge_commit=merge_commit)
        assert client.merged_at(HEAD) == self.UTC
        assert client.merged_at(OLDER) == self.UTC

    @pytest.mark.parametrize("state", ["opened", "closed", "locked"])
    def test_not_merged(self, client: GitLab, server: FakeGitLab, state: str) -> None:
        self.merge(server, state=state)
        assert client.merged_at(HEAD) is None

    def test_merged_when_nobody_wrote_down_the_time(self, client: GitLab, server: FakeGitLab) -> None:
        self.merge(server, merged_at=None)
        assert client.merged_at(HEAD) is None

    def test_of_several_the_last(self, client: GitLab, server: FakeGitLab) -> None:
        self.merge(server, target="staging")
        self.merge(server, 8, merged_at="2026-11-20T09:00:00.001Z")
        assert client.merged_at(HEAD) == self.UTC + timedelta(milliseconds=1)

    def test_a_commit_that_came_by_none(self, client: GitLab) -> None:
        assert client.merged_at(self.OTHER) is None

    def test_that_it_cannot_be_asked_is_not_that_there_was_none(self, client: GitLab, server: FakeGitLab) -> None:
        server.fail("GET .*/commits/.*", READ_ONLY)
        with pytest.raises(ForgeError):
            client.merged_at(HEAD)


class TestApprovals:
    AFTER, BEFORE = "2026-11-20T09:30:00.000Z", "2026-11-20T08:30:00.000+00:00"

    def approve(self, server: FakeGitLab, *approvals: tuple[str, str | None]) -> None:
        server.merge_requests[7].approvals += approvals

    def test_nobody_approves(self, client: GitLab) -> None:
        assert client.approvals(7, HEAD) == frozenset()

    def test_who_approved_the_head(self, client: GitLab, server: FakeGitLab) -> None:
        self.approve(server, ("grace", self.AFTER), ("linus", self.AFTER))
        assert client.approvals(7, HEAD) == {"grace", "linus"}

    def test_where_approvals_outlive_a_push_nobody_can_tell(self, client: GitLab, server: FakeGitLab) -> None:
        server.resets = False
        self.approve(server, ("grace", self.AFTER))
        with pytest.raises(Undecidable, match="approvals outlive a push in this project") as caught:
            client.approvals(7, HEAD)
        assert caught.value.help.startswith("Turn on `Remove all approvals when commits are added")

    def test_nor_where_there_is_no_such_setting(self, client: GitLab, server: FakeGitLab) -> None:
        server.resets = None
        self.approve(server, ("grace", self.AFTER))
        with pytest.raises(Undecidable, match="does not say whether approvals outlive a push"):
            client.approvals(7, HEAD)

    def test_that_it_may_not_be_known_is_not_that_there_is_none(self, client: GitLab, server: FakeGitLab) -> None:
        server.fail("GET /projects/3001/approvals", READ_ONLY)
        with pytest.raises(ForgeError) as caught:
            client.approvals(7, HEAD)
        assert caught.value.kind == "unauthorized"

    def test_an_approval_that_the_push_has_not_taken_away_yet(self, client: GitLab, server: FakeGitLab) -> None:
        self.approve(server, ("grace", self.BEFORE), ("linus", self.AFTER))
        assert client.approvals(7, HEAD) == {"linus"}

    def test_a_server_that_does_not_say_when(self, client: GitLab, server: FakeGitLab) -> None:
        self.approve(server, ("grace", None))
        assert client.approvals(7, HEAD) == {"grace"}

    def test_a_push_during_the_question_inherits_nothing(self, client: GitLab, server: FakeGitLab) -> None:
        self.approve(server, ("grace", self.AFTER))
        pushed = ("3" * 40, "2026-11-20T10:00:00.000Z")
        server.fail("GET .*/versions", meanwhile(lambda: server.merge_requests[7].versions.append(pushed)))
        with pytest.raises(Undecidable, match=f"approvals are no longer for {HEAD}"):
            client.approvals(7, HEAD)

    def test_an_older_head_has_none(self, client: GitLab, server: FakeGitLab) -> None:
        server.merge_requests[7].versions.insert(0, (OLDER, "2026-11-19T09:00:00.000Z"))
        with pytest.raises(Undecidable, match=f"approvals are no longer for {OLDER}"):
            client.approvals(7, OLDER)

    def test_a_head_that_came_back_has_those_since(self, client: GitLab, server: FakeGitLab) -> None:
        server.merge_requests[7].versions += [(OLDER, "2026-11-20T09:10:00Z"), (HEAD, "2026-11-20T09:20:00Z")]
        self.approve(server, ("grace", "2026-11-20T09:05:00Z"), ("linus", "2026-11-20T09:25:00Z"))
        assert client.approvals(7, HEAD) == {"linus"}

    def test_a_time_without_a_zone_is_none(self, client: GitLab, server: FakeGitLab) -> None:
        told = b'{"approved_by": [{"user": {"id": 5, "username": "grace"}, "approved_at": "2026-11-20T09:30:00"}]}'
        server.fail("GET .*/merge_requests/7/approvals", lambda _: Answer(200, {}, told))
        with pytest.raises(ForgeError) as caught:
            client.approvals(7, HEAD)
        assert caught.value.kind == "misunderstood"


class TestComments:
    def test_they_are_all_of_them_and_who_wrote_them(self, client: GitLab, server: FakeGitLab) -> None:
        for number in range(230):
            server.note(7, "eve", str(number))
        own = server.note(7, BOT, "ours")
        *others, last = client.comments(7)
        assert len(others) == 230 and not any(each.is_own for each in others)
        assert last == Comment(id=own.id, body="ours", author=BOT, is_own=True)
        asked = [each for each in server.requests if "/notes?" in each]
        assert [each.partition("per_page=")[2] for each in asked] == ["100", "100&page=2", "100&page=3"]

    def test_what_gitlab_itself_remarks_is_none(self, client: GitLab, server: FakeGitLab) -> None:
        server.note(7, BOT, "approved this merge request", system=True)
        assert client.comments(7) == ()

    def test_they_are_written_changed_and_deleted(self, client: GitLab, server: FakeGitLab) -> None:
        made = client.create_comment(7, "one")
        assert made == Comment(id=made.id, body="one", author=BOT, is_own=True)
        client.update_comment(7, made.id, "two")
        assert server.bodies(7) == ["two"]
        client.delete_comment(7, made.id)
        client.delete_comment(7, made.id)
        assert server.bodies(7) == []

    @pytest.mark.parametrize("act", [reset, reset_after, server_error(502), malformed])
    def test_none_is_written_twice(self, client: GitLab, server: FakeGitLab, act: Fault) -> None:
        server.note(7, "eve", "one")
        server.fail("POST .*/notes", act, times=2)
        made = client.create_comment(7, "one")
        assert [each.id for each in server.notes[7] if each.user == BOT] == [made.id]

    def test_an_edit_is_tried_again(self, client: GitLab, server: FakeGitLab) -> None:
        note = server.note(7, BOT, "one")
        server.fail("PUT .*", server_error(503), times=2)
        client.update_comment(7, note.id, "two")
        assert server.bodies(7) == ["two"]
        server.fail("DELETE .*", reset_after)
        client.delete_comment(7, note.id)
        assert server.bodies(7) == []

    def test_pages_end(self, client: GitLab, server: FakeGitLab) -> None:
        server.fail(f"GET {NOTES}", lambda _: Answer(200, {"X-Next-Page": "2"}, b"[]"), times=999)
        with pytest.raises(ForgeError, match="has more than 5000 items"):
            client.comments(7)
        assert len(server.requests) == 50

    @pytest.mark.parametrize("page", ["-1", "2&x=1", "²", "9" * 20, "http://evil.example/"])
    def test_a_page_that_is_none(self, client: GitLab, server: FakeGitLab, page: str) -> None:
        server.fail(f"GET {NOTES}", lambda _: Answer(200, {"X-Next-Page": page}, b"[]"))
        with pytest.raises(ForgeError, match="goes on at no page"):
            client.comments(7)


class TestStatuses:
    @pytest.mark.parametrize(
        ("state", "told"), [("pending", "pending"), ("success", "success"), ("failure", "failed"), ("error", "failed")]
    )
    def test_gitlab_has_other_words(self, client: GitLab, server: FakeGitLab, state: StatusState, told: str) -> None:
        client.set_status(HEAD, state, "churn", "https://ci.example/1")
        (made,) = server.statuses
        assert (made["sha"], made["state"], made["name"]) == (HEAD, told, "snitch/main")
        assert made["target_url"] == "https://ci.example/1"

    def test_what_is_said_is_cut(self, client: GitLab, server: FakeGitLab) -> None:
        client.set_status(HEAD, "failure", "x" * 300, "")
        (made,) = server.statuses
        assert made["description"] == "x" * 255 and made["target_url"] is None

    def test_that_it_is_pending_already_is_no_error(self, client: GitLab, server: FakeGitLab) -> None:
        client.set_status(HEAD, "pending", "", "")
        client.set_status(HEAD, "pending", "", "")
        assert len(server.statuses) == 1

    def test_a_verdict_that_is_not_taken_is_one(self, client: GitLab, server: FakeGitLab) -> None:
        server.fail("POST .*/statuses/.*", refusal(400, "Cannot transition status via :drop from :success"))
        with pytest.raises(ForgeError, match="Cannot transition"):
            client.set_status(HEAD, "failure", "", "")

    def test_another_update_at_the_same_time(self, client: GitLab, server: FakeGitLab, clock: Clock) -> None:
        server.fail("POST .*", refusal(409, "Another update to this commit status is in progress"), times=2)
        client.set_status(HEAD, "success", "", "")
        assert len(server.statuses) == 1 and clock.slept == [0.5, 1.0]

    def test_our_own_of_the_branch_are_told_oldest_first(self, client: GitLab, server: FakeGitLab) -> None:
        client.set_status(HEAD, "success", "one", "https://ci.example/1")
        for author, name in (("eve", "snitch/main"), (BOT, "snitch/staging"), (BOT, "build")):
            server.status(HEAD, author, name=name, state="failed")
        client.set_status(OLDER, "success", "of another commit", "")
        client.set_status(HEAD, "error", "two", "")
        for state in ("canceled", "running"):
            server.status(HEAD, BOT, name="snitch/main", state=state)
        assert client.statuses(HEAD) == (
            Status(state="success", description="one", url="https://ci.example/1"),
            Status(state="failure", description="two", url=""),
            Status(state="failure", description="", url=""),
            Status(state="pending", description="", url=""),
        )

    @pytest.mark.parametrize("at", range(6))
    @pytest.mark.parametrize(("first", "second"), [(499, 500), (500, 499)])
    def test_of_two_runs_the_later_one_has_the_last_word(
        self, asked: Request, server: FakeGitLab, clock: Clock, first: int, second: int, at: int
    ) -> None:
        """All of the one happens just before the `at`th request of the other."""
        inconclusive = replace(PASSED, findings=(UNDECIDED,))

        def publish_of(run: int) -> Delivery:
            page = f"https://gitlab.example.com/acme/models/-/jobs/{run}"
            request = replace(asked, event="push", number=None, run_url=page)
            forge = GitLab(request, Token(TOKEN, "GITLAB_TOKEN"), clock.patience)
            return publish(forge, request, PASSED if run == 499 else inconclusive, "", status=True)

        server.fail(".*", meanwhile(lambda: publish_of(second)), skip=at)
        assert publish_of(first).faults == ()
        server.mend()
        assert publish_of(second).faults == ()
        last = server.statuses[-1]
        assert (last["status"], last["target_url"][-3:]) == ("failed", "500")
        assert len(server.statuses) <= 4


class TestWhatGoesWrong:
    @pytest.mark.parametrize(
        ("act", "slept"),
        [
            (reset, [0.5, 1.0]),
            (server_error(500), [0.5, 1.0]),
            (server_error(504), [0.5, 1.0]),
            (malformed, [0.5, 1.0]),
            (lambda _: Answer(200, {}, b"<html>Sign in"), [0.5, 1.0]),
            (lambda _: Answer(200, {"Content-Encoding": "gzip"}, b"no gzip"), [0.5, 1.0]),
            (refusal(429, "Retry later", Retry_After="3"), [3, 3]),
            (refusal(503, "Maintenance", Retry_After="2"), [2, 2]),
            (refusal(503, "Maintenance", Retry_After="soon"), [0.5, 1.0]),
        ],
    )
    def test_what_passes_is_tried_again(
        self, client: GitLab, server: FakeGitLab, clock: Clock, act: Fault, slept: list[float]
    ) -> None:
        server.fail(ASKED, act, times=2)
        assert client.request_of(7).head == HEAD
        assert clock.slept == slept

    @pytest.mark.parametrize(
        ("act", "kind", "message"),
        [
            (BAD_TOKEN, "unauthorized", "GitLab does not know the token"),
            (READ_ONLY, "unauthorized", "the token may not do that"),
            (refusal(404, "404 Not Found"), "absent", "no such thing"),
            (refusal(422, "Unprocessable"), "refused", "Unprocessable"),
            (refusal(400, {"note": [":too long"]}), "refused", r"\{.*note.*too long"),
            (lambda _: Answer(400, {}, b'{"error": "page is invalid"}'), "refused", "page is invalid"),
            (refusal(429, "Retry later"), "limited", "takes no more requests now"),
            (refusal(429, "Retry later", Retry_After="3600"), "limited", "takes no more requests now"),
            (refusal(302, "Found", Location="http://127.0.0.1:1/"), "misunderstood", "the API is elsewhere"),
        ],
    )
    def test_what_does_not_pass_is_not(
        self, client: GitLab, server: FakeGitLab, clock: Clock, act: Fault, kind: ErrorKind, message: str
    ) -> None:
        server.fail(ASKED, act)
        with pytest.raises(ForgeError, match=message) as caught:
            client.request_of(7)
        assert caught.value.kind == kind
        assert clock.slept == [] and len(server.requests) == 1

    def test_tries_end(self, client: GitLab, server: FakeGitLab, clock: Clock) -> None:
        server.fail(ASKED, server_error(), times=99)
        with pytest.raises(ForgeError, match=r"GitLab is broken: GET .* was answered with 502") as caught:
            client.request_of(7)
        assert caught.value.kind == "unreachable"
        assert len(server.requests) == 4 and clock.slept == [0.5, 1.0, 2.0]

    def test_the_budget_is_for_all_requests_together(self, client: GitLab, server: FakeGitLab, clock: Clock) -> None:
        server.fail(ASKED, refusal(429, "Retry later", Retry_After="9"), times=99)
        for _ in range(2):
            with pytest.raises(ForgeError):
                client.request_of(7)
        assert sum(clock.slept) == 27
        clock.now += 3
        sent = len(server.requests)
        with pytest.raises(ForgeError, match="given 30 seconds") as caught:
            client.request_of(7)
        assert caught.value.kind == "late" and len(server.requests) == sent
        server.mend()
        assert client.renewed().request_of(7).head == HEAD

    def test_an_answer_that_does_not_come_is_not_waited_for(self, asked: Request, server: FakeGitLab) -> None:
        client = GitLab(asked, Token(TOKEN, "GITLAB_TOKEN"), Patience(budget=0.5, longest=0.2))
        server.fail(ASKED, slow(1.5), times=9)
        began = time.monotonic()
        with pytest.raises(ForgeError, match=r"did not answer .* in time"):
            client.request_of(7)
        assert time.monotonic() - began < 1
        assert all(thread.daemon for thread in threading.enumerate() if thread.name == "forge")

    def test_an_answer_without_end(
        self, client: GitLab, server: FakeGitLab, monkeypatch: pytest.MonkeyPatch, clock: Clock
    ) -> None:
        monkeypatch.setattr("snitch.forge.gitlab_connection._MOST_BYTES", 1000)
        server.fail(ASKED, lambda _: Answer(200, {}, b" " * 1001))
        with pytest.raises(ForgeError, match="has no end"):
            client.request_of(7)
        assert clock.slept == []

    def test_nobody_is_there(self, asked: Request, clock: Clock) -> None:
        client = GitLab(replace(asked, api="http://127.0.0.1:1"), Token(TOKEN, "GITLAB_TOKEN"), clock.patience)
        with pytest.raises(ForgeError, match=r"GitLab cannot be reached: GET .* ended in ConnectionError"):
            client.request_of(7)

    @pytest.mark.parametrize("project", ["", "acme/models", "3001/../3002", "-1", "٣"])
    def test_no_project(self, asked: Request, project: str) -> None:
        with pytest.raises(ForgeError, match="is no project"):
            GitLab(replace(asked, repository=project), Token(TOKEN, "GITLAB_TOKEN"))


class TestTokens:
    def test_of_another(self, asked: Request, clock: Clock) -> None:
        client = GitLab(asked, Token("glpat-other", "GITLAB_TOKEN"), clock.patience)
        with pytest.raises(ForgeError, match="does not know the token") as caught:
            client.request_of(7)
        assert caught.value.kind == "unauthorized"

    def test_one_that_may_only_read(self, client: GitLab, server: FakeGitLab) -> None:
        server.writable = False
        with pytest.raises(ForgeError, match="the token may not do that") as caught:
            client.create_comment(7, "one")
        assert caught.value.kind == "read-only"

    def test_that_of_a_job_writes_nothing_and_says_what_would(self, asked: Request, clock: Clock) -> None:
        client = GitLab(asked, Token(JOB_TOKEN, "CI_JOB_TOKEN"), clock.patience)
        with pytest.raises(ForgeError, match="CI_JOB_TOKEN may not do that") as caught:
            client.set_status(HEAD, "success", "", "")
        assert caught.value.kind == "read-only"
        assert "Set GITLAB_TOKEN or SNITCH_TOKEN, masked," in caught.value.advice
        with pytest.raises(ForgeError, match="CI_JOB_TOKEN may not do that") as caught:
            client.request_of(7)
        assert caught.value.kind == "unauthorized"

    def test_another_host_is_never_told(self, client: GitLab, server: FakeGitLab) -> None:
        with FakeGitLab() as elsewhere:
            there = f"{elsewhere.url}/projects/3001/merge_requests/7"
            server.fail(ASKED, refusal(307, "Moved", Location=there))
            with pytest.raises(ForgeError, match="the API is elsewhere"):
                client.request_of(7)
            assert elsewhere.requests == []

    def test_a_netrc_takes_its_place_nowhere(
        self, client: GitLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password other\n", encoding="utf-8")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        assert client.request_of(7).head == HEAD

    def test_they_are_told_nowhere(
        self, asked: Request, server: FakeGitLab, clock: Clock, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        client = GitLab(asked, Token(TOKEN, "GITLAB_TOKEN"), clock.patience)
        messages = [repr(client)]
        faults: list[Fault] = [
            refusal(403, f"Bad {TOKEN}"),
            refusal(422, TOKEN),
            refusal(422, {TOKEN: [TOKEN]}),
            server_error(),
            reset,
            malformed,
            BAD_TOKEN,
            lambda _: Answer(200, {}, f'{{"name": "{TOKEN}"}}'.encode()),
            lambda _: Answer(200, {}, f'"{TOKEN}"'.encode()),
        ]
        for act in faults:
            server.fail(ASKED, act, times=4)
            with pytest.raises(ForgeError) as caught:
                client.renewed().request_of(7)
            messages += [str(caught.value), repr(caught.value), caught.value.advice]
            server.mend()
        assert len(messages) == 1 + 3 * len(faults)
        assert not [text for text in [*messages, caplog.text] if TOKEN in text]

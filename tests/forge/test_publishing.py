"""A report on its way to GitHub: what is written, what is left alone, and what becomes of it when things go wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from snitch.forge.errors import ForgeError
from snitch.forge.github import GitHub
from snitch.forge.publishing import EDITABLE, UNPRIVILEGED, Delivery, publish, publish_result
from snitch.forge.sticky import OUTDATED, Wanted
from snitch.verdict import Report
from tests.forge.carrier import Fault, malformed, meanwhile, reset, reset_after, server_error
from tests.forge.conftest import HEAD, OLDER, Clock, request_to
from tests.forge.server import BAD_TOKEN, READ_ONLY, TOKEN, refusal
from tests.forge.server import GitHub as FakeGitHub
from tests.forge.state import ACTIONS, Comment, Pull
from tests.report.reports import BLOCKED, PASSED, REGRESSED, STALE, UNDECIDED, WAIVED

INCONCLUSIVE = replace(PASSED, findings=(UNDECIDED,))
RED, GREEN, GREY = (BLOCKED, "red"), (PASSED, "green"), (INCONCLUSIVE, "grey")


class Gate:
    """One run of the gate, at the moment of publishing."""

    def __init__(self, fake: FakeGitHub, clock: Clock, head: str = HEAD, run: int | str = 500, **others: Any) -> None:
        request = request_to(fake, head)
        page = f"https://github.example/acme/models/actions/runs/{run}"
        self.request = replace(request, run_url=page, **others)
        self.forge = GitHub(self.request, TOKEN, clock.patience)

    def publish(self, told: tuple[Report, str], *, status: bool = False, check_run: bool = False) -> Delivery:
        report, text = told
        return publish(self.forge, self.request, report, text, status=status, check_run=check_run)


@pytest.fixture
def gate(fake: FakeGitHub, clock: Clock) -> Gate:
    return Gate(fake, clock)


def texts(fake: FakeGitHub) -> list[str]:
    """What our comments on the pull request say, without their markers."""
    return [body.partition("\n")[2] for body in fake.state.bodies(7)]


def test_red_green_red(gate: Gate, fake: FakeGitHub) -> None:
    assert gate.publish(RED) == Delivery(("a comment written",))
    assert texts(fake) == ["red"]
    assert gate.publish(GREEN) == Delivery(("the comment brought up to date",))
    assert gate.publish(GREEN).faults == ()
    assert texts(fake) == ["green"]
    gate.publish(GREY)
    assert texts(fake) == ["grey"]
    (comment,) = fake.state.comments[7]
    assert comment.edits == 2


def test_always_green_is_silent(gate: Gate, fake: FakeGitHub) -> None:
    assert gate.publish(GREEN) == Delivery(("no comment: all is green, and always was",))
    assert fake.writes == []


def test_inconclusive_is_told(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish(GREY)
    assert texts(fake) == ["grey"]


def test_the_marker_stands_first_and_names_the_head(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish(RED)
    (body,) = fake.state.bodies(7)
    assert body.startswith(f"<!-- snitch:report head={HEAD} run=500.0 ")


def test_ours_is_found_on_the_third_page(gate: Gate, fake: FakeGitHub) -> None:
    for number in range(230):
        fake.state.comment(7, "eve", str(number))
    gate.publish(RED)
    gate.publish(GREEN)
    assert texts(fake) == ["green"]


def test_a_draft_is_told_too(gate: Gate, fake: FakeGitHub) -> None:
    fake.state.pulls[7].draft = True
    gate.publish(RED)
    assert texts(fake) == ["red"]


@pytest.mark.parametrize("told", [RED, GREEN, GREY])
def test_a_closed_request_gets_nothing(gate: Gate, fake: FakeGitHub, told: tuple[Report, str]) -> None:
    fake.state.pulls[7].state = "closed"
    delivery = gate.publish(told, status=True, check_run=True)
    assert delivery == Delivery(("the request is closed: nothing is published",))
    assert fake.writes == []


@pytest.mark.parametrize("event", ["merge_group", "push"])
def test_without_a_request_there_is_no_comment(fake: FakeGitHub, clock: Clock, event: str) -> None:
    gate = Gate(fake, clock, event=event, number=7 if event == "merge_group" else None)
    assert gate.publish(RED, status=True) == Delivery(("the commit status is failure",))
    assert texts(fake) == []


# Others


def test_a_spoofed_marker_is_neither_touched_nor_counted(gate: Gate, fake: FakeGitHub) -> None:
    spoofed = [Wanted(head, "main", (10**9, 0), "all is well", True).body for head in (HEAD, OLDER)]
    for body in spoofed:
        fake.state.comment(7, "eve", body)
        fake.state.comment(7, "other-app[bot]", body)
        fake.state.comment(7, "github-actions", body)
    gate.publish(RED)
    gate.publish(GREEN)
    assert texts(fake) == ["green"]
    assert [each.body for each in fake.state.comments[7] if each.user != ACTIONS] == [
        body for body in spoofed for _ in range(3)
    ]


def test_another_comment_of_the_same_bot_is_left_alone(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish(RED)
    quoted = f"> {fake.state.bodies(7)[0]}"
    fake.state.comment(7, ACTIONS, quoted)
    fake.state.comment(7, ACTIONS, "coverage: 90 %")
    gate.publish(GREEN)
    assert texts(fake)[0] == "green" and fake.state.bodies(7)[1:] == [quoted, "coverage: 90 %"]


def test_duplicates_are_healed_and_the_oldest_stays(gate: Gate, fake: FakeGitHub) -> None:
    ids = [
        fake.state.comment(7, ACTIONS, Wanted(head, "main", (1, 0), "old", False).body).id
        for head in (OLDER, HEAD, HEAD)
    ]
    delivery = gate.publish(RED)
    assert delivery.done == ("the comment brought up to date", "2 other of our comments deleted")
    assert [(each.id, each.body.partition("\n")[2]) for each in fake.state.comments[7]] == [(ids[0], "red")]


# Races


def test_an_older_head_never_overwrites_a_newer(fake: FakeGitHub, clock: Clock) -> None:
    older, newer = Gate(fake, clock, OLDER, run=400), Gate(fake, clock)
    newer.publish(GREY)
    assert older.publish(RED).done == ("no comment: a newer commit was pushed, and its own run will tell",)
    assert texts(fake) == ["grey"]


def test_an_earlier_run_of_the_same_head_never_overwrites_a_later(fake: FakeGitHub, clock: Clock) -> None:
    earlier, later = Gate(fake, clock, run=499), Gate(fake, clock, run=500)
    later.publish(GREY)
    assert earlier.publish(RED).done == ("no comment: a later run has written already",)
    assert texts(fake) == ["grey"]


def _asked(fake: FakeGitHub, happens: Callable[[], object]) -> int:
    """How many requests are made meanwhile."""
    before = len(fake.requests)
    happens()
    return len(fake.requests) - before


STANDING = [(), ((1, "old"),), ((1, "old"), (2, "old"))]


@pytest.mark.parametrize("standing", STANDING, ids=["none", "one", "two"])
@pytest.mark.parametrize("at", range(10))
def test_two_runs_of_one_head_in_every_order(
    fake: FakeGitHub, clock: Clock, standing: tuple[tuple[int, str], ...], at: int
) -> None:
    """All of the one happens just before the `at`th request of the other: one comment stays, of the later run."""
    for run, text in standing:
        fake.state.comment(7, ACTIONS, Wanted(OLDER, "main", (run, 0), text, False).body)
    for first, second in ((499, 500), (500, 499)):
        fake.mend()
        one, other = Gate(fake, clock, run=first), Gate(fake, clock, run=second)
        fake.fail(".*", meanwhile(lambda other=other: other.publish(GREY)), skip=at)  # type: ignore[misc]
        assert one.publish(RED).faults == ()
        fake.mend()
        other.publish(GREY)  # where the other had less than `at` requests to make
        assert texts(fake) == ["grey" if second == 500 else "red"]
        fake.state.comments[7] = fake.state.comments[7][1:]


@pytest.mark.parametrize("standing", STANDING, ids=["none", "one", "two"])
@pytest.mark.parametrize("at", range(10))
def test_a_push_in_the_middle_of_publishing(
    fake: FakeGitHub, clock: Clock, standing: tuple[tuple[int, str], ...], at: int
) -> None:
    """The newer commit is pushed, judged and told of just before the `at`th request of the older one's run.

    The one comment that stays is the newer's, or says itself that it is outdated.
    """
    for run, text in standing:
        fake.state.comment(7, ACTIONS, Wanted("3" * 40, "main", (run, 0), text, False).body)
    fake.state.pulls[7].head = OLDER
    older, newer = Gate(fake, clock, OLDER, run=499), Gate(fake, clock, HEAD, run=500)

    def push() -> None:
        fake.state.pulls[7].head = HEAD
        newer.publish(GREY)

    fake.fail(".*", meanwhile(push), skip=at)
    assert older.publish(RED).faults == ()
    (text,) = texts(fake)
    pushed = fake.state.pulls[7].head == HEAD
    assert text in (("grey", OUTDATED + "red") if pushed else ("red",))
    newer.publish(GREY)
    if pushed:
        assert texts(fake) == ["grey"]


def test_a_push_whose_own_run_has_not_told_yet(fake: FakeGitHub, clock: Clock) -> None:
    gate = Gate(fake, clock)

    def push() -> None:
        fake.state.pulls[7].head = OLDER

    fake.fail("POST .*", meanwhile(push))
    gate.publish(RED)
    assert texts(fake) == [OUTDATED + "red"]


def test_a_comment_deleted_just_before_it_is_changed(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish(GREY)
    fake.fail("PATCH .*", meanwhile(lambda: fake.state.comments[7].clear()))
    assert gate.publish(RED) == Delivery(("a comment written",))
    assert texts(fake) == ["red"]


def test_a_comment_that_never_comes_to_rest(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish(GREY)

    def scribble() -> None:
        fake.state.comments[7] = [Comment(1, ACTIONS, Wanted(OLDER, "main", (1, 0), "mine", False).body)]

    fake.fail("GET .*/comments", meanwhile(scribble), times=99)
    (fault,) = gate.publish(RED).faults
    assert "changed each time" in fault.message


# Long reports


def test_a_report_that_is_too_long_becomes_a_brief_one(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish((BLOCKED, "x" * 300_000))
    (text,) = texts(fake)
    assert text == (
        "## Snitch: blocked\n\n1 error in 1 model\n\nThe whole report does not fit here: "
        "[the run has it](https://github.example/acme/models/actions/runs/500).\n"
    )
    assert not any("POST" in each and "comments" in each for each in fake.writes[1:])


def test_a_report_that_github_finds_too_long_becomes_a_brief_one(gate: Gate, fake: FakeGitHub) -> None:
    fake.fail("POST .*/comments", refusal(422, "Validation Failed"))
    gate.publish(RED)
    assert texts(fake)[0].startswith("## Snitch: blocked")
    fake.fail("PATCH .*", refusal(422, "Validation Failed"))
    gate.publish(GREY)
    assert texts(fake)[0].startswith("## Snitch: inconclusive")


def test_what_is_refused_even_so_is_told(gate: Gate, fake: FakeGitHub) -> None:
    fake.fail("POST .*/comments", refusal(422, "Validation Failed"), times=9)
    (fault,) = gate.publish(RED).faults
    assert "Validation Failed" in fault.message and len(fake.writes) == 2


# Statuses and check runs


@pytest.mark.parametrize(
    ("told", "state", "description"),
    [
        (RED, "failure", "blocked: 1 error in 1 model"),
        (GREEN, "success", "passed: 1 model judged by 60 rules as in production"),
        (GREY, "error", "inconclusive: 1 undecided in 1 model"),
    ],
)
def test_a_commit_status(gate: Gate, fake: FakeGitHub, told: tuple[Report, str], state: str, description: str) -> None:
    assert f"the commit status is {state}" in gate.publish(told, status=True).done
    (made,) = fake.state.statuses
    assert (made["sha"], made["context"], made["state"], made["description"], made["target_url"]) == (
        *(HEAD, "snitch/main", state, description),
        "https://github.example/acme/models/actions/runs/500",
    )


def test_a_description_is_plain_and_short(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish((replace(PASSED, environment="ü\x1b[31m\u202e" * 60), "green"), status=True)
    description = fake.state.statuses[0]["description"]
    assert len(description) == 140 and description.isascii() and description.isprintable()


def _set_by(fake: FakeGitHub, run: int, state: str, creator: str = ACTIONS, context: str = "snitch/main") -> None:
    page = f"https://github.example/acme/models/actions/runs/{run}"
    fake.state.status(HEAD, creator, context=context, state=state, target_url=page)


@pytest.mark.parametrize("told", [RED, GREEN, GREY])
def test_a_status_of_a_later_run_is_left(gate: Gate, fake: FakeGitHub, told: tuple[Report, str]) -> None:
    _set_by(fake, 501, "failure")
    assert gate.publish(told, status=True).done[0] == "no commit status: a later run has set it already"
    assert len(fake.state.statuses) == 1


def test_a_run_that_is_repeated_is_later_than_before(fake: FakeGitHub, clock: Clock) -> None:
    for attempt, told in ((1, GREEN), (3, RED), (2, GREEN)):
        Gate(fake, clock, run=f"500/attempts/{attempt}").publish(told, status=True)
    assert [each["state"] for each in fake.state.statuses] == ["success", "failure"]


def test_a_status_of_somebody_else_or_for_another_branch_does_not_count(gate: Gate, fake: FakeGitHub) -> None:
    for creator in ("eve", "other-app[bot]", "github-actions"):
        _set_by(fake, 10**9, "success", creator)
    _set_by(fake, 10**9, "success", context="snitch/staging")
    _set_by(fake, 10**9, "success", context="snitch/main ")
    assert gate.publish(RED, status=True).done == ("the commit status is failure", "a comment written")
    assert fake.state.statuses[-1]["state"] == "failure"


def test_a_status_of_a_later_run_is_found_on_the_third_page(gate: Gate, fake: FakeGitHub) -> None:
    _set_by(fake, 501, "failure")
    for _ in range(230):
        _set_by(fake, 1, "pending", "eve", "build")
    assert gate.publish(GREEN, status=True).done[0] == "no commit status: a later run has set it already"


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize(("first", "second"), [(499, 500), (500, 499)])
def test_two_runs_of_one_head_and_their_status_in_every_order(
    fake: FakeGitHub, clock: Clock, first: int, second: int, at: int
) -> None:
    """All of the one happens just before the `at`th request of the other: the later run has the last word."""
    told = {499: GREEN, 500: RED}
    one, other = (Gate(fake, clock, run=run, event="push", number=None) for run in (first, second))
    fake.fail(".*", meanwhile(lambda: other.publish(told[second], status=True)), skip=at)
    assert one.publish(told[first], status=True).faults == ()
    fake.mend()
    assert other.publish(told[second], status=True).faults == ()
    assert (fake.state.statuses[-1]["state"], fake.state.statuses[-1]["target_url"][-3:]) == ("failure", "500")


def test_a_status_that_was_set_over_says_whose_it_is_now(fake: FakeGitHub, clock: Clock) -> None:
    gate = Gate(fake, clock, event="push", number=None)
    fake.fail("POST .*/statuses/.*", meanwhile(lambda: _set_by(fake, 501, "failure")))
    assert gate.publish(GREEN, status=True).done == (
        "the commit status is success",
        "the commit status is failure, as a later run has set it",
    )
    assert [each["target_url"][-3:] for each in fake.state.statuses] == ["501", "500", "501"]


def test_a_status_that_never_comes_to_rest(gate: Gate, fake: FakeGitHub) -> None:
    fake.fail("GET .*/statuses", meanwhile(lambda: _set_by(fake, 499, "success")), times=99)
    (fault,) = gate.publish(RED, status=True).faults
    assert "the commit status changed each time" in fault.message


@pytest.mark.parametrize(("told", "states"), [(RED, ["failure"]), (GREY, ["error"]), (GREEN, [])])
@pytest.mark.parametrize("what", ["GET .*/statuses", "POST /graphql"])
def test_a_success_is_never_set_blindly(
    gate: Gate, fake: FakeGitHub, told: tuple[Report, str], states: list[str], what: str
) -> None:
    _set_by(fake, 499, "pending")
    fake.fail(what, server_error(503), times=4)
    (fault,) = gate.publish(told, status=True).faults
    assert fault.message.startswith("whether a later run has set the commit status cannot be known: GitHub is broken")
    assert [each["state"] for each in fake.state.statuses] == ["pending", *states]


def test_that_a_status_cannot_be_looked_at_again_is_told(gate: Gate, fake: FakeGitHub) -> None:
    fake.fail("GET .*/statuses", server_error(503), times=4, skip=1)
    delivery = gate.publish(GREEN, status=True)
    assert delivery.done[0] == "the commit status is success"
    assert [each.kind for each in delivery.faults] == ["unreachable"]


def test_nothing_is_asked_for_by_itself(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish(RED)
    assert fake.state.statuses == [] and fake.state.check_runs == []


@pytest.mark.parametrize(("told", "conclusion"), [(RED, "failure"), (GREEN, "success"), (GREY, "failure")])
def test_a_check_run(gate: Gate, fake: FakeGitHub, told: tuple[Report, str], conclusion: str) -> None:
    assert f"a check run made: {conclusion}" in gate.publish(told, check_run=True).done
    (run,) = fake.state.check_runs
    assert (run["name"], run["head_sha"], run["status"]) == ("snitch report/main", HEAD, "completed")
    assert run["conclusion"] == conclusion
    assert run["output"]["text"] == told[1]
    assert run["output"]["title"] == f"Snitch: {told[0].verdict}"


def test_annotations_say_what_blocks_first_and_nothing_that_is_waived(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish((replace(PASSED, findings=(STALE, WAIVED, UNDECIDED, REGRESSED)), "red"), check_run=True)
    (run,) = fake.state.check_runs
    told = [(each["annotation_level"], each["title"], each["path"]) for each in run["annotations"]]
    assert told == [
        ("failure", "REG001 metric-regressed", REGRESSED.path),
        ("failure", "SNT003 undecidable", "models/fraud"),
        ("warning", "DAT001 stale-training-data", "models/churn/model.yaml"),
    ]
    first = run["annotations"][0]
    assert (first["start_line"], first["end_line"], first["start_column"], first["end_column"]) == (6, 6, 44, 48)
    assert first["message"].splitlines()[0] == REGRESSED.message
    assert first["message"].splitlines()[-1] == f"help: {REGRESSED.help}"


@pytest.mark.parametrize(("number", "requests", "told"), [(50, 1, 50), (51, 2, 51), (130, 3, 130), (700, 10, 500)])
def test_annotations_come_in_batches(gate: Gate, fake: FakeGitHub, number: int, requests: int, told: int) -> None:
    findings = tuple(replace(REGRESSED, path=f"models/m{at:03}/x") for at in range(number))
    assert gate.publish((replace(PASSED, findings=findings), "red"), check_run=True).faults == ()
    (run,) = fake.state.check_runs
    assert [each["path"] for each in run["annotations"]] == [f"models/m{at:03}/x" for at in range(told)]
    assert sum("check-runs" in each for each in fake.writes) == requests
    assert ("200 findings more bear no annotation" in run["output"]["summary"]) is (number == 700)


def test_names_and_messages_of_others_in_annotations(gate: Gate, fake: FakeGitHub) -> None:
    hostile = replace(REGRESSED, path="models/\x1b]0;x\x07\u202e\udc80", message="a\n::error::b\x1b[2J", line=10**18)
    nowhere = replace(REGRESSED, path="")
    gate.publish((replace(PASSED, findings=(hostile, nowhere)), "red"), check_run=True)
    second, first = fake.state.check_runs[0]["annotations"]
    assert first["path"] == "models/\\x1b]0;x\\x07\\u202e\\x80" and first["start_line"] == 2**31 - 1
    assert first["message"].startswith("a\\n::error::b\\x1b[2J\n")
    assert second["path"] == ".github"


def test_a_text_that_a_check_run_does_not_take_is_left_out(gate: Gate, fake: FakeGitHub) -> None:
    gate.publish((BLOCKED, "ü" * 32_768), check_run=True)
    assert "text" not in fake.state.check_runs[0]["output"]
    gate.publish((BLOCKED, "ü" * 32_767), check_run=True)
    assert "text" in fake.state.check_runs[-1]["output"]


# What goes wrong


def test_a_token_that_cannot_write_is_told_of_once(gate: Gate, fake: FakeGitHub) -> None:
    fake.state.writable = False
    delivery = gate.publish(RED, status=True, check_run=True)
    assert [str(each) for each in delivery.faults] == [
        "no write permission here. Leave the result for `snitch publish`"
    ]
    assert delivery.done == () and len(fake.writes) == 3


def test_where_the_ci_gives_no_such_token_nothing_is_tried(fake: FakeGitHub, clock: Clock) -> None:
    delivery = Gate(fake, clock, is_read_only=True).publish(RED, status=True)
    assert [str(each) for each in delivery.faults] == [
        "no write permission here. Leave the result for `snitch publish`"
    ]
    assert fake.requests == []


def test_what_may_be_written_is_though_the_comment_may_not(gate: Gate, fake: FakeGitHub) -> None:
    fake.fail("POST .*/comments", READ_ONLY)
    delivery = gate.publish(RED, status=True)
    assert delivery.done == ("the commit status is failure",)
    assert [each.kind for each in delivery.faults] == ["read-only"]


def test_a_status_is_set_though_the_request_cannot_be_read(gate: Gate, fake: FakeGitHub) -> None:
    fake.fail("GET .*/pulls/7", READ_ONLY, times=9)
    delivery = gate.publish(RED, status=True)
    assert delivery.done == ("the commit status is failure",)
    assert [each.kind for each in delivery.faults] == ["unauthorized"]


@pytest.mark.parametrize(
    "act", [reset, reset_after, malformed, server_error(500), refusal(429, "Slow down", Retry_After="1")]
)
@pytest.mark.parametrize("what", ["POST .*/comments", "PATCH .*", "GET .*/comments", "GET .*/pulls/7", "POST /graphql"])
def test_what_passes_leaves_one_comment(gate: Gate, fake: FakeGitHub, act: Fault, what: str) -> None:
    fake.state.comment(7, "eve", "hello")
    fake.fail(what, act, times=2)
    assert gate.publish(GREY).faults == gate.publish(RED).faults == ()
    assert texts(fake) == ["red"]


@pytest.mark.parametrize(
    "act",
    [
        BAD_TOKEN,
        READ_ONLY,
        refusal(403, "You have exceeded a secondary rate limit"),
        refusal(404, "Not Found"),
        refusal(409, "Conflict"),
        refusal(422, "Validation Failed"),
        refusal(429, "Slow down", Retry_After="3600"),
        server_error(503),
        reset,
        malformed,
    ],
)
def test_what_does_not_pass_is_told_and_raised_to_nobody(
    gate: Gate, fake: FakeGitHub, clock: Clock, act: Fault
) -> None:
    fake.state.comment(7, ACTIONS, "hello")
    began = clock.now
    fake.fail(".*", act, times=999)
    delivery = gate.publish(RED, status=True, check_run=True)
    assert delivery.done == () and delivery.faults
    assert all(TOKEN not in str(each) for each in delivery.faults)
    assert clock.now - began <= 30
    assert fake.state.bodies(7) == ["hello"]


def test_thirty_seconds_are_all_there_is(gate: Gate, fake: FakeGitHub, clock: Clock) -> None:
    began = clock.now

    def wait() -> None:
        clock.now += 8

    fake.fail(".*", meanwhile(wait), times=999)
    (fault,) = gate.publish(RED, status=True, check_run=True).faults
    assert fault.kind == "late"
    assert clock.now - began <= 30 + 8


def test_the_time_that_judging_took_is_not_counted(gate: Gate, fake: FakeGitHub, clock: Clock) -> None:
    clock.now += 600
    assert gate.publish(RED).faults == ()


def test_a_fault_of_our_own_is_told_without_what_it_says(
    gate: Gate, fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError(TOKEN)

    monkeypatch.setattr(GitHub, "set_status", broken)
    delivery = gate.publish(RED, status=True)
    assert [str(each) for each in delivery.faults] == ["a fault of Snitch's own in publishing: KeyError"]
    assert texts(fake) == ["red"]


# Results of others


def _result(gate: Gate, told: tuple[Report, str], commit: str | None = HEAD, **parts: bool) -> Delivery:
    report, text = told
    of_commit = replace(report, candidate=replace(report.candidate, commit=commit))
    return publish_result(gate.forge, gate.request, of_commit, text, **parts)


def test_a_result_of_a_job_without_privileges_says_so(gate: Gate, fake: FakeGitHub) -> None:
    _result(gate, (BLOCKED, "## verdict\n\nthe rest\n"))
    assert texts(fake) == [f"## verdict\n\n> **Advisory.** {UNPRIVILEGED}\n\nthe rest\n"]


def test_a_result_sets_no_status_unless_it_is_asked_to(gate: Gate, fake: FakeGitHub) -> None:
    _result(gate, GREEN)
    assert fake.writes == []
    _result(gate, GREEN, status=True, check_run=True)
    (status,), (run,) = fake.state.statuses, fake.state.check_runs
    assert status["description"].startswith("advisory: passed")
    assert UNPRIVILEGED in run["output"]["summary"] and UNPRIVILEGED in run["output"]["text"]


@pytest.mark.parametrize("commit", [OLDER, None, "", HEAD[:12], HEAD.upper() + "\x1b[2J" * 99])
def test_a_result_of_another_commit_is_refused(gate: Gate, fake: FakeGitHub, commit: str | None) -> None:
    fake.state.pulls[8] = Pull(8, OLDER)
    with pytest.raises(ForgeError, match=f"the run that it came from was for {HEAD}") as caught:
        _result(gate, RED, commit, status=True)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 300
    assert fake.requests == []


def test_a_result_whose_commit_was_pushed_over_says_nothing(gate: Gate, fake: FakeGitHub) -> None:
    fake.state.pulls[7].head = OLDER
    assert _result(gate, RED).done == ("no comment: a newer commit was pushed, and its own run will tell",)
    assert fake.writes == []


def test_a_result_that_is_too_long_says_so_in_brief_with_its_caveat(gate: Gate, fake: FakeGitHub) -> None:
    _result(gate, (BLOCKED, "x" * 300_000))
    assert texts(fake)[0].startswith(f"## Snitch: blocked\n\n> **Advisory.** {UNPRIVILEGED}\n\n1 error")


def test_a_name_of_any_length_makes_nothing_too_long(gate: Gate, fake: FakeGitHub) -> None:
    report = replace(GREY[0], environment="<" * 300_000)
    delivery = _result(gate, (replace(report, findings=()), "x" * 300_000), status=True, check_run=True)
    assert delivery.faults == ()
    fake.state.comment(7, ACTIONS, Wanted(OLDER, "main", (1, 0), "old", False).body)
    assert _result(gate, (replace(report, findings=()), "x" * 300_000)).faults == ()
    assert len(texts(fake)[0]) < 10_000


def test_a_gate_that_its_author_can_edit_says_so_where_its_report_does_not(fake: FakeGitHub, clock: Clock) -> None:
    gate = Gate(fake, clock, event="pull_request", is_advisory=True)
    gate.publish((BLOCKED, "## verdict\n"), status=True)
    assert texts(fake) == ["## verdict\n"]
    assert fake.state.statuses[0]["description"] == "advisory: blocked: 1 error in 1 model"
    gate.publish((BLOCKED, "x" * 300_000))
    assert texts(fake)[0].startswith(f"## Snitch: blocked\n\n> **Advisory.** {EDITABLE}\n")

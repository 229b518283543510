"""Which comment is ours, and what is to become of it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from snitch.forge.client import Comment, RequestFacts
from snitch.forge.sticky import OUTDATED, Marker, Remove, Rest, Run, Wanted, Write, marker_of, next_step, run_of

HEAD, OTHER = "1" * 40, "2" * 40
LIVE = RequestFacts(number=7, head=HEAD, target="main", author="ada", is_open=True)
RED = Wanted(HEAD, "main", (500, 0), "red", False)
GREEN = Wanted(HEAD, "main", (500, 0), "green", True)


def comment(id: int, body: str, *, is_own: bool = True) -> Comment:
    return Comment(id=id, body=body, author="somebody", is_own=is_own)


def of(head: str, run: Run = (400, 0), text: str = "older") -> str:
    return Wanted(head, "main", run, text, False).body


def step(wanted: Wanted, *comments: Comment, live: RequestFacts = LIVE, has_written: bool = False) -> object:
    return next_step(wanted, live, comments, has_written=has_written)


def test_a_comment_begins_with_its_marker() -> None:
    assert RED.body == (f"<!-- snitch:report head={HEAD} run=500.0 text=b1f51a511f1da0cd -->\nred")
    assert marker_of(RED.body) == RED.marker == Marker(HEAD, (500, 0), "b1f51a511f1da0cd")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "red",
        f"> {RED.body}",
        f" {RED.body}",
        f"\n{RED.body}",
        RED.body.replace(HEAD, "main"),
        RED.body.replace(HEAD, HEAD[:39]),
        RED.body.replace("run=500.0", "run=500"),
        RED.body.replace("500", "5" * 20),
        RED.body.replace("500", "٥"),
        RED.body.replace("snitch:report", "snitch:other"),
        RED.body.upper(),
    ],
)
def test_what_is_no_marker(body: str) -> None:
    assert marker_of(body) is None


@pytest.mark.parametrize(
    ("url", "run"),
    [
        ("https://github.example/acme/models/actions/runs/500", (500, 0)),
        ("https://github.example/acme/models/actions/runs/500/attempts/3", (500, 3)),
        ("https://gitlab.example/acme/models/-/jobs/77", (77, 0)),
        ("https://ci.example/runs/500", (0, 0)),
        ("https://github.example/acme/models/actions/runs/500/jobs", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_the_run_of_a_page(url: str, run: Run) -> None:
    assert run_of(url) == run


def test_red_is_told_and_green_only_where_something_else_was() -> None:
    assert step(RED) == Write(None, RED.body)
    assert isinstance(step(GREEN), Rest)
    assert step(GREEN, comment(1, of(HEAD))) == Write(1, GREEN.body)
    assert step(GREEN, comment(1, of(OTHER))) == Write(1, GREEN.body)
    assert isinstance(step(GREEN, comment(1, of(HEAD), is_own=False)), Rest)


def test_what_is_up_to_date_is_left() -> None:
    assert step(RED, comment(1, RED.body)) == Rest("the comment is up to date")


def test_a_marker_of_somebody_else_counts_for_nothing() -> None:
    spoofed = comment(1, of(HEAD, (999, 0)), is_own=False)
    assert step(RED, spoofed) == Write(None, RED.body)
    assert step(RED, spoofed, comment(2, of(HEAD))) == Write(2, RED.body)
    assert step(RED, spoofed, comment(2, RED.body)) == Rest("the comment is up to date")


def test_the_oldest_of_ours_stays() -> None:
    several = [comment(3, of(HEAD)), comment(1, of(OTHER)), comment(2, RED.body), comment(0, "of another bot")]
    assert step(RED, *several) == Write(1, RED.body)
    assert step(RED, *(replace(each, body=RED.body) if each.id == 1 else each for each in several)) == Remove((2, 3))


def test_a_later_run_of_the_same_head_has_the_word() -> None:
    later = of(HEAD, (501, 0), "later")
    assert step(RED, comment(1, later)) == Rest("a later run has written already")
    assert step(RED, comment(1, of(HEAD, (500, 1)))) == Rest("a later run has written already")
    assert step(RED, comment(1, of(OTHER, (501, 0)))) == Write(1, RED.body)
    assert step(RED, comment(1, of(HEAD)), comment(2, later)) == Write(1, later)
    assert step(RED, comment(1, later), comment(2, later)) == Remove((2,))


def test_a_head_that_is_not_the_live_one_says_nothing() -> None:
    live = replace(LIVE, head=OTHER)
    for comments in ([], [comment(1, of(HEAD))], [comment(1, of(OTHER))]):
        assert isinstance(step(RED, *comments, live=live), Rest)


def test_a_head_that_moved_on_as_its_run_wrote_says_so() -> None:
    live = replace(LIVE, head=OTHER)
    outdated = replace(RED, text=OUTDATED + "red").body
    assert step(RED, comment(1, RED.body), live=live, has_written=True) == Write(1, outdated)
    assert isinstance(step(RED, comment(1, outdated), live=live, has_written=True), Rest)
    assert isinstance(step(RED, comment(1, of(OTHER)), live=live, has_written=True), Rest)
    assert step(RED, comment(1, of(OTHER)), comment(2, RED.body), live=live, has_written=True) == Remove((2,))
    assert isinstance(step(RED, comment(1, RED.body), live=live), Rest)


def test_a_closed_request_and_one_that_goes_elsewhere_get_nothing() -> None:
    for live in (replace(LIVE, is_open=False), replace(LIVE, target="staging")):
        assert isinstance(step(RED, comment(1, of(HEAD)), live=live), Rest)

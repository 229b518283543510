"""Who has approved what is asked for: a pull request, a merge queue's entry, a push."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from snitch.finding import Undecidable
from snitch.forge.approving import approvals_of
from snitch.forge.github import GitHub
from snitch.forge.request import ForgeKind, Request
from snitch.gate import Approvals
from tests.forge.carrier import server_error
from tests.forge.conftest import HEAD, OLDER
from tests.forge.server import GitHub as FakeGitHub
from tests.forge.state import Pull, Review

QUEUE = "d" * 40


def approve(fake: FakeGitHub, number: int, *users: str, commit: str = HEAD) -> None:
    fake.state.permissions.update(dict.fromkeys(users, "write"))
    fake.state.reviews.setdefault(number, []).extend(Review(user, "APPROVED", commit) for user in users)


def test_of_a_pull_request_those_of_its_head(request_7: Request, client: GitHub, fake: FakeGitHub) -> None:
    approve(fake, 7, "lin")
    approve(fake, 7, "max", commit=OLDER)
    assert approvals_of(request_7, client) == Approvals("ada", frozenset({"lin"}))


def test_of_a_queues_entry_those_of_its_pull_request(request_7: Request, client: GitHub, fake: FakeGitHub) -> None:
    approve(fake, 7, "lin", "ADA")
    queued = replace(request_7, event="merge_group", head=QUEUE, author=None)
    assert approvals_of(queued, client) == Approvals("ada", frozenset({"lin"}))


def test_of_a_push_those_who_approved_each_request_that_it_came_by(
    request_7: Request, client: GitHub, fake: FakeGitHub
) -> None:
    fake.state.pulls[8] = Pull(8, HEAD, author="bob", state="closed", merged_as=QUEUE)
    fake.state.pulls[9] = Pull(9, OLDER, author="eve", state="closed", merged_as=QUEUE)
    fake.state.pulls[10] = Pull(10, QUEUE, author="eve")  # open: it only happens to hold the commit
    approve(fake, 8, "lin", "max", "bob")
    approve(fake, 9, "lin", "eve", commit=OLDER)
    approve(fake, 10, "eve", commit=QUEUE)
    pushed = replace(request_7, event="push", number=None, head=QUEUE)
    assert approvals_of(pushed, client) == Approvals(None, frozenset({"lin"}))


def test_a_push_that_came_by_no_request_was_approved_by_nobody_knows_whom(
    request_7: Request, client: GitHub, fake: FakeGitHub
) -> None:
    pushed = replace(request_7, event="push", number=None, head="e" * 40)
    assert isinstance(approvals_of(pushed, client), Undecidable)


def test_what_cannot_be_asked_is_not_known(request_7: Request, client: GitHub, fake: FakeGitHub) -> None:
    fake.fail("GET .*/reviews", server_error(500), times=9)
    assert isinstance(approvals_of(request_7, client), Undecidable)
    assert isinstance(approvals_of(request_7, None), Undecidable)


@pytest.mark.parametrize(
    ("forge", "help"),
    [
        ("github", "set GITHUB_TOKEN, GH_TOKEN or SNITCH_TOKEN"),
        ("gitlab", "set GITLAB_TOKEN or SNITCH_TOKEN: who has approved is not told to CI_JOB_TOKEN"),
    ],
)
def test_without_a_token_nobody_can_be_asked(request_7: Request, forge: ForgeKind, help: str) -> None:
    unknown = approvals_of(replace(request_7, forge=forge), None)
    assert isinstance(unknown, Undecidable) and unknown.help == help

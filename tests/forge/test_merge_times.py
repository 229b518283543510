"""When commits were merged, asked of a forge no more often than it takes."""

from __future__ import annotations

from datetime import datetime, timezone

from snitch.forge.github import GitHub
from snitch.forge.merge_times import MOST_ASKED, MergeTimes
from tests.forge.carrier import server_error
from tests.forge.conftest import BASE, OLDER, Clock
from tests.forge.server import GitHub as FakeGitHub
from tests.forge.state import Pull

NINE = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)


def test_a_commit_is_asked_about_once(client: GitHub, fake: FakeGitHub) -> None:
    fake.state.pulls[8] = Pull(8, OLDER, state="closed", merged_at="2026-11-20T09:00:00Z", merged_as=BASE)
    times, before = MergeTimes(client), len(fake.requests)
    assert [times(BASE), times(BASE)] == [NINE, NINE]
    assert len(fake.requests) == before + 1


def test_what_was_done_before_takes_nothing_from_its_time(client: GitHub, fake: FakeGitHub, clock: Clock) -> None:
    fake.state.pulls[8] = Pull(8, OLDER, state="closed", merged_at="2026-11-20T09:00:00Z", merged_as=BASE)
    times = MergeTimes(client)
    clock.now += 3600
    assert times(BASE) == NINE


def test_after_some_it_asks_no_more(client: GitHub, fake: FakeGitHub) -> None:
    times, before = MergeTimes(client), len(fake.requests)
    for number in range(MOST_ASKED + 5):
        times(f"{number:040x}")
    assert len(fake.requests) == before + MOST_ASKED


def test_what_the_forge_does_not_tell_is_not_known(client: GitHub, fake: FakeGitHub) -> None:
    fake.fail("GET .*/pulls", server_error(500), times=9)
    assert MergeTimes(client)(BASE) is None

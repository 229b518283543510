"""The time that a forge may take, and when asking again is worth it."""

from __future__ import annotations

import pytest

from snitch.forge.budget import ATTEMPTS, PATIENCE, Budget, pause
from snitch.forge.errors import ForgeError, OutOfTime

NOW = 1_800_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_answer_may_take_no_longer_than_what_is_left(clock: Clock) -> None:
    budget = Budget(30, clock=clock, sleep=clock.sleep)
    assert budget.patience() == PATIENCE
    clock.now += 28
    assert budget.patience() == 2


def test_nothing_is_asked_once_the_time_is_spent(clock: Clock) -> None:
    budget = Budget(30, clock=clock, sleep=clock.sleep)
    clock.now += 30
    with pytest.raises(OutOfTime, match="30 seconds are all that it may take"):
        budget.patience()


def test_a_wait_that_leaves_no_time_to_ask_is_not_begun(clock: Clock) -> None:
    budget = Budget(30, clock=clock, sleep=clock.sleep)
    with pytest.raises(OutOfTime, match="asks to wait 3,600 seconds"):
        budget.wait(3600)
    assert clock.slept == []
    budget.wait(3)
    assert clock.slept == [3] and budget.left == 27


def test_running_out_of_time_is_the_forges_error() -> None:
    assert issubclass(OutOfTime, ForgeError)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (None, {}, 0.5),
        (500, {}, 0.5),
        (502, {}, 0.5),
        (503, {"Retry-After": "7"}, 7),
        (503, {"Retry-After": "0"}, 0),
        (504, {}, 0.5),
        (429, {"Retry-After": "7"}, 7),
        (429, {"Retry-After": "Fri, 15 Jan 2027 08:00:05 GMT"}, 5),
        (429, {"Retry-After": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0),
        (429, {"Retry-After": "soon"}, 60),
        (429, {"Retry-After": "-1"}, 60),
        (429, {}, 60),
        (429, {"RateLimit-Reset": "1800000009"}, 9),
        (403, {"Retry-After": "7"}, 7),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000009"}, 9),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000000"}, 1),
        (403, {"X-RateLimit-Remaining": "4999"}, None),
        (403, {}, None),
        (400, {}, None),
        (401, {}, None),
        (404, {"Retry-After": "7"}, None),
        (409, {}, None),
        (422, {}, None),
        (501, {}, None),
    ],
)
def test_when_to_ask_again(status: int | None, headers: dict[str, str], seconds: float | None) -> None:
    assert pause(status, headers, 1, now=NOW) == seconds


def test_each_pause_is_longer_than_the_one_before_and_there_are_not_many() -> None:
    assert [pause(500, {}, attempt, now=NOW) for attempt in range(1, ATTEMPTS + 1)] == [0.5, 1, 2, None]

"""Which run has the last word in a commit status, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from snitch.forge.client import Status, StatusState
from snitch.forge.status_order import next_status


def status(run: int, state: StatusState, attempt: int = 1, description: str = "churn") -> Status:
    page = f"https://github.example/acme/models/actions/runs/{run}/attempts/{attempt}"
    return Status(state=state, description=description, url=page)


RED, GREEN = status(500, "failure"), status(500, "success")


def step(wanted: Status, *ours: Status, has_written: bool = False) -> Status | None:
    return next_status(wanted, ours, has_written=has_written)


def test_the_first_one_is_set() -> None:
    assert step(GREEN) == GREEN


def test_it_is_set_over_those_of_earlier_runs() -> None:
    assert step(GREEN, status(499, "failure")) == GREEN
    assert step(RED, status(499, "success")) == RED
    assert step(RED, status(500, "success", attempt=0)) == RED


def test_it_is_set_over_one_of_the_same_run() -> None:
    """Such as a job that was told to run again where the run bears no attempt."""
    assert step(RED, GREEN) == RED
    assert step(RED, RED) == RED


@pytest.mark.parametrize("later", [status(501, "failure"), status(500, "failure", 2), status(501, "success")])
def test_one_of_a_later_run_is_left(later: Status) -> None:
    assert step(GREEN, later) is step(RED, later) is None


def test_one_of_no_run_is_of_none_that_is_later() -> None:
    unknown = Status(state="success", description="", url="https://ci.example/1")
    assert step(RED, unknown) == RED


def test_what_has_been_set_is_left() -> None:
    assert step(RED, status(499, "success"), RED, has_written=True) is None


def test_of_what_a_forge_gives_back_in_its_own_words_no_second_is_set() -> None:
    wanted = status(500, "error", description="too long ")
    assert step(wanted, status(500, "failure", description="too"), has_written=True) is None


def test_what_an_earlier_run_set_later_is_set_over() -> None:
    assert step(RED, RED, status(499, "success"), has_written=True) == RED


@pytest.mark.parametrize("has_written", [False, True])
def test_what_a_later_run_said_is_said_again(has_written: bool) -> None:
    first, last = status(501, "failure"), status(502, "success")
    for ours in ([first, last, RED], [last, first, RED], [last, RED, first]):
        assert step(RED, *ours, has_written=has_written) == last


def test_of_two_by_one_later_run_the_last_is_said_again() -> None:
    ours = (status(501, "success"), status(501, "failure"), GREEN)
    assert step(GREEN, *ours, has_written=True) == status(501, "failure")


class Run:
    """A run that sets its status; `act` is its next request, a look or a write."""

    def __init__(self, wanted: Status) -> None:
        self.wanted, self.writes = wanted, 0
        self.due: Status | None = None
        self.is_done = False

    def copy(self) -> Run:
        other = Run(self.wanted)
        other.writes, other.due, other.is_done = self.writes, self.due, self.is_done
        return other

    def act(self, ours: tuple[Status, ...]) -> tuple[Status, ...]:
        if self.due is not None:
            ours, self.due, self.writes = (*ours, self.due), None, self.writes + 1
        else:
            self.due = next_status(self.wanted, ours, has_written=self.writes > 0)
            self.is_done = self.due is None
        return ours


def ends(runs: list[Run], ours: tuple[Status, ...]) -> Iterator[tuple[tuple[Status, ...], list[Run]]]:
    """How it ends, for every order in which the runs can take their turns."""
    if all(each.is_done for each in runs):
        yield ours, runs
    for at, each in enumerate(runs):
        if not each.is_done:
            mine = each.copy()
            yield from ends([*runs[:at], mine, *runs[at + 1 :]], mine.act(ours))


@pytest.mark.parametrize("standing", [(), (status(400, "success"),), (status(502, "success"), status(400, "success"))])
def test_two_runs_in_every_order(standing: tuple[Status, ...]) -> None:
    """The latest run has the last word, and nobody goes on for ever."""
    ended = list(ends([Run(GREEN), Run(status(501, "failure"))], standing))
    last = standing[0] if len(standing) > 1 else status(501, "failure")
    assert len(ended) > 10
    assert {ours[-1].url for ours, _ in ended} == {last.url}
    assert max(each.writes for _, runs in ended for each in runs) <= 3

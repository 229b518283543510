"""What tests of forges share: a GitHub of their own, a clock that a test moves, a request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from snitch.forge.github import GitHub
from snitch.forge.patience import Patience
from snitch.forge.request import Request
from tests.forge.server import TOKEN
from tests.forge.server import GitHub as FakeGitHub
from tests.forge.state import Pull

HEAD, OLDER, BASE = "1" * 40, "2" * 40, "b" * 40


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def patience(self) -> Patience:
        return Patience(clock=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """A GitHub with one pull request, number 7. A test fails where anybody broke the official document's rules."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with FakeGitHub() as server:
        server.state.branches["main"] = BASE
        server.state.pulls[7] = Pull(7, HEAD)
        yield server
    assert server.faults == []


@pytest.fixture
def request_7(fake: FakeGitHub) -> Request:
    return request_to(fake)


def request_to(fake: FakeGitHub, head: str = HEAD) -> Request:
    """What a CI says of pull request 7."""
    return Request(
        forge="github",
        event="pull_request_target",
        repository="acme/models",
        server="https://github.example",
        api=fake.url,
        git_url="https://github.example/acme/models.git",
        target="main",
        head=head,
        head_ref="refs/pull/7/head",
        number=7,
        author="ada",
        run_url="https://github.example/acme/models/actions/runs/500",
    )


@pytest.fixture
def client(request_7: Request, clock: Clock) -> GitHub:
    return GitHub(request_7, TOKEN, clock.patience)

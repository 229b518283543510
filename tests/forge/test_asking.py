"""Asking for a merge: on GitHub and on GitLab, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from snitch.forge.asking import Wanted, open_request
from snitch.forge.errors import ForgeError
from snitch.forge.hosting import Hosting
from snitch.forge.token import token_of
from tests.forge.carrier import reset_after, server_error
from tests.forge.conftest import HEAD, OLDER, Clock
from tests.forge.gitlab_server import READ_ONLY as NO_WRITING
from tests.forge.gitlab_server import TOKEN as GITLAB_TOKEN
from tests.forge.gitlab_server import GitLab as FakeGitLab
from tests.forge.gitlab_state import FORK, MergeRequest
from tests.forge.server import READ_ONLY, TOKEN
from tests.forge.server import GitHub as FakeGitHub

WANTED = Wanted("promote/churn", OLDER, "main", "Promote churn", "From staging.")


class TestGitHub:
    def ask(self, fake: FakeGitHub, clock: Clock) -> str:
        token = token_of({"GH_TOKEN": TOKEN}, "github")
        assert token is not None
        hosting = Hosting("github", "https://github.example", fake.url, "acme/models")
        return open_request(hosting, token, WANTED, clock.patience).url

    def test_a_pull_request(self, fake: FakeGitHub, clock: Clock) -> None:
        fake.state.branches["promote/churn"] = OLDER
        url = self.ask(fake, clock)
        [opened] = [each for number, each in fake.state.pulls.items() if number != 7]
        assert url == f"https://github.example/acme/models/pull/{opened.number}"
        assert (opened.branch, opened.base, opened.title, opened.body) == (
            "promote/churn",
            "main",
            "Promote churn",
            "From staging.",
        )
        assert self.ask(fake, clock) == url

    def test_one_that_may_not_be_opened(self, fake: FakeGitHub, clock: Clock) -> None:
        fake.fail("POST .*/pulls", READ_ONLY)
        with pytest.raises(ForgeError) as caught:
            self.ask(fake, clock)
        assert caught.value.kind == "read-only"


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitLab]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with FakeGitLab() as server:
        server.branches["promote/churn"] = OLDER
        yield server
    assert server.faults == []


class TestGitLab:
    def ask(self, gitlab: FakeGitLab, clock: Clock, path: str = "acme/models") -> str:
        token = token_of({"GITLAB_TOKEN": GITLAB_TOKEN}, "gitlab")
        assert token is not None
        hosting = Hosting("gitlab", "https://gitlab.example.com", gitlab.url, path)
        return open_request(hosting, token, WANTED, clock.patience).url

    def test_a_merge_request(self, gitlab: FakeGitLab, clock: Clock) -> None:
        url = self.ask(gitlab, clock)
        [opened] = gitlab.merge_requests.values()
        assert url == f"https://gitlab.example.com/acme/models/-/merge_requests/{opened.iid}"
        assert (opened.branch, opened.target, opened.title, opened.description) == (
            "promote/churn",
            "main",
            "Promote churn",
            "From staging.",
        )

    def test_it_is_opened_once(self, gitlab: FakeGitLab, clock: Clock) -> None:
        gitlab.merge_requests[3] = MergeRequest(3, HEAD, branch="promote/churn", source=FORK)
        gitlab.merge_requests[4] = MergeRequest(4, HEAD, branch="promote/churn", target="staging")
        gitlab.merge_requests[5] = MergeRequest(5, HEAD, branch="promote/churn", state="closed")
        gitlab.fail("POST .*/merge_requests", reset_after)
        url = self.ask(gitlab, clock)
        assert len(gitlab.merge_requests) == 4
        assert self.ask(gitlab, clock) == url
        assert len(gitlab.writes) == 1

    def test_a_server_that_is_broken_for_a_while(self, gitlab: FakeGitLab, clock: Clock) -> None:
        gitlab.fail("POST .*/merge_requests", server_error(502), times=2)
        assert self.ask(gitlab, clock)
        assert len(gitlab.merge_requests) == 1

    def test_one_that_may_not_be_opened(self, gitlab: FakeGitLab, clock: Clock) -> None:
        gitlab.fail("POST .*/merge_requests", NO_WRITING)
        with pytest.raises(ForgeError) as caught:
            self.ask(gitlab, clock)
        assert caught.value.kind == "read-only"

    def test_a_project_that_is_not_there(self, gitlab: FakeGitLab, clock: Clock) -> None:
        with pytest.raises(ForgeError) as caught:
            self.ask(gitlab, clock, "acme/other")
        assert caught.value.kind == "absent"

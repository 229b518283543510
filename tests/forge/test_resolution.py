"""A request as the forge knows it now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from snitch.forge.client import RequestFacts
from snitch.forge.errors import ForgeError
from snitch.forge.request import Request, UnresolvedRequest
from snitch.forge.resolution import resolve
from tests.forge.ci import BASE, HEAD, MERGED, event, found, github, gitlab, request

NOW = RequestFacts(number=7, head=HEAD, target="main", author="ada", is_open=True)


class Known:
    """A forge that knows some requests, and from which branch each is."""

    def __init__(self, *requests: RequestFacts, branches: dict[int, tuple[str, str]] | None = None) -> None:
        self.requests = {each.number: each for each in requests}
        self.branches = branches or {}
        self.asked: list[str] = []

    def request_of(self, number: int) -> RequestFacts:
        self.asked.append(f"request {number}")
        return self.requests[number]

    def requests_from(self, repository: str, branch: str) -> tuple[RequestFacts, ...]:
        self.asked.append(f"from {repository} {branch}")
        return tuple(self.requests[number] for number, where in self.branches.items() if where == (repository, branch))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise AssertionError(f"{name} is not to be asked")


def unresolved(name: str = "workflow_run") -> UnresolvedRequest:
    asked = found(github("workflow_run"), event(name))
    assert isinstance(asked, UnresolvedRequest)
    return asked


class TestAnEventThatIsOlderThanTheForge:
    ASKED = request(github("pull_request_target"), event("pull_request"))

    def test_nothing_has_changed(self) -> None:
        assert resolve(self.ASKED, Known(NOW)) == self.ASKED

    def test_a_request_that_was_pointed_elsewhere_is_not_judged(self) -> None:
        """Or the check that is named after the one branch would be green for another."""
        with pytest.raises(ForgeError, match="request 7 is now to be merged into staging; this run is about main"):
            resolve(self.ASKED, Known(replace(NOW, target="staging")))

    def test_one_that_was_closed_since_is_judged(self) -> None:
        assert resolve(self.ASKED, Known(replace(NOW, is_open=False))) == self.ASKED

    def test_the_head_stays_the_one_that_the_run_is_for(self) -> None:
        assert resolve(self.ASKED, Known(replace(NOW, head=MERGED))).head == HEAD

    def test_of_a_merge_request_the_author_is_learned(self) -> None:
        asked = request(gitlab())
        assert asked.author is None
        assert resolve(asked, Known(NOW)).author == "ada"

    def test_a_train_to_another_target_is_not_judged(self) -> None:
        environ = gitlab(
            CI_MERGE_REQUEST_EVENT_TYPE="merge_train",
            CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=HEAD,
            CI_MERGE_REQUEST_TARGET_BRANCH_SHA=BASE,
        )
        assert resolve(request(environ), Known(NOW)).base == BASE
        with pytest.raises(ForgeError, match="request 7 is now to be merged into staging; this run is about main"):
            resolve(request(environ), Known(replace(NOW, target="staging")))

    @pytest.mark.parametrize("name", ["push", "merge_group"])
    def test_where_the_event_alone_knows_nothing_is_asked(self, name: str) -> None:
        forge = Known()
        asked = request(github(name), event(name))
        assert resolve(asked, forge) == asked
        assert forge.asked == []


class TestARunThatFollowsAnother:
    def test_of_a_branch_of_this_repository(self) -> None:
        forge = Known(NOW)
        asked = resolve(unresolved(), forge)
        assert forge.asked == ["request 7"]
        assert asked == Request(
            **{
                **{name: value for name, value in asdict(unresolved()).items() if name in Request.__struct_fields__},
                "target": "main",
                "head_ref": "refs/pull/7/head",
                "number": 7,
                "author": "ada",
            }
        )

    def test_of_a_fork(self) -> None:
        fork = replace(NOW, number=8, author="mallory")
        forge = Known(fork, branches={8: ("mallory/models", "patch-1")})
        asked = resolve(unresolved("workflow_run_fork"), forge)
        assert (asked.number, asked.author) == (8, "mallory")
        assert forge.asked == ["from mallory/models patch-1"]

    def test_it_runs_the_default_branchs_workflow(self) -> None:
        assert not resolve(unresolved(), Known(NOW)).is_advisory

    @pytest.mark.parametrize("now", [replace(NOW, head=MERGED), replace(NOW, is_open=False)])
    def test_pushed_to_or_closed_since(self, now: RequestFacts) -> None:
        with pytest.raises(ForgeError, match=f"no open request has {HEAD} of acme/models, branch") as told:
            resolve(unresolved(), Known(now))
        assert told.value.kind == "absent"

    def test_a_fork_that_was_deleted_since(self) -> None:
        asked = replace(unresolved("workflow_run_fork"), head_repository=None)
        with pytest.raises(ForgeError, match="of a deleted repository, branch patch-1"):
            resolve(asked, Known())

    def test_two_requests_of_one_commit_are_not_told_apart(self) -> None:
        other = replace(NOW, number=9, target="staging")
        with pytest.raises(ForgeError, match="the requests 7 and 9 ask for the same commit"):
            resolve(replace(unresolved(), numbers=(9, 7)), Known(NOW, other))

    def test_one_that_is_named_twice_is_one(self) -> None:
        assert resolve(replace(unresolved(), numbers=(7, 7)), Known(NOW)).number == 7

"""What fails on the way: what the verdict needs is waited for within bounds, what only delivers it changes nothing."""

from __future__ import annotations

import time

import pytest

from tests.forge.carrier import Fault, malformed, reset, server_error, slow
from tests.forge.server import BAD_TOKEN, refusal
from tests.forge.state import Review
from tests.gate_process.hurry import AT_ONCE, HASTY, gate
from tests.gate_process.models import DEPLOYED, POLICY, WORSE
from tests.gate_process.site import Site

FAULTS: dict[str, tuple[Fault, str]] = {
    "broken": (server_error(), "GitHub is broken"),
    "reset": (reset, "GitHub cannot be reached"),
    "malformed": (malformed, "is broken"),
    "late": (slow(1.5), "did not answer"),
    "unknown token": (BAD_TOKEN, "GitHub does not know the token"),
    "forbidden": (refusal(403, "Forbidden"), "the token may not do that"),
    "absent": (refusal(404, "Not Found"), "there is no such thing, or the token may not see it"),
    "limited for long": (refusal(429, "API rate limit exceeded", Retry_After="3600"), "takes no more requests now"),
    "limited": (
        refusal(403, "You have exceeded a secondary rate limit", Retry_After="1"),
        "takes no more requests now",
    ),
}
#: What the gate asks before it judges, and after.
NEEDED, DELIVERY = "GET /repos/acme/models/pulls/7", "(GET|POST|PATCH) /repos/acme/models/(issues|statuses)/.*"


@pytest.mark.parametrize("name", FAULTS)
def test_without_what_the_verdict_needs_there_is_none(site: Site, name: str) -> None:
    fault, told = FAULTS[name]
    site.repo.commit(WORSE)
    site.propose()
    site.github.fail(NEEDED, fault, times=99)
    began = time.monotonic()
    ran = site.gate_7(command=HASTY if name == "late" else AT_ONCE)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("snitch: ") and told in ran.err and ran.err.count("\n") == 1, ran.err
    assert time.monotonic() - began < 20
    assert site.github.writes == []


@pytest.mark.parametrize("name", FAULTS)
def test_what_only_delivers_is_told_and_changes_nothing(site: Site, name: str) -> None:
    fault, told = FAULTS[name]
    site.repo.commit(WORSE)
    site.propose()
    site.github.fail(DELIVERY, fault, times=99)
    began = time.monotonic()
    ran = site.gate_7(command=HASTY if name == "late" else AT_ONCE)
    assert ran.code == 1
    assert "error[REG001]" in ran.out
    assert all(line.startswith("snitch: not published: ") for line in ran.err.splitlines()), ran.err
    assert told in ran.err
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", ["broken", "reset", "malformed", "limited"])
def test_what_passes_is_waited_for(site: Site, name: str) -> None:
    fault, _ = FAULTS[name]
    site.repo.commit(WORSE)
    site.propose()
    site.github.fail(NEEDED, fault)
    site.github.fail(DELIVERY, fault)
    ran = site.gate_7(command=AT_ONCE)
    assert (ran.code, len(site.comments), len(set(site.statuses))) == (1, 1, 1), ran


@pytest.mark.parametrize("name", ["broken", "forbidden"])
def test_approvals_that_cannot_be_asked_for_are_none(site: Site, name: str) -> None:
    site.repo.commit({**DEPLOYED, "snitch.yaml": POLICY.replace("0.005", "0.05")})
    site.propose()
    site.github.fail("GET .*/reviews", FAULTS[name][0], times=99)
    ran = site.gate_7(command=AT_ONCE)
    assert ran.code == 3, ran
    assert "who has approved it cannot be known" in ran.out
    assert (len(site.comments), [state for _, _, state in site.statuses]) == (1, ["error"])


def test_fetching_takes_nothing_from_the_time_to_ask_for_approvals(site: Site) -> None:
    site.repo.commit({**DEPLOYED, "snitch.yaml": POLICY.replace("0.005", "0.05")})
    site.state.reviews[7] = [Review("platform-lead", "APPROVED", site.propose())]
    site.host.delay = 0.5
    ran = site.gate_7(command=gate(budget=3.0))
    assert (ran.code, len(site.statuses)) == (0, 1), ran


@pytest.mark.parametrize("outage", ["503 Service Unavailable", "403 Forbidden"])
def test_without_the_repository_there_is_no_verdict(site: Site, outage: str) -> None:
    site.repo.commit(WORSE)
    site.propose()
    site.host.outage = outage
    ran = site.gate_7()
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"snitch: {site.host.url}/acme/models.git cannot be fetched from: "), ran.err
    assert outage[:3] in ran.err or "credentials" in ran.err


def test_a_token_that_does_not_open_the_repository(site: Site) -> None:
    site.repo.commit(WORSE)
    site.propose()
    site.host.token = "another"
    ran = site.gate_7()
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        f"snitch: {site.host.url}/acme/models.git cannot be fetched from: it takes none of the credentials that are "
        "known here. Give the job a token that may read the repository (on GitHub, the permission `contents: read`)\n"
    )


def test_no_token_judges_what_anybody_may_read(site: Site) -> None:
    """There is nobody to be asked for approvals, and nothing is published."""
    site.repo.commit(WORSE)
    site.propose()
    site.host.token = None
    ran = site.gate_7(env={"GITHUB_TOKEN": ""})
    assert (ran.code, site.github.requests) == (1, []), ran
    assert ran.err == "snitch: nothing is published: no token was given (GITHUB_TOKEN, GH_TOKEN or SNITCH_TOKEN)\n"


EVENTS = {
    "no file": ("pull_request_target", {"GITHUB_EVENT_PATH": "/nowhere/event.json"}, "cannot be read"),
    "no server": ("pull_request_target", {"GITHUB_SERVER_URL": ""}, "GITHUB_SERVER_URL is not set"),
    "a comment": ("issue_comment", {}, "is not about merging"),
    "another forge's token": ("pull_request_target", {"GITHUB_TOKEN": "two words"}, "GITHUB_TOKEN: holds white space"),
    "no CI": ("pull_request_target", {"GITHUB_ACTIONS": ""}, "there is no request to judge"),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_that_asks_for_nothing_that_can_be_judged(site: Site, name: str) -> None:
    event, changed, told = EVENTS[name]
    site.repo.commit(WORSE)
    head = site.propose()
    ran = site.gate(event, site.event("pull_request", head), env=changed)
    assert (ran.code, ran.out, site.github.requests) == (2, "", [])
    assert told in ran.err


def test_a_pushed_tag_asks_for_nothing(site: Site) -> None:
    ran = site.gate("push", {**site.event("push"), "ref": "refs/tags/v1"})
    assert (ran.code, ran.out) == (2, "")
    assert "this run asks for no merge" in ran.err


def test_an_event_of_another_repository_is_refused(site: Site) -> None:
    head = site.repo.rev("main")
    ran = site.gate("pull_request_target", site.event("pull_request", head), env={"GITHUB_REPOSITORY": "acme/other"})
    assert ran.code == 2
    assert "GITHUB_REPOSITORY" in ran.err

"""What fails on the way to a GitLab: what the verdict needs is waited for, what only delivers it changes nothing."""

from __future__ import annotations

import time

import pytest

from tests.forge.carrier import Fault, reset, server_error, slow
from tests.forge.gitlab_server import BAD_TOKEN, refusal
from tests.gate_process.gitlab.site import GitLabSite
from tests.gate_process.hurry import AT_ONCE, HASTY
from tests.gate_process.models import WORSE

FAULTS: dict[str, tuple[Fault, str]] = {
    "broken": (server_error(), "GitLab is broken"),
    "reset": (reset, "GitLab cannot be reached"),
    "late": (slow(1.5), "did not answer"),
    "unknown token": (BAD_TOKEN, "GitLab does not know the token"),
    "limited for long": (refusal(429, "Retry later", Retry_After="3600"), "takes no more requests now"),
}
#: What the gate asks before it judges, and what it writes to.
NEEDED, DELIVERY = "GET /projects/3001/merge_requests/7", "(GET|POST|PUT) /projects/3001/.*(notes|statuses/).*"


@pytest.mark.parametrize("name", ["broken", "late", "unknown token"])
def test_without_what_the_verdict_needs_there_is_none(lab: GitLabSite, name: str) -> None:
    fault, told = FAULTS[name]
    lab.repo.commit(WORSE)
    lab.propose()
    lab.gitlab.fail(NEEDED, fault, times=99)
    began = time.monotonic()
    ran = lab.gate(command=HASTY if name == "late" else AT_ONCE)
    assert (ran.code, ran.out, lab.writes) == (3, "", []), ran
    assert ran.err.startswith("snitch: ") and told in ran.err and ran.err.count("\n") == 1, ran.err
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", FAULTS)
def test_what_only_delivers_is_told_and_changes_nothing(lab: GitLabSite, name: str) -> None:
    fault, told = FAULTS[name]
    lab.repo.commit(WORSE)
    lab.propose()
    lab.gitlab.fail(DELIVERY, fault, times=99)
    began = time.monotonic()
    ran = lab.gate(command=HASTY if name == "late" else AT_ONCE)
    assert (ran.code, "error[REG001]" in ran.out) == (1, True), ran
    assert all(line.startswith("snitch: not published: ") for line in ran.err.splitlines()), ran.err
    assert told in ran.err
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", ["broken", "reset"])
def test_what_passes_is_waited_for(lab: GitLabSite, name: str) -> None:
    fault, _ = FAULTS[name]
    lab.repo.commit(WORSE)
    lab.propose()
    lab.gitlab.fail(NEEDED, fault)
    lab.gitlab.fail(DELIVERY, fault)
    ran = lab.gate(command=AT_ONCE)
    assert (ran.code, len(lab.notes), len(set(lab.statuses))) == (1, 1, 1), ran


def test_nobody_answers_at_the_api(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    ran = lab.gate(command=AT_ONCE, env={"CI_API_V4_URL": "http://127.0.0.1:1/api/v4"})
    assert (ran.code, ran.out) == (3, "")
    assert "GitLab cannot be reached" in ran.err and ran.err.count("\n") == 1


def test_a_token_that_does_not_open_the_repository(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    ran = lab.gate(env={"GITLAB_TOKEN": "", "CI_JOB_TOKEN": "another"})
    assert (ran.code, ran.out) == (3, "")
    assert "it takes none of the credentials that are known here" in ran.err

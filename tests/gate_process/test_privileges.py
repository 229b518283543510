"""Forks, merge queues, pushes and approvals: what a run may write, and whose word counts."""

from __future__ import annotations

import json

import pytest

from tests.forge.server import READ_ONLY
from tests.forge.state import Review
from tests.gate_process.models import BETTER, DEPLOYED, POLICY, WORSE
from tests.gate_process.site import Ran, Site

FORK = "mallory/models"
LOOSER = {"snitch.yaml": POLICY.replace("max_drop: 0.005", "max_drop: 0.05")}


def fork(site: Site) -> str:
    """A red pull request from a fork; GitHub keeps its head as a ref of the repository that it is for."""
    site.repo.switch("patch-1", create=True).commit(WORSE)
    return site.propose("patch-1", fork=FORK, author="mallory")


def test_one_from_a_fork_is_told_as_any_other(site: Site) -> None:
    head = fork(site)
    ran = site.gate("pull_request_target", site.event("pull_request_fork", head))
    assert (ran.code, ran.err.splitlines()[-1]) == (1, "snitch: a comment written")
    assert len(site.comments) == 1
    assert "advisory" not in site.comments[0]
    assert site.statuses == [(head, "snitch/main", "failure")]


def test_with_a_token_that_only_reads_the_result_is_left_for_later(site: Site) -> None:
    """On `pull_request` the workflow is the fork's own, and so its token is given nothing."""
    site.state.writable = False
    head = fork(site)
    ran = site.gate(
        "pull_request", site.event("pull_request_fork", head), "--format", "text", "--format", "json=result.json"
    )
    assert ran.code == 1
    assert ran.err == "snitch: not published: no write permission here. Leave the result for `snitch publish`\n"
    assert site.github.writes == []
    assert "error[REG001]" in ran.out and "advisory against a hostile author" in ran.out
    result = json.loads((site.root / "empty" / "result.json").read_text())
    assert (result["verdict"], result["candidate"]["commit"]) == ("blocked", head)
    site.state.writable = True
    published = publish(site, head)
    assert (published.code, published.out) == (0, "a comment written\n"), published
    assert "advis" in site.comments[0].splitlines()[3] and "REG001" in site.comments[0]
    assert site.statuses == []
    site.repo.commit(BETTER)
    site.propose("patch-1")
    again = publish(site, head)
    assert (again.code, again.out) == (3, "") and "no open request has" in again.err
    assert len(site.comments) == 1


def publish(site: Site, head: str) -> Ran:
    """What the workflow does that follows the gate's: its token may write."""
    data = site.event("workflow_run_fork", head)
    return site.run("workflow_run", data, "publish", "result.json")


def test_a_token_that_turns_out_to_only_read(site: Site) -> None:
    site.repo.commit(WORSE)
    site.propose()
    site.github.fail("(POST|PATCH) /repos/.*", READ_ONLY, times=9)
    ran = site.gate_7("--check-run")
    assert ran.code == 1
    assert ran.err == "snitch: not published: no write permission here. Leave the result for `snitch publish`\n"


def queue(site: Site, *approvers: str) -> Ran:
    """An entry of a merge queue for pull request 7, whose branch holds the merge that will be."""
    head = site.propose()
    site.state.reviews[7] = [Review(each, "APPROVED", head) for each in approvers]
    base = site.repo.rev("main")
    ref = f"refs/heads/gh-readonly-queue/main/pr-7-{base}"
    site.repo.git("switch", "--quiet", "--detach", "main")
    site.repo.git("merge", "--quiet", "--no-ff", "--no-edit", head)
    site.repo.git("update-ref", ref, "HEAD")
    merged = site.repo.rev("HEAD")
    ran = site.gate("merge_group", site.event("merge_group", merged, base_sha=base, head_ref=ref))
    assert site.comments == []
    state = {0: "success", 1: "failure"}[ran.code]
    assert site.statuses == [(merged, "snitch/main", state)]
    return ran


def test_an_entry_of_a_merge_queue(site: Site) -> None:
    site.repo.commit(BETTER)
    assert queue(site).code == 0


def test_a_red_one_in_a_merge_queue(site: Site) -> None:
    site.repo.commit(WORSE)
    assert "error[REG001]" in queue(site).out


@pytest.mark.parametrize(("approver", "code"), [("platform-lead", 0), ("grace", 1)])
def test_in_a_merge_queue_the_approvals_are_those_of_its_request(site: Site, approver: str, code: int) -> None:
    site.repo.commit({**DEPLOYED, **LOOSER})
    ran = queue(site, approver)
    assert (ran.code, "POL001" in ran.out) == (code, bool(code)), ran


def test_a_push_is_judged_and_bears_a_status_alone(site: Site) -> None:
    before = site.repo.rev("main")
    site.repo.commit(WORSE)
    site.propose()
    site.repo.switch("main").git("merge", "--quiet", "--no-ff", "--no-edit", "retrain")
    head = site.repo.rev("main")
    site.follow("main")
    ran = site.gate("push", {**site.event("push"), "before": before, "after": head})
    assert (ran.code, site.comments, site.statuses) == (1, [], [(head, "snitch/main", "failure")])


EDITS = {
    "approved by who may": ([("platform-lead", "APPROVED", True)], 0),
    "approved in another case": ([("Platform-Lead", "APPROVED", True)], 0),
    "approved before the last push": ([("platform-lead", "APPROVED", False)], 1),
    "approved, then rejected": ([("platform-lead", "APPROVED", True), ("platform-lead", "CHANGES_REQUESTED", True)], 1),
    "approved by somebody else": ([("grace", "APPROVED", True)], 1),
    "approved by nobody": ([], 1),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_of_the_policy(site: Site, case: str) -> None:
    reviews, code = EDITS[case]
    site.repo.commit({**DEPLOYED, **LOOSER})
    old = site.propose()
    site.repo.commit({"docs/why.md": "# Why\n"})
    head = site.propose()
    site.state.reviews[7] = [Review(user, state, head if is_new else old) for user, state, is_new in reviews]
    ran = site.gate_7()
    assert ran.code == code, ran
    assert "max_drop 0.005 -> 0.05" in ran.out
    assert ("which platform-lead approved" in ran.out) is not bool(code)


def test_an_approver_cannot_approve_an_edit_of_their_own(site: Site) -> None:
    site.repo.commit({**DEPLOYED, **LOOSER})
    head = site.propose(author="platform-lead")
    site.state.reviews[7] = [Review("platform-lead", "APPROVED", head)]
    assert site.gate_7().code == 1


def test_a_promotion_takes_approvals(site: Site) -> None:
    """From staging to production; the approval is of the very commit."""
    policy = POLICY.replace(
        "  production: {branches: [main]}\n",
        "  staging: {branches: [staging], promotes_from: development}\n"
        "  production: {branches: [main], promotes_from: staging, approvals: 1}\n",
    )
    site.repo.switch("main").commit({"snitch.yaml": policy})
    site.repo.branch("staging", "main").switch("staging")
    site.repo.commit({**BETTER, "snitch.yaml": policy})
    site.follow("main", "staging")
    head = site.propose("staging")
    ran = site.gate_7()
    assert (ran.code, "error[PRO006]" in ran.out) == (1, True), ran
    site.state.reviews[7] = [Review("grace", "APPROVED", head)]
    ran = site.gate_7()
    assert (ran.code, len(site.comments)) == (0, 1), ran
    site.state.reviews[7] = [Review("ada", "APPROVED", head)]
    assert site.gate_7().code == 1


def test_an_approval_is_judged_as_it_is_given(site: Site) -> None:
    """The event of a review runs the workflow of the request itself, which its author can edit: it advises."""
    site.repo.commit({**DEPLOYED, **LOOSER})
    head = site.propose()
    assert site.gate_7().code == 1
    site.state.reviews[7] = [Review("platform-lead", "APPROVED", head)]
    ran = site.gate("pull_request_review", site.event("pull_request_review", head))
    assert (ran.code, len(site.comments)) == (0, 1), ran
    assert "advisory against a hostile author" in ran.out and site.comments[0].count("dvisory") == 1
    assert site.state.statuses[-1]["description"].startswith("advisory: ")

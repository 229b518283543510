"""Tokens, forks, merge trains, pushes and approvals on GitLab: what a job may write, and whose word counts."""

from __future__ import annotations

import json

import pytest

from tests.forge.gitlab_server import READ_ONLY
from tests.forge.gitlab_state import FORK, MergeRequest
from tests.gate_process.gitlab.site import GitLabSite
from tests.gate_process.models import BETTER, DEPLOYED, POLICY, WORSE
from tests.gate_process.site import Ran

LOOSER = {**DEPLOYED, "snitch.yaml": POLICY.replace("max_drop: 0.005", "max_drop: 0.05")}
ADVISORY = "advisory against a hostile author"
#: The configuration file is another project's.
ELSEWHERE = {"CI_CONFIG_PATH": ".gitlab-ci.yml@platform/gates"}


def test_the_token_of_a_job_judges_and_publishes_nothing(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    head = lab.propose()
    ran = lab.gate("--format", "text", "--format", "json=result.json", env={"GITLAB_TOKEN": ""})
    assert (ran.code, lab.gitlab.requests) == (1, []), ran
    assert ran.err == (
        "snitch: nothing is published: CI_JOB_TOKEN may neither comment nor set a status; "
        "set GITLAB_TOKEN or SNITCH_TOKEN, masked, for that\n"
    )
    assert "error[REG001]" in ran.out
    result = json.loads((lab.root / "empty" / "result.json").read_text())
    assert (result["verdict"], result["candidate"]["commit"]) == ("blocked", head)


def test_the_token_of_a_job_does_not_tell_who_approved(lab: GitLabSite) -> None:
    lab.repo.commit(LOOSER)
    lab.propose()
    lab.approve("platform-lead")
    ran = lab.gate(env={"GITLAB_TOKEN": ""})
    assert (ran.code, lab.gitlab.requests) == (3, []), ran
    assert "POL001" in ran.out and "CI_JOB_TOKEN" in ran.out


def test_without_any_token_what_anybody_may_read_is_judged(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    lab.host.token = None
    ran = lab.gate(env={"GITLAB_TOKEN": "", "CI_JOB_TOKEN": ""})
    assert (ran.code, lab.gitlab.requests) == (1, []), ran
    assert ran.err == "snitch: nothing is published: no token was given (GITLAB_TOKEN or SNITCH_TOKEN)\n"


def test_a_token_that_may_only_read(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    lab.gitlab.writable = False
    ran = lab.gate()
    assert ran.code == 1
    assert ran.err == "snitch: not published: no write permission here. Leave the result for `snitch publish`\n"
    assert (lab.notes, lab.statuses) == ([], [])


def test_a_file_that_the_author_may_edit_only_advises(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    assert ADVISORY in lab.gate().out
    assert "advis" in lab.notes[0]


def test_a_file_of_another_project_binds(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    ran = lab.gate(env=ELSEWHERE)
    assert (ran.code, ADVISORY in ran.out) == (1, False)
    assert "advis" not in lab.notes[0]
    assert lab.gitlab.statuses[0]["description"] == "blocked: 1 error in 1 model"


def fork(lab: GitLabSite) -> str:
    """A red merge request from a fork; GitLab keeps its head as a ref of the project that it is for."""
    lab.repo.switch("patch-1", create=True).commit(WORSE)
    return lab.propose("patch-1", source=FORK, author="mallory")


def test_a_fork_s_own_pipeline_is_told_nowhere(lab: GitLabSite) -> None:
    """It runs in the fork, with the fork's variables: whatever token they hold is the fork's own."""
    fork(lab)
    project = f"{lab.host.url}/mallory/models"
    own = {"CI_PROJECT_ID": str(FORK), "CI_PROJECT_URL": project, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": str(FORK)}
    ran = lab.gate(env={**own, **ELSEWHERE})
    assert (ran.code, lab.writes) == (1, []), ran
    assert ran.err == "snitch: not published: no write permission here. Leave the result for `snitch publish`\n"
    assert "error[REG001]" in ran.out and ADVISORY in ran.out


def test_a_fork_s_own_pipeline_with_no_more_than_the_token_of_its_job(lab: GitLabSite) -> None:
    fork(lab)
    project = f"{lab.host.url}/mallory/models"
    own = {"CI_PROJECT_ID": str(FORK), "CI_PROJECT_URL": project, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": str(FORK)}
    ran = lab.gate(env={**own, "GITLAB_TOKEN": ""})
    assert (ran.code, lab.gitlab.requests) == (1, []), ran
    assert "error[REG001]" in ran.out and ADVISORY in ran.out


def test_a_pipeline_that_the_project_itself_runs_for_a_fork_is_told(lab: GitLabSite) -> None:
    head = fork(lab)
    ran = lab.gate(env={"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": str(FORK), **ELSEWHERE})
    assert (ran.code, len(lab.notes), lab.statuses) == (1, 1, [(head, "snitch/main", "failed")])


EDITS = {
    "approved by who may": (("platform-lead",), {}, 0),
    "approved in another case": (("Platform-Lead",), {}, 0),
    "approved before the last push": (("platform-lead",), {"before_push": True}, 1),
    "approved by somebody else": (("grace",), {}, 1),
    "approved by nobody": ((), {}, 1),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_of_the_policy(lab: GitLabSite, case: str) -> None:
    users, when, code = EDITS[case]
    lab.repo.commit(LOOSER)
    lab.propose()
    lab.repo.commit({"docs/why.md": "# Why\n"})
    lab.propose()
    lab.approve(*users, **when)
    ran = lab.gate()
    assert ran.code == code, ran
    assert "max_drop 0.005 -> 0.05" in ran.out
    assert ("which platform-lead approved" in ran.out) is not bool(code)
    assert lab.statuses[0][2] == ("failed" if code else "success")


def test_an_approver_cannot_approve_an_edit_of_their_own(lab: GitLabSite) -> None:
    """The settings of a project may allow its authors to approve."""
    lab.repo.commit(LOOSER)
    lab.propose(author="platform-lead")
    lab.approve("platform-lead")
    assert lab.gate(env={"GITLAB_USER_LOGIN": "grace"}).code == 1


@pytest.mark.parametrize(("resets", "told"), [(False, "approvals outlive a push"), (None, "does not say whether")])
def test_approvals_that_may_be_of_an_older_commit_decide_nothing(
    lab: GitLabSite, resets: bool | None, told: str
) -> None:
    lab.gitlab.resets = resets
    lab.repo.commit(LOOSER)
    lab.propose()
    lab.approve("platform-lead")
    ran = lab.gate()
    assert (ran.code, lab.statuses[0][2]) == (3, "failed"), ran
    assert "POL001" in ran.out and told in ran.out and "max_drop 0.005 -> 0.05" in ran.out


def test_approvals_that_this_token_is_not_shown_decide_nothing(lab: GitLabSite) -> None:
    lab.gitlab.fail("GET /projects/3001/approvals", READ_ONLY)
    lab.repo.commit(LOOSER)
    lab.propose()
    ran = lab.gate()
    assert (ran.code, "who has approved it cannot be known" in ran.out) == (3, True), ran


def train(lab: GitLabSite, base: str) -> Ran:
    """Merge request 7 on a merge train, behind those whose merges made `base`."""
    head = lab.gitlab.merge_requests[7].head
    lab.repo.git("switch", "--quiet", "--detach", base)
    lab.repo.git("merge", "--quiet", "--no-ff", "--no-edit", head)
    merged = lab.repo.rev("HEAD")
    lab.repo.git("update-ref", "refs/merge-requests/7/train", merged)
    return lab.gate(
        env={
            "CI_COMMIT_SHA": merged,
            "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": head,
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": base,
        }
    )


def test_a_red_one_on_a_merge_train_bears_a_status_alone(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    head = lab.propose()
    ran = train(lab, lab.repo.rev("main"))
    assert (ran.code, lab.notes, lab.statuses) == (1, [], [(head, "snitch/main", "failed")]), ran


def test_on_a_merge_train_the_change_is_what_it_adds_to_those_before_it(lab: GitLabSite) -> None:
    """The one before it is red, and is judged by a pipeline of its own."""
    lab.repo.commit({"docs/ours.md": "# Ours\n"})
    lab.propose()
    lab.repo.git("switch", "--quiet", "--detach", "main")
    base = lab.repo.commit(WORSE)
    lab.repo.git("update-ref", "refs/merge-requests/6/train", base)
    ran = train(lab, base)
    assert ran.code == 0, ran
    assert "nothing that Snitch judges has changed" in ran.out


@pytest.mark.parametrize(("approver", "code"), [("platform-lead", 0), ("grace", 1)])
def test_on_a_merge_train_the_approvals_are_those_of_the_request(lab: GitLabSite, approver: str, code: int) -> None:
    lab.repo.commit(LOOSER)
    lab.propose()
    lab.approve(approver)
    ran = train(lab, lab.repo.rev("main"))
    assert (ran.code, "POL001" in ran.out) == (code, bool(code)), ran


def test_a_push_is_judged_and_bears_a_status_alone(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    before, after = lab.merge()
    ran = lab.push(before, after)
    assert (ran.code, lab.notes, lab.statuses) == (1, [], [(after, "snitch/main", "failed")]), ran
    assert ADVISORY not in ran.out


def test_a_green_push(lab: GitLabSite) -> None:
    lab.repo.commit(BETTER)
    lab.propose()
    before, after = lab.merge()
    assert (lab.push(before, after).code, lab.statuses) == (0, [(after, "snitch/main", "success")])


@pytest.mark.parametrize(("approver", "code"), [("platform-lead", 0), ("grace", 1), ("ada", 1)])
def test_of_a_push_the_approvals_are_those_of_the_request_that_it_came_by(
    lab: GitLabSite, approver: str, code: int
) -> None:
    lab.repo.commit(LOOSER)
    lab.propose()
    lab.approve(approver)
    ran = lab.push(*lab.merge())
    assert (ran.code, "POL001" in ran.out) == (code, bool(code)), ran


def test_a_push_that_came_by_no_request_was_approved_by_nobody_knows_whom(lab: GitLabSite) -> None:
    before = lab.repo.rev("main")
    after = lab.repo.switch("main").commit(LOOSER)
    ran = lab.push(before, after)
    assert (ran.code, "the forge knows of no request that the commit came by" in ran.out) == (3, True), ran


def test_a_push_to_a_branch_that_anybody_may_push_to_only_advises(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    before, after = lab.merge()
    assert ADVISORY in lab.push(before, after, env={"CI_COMMIT_REF_PROTECTED": "false"}).out


SILENT = {
    "a tag": {"CI_COMMIT_BRANCH": "", "CI_COMMIT_TAG": "v1"},
    "a schedule": {"CI_PIPELINE_SOURCE": "schedule"},
    "by hand": {"CI_PIPELINE_SOURCE": "web"},
}


@pytest.mark.parametrize("name", SILENT)
def test_what_asks_for_no_merge_is_no_pass(lab: GitLabSite, name: str) -> None:
    tip = lab.repo.rev("main")
    ran = lab.push(tip, tip, env=SILENT[name])
    assert (ran.code, ran.out, lab.gitlab.requests) == (2, "", [])
    assert "this run asks for no merge" in ran.err


@pytest.mark.parametrize(("merged_at", "code"), [("2026-11-20T11:00:00.000Z", 1), ("2026-11-18T11:00:00.000Z", 0)])
def test_what_has_soaked_is_told_by_gitlab_s_clock(lab: GitLabSite, merged_at: str, code: int) -> None:
    """The branch was moved forward to the author's own commits, whose dates are from three weeks before."""
    policy = POLICY.replace(
        "  production: {branches: [main]}\n",
        "  staging: {branches: [staging], promotes_from: development}\n"
        "  production: {branches: [main], promotes_from: staging, soak: 24h}\n",
    )
    lab.repo.switch("main").commit({"snitch.yaml": policy})
    lab.repo.branch("staging", "main").switch("staging")
    model = lab.repo.commit({**BETTER, "snitch.yaml": policy})
    last = lab.repo.commit({"docs/why.md": "# Why\n"})
    merged = MergeRequest(6, last, target="staging", older=[model], state="merged", merged_at=merged_at)
    lab.gitlab.merge_requests[6] = merged
    lab.propose("staging")
    ran = lab.gate()
    assert (ran.code, "error[PRO002]" in ran.out) == (code, bool(code)), ran

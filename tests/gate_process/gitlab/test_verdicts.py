"""What becomes of a merge request on GitLab: the note, the status, and what the process says and exits with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.forge.gitlab_server import BOT, JOB_TOKEN
from tests.gate_process.gitlab.site import PROJECT_PATH, GitLabSite
from tests.gate_process.models import BETTER, DEPLOYED, WORSE, retrained
from tests.repository import Repo

GREEN, RED = "## ✅ Snitch: passed", "## ❌ Snitch: blocked"


def test_a_red_one_is_told_what_is_wrong(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    head = lab.propose()
    ran = lab.gate()
    assert (ran.code, ran.err) == (1, "snitch: the commit status is failure\nsnitch: a comment written\n")
    assert "error[REG001] metric-regressed: roc_auc fell 0.033" in ran.out
    assert lab.statuses == [(head, "snitch/main", "failed")]
    (status,) = lab.gitlab.statuses
    assert status["target_url"] == "https://gitlab.example.com/acme/models/-/jobs/6003"
    assert status["description"] == "advisory: blocked: 1 error in 1 model"
    (note,) = lab.notes
    assert note.splitlines()[1] == RED
    assert "REG001" in note and head in note and "(<https://gitlab.example.com/acme/models/-/jobs/6003>)" in note


def test_a_fix_turns_the_same_note_green(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    red = lab.propose()
    lab.gate()
    first = lab.gitlab.notes[7][0].id
    lab.repo.commit(BETTER)
    green = lab.propose()
    ran = lab.gate()
    assert (ran.code, ran.err) == (0, "snitch: the commit status is success\nsnitch: the comment brought up to date\n")
    (note,) = lab.gitlab.notes[7]
    assert (note.id, note.edits) == (first, 1)
    assert GREEN in note.body and green in note.body and RED not in note.body
    assert lab.statuses == [(red, "snitch/main", "failed"), (green, "snitch/main", "success")]


def test_one_that_was_always_green_gets_no_note(lab: GitLabSite) -> None:
    lab.repo.commit(BETTER)
    head = lab.propose()
    ran = lab.gate()
    assert ran.code == 0, ran
    assert f"compared with main@{lab.repo.rev('main')[:7]}: 3 metrics and 6 of slices on churn-holdout\n" in ran.out
    assert (lab.notes, lab.statuses) == ([], [(head, "snitch/main", "success")])


def test_a_job_that_is_run_again_says_it_once(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    assert (
        lab.gate().code,
        lab.gate(env={"CI_JOB_URL": "https://gitlab.example.com/acme/models/-/jobs/6004"}).code,
    ) == (1, 1)
    assert len(lab.notes) == 1


def test_nothing_is_published_unless_wanted(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    assert (lab.gate("--no-publish").code, lab.writes) == (1, [])
    assert (lab.gate("--no-status").code, len(lab.notes), lab.statuses) == (1, 1, [])


def test_a_check_run_is_github_s_alone(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    ran = lab.gate("--check-run")
    assert ran.code == 1
    assert "snitch: not published: only GitHub has check runs. Ask for a commit status\n" in ran.err
    assert (len(lab.notes), len(lab.statuses)) == (1, 1)


def test_a_draft_is_judged_as_any_other(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose(draft=True)
    ran = lab.gate(env={"CI_MERGE_REQUEST_DRAFT": "true", "CI_MERGE_REQUEST_TITLE": "Draft: Retrain churn"})
    assert (ran.code, len(lab.notes), len(lab.statuses)) == (1, 1, 1)


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_a_closed_one_is_judged_and_left_alone(lab: GitLabSite, state: str) -> None:
    lab.repo.commit(WORSE)
    lab.propose(state=state)
    ran = lab.gate()
    assert (ran.code, ran.err) == (1, "snitch: the request is closed: nothing is published\n")
    assert lab.writes == []


def test_one_that_was_pointed_elsewhere_is_not_judged(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    lab.propose(target="staging")
    ran = lab.gate()
    assert (ran.code, ran.out, lab.writes) == (3, "", [])
    assert "request 7 is now to be merged into staging; this run is about main" in ran.err


def test_in_a_pipeline_for_merged_results(lab: GitLabSite) -> None:
    """What the job has checked out is a merge that GitLab made: it is the branch that is judged, merged anew."""
    lab.repo.commit(WORSE)
    head = lab.propose()
    lab.repo.switch("main").commit({"docs/ours.md": "# Ours\n"})
    lab.repo.git("merge", "--quiet", "--no-ff", "--no-edit", "retrain")
    merged = lab.repo.rev("HEAD")
    lab.repo.git("reset", "--quiet", "--hard", "HEAD^1")
    ran = lab.gate(
        env={
            "CI_COMMIT_SHA": merged,
            "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": head,
        }
    )
    assert (ran.code, len(lab.notes), lab.statuses) == (1, 1, [(head, "snitch/main", "failed")])


def test_a_branch_behind_its_target_is_judged_as_merged(lab: GitLabSite) -> None:
    lab.repo.commit({"docs/ours.md": "# Ours\n"})
    lab.propose()
    lab.repo.switch("main").commit(retrained(DEPLOYED, roc_auc=0.95))
    ran = lab.gate()
    assert (ran.code, lab.notes) == (0, [])
    assert "nothing that Snitch judges has changed" in ran.out
    lab.repo.switch("retrain").commit(retrained(DEPLOYED, roc_auc=0.92, version="1.4.1"))
    lab.propose()
    assert lab.gate().code == 3
    assert "the two conflict" in lab.notes[0]


def test_a_marker_that_somebody_else_wrote_is_left_alone(lab: GitLabSite) -> None:
    lab.repo.commit(WORSE)
    head = lab.propose()
    spoofed = f"<!-- snitch:report head={head} run=9999.0 text={'0' * 16} -->\n{GREEN}"
    for user in ("mallory", f"{BOT}_"):
        lab.gitlab.note(7, user, spoofed)
    assert lab.gate().code == 1
    (note,) = lab.notes
    assert RED in note
    assert [each.body for each in lab.gitlab.notes[7][:2]] == [spoofed] * 2


@pytest.mark.parametrize("options", [(), ("--depth=1",)])
def test_in_a_runners_checkout(lab: GitLabSite, options: tuple[str, ...]) -> None:
    """A runner leaves the job's token in the URL of the remote, and fetches the newest commits alone."""
    lab.repo.commit({"docs/first.md": "# First\n"})
    lab.repo.commit(WORSE)
    lab.propose()
    checkout = Repo(lab.root / "builds")
    scheme, _, host = lab.host.url.partition("://")
    checkout.git("remote", "add", "origin", f"{scheme}://gitlab-ci-token:{JOB_TOKEN}@{host}/{PROJECT_PATH}.git")
    checkout.git("fetch", "--quiet", "--no-tags", *options, "origin", "refs/merge-requests/7/head")
    checkout.git("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
    ran = lab.gate("--verbose", at=checkout.path)
    assert (ran.code, len(lab.notes)) == (1, 1), ran
    assert re.findall(r"^error\[(\w+)\]", ran.out, re.MULTILINE) == ["REG001"]
    assert checkout.git("status", "--porcelain") == ""


def test_what_cannot_be_fetched_in_a_checkout_gives_no_token_away(lab: GitLabSite, tmp_path: Path) -> None:
    lab.repo.commit(WORSE)
    lab.propose()
    checkout = Repo(tmp_path / "builds")
    scheme, _, host = lab.host.url.partition("://")
    checkout.git("remote", "add", "origin", f"{scheme}://gitlab-ci-token:{JOB_TOKEN}@{host}/{PROJECT_PATH}.git")
    lab.host.outage = "503 Service Unavailable"
    ran = lab.gate("--verbose", at=checkout.path)
    assert (ran.code, ran.out, lab.writes) == (3, "", [])
    assert "503" in ran.err

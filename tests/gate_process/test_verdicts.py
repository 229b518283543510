"""What becomes of a pull request: the comment, the status, and what the process says and exits with."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

from tests.forge.carrier import meanwhile
from tests.forge.server import GitHub
from tests.gate_process.host import GitHost
from tests.gate_process.models import BETTER, DEPLOYED, POLICY, WORSE, retrained
from tests.gate_process.site import Site, finish
from tests.golden import held_against
from tests.repository import isolate

GOLDEN = Path(__file__).parent / "golden"
GREEN, RED = "## ✅ Snitch: passed", "## ❌ Snitch: blocked"


def test_a_red_one_is_told_what_is_wrong(site: Site, request: pytest.FixtureRequest) -> None:
    site.repo.commit(WORSE)
    head = site.propose()
    ran = site.gate_7()
    assert (ran.code, ran.err) == (1, "snitch: the commit status is failure\nsnitch: a comment written\n")
    assert site.statuses == [(head, "snitch/main", "failure")]
    (comment,) = site.comments
    held_against(GOLDEN / "red.txt", ran.out, request)
    held_against(GOLDEN / "red.md", comment, request)


def test_a_fix_turns_the_same_comment_green(site: Site) -> None:
    site.repo.commit(WORSE)
    red = site.propose()
    site.gate_7()
    first = site.state.comments[7][0].id
    site.repo.commit(BETTER)
    green = site.propose()
    ran = site.gate_7()
    assert (ran.code, ran.err) == (0, "snitch: the commit status is success\nsnitch: the comment brought up to date\n")
    (comment,) = site.state.comments[7]
    assert (comment.id, comment.edits) == (first, 1)
    assert GREEN in comment.body and green in comment.body and RED not in comment.body
    assert site.statuses == [(red, "snitch/main", "failure"), (green, "snitch/main", "success")]


def test_one_that_was_always_green_gets_no_comment(site: Site) -> None:
    site.repo.commit(BETTER)
    head = site.propose()
    ran = site.gate_7("--check-run")
    assert ran.code == 0, ran
    assert f"compared with main@{site.repo.rev('main')[:7]}: 3 metrics and 6 of slices on churn-holdout\n" in ran.out
    assert (site.comments, site.statuses) == ([], [(head, "snitch/main", "success")])
    (run,) = site.state.check_runs
    assert (run["head_sha"], run["conclusion"]) == (head, "success")


def test_a_check_run_is_made_where_it_is_asked_for(site: Site) -> None:
    site.repo.commit(WORSE)
    head = site.propose()
    assert site.gate_7("--check-run", "--no-status").code == 1
    (run,) = site.state.check_runs
    assert (run["head_sha"], run["conclusion"], site.statuses) == (head, "failure", [])
    (annotation,) = run["annotations"]
    assert (annotation["path"], annotation["start_line"]) == ("models/churn/evaluations/churn-holdout.json", 21)


def test_nothing_is_published_unless_wanted(site: Site) -> None:
    site.repo.commit(WORSE)
    site.propose()
    assert (site.gate_7("--no-publish").code, site.github.writes) == (1, [])


def test_a_draft_is_judged_as_any_other(site: Site) -> None:
    site.repo.commit(WORSE)
    head = site.propose(draft=True)
    ran = site.gate("pull_request_target", site.event("pull_request", head, draft=True))
    assert (ran.code, len(site.comments)) == (1, 1)


def test_a_closed_one_is_judged_and_left_alone(site: Site) -> None:
    site.repo.commit(WORSE)
    head = site.propose(state="closed")
    ran = site.gate("pull_request_target", site.event("pull_request", head, state="closed"))
    assert (ran.code, ran.err) == (1, "snitch: the request is closed: nothing is published\n")
    assert site.github.writes == []


def test_a_branch_behind_its_target_is_judged_as_merged(site: Site) -> None:
    """The event's `base.sha` is what the target was when the request was opened; nothing of it counts."""
    site.repo.commit({"docs/ours.md": "# Ours\n"})
    site.propose()
    site.repo.switch("main").commit(retrained(DEPLOYED, roc_auc=0.95))
    site.follow("main")
    ran = site.gate_7()
    assert (ran.code, site.comments) == (0, [])
    assert "nothing that Snitch judges has changed" in ran.out
    site.repo.switch("retrain").commit(retrained(DEPLOYED, roc_auc=0.92, version="1.4.1"))
    site.propose()
    assert site.gate_7().code == 3
    assert "the two conflict" in site.comments[0]


def test_one_that_was_pointed_elsewhere_waits_for_the_run_that_knows(site: Site) -> None:
    """A job's name, which branch protection asks for, says nothing of a branch."""
    site.repo.commit(BETTER)
    data = site.event("pull_request", site.propose())
    data["pull_request"]["base"]["ref"] = "staging"
    ran = site.gate("pull_request_target", data)
    assert (ran.code, ran.out, site.github.writes) == (3, "", [])
    assert "request 7 is now to be merged into main; this run is about staging" in ran.err


def test_an_older_run_never_overwrites_what_a_newer_one_has_said(site: Site) -> None:
    """A push while it judged: the newer commit's run was faster."""
    site.repo.commit(WORSE)
    old = site.propose()

    def push() -> None:
        site.repo.commit(BETTER)
        new = site.propose()
        site.state.comment(
            7, site.state.viewer, f"<!-- snitch:report head={new} run=6003.0 text={'0' * 16} -->\n{GREEN}"
        )

    site.github.fail("GET /repos/acme/models/pulls/7", meanwhile(push), skip=1)
    ran = site.gate_7(head=old)
    assert ran.code == 1
    assert "a newer commit was pushed" in ran.err
    (comment,) = site.comments
    assert GREEN in comment
    # The status is of the older commit alone.
    assert site.statuses == [(old, "snitch/main", "failure")]


def test_a_force_push_before_anything_was_fetched(site: Site) -> None:
    """The commit is on no branch any more, but the forge still hands it over."""
    site.repo.commit(WORSE)
    old = site.propose()
    site.repo.git("reset", "--quiet", "--hard", "main")
    site.repo.commit(BETTER)
    site.propose()
    ran = site.gate_7(head=old)
    assert (ran.code, site.comments, site.statuses) == (1, [], [(old, "snitch/main", "failure")])


def test_runs_that_race_leave_one_comment(site: Site) -> None:
    site.repo.commit(WORSE)
    head = site.propose()
    event = site.event("pull_request", head)
    runs = [
        site.environment("pull_request_target", event, {"GITHUB_RUN_ID": number}, name=f"{number}.json")
        for number in ("6002", "6003")
    ]
    gates = [site.start("gate", "--now", "2026-11-20", env=env) for env in runs]
    assert [finish(each).code for each in gates] == [1, 1]
    (comment,) = site.comments
    assert f"head={head} run=6003.0" in comment and RED in comment
    assert site.state.statuses[-1]["target_url"].endswith("/actions/runs/6003")


def test_a_marker_that_somebody_else_wrote_is_left_alone(site: Site) -> None:
    site.repo.commit(WORSE)
    head = site.propose()
    spoofed = f"<!-- snitch:report head={head} run=9999.0 text={'0' * 16} -->\n{GREEN}"
    for user in ("mallory", "snitch[bot]", "github-actions"):
        site.state.comment(7, user, spoofed)
    assert site.gate_7().code == 1
    (comment,) = site.comments
    assert RED in comment
    assert [each.body for each in site.state.comments[7][:3]] == [spoofed] * 3


@pytest.mark.parametrize("options", [(), ("--depth=1",), ("--filter=blob:none",), ("--filter=tree:0", "--depth=1")])
def test_in_a_checkout(site: Site, tmp_path: Path, options: tuple[str, ...]) -> None:
    """As actions/checkout leaves one: the files of the head, and its own login in git's configuration."""
    site.repo.commit(WORSE)
    site.propose()
    checkout = site.checkout(tmp_path / "checkout", *options)
    checkout.git("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
    ran = site.gate_7(at=checkout.path)
    assert (ran.code, len(site.comments)) == (1, 1), ran
    assert "error[REG001]" in ran.out
    assert checkout.git("status", "--porcelain") == ""


def test_a_checkout_full_of_traps(site: Site, tmp_path: Path) -> None:
    """What the author put into the branch is data, also where it lies in the folder that the gate is run in."""
    trap = "raise SystemExit(0)\n"
    planted = dict.fromkeys(("sitecustomize.py", "yaml.py", "click.py", "snitch/__init__.py", "github.py"), trap)
    site.repo.commit(
        {**WORSE, **planted, "snitch.yaml": POLICY.replace("0.005", "0.5"), ".lfsconfig": "[lfs]\n\turl = /\n"}
    )
    site.propose()
    checkout = site.checkout(tmp_path / "checkout")
    checkout.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    ran = site.gate_7(at=checkout.path)
    assert (ran.code, len(site.comments)) == (1, 1)
    assert re.findall(r"^error\[(\w+)\]", ran.out, re.MULTILINE) == ["POL001", "REG001"]


def test_a_checkout_of_the_fork_itself(site: Site, tmp_path: Path) -> None:
    """Whose `main`, and the policy on it, is the author's own."""
    fork = site.repo.clone(tmp_path / "fork")
    fork.commit({**WORSE, "snitch.yaml": POLICY.replace("0.005", "0.5")})
    fork.branch("main")
    site.repo.git("fetch", "--quiet", str(fork.path), f"{fork.rev('HEAD')}:refs/heads/patch-1")
    head = site.propose("patch-1", fork="mallory/models", author="mallory")
    checkout = fork.clone(tmp_path / "checkout")
    assert checkout.rev("HEAD") == head
    ran = site.gate("pull_request_target", site.event("pull_request_fork", head), at=checkout.path)
    assert ran.code == 1
    assert re.findall(r"^error\[(\w+)\]", ran.out, re.MULTILINE) == ["POL001", "REG001"]


def test_one_that_is_cancelled_leaves_nothing_behind(site: Site) -> None:
    """As a CI does it to the run of a commit that was pushed over."""
    site.repo.commit(WORSE)
    head = site.propose()
    site.host.delay = 1.0
    gate = site.start("gate", env=site.environment("pull_request_target", site.event("pull_request", head)))
    while not site.host.requests:
        time.sleep(0.02)
    gate.send_signal(signal.SIGINT)
    ran = finish(gate)
    assert (ran.code, ran.out, ran.err.strip()) == (130, "", "snitch: interrupted")
    assert site.github.writes == []


def test_on_a_server_of_ones_own(tmp_path: Path, host: GitHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub Enterprise has its API below a path, and GraphQL beside it."""
    isolate(monkeypatch)
    with GitHub("/api/v3") as github:
        site = Site(tmp_path, host, github)
        site.repo.commit(WORSE)
        head = site.propose()
        assert site.gate_7().code == 1
        site.repo.commit(BETTER)
        site.propose()
        assert site.gate_7().code == 0
        site.check()
    assert (len(site.comments), site.statuses[0]) == (1, (head, "snitch/main", "failure"))
    assert GREEN in site.comments[0]

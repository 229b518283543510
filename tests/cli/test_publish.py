"""`snitch publish RESULT`, in the CI's own run after the job that left the result."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from snitch.forge.publishing import UNPRIVILEGED
from snitch.report import render
from snitch.verdict import Report
from tests.cli.conftest import Command, Ran
from tests.forge.ci import HEAD, event, github
from tests.forge.server import READ_ONLY, TOKEN, GitHub
from tests.forge.state import Pull
from tests.report.reports import BLOCKED, EVERYTHING, PASSED

OTHER = "4" * 40


class CI:
    """A run that a fork's gate has set off, with what that left."""

    def __init__(self, snitch: Command, github: GitHub, folder: Path) -> None:
        self._snitch, self.github, self.folder = snitch, github, folder

    def leave(self, report: Report, commit: str | None = HEAD) -> None:
        of_commit = replace(report, candidate=replace(report.candidate, commit=commit))
        (self.folder / "result.json").write_text(render(of_commit, "json"), encoding="utf-8")

    def publish(self, *options: str) -> Ran:
        return self._snitch("publish", "result.json", *options, at=self.folder)

    @property
    def comments(self) -> list[str]:
        return self.github.state.bodies(7)


@pytest.fixture
def ci(snitch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CI]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "GH_TOKEN", "SNITCH_TOKEN", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    with GitHub() as server:
        server.state.pulls[7] = Pull(7, HEAD, branch="patch-1", fork="mallory/models")
        told = event("workflow_run_fork")
        run = told["workflow_run"]
        assert (run["head_sha"], run["head_repository"]["full_name"]) == (HEAD, "mallory/models")
        assert run["head_branch"] == "patch-1" and run["pull_requests"] == []
        (tmp_path / "event.json").write_text(json.dumps(told), encoding="utf-8")
        places = {"GITHUB_API_URL": server.url, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
        for name, value in {**github("workflow_run", **places), "GITHUB_TOKEN": TOKEN}.items():
            monkeypatch.setenv(name, value)
        yield CI(snitch, server, tmp_path)
    assert server.faults == []


def test_a_forks_result_becomes_a_comment_that_says_what_it_is(ci: CI) -> None:
    ci.leave(BLOCKED)
    assert ci.publish() == Ran(0, "a comment written\n", "")
    (body,) = ci.comments
    marker, _, text = body.partition("\n")
    assert marker.startswith(f"<!-- snitch:report head={HEAD} run=6002.0 ")
    assert "blocked" in text.splitlines()[0] and text.splitlines()[2] == f"> **Advisory.** {UNPRIVILEGED}"
    assert "REG001" in text
    assert ci.github.state.statuses == [] and ci.github.state.check_runs == []


def test_a_status_only_when_it_is_asked_for(ci: CI) -> None:
    ci.leave(PASSED)
    assert ci.publish().out == "no comment: all is green, and always was\n"
    assert ci.publish("--status", "--check-run").code == 0
    (status,), (run,) = ci.github.state.statuses, ci.github.state.check_runs
    assert (status["sha"], status["context"], status["state"]) == (HEAD, "snitch/main", "success")
    assert status["description"].startswith("advisory: passed")
    assert (run["head_sha"], run["conclusion"]) == (HEAD, "success")


def test_a_dry_run_writes_nothing_and_needs_no_forge(ci: CI, monkeypatch: pytest.MonkeyPatch) -> None:
    ci.leave(EVERYTHING)
    dry = ci.publish("--dry-run")
    assert (dry.code, dry.err, ci.github.requests) == (0, "", [])
    for name in ("GITHUB_ACTIONS", "GITHUB_TOKEN"):
        monkeypatch.delenv(name)
    assert ci.publish("--dry-run") == dry
    assert f"> **Advisory.** {UNPRIVILEGED}" in dry.out


def test_a_result_that_claims_another_requests_commit_is_refused(ci: CI) -> None:
    ci.github.state.pulls[8] = Pull(8, OTHER)
    ci.leave(BLOCKED, OTHER)
    ran = ci.publish("--status")
    assert ran.code == 3 and ran.out == ""
    assert f"is of commit {OTHER}; the run that it came from was for {HEAD}" in ran.err
    assert ci.github.writes == []


@pytest.mark.parametrize("change", [{"head": OTHER}, {"state": "closed"}, {"fork": "eve/models"}, {"branch": "other"}])
def test_a_commit_that_no_open_request_asks_for_any_more(ci: CI, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(ci.github.state.pulls[7], name, value)
    ci.leave(BLOCKED)
    ran = ci.publish("--status")
    assert ran.code == 3 and "no open request has" in ran.err
    assert ci.github.writes == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no result of Snitch"),
        (b"{}", "is no result of Snitch"),
        (b"[" * 100_000, "is no result of Snitch"),
        (b"\xff", "is not UTF-8"),
        (b'{"version": 2}', "no version that is known here"),
        (b" " * (21 * 1024 * 1024), "the limit is"),
    ],
)
def test_what_is_no_result(ci: CI, content: bytes, told: str) -> None:
    (ci.folder / "result.json").write_bytes(content)
    ran = ci.publish()
    assert ran.code == 2 and told in ran.err and "Traceback" not in ran.err
    assert ci.github.requests == []


def test_a_verdict_that_its_findings_do_not_bear_out(ci: CI) -> None:
    ci.leave(BLOCKED)
    file = ci.folder / "result.json"
    claimed = json.loads(file.read_bytes())
    file.write_text(json.dumps({**claimed, "verdict": "passed"}))
    assert ci.publish("--status").code == 2
    assert ci.github.requests == []


def test_what_is_no_file(ci: CI) -> None:
    secret = ci.folder / "secret"
    secret.write_text("hunter2")
    (ci.folder / "result.json").symlink_to(secret)
    ran = ci.publish()
    assert ran.code == 2 and "hunter2" not in ran.err
    (ci.folder / "result.json").unlink()
    assert ci.publish().code == 2
    os.mkfifo(ci.folder / "result.json")
    assert ci.publish().code == 2
    (ci.folder / "result.json").unlink()
    (ci.folder / "result.json").mkdir()
    assert ci.publish().code == 2


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("GITHUB_ACTIONS", "there is no request to publish"),
        ("GITHUB_TOKEN", "with: set GITHUB_TOKEN, GH_TOKEN or SNITCH_TOKEN"),
    ],
)
def test_outside_of_a_ci_and_without_a_token(ci: CI, monkeypatch: pytest.MonkeyPatch, missing: str, told: str) -> None:
    monkeypatch.delenv(missing)
    ci.leave(BLOCKED)
    ran = ci.publish()
    assert ran.code == 2 and told in ran.err
    assert ci.github.requests == []


def test_what_cannot_be_published_is_told_and_is_the_commands_failure(ci: CI) -> None:
    ci.leave(BLOCKED)
    ci.github.fail("POST .*/comments", READ_ONLY)
    ran = ci.publish("--status")
    assert ran.code == 3
    assert ran.out == "the commit status is failure\n"
    assert ran.err == "snitch: not published: no write permission here. Leave the result for `snitch publish`\n"


def test_names_of_others_are_escaped(ci: CI) -> None:
    hostile = "@org/team <img src=x> | `x` \x1b[2J\u202e ::error::"
    finding = replace(BLOCKED.findings[0], message=hostile, model=hostile, path=hostile)
    ci.leave(replace(BLOCKED, findings=(finding,), environment=hostile, notes=(hostile,)))
    assert ci.publish("--status", "--check-run").code == 0
    (body,), (status,), (run,) = ci.comments, ci.github.state.statuses, ci.github.state.check_runs
    prose = re.sub(r"(?s)```+text\n.*?\n```+|`[^`\n]+`", "", body)  # in code nothing is markup
    assert "org/team" in prose and "<img" not in prose and "@org" not in prose
    assert "\x1b" not in body and "\u202e" not in body
    assert all(text.isprintable() for text in (status["description"], run["annotations"][0]["path"]))
    assert "\x1b" not in run["annotations"][0]["message"]
    assert TOKEN not in body


def test_the_token_is_told_nowhere(ci: CI) -> None:
    ci.leave(BLOCKED)
    ran = ci.publish()
    ci.github.fail(".*", READ_ONLY, times=99)
    broken = ci.publish()
    assert all(TOKEN not in text for text in (*ran[1:], *broken[1:], *ci.comments))

"""A project on a GitLab, and the gate run on it as a runner would run it: a process and its variables."""

from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.forge import ci
from tests.forge.gitlab_server import BOT, JOB_TOKEN, TOKEN, GitLab
from tests.forge.gitlab_state import MergeRequest
from tests.gate_process.host import GitHost
from tests.gate_process.models import DEPLOYED, Weights, weights
from tests.gate_process.site import NOON, SNITCH, Ran
from tests.repository import ENVIRONMENT, Repo

PROJECT_PATH = "acme/models"
LOGINS = [b64encode(login.encode()).decode() for login in (f"oauth2:{TOKEN}", f"gitlab-ci-token:{JOB_TOKEN}")]
SECRETS = (TOKEN, JOB_TOKEN, *LOGINS)
#: When the first commit of a merge request was pushed; each one after it an hour later.
PUSHED = datetime(2026, 11, 20, 1, tzinfo=timezone.utc)


class GitLabHost(GitHost):
    """Lets in whoever brings a token of a user, or that of a job, each with the name that goes with it."""

    def _guarded(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        scheme, _, secret = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme == "Basic":
            is_known = secret in LOGINS
            own = b64encode(f"x-access-token:{self.token}".encode()).decode()
            environ["HTTP_AUTHORIZATION"] = f"Basic {own if is_known else 'bm9ib2R5'}"
        return super()._guarded(environ, start_response)


class GitLabSite:
    """The project `acme/models`: served by a host, its merge requests known to a GitLab.

    `main` holds a spotless model; `switch` and `commit` its `repo` as an author would, and `propose` the request.
    """

    def __init__(self, root: Path, host: GitLabHost, gitlab: GitLab) -> None:
        self.root, self.host, self.gitlab = root, host, gitlab
        host.root, host.token, host.outage, host.delay = root / "served", "of nobody", None, 0.0
        self.repo = Repo(host.root / f"{PROJECT_PATH}.git")
        for key in ("allowFilter", "allowAnySHA1InWant"):
            self.repo.git("config", f"uploadpack.{key}", "true")
        self.repo.commit(DEPLOYED)
        self.repo.switch("retrain", create=True)
        for content in (*map(weights, ("1.4.0", "1.5.0")), Weights(b"data")):
            host.put(content.digest, content.content)

    def propose(self, branch: str = "retrain", number: int = 7, **more: Any) -> str:
        """GitLab learns of a merge request, or of a push to it; gives the head."""
        head = self.repo.rev(f"refs/heads/{branch}")
        self.repo.git("update-ref", f"refs/merge-requests/{number}/head", head)
        asked = self.gitlab.merge_requests.setdefault(number, MergeRequest(number, head, branch, **more))
        if not asked.versions or asked.head != head:
            moment = PUSHED + timedelta(hours=len(asked.versions))
            asked.versions.append((head, moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")))
        asked.head = head
        return head

    def approve(self, *users: str, before_push: bool = False) -> None:
        """They approve of merge request 7, just after or before its newest commit was pushed."""
        asked = self.gitlab.merge_requests[7]
        pushed = datetime.fromisoformat(asked.versions[-1][1].replace("Z", "+00:00"))
        moment = (pushed + timedelta(minutes=-1 if before_push else 1)).isoformat()
        asked.approvals += [(user, moment) for user in users]

    def merge(self) -> tuple[str, str]:
        """Merges merge request 7 as it is now; gives the tip of `main` before and after."""
        before, asked = self.repo.rev("main"), self.gitlab.merge_requests[7]
        self.repo.switch("main").git("merge", "--quiet", "--no-ff", "--no-edit", asked.head)
        asked.state, asked.merge_commit = "merged", self.repo.rev("main")
        asked.merged_at = "2026-11-20T11:00:00.000Z"
        return before, asked.merge_commit

    def environment(self, changed: Mapping[str, str] = {}) -> dict[str, str]:
        """The variables of a job for merge request 7; one that is changed to nothing is not set."""
        project = f"{self.host.url}/{PROJECT_PATH}"
        asked = self.gitlab.merge_requests.get(7)
        known = {
            "CI_API_V4_URL": self.gitlab.url,
            "CI_COMMIT_SHA": asked.head if asked else "",
            "CI_JOB_TOKEN": JOB_TOKEN,
            "CI_MERGE_REQUEST_PROJECT_URL": project,
            "CI_PROJECT_URL": project,
            "CI_SERVER_URL": self.host.url,
            "GITLAB_TOKEN": TOKEN,
        }
        own = {"PATH": os.environ["PATH"], "HOME": str(self.root), "COLUMNS": "120", **ENVIRONMENT}
        return own | ci.gitlab(**{**known, **changed})

    def gate(
        self,
        *arguments: str,
        at: Path | None = None,
        command: tuple[str, ...] = (SNITCH,),
        env: Mapping[str, str] = {},
    ) -> Ran:
        """`snitch gate` in a job, some of whose variables are changed; in an empty folder, or in a checkout."""
        if at is None:
            at = self.root / "empty"
            at.mkdir(exist_ok=True)
        whole = [*command, "gate", "--now", NOON, *arguments]
        done = subprocess.run(
            whole, cwd=at, env=self.environment(env), capture_output=True, text=True, timeout=120, check=False
        )
        assert not any(secret in done.stdout + done.stderr for secret in SECRETS)
        assert "Traceback" not in done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def push(self, before: str, after: str, env: Mapping[str, str] = {}) -> Ran:
        """The gate in the job of a push to `main`, which is protected."""
        request = {name: "" for name in ci.gitlab() if name.startswith("CI_MERGE_REQUEST_")}
        own = {"CI_COMMIT_BEFORE_SHA": before, "CI_COMMIT_SHA": after, "CI_COMMIT_REF_NAME": "main"}
        more = {"CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_PROTECTED": "true", "CI_PIPELINE_SOURCE": "push"}
        return self.gate(env={**request, **own, **more, **env})

    def check(self) -> None:
        """What holds after every test."""
        assert self.gitlab.faults == []
        public = repr((self.gitlab.notes, self.gitlab.statuses, self.gitlab.merge_requests))
        left = [file.read_text(errors="replace") for file in (self.root / "empty").glob("*")]
        assert not any(secret in text for secret in SECRETS for text in (public, *left))

    @property
    def writes(self) -> list[str]:
        """What was asked of GitLab to be changed."""
        return [each for each in self.gitlab.requests if not each.startswith("GET ")]

    @property
    def notes(self) -> list[str]:
        """The gate's own notes on merge request 7."""
        return self.gitlab.bodies(7, BOT)

    @property
    def statuses(self) -> list[tuple[str, str, str]]:
        """The statuses that were set: commit, name, state."""
        return [(each["sha"], each["name"], each["status"]) for each in self.gitlab.statuses]

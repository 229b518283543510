"""A repository on a forge, and the gate run on it as a CI would run it: a process, its variables, its event file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.forge import ci
from tests.forge.server import TOKEN, GitHub
from tests.forge.state import ACTIONS, REPOSITORY, Pull
from tests.gate_process.host import GitHost
from tests.gate_process.models import DEPLOYED, Weights, weights
from tests.repository import ENVIRONMENT, Repo

SNITCH = str(Path(sys.executable).parent / "snitch")
#: The token, and as it is sent to git's server.
SECRETS = (TOKEN, b64encode(f"x-access-token:{TOKEN}".encode()).decode())
NOON = "2026-11-20T12:00:00Z"


class Ran(NamedTuple):
    """What a process came to."""

    code: int
    out: str
    err: str


class Site:
    """The repository `acme/models`: served by a host, its pull requests known to a GitHub.

    `main` holds a spotless model; `switch` and `commit` its `repo` as an author would, and `propose` the pull request.
    """

    def __init__(self, root: Path, host: GitHost, github: GitHub) -> None:
        self.root, self.host, self.github = root, host, github
        self.state = github.state
        self.temporary = root / "temporary"
        self.temporary.mkdir()
        host.root, host.token = root / "served", TOKEN
        host.outage, host.lfs_outage, host.delay = None, None, 0.0
        host.requests.clear()
        self.repo = Repo(host.root / f"{REPOSITORY}.git")
        for key in ("allowFilter", "allowAnySHA1InWant"):
            self.repo.git("config", f"uploadpack.{key}", "true")
        self.repo.commit(DEPLOYED)
        self.follow("main")
        self.repo.switch("retrain", create=True)
        for content in (*map(weights, ("1.4.0", "1.5.0")), Weights(b"data")):
            host.put(content.digest, content.content)
        self.state.permissions |= {"platform-lead": "admin", "grace": "write", "ada": "write"}

    def follow(self, *branches: str) -> None:
        """The forge learns where branches are."""
        for branch in branches:
            self.state.branches[branch] = self.repo.rev(f"refs/heads/{branch}")

    def propose(self, branch: str = "retrain", number: int = 7, **more: Any) -> str:
        """The forge learns of a pull request, or of a push to it; gives the head."""
        head = self.repo.rev(f"refs/heads/{branch}")
        self.repo.git("update-ref", f"refs/pull/{number}/head", head)
        pull = self.state.pulls.setdefault(number, Pull(number, head, branch, **more))
        pull.head = head
        return head

    def checkout(self, path: Path, *options: str) -> Repo:
        """A clone with the head of pull request 7 fetched, which logs in by itself as one of actions/checkout does."""
        header = f"http.{self.host.url}/.extraheader", f"AUTHORIZATION: basic {SECRETS[1]}"
        own = Repo(path)
        own.git("remote", "add", "origin", f"{self.host.url}/{REPOSITORY}")
        own.git("config", *header)
        own.git("fetch", "--quiet", "--no-tags", *options, "origin", "refs/pull/7/head")
        return own

    def event(self, name: str, head: str = "", **changes: Any) -> dict[str, Any]:
        """A forge's event about a commit; `changes` replace members of its part about the request."""
        data = ci.event(name)
        if "pull_request" in data:
            part: dict[str, Any] = data["pull_request"]
            part["head"]["sha"], part["number"] = head, 7
        else:
            part = data.get("workflow_run") or data.get("merge_group") or data
            part["head_sha"] = head
        part.update(changes)
        return data

    def environment(
        self, event: str, data: object, changed: Mapping[str, str] = {}, *, name: str = "event.json"
    ) -> dict[str, str]:
        """The variables of a run; one that is changed to nothing is not set."""
        file = self.root / name
        file.write_text(json.dumps(data), encoding="utf-8")
        known = {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": self.host.url,
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_TOKEN": TOKEN,
        }
        own = {"PATH": os.environ["PATH"], "HOME": str(self.root), "TMPDIR": str(self.temporary), "COLUMNS": "120"}
        return own | ENVIRONMENT | ci.github(event, **{**known, **changed})

    def start(
        self, *arguments: str, env: Mapping[str, str], at: Path | None = None, command: tuple[str, ...] = (SNITCH,)
    ) -> subprocess.Popen[str]:
        """A process of Snitch; in an empty folder, unless it is run in a checkout."""
        if at is None:
            at = self.root / "empty"
            at.mkdir(exist_ok=True)
        pipe = subprocess.PIPE
        return subprocess.Popen([*command, *arguments], cwd=at, env=env, stdout=pipe, stderr=pipe, text=True)

    def gate(
        self,
        event: str,
        data: object,
        *arguments: str,
        at: Path | None = None,
        now: str | datetime = NOON,
        command: tuple[str, ...] = (SNITCH,),
        env: Mapping[str, str] = {},
    ) -> Ran:
        """`snitch gate` on an event."""
        return self.run(event, data, "gate", "--now", str(now), *arguments, at=at, command=command, env=env)

    def run(
        self,
        event: str,
        data: object,
        *arguments: str,
        at: Path | None = None,
        command: tuple[str, ...] = (SNITCH,),
        env: Mapping[str, str] = {},
    ) -> Ran:
        """A command of Snitch on an event."""
        return finish(self.start(*arguments, env=self.environment(event, data, env), at=at, command=command))

    def gate_7(self, *arguments: str, **more: Any) -> Ran:
        """The gate on pull request 7 as it is now."""
        head = more.pop("head", None) or self.state.pulls[7].head
        return self.gate("pull_request_target", self.event("pull_request", head), *arguments, **more)

    def check(self) -> None:
        """What holds after every test: nothing is left behind, and no token is where others look."""
        assert self.github.faults == []
        assert list(self.temporary.iterdir()) == []
        public = repr((self.state.comments, self.state.statuses, self.state.check_runs))
        left = [file.read_text(errors="replace") for file in (self.root / "empty").glob("*")]
        assert not any(secret in text for secret in SECRETS for text in (public, *left))

    @property
    def comments(self) -> list[str]:
        """The comments of the gate's own on pull request 7."""
        return self.state.bodies(7, ACTIONS)

    @property
    def statuses(self) -> list[tuple[str, str, str]]:
        """The statuses that were set: commit, context, state."""
        return [(each["sha"], each["context"], each["state"]) for each in self.state.statuses]


def finish(process: subprocess.Popen[str]) -> Ran:
    out, err = process.communicate(timeout=120)
    assert not any(secret in out + err for secret in SECRETS)
    assert "Traceback" not in err
    return Ran(process.returncode, out, err)

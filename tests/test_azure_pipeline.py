"""What the steps of the template's Azure pipeline do, run by bash as an agent runs them, each where it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.judging import MANIFEST, SPOTLESS
from tests.repository import ENVIRONMENT, Repo
from tests.workflows import files_of

INSTALL, FETCH, MEASURE, JUDGE = "Install Snitch", "Fetch", "Measure again", "Judge"
TOKEN = "t0ken-of-the-job"
URL = "https://dev.azure.com/acme/models/_git/models"
#: What `python -m` and an import would find before the real one in the folder that they are run in.
MODULES = ("pip", "snitch", "yaml", "msgspec", "sitecustomize", "runpy")
AZ = (
    'case "$*" in *"pr show"*) echo eve@example.com ;; *reviewer*) echo ada@example.com; echo grace@example.com ;; esac'
)


def steps() -> list[dict[str, Any]]:
    (job,) = yaml.safe_load(files_of("azure")["azure-pipelines.yml"])["jobs"]
    return job["steps"]  # type: ignore[no-any-return]


class Agent:
    """An agent's folders, with a pull request checked out, and programs of the test's own before all others."""

    def __init__(self, root: Path) -> None:
        self.root, self.sources, self.temp, self.programs = (
            root / name for name in ("", "sources", "temp", "programs")
        )
        for folder in (self.temp, self.programs):
            folder.mkdir()
        self.origin = Repo(root / "origin")
        self.origin.commit(SPOTLESS)
        self.origin.clone(self.sources)
        self.propose({"README.md": "# Models\n"})
        # The server's URL leads to the folder, so that git's own settings for that URL count.
        (root / "gitconfig").write_text(f'[url "file://{self.origin.path}"]\n\tinsteadOf = {URL}\n')
        self.fake("az", AZ)

    def propose(self, files: dict[str, str]) -> None:
        """Opens a pull request from a fork: its commit is on no branch, and only in the merge that Azure made."""
        self.origin.git("switch", "--quiet", "--detach", "main")
        self.head = self.origin.commit(files)
        self.origin.git("switch", "--quiet", "--detach", "main")
        self.origin.git("merge", "--quiet", "--no-ff", "--no-edit", self.head)
        self.origin.git("update-ref", "refs/pull/7/merge", "HEAD")

    def fake(self, name: str, script: str) -> None:
        (self.programs / name).write_text(f"#!/bin/bash\n{script}\n")
        (self.programs / name).chmod(0o755)

    def plant(self, *folders: Path) -> None:
        """Modules that tell when they are imported."""
        for folder in folders:
            for name in MODULES:
                (folder / f"{name}.py").write_text(f"open({str(self.root / 'owned')!r}, 'a').write(__file__)\n")

    @property
    def owned(self) -> str:
        return (self.root / "owned").read_text() if (self.root / "owned").exists() else ""

    def run(self, name: str, at: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Runs the step; `at` goes for the folder that it names."""
        (step,) = (each for each in steps() if each.get("displayName") == name)
        folder = step.get("workingDirectory", str(self.sources)).replace("$(Agent.TempDirectory)", str(self.temp))
        assert set(step.get("env", {})) <= self.variables.keys()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON", "SNITCH"))}
        path = f"{self.programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = {**kept, **ENVIRONMENT, **self.variables, "PATH": path, "GIT_CONFIG_GLOBAL": str(self.root / "gitconfig")}
        command = [shutil.which("bash") or "bash", "--noprofile", "--norc", "-c", step.get("bash") or step["script"]]
        return subprocess.run(command, cwd=at or folder, env=env, capture_output=True, text=True, check=False)

    def judge(self) -> subprocess.CompletedProcess[str]:
        """What is judged has been fetched by a step before."""
        self.run(FETCH)
        return self.run(JUDGE)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "AZURE_DEVOPS_EXT_PAT": TOKEN,
            "ORGANIZATION": "https://dev.azure.com/acme/",
            "REPOSITORY": URL.replace("//", "//acme@"),
            "MERGE": "refs/pull/7/merge",
            "REQUEST": "7",
            "TARGET": "refs/heads/main",
            "HEAD_COMMIT": self.head,
        }


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    return Agent(tmp_path)


class TestInstalling:
    @pytest.fixture(autouse=True)
    def python(self, agent: Agent) -> None:
        """An interpreter whose pip only writes down where it was run and what it was asked for."""
        venv.create(agent.root / "python", symlinks=True)
        (packages,) = (agent.root / "python").glob("lib/python*/site-packages")
        asked = str(agent.root / "asked")
        (packages / "pip.py").write_text(
            f"import os, sys\nopen({asked!r}, 'w').write('\\n'.join([os.getcwd(), *sys.argv[1:]]))\n"
        )
        agent.fake("python", f'exec "{agent.root}/python/bin/python" "$@"')

    def test_pip_is_run_away_from_what_was_checked_out(self, agent: Agent) -> None:
        agent.plant(agent.sources)
        ran = agent.run(INSTALL)
        assert (ran.returncode, ran.stderr, agent.owned) == (0, "", "")
        at, command, *_, wanted = (agent.root / "asked").read_text().splitlines()
        assert (Path(at), command) == (agent.temp, "install")
        assert wanted.startswith("model-snitch[gate]==")

    def test_nothing_planted_would_run_in_the_checkout_either(self, agent: Agent) -> None:
        agent.plant(agent.sources)
        ran = agent.run(INSTALL, at=agent.sources)
        assert (ran.returncode, agent.owned, (agent.root / "asked").exists()) == (0, "", True)


class TestJudging:
    @pytest.mark.parametrize(
        ("files", "code", "verdict"),
        [({"README.md": "# Ours\n"}, 0, "passed"), ({MANIFEST: "name: [\n"}, 1, "blocked")],
    )
    def test_a_request_is_judged_and_nothing_planted_runs(
        self, agent: Agent, files: dict[str, str], code: int, verdict: str
    ) -> None:
        agent.propose(files)
        agent.plant(agent.sources, agent.temp)
        ran = agent.judge()
        assert (ran.returncode, agent.owned) == (code, ""), ran.stdout + ran.stderr
        assert f"{verdict}:" in ran.stdout

    def test_the_gate_is_told_who_asks_for_what_and_who_approves(self, agent: Agent) -> None:
        agent.fake("snitch", f'pwd > {agent.root}/at; printf "%s\\n" "$@" > {agent.root}/asked; exit 3')
        assert agent.judge().returncode == 3
        repository = Path((agent.root / "at").read_text().strip())
        asked = (agent.root / "asked").read_text().splitlines()
        assert asked == [
            *("gate", "--target", "main", "--base", "refs/remotes/origin/main", "--head", agent.head),
            *("--author", "eve@example.com", "--approved-by", "ada@example.com", "--approved-by", "grace@example.com"),
        ]
        judged = Repo(repository)
        assert judged.git("rev-parse", "--is-bare-repository") == "true"
        assert judged.rev("refs/remotes/origin/main") == agent.origin.rev("main")
        assert agent.temp in repository.parents

    def test_the_token_is_for_that_repository_and_in_no_file(self, agent: Agent) -> None:
        ask = "git config --get-urlmatch http.extraheader"
        agent.fake("snitch", f"{ask} {URL}/info/lfs; {ask} {URL}; {ask} https://dev.azure.com/mallory/x || echo none")
        ran = agent.judge()
        header = f"Authorization: bearer {TOKEN}"
        assert ran.stdout.splitlines() == [header, header, "none"], ran.stderr
        files = [each for folder in (agent.temp, agent.sources) for each in folder.rglob("*") if each.is_file()]
        assert files and not [each for each in files if TOKEN.encode() in each.read_bytes()]

    @pytest.mark.parametrize("missing", ["az", "git"])
    def test_what_cannot_be_asked_is_no_pass(self, agent: Agent, missing: str) -> None:
        agent.fake(missing, "exit 1")
        agent.fake("snitch", "exit 0")
        assert agent.judge().returncode == 1


class TestMeasuring:
    def test_what_is_measured_is_fetched_before_and_handed_to_the_gate(self, agent: Agent) -> None:
        write = 'case "$*" in *--verify*) echo "{}" > ../evidence.json; exit 1 ;; esac'
        agent.fake("snitch", f'printf "%s\\n" "$*" >> {agent.root}/asked; {write}')
        for name in (FETCH, MEASURE, JUDGE):
            assert agent.run(name).returncode == 0
        fetched, measured, judged = (agent.root / "asked").read_text().splitlines()
        of = f"--ref {agent.head} --base refs/remotes/origin/main --policy refs/remotes/origin/main"
        assert fetched == f"evaluate --fetch {of}"
        assert measured == f"evaluate --verify --install {of} --evidence ../evidence.json"
        assert "--evidence ../evidence.json" in judged

    def test_without_evidence_the_gate_judges(self, agent: Agent) -> None:
        agent.fake("snitch", f'printf "%s\\n" "$*" >> {agent.root}/asked; [ "$1" = gate ]')
        for name in (FETCH, MEASURE, JUDGE):
            assert agent.run(name).returncode == 0
        assert "--evidence" not in (agent.root / "asked").read_text().splitlines()[-1]


def test_no_step_has_the_token_but_those_that_ask_the_server() -> None:
    checkout = steps()[0]
    assert (checkout["checkout"], checkout["persistCredentials"]) == ("self", "false")
    holders = [each["displayName"] for each in steps() if re.search(r"AccessToken", str(each))]
    assert holders == [FETCH, JUDGE]

"""The CI files of the template: valid, safe by the tools that judge such files, and doing what they say."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from snitch import __version__
from snitch.cli.gate import gate
from snitch.cli.main import run
from snitch.report import FORMATS
from snitch.template import CI_SYSTEMS, render, template_files
from tests.repository import ENVIRONMENT, Repo, isolate
from tests.workflows import files_of

GITHUB = ("github", "github-advisory")
SCHEMAS = {"gitlab": (".gitlab-ci.yml", "gitlab-ci"), "azure": ("azure-pipelines.yml", "azure-pipelines")}


def tool(name: str, *arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(name)
    return subprocess.run([program, *arguments], cwd=at, capture_output=True, text=True, check=False)


@pytest.fixture
def written(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    for path, content in files_of(request.param).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    return tmp_path


def step(ci: str, workflow: str, name: str) -> dict[str, Any]:
    jobs = yaml.safe_load(files_of(ci)[f".github/workflows/{workflow}.yml"])["jobs"].values()
    (found,) = (step for job in jobs for step in job["steps"] if step.get("name") == name)
    return found  # type: ignore[no-any-return]


class TestFiles:
    @pytest.mark.parametrize("written", GITHUB, indirect=True)
    def test_github_s_are_valid(self, written: Path) -> None:
        paths = sorted(map(str, written.glob(".github/workflows/*.yml")))
        done = tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *paths, at=written)
        assert (len(paths) > 2, done.returncode) == (True, 0), done.stdout

    @pytest.mark.parametrize("written", GITHUB, indirect=True)
    def test_zizmor_has_nothing_against_github_s(self, written: Path) -> None:
        done = tool("zizmor", "--offline", "--no-config", "--pedantic", ".github/workflows", at=written)
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize("written", SCHEMAS, indirect=True)
    def test_the_others_are_valid(self, written: Path, request: pytest.FixtureRequest) -> None:
        path, kind = SCHEMAS[request.node.callspec.params["written"]]
        schema = ("--builtin-schema", f"vendor.{kind}", "--data-transform", kind)
        done = tool("check-jsonschema", *schema, path, at=written)
        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize("ci", GITHUB)
    def test_whatever_zizmor_is_to_ignore_has_a_reason(self, ci: str) -> None:
        for path, text in files_of(ci).items():
            for ignored in re.findall(r"zizmor: ignore\S*(.*)", text):
                assert len(ignored.split()) > 3, path

    @pytest.mark.parametrize("ci", GITHUB)
    def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it(self, ci: str) -> None:
        lines = [line for text in files_of(ci).values() for line in text.splitlines() if re.match(r"[ -]+uses:", line)]
        assert lines
        for line in lines:
            assert re.search(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line

    def test_one_action_is_pinned_to_one_commit(self) -> None:
        pins: dict[str, set[str]] = {}
        for ci in GITHUB:
            for text in files_of(ci).values():
                for action, pin in re.findall(r"uses: (\S+)@(.+)", text):
                    pins.setdefault(action, set()).add(pin)
        assert {action: pin for action, pin in pins.items() if len(pin) > 1} == {}

    @pytest.mark.parametrize("ci", [ci for ci in CI_SYSTEMS if ci != "none"])
    def test_snitch_is_installed_in_the_version_that_wrote_them(self, ci: str) -> None:
        installed = [
            each for text in files_of(ci).values() for each in re.findall(r'install.*"(model-snitch.*)"', text)
        ]
        assert installed
        assert {re.sub(r"\[\w+\]", "", each) for each in installed} == {f"model-snitch=={__version__}"}

    @pytest.mark.parametrize("ci", [ci for ci in CI_SYSTEMS if ci != "none"])
    def test_no_module_of_the_folder_it_is_run_in_goes_for_pip_or_snitch(self, ci: str) -> None:
        text = "\n".join(re.sub(r"(?m)#.*", "", each) for each in files_of(ci).values())
        installing = re.findall(r".*\bpip install\b.*", text)
        assert installing and all("python -I -m pip install" in line for line in installing)
        assert not re.findall(r"\bpython[\d.]* (?!-I )(?:-\S+ )*-[mc]\b.*", text)

    @pytest.mark.parametrize("ci", GITHUB)
    def test_nobody_may_do_what_no_job_says_it_needs(self, ci: str) -> None:
        for path, text in files_of(ci).items():
            workflow = yaml.safe_load(text)
            assert workflow["permissions"] == {}, path
            assert all(job["timeout-minutes"] for job in workflow["jobs"].values()), path
            assert "concurrency" in workflow, path

    def test_the_gate_checks_nothing_out(self) -> None:
        text = files_of("github")[".github/workflows/gate.yml"]
        assert "checkout" not in re.sub(r"#.*", "", text)

    @pytest.mark.parametrize("ci", GITHUB)
    def test_nothing_that_somebody_wrote_becomes_part_of_a_script(self, ci: str) -> None:
        for path, text in files_of(ci).items():
            for job in yaml.safe_load(text)["jobs"].values():
                assert not [each for each in job["steps"] if "${{" in each.get("run", "")], path


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a step's script as GitHub does, with programs of the test's own before all others."""
    programs = tmp_path / "programs"
    programs.mkdir()

    def execute(script: str, env: dict[str, str], **fakes: str) -> subprocess.CompletedProcess[str]:
        for name, fake in fakes.items():
            (programs / name).write_text(f"#!/bin/bash\n{fake}\n")
            (programs / name).chmod(0o755)
        env = {
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "CALLS": str(tmp_path / "calls"),
            **env,
        }
        command = [shutil.which("bash") or "bash", "-e", "-c", script]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)

    return execute


#: Writes down how it was called, an argument a line, and answers what the test wants.
GH = 'printf "%s\\n" "$*" >> "$CALLS"; if [ "$1 $2" = "issue list" ]; then echo "$OPEN"; fi'

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


class TestNightly:
    @pytest.mark.parametrize(("code", "ended", "told"), [(0, 0, "0"), (1, 0, "1"), (3, 0, "3"), (2, 2, None)])
    def test_a_verdict_goes_on_and_a_failure_does_not(
        self, shell: Shell, tmp_path: Path, code: int, ended: int, told: str | None
    ) -> None:
        script = step("github", "nightly", "Judge what is deployed")["run"]
        done = shell(script, {"GITHUB_OUTPUT": str(tmp_path / "output")}, snitch=f"exit {code}")
        assert done.returncode == ended
        output = tmp_path / "output"
        assert (output.read_text() if output.exists() else None) == (told and f"code={told}\n")

    @pytest.mark.parametrize(
        ("code", "open_issue", "did"),
        [
            ("0", "", []),
            ("0", "7", ["issue close 7 --comment Every deployed model passes again: RUN"]),
            ("1", "7", ["issue edit 7 --body-file body.md"]),
            ("3", "7", ["issue edit 7 --body-file body.md"]),
            ("1", "", ["label create", "issue create --title A deployed model breaks the rules"]),
        ],
    )
    def test_one_issue_opens_changes_and_closes(
        self, shell: Shell, tmp_path: Path, code: str, open_issue: str, did: list[str]
    ) -> None:
        (tmp_path / "report.md").write_text("it is stale\n")
        script = step("github", "nightly", "Open, update or close the issue")["run"]
        done = shell(script, {"CODE": code, "OPEN": open_issue, "RUN": "RUN"}, gh=GH)
        assert (done.returncode, done.stderr) == (0, "")
        asked, *calls = (tmp_path / "calls").read_text().splitlines()
        assert "--author app/github-actions" in asked
        assert len(calls) == len(did)
        assert all(call.startswith(start) for call, start in zip(calls, did, strict=True))

    def test_a_report_beyond_the_limit_is_cut_between_two_characters(self, shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "report.md").write_text("é" * 70_000, encoding="utf-8")
        script = step("github", "nightly", "Open, update or close the issue")["run"]
        assert shell(script, {"CODE": "1", "OPEN": "", "RUN": "RUN"}, gh=GH).returncode == 0
        body = (tmp_path / "body.md").read_bytes().decode("utf-8")
        assert body == "é" * 60_000 + "\n\nThe whole report: RUN\n"

    def test_a_new_repository_passes_as_a_clone(
        self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        isolate(monkeypatch)
        assert run(["init", str(tmp_path / "born")]) == 0
        Repo(tmp_path / "born").clone(tmp_path / "clone")
        script = step("github", "nightly", "Judge what is deployed")["run"]
        output = tmp_path / "output"
        done = shell(f"cd clone\n{script}", {**ENVIRONMENT, "GITHUB_OUTPUT": str(output)})
        assert (done.returncode, done.stderr, output.read_text()) == (0, "", "code=0\n"), done.stdout
        assert (tmp_path / "clone" / "report.md").read_text(encoding="utf-8")


class TestRetrain:
    def test_what_was_trained_becomes_a_branch_and_a_draft(self, shell: Shell, tmp_path: Path) -> None:
        repo, gh = self.repo(tmp_path), 'if [ "$1" != auth ]; then printf "%s\\n" "$*" >> "$CALLS"; fi'
        repo.write({"models/churn/params.yaml": "a: 2\n", "elsewhere.txt": "not the model's\n"})
        done = self.propose(shell, gh)
        assert done.returncode == 0, done.stderr
        origin = Repo(tmp_path / "origin")
        changed = origin.git("diff", "--name-only", "staging", "retrain-churn-9").splitlines()
        assert changed == ["models/churn/params.yaml"]
        (call,) = (tmp_path / "calls").read_text().splitlines()
        assert call.startswith("pr create --draft --base staging --head retrain-churn-9 ")

    def test_the_same_model_is_no_proposal(self, shell: Shell, tmp_path: Path) -> None:
        self.repo(tmp_path)
        done = self.propose(shell, "exit 1")
        assert (done.returncode, "Nothing changed" in done.stdout) == (0, True)

    @pytest.mark.parametrize("model", ["../../x", "-rf", "a b", "$(x)", ""])
    def test_what_is_no_model_s_name_is_refused(self, shell: Shell, model: str) -> None:
        script = step("github", "retrain", "Train and evaluate")["run"]
        done = shell(script, {"MODEL": model}, python="touch ran")
        assert (done.returncode, "no model may be called that" in done.stdout) == (1, True)

    def repo(self, tmp_path: Path) -> Repo:
        origin = Repo(tmp_path / "origin", branch="staging")
        origin.commit({"models/churn/params.yaml": "a: 1\n"})
        return origin.clone(tmp_path / "clone")

    def propose(self, shell: Shell, gh: str) -> subprocess.CompletedProcess[str]:
        script = step("github", "retrain", "Commit, push and open a draft")["run"]
        env = {**ENVIRONMENT, "MODEL": "churn", "GITHUB_RUN_ID": "9"}
        return shell(f"cd clone\n{script}", env, gh=gh)


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq here")
class TestRelease:
    @pytest.mark.parametrize(
        ("named", "models"), [("", ["churn", "fraud"]), ("fraud", ["fraud"]), ("gone", []), ("../x", []), ("$(x)", [])]
    )
    def test_the_models_whose_folder_changed_or_the_one_named(
        self, shell: Shell, tmp_path: Path, named: str, models: list[str]
    ) -> None:
        repo = Repo(tmp_path / "repo")
        names = ("churn", "fraud", "same", "gone")
        before = repo.commit({f"models/{name}/model.yaml": "a: 1\n" for name in names})
        repo.remove("models/gone/model.yaml")
        odd = {"models/notes.md": "", "models/Odd Name/model.yaml": "", "README.md": ""}
        after = repo.commit({"models/churn/model.yaml": "a: 2\n", "models/fraud/x/y.txt": "", **odd})
        assert self.listed(shell, {"MODEL": named, "BEFORE": before, "GITHUB_SHA": after}, tmp_path) == models

    def test_a_push_that_nobody_can_measure_fails(self, shell: Shell, tmp_path: Path) -> None:
        repo = Repo(tmp_path / "repo")
        after = repo.commit({"models/churn/model.yaml": "a: 1\n"})
        assert self.listed(shell, {"MODEL": "", "BEFORE": "0" * 40, "GITHUB_SHA": after}, tmp_path) is None

    def listed(self, shell: Shell, env: dict[str, str], tmp_path: Path) -> Any:
        script = step("github", "release", "List the models whose folder changed")["run"]
        done = shell(f"cd repo\n{script}", {**ENVIRONMENT, "GITHUB_OUTPUT": str(tmp_path / "output"), **env})
        if done.returncode:
            return None
        return json.loads((tmp_path / "output").read_text().removeprefix("models="))


#: `gh` as it answers with what is in two files: the open pull requests, and the checks of the commit.
GH_API = r"""
printf "%s\n" "$*" >> "$CALLS"
case "$*" in
  *POST*) [ "$4" != "repos/acme/models/actions/jobs/$FAIL/rerun" ] ;;
  *pulls*) jq -r "$5" pulls.json ;;
  *) jq -r "$5" checks.json ;;
esac
"""


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq here to run the questions with")
class TestAgain:
    def repeated(
        self, shell: Shell, at: Path, bases: dict[str, str], checks: list[tuple[str, str]], gh: str = GH_API, **env: str
    ) -> tuple[int, list[int]]:
        """How it ended, and which jobs were repeated; the first of the checks, each a name and an app, is job 1.

        `bases` is the branches that open requests are to be merged into, and the head of each.
        """
        pulls = [{"head": {"sha": head}, "base": {"ref": base}} for base, head in bases.items()]
        runs = [
            {"id": number, "name": name, "status": "completed", "app": {"slug": app}}
            for number, (name, app) in enumerate(checks, 1)
        ]
        (at / "pulls.json").write_text(json.dumps(pulls))
        (at / "checks.json").write_text(json.dumps({"check_runs": runs}))
        script = step("github", "again", "Repeat the gate")["run"]
        given = {"GITHUB_REPOSITORY": "acme/models", "HEAD_SHA": "abc", **env}
        done = shell(script, given, gh=gh, sleep='printf "slept\\n" >> "$CALLS"')
        assert done.stderr == ""
        calls = (at / "calls").read_text().splitlines()
        posted = [call for call in calls if "POST" in call]
        return done.returncode, [int(call.split("/")[-2]) for call in posted]

    def test_only_the_gate_s_own_check_for_the_branch_is_repeated(self, shell: Shell, tmp_path: Path) -> None:
        checks = [
            ("snitch gate (staging)", "github-actions"),
            ("snitch gate (main)", "github-actions"),
            ("snitch gate (main)", "somebody"),
            ("snitch gate (main) ", "github-actions"),
            ("snitch gate (release/main)", "github-actions"),
            ("lint", "github-actions"),
        ]
        assert self.repeated(shell, tmp_path, {"main": "abc", "staging": "another"}, checks) == (0, [2])

    def test_a_branch_is_no_part_of_the_question(self, shell: Shell, tmp_path: Path) -> None:
        branch = 'x")or("$(touch${IFS}y)'
        checks = [("lint", "github-actions"), (f"snitch gate ({branch})", "github-actions")]
        assert self.repeated(shell, tmp_path, {branch: "abc"}, checks) == (0, [2])
        assert not (tmp_path / "y").exists()

    def test_two_requests_of_one_commit_are_both_judged_again(self, shell: Shell, tmp_path: Path) -> None:
        checks = [("snitch gate (staging)", "github-actions"), ("snitch gate (main)", "github-actions")]
        assert self.repeated(shell, tmp_path, {"staging": "abc", "main": "abc"}, checks) == (0, [2, 1])

    def test_a_commit_that_no_open_request_asks_for_is_left(self, shell: Shell, tmp_path: Path) -> None:
        assert self.repeated(shell, tmp_path, {"main": "another"}, [("snitch gate (main)", "github-actions")]) == (
            0,
            [],
        )

    def test_of_several_runs_each_is_repeated_though_one_is_too_old(self, shell: Shell, tmp_path: Path) -> None:
        checks = [("snitch gate (main)", "github-actions")] * 3
        assert self.repeated(shell, tmp_path, {"main": "abc"}, checks, FAIL="1") == (1, [1, 2, 3])

    def test_none_is_repeated_while_one_is_running(self, shell: Shell, tmp_path: Path) -> None:
        ends = """case "$*" in *completed*) sed -i s/queued/completed/ checks.json ;; esac\n"""
        gh = f"[ -e seen ] || sed -i s/completed/queued/ checks.json; touch seen; {GH_API} {ends}"
        checks = [("snitch gate (main)", "github-actions")] * 2
        assert self.repeated(shell, tmp_path, {"main": "abc"}, checks, gh) == (0, [1, 2])
        calls = (tmp_path / "calls").read_text()
        assert calls.count("slept\n") == 1 and calls.index("slept") < calls.index("POST")

    def test_without_an_answer_nothing_is_repeated(self, shell: Shell, tmp_path: Path) -> None:
        gh = 'printf "%s\\n" "$*" >> "$CALLS"; exit 1'
        assert self.repeated(shell, tmp_path, {"main": "abc"}, [("snitch gate (main)", "github-actions")], gh) == (
            1,
            [],
        )


#: A line, or what a line hands on, that ends at the gate.
GATED = re.compile(r"(snitch gate|set -- \"\$@\"|set --) .*")
OPTION = re.compile(r"(?<=\s)--[a-z-]+")


class TestGate:
    def test_every_shadow_report_is_handed_over(self, shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "shadow").mkdir()
        for name in ("churn", "two words"):
            (tmp_path / "shadow" / f"{name}.json").write_text("{}")
        script = step("github", "gate", "Judge")["run"]
        done = shell(script, {"GITHUB_STEP_SUMMARY": "summary"}, snitch='printf "%s\\n" "$@" > "$CALLS"; exit 3')
        assert done.returncode == 3
        assert (tmp_path / "calls").read_text().splitlines()[:5] == [
            *("gate", "--shadow", "shadow/churn.json", "--shadow", "shadow/two words.json")
        ]

    @pytest.mark.parametrize(
        ("base_ref", "queued_for", "wanted", "fetched"),
        [
            ("main", "", "true", True),
            ("", "refs/heads/main", "true", True),
            ("staging", "", "true", False),
            ("", "refs/heads/staging", "true", False),
            ("", "", "true", False),
            ("main", "", "", False),
            ("", "refs/heads/main", "", False),
        ],
    )
    def test_the_shadow_is_fetched_for_main_from_a_queue_too(
        self, base_ref: str, queued_for: str, wanted: str, fetched: bool
    ) -> None:
        given = {
            "github.event.merge_group.base_ref": queued_for,
            "github.base_ref": base_ref,
            "vars.SNITCH_SHADOW": wanted,
        }
        condition = step("github", "gate", "Fetch what shadow.yml last saw")["if"]
        for name, value in given.items():
            condition = condition.replace(name, repr(value))
        assert eval(condition.replace("&&", "and").replace("||", "or"), {"__builtins__": {}}) is fetched

    @pytest.mark.parametrize("ci", [ci for ci in CI_SYSTEMS if ci != "none"])
    def test_it_asks_for_what_there_is(self, ci: str) -> None:
        text = "\n".join(files_of(ci).values()).replace("\\\n", "")
        assert set(re.findall(r"--format (\w+)", text)) - set(FORMATS) == set()
        known = {option for each in gate.params for option in (*each.opts, *each.secondary_opts)}
        asked = {
            option for line in text.splitlines() if (found := GATED.search(line)) for option in OPTION.findall(found[0])
        }
        assert asked - known == set()
        assert asked

    @pytest.mark.parametrize("ci", GITHUB)
    def test_how_it_ends_is_how_the_job_ends(self, shell: Shell, ci: str) -> None:
        for code in (0, 1, 2, 3):
            script = step(ci, "gate", "Judge")["run"]
            assert shell(script, {"GITHUB_STEP_SUMMARY": "s"}, snitch=f"exit {code}").returncode == code


class TestEvidence:
    """The jobs before the gate: what they fetch, what they measure, and what neither hands on."""

    @pytest.mark.parametrize("ci", GITHUB)
    def test_from_the_request_to_the_evidence(self, shell: Shell, tmp_path: Path, ci: str) -> None:
        origin = Repo(tmp_path / "served" / "acme" / "models")
        origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
        target = origin.commit({"README.md": "# Ours\n"})
        head = origin.switch("retrain", create=True).commit({"models/churn/model.yaml": "name: churn\n"})
        write = 'case "$*" in *--verify*) echo "{}" > ../evidence.json; exit "$ENDS" ;; esac'
        fake = f'printf "%s\n" "$*" "$(git rev-parse refs/measured/head refs/measured/target)" >> "$CALLS"; {write}'
        env = {
            **ENVIRONMENT,
            "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
            "GITHUB_SERVER_URL": f"file://{tmp_path}/served",
            "GITHUB_REPOSITORY": "acme/models",
            "TOKEN": "ghs_secret",
            "HEAD": head,
            "TARGET": "refs/heads/main",
        }
        (fetching,) = (each for each in self.steps(ci, "fetch") if each.get("name", "").startswith("Fetch"))
        done = shell(fetching["run"], env, snitch=fake)
        assert (done.returncode, done.stderr) == (0, "")
        elsewhere = tmp_path / "verify"
        elsewhere.mkdir()
        (tmp_path / "models.tar").rename(elsewhere / "models.tar")
        handed_on = (elsewhere / "models.tar").read_bytes()
        assert b"ghs_secret" not in handed_on and b"uthorization" not in handed_on
        (measuring,) = (each for each in self.steps(ci, "verify") if each.get("name") == "Measure again")
        for ends, code in (("0", 0), ("1", 0), ("3", 0), ("2", 1), ("130", 1)):
            script = f"cd verify\nrm -rf models.git\n{measuring['run']}"
            assert shell(script, {**ENVIRONMENT, "ENDS": ends}).returncode == code, ends
        calls = (tmp_path / "calls").read_text().splitlines()
        of = "--ref refs/measured/head --base refs/measured/target --policy refs/measured/target"
        assert calls[:3] == [f"evaluate --fetch {of}", head, target]
        assert calls[3:6] == [f"evaluate --verify --install {of} --evidence ../evidence.json", head, target]

    @pytest.mark.parametrize("ci", GITHUB)
    def test_the_job_that_runs_models_may_do_nothing(self, ci: str) -> None:
        job = yaml.safe_load(files_of(ci)[".github/workflows/gate.yml"])["jobs"]["verify"]
        assert job["permissions"] == {}
        assert "token" not in json.dumps(job["steps"]).lower()

    @pytest.mark.parametrize("ci", GITHUB)
    def test_the_gate_judges_whatever_became_of_it(self, ci: str) -> None:
        job = yaml.safe_load(files_of(ci)[".github/workflows/gate.yml"])["jobs"]["gate"]
        assert (job["needs"], job["if"]) == ("verify", "always()")
        (taking,) = (each for each in job["steps"] if each.get("name") == "Take the evidence")
        assert taking["continue-on-error"] is True

    @pytest.mark.parametrize("ci", GITHUB)
    def test_it_is_handed_to_the_gate(self, shell: Shell, tmp_path: Path, ci: str) -> None:
        (tmp_path / "evidence").mkdir()
        (tmp_path / "evidence" / "evidence.json").write_text("{}")
        script = step(ci, "gate", "Judge")["run"]
        done = shell(script, {"GITHUB_STEP_SUMMARY": "s"}, snitch='printf "%s\n" "$@" > "$CALLS"')
        assert done.returncode == 0
        assert (tmp_path / "calls").read_text().splitlines()[:3] == ["gate", "--evidence", "evidence/evidence.json"]

    def steps(self, ci: str, job: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = yaml.safe_load(files_of(ci)[".github/workflows/gate.yml"])["jobs"][job]["steps"]
        return found


PLAN = {
    "steps": [{"percent": 5, "minutes": 10}, {"percent": 25, "minutes": 10}, {"percent": 100, "minutes": 5}],
    "every_minutes": 5,
    "minimum_requests": 100,
    "rollback": {"error_rate": {"above": 0.01}},
}


class TestRollout:
    def roll_out(self, tmp_path: Path, observed: str) -> tuple[int, list[str], list[float]]:
        """How it ended, the shares of the traffic that it set, and how long it slept in seconds."""
        source = render(template_files(), date(2031, 3, 1))["serving/rollout.py"]
        (tmp_path / "rollout.py").write_bytes(source)
        (tmp_path / "deploy.sh").write_text(f'echo "$3" >> {tmp_path}/shares\n[ "$3" != "$FAIL" ]\n')
        (tmp_path / "observe.sh").write_text(f"{observed}\n")
        slept: list[float] = []
        ended = runpy.run_path(str(tmp_path / "rollout.py"))["roll_out"]("churn", "image", PLAN, slept.append)
        return ended, (tmp_path / "shares").read_text().split(), slept

    def test_a_model_that_does_well_gets_the_whole_traffic(self, tmp_path: Path) -> None:
        told = self.roll_out(tmp_path, """echo '{"requests": 100, "error_rate": 0.01}'""")
        assert told == (0, ["5", "25", "100"], [300, 300, 300, 300, 300])

    @pytest.mark.parametrize(
        "observed",
        [
            """echo '{"requests": 100, "error_rate": 0.011}'""",
            """echo '{"requests": 100}'""",
            """echo '{"requests": 100, "error_rate": NaN}'""",
            """echo '{"requests": 100, "error_rate": true}'""",
            """echo '{"requests": 100, "error_rate": "0"}'""",
            """echo '{"requests": 99, "error_rate": 0}'""",
            """echo '{"requests": null, "error_rate": 0}'""",
            """echo '[]'""",
            "echo no json",
            "exit 1",
        ],
    )
    def test_anything_else_is_rolled_back(self, tmp_path: Path, observed: str) -> None:
        ended, shares, _ = self.roll_out(tmp_path, observed)
        assert (ended, shares) == (1, ["5", "0"])

    def test_a_deployment_that_fails_is_rolled_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAIL", "25")
        ended, shares, _ = self.roll_out(tmp_path, """echo '{"requests": 100, "error_rate": 0}'""")
        assert (ended, shares) == (1, ["5", "25", "0"])

    def test_the_shipped_plan_goes_5_25_100_and_has_triggers(self) -> None:
        plan = yaml.safe_load(render(template_files(), date(2031, 3, 1))["serving/rollout.yaml"])
        assert [each["percent"] for each in plan["steps"]] == [5, 25, 100]
        assert all(limit["above"] > 0 for limit in plan["rollback"].values())
        assert plan.keys() == PLAN.keys()

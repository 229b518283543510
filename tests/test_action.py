"""The composite action: valid, safe, and its steps' scripts run for real as a runner would run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from snitch import __version__
from tests.judging import SPOTLESS
from tests.repository import ENVIRONMENT, Repo

ACTION = Path(__file__).resolve().parent.parent / "action.yml"
INSTALL, JUDGE = "Install Snitch into an environment of its own", "Judge"


def steps() -> list[dict[str, Any]]:
    return yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]  # type: ignore[no-any-return]


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(name)
    return subprocess.run([program, *arguments, ACTION], capture_output=True, text=True, check=False)


class TestFile:
    def test_it_is_valid(self) -> None:
        done = tool("check-jsonschema", "--builtin-schema", "vendor.github-actions")
        assert done.returncode == 0, done.stdout

    def test_zizmor_has_nothing_against_it(self) -> None:
        done = tool("zizmor", "--offline", "--no-config", "--pedantic")
        assert done.returncode == 0, done.stdout + done.stderr

    def test_no_input_becomes_part_of_a_script(self) -> None:
        assert not [step for step in steps() if "${{" in step.get("run", "")]

    def test_actions_are_pinned_to_the_commits_that_the_template_pins(self) -> None:
        pins = re.findall(r"uses: (\S+@[0-9a-f]{40} # v\S+)$", ACTION.read_text(encoding="utf-8"), re.MULTILINE)
        gate = ACTION.parent / "model-repo-template" / "dot-github" / "workflows" / "gate.yml"
        assert len(pins) == len([step for step in steps() if "uses" in step]) > 0
        assert all(pin in gate.read_text(encoding="utf-8") for pin in pins)


class Ran(NamedTuple):
    code: int
    out: str
    err: str
    outputs: dict[str, str]


class Runner:
    """A runner's folders and variables, and the steps' scripts run by the shell that it would use."""

    def __init__(self, root: Path) -> None:
        self.temp, self.work, self.action = root / "temp", root / "work", root / "action"
        for folder in (self.temp, self.work, self.action):
            folder.mkdir()

    def run(self, name: str, **env: str) -> Ran:
        (step,) = (step for step in steps() if step.get("name") == name)
        output = self.temp / "output"
        output.write_text("")
        variables = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "GITHUB_", "PYTHON"))},
            **ENVIRONMENT,
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            **env,
        }
        command = [shutil.which("bash") or "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=self.work, env=variables, capture_output=True, text=True, check=False)
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return Ran(done.returncode, done.stdout, done.stderr, outputs)

    def link_environment(self) -> None:
        """What the installing step would have made: an environment in which `python -m snitch` is this one."""
        folder = self.temp / "snitch-environment" / "bin"
        folder.mkdir(parents=True)
        (folder / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (folder / "python").chmod(0o755)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


class TestInstalling:
    """What pip is asked for; pip itself is stood in for, since there may be no network."""

    @pytest.fixture
    def python(self, tmp_path: Path) -> str:
        program = tmp_path / "python"
        program.write_text(
            "#!/bin/sh\n"
            'if [ "$3" = venv ]; then mkdir -p "$4/bin" && cp "$0" "$4/bin/python"\n'
            'else pwd > "$RUNNER_TEMP/at" && printf "%s\\n" "$@" > "$RUNNER_TEMP/asked"; fi\n'
        )
        program.chmod(0o755)
        return str(program)

    @pytest.mark.parametrize(
        ("version", "wanted"), [("", "{action}[gate]"), ("0.1.0", "model-snitch[gate]==0.1.0"), ("$(x)", "{odd}")]
    )
    def test_it_installs_itself_or_the_version_named(
        self, runner: Runner, python: str, version: str, wanted: str
    ) -> None:
        ran = runner.run(INSTALL, PYTHON=python, VERSION=version)
        assert (ran.code, ran.err) == (0, "")
        asked = (runner.temp / "asked").read_text().splitlines()
        assert asked[:4] == ["-I", "-m", "pip", "install"]
        assert asked[-1] == wanted.format(action=runner.action, odd="model-snitch[gate]==$(x)")
        assert (runner.temp / "at").read_text().strip() == str(runner.temp)

    def test_a_real_environment_has_this_very_snitch(self, runner: Runner) -> None:
        """pip builds what lies at the action's path; without a network its dependencies are those that are here."""
        tracked = subprocess.run(
            ["git", "-C", ACTION.parent, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, text=True, check=True,
        ).stdout.split("\0")  # fmt: skip
        for path in tracked:
            if path and (ACTION.parent / path).is_file():
                (runner.action / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ACTION.parent / path, runner.action / path)
        here = next(path for path in sys.path if path.endswith("site-packages"))
        offline = {"PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1"}
        environment = runner.temp / "snitch-environment"
        subprocess.run([sys.executable, "-I", "-m", "venv", environment], check=True)
        (found,) = environment.glob("lib/python*/site-packages")
        (found / "borrowed.pth").write_text(here)
        # The bundled one is older than what builds this project.
        for old in found.glob("setuptools*"):
            shutil.rmtree(old)
        ran = runner.run(INSTALL, PYTHON=sys.executable, VERSION="", **offline)
        assert ran.code == 0, ran.err
        ran = runner.run(JUDGE, ARGS="--version", REPORTS="")
        assert (ran.code, ran.out) == (0, f"snitch, version {__version__}\n"), ran.err
        assert ran.outputs == {"verdict": "passed", "exit-code": "0"}


class TestJudging:
    @pytest.fixture
    def repo(self, runner: Runner) -> Repo:
        runner.link_environment()
        repo = Repo(runner.work)
        repo.commit(SPOTLESS)
        return repo

    ARGS = "check\n--all\n--ref\nHEAD\n--env\nproduction\n--now\n2026-11-20\n--no-cache\n"

    def test_what_follows_the_rules_passes(self, runner: Runner, repo: Repo) -> None:
        ran = runner.run(JUDGE, ARGS=self.ARGS, REPORTS="")
        assert (ran.code, ran.outputs) == (0, {"verdict": "passed", "exit-code": "0"}), ran.out + ran.err
        assert (runner.temp / "summary").read_text()

    def test_what_does_not_blocks(self, runner: Runner, repo: Repo) -> None:
        manifest = next(path for path in SPOTLESS if path.endswith("model.yaml"))
        repo.commit({manifest: "name: [\n"})
        ran = runner.run(JUDGE, ARGS=self.ARGS, REPORTS=f"json={runner.temp}/a b.json\nconcise={runner.temp}/c.txt")
        assert (ran.code, ran.outputs) == (1, {"verdict": "blocked", "exit-code": "1"}), ran.err
        assert '"verdict": "blocked"' in (runner.temp / "a b.json").read_text()
        assert "MET002" in (runner.temp / "c.txt").read_text()

    @pytest.mark.parametrize(
        ("args", "code", "verdict"),
        [("check\n--ref\nnowhere", 2, "error"), ("nonsense", 2, "error"), ("check\n$(touch owned)", 2, "error")],
    )
    def test_what_is_no_verdict_is_told_apart(
        self, runner: Runner, repo: Repo, args: str, code: int, verdict: str
    ) -> None:
        ran = runner.run(JUDGE, ARGS=args, REPORTS="")
        assert (ran.code, ran.outputs) == (code, {"verdict": verdict, "exit-code": str(code)})
        assert not (runner.work / "owned").exists()

    def test_a_file_of_the_work_tree_is_never_imported(self, runner: Runner, repo: Repo) -> None:
        planted = f'open({str(runner.temp / "owned")!r}, "w")\n'
        repo.write(dict.fromkeys(("snitch.py", "yaml.py", "sitecustomize.py", "snitch/__init__.py"), planted))
        assert runner.run(JUDGE, ARGS=self.ARGS, REPORTS="").code == 0
        assert not (runner.temp / "owned").exists()

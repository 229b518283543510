"""What pre-commit makes of the project's git URL: the hooks' definition and what is installed for them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from snitch import __version__
from tests.hooks.conftest import CONFIGURATION
from tests.hooks.hooked import BROKEN, GOOD, TOLD, Models, binaries
from tests.project import ROOT
from tests.repository import Repo

#: What a hook does without: the extras' libraries, and whatever they would bring along.
HEAVY = {"pandas", "numpy", "scipy", "sklearn", "pyarrow", "skops", "github", "requests", "pydantic"}


def environments(shared: Path) -> list[Path]:
    """The folders that pre-commit installed Snitch's packages into."""
    return list((shared / "pre-commit-home").glob("*/py_env-*/lib/python*/site-packages"))


def test_the_definition_is_valid() -> None:
    command = ["pre-commit", "validate-manifest", ".pre-commit-hooks.yaml"]
    subprocess.run(command, cwd=ROOT, check=True, env={"PATH": binaries()})


@pytest.mark.parametrize("hook", ["snitch", "snitch-push"])
def test_no_commit_slips_by(hook: str) -> None:
    """With file names, or without `always_run`, a commit that only deletes would be skipped."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    definition = next(each for each in hooks if each["id"] == hook)
    assert (definition["pass_filenames"], definition["always_run"], definition["verbose"]) == (False, True, True)
    assert definition["entry"].endswith(" --quiet")


def test_one_install_serves_both_hooks(models: Models, shared: Path) -> None:
    assert len(environments(shared)) == 1


def test_the_hooks_are_installed_for_their_three_stages(models: Models) -> None:
    hooks = {path.name for path in (models.path / ".git" / "hooks").iterdir() if path.suffix != ".sample"}
    assert hooks == {"pre-commit", "pre-merge-commit", "pre-push"}


def test_nothing_heavy_is_installed(models: Models, shared: Path) -> None:
    (packages,) = environments(shared)
    assert HEAVY.isdisjoint(path.name for path in packages.iterdir())


def test_rules_presets_and_template_come_along(models: Models, shared: Path) -> None:
    (packages,) = environments(shared)
    for path in ("rules/waivers.py", "policy/presets/recommended.yaml", "model_repo_template/snitch.yaml"):
        assert (packages / "snitch" / path).is_file(), path


def test_by_hand_over_what_is_staged(models: Models) -> None:
    models.write(BROKEN).stage()
    screen = by_hand(models, "snitch")
    assert screen.returncode == 1
    assert TOLD[0] in screen.stdout


def test_by_hand_as_at_a_push(models: Models) -> None:
    models.unhooked(GOOD)
    assert by_hand(models, "snitch-push", "--hook-stage", "pre-push").returncode == 0
    models.unhooked(BROKEN)
    screen = by_hand(models, "snitch-push", "--hook-stage", "pre-push")
    assert screen.returncode == 1
    assert TOLD[0] in screen.stdout


def by_hand(models: Models, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`pre-commit run ARGUMENTS`, as a person runs it."""
    command = ["pre-commit", "run", *arguments]
    environment = {**os.environ, **models.settings}
    return subprocess.run(command, cwd=models.path, capture_output=True, text=True, env=environment, check=False)


def test_a_configuration_of_the_readme_is_the_one_tested(project: str) -> None:
    """The ids and the stages that users are told to name."""
    told = yaml.safe_load((ROOT / "model-repo-template" / "dot-pre-commit-config.yaml").read_text(encoding="utf-8"))
    ours = yaml.safe_load(CONFIGURATION.format(url=project))
    assert told["default_install_hook_types"] == ours["default_install_hook_types"]
    assert [hook["id"] for hook in told["repos"][0]["hooks"]] == [hook["id"] for hook in ours["repos"][0]["hooks"]]
    assert told["repos"][0]["rev"] == "v{{version}}"
    assert Repo(Path(project.removeprefix("file://"))).git("tag", "--list").split() == [f"v{__version__}"]

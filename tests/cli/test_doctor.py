"""`snitch doctor` in real clones: what it finds out, how it tells, how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.repository import Repo


def checks(snitch: Command, at: Path) -> list[dict[str, Any]]:
    """What `doctor` tells that is not well."""
    ran = snitch("doctor", "--format", "json", at=at)
    told = json.loads(ran.out)
    failed = any(check["level"] == "fail" for check in told["checks"])
    assert (told["version"], told["healthy"], ran.code) == (1, not failed, int(failed))
    # The machine's own git may be older than what the gate needs; that is not what these tests are about.
    return [check for check in told["checks"] if check["level"] != "ok" and check["about"] != "git"]


def messages(snitch: Command, at: Path) -> list[str]:
    return [check["message"] for check in checks(snitch, at)]


def test_a_new_repository_lacks_its_hooks_alone(models: Repo, snitch: Command) -> None:
    (check,) = checks(snitch, models.path)
    assert check["message"] == "no hook runs Snitch at pre-commit, pre-merge-commit, pre-push"
    mend = "pre-commit install --hook-type pre-commit --hook-type pre-merge-commit --hook-type pre-push"
    assert check["mend"] == mend


def test_what_it_says_mends_it(models: Repo, snitch: Command) -> None:
    (check,) = checks(snitch, models.path)
    command = [sys.executable, "-m", "pre_commit", *check["mend"].split()[1:]]
    subprocess.run(command, cwd=models.path, check=True, capture_output=True)
    assert checks(snitch, models.path) == []


def test_plain_hooks_do_as_well(models: Repo, snitch: Command) -> None:
    assert snitch("init", "--git-hook", at=models.path).code == 0
    assert checks(snitch, models.path) == []


def test_a_clone_lacks_filters_hooks_and_branches_of_its_own(models: Repo, snitch: Command, tmp_path: Path) -> None:
    clone = models.clone(tmp_path / "clone", "--single-branch")
    told = messages(snitch, clone.path)
    assert "the environment branch `staging` is not in this clone" in told
    assert any("does not use it" in message for message in told)


def test_a_shallow_clone(models: Repo, snitch: Command, tmp_path: Path) -> None:
    models.commit({"notes.md": "a"})
    clone = models.clone(tmp_path / "clone", "--depth", "1")
    assert any("shallow" in message for message in messages(snitch, clone.path))


def test_a_partial_clone(models: Repo, snitch: Command, tmp_path: Path) -> None:
    clone = models.clone(tmp_path / "clone", "--filter=blob:none")
    assert any("partial" in message for message in messages(snitch, clone.path))


def test_without_the_deployed_branch(models: Repo, snitch: Command) -> None:
    models.git("branch", "--move", "main", "trunk")
    models.git("remote", "add", "origin", "https://git.example.com/models.git")
    mends = [check["mend"] for check in checks(snitch, models.path)]
    fetch = "`git fetch origin main:refs/remotes/origin/main`"
    begin = "if origin is still empty, begin with main: `git branch main`, then `git push -u origin main`"
    assert f"{begin}; else {fetch}, or name your branch under `environments` in snitch.yaml" in mends


def test_without_the_deployed_branch_and_any_remote(models: Repo, snitch: Command) -> None:
    models.git("branch", "--move", "main", "master")
    (check,) = [
        check for check in checks(snitch, models.path) if check["about"] == "branches" and "main" in check["message"]
    ]
    name = "or name `master` in its place under `environments` in snitch.yaml"
    assert check["mend"] == f"`git branch main` creates it; {name}"
    models.git("branch", "main")
    assert not [check for check in checks(snitch, models.path) if "`main`" in check["message"]]


def test_a_policy_that_does_not_parse_is_told_with_the_line_to_correct(models: Repo, snitch: Command) -> None:
    models.write({"snitch.yaml": "extends: strict\nrules: [\n"})
    (check,) = [check for check in checks(snitch, models.path) if check["about"] == "policy"]
    assert check["message"].startswith("the policy is not valid: snitch.yaml:3: is not valid YAML: ")
    assert check["mend"] == "correct line 3 of snitch.yaml"


def test_a_policy_of_another_name(models: Repo, snitch: Command) -> None:
    models.git("mv", "snitch.yaml", "snitch.yml")
    assert "snitch.yml is not read, so the preset `recommended` holds: the policy is snitch.yaml" in messages(
        snitch, models.path
    )


def test_an_invalid_policy(models: Repo, snitch: Command) -> None:
    models.write({"snitch.yaml": "extends: strict\nrulez: {}\n"})
    assert "the policy is not valid: snitch.yaml:2: unknown key `rulez`" in messages(snitch, models.path)


def test_weights_that_no_attribute_sends_to_lfs(models: Repo, snitch: Command) -> None:
    attributes = (models.path / ".gitattributes").read_text()
    models.write({".gitattributes": "".join(line for line in attributes.splitlines(True) if ".skops" not in line)})
    found = [check for check in checks(snitch, models.path) if check["about"] == "lfs"]
    assert [(check["level"], check["mend"]) for check in found] == [("fail", "git lfs track '*.skops'")]
    assert "models/diabetes/model.skops" in found[0]["message"]


def test_a_kind_of_weights_that_no_attribute_sends_to_lfs(models: Repo, snitch: Command) -> None:
    attributes = (models.path / ".gitattributes").read_text()
    models.write({".gitattributes": "".join(line for line in attributes.splitlines(True) if ".onnx" not in line)})
    found = [check for check in checks(snitch, models.path) if check["about"] == "lfs"]
    assert [(check["level"], check["mend"]) for check in found] == [("warn", "git lfs track '*.onnx'")]


def test_without_git_lfs(models: Repo, snitch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "git").symlink_to(shutil.which("git") or "")
    (programs / "brew").write_text("#!/bin/sh\n")
    (programs / "brew").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    found = [check for check in checks(snitch, models.path) if check["about"] == "lfs"]
    if not found:
        pytest.skip("git brings its own git-lfs here")
    assert [(check["message"], check["mend"]) for check in found] == [
        ("Git LFS is not installed", "brew install git-lfs")
    ]


def test_hooks_are_looked_for_where_git_looks(models: Repo, snitch: Command) -> None:
    models.git("config", "core.hooksPath", "ours")
    assert snitch("init", "--git-hook", at=models.path).code == 0
    assert checks(snitch, models.path / "models") == []
    (models.path / "ours" / "pre-push").chmod(0o644)
    assert messages(snitch, models.path) == ["the pre-push hook is not executable, so git does not run it"]


def test_a_bare_repository(models: Repo, snitch: Command, tmp_path: Path) -> None:
    clone = models.clone(tmp_path / "bare", "--bare")
    assert checks(snitch, clone.path) == []


def test_an_empty_repository_is_told_what_to_begin_with(tmp_path: Path, snitch: Command) -> None:
    repo = Repo(tmp_path / "empty")
    told = messages(snitch, repo.path)
    assert "there is no model here: no model.yaml" in told
    assert "there is no snitch.yaml: the preset `recommended` holds" in told


def test_outside_a_repository_it_is_misuse(tmp_path: Path, snitch: Command) -> None:
    ran = snitch("doctor", at=tmp_path)
    assert (ran.code, ran.out, "no git repository" in ran.err) == (2, "", True)


def test_it_is_read_line_by_line(models: Repo, snitch: Command) -> None:
    ran = snitch("doctor", at=models.path)
    assert ran.code == 1
    assert "ok   snitch.yaml is valid\n" in ran.out
    assert (
        "fail no hook runs Snitch at pre-commit, pre-merge-commit, pre-push\n     mend: pre-commit install" in ran.out
    )
    assert ran.out.splitlines()[-1].startswith("1 failure, ")
    assert "\x1b" not in ran.out


def test_colours_where_they_are_wanted(models: Repo, snitch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31mfail" in snitch("doctor", at=models.path).out


def test_what_others_wrote_does_nothing_to_the_terminal(models: Repo, snitch: Command) -> None:
    models.write({"snitch.yaml": 'extends: strict\n"\\e[2J": 1\n'})
    ran = snitch("doctor", at=models.path)
    assert "\x1b" not in ran.out
    assert "\\x1b[2J" in ran.out

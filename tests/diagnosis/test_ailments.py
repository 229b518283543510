"""What facts amount to: one fact is changed, one line changes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from snitch.diagnosis.ailment import Ailment
from snitch.diagnosis.ailments import diagnose
from snitch.diagnosis.facts import Branches, Facts, Hook, Lfs
from snitch.diagnosis.pre_commit import PreCommitConfig
from snitch.git.absence import Surroundings
from snitch.scaffold.githooks import HookKind

BOTH = frozenset({"snitch", "snitch-push"})
BRANCHES = Branches(
    remote="origin",
    deployed="main",
    deployed_ref="refs/remotes/origin/main",
    has_base=True,
    around=Surroundings(remotes=("origin",), branches=("topic",), current="topic", fetched=("origin",)),
)
LONE = replace(BRANCHES, around=Surroundings(branches=("master",), current="master"))
LFS = Lfs(version="3.3.0", is_set_up=True, install="sudo apt-get install git-lfs")
HOOKS = {
    "pre-commit": Hook(HookKind.SNITCH),
    "pre-merge-commit": Hook(HookKind.SNITCH),
    "pre-push": Hook(HookKind.SNITCH, uploads=True),
}
WELL = Facts(
    git=(2, 45, 1),
    is_bare=False,
    is_shallow=False,
    is_partial=False,
    models=2,
    lfs=LFS,
    hooks=HOOKS,
    pre_commit=PreCommitConfig(),
    branches=BRANCHES,
    has_policy=True,
)
PRE_COMMIT = replace(
    WELL,
    hooks={stage: replace(hook, kind=HookKind.PRE_COMMIT) for stage, hook in HOOKS.items()},
    pre_commit=PreCommitConfig(exists=True, hooks=BOTH),
)


def ails(facts: Facts) -> list[Ailment]:
    return [ailment for ailment in diagnose(facts) if ailment.level != "ok"]


@pytest.mark.parametrize("facts", [WELL, PRE_COMMIT], ids=["plain hooks", "pre-commit"])
def test_nothing_ails_a_clone_that_is_well(facts: Facts) -> None:
    assert ails(facts) == []
    assert all(not ailment.mend for ailment in diagnose(facts))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"git": (2, 29, 9)}, ("git", "fail", "git 2.29.9 is too old", "install a newer git")),
        ({"git": (2, 30)}, ("git", "warn", "the gate needs 2.38", "install a newer git")),
        ({"git": (2, 37, 9)}, ("git", "warn", "git 2.37.9 does for checks and hooks", "install a newer git")),
        ({"is_shallow": True}, ("clone", "warn", "the clone is shallow", "git fetch --unshallow")),
        ({"is_partial": True}, ("clone", "warn", "the clone is partial", "clone again without --filter")),
        (
            {"has_policy": False, "misnamed_policy": "snitch.yml"},
            ("policy", "fail", "snitch.yml is not read", "mv snitch.yml snitch.yaml"),
        ),
        ({"has_policy": False}, ("policy", "warn", "there is no snitch.yaml", "extends: recommended")),
        (
            {"policy_problems": (("snitch.yaml:3: unknown key `a`", "known: b"),), "branches": None},
            ("policy", "fail", "snitch.yaml:3: unknown key `a`", "known: b"),
        ),
        ({"models": 0}, ("models", "warn", "no model.yaml", "snitch new NAME")),
        (
            {"branches": replace(BRANCHES, deployed_ref=None, has_base=None)},
            ("branches", "fail", "`main` is not in this clone", "git fetch origin main:refs/remotes/origin/main"),
        ),
        (
            {"branches": replace(LONE, deployed_ref=None, has_base=None)},
            ("branches", "fail", "`main` is not in this clone", "`git branch main` creates it; or name `master`"),
        ),
        (
            {"branches": replace(LONE, missing=("staging",))},
            ("branches", "warn", "`staging` is not in", "`git branch staging` creates it"),
        ),
        (
            {"branches": replace(BRANCHES, has_base=False)},
            ("branches", "fail", "no common ancestor with `main`", "branch off main"),
        ),
        (
            {"branches": replace(BRANCHES, missing=("staging",))},
            ("branches", "warn", "`staging` is not in", "git fetch origin staging:refs/remotes/origin/staging"),
        ),
        ({"lfs": replace(LFS, version=None)}, ("lfs", "fail", "not installed", "sudo apt-get install git-lfs")),
        ({"lfs": replace(LFS, is_set_up=False)}, ("lfs", "fail", "does not use it", "git lfs install --local")),
        (
            {"lfs": replace(LFS, strays=("models/a/b.pt", "c.pt", "d.onnx"))},
            ("lfs", "fail", "models/a/b.pt, c.pt, d.onnx", "git lfs track '*.pt' '*.onnx'"),
        ),
        ({"lfs": replace(LFS, untracked=(".pt",))}, ("lfs", "warn", "of these kinds", "git lfs track '*.pt'")),
        (
            {"hooks": {**HOOKS, "pre-push": Hook(HookKind.SNITCH)}},
            ("lfs", "fail", "a push would leave them behind", "git lfs update --manual"),
        ),
        (
            {"hooks": {**HOOKS, "pre-commit": Hook(HookKind.MISSING, runs=False)}},
            ("hooks", "fail", "no hook runs Snitch at pre-commit", "snitch init --git-hook"),
        ),
        (
            {"hooks": {**HOOKS, "pre-push": Hook(HookKind.LFS, uploads=True)}},
            ("hooks", "fail", "no hook runs Snitch at pre-push", "snitch init --git-hook"),
        ),
        (
            {"hooks": {**HOOKS, "pre-commit": Hook(HookKind.OTHER)}},
            ("hooks", "fail", "no hook runs Snitch at pre-commit", "`snitch check --staged --quiet`"),
        ),
        (
            {"hooks": {**HOOKS, "pre-commit": Hook(HookKind.SNITCH, runs=False)}},
            ("hooks", "fail", "the pre-commit hook is not executable", "chmod +x"),
        ),
        (
            {"hooks": {**HOOKS, "pre-commit": Hook(HookKind.PRE_COMMIT)}},
            ("hooks", "fail", "there is no .pre-commit-config.yaml", "snitch and snitch-push"),
        ),
        (
            {"pre_commit": PreCommitConfig(exists=True, fault="is not valid YAML")},
            ("pre-commit", "fail", "is not valid YAML", "correct it"),
        ),
    ],
)
def test_each_fact_that_is_not_as_it_should_be(changed: dict[str, Any], expected: tuple[str, str, str, str]) -> None:
    (ailment,) = ails(replace(WELL, **changed))
    about, level, message, mend = expected
    assert (ailment.about, ailment.level) == (about, level)
    assert message in ailment.message
    assert mend in ailment.mend


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"hooks": {**PRE_COMMIT.hooks, "pre-push": Hook(HookKind.MISSING, uploads=True)}},
            ("hooks", "fail", "no hook runs Snitch at pre-push", "pre-commit install --hook-type pre-push"),
        ),
        (
            {"pre_commit": PreCommitConfig(exists=True, hooks=frozenset({"snitch"}))},
            ("pre-commit", "fail", "no hook `snitch-push`", "add `- id: snitch-push`"),
        ),
        (
            {"pre_commit": PreCommitConfig(exists=True, hooks=BOTH, loose_rev="main")},
            ("pre-commit", "warn", "`main`, may be a branch", "pre-commit autoupdate"),
        ),
    ],
)
def test_the_same_where_pre_commit_runs_the_hooks(changed: dict[str, Any], expected: tuple[str, str, str, str]) -> None:
    (ailment,) = ails(replace(PRE_COMMIT, **changed))
    about, level, message, mend = expected
    assert (ailment.about, ailment.level) == (about, level)
    assert message in ailment.message
    assert mend in ailment.mend


def test_all_missing_hooks_are_mended_by_one_command() -> None:
    missing = {stage: Hook(HookKind.MISSING, uploads=True) for stage in HOOKS}
    (ailment,) = ails(replace(PRE_COMMIT, hooks=missing))
    assert ailment.mend == "pre-commit install " + " ".join(f"--hook-type {stage}" for stage in HOOKS)


def test_a_shallow_clone_without_a_base_is_to_be_deepened() -> None:
    facts = replace(WELL, is_shallow=True, branches=replace(BRANCHES, has_base=False))
    assert [(a.level, a.mend) for a in ails(facts)] == [
        ("warn", "git fetch --unshallow"),
        ("fail", "git fetch --unshallow"),
    ]


def test_a_bare_repository_needs_neither_hooks_nor_filters() -> None:
    assert ails(replace(WELL, is_bare=True, hooks={}, lfs=replace(LFS, is_set_up=False))) == []


def test_pre_commit_without_snitch_is_nobody_s_business() -> None:
    assert ails(replace(WELL, pre_commit=PreCommitConfig(exists=True, hooks=frozenset()))) == []


def test_a_long_list_is_cut() -> None:
    (ailment,) = ails(replace(WELL, lfs=replace(LFS, strays=tuple(f"{n}.pt" for n in range(9)))))
    assert ailment.message.endswith("0.pt, 1.pt, 2.pt, 3.pt, 4.pt and 4 more")

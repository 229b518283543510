"""What `.pre-commit-config.yaml` says of Snitch, in whatever state it is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.diagnosis.pre_commit import CONFIG, PreCommitConfig, read_pre_commit_config
from snitch.snapshot import MemorySnapshot, Mode
from snitch.template import render, template_files

BOTH = frozenset({"snitch", "snitch-push"})


def config(text: str | bytes) -> PreCommitConfig:
    return read_pre_commit_config(MemorySnapshot({CONFIG: text}))


def entry(rev: str, repo: str = "https://example.com/snitch") -> str:
    return f"repos: [{{repo: '{repo}', rev: {rev}, hooks: [{{id: snitch}}, {{id: snitch-push, name: x}}]}}]"


def test_without_one_there_is_nothing_to_say() -> None:
    assert read_pre_commit_config(MemorySnapshot({})) == PreCommitConfig()


def test_the_template_s_own_is_right() -> None:
    assert config(render(template_files(), date(2000, 1, 1))[CONFIG]) == PreCommitConfig(exists=True, hooks=BOTH)


@pytest.mark.parametrize(
    "rev",
    [
        "v0.1.0",
        "0.1.0",
        "v1",
        "1.0.0rc1",
        "v1.0.0-beta.2",
        "'2026.10'",
        "snitch-v1.2.0",
        "3f2c1ab",
        "'" + "0a" * 20 + "'",
    ],
)
def test_a_tag_or_a_commit_stays_where_it_is(rev: str) -> None:
    assert config(entry(rev)).loose_rev is None


@pytest.mark.parametrize("rev", ["main", "master", "HEAD", "develop", "release", "feature/v", "stable", "v"])
def test_a_branch_does_not(rev: str) -> None:
    assert config(entry(rev)).loose_rev == rev


def test_another_s_branch_is_another_s_business() -> None:
    other = "repos: [{repo: a, rev: main, hooks: [{id: ruff}]}]"
    assert config(other) == PreCommitConfig(exists=True)


def test_local_hooks_are_known_by_what_they_run() -> None:
    hooks = "{id: a, entry: snitch check --staged --quiet}, {id: b, entry: snitch check --pre-push --quiet}"
    assert config(f"repos: [{{repo: local, hooks: [{hooks}]}}]") == PreCommitConfig(exists=True, hooks=BOTH)


@pytest.mark.parametrize("text", ["repos: [", b"\xff", "a: 1\na: 2\n", "[" * 5000])
def test_one_that_cannot_be_read_says_why(text: str | bytes) -> None:
    assert config(text).fault


def test_a_link_is_not_followed() -> None:
    snapshot = MemorySnapshot({CONFIG: "/etc/passwd"}, modes={CONFIG: Mode.SYMLINK})
    assert "symbolic link" in read_pre_commit_config(snapshot).fault


@given(st.recursive(st.none() | st.integers() | st.just("snitch"), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["repos", "repo", "hooks", "id", "rev", "entry"]), x), max_leaves=12))  # fmt: skip
def test_any_shape_is_borne(data: object) -> None:
    import json

    assert config(json.dumps(data)).exists

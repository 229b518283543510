"""What an edit of the policy comes to, in words."""

from __future__ import annotations

import pytest

from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.policy.weakening import MAX_CHANGES, weaker
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot

BASE = """\
extends: recommended
environments:
  development: {branches: ["*"]}
  staging: {branches: [staging], promotes_from: development}
  production: {branches: [main], promotes_from: staging, soak: 24h, approvals: 2, verify: true}
gate: {approvers: [lead], paths: [serving/]}
exclude: [sandbox/]
rules:
  metric-regressed: {metrics: {roc_auc: {max_drop: 0.005}, mean_absolute_error: {max_drop: "2%"}}}
  metric-below-floor: {metrics: {roc_auc: 0.85, mean_absolute_error: 10}}
  stale-training-data: {max_age: 90d}
  oversized-weights: {max_size: 1GiB}
  unsafe-pickle: {allow: [acme.Forest]}
  disallowed-dependency: {packages: [{name: a, reason: r}, {name: b, reason: r}]}
overrides:
  - {models: ["models/fraud*"], rules: {metric-below-floor: {metrics: {recall: 0.95}}}}
"""


def policy(text: str) -> Policy:
    return read_policy(Repository(MemorySnapshot({"snitch.yaml": text})))


def changes(old: str, new: str) -> list[str]:
    """What becomes of the policy when a text in it is replaced."""
    assert BASE.count(old) == 1
    return weaker(policy(BASE), policy(BASE.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("0.005", "0.05", "weaker: REG001 metric-regressed: metrics roc_auc max_drop 0.005 -> 0.05"),
        ("0.005", "0.001", "changed: REG001 metric-regressed: metrics roc_auc max_drop 0.005 -> 0.001"),
        ('"2%"', '"5%"', 'weaker: REG001 metric-regressed: metrics mean_absolute_error max_drop "2%" -> "5%"'),
        ('"2%"', "0.5", 'changed: REG001 metric-regressed: metrics mean_absolute_error max_drop "2%" -> 0.5'),
        ("0.85", "0.8", "weaker: REG002 metric-below-floor: metrics roc_auc 0.85 -> 0.8"),
        ("0.85", "0.9", "changed: REG002 metric-below-floor: metrics roc_auc 0.85 -> 0.9"),
        (
            "mean_absolute_error: 10",
            "mean_absolute_error: 12",
            "weaker: REG002 metric-below-floor: metrics mean_absolute_error 10 -> 12",
        ),
        ("90d", "26w", 'weaker: DAT001 stale-training-data: max_age "90d" -> "26w"'),
        ("90d", "48h", 'changed: DAT001 stale-training-data: max_age "90d" -> "48h"'),
        ("1GiB", "1500MB", 'weaker: LFS004 oversized-weights: max_size "1GiB" -> "1500MB"'),
        (
            "[acme.Forest]",
            "[acme.Forest, os.system]",
            'weaker: SAF001 unsafe-pickle: allow ["acme.Forest"] -> ["acme.Forest", "os.system"]',
        ),
        ("soak: 24h", "soak: 1h", "weaker: production soak 1d -> 1h"),
        ("approvals: 2", "approvals: 1", "weaker: production approvals 2 -> 1"),
        ("approvals: 2", "approvals: 3", "changed: production approvals 2 -> 3"),
        (", verify: true", "", "weaker: production verify true -> false"),
        ("promotes_from: staging, ", "", "weaker: production promotes_from staging -> -"),
        ("[lead]", "[lead, eve]", "weaker: a new approver of the gate: eve"),
        ("[lead]", "[other]", "changed: approver of the gate removed: lead"),
        (", paths: [serving/]", "", "weaker: no longer guarded: serving/"),
        ("[serving/]", "[serving/, ci/]", "changed: guarded, too: ci/"),
        ("[sandbox/]", "[sandbox/, models/]", "weaker: a new excluded folder: models/"),
        ("[main]", "[release]", "weaker: production is no longer the environment of main"),
        (
            "exclude:",
            "waivers: [{rule: REG001, model: m, version: 1.0.0, owner: o, reason: r, expires: 2027-01-01}]\nexclude:",
            "weaker: a new waiver: REG001 of m 1.0.0 until 2027-01-01",
        ),
        ("exclude:", "retired: [{model: churn, reason: r, owner: o}]\nexclude:", "weaker: a new retired model: churn"),
        ("exclude:", "remote: upstream\nexclude:", "changed: remote origin -> upstream"),
    ],
)
def test_one_change_is_told(old: str, new: str, told: str) -> None:
    assert told in changes(old, new)


def test_a_rule_that_is_turned_off_is_weaker_where_it_was_on() -> None:
    told = changes("rules:\n", "rules:\n  missing-owner: off\n")
    assert told == [
        "weaker: MET004 missing-owner in development: warning -> off",
        "weaker: MET004 missing-owner in staging: error -> off",
        "weaker: MET004 missing-owner in production: error -> off",
    ]


def test_an_override_that_is_gone_is_weaker() -> None:
    [told] = changes(
        '  - {models: ["models/fraud*"], rules: {metric-below-floor: {metrics: {recall: 0.95}}}}\n', "  []\n"
    )
    assert told.startswith("weaker: override removed: ")
    assert "models/fraud*" in told


def test_an_environment_that_is_gone_is_weaker() -> None:
    text = BASE.replace("  staging: {branches: [staging], promotes_from: development}\n", "").replace(
        "promotes_from: staging", "promotes_from: development"
    )
    assert "weaker: the environment staging is gone" in weaker(policy(BASE), policy(text))


def test_what_says_the_same_in_other_words_is_no_change() -> None:
    assert (
        weaker(policy(BASE), policy(BASE.replace("extends: recommended\n", "# a comment\nextends: [recommended]\n")))
        == []
    )


def test_a_long_list_is_cut_and_counted() -> None:
    names = ", ".join(f"folder-{number}/" for number in range(MAX_CHANGES + 5))
    told = changes("[sandbox/]", f"[sandbox/, {names}]")
    assert len(told) == MAX_CHANGES + 1
    assert told[-1] == "and 5 changes more"

"""The rules of a branch, as GitHub's API and its exports write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from snitch.diagnosis.protection import Protection, RequiredCheck, read_protection
from snitch.documents import Unreadable

RULES: list[dict[str, Any]] = [
    {"type": "deletion", "ruleset_id": 1},
    {
        "type": "pull_request",
        "parameters": {
            "required_approving_review_count": 1,
            "dismiss_stale_reviews_on_push": True,
            "require_code_owner_review": True,
        },
    },
    {
        "type": "required_status_checks",
        "parameters": {
            "strict_required_status_checks_policy": False,
            "required_status_checks": [{"context": "snitch gate (main)", "integration_id": 15368}, {"context": "lint"}],
        },
    },
    {"type": "merge_queue", "parameters": {"merge_method": "MERGE"}},
    {"type": "workflows", "parameters": {"workflows": [{"path": ".github/workflows/g.yml", "repository_id": 1}]}},
]
READ = Protection(
    checks=(RequiredCheck("snitch gate (main)", 15368), RequiredCheck("lint")),
    workflows=(".github/workflows/g.yml",),
    has_queue=True,
    is_strict=False,
    allows_rebase=None,
    needs_pull_request=True,
    dismisses_stale_reviews=True,
    needs_code_owner=True,
    approvals=1,
    blocks_force_pushes=False,
    blocks_deletion=True,
)


def read(*documents: object) -> Protection:
    return read_protection((f"{number}.json", json.dumps(each).encode()) for number, each in enumerate(documents))


def pull_request(*methods: object) -> dict[str, Any]:
    return {"type": "pull_request", "parameters": {"allowed_merge_methods": list(methods)}}


def checks(*names: str, strict: object = True) -> dict[str, Any]:
    required = [{"context": name} for name in names]
    parameters = {"strict_required_status_checks_policy": strict, "required_status_checks": required}
    return {"type": "required_status_checks", "parameters": parameters}


@pytest.mark.parametrize("document", [RULES, {"name": "main", "enforcement": "active", "rules": RULES}])
def test_the_api_s_list_and_an_export_say_the_same(document: object) -> None:
    assert read_protection([("rules", json.dumps(document).encode())]) == READ


def test_no_rules_at_all() -> None:
    assert read([]) == Protection()


@pytest.mark.parametrize(("count", "approvals"), [(2, 2), (0, 0), (None, 0), ("2", 0), (True, 0), (-1, 0)])
def test_how_many_approvals(count: object, approvals: int) -> None:
    rules = [{"type": "pull_request", "parameters": {"required_approving_review_count": each}} for each in (0, count)]
    assert read(rules).approvals == approvals


def test_forced_pushes() -> None:
    assert read([{"type": "non_fast_forward"}]) == Protection(blocks_force_pushes=True)


def test_rulesets_add_up() -> None:
    assert read(RULES[:2], {"rules": RULES[2:]}) == READ


@pytest.mark.parametrize(
    ("rules", "strict"),
    [
        ([checks("gate")], True),
        ([checks("gate", strict=False)], False),
        ([checks("gate", strict=False), checks("lint")], True),
        # GitHub heeds it only where a check is required.
        ([checks("gate", strict=False), checks()], False),
        ([checks("gate", strict="true")], False),
        ([checks("gate", strict=None)], False),
    ],
)
def test_whether_a_branch_must_be_up_to_date(rules: list[dict[str, Any]], strict: bool) -> None:
    assert read(rules).is_strict == strict


@pytest.mark.parametrize(
    ("documents", "allowed"),
    [
        ([[pull_request("merge", "squash")]], False),
        ([[pull_request("merge", "squash", "rebase")]], True),
        ([[pull_request("rebase"), pull_request("merge", "rebase")]], True),
        ([[pull_request("rebase"), pull_request("merge")]], False),
        ([[pull_request()]], None),
        ([[pull_request("merge", 3)]], None),
        ([[RULES[1]]], None),
        ([[RULES[1]], {"allow_rebase_merge": False}], False),
        ([{"allow_rebase_merge": True}, [RULES[1]]], True),
        ([[pull_request("merge", "rebase")], {"allow_rebase_merge": False}], False),
        ([[pull_request("merge")], {"allow_rebase_merge": True}], False),
    ],
)
def test_whether_a_rebase_is_allowed(documents: list[Any], allowed: bool | None) -> None:
    assert read(*documents).allows_rebase is allowed


def test_settings_alone_are_no_rules() -> None:
    with pytest.raises(Unreadable, match="and no rules"):
        read({"allow_rebase_merge": False})


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"3", b"[3]", b"[{}]", b'{"rules": {}}', b'{"allow_rebase_merge": 1}', b"[" * 10_000, b"\xff"],
)
def test_what_is_neither(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_protection([("rules.json", content)])


@pytest.mark.parametrize(
    "parameters", [None, 3, [], {}, {"required_status_checks": 3}, {"required_status_checks": [3]}]
)
def test_rules_of_another_shape_ask_for_nothing(parameters: object) -> None:
    document = [{"type": kind, "parameters": parameters} for kind in ("required_status_checks", "workflows")]
    assert read(document) == Protection()

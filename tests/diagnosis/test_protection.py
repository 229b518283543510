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
    needs_pull_request=True,
    dismisses_stale_reviews=True,
    needs_code_owner=True,
)


@pytest.mark.parametrize("document", [RULES, {"name": "main", "enforcement": "active", "rules": RULES}])
def test_the_api_s_list_and_an_export_say_the_same(document: object) -> None:
    assert read_protection("rules", json.dumps(document).encode()) == READ


def test_no_rules_at_all() -> None:
    assert read_protection("rules.json", b"[]") == Protection()


@pytest.mark.parametrize("content", [b"", b"{}", b"3", b"[3]", b"[{}]", b'{"rules": {}}', b"[" * 10_000, b"\xff"])
def test_what_is_neither(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_protection("rules.json", content)


@pytest.mark.parametrize(
    "parameters", [None, 3, [], {}, {"required_status_checks": 3}, {"required_status_checks": [3]}]
)
def test_rules_of_another_shape_ask_for_nothing(parameters: object) -> None:
    document = [{"type": kind, "parameters": parameters} for kind in ("required_status_checks", "workflows")]
    assert read_protection("rules.json", json.dumps(document).encode()) == Protection()

"""What protects a branch, as GitHub tells of it: its active rules as the API lists them, or an exported ruleset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from snitch.documents import Problem, Unreadable, read_document


class RequiredCheck(Struct, frozen=True):
    """A check that must be green; `app` is whose it must be, None: anybody's who may write one."""

    name: str
    app: int | None = None


class Protection(Struct, frozen=True, kw_only=True):
    """What the rules of a branch ask for."""

    checks: tuple[RequiredCheck, ...] = ()
    #: Workflow files of other repositories that the organization requires.
    workflows: tuple[str, ...] = ()
    has_queue: bool = False
    #: Whether a pull request is needed at all, and what its reviews must be.
    needs_pull_request: bool = False
    dismisses_stale_reviews: bool = False
    needs_code_owner: bool = False


def read_protection(path: str, content: bytes) -> Protection:
    """The protection in a file of JSON.

    Raises:
        Unreadable: it is not JSON within bounds, or neither a list of rules nor a ruleset.
    """
    data = read_document(path if path.endswith(".json") else f"{path}.json", content).data
    rules = data.get("rules") if isinstance(data, dict) else data
    if not isinstance(rules, list) or not all(isinstance(rule, dict) and "type" in rule for rule in rules):
        help = "gh api repos/OWNER/NAME/rules/branches/main > rules.json"
        raise Unreadable(path, (Problem("", "is neither a list of rules nor a ruleset", help),))
    by_type: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        parameters = rule.get("parameters")
        by_type.setdefault(str(rule["type"]), []).append(parameters if isinstance(parameters, dict) else {})
    reviews = by_type.get("pull_request", [])
    return Protection(
        checks=tuple(_checks(by_type.get("required_status_checks", []))),
        workflows=tuple(_workflows(by_type.get("workflows", []))),
        has_queue="merge_queue" in by_type,
        needs_pull_request=bool(reviews),
        dismisses_stale_reviews=any(each.get("dismiss_stale_reviews_on_push") is True for each in reviews),
        needs_code_owner=any(each.get("require_code_owner_review") is True for each in reviews),
    )


def _checks(rules: list[dict[str, Any]]) -> Iterator[RequiredCheck]:
    for check in _objects(rules, "required_status_checks"):
        app = check.get("integration_id")
        if isinstance(check.get("context"), str):
            yield RequiredCheck(check["context"], app if isinstance(app, int) and app > 0 else None)


def _workflows(rules: list[dict[str, Any]]) -> Iterator[str]:
    yield from (each["path"] for each in _objects(rules, "workflows") if isinstance(each.get("path"), str))


def _objects(rules: list[dict[str, Any]], key: str) -> Iterator[dict[str, Any]]:
    for rule in rules:
        found = rule.get(key)
        yield from (each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()

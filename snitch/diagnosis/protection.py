"""What protects a branch, as GitHub tells of it: its active rules as the API lists them, or an exported ruleset.

Beside them the repository's settings, which say how a pull request may be merged anywhere in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from snitch.documents import Problem, Unreadable, read_document

_HELP = "gh api repos/OWNER/NAME/rules/branches/main > rules.json"
#: What the settings of a repository are known by.
_SETTING = "allow_rebase_merge"


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
    #: Whether a branch must hold the target's tip before it is merged.
    is_strict: bool = False
    #: Whether a pull request may be merged by a rebase; None: nothing that was read says.
    allows_rebase: bool | None = None
    #: Whether a pull request is needed at all, and what its reviews must be.
    needs_pull_request: bool = False
    dismisses_stale_reviews: bool = False
    needs_code_owner: bool = False
    #: How many approving reviews a pull request needs.
    approvals: int = 0
    blocks_force_pushes: bool = False
    blocks_deletion: bool = False


def read_protection(files: Iterable[tuple[str, bytes]]) -> Protection:
    """The protection in files of JSON, each a path and what it holds: rules add up, settings restrict them.

    Raises:
        Unreadable: one is not JSON within bounds, or is neither a list of rules, nor a ruleset, nor the repository's
            settings; or there are settings alone.
    """
    by_type: dict[str, list[dict[str, Any]]] = {}
    settings: list[bool] = []
    path, has_rules = "", False
    for path, content in files:
        data = read_document(path if path.endswith(".json") else f"{path}.json", content).data
        if isinstance(data, dict) and "rules" not in data and isinstance(data.get(_SETTING), bool):
            settings.append(data[_SETTING])
            continue
        has_rules = True
        for rule in _rules(path, data):
            parameters = rule.get("parameters")
            by_type.setdefault(str(rule["type"]), []).append(parameters if isinstance(parameters, dict) else {})
    if not has_rules:
        raise Unreadable(path, (Problem("", "holds the repository's settings, and no rules", f"add --rules: {_HELP}"),))
    reviews, checks = by_type.get("pull_request", []), by_type.get("required_status_checks", [])
    return Protection(
        checks=tuple(_checks(checks)),
        workflows=tuple(_workflows(by_type.get("workflows", []))),
        has_queue="merge_queue" in by_type,
        is_strict=any(_is_strict(rule) for rule in checks),
        allows_rebase=_allows_rebase(settings, reviews),
        needs_pull_request=bool(reviews),
        dismisses_stale_reviews=any(each.get("dismiss_stale_reviews_on_push") is True for each in reviews),
        needs_code_owner=any(each.get("require_code_owner_review") is True for each in reviews),
        approvals=max(map(_approvals, reviews), default=0),
        blocks_force_pushes="non_fast_forward" in by_type,
        blocks_deletion="deletion" in by_type,
    )


def _rules(path: str, data: object) -> list[dict[str, Any]]:
    rules = data.get("rules") if isinstance(data, dict) else data
    if not isinstance(rules, list) or not all(isinstance(rule, dict) and "type" in rule for rule in rules):
        raise Unreadable(path, (Problem("", "is neither a list of rules nor a ruleset", _HELP),))
    return rules


def _is_strict(rule: dict[str, Any]) -> bool:
    """GitHub heeds this only where at least one check is required."""
    return rule.get("strict_required_status_checks_policy") is True and any(_checks([rule]))


def _approvals(rule: dict[str, Any]) -> int:
    count = rule.get("required_approving_review_count")
    return count if isinstance(count, int) and not isinstance(count, bool) else 0


def _allows_rebase(settings: list[bool], reviews: list[dict[str, Any]]) -> bool | None:
    """The settings and each rule must allow a way to merge; one rule that leaves it out forbids it."""
    allowed = list(settings)
    for rule in reviews:
        methods = rule.get("allowed_merge_methods")
        if isinstance(methods, list) and methods and all(isinstance(method, str) for method in methods):
            allowed.append("rebase" in methods)
    return all(allowed) if allowed else None


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

"""What a file must still say for its model to pass, read by other means than Snitch's own.

Each is a necessary condition only: what they refuse must not pass, what they accept may fail for other reasons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement

from tests.judging import DATA, WEIGHTS

Oracle = Callable[[bytes], bool]


class _Strict(yaml.CBaseLoader):
    """Every scalar a string, no key twice. What is mangled here nests hundreds deep at most, which C can bear."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len({str(key) for key in keys}):
            raise yaml.YAMLError("a key twice")
        return super().construct_mapping(node, deep=True)


def manifest(content: bytes) -> bool:
    """The model, its version, its files and what is required of it."""
    data = _yaml(content)
    needed = {"name", "version", "description", "license", "task", "library_name", "weights", "owners", "signature"}
    trained = [date.fromisoformat(each["end"]) for each in data["training"]["data"]]
    return (
        needed <= data.keys()
        and all(data[key] for key in needed)
        and (data["name"], data["version"], data["license"].lower()) == ("churn", "1.4.0", "apache-2.0")
        and data["weights"] == ["model.skops"]
        and data["dependencies"] == "requirements.txt"
        and any(owner.get("contact", "").strip() for owner in data["owners"])
        and all(data["signature"].get(side) for side in ("inputs", "outputs"))
        and all(date(2026, 8, 22) <= end < date(2026, 9, 1) for end in trained)
        and all(each["revision"].strip() for each in data["training"]["data"])
        and data["metadata"]["tier"] in ("a", "b")
    )


def evaluation(content: bytes) -> bool:
    """What was measured, on what, and that it is good enough."""
    data = json.loads(content.decode(), object_pairs_hook=_once)
    scores = {metric["type"]: metric["value"] for metric in data["metrics"]}
    sliced = {each["slice"]["plan"]: {m["type"]: m["value"] for m in each["metrics"]} for each in data["slices"]}
    floors = {"roc_auc": 0.908, "average_precision": 0.7, "recall": 0.7252}
    return (
        data["schema_version"] == 1
        and data["model"]["name"] == "churn"
        and list(data["model"]["weights"].values()) == [WEIGHTS]
        and (data["dataset"]["name"], data["dataset"]["revision"]) == ("churn-holdout", DATA)
        and date.fromisoformat(data["date"][:10]) <= date(2026, 11, 21)
        and all(_is_a_score(scores[name]) and scores[name] >= floor for name, floor in floors.items())
        and all(_is_a_score(sliced[plan]["roc_auc"]) and sliced[plan]["roc_auc"] >= 0.87 for plan in ("basic", "pro"))
    )


def benchmark(content: bytes) -> bool:
    """The data, the definition, and that it has not run out."""
    data = _yaml(content)
    return (
        data["name"] == "churn-holdout"
        and (data["task"], data["id"], data["target"]) == ("binary-classification", "customer_id", "churned")
        and data["positive_label"] == "1"
        and data["metrics"] == ["roc_auc", "average_precision", {"type": "recall", "args": {"threshold": "0.42"}}]
        and data["data"]["revision"] == DATA
        and (not data.get("expires") or date.fromisoformat(data["expires"]) >= date(2026, 11, 20))
    )


def requirements(content: bytes) -> bool:
    """Pinned requirements and nothing else, numpy and scikit-learn among them."""
    found = set()
    for line in re.sub(r"\\\r?\n", "", content.decode().removeprefix("\ufeff")).splitlines():
        text = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        if not text:
            continue
        try:
            requirement = Requirement(re.split(r"\s--hash", text)[0])
        except InvalidRequirement:
            return False
        pinned = any(each.operator in ("==", "===") and "*" not in each.version for each in requirement.specifier)
        if requirement.url or not pinned:
            return False
        found.add(re.sub(r"[-_.]+", "-", requirement.name).lower())
    return {"numpy", "scikit-learn"} <= found


def pointer(content: bytes) -> bool:
    """The one encoding of a pointer to these weights."""
    oid = WEIGHTS.encode()
    return bool(re.fullmatch(rb"version https://git-lfs\.github\.com/spec/v1\noid " + oid + rb"\nsize \d+\n", content))


def card(content: bytes) -> bool:
    """All six sections."""
    words = ("description", "intended use", "limitations", "training data", "evaluation", "ethical considerations")
    text = " ".join(content.decode("utf-8", "replace").lower().split())
    return all(word in text for word in words)


def changelog(content: bytes) -> bool:
    """The version's section."""
    return b"1.4.0" in content


def policy(content: bytes) -> bool:
    """Known keys only, at the top and in waivers."""
    data = _yaml(content)
    known = {"required_version", "extends", "remote", "exclude", "environments", "deployed", "gate", "rules"}
    waiver = {"rule", "model", "version", "limit", "reason", "owner", "expires", "fingerprint"}
    return data.keys() <= known | {"overrides", "retired", "waivers"} and all(
        each.keys() <= waiver and each["reason"] and each["owner"] and date.fromisoformat(each["expires"])
        for each in data.get("waivers", ())
    )


def holds(oracle: Oracle, content: bytes) -> bool:
    """Whether the oracle accepts the content; one that cannot even read it does not."""
    try:
        return oracle(content)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, yaml.YAMLError):
        return False


def _yaml(content: bytes) -> Any:
    return yaml.load(content.decode().removeprefix("\ufeff"), _Strict)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def _is_a_score(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1

"""What SARIF says of the rules themselves, from their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snitch.rule_page import description, markdown_page, summary, text_page

if TYPE_CHECKING:
    from snitch.rule import AnyRule

#: What the families of rules are about, by the letters of their codes.
_TOPICS = {
    "BEN": "benchmark",
    "DAT": "training-data",
    "DEP": "dependencies",
    "LFS": "git-lfs",
    "MET": "metadata",
    "POL": "policy",
    "PRO": "promotion",
    "REG": "regression",
    "SAF": "weights",
    "VER": "version",
}
#: The rules that tell of a weakness an attacker can use, not of a model that is worse. What is loaded runs as whoever
#: loads it: CVSS 3.1 AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H.
_SECURITY = {"SAF001": {"tags": ["security", "external/cwe/cwe-502"], "security-severity": "7.8"}}
#: Letters of a description that GitHub takes.
_MOST_SHOWN = 1024
_LEVELS = {"error": {"level": "error"}, "warning": {"level": "warning"}, None: {"enabled": False}}


def descriptor(code: str, name: str) -> dict[str, Any]:
    """A rule as SARIF's `reportingDescriptor`; of one that is not installed here only what the findings call it."""
    rule = _installed(code)
    if rule is None:
        return {"id": code, "name": name}
    security = _SECURITY.get(code, {})
    topic = _TOPICS.get(code.rstrip("0123456789"))
    tags = [*([topic] if topic else []), *security.get("tags", [])]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary(rule) or rule.name},
        "fullDescription": {"text": _first_paragraphs(description(rule)) or rule.name},
        "help": {"text": text_page(rule), "markdown": markdown_page(rule)},
        "defaultConfiguration": _LEVELS[rule.severity[1]],
        "properties": {**security, "tags": tags},
    }


def _first_paragraphs(text: str) -> str:
    """As many as GitHub shows; the whole page is the rule's `help`."""
    kept = ""
    for paragraph in text.split("\n\n"):
        longer = f"{kept}\n\n{paragraph}" if kept else paragraph
        if len(longer) > _MOST_SHOWN:
            break
        kept = longer
    return kept


def _installed(code: str) -> type[AnyRule] | None:
    from snitch.rulebook import BrokenRulebook, rulebook

    try:
        return rulebook().rules.get(code)
    except BrokenRulebook:
        return None

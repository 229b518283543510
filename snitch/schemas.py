"""The JSON Schemas of the files that Snitch reads and writes, made from the types that read and write them."""

from __future__ import annotations

from typing import Any

from snitch.documents.decoding import json_schema
from snitch.rule import SEVERITIES

#: Each schema's name and what it is of.
SCHEMAS = {
    "model": "model.yaml",
    "benchmark": "benchmarks/<benchmark>/benchmark.yaml",
    "evaluation": "evaluations/<benchmark>.json",
    "policy": "snitch.yaml",
    "report": "what `--format json` writes",
    "profile": "what `snitch profile` writes",
    "case": "a line of cases.jsonl",
    "shadow": "what `snitch gate --shadow` reads",
    "evidence": "what `snitch evaluate --verify --evidence` writes",
    "advisories": "what `snitch advisories` writes",
}


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a name in `SCHEMAS`."""
    if name == "policy":
        return _policy()
    kinds = {
        "model": _manifest,
        "benchmark": _benchmark,
        "evaluation": _evaluation,
        "report": _report,
        "profile": _profile,
        "case": _case,
        "shadow": _shadow,
        "evidence": _evidence,
        "advisories": _advisories,
    }
    schema = json_schema(kinds[name]())
    return {**schema, "title": SCHEMAS[name]}


def _manifest() -> type:
    from snitch.formats.manifest import Manifest

    return Manifest


def _benchmark() -> type:
    from snitch.formats.benchmark import BenchmarkDefinition

    return BenchmarkDefinition


def _evaluation() -> type:
    from snitch.formats.evaluation import EvaluationRecord

    return EvaluationRecord


def _report() -> type:
    from snitch.report.result import Result

    return Result


def _profile() -> type:
    from snitch.formats.profile import Profile

    return Profile


def _case() -> type:
    from snitch.formats.cases import GoldenCase

    return GoldenCase


def _shadow() -> type:
    from snitch.formats.shadow import ShadowReport

    return ShadowReport


def _evidence() -> type:
    from snitch.formats.evidence import Evidence

    return Evidence


def _advisories() -> type:
    from snitch.formats.advisories import AdvisorySnapshot

    return AdvisorySnapshot


def _policy() -> dict[str, Any]:
    """The policy's schema with every installed rule's options, each by its code and by its name."""
    import copy

    from snitch.policy.configuration import PolicyFile
    from snitch.rulebook import rulebook

    schema = copy.deepcopy(json_schema(PolicyFile))
    rules: dict[str, Any] = {"*": {"type": "object", "properties": {"severity": {"enum": list(SEVERITIES)}}}}
    for code, rule in rulebook().rules.items():
        definitions = copy.deepcopy(json_schema(rule)["$defs"])
        setting = _setting(definitions.pop(rule.__name__))
        schema["$defs"].update({**definitions, code: setting})
        rules[code] = rules[rule.name] = {"$ref": f"#/$defs/{code}"}
    block = {"type": "object", "properties": rules, "additionalProperties": False}
    schema["$defs"]["Rules"] = block
    for holder in ("PolicyFile", "Override"):
        schema["$defs"][holder]["properties"]["rules"] = {"$ref": "#/$defs/Rules"}
    return {**schema, "title": SCHEMAS["policy"]}


def _setting(options: dict[str, Any]) -> dict[str, Any]:
    """A rule's setting: off, a severity, or its options with one."""
    words = ["off", *SEVERITIES]
    # An empty `severity:` says nothing, as an empty key does wherever one may be left out.
    properties = {"severity": {"enum": [*words, None]}, **options["properties"]}
    with_options = {**options, "properties": properties, "required": []}
    return {"anyOf": [{"enum": words}, with_options], "description": options.get("description", "").split("\n")[0]}

"""How each rule stands: on or off, at which severity, with which options, and which line of which file said so."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from snitch.documents.problems import join_pointer
from snitch.engine import ActiveRule
from snitch.finding import Severity
from snitch.policy.configuration import EVERY_RULE
from snitch.policy.layers import Layer
from snitch.rule import AnyRule
from snitch.rulebook import Rulebook

OFF = "off"


class Origin(Struct, frozen=True):
    """The place in a policy file that set something."""

    layer: Layer
    pointer: str

    @property
    def place(self) -> str:
        """`file:line`, as people look it up."""
        return f"{self.layer.document.path}:{self.layer.document.locate(self.pointer, key=True).line}"


class RuleSetting(Struct, frozen=True):
    """One rule's state: `severity` None is off, `stated` is what its class says.

    `origins` holds where the severity and each option were last set.
    """

    rule: type[AnyRule]
    stated: Severity | None
    severity: Severity | None
    options: dict[str, Any] = {}
    origins: dict[str, Origin] = {}

    @classmethod
    def initial(cls, rule: type[AnyRule], lowest: bool) -> RuleSetting:
        """As the rule's class says."""
        severity = rule.severity[0 if lowest else 1]
        return cls(rule, severity, severity)

    def with_severity(self, severity: Severity | None, origin: Origin) -> RuleSetting:
        return replace(self, severity=severity, origins={**self.origins, "severity": origin})

    def with_options(self, options: dict[str, Any], origin: Origin) -> RuleSetting:
        """Options merge key by key; lists and scalars replace. They turn on a rule that was off."""
        severity = self.severity or self.stated or self.rule.severity[1] or self.rule.severity[0]
        origins = {**self.origins, **{key: Origin(origin.layer, origin.pointer + join_pointer(key)) for key in options}}
        return replace(self, severity=severity, options=_merge(self.options, options), origins=origins)


class Settings:
    """Every rule's setting, by code."""

    def __init__(self, by_code: dict[str, RuleSetting]) -> None:
        self.by_code = by_code
        self._active: tuple[ActiveRule, ...] | None = None

    def apply(self, layer: Layer, pointer: str, rules: dict[str, Any], book: Rulebook) -> None:
        """Lays one block of `rules` over what stands. Its names and values must have been validated."""
        every = rules.get(EVERY_RULE)
        if every is not None:
            origin = Origin(layer, pointer + join_pointer(EVERY_RULE))
            for code, setting in self.by_code.items():
                if setting.severity is not None:
                    self.by_code[code] = setting.with_severity(every["severity"], origin)
        for name, value in rules.items():
            rule = book.find(name)
            if rule is not None:
                origin = Origin(layer, pointer + join_pointer(name))
                self.by_code[rule.code] = _changed(self.by_code[rule.code], value, origin)

    @property
    def meaning(self) -> list[tuple[str, Severity | None, dict[str, Any]]]:
        """What the rules come to, whatever file and line said so."""
        return [(code, setting.severity, setting.options) for code, setting in self.by_code.items()]

    @property
    def active(self) -> tuple[ActiveRule, ...]:
        """The rules that are on, each made with its options."""
        if self._active is None:
            self._active = tuple(
                ActiveRule(msgspec.convert(setting.options, setting.rule), setting.severity)
                for setting in self.by_code.values()
                if setting.severity is not None
            )
        return self._active


def _changed(setting: RuleSetting, value: Any, origin: Origin) -> RuleSetting:
    if value == OFF:
        return setting.with_severity(None, origin)
    if isinstance(value, str):
        return setting.with_severity(value, origin)  # type: ignore[arg-type]
    options = {key: option for key, option in value.items() if key != "severity"}
    setting = setting.with_options(options, origin)
    stated = value.get("severity")
    if stated is not None:
        setting = setting.with_severity(None if stated == OFF else stated, origin)
    return setting


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        merged[key] = _merge(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged

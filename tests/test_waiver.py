"""A waiver excuses what it was granted for: a rule, a model, a version, until a day, and no worse than its limit."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from snitch.finding import Finding, Measured
from snitch.waiver import Waiver

TODAY = date(2026, 11, 20)


def waiver(**changes: object) -> Waiver:
    fields: dict[str, object] = {
        "rule": "REG001",
        "model": "churn",
        "version": "1.4.0",
        "owner": "growth-ml@example.com",
        "reason": "agreed",
        "expires": TODAY,
    }
    return Waiver(**{**fields, **changes})  # type: ignore[arg-type]


def finding(measured: Measured | None = None, rule: str = "REG001", name: str = "metric-regression") -> Finding:
    return Finding(message="fell", path="x.json", rule=rule, name=name, model="churn", measured=measured)


@pytest.mark.parametrize("rule", ["REG001", "metric-regression"])
def test_a_rule_is_named_by_code_or_by_name(rule: str) -> None:
    assert waiver(rule=rule).covers(finding(), "1.4.0", TODAY)


def test_a_word_that_it_does_not_know_is_refused() -> None:
    written = msgspec.to_builtins(waiver())
    assert msgspec.convert(written, Waiver) == waiver()
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**written, "limits": 0.1}, Waiver)


def test_what_it_says_of_itself() -> None:
    assert waiver().told == "agreed (growth-ml@example.com, until 2026-11-20)"


def test_one_for_a_single_finding_excuses_that_finding_alone() -> None:
    ours = replace(finding(), fingerprint="12e4567890123456")
    assert waiver(fingerprint="12e4567890123456").covers(ours, "1.4.0", TODAY)
    assert not waiver(fingerprint="12e4567890123457").covers(ours, "1.4.0", TODAY)


@pytest.mark.parametrize(
    "changes",
    [{"rule": "REG002"}, {"model": "fraud"}, {"version": "1.4.1"}, {"expires": date(2026, 11, 19)}],
    ids=lambda changes: next(iter(changes)),
)
def test_one_for_something_else_excuses_nothing(changes: dict[str, object]) -> None:
    assert not waiver(**changes).covers(finding(), "1.4.0", TODAY)


def test_a_finding_of_no_model_is_not_excused() -> None:
    assert not waiver().covers(replace(finding(), model=None), "1.4.0", TODAY)


@pytest.mark.parametrize("rule", ["SNT001", "SNT003", "POL001", "SAF001"])
def test_some_rules_cannot_be_waived(rule: str) -> None:
    assert not waiver(rule=rule).covers(finding(rule=rule), "1.4.0", TODAY)


def test_another_rule_about_safety_can() -> None:
    assert waiver(rule="SAF002").covers(finding(rule="SAF002"), "1.4.0", TODAY)


@pytest.mark.parametrize(
    ("measured", "limit", "covered"),
    [
        (Measured(0.02, True), 0.02, True),
        (Measured(0.021, True), 0.02, False),
        (Measured(0.8, False), 0.8, True),
        (Measured(0.79, False), 0.8, False),
        (Measured(0.81, False), 0.8, True),
        (Measured(0.01, True, 0.5), "2%", True),
        (Measured(0.011, True, 0.5), "2%", False),
        (Measured(0.01, True), "2%", False),
        (Measured(0.0, True), "0%", False),
        (None, 0.02, False),
    ],
    ids=[
        "at the limit",
        "above it",
        "at the least",
        "below it",
        "above the least",
        "at the percentage",
        "above the percentage",
        "a percentage of nothing",
        "none of nothing",
        "nothing measured",
    ],
)
def test_it_holds_up_to_its_limit(measured: Measured | None, limit: float | str, covered: bool) -> None:
    assert waiver(limit=limit).covers(finding(measured), "1.4.0", TODAY) is covered

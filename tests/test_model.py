"""What is made of a model is made once, in whatever order rules ask."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from snitch.rules.card import IncompleteCard, MissingChangelogEntry, PlaceholderValue
from snitch.rules.version import UndersizedBump, VersionNotRaised
from snitch.rules.weights import MalformedPointer, WeightsOutsideLfs

from snitch.engine import ActiveRule, judge_each
from snitch.model import Model, same_files
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.snapshot import MemorySnapshot
from tests.judging import FOLDER, SPOTLESS, change_of


def test_a_value_is_made_once_a_model_and_argument() -> None:
    made: list[tuple[Model, str]] = []

    def make(model: Model, name: str) -> str | None:
        made.append((model, name))
        return name or None

    one, other = (Model(Repository(MemorySnapshot(SPOTLESS)), FOLDER) for _ in range(2))
    assert [model.once(make, name) for model in (one, other, one) for name in ("a", "", "a")] == ["a", None, "a"] * 3
    assert made == [(one, "a"), (one, ""), (other, "a"), (other, "")]


def test_what_fails_is_tried_again() -> None:
    def make(model: Model) -> None:
        raise KeyError(model.folder)

    model = Model(Repository(MemorySnapshot(SPOTLESS)), FOLDER)
    for _ in range(2):
        with pytest.raises(KeyError, match=FOLDER):
            model.once(make)


@pytest.mark.parametrize(
    ("rules", "module", "made", "times"),
    [
        ([MalformedPointer(), WeightsOutsideLfs()], "snitch.stored", "_weights_of", 1),
        ([VersionNotRaised(), UndersizedBump()], "snitch.change", "changes_between", 1),
        ([PlaceholderValue(), MissingChangelogEntry(), IncompleteCard()], "snitch.rules.card", "read_text", 2),
    ],
    ids=["weights", "differences", "texts"],
)
def test_models_judged_rule_by_rule_share_what_rules_share(
    rules: list[Rule], module: str, made: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, calls = getattr(import_module(module), made), []

    def counted(*given: Any) -> Any:
        calls.append(given)
        return make(*given)

    monkeypatch.setattr(f"{module}.{made}", counted)
    changes = [change_of(SPOTLESS, SPOTLESS) for _ in range(20)]
    judgements = judge_each([ActiveRule(rule, "error") for rule in rules], changes)
    assert [judgement.findings for judgement in judgements] == [()] * 20
    assert len(calls) == 20 * times


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, True),
        ({"a": "1", "b": "2"}, {"a": "1", "c": "2"}, True),
        ({"a": "1", "b": "1"}, {"c": "1", "d": "1"}, True),
        ({"a": "1", "b": "2"}, {"a": "2", "b": "1"}, False),
        ({"a": "1", "b": "2"}, {"c": "2", "d": "1"}, False),  # renamed, or have they changed places?
        ({"a": "1", "b": "2"}, {"c": "1", "d": "2"}, False),
        ({"a": "1"}, {"a": "1", "b": "1"}, False),
        ({"a": "1"}, {"b": "2"}, False),
    ],
)
def test_the_same_weights(one: dict[str, str], other: dict[str, str], same: bool) -> None:
    assert same_files(one, other) is same
    assert same_files(other, one) is same

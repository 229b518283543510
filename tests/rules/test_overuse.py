"""BEN008: a benchmark that has judged too many candidates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

import pytest
from scipy.stats import norm
from snitch.rules.overuse import OverusedBenchmark, derived_limit, effort

from snitch.finding import Finding, Undecidable
from snitch.gate import Stretch
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.gating.witnesses import gate_of
from tests.judging import EVALUATION, FOLDER, SPOTLESS, Files, edit_json, findings, judgement, without
from tests.rules.measured import weighing

WHEN = datetime(2026, 10, 1, tzinfo=timezone.utc)


class Past:
    """A branch that has held these states of the model's folder."""

    branch = "main"

    def __init__(self, *states: Files) -> None:
        self.states = states

    def stretches(self, name: str, folder: str, beside: tuple[str, ...] = ()) -> Iterator[Stretch]:
        for at, files in enumerate(self.states):
            held = {path: content for path, content in files.items() if path.startswith(FOLDER)}
            yield Stretch(f"{at:040x}", WHEN, Model(Repository(MemorySnapshot(held)), FOLDER))


def candidates(number: int) -> list[Files]:
    return [weighing(SPOTLESS, f"candidate {at}") for at in range(number)]


def found(past: Sequence[Files], rule: OverusedBenchmark | None = None, **branches: Any) -> list[Finding]:
    known = {"main": Past(*past), **branches}
    more: dict[str, Any] = {"deployed": "production"} if "production" in known else {}
    gate = gate_of(history=known.__getitem__, **more)
    return findings(rule or OverusedBenchmark(), SPOTLESS, gate=gate)


def test_up_to_the_limit_it_passes() -> None:
    assert found(candidates(9), OverusedBenchmark(max_candidates=10)) == []


def test_beyond_the_limit_it_is_told() -> None:
    [finding] = found(candidates(10), OverusedBenchmark(max_candidates=10))
    assert finding.message == "churn-holdout 2026.10 has judged 11 candidates of churn; the limit is 10"
    assert (finding.severity, finding.path, finding.pointer) == ("warning", EVALUATION, "/dataset/revision")
    level = 0.025 / 11
    taken = ((norm.isf(level) + norm.isf(0.2)) / (norm.isf(0.025) + norm.isf(0.2))) ** 2
    assert f"at 11 looks {level:.3%} is left of the significance level of 2.5% for each" in finding.notes[1]
    assert f"a difference takes {taken:.1f} times as many examples" in finding.notes[1]
    told = [(norm.isf(each) + norm.isf(0.2)) * (0.1 / 4120) ** 0.5 for each in (level, 0.025)]
    assert f"of {told[0]:.4f} can be told; for the first candidate it was {told[1]:.4f}" in finding.notes[2]


def test_the_derived_limit_is_where_a_difference_takes_twice_the_examples() -> None:
    assert derived_limit() == 27
    assert effort(27) <= 2 < effort(28)
    assert found(candidates(26)) == []
    assert len(found(candidates(27))) == 1


def test_the_same_weights_again_are_one_candidate() -> None:
    rule = OverusedBenchmark(max_candidates=2)
    assert found([SPOTLESS, *candidates(1), *candidates(1), SPOTLESS], rule) == []


def test_another_revision_does_not_count() -> None:
    def older(data: Any) -> None:
        data["dataset"]["revision"] = "sha256:" + "1" * 64

    past = [edit_json(each, EVALUATION, older) for each in candidates(5)]
    assert found(past, OverusedBenchmark(max_candidates=1)) == []


def test_another_definition_does_not_count_and_one_that_was_not_recorded_does() -> None:
    def otherwise(data: Any) -> None:
        data["dataset"]["definition"] = "sha256:" + "1" * 64

    def unrecorded(data: Any) -> None:
        del data["dataset"]["definition"]

    rule = OverusedBenchmark(max_candidates=5)
    assert found([edit_json(each, EVALUATION, otherwise) for each in candidates(5)], rule) == []
    assert len(found([edit_json(each, EVALUATION, unrecorded) for each in candidates(5)], rule)) == 1


def test_what_stood_on_the_target_and_on_the_deployed_branch_counts_once() -> None:
    rule = OverusedBenchmark(max_candidates=6)
    states = candidates(6)
    assert found(states[:3], rule, production=Past(*states[:5])) == []
    [finding] = found(states[:3], rule, production=Past(*states[2:]))
    assert "has judged 7 candidates" in finding.message


def test_a_record_of_the_past_that_is_none_counts_for_nothing() -> None:
    assert found([{**SPOTLESS, EVALUATION: "{"}], OverusedBenchmark(max_candidates=1)) == []


def test_a_history_that_is_not_here_decides_nothing() -> None:
    class Shallow(Past):
        def stretches(self, name: str, folder: str, beside: tuple[str, ...] = ()) -> Iterator[Stretch]:
            raise Undecidable("the history ends here")
            yield

    gate = gate_of(history={"main": Shallow()}.__getitem__)
    [finding] = findings(OverusedBenchmark(), SPOTLESS, gate=gate)
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


def test_without_an_evaluation_it_does_not_apply() -> None:
    [skipped] = judgement(OverusedBenchmark(), without(SPOTLESS, EVALUATION), gate=gate_of()).skipped
    assert skipped.reason == "there is no evaluation"


@pytest.mark.parametrize("number", [0, -1])
def test_a_limit_allows_one_candidate_at_least(number: int) -> None:
    import msgspec

    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"max_candidates": number}, OverusedBenchmark)

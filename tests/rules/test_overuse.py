"""BEN008: a benchmark that has judged too many candidates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
from scipy.stats import norm
from snitch.rules.overuse import OverusedBenchmark, derived_limit, effort

from snitch.finding import Finding, Undecidable
from snitch.formats.evaluation import EvaluationRecord, outcome_of
from snitch.gate import Recorded
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, SPOTLESS, Files, edit, edit_json, findings, judgement, without
from tests.rules.measured import weighing


def records(*states: Files, path: str = EVALUATION) -> list[Recorded]:
    """What these states of the repository hold as the evaluation, where it is one."""
    found = [msgspec.json.decode(files[EVALUATION], type=EvaluationRecord) for files in states]
    plain = [msgspec.json.decode(files[EVALUATION]) for files in states]
    outcomes = [outcome_of(each.get("predictions"), each["metrics"]) for each in plain]
    return [Recorded(path, each.model, each.dataset, outcome) for each, outcome in zip(found, outcomes, strict=True)]


def candidates(number: int) -> list[Files]:
    return [weighing(SPOTLESS, f"candidate {at}") for at in range(number)]


def recording(past: Sequence[Recorded]) -> Any:
    def recorded(benchmark: str, revision: str) -> Iterator[Recorded]:
        asked = benchmark, revision
        return (each for each in past if (each.dataset.name, each.dataset.revision) == asked)

    return recorded


def found(
    past: Sequence[Files], rule: OverusedBenchmark | None = None, *, now: Files = SPOTLESS, path: str = EVALUATION
) -> list[Finding]:
    gate = gate_of(recorded=recording(records(*past, path=path)))
    return findings(rule or OverusedBenchmark(), now, gate=gate)


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


def tuned(number: int, what: str) -> Files:
    """The same weights with another threshold, of which the metrics tell, or the predictions."""

    def decide(data: Any) -> None:
        if what == "metrics":
            data["metrics"][2]["value"] = 0.7 + number / 1000
        else:
            data["predictions"] = {"path": "churn-holdout.parquet", "sha256": f"sha256:{number:064x}"}

    return edit_json(SPOTLESS, EVALUATION, decide)


@pytest.mark.parametrize("what", ["metrics", "predictions"])
def test_the_same_weights_that_answer_otherwise_are_another_candidate(what: str) -> None:
    past = [tuned(number, what) for number in range(10)]
    [finding] = found(past, OverusedBenchmark(max_candidates=10))
    assert "has judged 11 candidates of churn" in finding.message
    assert found(past[:9], OverusedBenchmark(max_candidates=10)) == []


def test_the_same_answers_again_are_one_candidate() -> None:
    """Another version, day or library, and another interval, which the same numbers may have."""

    def again(data: Any) -> None:
        data["date"] = "2026-11-04T10:00:00Z"
        data["model"]["version"] = "1.4.1"
        data["environment"] = {"packages": {"numpy": "2.4.0"}}
        data["metrics"][0]["confidence_interval"] = {"lower_bound": 0.9, "upper_bound": 0.95, "level": 0.95}
        data["metrics"].reverse()

    assert found([edit_json(SPOTLESS, EVALUATION, again)], OverusedBenchmark(max_candidates=1)) == []


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


def renamed(files: Files) -> Files:
    return edit_json(files, EVALUATION, lambda data: data["model"].update(name="other"))


def test_only_the_models_own_count_under_its_name_or_in_its_folder() -> None:
    rule, past = OverusedBenchmark(max_candidates=1), candidates(3)
    elsewhere = EVALUATION.replace("churn/", "other/")
    assert len(found(past, rule, path=elsewhere)) == 1, "it was moved"
    assert len(found([renamed(each) for each in past], rule)) == 1, "it was renamed"
    assert found([renamed(each) for each in past], rule, path=elsewhere) == []


def test_of_a_benchmark_that_judges_all_models_all_count() -> None:
    rule, elsewhere = OverusedBenchmark(max_candidates=1), EVALUATION.replace("churn/", "other/")
    past = [renamed(each) for each in candidates(3)]
    [finding] = found(past, rule, now=edit(SPOTLESS, BENCHMARK, "models: [churn]", "all: true"), path=elsewhere)
    assert finding.message == "churn-holdout 2026.10 has judged 4 candidates, of whatever model; the limit is 1"


def test_what_is_not_here_decides_nothing() -> None:
    """Ten records of which the seventh is missing may be more than the limit, or not."""

    def recorded(benchmark: str, revision: str) -> Iterator[Recorded]:
        yield from records(*candidates(6))
        raise Undecidable("its object is not in this clone")

    [finding] = findings(OverusedBenchmark(max_candidates=2), SPOTLESS, gate=gate_of(recorded=recorded))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


def test_more_records_than_are_read_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snitch.rules.overuse._MOST", 3)
    assert found(candidates(3)) == []
    [finding] = found(candidates(4))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
    assert "more than 3 times on one revision" in finding.message
    [finding] = found(candidates(4), OverusedBenchmark(max_candidates=2))
    assert (finding.rule, finding.outcome) == ("BEN008", "fail")


def test_without_an_evaluation_it_does_not_apply() -> None:
    [skipped] = judgement(OverusedBenchmark(), without(SPOTLESS, EVALUATION), gate=gate_of()).skipped
    assert skipped.reason == "there is no evaluation"


@pytest.mark.parametrize("number", [0, -1])
def test_a_limit_allows_one_candidate_at_least(number: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"max_candidates": number}, OverusedBenchmark)

"""Two records beside each other: what is compared, in which direction, and what a waiver's limit is held against."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from snitch.rules.regression import MetricRegressed
from snitch.rules.slices import SliceRegressed

from tests.judging import BENCHMARK, SPOTLESS, findings, judgement, without
from tests.rules.measured import DEPLOYED, asking, record, scoring, scoring_slice


def limited(**limits: object) -> MetricRegressed:
    return msgspec.convert({"metrics": {name: {"max_drop": each} for name, each in limits.items()}}, MetricRegressed)


def test_a_limit_takes_no_other_word() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"metrics": {"roc_auc": {"max_drop": 0.1, "min_drop": 0.2}}}, MetricRegressed)


def test_a_greater_drop_is_worse() -> None:
    [found] = findings(limited(roc_auc=0.005), scoring(SPOTLESS, 0.882), DEPLOYED)
    assert found.measured is not None
    assert found.measured.greater_is_worse


def test_a_drop_that_is_exactly_allowed_is_shown_to_pass() -> None:
    [row, *_] = judgement(limited(roc_auc=0.005), scoring(SPOTLESS, 0.908), DEPLOYED).comparisons
    assert (row.type, row.outcome) == ("roc_auc", "pass")


def test_a_metric_with_a_greatest_value_alone_is_not_bounded() -> None:
    deployed, candidate = (
        asking(files, "[r2]", ("r2", value)) for files, value in ((DEPLOYED, 0.5), (SPOTLESS, 0.494))
    )
    [found] = findings(MetricRegressed(), candidate, deployed)
    assert found.message == "r2 fell 0.006 below the deployed model; the limit is 1% (0.005)"


def test_without_a_benchmark_a_metric_s_name_says_the_direction() -> None:
    deployed, candidate = without(DEPLOYED, BENCHMARK), without(scoring(SPOTLESS, 0.882), BENCHMARK)
    [found] = findings(limited(roc_auc=0.005), candidate, deployed)
    assert found.message.startswith("roc_auc fell 0.031 below")


def lift(data: dict[str, Any]) -> None:
    data["metrics"].append({"type": "lift", "value": 3.0})


def test_without_a_benchmark_help_says_where_it_would_be() -> None:
    deployed, candidate = (without(record(files, lift), BENCHMARK) for files in (DEPLOYED, SPOTLESS))
    [found] = findings(MetricRegressed(), candidate, deployed)
    assert (found.rule, found.outcome) == ("REG001", "inconclusive")
    assert f"declare it in {BENCHMARK}: " in found.help


def test_help_names_the_benchmark_wherever_it_lies() -> None:
    elsewhere = BENCHMARK.replace("churn-holdout", "of-churn")
    candidate = {**without(record(SPOTLESS, lift), BENCHMARK), elsewhere: SPOTLESS[BENCHMARK]}
    [found] = findings(MetricRegressed(), candidate, record(DEPLOYED, lift))
    assert f"declare it in {elsewhere}: " in found.help


def test_a_deployed_record_that_says_two_things_is_compared_with_nothing() -> None:
    twice = record(DEPLOYED, lambda data: data["metrics"].append({"type": "roc_auc", "value": 0.1}))
    [found] = findings(MetricRegressed(), SPOTLESS, twice)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    twice = record(DEPLOYED, lambda data: data["slices"].append(data["slices"][1]))
    [found] = findings(SliceRegressed(), scoring_slice(SPOTLESS, 0.1), twice)
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_a_difference_beyond_all_floats_is_shown_as_none() -> None:
    asks = "[{type: profit, greater_is_better: true}]"
    deployed, candidate = asking(DEPLOYED, asks, ("profit", 1.5e308)), asking(SPOTLESS, asks, ("profit", -1.5e308))
    result = judgement(limited(profit="150%"), candidate, deployed)
    assert [(row.delta, row.limit, row.outcome) for row in result.comparisons] == [(None, None, "fail")]
    assert [finding.rule for finding in result.findings] == ["REG001"]

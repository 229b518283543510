"""The simulations and ratios of the statistics run, at tiny size, and come to what theory says."""

from __future__ import annotations

import numpy as np
import pytest

from bench.coverage import METRICS, models
from bench.coverage import table as coverage_table
from bench.statistics import bootstrap_of_area, delong
from bench.verdicts import NEAR_ONE, RULES, SETTINGS, Setting, judged, simulated, table
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import score


@pytest.mark.parametrize("setting", [*SETTINGS, *NEAR_ONE], ids=lambda setting: f"{setting.type} {setting.pair[0]}")
def test_simulated_models_differ_by_what_they_should(setting: Setting) -> None:
    deployed, candidate = setting.pair(np.random.default_rng(0), 400_000, 0.02)
    drop = score(setting.type, {}, deployed) - score(setting.type, {}, candidate)
    assert drop == pytest.approx(0.02, abs=0.002)
    assert score(setting.type, {}, deployed) == pytest.approx(setting.pair[0], abs=0.002)


def test_a_drop_of_just_the_limit_is_judged_as_the_gate_judges_it() -> None:
    """0.85 - 0.84 is 0.01 as written, and a little more in binary fractions: one in 14 pairs of 500 examples has it."""
    assert 0.85 - 0.84 > 0.01
    labels = np.arange(100) % 2 == 0
    deployed, candidate = (Sample(labels, labels ^ (np.arange(100) < wrong), None) for wrong in (15, 16))
    tie = judged("accuracy", deployed, candidate, "seed")
    assert (tie.deployed, tie.candidate) == (0.85, 0.84)
    said = {name: rule(tie, 0.01) for name, rule in RULES.items()}
    assert said == {
        "tolerant": "pass", "non_inferior": "inconclusive", "recorded": "pass", "TFMA": "fail", "MLflow": "fail"
    }  # fmt: skip


def test_too_few_examples_for_an_interval_are_judged_as_the_gate_judges_them() -> None:
    labels = np.arange(18) % 2 == 0
    good, poor = (Sample(labels, None, np.where(labels, sign, -sign) + np.arange(18) / 36) for sign in (1, -1))
    for candidate, tolerant, non_inferior in ((good, "pass", "inconclusive"), (poor, "fail", "fail")):
        found = judged("roc_auc", good, candidate, "seed")
        assert found.evidence.kind == "few"
        assert RULES["tolerant"](found, 0.01) == tolerant
        assert RULES["non_inferior"](found, 0.01) == non_inferior


def test_a_rule_that_asks_for_more_passes_less() -> None:
    counts = simulated(SETTINGS[1], 500, 0.0, 40)
    assert counts["tolerant"]["pass"] == counts["recorded"]["pass"] >= counts["non_inferior"]["pass"]
    assert counts["tolerant"]["fail"] <= counts["recorded"]["fail"]
    assert all(sum(count.values()) == 40 for count in counts.values())
    assert counts["MLflow"]["inconclusive"] == counts["TFMA"]["inconclusive"] == 0


def test_the_tables_have_a_column_a_rule() -> None:
    lines = [*table(SETTINGS, 2, (100,)), *coverage_table(1, sizes=(100,), population=1000)]
    assert len(lines) == 2 + 3 * 3 + 2 + len(METRICS)
    assert {line.count("|") for line in lines[:11]} == {4 + len(RULES)}


def test_models_of_the_coverage_are_worse() -> None:
    for type, of_numbers in METRICS.items():
        deployed, candidate = models(of_numbers, 50_000, np.random.default_rng(1))
        assert score(type, {}, candidate) != score(type, {}, deployed)


def test_ratios() -> None:
    ratios = [bootstrap_of_area(200, 40), *delong(2000)]
    assert all(ratio.value > 0 and ratio.goal for ratio in ratios)

"""The simulations and ratios of the statistics run, at tiny size, and come to what theory says."""

from __future__ import annotations

import numpy as np
import pytest

from bench.coverage import METRICS, models
from bench.coverage import table as coverage_table
from bench.statistics import bootstrap_of_area, delong
from bench.verdicts import RULES, SETTINGS, Setting, simulated, table
from snitch.measuring.scoring import score


@pytest.mark.parametrize("setting", SETTINGS, ids=[setting.type for setting in SETTINGS])
def test_simulated_models_differ_by_what_they_should(setting: Setting) -> None:
    deployed, candidate = setting.pair(np.random.default_rng(0), 400_000, 0.02)
    drop = score(setting.type, {}, deployed) - score(setting.type, {}, candidate)
    assert drop == pytest.approx(0.02, abs=0.002)


def test_a_rule_that_asks_for_more_passes_less() -> None:
    counts = simulated(SETTINGS[1], 500, 0.0, 40)
    assert counts["tolerant"]["pass"] == counts["recorded"]["pass"] >= counts["non_inferior"]["pass"]
    assert counts["tolerant"]["fail"] <= counts["recorded"]["fail"]
    assert all(sum(count.values()) == 40 for count in counts.values())
    assert counts["MLflow"]["inconclusive"] == counts["TFMA"]["inconclusive"] == 0


def test_the_tables_have_a_column_a_rule() -> None:
    lines = [*table(2, sizes=(100,)), *coverage_table(1, sizes=(100,), population=1000)]
    assert len(lines) == 2 + 2 * 3 + 2 + len(METRICS)
    assert {line.count("|") for line in lines[:8]} == {4 + len(RULES)}


def test_models_of_the_coverage_are_worse() -> None:
    for type, of_numbers in METRICS.items():
        deployed, candidate = models(of_numbers, 50_000, np.random.default_rng(1))
        assert score(type, {}, candidate) != score(type, {}, deployed)


def test_ratios() -> None:
    ratios = [bootstrap_of_area(200, 40), *delong(2000)]
    assert all(ratio.value > 0 and ratio.goal for ratio in ratios)

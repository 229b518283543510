"""Drift: two profiles held against each other, feature by feature."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2

from snitch.divergence import population_stability_index
from snitch.drift import ALPHA, DriftLimit, chance_bound, drift_between, feature_drift
from snitch.formats.profile import Feature, Profile, ProfiledData

LIMIT = DriftLimit(max_psi=0.25)
AGE = Feature(name="age", type="long", edges=(20.0, 40.0), counts=(300, 400, 300))
PLAN = Feature(name="plan", type="string", categories={"basic": 700, "pro": 300})


def profile(*features: Feature, rows: int = 1000) -> Profile:
    return Profile(data=ProfiledData(digest="sha256:" + "0" * 64, rows=rows), features=features)


def test_what_has_not_moved() -> None:
    found = feature_drift(AGE, AGE, LIMIT)
    assert (found.psi, found.distance, found.status, found.outcome) == (0, 0, "STABLE", "pass")


@given(st.tuples(*[st.integers(0, 10_000)] * 3).filter(any), st.integers(0, 500))
def test_they_are_the_index_and_the_distance_of_the_bins(counts: tuple[int, int, int], nulls: int) -> None:
    """By their definitions; a missing value is a bin of its own where there is one."""
    found = feature_drift(AGE, replace(AGE, counts=counts, nulls=nulls), LIMIT)
    before, after = np.array([300, 400, 300, 0]), np.array([*counts, nulls])
    if not nulls:
        before, after = before[:3], after[:3]
    e, a = ((each + 0.5) / (each + 0.5).sum() for each in (before, after))
    assert found.psi == pytest.approx(((a - e) * np.log(a / e)).sum())
    assert found.distance == pytest.approx(jensenshannon(before / before.sum(), after / after.sum(), base=2))
    assert found.nulls == (0, nulls / after.sum())


class TestOutcome:
    def test_beyond_the_limit(self) -> None:
        found = feature_drift(AGE, replace(AGE, counts=(700, 200, 100)), LIMIT)
        assert (found.status, found.outcome) == ("HIGH DRIFT", "fail")

    def test_at_the_limit_it_passes(self) -> None:
        moved = replace(AGE, counts=(500, 300, 200))
        psi, distance = feature_drift(AGE, moved, LIMIT).psi, feature_drift(AGE, moved, LIMIT).distance
        assert psi is not None and distance is not None
        assert feature_drift(AGE, moved, DriftLimit(psi, distance)).outcome == "pass"
        assert feature_drift(AGE, moved, DriftLimit(np.nextafter(psi, 0))).outcome == "fail"
        assert feature_drift(AGE, moved, DriftLimit(None, np.nextafter(distance, 0))).outcome == "fail"
        assert feature_drift(AGE, moved, DriftLimit()).outcome == "pass"

    def test_few_rows_leave_it_open(self) -> None:
        few = feature_drift(AGE, replace(AGE, counts=(5, 3, 2)), DriftLimit(max_psi=0.1))
        many = feature_drift(AGE, replace(AGE, counts=(500, 300, 200)), DriftLimit(max_psi=0.1))
        assert (few.outcome, many.outcome) == ("inconclusive", "fail")

    @pytest.mark.parametrize("bins", [2, 3, 10, 51])
    @pytest.mark.parametrize("rows", [(200, 50), (10_000, 10_000)])
    def test_what_chance_does_is_about_chi_squared(self, bins: int, rows: tuple[int, int]) -> None:
        exact = (1 / rows[0] + 1 / rows[1]) * chi2.isf(ALPHA, bins - 1)
        # With one degree of freedom the approximation is at its worst.
        assert chance_bound(bins, *rows) == pytest.approx(exact, rel=0.03 if bins == 2 else 0.01)

    def test_by_chance_it_is_exceeded_as_often_as_is_said(self) -> None:
        draws, rows = np.random.default_rng(3), (4000, 900)
        shares = np.full(10, 0.1)
        beyond = sum(
            population_stability_index(
                draws.multinomial(rows[0], shares).tolist(), draws.multinomial(rows[1], shares).tolist()
            )
            > chance_bound(10, *rows)
            for _ in range(4000)
        )
        assert beyond / 4000 == pytest.approx(ALPHA, abs=4 * (ALPHA * (1 - ALPHA) / 4000) ** 0.5)


class TestWhatCannotBeCompared:
    @pytest.mark.parametrize("type", ["string", "boolean", "datetime", "binary"])
    def test_another_type_is_beyond_any_limit(self, type: str) -> None:
        current = Feature(name="age", type=type, other=1000)  # type: ignore[arg-type]
        found = feature_drift(AGE, current, DriftLimit())
        assert (found.psi, found.outcome, found.reason) == (None, "fail", f"it was long and is {type}")

    def test_a_whole_number_may_have_decimals(self) -> None:
        found = feature_drift(AGE, replace(AGE, type="double"), LIMIT)
        assert (found.outcome, found.notes) == ("pass", ("was long, is double",))

    def test_other_bins(self) -> None:
        for training, current in ((AGE, replace(AGE, edges=(20.0, 41.0))), (PLAN, replace(PLAN, categories={"a": 1}))):
            assert feature_drift(training, current, LIMIT).outcome == "inconclusive"

    def test_no_rows(self) -> None:
        empty = Feature(name="age", type="unknown")
        assert feature_drift(AGE, empty, LIMIT).outcome == "inconclusive"
        assert feature_drift(empty, AGE, LIMIT).outcome == "inconclusive"

    def test_text_that_no_rows_share(self) -> None:
        text = Feature(name="note", type="string", other=1000)
        found = feature_drift(text, text, LIMIT)
        assert (found.outcome, found.reason) == ("pass", "too few rows share a value to count by")

    @pytest.mark.parametrize("type", ["long", "double", "datetime", "boolean"])
    def test_values_that_no_bin_counts(self, type: str) -> None:
        values = Feature(name="age", type=type, other=1000)  # type: ignore[arg-type]
        assert feature_drift(values, values, LIMIT).outcome == "inconclusive"

    def test_a_column_that_is_all_missing_now(self) -> None:
        found = feature_drift(
            AGE, Feature(name="age", type="unknown", nulls=500, edges=AGE.edges, counts=(0, 0, 0)), LIMIT
        )
        assert (found.outcome, found.nulls) == ("fail", (0.0, 1.0))

    def test_a_column_that_held_nothing_and_now_does(self) -> None:
        nothing = Feature(name="age", type="unknown", nulls=1000)
        assert feature_drift(nothing, nothing, LIMIT).outcome == "pass"
        assert feature_drift(nothing, AGE, LIMIT).outcome == "fail"


class TestDrift:
    def test_missing_and_new_columns(self) -> None:
        drift = drift_between(profile(AGE, PLAN), [AGE], 1000, columns=["age", "extra"])
        assert (drift.missing, drift.new, drift.outcome) == (("plan",), ("extra",), "fail")

    def test_the_total(self) -> None:
        moved = replace(PLAN, categories={"basic": 300, "pro": 700})
        drift = drift_between(profile(AGE, PLAN), [AGE, moved], 1000)
        psi = drift.features[1].psi
        assert psi is not None and drift.total == pytest.approx(psi / 2)
        assert (drift.status, drift.counted("STABLE"), drift.counted("HIGH DRIFT")) == ("HIGH DRIFT", 1, 1)

    def test_limits_of_single_features(self) -> None:
        moved = replace(PLAN, categories={"basic": 300, "pro": 700})
        assert drift_between(profile(PLAN), [moved], 1000, limits={"plan": DriftLimit(5)}).outcome == "pass"
        assert drift_between(profile(PLAN), [moved], 1000).outcome == "fail"

    def test_nothing_to_compare_decides_nothing(self) -> None:
        assert drift_between(profile(), [], 1000).outcome == "inconclusive"
        text = Feature(name="note", type="string", other=1000)
        assert drift_between(profile(text), [text], 1000).outcome == "inconclusive"


def test_days_are_told_as_days() -> None:
    days = Feature(name="day", type="datetime", edges=(0.0, 86_400.0, 1e20), counts=(1, 2, 3, 4))
    labels = [each.label for each in feature_drift(days, days, LIMIT).bins]
    assert labels == [
        "up to 1970-01-01 00:00",
        "1970-01-01 00:00 to 1970-01-02 00:00",
        "1970-01-02 00:00 to 1e+20",
        "above 1e+20",
    ]

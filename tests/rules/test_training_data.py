"""Training data: its age, its dates, its pins."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from snitch.rules.training_data import ImpossibleTrainingWindow, StaleTrainingData, UnpinnedTrainingData

from snitch.finding import Due
from tests.judging import BENCHMARK, MANIFEST, SPOTLESS, TODAY, digest, edit, findings, judgement, without

END = date(2026, 8, 31)
ENTRY = (
    f'    - {{name: subscribers, revision: "{digest("training")}", start: 2026-06-01, end: 2026-08-31, rows: 18000}}\n'
)


def entries(*lines: str) -> dict[str, bytes | str]:
    return edit(SPOTLESS, MANIFEST, ENTRY, "".join(f"    - {line}\n" for line in lines))


class TestStaleTrainingData:
    RULE = StaleTrainingData(max_age="30d")

    def test_one_day_too_old(self) -> None:
        (finding,) = findings(self.RULE, SPOTLESS, today=END + timedelta(days=31))
        assert (finding.path, finding.pointer, finding.line) == (MANIFEST, "/training/data/0/end", 17)
        assert finding.message == "the training data ends on 2026-08-31, 31 days ago; the limit is 30d"

    def test_on_the_last_day_it_passes_and_tomorrow_is_due(self) -> None:
        found = judgement(self.RULE, SPOTLESS, today=END + timedelta(days=30))
        assert not found.findings
        (due,) = found.due
        assert isinstance(due, Due)
        assert (due.on, due.message) == (date(2026, 10, 1), "its training data goes stale")

    def test_the_newest_decides(self) -> None:
        files = entries("{name: old, revision: x, end: 2020-01-01}", "{name: new, revision: x, end: 2026-11-19}")
        assert not findings(self.RULE, files)

    def test_it_points_at_the_newest(self) -> None:
        files = entries("{name: old, revision: x, end: 2020-01-01}", "{name: new, revision: x, end: 2026-01-01}")
        (finding,) = findings(self.RULE, files)
        assert finding.pointer == "/training/data/1/end"

    @pytest.mark.parametrize(("age", "stale"), [("11w", True), ("12w", False), ("2880h", False), ("1m", True)])
    def test_units(self, age: str, stale: bool) -> None:
        assert bool(findings(StaleTrainingData(max_age=age), SPOTLESS)) == stale

    def test_without_a_limit_it_does_not_apply(self) -> None:
        assert [s.reason for s in judgement(StaleTrainingData(), SPOTLESS).skipped] == ["no max_age is set"]

    def test_an_age_beyond_the_calendar_is_never_reached(self) -> None:
        found = judgement(StaleTrainingData(max_age="999999w"), SPOTLESS)
        assert not found.findings
        assert not found.due

    @pytest.mark.parametrize("line", ["{name: a, revision: x}", "{name: a, revision: x, end: null}"])
    def test_without_an_end_nothing_is_known(self, line: str) -> None:
        (finding,) = findings(self.RULE, entries(line))
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")

    def test_one_entry_without_an_end_could_be_the_newest(self) -> None:
        files = entries("{name: a, revision: x, end: 2026-11-01}", "{name: b, revision: x}")
        assert [f.rule for f in findings(self.RULE, files)] == ["SNT003"]


class TestImpossibleTrainingWindow:
    RULE = ImpossibleTrainingWindow()

    @pytest.mark.parametrize(
        ("line", "pointer"),
        [
            ("{name: a, end: 2026-11-21}", "/training/data/0/end"),
            ("{name: a, start: 2027-01-01}", "/training/data/0/start"),
            ("{name: a, start: 2026-08-02, end: 2026-08-01}", "/training/data/0/start"),
        ],
    )
    def test_dates_that_cannot_be(self, line: str, pointer: str) -> None:
        files = without(entries(line), BENCHMARK)
        (finding,) = findings(self.RULE, files)
        assert (finding.path, finding.pointer) == (MANIFEST, pointer)

    @pytest.mark.parametrize("line", ["{name: a, end: 2026-11-20}", "{name: a, start: 2026-08-01, end: 2026-08-01}"])
    def test_dates_that_can_just_be(self, line: str) -> None:
        assert not findings(self.RULE, without(entries(line), BENCHMARK))

    def test_training_on_the_first_day_of_a_temporal_benchmark(self) -> None:
        (finding,) = findings(self.RULE, entries("{name: a, end: 2026-09-01}"))
        assert finding.message.startswith("training data a ends on 2026-09-01, but churn-holdout 2026.10 begins on")

    def test_training_until_the_day_before(self) -> None:
        assert not findings(self.RULE, entries("{name: a, end: 2026-08-31}"))

    def test_a_random_split_may_overlap(self) -> None:
        files = edit(entries("{name: a, end: 2026-09-15}"), BENCHMARK, "split: temporal", "split: random")
        assert not findings(self.RULE, files)

    def test_nothing_recorded_is_another_rules(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "  data:\n" + ENTRY, "")
        assert [s.reason for s in judgement(self.RULE, files).skipped] == ["no training data is recorded"]

    def test_the_day_is_the_runs(self) -> None:
        assert not findings(self.RULE, SPOTLESS, today=TODAY)
        assert findings(self.RULE, SPOTLESS, today=date(2026, 8, 30))


class TestUnpinnedTrainingData:
    RULE = UnpinnedTrainingData()

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("{name: a, end: 2026-08-31}", "training data a has no revision"),
            ("{name: a, revision: '', end: 2026-08-31}", "training data a has no revision"),
            ("{name: a, revision: x}", "training data a has no end date"),
            ("{name: a}", "training data a has no revision and no end date"),
        ],
    )
    def test_a_pin_is_missing(self, line: str, message: str) -> None:
        (finding,) = findings(self.RULE, entries(line))
        assert (finding.path, finding.pointer, finding.line) == (MANIFEST, "/training/data/0", 17)
        assert finding.message == message

    def test_each_entry_is_told(self) -> None:
        found = findings(self.RULE, entries("{name: a, revision: x}", "{name: b, end: 2026-01-01}"))
        assert [finding.key for finding in found] == ["a", "b"]
        assert len({finding.fingerprint for finding in found}) == 2

    def test_no_training_data_at_all(self) -> None:
        (finding,) = findings(self.RULE, edit(SPOTLESS, MANIFEST, "  data:\n" + ENTRY, ""))
        assert (finding.message, finding.line) == ("no training data is recorded", 12)

    def test_pinned(self) -> None:
        assert not findings(self.RULE, SPOTLESS)

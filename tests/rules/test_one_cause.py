"""One finding a cause: all rules about evaluations and training data together tell of one fault once."""

from __future__ import annotations

from typing import Any

import pytest

from snitch.pointer import write_pointer
from tests.judging import BENCHMARK, DATA, EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, digest, edit, without
from tests.rules.measured import DEPLOYED, record, redefined, scoring, scoring_slice
from tests.rules.ruled import judged

FAULTS: dict[str, tuple[Files, Files, str]] = {
    "regressed": (scoring(SPOTLESS, 0.85), DEPLOYED, "REG001"),
    "below the floor": (scoring(SPOTLESS, 0.45), scoring(DEPLOYED, 0.45), "REG002"),
    "slice regressed": (scoring_slice(SPOTLESS, 0.8), DEPLOYED, "REG003"),
    "slice dropped": (record(SPOTLESS, lambda data: data["slices"].pop()), DEPLOYED, "REG004"),
    "split it": (redefined(edit(SPOTLESS, BENCHMARK, "target: churned", "target: left")), DEPLOYED, "REG005"),
    "no deployed record": (SPOTLESS, without(DEPLOYED, EVALUATION), "REG005"),
    "bad deployed record": (SPOTLESS, {**DEPLOYED, EVALUATION: "{"}, "REG005"),
    "bad deployed score": (SPOTLESS, scoring(DEPLOYED, float("nan")), "REG005"),
    "perfect": (scoring(SPOTLESS, 1.0), DEPLOYED, "REG006"),
    "no evaluation": (without(SPOTLESS, EVALUATION), DEPLOYED, "BEN001"),
    "stale": (edit(SPOTLESS, EVALUATION, DATA, digest("old")), DEPLOYED, "BEN002"),
    "foreign": ({**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("new"), 3)}, DEPLOYED, "BEN003"),
    "not a number": (scoring(SPOTLESS, float("nan")), DEPLOYED, "BEN004"),
    "metric missing": (record(SPOTLESS, lambda data: data["metrics"].pop(0)), DEPLOYED, "BEN005"),
    "slices missing": (record(SPOTLESS, lambda data: data["slices"].clear()), DEPLOYED, "BEN005"),
    "expired": (edit(SPOTLESS, BENCHMARK, "expires: 2027-03-31", "expires: 2026-11-01"), DEPLOYED, "BEN006"),
    "contradiction": (scoring(SPOTLESS, 0.92), SPOTLESS, "BEN010"),
    "malformed": (record(SPOTLESS, lambda data: data.update(extra=1)), DEPLOYED, "BEN011"),
    "twice": (record(SPOTLESS, lambda data: data["metrics"].append(data["metrics"][0])), DEPLOYED, "BEN011"),
    "another model's": (edit(SPOTLESS, EVALUATION, '"name": "churn"', '"name": "fraud"'), DEPLOYED, "BEN011"),
    "old data": (edit(SPOTLESS, MANIFEST, "start: 2026-06-01, end: 2026-08-31", "end: 2025-08-31"), DEPLOYED, "DAT001"),
    "overlap": (edit(SPOTLESS, MANIFEST, "end: 2026-08-31", "end: 2026-09-01"), DEPLOYED, "DAT002"),
    "no end": (edit(SPOTLESS, MANIFEST, ", end: 2026-08-31", ""), DEPLOYED, "DAT003"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_finding(fault: str) -> None:
    files, deployed, code = FAULTS[fault]
    assert [each.rule for each in judged(files, deployed)] == [code]


def test_nothing_of_the_spotless() -> None:
    assert judged(SPOTLESS, DEPLOYED) == judged(SPOTLESS, SPOTLESS) == []


def test_each_fault_of_a_benchmark_that_is_not_valid_is_told_once_more_as_undecidable() -> None:
    """Rules about models cannot know what a rule about the repository tells: they say what they could not judge."""
    found: list[Any] = judged(edit(SPOTLESS, BENCHMARK, "id: customer_id\n", ""), DEPLOYED)
    assert sorted({each.rule for each in found}) == ["BEN009", "SNT003"]
    assert len(found) == 2

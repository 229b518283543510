"""Values that no model can have scored, as they are told."""

from __future__ import annotations

import pytest
from snitch.rules.evaluation import ForeignWeights, InvalidMetric
from snitch.rules.regression import MetricRegressed

from snitch.soundness import spelled
from tests.judging import EVALUATION, SPOTLESS, WEIGHTS, digest, findings
from tests.rules.measured import DEPLOYED, record, scoring


def test_whoever_cannot_compare_a_value_says_which_and_why() -> None:
    [found] = findings(MetricRegressed(), scoring(SPOTLESS, 1.5), DEPLOYED)
    assert found.message == f"cannot judge REG001: {EVALUATION}: roc_auc is 1.5, outside its range of 0 to 1"


def test_an_interval_of_one_point_is_not_swapped() -> None:
    interval = {"lower_bound": 0.9, "upper_bound": 0.9, "level": 0.95}
    files = record(SPOTLESS, lambda data: data["metrics"][0].update(confidence_interval=interval))
    [found] = findings(InvalidMetric(), files)
    assert found.message == "roc_auc is 0.913, outside its own confidence interval of 0.9 to 0.9"


@pytest.mark.parametrize(("length", "shown"), [(58, 60), (59, 60)])
def test_a_long_value_is_shortened(length: int, shown: int) -> None:
    text = spelled("x" * length)
    assert len(text) == shown
    assert text.endswith("…") is (length > 58)


@pytest.mark.parametrize(("count", "ending"), [(4, "weights d is not of the model"), (5, "and 1 more")])
def test_a_handful_of_other_weights_are_named(count: int, ending: str) -> None:
    weights = {"model.skops": WEIGHTS, **{f"weights {name}": digest(name) for name in "abcde"[:count]}}
    [found] = findings(ForeignWeights(), record(SPOTLESS, lambda data: data["model"].update(weights=weights)))
    assert found.message.endswith(f"; {ending}")

"""Groups of people that a model treats differently."""

from __future__ import annotations

from typing import Any

import fairlearn.metrics
import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from snitch.rules.fairness import UnfairGap

from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, edit_json, judgement, without
from tests.rules.answered import Files, customers, repository, scored

PROTECTED = "protected: [age_band]\n"
PARITY = {"metrics": {"demographic_parity_difference": 0.1}}


def harsh(data: pd.DataFrame, share: float, band: str = "60 and over") -> pd.DataFrame:
    """Answers that flag a share of one band more than of the others, who are flagged in one case of five."""
    draws = np.random.default_rng(5).random(len(data))
    flagged = draws < np.where(data["age_band"] == band, 0.2 + share, 0.2)
    return pd.DataFrame({"customer_id": data["customer_id"], "prediction": flagged.astype(int), "score": draws})


def judged(files: Files, options: dict[str, Any] | None = None, **more: Any) -> Judgement:
    rule = msgspec.convert(PARITY if options is None else options, UnfairGap)
    return judgement(rule, files, gate=gate_of(), **more)


def test_a_gap_beyond_the_limit() -> None:
    data = customers(1500)
    answers = harsh(data, 0.3)
    [found] = judged(repository(data, answers, more=PROTECTED)).findings
    expected = fairlearn.metrics.demographic_parity_difference(
        data["churned"], answers["prediction"], sensitive_features=data["age_band"]
    )
    assert found.message == f"demographic_parity_difference by age_band is {expected:.6g}, above the limit of 0.1"
    assert (found.rule, found.outcome, found.role, found.pointer) == ("REG007", "fail", "churn-holdout", "/predictions")
    assert found.measured is not None and found.measured.value == pytest.approx(expected)
    rates = answers.groupby(data["age_band"])["prediction"].agg(["mean", "size"]).sort_values("mean")
    (low, (least, few)), (high, (most, many)) = (next(rates.iloc[[at]].iterrows()) for at in (0, -1))
    assert found.notes[0] == (
        f"selection_rate: {most:.6g} of {high} (n = {many:.0f}) and {least:.6g} of {low} (n = {few:.0f})"
    )
    assert found.notes[1].startswith("on churn-holdout 2026.10; 95 % interval 0.2")


def test_a_gap_that_noise_may_have_made() -> None:
    data = customers(150)
    [found] = judged(repository(data, harsh(data, 0.2), more=PROTECTED)).findings
    assert found.outcome == "inconclusive"
    assert found.message.endswith("above the limit of 0.1, but too uncertain to tell")
    lower, upper = (float(part) for part in found.notes[1].rpartition("interval ")[2].split(" to "))
    assert lower <= 0.1 < found.measured.value < upper  # type: ignore[union-attr]


def test_the_order_of_the_rows_draws_no_other_resamples() -> None:
    data = customers(150)
    answers = harsh(data, 0.2)
    [plain] = judged(repository(data, answers, more=PROTECTED)).findings
    shuffled = np.random.default_rng(0).permutation(len(data))
    [again] = judged(repository(data, answers.iloc[shuffled], more=PROTECTED)).findings
    assert again.notes == plain.notes
    [again] = judged(repository(data.iloc[shuffled], answers, more=PROTECTED)).findings
    assert again.notes == plain.notes


def test_even_treatment() -> None:
    data = customers(1500)
    assert judged(repository(data, harsh(data, 0), more=PROTECTED)) == Judgement(model="churn", version="1.4.0")


def test_exactly_at_the_limit() -> None:
    """40 of 100 and 30 of 100: in floating-point numbers that is more than 0.1."""
    data = customers(200).assign(age_band=["a", "b"] * 100)
    flagged = np.r_[np.tile([1, 1], 30), np.tile([1, 0], 10), np.zeros(120, int)]
    files = repository(data, data[["customer_id"]].assign(prediction=flagged), more=PROTECTED)
    assert not judged(files).findings
    assert judged(files, {"metrics": {"demographic_parity_difference": 0.0999}}).findings
    assert not judged(files, {"metrics": {"demographic_parity_ratio": 0.75}}).findings
    [found] = judged(files, {"metrics": {"demographic_parity_ratio": 0.7501}}).findings
    assert found.message.startswith("demographic_parity_ratio by age_band is 0.75, below the limit of 0.7501")
    assert found.measured is not None and not found.measured.greater_is_worse


def test_a_ratio_has_a_floor() -> None:
    data = customers(1500)
    options = {"metrics": {"equalized_odds_ratio": 0.8, "equal_opportunity_ratio": 0.1}}
    [found] = judged(repository(data, harsh(data, 0.3), more=PROTECTED), options).findings
    assert found.outcome == "fail"
    assert found.key == "equalized_odds_ratio by age_band"


def test_regression_on_real_data() -> None:
    features, progression = load_diabetes(return_X_y=True, as_frame=True)
    half = features["sex"] > 0
    model = LinearRegression().fit(features[half], progression[half])
    ids = [f"p{at:03}" for at in range(len(features))]
    data = pd.DataFrame({"customer_id": ids, "churned": progression, "sex": np.where(half, "one", "other")})
    answers = pd.DataFrame({"customer_id": ids, "prediction": model.predict(features)})
    edits = {
        "positive_label: 1\n": "",
        "[roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]": "[mean_absolute_error]",
        "slices: [plan]\n": "protected: [sex]\n",
    }
    files = repository(data, answers, task="regression", edits=edits)
    errors = {
        name: mean_absolute_error(data["churned"][data["sex"] == name], answers["prediction"][data["sex"] == name])
        for name in ("one", "other")
    }
    expected = abs(errors["one"] - errors["other"])
    options = {"metrics": {"mean_absolute_error_difference": round(expected, 3) + 0.001}}
    assert not judged(files, options).findings
    [found] = judged(files, {"metrics": {"mean_absolute_error_difference": 0.5}}).findings
    assert found.message.startswith(f"mean_absolute_error_difference by sex is {expected:.6g}, above the limit of 0.5")
    assert found.outcome == "fail"
    assert judged(files, PARITY).skipped[0].reason.endswith("or none of a task that a limit is for")
    assert not judged(files, {"metrics": {**options["metrics"], **PARITY["metrics"]}}).findings


def test_arguments_are_those_of_the_benchmark() -> None:
    data = customers(1500)
    [found] = judged(repository(data, harsh(data, 0.3), more=PROTECTED), {"metrics": {"recall_difference": 0}}).findings
    assert found.message.startswith("recall_difference(threshold=0.42) by age_band is ")


def test_a_metric_that_cannot_be_computed_is_no_pass() -> None:
    data = customers()
    files = repository(data, scored(data), more=PROTECTED)
    [found] = judged(files, {"metrics": {"bleu_difference": 0.1}}).findings
    assert (found.rule, found.outcome) == ("REG007", "inconclusive")
    assert found.message.startswith("bleu_difference by age_band is not known: ")


def test_small_groups_are_told_of() -> None:
    data = customers(300)
    data.loc[:9, "age_band"] = "under 18"
    data.loc[10:29, "age_band"] = None
    files = repository(data, scored(data), more=PROTECTED)
    result = judged(files, {"metrics": {"demographic_parity_difference": 0.5}, "min_rows": 21})
    [note] = result.notes
    left_out = "groups by age_band on churn-holdout that are left out, with fewer examples than min_rows, 21"
    assert note == f"{left_out}: null (20), under 18 (10)"
    assert not result.findings
    [found] = judged(files, {**PARITY, "min_rows": 200}).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "fewer than two have 200 examples" in found.message


def test_columns_of_the_policy() -> None:
    data = customers(1500)
    files = repository(data, harsh(data, 0.3))
    assert judged(files).skipped[0].reason == (
        "no benchmark of the model has a protected column, or none of a task that a limit is for"
    )
    [found] = judged(files, {**PARITY, "columns": ["age_band"]}).findings
    assert found.outcome == "fail"
    [found] = judged(files, {**PARITY, "columns": ["height"]}).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "has no column `height`" in found.message


def test_too_many_groups() -> None:
    data = customers(400)
    [found] = judged(
        repository(data, scored(data), more="protected: [customer_id]\n"), {**PARITY, "min_rows": 1}
    ).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "there are 400 groups; at most 50 are compared" in found.message


def test_without_predictions() -> None:
    [found] = judged(repository(customers(), None, more=PROTECTED)).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "records no predictions" in found.message


def test_without_an_evaluation() -> None:
    files = without(repository(customers(), None, more=PROTECTED), EVALUATION)
    [found] = judged(files).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "there is no evaluation on churn-holdout" in found.message


def test_a_column_that_the_data_lack() -> None:
    [found] = judged(repository(customers(), scored(customers()), more="protected: [height]\n")).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "the data has no column `height`" in found.message


def test_predictions_that_answer_another_benchmark() -> None:
    data = customers()
    [found] = judged(repository(data, scored(data)[1:], more=PROTECTED)).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    files = repository(data, scored(data), more=PROTECTED)
    [found] = judged(
        edit_json(files, EVALUATION, lambda record: record["dataset"].update(definition="sha256:" + "0" * 64))
    ).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_no_limit_no_rule() -> None:
    assert judged(repository(customers(), None, more=PROTECTED), {}).skipped[0].reason == (
        "the policy sets no limit for a gap between groups"
    )
    assert BENCHMARK in repository(customers(), None)


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ({"demographic_parity_diference": 0.1}, "did you mean demographic_parity_difference"),
        ({"roc_auc": 0.1}, "no gap that is known"),
        ({"equalized_odds_ratio": 1.1}, "from 0 to 1"),
        ({"recall_difference": -0.1}, "from 0 to 1"),
        ({"recall_difference": float("nan")}, "from 0 to 1"),
        ({"demographic_parity_difference": 3}, "from 0 to 1"),
        ({"matthews_corrcoef_difference": 2.1}, "from 0 to 2"),
        ({"mean_absolute_error_difference": -1}, "0 or more"),
    ],
)
def test_limits_that_are_none(metrics: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        UnfairGap(metrics=metrics)


def test_a_gap_has_the_bounds_of_what_it_is_of() -> None:
    UnfairGap(metrics={"matthews_corrcoef_difference": 2, "mean_absolute_error_difference": 300})

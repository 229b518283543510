"""Answers that are no longer those of the deployed model."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression
from snitch.rules.shift import PredictionShift

from snitch.finding import Skip
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import EVALUATION, edit_json, judgement
from tests.rules.answered import Files, customers, repository, scored
from tests.rules.measured import weighing

DATA = customers(600)
LIMITS = {"max_psi": 0.25, "max_distance": 0.2, "max_flipped": 0.05}


def deployed(data: pd.DataFrame, answers: pd.DataFrame | None, **more: Any) -> Files:
    return weighing(repository(data, answers, **more), "older weights", "1.3.2")


def moved(by: float) -> pd.DataFrame:
    """The answers with every score nearer to 1."""
    answers = scored(DATA)
    return answers.assign(score=answers["score"] ** (1 / (1 + by)))


def judged(files: Files, against: Any, options: dict[str, Any] | None = None) -> Judgement:
    return judgement(
        msgspec.convert(LIMITS if options is None else options, PredictionShift), files, against, gate=gate_of()
    )


def test_the_same_answers() -> None:
    result = judged(repository(DATA, scored(DATA)), deployed(DATA, scored(DATA)))
    assert not result.findings and not result.notes and not result.skipped


def test_scores_that_moved() -> None:
    result = judged(repository(DATA, moved(2)), deployed(DATA, scored(DATA)))
    psi, distance = result.findings
    assert psi.message.startswith("PSI of the score is ") and psi.message.endswith(": HIGH DRIFT; the limit is 0.25")
    assert distance.message.startswith("Jensen-Shannon distance of the score is ")
    assert (psi.rule, psi.severity, psi.outcome, psi.role) == ("REG009", "warning", "fail", "churn-holdout")
    assert (psi.path, psi.pointer, psi.deployed and psi.deployed.label) == (
        EVALUATION,
        "/predictions",
        "deployed 1.3.2",
    )
    assert psi.measured is not None and f"PSI {psi.measured.value:.3g} HIGH DRIFT (limit 0.25)" in psi.notes[1]
    assert psi.notes[0] == "on churn-holdout 2026.10, n = 600"
    assert psi.notes[2] == "share of flipped decisions: 0 (limit 0.05)"


def test_a_moderate_drift_within_the_limit_is_told_of() -> None:
    result = judged(repository(DATA, moved(0.25)), deployed(DATA, scored(DATA)), {"max_psi": 0.25})
    assert not result.findings
    [note] = result.notes
    assert note.startswith("PSI of the score on churn-holdout is 0.1") and note.endswith(": MODERATE DRIFT")
    [found] = judged(repository(DATA, moved(0.25)), deployed(DATA, scored(DATA)), {"max_psi": 0.1}).findings
    assert found.message.endswith(": MODERATE DRIFT; the limit is 0.1")


def test_decisions_that_flip_with_the_weights_unchanged() -> None:
    """Another threshold is enough; exactly at the limit passes."""
    answers = scored(DATA)
    flipped = answers.assign(prediction=np.where(answers.index < 30, 1 - answers["prediction"], answers["prediction"]))
    files, against = repository(DATA, flipped), repository(DATA, answers)
    assert not judged(files, against).findings
    [found] = judged(files, against, {"max_flipped": 0.049}).findings
    assert found.message == "share of flipped decisions is 0.05; the limit is 0.049"


def test_two_real_models() -> None:
    features, benign = load_breast_cancer(return_X_y=True)
    data = pd.DataFrame({"customer_id": [f"p{at:03}" for at in range(len(benign))], "churned": benign, "plan": "basic"})

    def answers(columns: slice) -> pd.DataFrame:
        model = LogisticRegression(max_iter=50).fit(features[::2, columns], benign[::2])
        score = model.predict_proba(features[:, columns])[:, 1]
        return data[["customer_id"]].assign(prediction=(score >= 0.5).astype(int), score=score)

    one, other = answers(slice(2)), answers(slice(2, 4))
    share = float((one["prediction"] != other["prediction"]).mean())
    files, against = repository(data, one), deployed(data, other)
    assert not judged(files, against, {"max_flipped": share + 0.001}).findings
    [found] = judged(files, against, {"max_flipped": share - 0.001}).findings
    assert found.measured is not None and found.measured.value == pytest.approx(share)


def test_a_regression_on_real_data() -> None:
    features, progression = load_diabetes(return_X_y=True)
    data = pd.DataFrame(
        {"customer_id": [f"p{at:03}" for at in range(len(features))], "churned": progression, "plan": "x"}
    )
    edits = {"positive_label: 1\n": "", "[roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]": "[r2]"}
    one, other = (
        data[["customer_id"]].assign(prediction=LinearRegression().fit(chosen, progression).predict(chosen))
        for chosen in (features, features[:, :3])
    )
    files, against = (
        make(data, each, task="regression", edits=edits) for make, each in ((repository, one), (deployed, other))
    )
    share = float(((one["prediction"] - other["prediction"]).abs() > 0.2 * other["prediction"].abs()).mean())
    [found] = judged(files, against, {"max_flipped": round(share, 4) - 0.001, "moved_by": "20%"}).findings
    assert found.message.startswith(f"share of predictions moved by more than 20% is {share:.6g}")


def test_what_is_not_there() -> None:
    data = repository(DATA, scored(DATA))
    for files, against, reason in (
        (repository(DATA, None), deployed(DATA, scored(DATA)), "records no predictions"),
        (data, deployed(DATA, None), "records no predictions"),
        (
            data,
            deployed(DATA, scored(DATA)[1:]),
            "the deployed model's predictions: the predictions lack the id `c00000`",
        ),
        (repository(DATA, scored(DATA)[1:]), deployed(DATA, scored(DATA)), "lack the id"),
        (repository(DATA, scored(DATA).drop(columns="prediction")), deployed(DATA, scored(DATA)), "has no predictions"),
        (
            repository(DATA, scored(DATA).drop(columns="score")),
            deployed(DATA, scored(DATA)),
            "this one leaves them out",
        ),
    ):
        [found] = judged(files, against, {"max_flipped": 0}).findings
        assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
        assert reason in found.message


def test_where_it_does_not_apply() -> None:
    files = repository(DATA, scored(DATA))
    assert judged(files, files, {}).skipped[0].reason == "the policy sets no limit for how far answers may move"
    assert judged(files, Skip("first release")).skipped[0].reason == "first release"
    other = edit_json(files, EVALUATION, lambda record: record["dataset"].update(revision="sha256:" + "0" * 64))
    assert judged(files, other).skipped[0].reason == "there is no benchmark that both models were measured on"

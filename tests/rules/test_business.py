"""What the policy asks of a model's answers as a whole."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from snitch.rules.business import BusinessRuleBroken

from snitch.finding import Skip, Undecidable
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import EVALUATION, edit_json, judgement, without
from tests.rules.answered import Files, customers, repository, scored
from tests.rules.measured import weighing

DATA = customers(300).assign(month=np.where(np.arange(300) % 2, "2026-10", "2026-09"))
ANSWERS = scored(DATA)
FLAGGED = float(ANSWERS["prediction"].mean())


def judged(files: Files, *against: Any, **expressions: Any) -> Judgement:
    named = {name.replace("_", "-"): text for name, text in expressions.items()}
    rule = msgspec.convert({"expressions": named}, BusinessRuleBroken)
    return judgement(rule, files, *against, gate=gate_of())


def test_the_rules_of_a_business() -> None:
    """A share, a score for every one of some, a total beside last month's: one process for all."""
    files = repository(DATA, ANSWERS)
    totals = ANSWERS["prediction"].groupby(DATA["month"]).sum()
    change = abs(totals["2026-10"] / totals["2026-09"] - 1)
    total = "sum(prediction) FILTER (WHERE month = (SELECT {}(month) FROM examples))"
    moved = f"abs({total.format('max')} / {total.format('min')} - 1) <= {{}}"
    result = judged(
        files,
        few_flagged="avg(prediction) <= 0.05",
        many_flagged=f"avg(prediction) <= {FLAGGED + 0.01}",
        premium_scored="count(*) FILTER (WHERE plan = 'pro' AND score IS NULL) = 0",
        steady=moved.format(change + 0.001),
        steadier=moved.format(change - 0.001),
    )
    flagged, steadier = result.findings
    assert flagged.message == "few-flagged is not so: `avg(prediction) <= 0.05`"
    assert flagged.notes == (f"avg(prediction) is {FLAGGED:.6g}", "on churn-holdout 2026.10, n = 300")
    assert (flagged.rule, flagged.severity, flagged.outcome) == ("REG010", "error", "fail")
    assert (flagged.path, flagged.pointer, flagged.role) == (EVALUATION, "/predictions", "churn-holdout")
    assert steadier.key == "steadier" and steadier.notes[0].endswith(f"is {change:.6g}")


def test_a_score_that_is_missing() -> None:
    """Who has none is found by asking for it; an average of the rest says nothing."""
    answers = ANSWERS.assign(score=ANSWERS["score"].where(ANSWERS.index != 5))
    plan = DATA["plan"][5]
    other = {"pro": "basic", "basic": "pro"}[plan]
    scored, unscored, average = (
        "count(*) FILTER (WHERE plan = '{}' AND score IS NULL) = 0",
        "count(*) FILTER (WHERE plan = '{}' AND score IS NULL) = 0",
        "avg(score) < 2",
    )
    result = judged(
        repository(DATA, answers), scored=scored.format(other), unscored=unscored.format(plan), average=average
    )
    assert [(found.key, found.outcome) for found in result.findings] == [
        ("unscored", "fail"),
        ("average", "inconclusive"),
    ]
    assert "`score` is missing in 1 examples" in result.findings[1].message
    result = judged(repository(DATA, ANSWERS[1:]), all_scored="count(*) FILTER (WHERE score IS NULL) = 0")
    assert [(found.key, found.outcome) for found in result.findings] == [("all-scored", "fail")]


def test_a_real_model_beside_another() -> None:
    features, benign = load_breast_cancer(return_X_y=True)
    data = pd.DataFrame({"customer_id": [f"p{at:03}" for at in range(len(benign))], "churned": benign, "plan": "x"})
    one, other = (
        data[["customer_id"]].assign(
            prediction=LogisticRegression(max_iter=50).fit(chosen[::2], benign[::2]).predict(chosen)
        )
        for chosen in (features[:, :2], features[:, 2:4])
    )
    flips = int((one["prediction"] != other["prediction"]).sum())
    against = weighing(repository(data, other), "older weights", "1.3.2")
    expression = "count(*) FILTER (WHERE prediction <> deployed_prediction) < {}"
    result = judged(repository(data, one), against, few=expression.format(flips), more=expression.format(flips + 1))
    assert [(found.key, found.outcome) for found in result.findings] == [("few", "fail")]


def test_the_deployed_models_answers_may_not_be_there() -> None:
    files = repository(DATA, ANSWERS)
    compared = {"alike": "bool_and(prediction = deployed_prediction)"}
    result = judged(files, Skip("first release"), **compared)
    assert not result.findings
    assert result.notes == ("not judged, for no model is deployed yet: alike",)
    [found] = judged(files, Undecidable("the deployed branch is not here"), **compared).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    [found] = judged(files, weighing(repository(DATA, None), "older"), **compared).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "records no predictions" in found.message
    twice = pd.concat([ANSWERS, ANSWERS[:1]])
    [found] = judged(files, weighing(repository(DATA, twice), "older"), **compared).findings
    assert "the deployed model's predictions: the predictions hold the id `c00000` more than once" in found.message
    other = edit_json(files, EVALUATION, lambda record: record["dataset"].update(revision="sha256:" + "0" * 64))
    [found] = judged(files, weighing(other, "older"), **compared).findings
    assert (found.rule, found.outcome) == ("REG010", "inconclusive")
    assert "deployed_prediction" in found.message


def test_what_cannot_be_evaluated_is_no_pass() -> None:
    result = judged(repository(DATA, ANSWERS), each="prediction = 1", read="(SELECT count(*) FROM '/etc/passwd') > 0")
    assert [(found.rule, found.outcome) for found in result.findings] == [("REG010", "inconclusive")] * 2
    assert result.findings[0].message.startswith("nobody knows whether each is so, `prediction = 1`: it is true or")
    for answers, reason in (
        (None, "records no predictions"),
        (pd.concat([ANSWERS, ANSWERS[:1]]), "more than once"),
        (ANSWERS.assign(customer_id=[f"x{at}" for at in range(300)]), "which the benchmark has not"),
    ):
        [found] = judged(repository(DATA, answers), few="avg(prediction) <= 1").findings
        assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
        assert reason in found.message


def test_benchmarks_of_a_rule() -> None:
    files = repository(DATA, ANSWERS)
    elsewhere = {"expression": "max(height) > 2", "benchmarks": ["other"]}
    assert judged(files, few=elsewhere).skipped[0].reason == "no business rule is about a benchmark of the model"
    [found] = judged(files, few={"expression": "avg(prediction) > 1", "benchmarks": ["churn-holdout"]}).findings
    assert found.outcome == "fail"
    [found] = judged(without(files, EVALUATION), few="avg(prediction) <= 1").findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "there is no evaluation on churn-holdout" in found.message


def test_no_rule_of_the_business() -> None:
    assert judged(repository(DATA, None)).skipped[0].reason == "the policy names no business rule"


@pytest.mark.parametrize(
    "options",
    [
        {"expressions": {"few": " "}},
        {"expressions": {"few": "a\0b"}},
        {"expressions": {"few": ""}},
        {"expressions": {"few": "1" * 4001}},
        {"expressions": {"Few flagged": "1"}},
        {"expressions": {"few": {"expression": "1", "benchmark": "b"}}},
        {"expressions": {"few": 1}},
        {"expressions": {f"r{at}": "1" for at in range(101)}},
        {"max_time": 0},
    ],
)
def test_options_that_are_none(options: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, BusinessRuleBroken)

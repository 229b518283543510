"""Drops that the gate tests on the examples: overall and of slices."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from snitch.rules.regression import MetricRegressed
from snitch.rules.slices import SliceRegressed

from snitch.measuring.comparing import compare
from snitch.measuring.sample import Sample
from snitch.policy.layers import InvalidPolicy
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.policy.weakening import weaker
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import EVALUATION, edit_json, judgement, without
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table
from tests.rules.answered import DATA, PREDICTIONS, Files
from tests.rules.compared import answers, pair, shoppers

SMALL, LARGE = shoppers(600), shoppers(4000)
DEPLOYED = answers(LARGE)
WORSE = answers(LARGE, 1.9, 0.3, seed=2)


def regressed(files: tuple[Files, Files], gated: bool = True, **options: Any) -> Judgement:
    rule = msgspec.convert(options, MetricRegressed)
    return judgement(rule, *files, gate=gate_of() if gated else None)


def sliced(files: tuple[Files, Files], gated: bool = True, **options: Any) -> Judgement:
    rule = msgspec.convert(options, SliceRegressed)
    return judgement(rule, *files, gate=gate_of() if gated else None)


def allowing(**limits: Any) -> dict[str, Any]:
    """Limits of metrics; of those that are not named, ones that nothing breaks."""
    return {
        "metrics": {name: {"max_drop": limits.get(name, 0.5)} for name in ("roc_auc", "average_precision", "recall")}
    }


def as_sample(data: pd.DataFrame, predicted: pd.DataFrame) -> Sample:
    score = predicted["score"].to_numpy()
    return Sample(data["churned"].to_numpy() == 1, score >= 0.5, score)


def test_a_certain_drop_fails() -> None:
    result = regressed(pair(LARGE, WORSE, DEPLOYED), **allowing(roc_auc=0.005))
    [found] = result.findings
    expected = compare("roc_auc", {}, as_sample(LARGE, DEPLOYED), as_sample(LARGE, WORSE), "")
    [row, *_] = result.comparisons
    assert (row.type, row.outcome) == ("roc_auc", "fail")
    assert row.interval == pytest.approx((expected.lower, expected.upper))
    assert (found.outcome, found.rule) == ("fail", "REG001")
    low, high = (f"{abs(end):.4f}" for end in row.interval or ())
    assert found.notes == (
        f"both on churn-holdout 2026.10, n = 4000; 95 % interval of the difference −{low} to −{high}",
    )
    assert found.message.startswith("roc_auc fell 0.014")
    assert found.message.endswith("below the deployed model; the limit is 0.005")


def test_what_may_be_chance_is_not_decided() -> None:
    files = pair(SMALL, answers(SMALL, 1.9, 0.3, seed=2), answers(SMALL))
    result = regressed(files, **allowing(recall=0.005))
    [found] = result.findings
    assert (found.rule, found.outcome, found.severity) == ("REG001", "inconclusive", "error")
    assert found.message.endswith("the limit is 0.005, but that may be chance")
    assert found.notes[1].startswith("about ") and found.notes[1].endswith(" examples would decide")
    assert found.measured is not None and found.measured.greater_is_worse
    [row] = [each for each in result.comparisons if each.type == "recall"]
    assert row.outcome == "inconclusive"
    assert row.interval is not None and row.interval[0] < -0.005 < 0 < row.interval[1]


def test_within_the_limit_passes_and_has_an_interval() -> None:
    result = regressed(pair(LARGE, WORSE, DEPLOYED), **allowing())
    assert not result.findings
    assert {(row.outcome, row.interval is not None) for row in result.comparisons} == {("pass", True)}


def test_non_inferior_passes_what_is_shown() -> None:
    files = pair(LARGE, WORSE, DEPLOYED)
    strict: Any = {"mode": "non_inferior"}
    assert not regressed(files, **strict, **allowing(roc_auc=0.02)).findings
    [found] = regressed(files, **strict, **allowing(roc_auc=0.016)).findings
    assert found.outcome == "inconclusive"
    assert found.message.startswith("roc_auc may have fallen by 0.017")
    assert found.message.endswith("; the limit is 0.016")
    assert len(found.notes) == 2
    [found] = regressed(files, **strict, **allowing(roc_auc=0.01)).findings
    assert found.outcome == "fail"


def test_a_metric_may_have_a_mode_of_its_own() -> None:
    files = pair(LARGE, WORSE, DEPLOYED)
    limits: Any = {"metrics": {**allowing()["metrics"], "roc_auc": {"max_drop": 0.016, "mode": "non_inferior"}}}
    [found] = regressed(files, **limits).findings
    assert found.outcome == "inconclusive"
    result = regressed(files, mode="recorded", **allowing())
    assert {row.interval for row in result.comparisons} == {None}


def test_recorded_is_the_recorded_values_alone() -> None:
    files = pair(SMALL, answers(SMALL, 1.9, 0.3, seed=2), answers(SMALL))
    [found] = regressed(files, mode="recorded", **allowing(recall=0.005)).findings
    assert found.outcome == "fail"
    assert found.notes[0].endswith("no uncertainty known")


def test_a_loss_rises() -> None:
    data = SMALL.assign(churned=SMALL["known"] * 3)
    near, far = (
        pd.DataFrame({"customer_id": data["customer_id"], "prediction": data["churned"] + noise})
        for noise in np.random.default_rng(4).normal(size=(2, len(data))) * [[1.0], [1.3]]
    )
    # Regression has no slices here, and the labels are numbers.
    files = [_regression(data, each) for each in (far, near)]
    from tests.rules.measured import weighing

    result = regressed((files[0], weighing(files[1], "older weights", "1.3.2")), metrics={"mae": {"max_drop": "5%"}})
    [found], [row] = result.findings, result.comparisons
    assert (row.outcome, row.greater_is_better) == ("fail", False)
    assert row.interval is not None and row.interval[0] > 0
    assert found.message.startswith("mae rose 0.2")


@pytest.mark.parametrize("mode", ["tolerant", "non_inferior", "recorded"])
def test_of_the_worst_example_alone_no_uncertainty_is_known(mode: str) -> None:
    """No resample has a worse one: what is recorded decides, and nothing is shown."""
    from tests.rules.measured import weighing

    data = SMALL.assign(churned=SMALL["known"] * 3)
    near = pd.DataFrame({"customer_id": data["customer_id"], "prediction": data["churned"] + 1.0})
    far = near.assign(prediction=near["prediction"] + np.where(near.index == 3, 0.5, 0.0))
    worse, deployed = (_regression(data, each, metric="max_error") for each in (far, near))
    older = weighing(deployed, "older weights", "1.3.2")
    [found] = regressed((worse, older), mode=mode, metrics={"max_error": {"max_drop": 0.1}}).findings
    assert found.outcome == "fail"
    assert "no uncertainty known" in found.notes[0]
    within = regressed((worse, older), mode=mode, metrics={"max_error": {"max_drop": 0.6}})
    assert [each.interval for each in within.comparisons] == [None]
    assert [each.outcome for each in within.findings] == (["inconclusive"] if mode == "non_inferior" else [])


def _regression(data: pd.DataFrame, predicted: pd.DataFrame, order: Any = slice(None), metric: str = "mae") -> Files:
    """The predictions are written in another `order` of the rows."""
    from tests.rules.answered import repository

    errors = (data.sort_index()["churned"] - predicted["prediction"]).abs()
    value = float(errors.mean() if metric == "mae" else errors.max())
    predicted = predicted.iloc[order]
    edits = {
        "metrics: [roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]": f"metrics: [{metric}]",
        "positive_label: 1\n": "",
        "slices: [plan]\n": "",
    }
    files = repository(data, predicted, edits=edits, task="regression")
    change = {"metrics": [{"type": metric, "value": value}], "slices": []}
    return edit_json(files, EVALUATION, lambda record: record.update(change))


def test_before_the_gate_nothing_is_tested() -> None:
    files = pair(LARGE, WORSE, DEPLOYED)
    [found] = regressed(files, gated=False, **allowing(roc_auc=0.005)).findings
    assert found.outcome == "fail"
    assert found.notes[0].endswith("; the gate tests how certain that is")
    assert not regressed(files, gated=False, mode="non_inferior", **allowing(roc_auc=0.016)).findings


def test_a_slice_that_certainly_lost_fails() -> None:
    files = pair(LARGE, answers(LARGE, pro=0.6), DEPLOYED)
    result = sliced(files)
    assert {found.message.partition(" fell")[0] for found in result.findings} == {
        f"{metric} where plan=pro" for metric in ("roc_auc", "recall(threshold=0.42)")
    }
    assert {found.outcome for found in result.findings} == {"fail"}
    assert all(row.interval is not None for row in result.comparisons)
    assert not result.notes


def test_a_slice_whose_loss_may_be_chance_is_a_note() -> None:
    files = pair(LARGE, answers(LARGE, own=0.15, seed=9), DEPLOYED)
    result = sliced(files, max_drop=0)
    inconclusive = [row for row in result.comparisons if row.outcome == "inconclusive"]
    assert inconclusive and not result.findings
    assert len(result.notes) == len(inconclusive)
    assert all("but that may be chance: n = " in note and "95 % interval" in note for note in result.notes)


def test_a_slice_in_non_inferior_mode_has_to_be_shown() -> None:
    files = pair(LARGE, answers(LARGE, own=0.15, seed=9), DEPLOYED)
    limits: Any = {"metrics": {"roc_auc": {"max_drop": 0.0005, "mode": "non_inferior"}}, "max_drop": 0.5}
    assert {found.outcome for found in sliced(files, **limits).findings} == {"inconclusive"}
    assert not sliced(files, metrics={"roc_auc": {"mode": "non_inferior"}}).findings


def test_many_slices_are_held_to_account_together() -> None:
    """One of two that is significant by itself is not among twenty."""
    data = shoppers(4000).assign(**{column: [f"p{n % 20:02}" for n in range(4000)] for column in ("plan", "shelf")})
    deployed, candidate = answers(data), answers(data)
    lost = data.index[(data["plan"] == "p03") & (data["churned"] == 1) & (deployed["score"] >= 0.42)][:7]
    candidate.loc[lost, "score"] = 0.1
    candidate["prediction"] = (candidate["score"] >= 0.5).astype(int)
    from sklearn.metrics import recall_score

    def parts(predicted: pd.DataFrame, some: list[tuple[str, str]]) -> list[dict[str, Any]]:
        found = []
        for column, part in some:
            rows = data[column] == part
            value = float(recall_score(data["churned"][rows], predicted["score"][rows] >= 0.42))
            metrics = [{"type": "recall", "args": {"threshold": 0.42}, "value": value}]
            found.append({"slice": {column: part}, "rows": int(rows.sum()), "metrics": metrics})
        return found

    def files(some: list[tuple[str, str]]) -> tuple[Files, Files]:
        ours, theirs = pair(data, candidate, deployed)
        return (
            edit_json(ours, EVALUATION, lambda record: record.update(slices=parts(candidate, some))),
            edit_json(theirs, EVALUATION, lambda record: record.update(slices=parts(deployed, some))),
        )

    assert [found.outcome for found in sliced(files([("plan", "p03")])).findings] == ["fail"]
    many = sliced(files([("plan", f"p{n:02}") for n in range(20)]))
    assert not many.findings
    [note] = many.notes
    assert note.startswith("recall(threshold=0.42) where plan=p03 fell")
    assert "may be chance" in note
    # What the benchmark does not ask for may be recorded in any number, and blunts nothing.
    unasked = [("shelf", f"p{n:02}") for n in range(20) if n != 3]
    assert [found.outcome for found in sliced(files([("plan", "p03"), *unasked])).findings] == ["fail"]


def test_before_the_gate_a_slice_stops_nothing() -> None:
    files = pair(LARGE, answers(LARGE, pro=0.6), DEPLOYED)
    result = sliced(files, gated=False)
    assert not result.findings
    assert len(result.notes) == 2
    assert all(note.endswith("the gate tests whether that may be chance") for note in result.notes)
    assert {row.outcome for row in result.comparisons} == {"pass", "inconclusive"}
    assert len(sliced(files, gated=False, mode="recorded").findings) == 2
    assert len(sliced(files, gated=False, mode="non_inferior").findings) == 2


def test_many_notes_are_counted() -> None:
    files = pair(LARGE, answers(LARGE, pro=0.6), DEPLOYED)

    def more(record: dict[str, Any]) -> None:
        record["slices"] += [{**record["slices"][1], "slice": {"plan": f"p{n}"}} for n in range(10)]

    files = edit_json(files[0], EVALUATION, more), edit_json(files[1], EVALUATION, more)
    theirs = edit_json(files[1], EVALUATION, lambda record: [
        metric.update(value=min(metric["value"] + 0.1, 1)) for part in record["slices"] for metric in part["metrics"]
    ])  # fmt: skip
    notes = sliced((files[0], theirs), gated=False).notes
    assert len(notes) == 11
    assert notes[-1].startswith("and 14 more of slices")


def test_the_size_of_a_slice_is_counted() -> None:
    """A record that says a slice is small does not hide it."""
    files = pair(LARGE, answers(LARGE, pro=0.6), DEPLOYED)

    def shrink(record: dict[str, Any]) -> None:
        record["slices"][1]["rows"] = 20

    small = edit_json(files[0], EVALUATION, shrink), edit_json(files[1], EVALUATION, shrink)
    assert len(sliced(small).findings) == 2
    assert len(sliced(small, gated=False).comparisons) == 2


def test_too_few_examples_decide_nothing() -> None:
    data = SMALL[(SMALL["churned"] == 0) | (SMALL.index < 20)].reset_index(drop=True)
    assert 0 < data["churned"].sum() < 10
    files = pair(data, answers(data, 2.0, 0.2, seed=5), answers(data))
    limits = allowing(roc_auc=0.0001)
    [found] = regressed(files, **limits).findings
    assert found.outcome == "inconclusive"
    assert "examples of a class are too few" in found.notes[0]
    [found] = regressed(files, mode="non_inferior", **allowing()).findings[:1]
    assert found.outcome == "inconclusive"
    assert "is not shown to keep within 0.5 of the deployed model" in found.message


def few_churners() -> pd.DataFrame:
    """Of those with the plan `pro` nine churn: too few for an interval of the area."""
    churners = LARGE[(LARGE["plan"] == "pro") & (LARGE["churned"] == 1)].index
    return LARGE.drop(churners[9:]).reset_index(drop=True)


@pytest.mark.parametrize("reversed", [True, False])
def test_a_slice_with_few_of_a_class_is_no_place_to_hide(reversed: bool) -> None:
    """Where no interval can be had, the answers of the two models change places: it is no chance that all are wrong."""
    data = few_churners()
    deployed, candidate = answers(data), answers(data, seed=2)
    pro = data["plan"] == "pro"
    if reversed:
        candidate.loc[pro, "score"] = 1 - deployed.loc[pro, "score"]
    ours, theirs = pair(data, candidate.assign(prediction=(candidate["score"] >= 0.5).astype(int)), deployed)
    result = sliced((ours, theirs), **allowing(roc_auc=0.0001, recall=1))
    told = [(found.key, found.outcome) for found in result.findings]
    assert told == ([("roc_auc where plan=pro", "fail")] if reversed else []), result.notes
    if reversed:
        assert "9 examples of a class are too few for an interval" in result.findings[0].notes[0]
        assert "were the two alike, it would be so in 0.0" in result.findings[0].notes[0]


def test_identical_answers_pass() -> None:
    files = pair(LARGE, DEPLOYED, DEPLOYED)
    assert not regressed(files, metrics={}).findings
    assert not sliced(files, max_drop=0).findings
    assert not regressed(files, mode="non_inferior").findings


def test_a_few_identical_answers_show_little() -> None:
    """They pass where nothing has to be shown; else it is said how many would show it."""
    data = SMALL.head(60)
    files = pair(data, answers(data), answers(data))
    assert not regressed(files, metrics={}).findings
    findings = regressed(files, mode="non_inferior", metrics={}).findings
    assert {found.outcome for found in findings} == {"inconclusive"}
    assert len(findings) == 2
    assert all("examples would decide" in found.notes[-1] for found in findings)
    assert all("may have fallen by 0." in found.message for found in findings)


def test_predictions_that_give_another_value_tell_nothing() -> None:
    """They are not those that were recorded: what is recorded counts, and `unreproducible-evaluation` tells."""

    def boast(record: dict[str, Any]) -> None:
        record["metrics"][0]["value"] -= 0.05

    files = pair(LARGE, DEPLOYED, DEPLOYED, edit=boast)
    [found] = regressed(files).findings
    assert found.outcome == "fail"
    assert "no uncertainty known: the predictions of the candidate give 0.9" in found.notes[0]
    [found] = regressed(files, mode="non_inferior", **allowing()).findings
    assert (found.outcome, found.pointer) == ("inconclusive", "/metrics/0/value")


@pytest.mark.parametrize("mode", ["tolerant", "non_inferior"])
def test_without_predictions_on_both_sides(mode: str) -> None:
    ours, theirs = pair(LARGE, WORSE, DEPLOYED)
    bare = edit_json(without(theirs, PREDICTIONS), EVALUATION, lambda record: record.pop("predictions"))
    findings = regressed((ours, bare), mode=mode, **allowing(roc_auc=0.005)).findings
    assert findings[0].outcome == "fail"
    assert findings[0].notes[0].endswith("no uncertainty known")
    # What has to be shown is not, without them.
    assert [each.outcome for each in findings[1:]] == ([] if mode == "tolerant" else ["inconclusive"])


@pytest.mark.parametrize("side", [0, 1])
def test_predictions_that_are_not_here_decide_nothing(side: int) -> None:
    from snitch.pointer import write_pointer

    files = list(pair(LARGE, WORSE, DEPLOYED))
    content = files[side][PREDICTIONS]
    assert isinstance(content, bytes)
    files[side] = {**files[side], PREDICTIONS: write_pointer(digest(content), len(content))}
    [found] = regressed((files[0], files[1]), **allowing(roc_auc=0.005)).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")
    assert "are not here" in found.message
    assert [each.rule for each in sliced((files[0], files[1])).findings] == ["SNT003"]


def test_predictions_of_other_examples_decide_nothing() -> None:
    ours, theirs = pair(LARGE, WORSE, DEPLOYED)
    ours = {**ours, PREDICTIONS: table(WORSE.assign(customer_id=[f"x{n}" for n in range(len(WORSE))]))}
    [found] = regressed((ours, theirs), **allowing(roc_auc=0.005)).findings
    assert (found.rule, found.outcome) == ("SNT003", "inconclusive")


def test_the_order_of_the_rows_changes_nothing() -> None:
    shuffled = np.random.default_rng(0).permutation(len(LARGE))
    plain = regressed(pair(LARGE, WORSE, DEPLOYED)).comparisons
    assert regressed(pair(LARGE, WORSE.iloc[shuffled], DEPLOYED)).comparisons == plain


@pytest.mark.parametrize("shuffles", ["predictions", "data", "both"])
def test_the_order_of_the_rows_draws_no_other_resamples(shuffles: str) -> None:
    from tests.rules.measured import weighing

    data = SMALL.assign(churned=SMALL["known"] * 3)
    noise = np.random.default_rng(4).normal(size=(2, len(data))) * [[1.3], [1.0]]
    shuffled = np.random.default_rng(0).permutation(len(data))

    def sides(data: pd.DataFrame, order: Any) -> tuple[Files, Files]:
        truth = SMALL["known"] * 3
        ours, theirs = (
            _regression(data, pd.DataFrame({"customer_id": SMALL["customer_id"], "prediction": truth + each}), order)
            for each in noise
        )
        return ours, weighing(theirs, "older weights", "1.3.2")

    limit: Any = {"metrics": {"mae": {"max_drop": "5%"}}}
    as_written = np.arange(len(data))
    [plain] = regressed(sides(data, as_written), **limit).comparisons
    [again] = regressed(
        sides(
            data if shuffles == "predictions" else data.iloc[shuffled],
            as_written if shuffles == "data" else shuffled,
        ),
        **limit,
    ).comparisons
    assert plain.interval is not None
    assert again == plain


def test_groups_are_heeded() -> None:
    data = LARGE.assign(household=[n // 4 for n in range(len(LARGE))])
    files = pair(data, WORSE, DEPLOYED, more="group: household\n")
    grouped = regressed(files, **allowing()).comparisons
    plain = regressed(pair(LARGE, WORSE, DEPLOYED), **allowing()).comparisons
    assert grouped[0].interval != plain[0].interval
    assert grouped[0].interval == pytest.approx(plain[0].interval, rel=0.2)
    assert DATA in files[0]


def policy(rules: str) -> Policy:
    return read_policy(Repository(MemorySnapshot({"snitch.yaml": f"extends: recommended\nrules:\n  {rules}\n"})))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("metric-regressed: {mode: non_inferior}", "metric-regressed: {mode: tolerant}",
         'weaker: REG001 metric-regressed: mode "non_inferior" -> "tolerant"'),
        ("metric-regressed: {mode: tolerant}", "metric-regressed: {mode: recorded}",
         'changed: REG001 metric-regressed: mode "tolerant" -> "recorded"'),
        ("slice-regressed: {mode: recorded}", "slice-regressed: {max_drop: 0.02}",
         'weaker: REG003 slice-regressed: mode "recorded" -> "tolerant"'),
        ("metric-regressed: {mode: non_inferior}",
         "metric-regressed: {mode: non_inferior, metrics: {recall: {mode: tolerant}}}",
         'weaker: REG001 metric-regressed: metrics recall mode "non_inferior" -> "tolerant"'),
        ("slice-regressed: {max_drop: 0.02}", "slice-regressed: {max_drop: 0.02, metrics: {recall: {max_drop: 0.2}}}",
         "weaker: REG003 slice-regressed: metrics recall max_drop 0.02 -> 0.2"),
    ],
)  # fmt: skip
def test_another_mode_is_seen_by_who_approves(before: str, after: str, told: str) -> None:
    assert told in weaker(policy(before), policy(after))


@pytest.mark.parametrize(
    "rules",
    [
        "metric-regressed: {mode: non_inferior, metrics: {roc_auc: {max_drop: 0}}}",
        'metric-regressed: {metrics: {roc_auc: {max_drop: "0%", mode: non_inferior}}}',
        "slice-regressed: {mode: non_inferior, max_drop: 0}",
        "slice-regressed: {mode: strict}",
    ],
)
def test_a_policy_that_asks_the_impossible_is_refused(rules: str) -> None:
    with pytest.raises(InvalidPolicy, match="non_inferior"):
        policy(rules)

"""DAT005: data and predictions held against the signature."""

from __future__ import annotations

import json
from hashlib import sha256

import pandas as pd
import pytest
from snitch.rules.signature import SchemaMismatch

from snitch.finding import Finding
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, edit, findings, judgement
from tests.measuring.tables import parquet as table
from tests.rules.measured import redefined
from tests.rules.profiled import HOLDOUT, INPUTS, repository

RULE = SchemaMismatch()


def found(data: pd.DataFrame, *, csv: bool = False) -> list[Finding]:
    return findings(RULE, repository(data, None, csv=csv), gate=gate_of())


def broken(column: str, *values: object) -> pd.DataFrame:
    """The data with the first values of a column replaced; rows are in reverse, as order means nothing."""
    data = HOLDOUT.astype({column: object}) if any(isinstance(each, str) for each in values) else HOLDOUT.copy()
    data[column] = [*values, *data[column].tolist()[len(values) :]]
    return data


@pytest.mark.parametrize("csv", [False, True])
def test_data_that_is_as_promised_passes(csv: bool) -> None:
    assert found(HOLDOUT, csv=csv) == []


@pytest.mark.parametrize("csv", [False, True])
@pytest.mark.parametrize(
    ("column", "value", "told", "shown"),
    [
        ("tenure_months", -3, "`tenure_months` is below its minimum of 0 in 1 of 1,000 rows", "-3"),
        ("tenure_months", 2.5, "`tenure_months` holds what is no long in 1 of 1,000 rows", "2.5"),
        ("spend", float("-inf"), "`spend` is below its minimum of 0 in 1 of 1,000 rows", "-inf"),
        ("spend", None, "`spend` is missing in a row, and is required in 1 of 1,000 rows", "missing"),
        ("plan", "gold", "`plan` holds a value that the signature does not list in 1 of 1,000 rows", "gold"),
        ("plan", None, "`plan` is missing in a row, and is required in 1 of 1,000 rows", "missing"),
    ],
)
def test_what_breaks_it_is_told_with_its_row(csv: bool, column: str, value: object, told: str, shown: str) -> None:
    [finding] = found(broken(column, value), csv=csv)
    assert finding.message == f"{told} of churn-holdout 2026.10"
    assert (finding.path, finding.outcome, finding.severity) == (MANIFEST, "fail", "error")
    assert finding.pointer == f"/signature/inputs/{['tenure_months', 'spend', 'plan'].index(column)}"
    assert finding.notes == (f"`h00000`: {shown}",)


def test_a_missing_column_is_told_and_one_that_may_be_missing_is_not() -> None:
    data = HOLDOUT.drop(columns="spend")
    [finding] = found(data)
    assert finding.message == "the column `spend` is missing of churn-holdout 2026.10"
    optional = INPUTS.replace("type: double", "type: double, required: false")
    files = edit(repository(data, None), MANIFEST, INPUTS, optional)
    assert findings(RULE, files, gate=gate_of()) == []
    with_holes = HOLDOUT.assign(spend=HOLDOUT["spend"].where(HOLDOUT.index > 3))
    assert findings(RULE, edit(repository(with_holes, None), MANIFEST, INPUTS, optional), gate=gate_of()) == []


def test_no_more_than_the_first_rows_are_shown() -> None:
    [finding] = found(broken("tenure_months", *range(-20, 0)))
    assert finding.notes == (
        *(f"`h{at:05}`: {at - 20}" for at in range(5)),
        "and 15 rows more",
    )


def test_a_long_value_is_cut() -> None:
    [finding] = found(broken("plan", "x" * 100_000))
    assert finding.notes == (f"`h00000`: {'x' * 59}…",)


def test_two_things_that_a_column_breaks_are_two_findings() -> None:
    messages = sorted(each.message for each in found(broken("tenure_months", "many", -1), csv=True))
    assert [message.split(" in ")[0] for message in messages] == [
        "`tenure_months` holds what is no long",
        "`tenure_months` is below its minimum of 0",
    ]


def test_whole_numbers_that_a_missing_one_made_floats_are_whole() -> None:
    data = HOLDOUT.assign(tenure_months=HOLDOUT["tenure_months"].where(HOLDOUT.index > 0))
    [finding] = found(data)
    assert finding.message.startswith("`tenure_months` is missing in a row")


def test_without_a_signature_or_a_benchmark_it_does_not_apply() -> None:
    files = repository(profile=None)
    text = str(files[MANIFEST])
    bare = {**files, MANIFEST: text[: text.index("signature:")]}
    [skipped] = judgement(RULE, bare, gate=gate_of()).skipped
    assert skipped.reason == "the manifest has no signature"
    alone = edit(files, BENCHMARK, "models: [churn]", "models: [other]")
    [skipped] = judgement(RULE, alone, gate=gate_of()).skipped
    assert skipped.reason == "no benchmark names the model"


def test_a_benchmark_without_its_ids_decides_nothing() -> None:
    [finding] = found(HOLDOUT.drop(columns="customer_id"))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


class TestPredictions:
    """The scores are held against the one real number that comes out."""

    def found(self, scores: list[float], outputs: str | None = None) -> list[Finding]:
        data = HOLDOUT.head(len(scores))
        files = repository(data, None)
        predictions = table(pd.DataFrame({"customer_id": data["customer_id"], "score": scores}))
        files = redefined(files)
        record = json.loads(files[EVALUATION])
        record["predictions"] = {"path": "p.parquet", "sha256": "sha256:" + sha256(predictions).hexdigest()}
        files = {**files, EVALUATION: json.dumps(record), f"{FOLDER}/evaluations/p.parquet": predictions}
        if outputs is not None:
            files = edit(
                files, MANIFEST, "outputs: [{name: probability, type: double, minimum: 0, maximum: 1}]", outputs
            )
        return findings(RULE, files, gate=gate_of())

    def test_scores_within_their_range_pass(self) -> None:
        assert self.found([0.0, 0.5, 1.0, 0.3]) == []

    def test_a_score_beyond_its_range_is_told(self) -> None:
        [finding] = self.found([0.1, 0.5, 1.25, 0.3])
        told = "`probability` is above its maximum of 1 in 1 of 4 rows of the predictions for churn-holdout 2026.10"
        assert (finding.message, finding.pointer) == (told, "/signature/outputs/0")
        assert finding.notes == ("`h00002`: 1.25",)

    def test_of_several_real_outputs_nobody_knows_which_is_the_score(self) -> None:
        outputs = "outputs: [{name: a, type: double, maximum: 1}, {name: b, type: double, maximum: 1}]"
        assert self.found([0.1, 0.5, 1.25, 0.3], outputs) == []


def test_it_only_runs_in_the_gate() -> None:
    assert (SchemaMismatch.stage, SchemaMismatch.severity) == ("gate", (None, "error"))
    assert MANIFEST in SPOTLESS

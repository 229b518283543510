"""DAT004: features that are no longer like the training data's, and profiles that are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from snitch.rules.drift import DriftedFeature

from snitch.change import Change
from snitch.drift import DriftLimit
from snitch.engine import ActiveRule, judge
from snitch.finding import Finding
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, MANIFEST, change_of, edit
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table
from tests.rules.profiled import DATA, HOLDOUT, INPUTS, PROFILE, TRAINED, TRAINING, Files, profile_of, repository

RULE = DriftedFeature()


def judged(files: Files, rule: DriftedFeature = RULE, **more: Any) -> Judgement:
    change = change_of(files, gate=gate_of(), **more)
    return judge([ActiveRule(rule, "warning")], change)


def found(files: Files, rule: DriftedFeature = RULE) -> list[Finding]:
    return list(judged(files, rule).findings)


MOVED = HOLDOUT.assign(spend=HOLDOUT["spend"] * 2)
#: By the definition of the index, from the profile's own edges.
SPEND = next(each for each in TRAINED["features"] if each["name"] == "spend")


def index_of(values: Any) -> float:
    bins = [-np.inf, *SPEND["edges"], np.inf]
    actual = np.histogram(np.nextafter(values, -np.inf), bins)[0] + 0.5
    expected = np.array(SPEND["counts"]) + 0.5
    a, e = actual / actual.sum(), expected / expected.sum()
    return float(((a - e) * np.log(a / e)).sum())


def test_data_like_the_training_data_passes() -> None:
    assert found(repository()) == []


def test_a_feature_that_moved_is_told() -> None:
    [finding] = found(repository(MOVED))
    psi = index_of(MOVED["spend"].to_numpy())
    assert (finding.rule, finding.severity, finding.outcome, finding.path) == ("DAT004", "warning", "fail", PROFILE)
    told = f"spend has moved away from the training data (high drift): PSI {psi:.6g}; the limit is 0.25"
    assert finding.message == told
    assert finding.notes == ("2,000 rows of subscribers, 1,000 of churn-holdout 2026.10",)
    assert finding.measured is not None and finding.measured.value == pytest.approx(psi)
    assert "spend" in finding.excerpt


def test_limits_of_single_features_and_features_that_are_ignored() -> None:
    files = repository(MOVED)
    assert found(files, DriftedFeature(features={"spend": DriftLimit(max_psi=5)})) == []
    assert found(files, DriftedFeature(ignore=("spend",))) == []
    assert found(files, DriftedFeature(max_psi=None)) == []
    [finding] = found(files, DriftedFeature(max_psi=None, max_distance=0.1))
    assert "Jensen-Shannon distance 0." in finding.message and finding.message.endswith("; the limit is 0.1")


def test_a_limit_below_what_is_called_stable_is_told_without_that_word() -> None:
    [finding] = found(repository(), DriftedFeature(max_psi=None, features={"spend": DriftLimit(max_distance=0.0001)}))
    assert finding.message.startswith("spend has moved away from the training data: Jensen-Shannon distance 0.0")


def test_a_limit_for_a_misspelt_feature_holds_none_and_is_never_a_pass() -> None:
    [finding] = found(repository(), DriftedFeature(max_psi=None, features={"spned": DriftLimit(max_psi=0.1)}))
    assert (finding.outcome, finding.path) == ("inconclusive", PROFILE)
    told = "limits in the policy are for features that no model has: `spned`, did you mean `spend`?"
    assert finding.message == told
    assert finding.help == "correct `features` of drifted-feature in the policy"


def test_a_limit_for_another_model_s_feature_is_none_of_this_one_s() -> None:
    """One policy is for many models."""
    other = edit(repository(), MANIFEST, "tenure_months", "spendings")[MANIFEST]
    files = {**repository(), "models/other/model.yaml": other}
    told = judged(files, DriftedFeature(features={"spendings": DriftLimit(max_psi=0.1)}, ignore=("spendings",)))
    assert (told.findings, told.notes) == ((), ())


def test_features_of_no_model_that_are_near_to_none_or_ignored_are_noted() -> None:
    """A feature that is misspelt where it is to be ignored is compared all the same."""
    rule = DriftedFeature(features={"mileage": DriftLimit(max_psi=5)}, ignore=("spned",))
    told = judged(repository(MOVED), rule)
    assert [each.message[:15] for each in told.findings] == ["spend has moved"]
    named = "`mileage`, `spned` (did you mean `spend`?)"
    assert told.notes == (f"drifted-feature names features that no model has: {named}",)


def test_the_index_at_the_limit_passes() -> None:
    psi = found(repository(MOVED))[0].measured
    assert psi is not None
    assert found(repository(MOVED), DriftedFeature(max_psi=psi.value)) == []


def test_few_rows_do_not_tell_a_shift_from_chance() -> None:
    [finding] = found(repository(HOLDOUT.head(12)), DriftedFeature(ignore=("tenure_months", "plan"), max_psi=0.05))
    assert finding.outcome == "inconclusive"
    assert finding.message.endswith("; the limit is 0.05, and so few rows do not tell it from chance")


def test_missing_values_and_new_values_are_told() -> None:
    data = HOLDOUT.assign(
        plan=HOLDOUT["plan"].where(HOLDOUT.index % 2 == 0, "enterprise"),
        spend=HOLDOUT["spend"].where(HOLDOUT.index % 3 > 0),
    )
    spend, plan = sorted(found(repository(data)), key=lambda each: each.message, reverse=True)
    assert "missing values: 0.0% then, 33.4% now" in spend.notes
    assert "values are missing, and none were" in spend.notes
    assert "500 values are none of the 2 that there were: `enterprise`" in plan.notes


def without(profile: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**profile, "features": [each for each in profile["features"] if each["name"] not in names]}


def test_an_input_that_the_profile_does_not_know_is_never_a_pass() -> None:
    """Who leaves the feature that moved out of the profile hides it."""
    files = repository(MOVED, without(TRAINED, "spend"))
    [finding] = found(files)
    assert (finding.rule, finding.outcome, finding.path) == ("DAT004", "inconclusive", PROFILE)
    assert finding.message == "the training profile does not know what the signature takes: spend"
    assert found(files, DriftedFeature(ignore=("spend",))) == []


def test_a_profile_that_knows_nothing_is_never_a_pass() -> None:
    """With a signature and without one."""
    files = repository(MOVED, {**TRAINED, "features": []})
    [finding] = found(files)
    told = "the training profile does not know what the signature takes: tenure_months, spend, plan"
    assert (finding.outcome, finding.message) == ("inconclusive", told)
    [finding] = found(edit(files, MANIFEST, INPUTS, "inputs: []"))
    assert (finding.outcome, finding.message) == ("inconclusive", "the training profile knows no feature")


@pytest.mark.parametrize("type", ["double", "long", "datetime", "boolean"])
def test_a_feature_that_the_profile_has_no_bins_of_is_never_a_pass(type: str) -> None:
    profile: Any = deepcopy(TRAINED)
    profile["features"][1] = {"name": "spend", "type": type, "nulls": 0, "other": 2000}
    values = {"datetime": HOLDOUT["spend"].astype("datetime64[s]"), "boolean": HOLDOUT["spend"] > 40}
    [finding] = found(repository(HOLDOUT.assign(spend=values.get(type, MOVED["spend"])), profile))
    told = "spend cannot be compared with the training data: the profile has no bins to count its values by"
    assert (finding.outcome, finding.message) == ("inconclusive", told)


def test_texts_that_hardly_two_rows_share_are_named() -> None:
    profile: Any = deepcopy(TRAINED)
    profile["features"][2] = {"name": "plan", "type": "string", "nulls": 0, "other": 2000}
    done = judged(repository(profile=profile))
    assert not done.findings
    assert list(done.notes) == ["not held against subscribers, as too few rows share a value to count by: plan"]


def test_inputs_that_lie_in_several_tables_are_known_by_one_profile_or_another() -> None:
    files = repository(HOLDOUT, without(TRAINED, "spend", "plan"))
    files = edit(
        files,
        MANIFEST,
        "profile: training-profile.json}",
        f'profile: training-profile.json}}\n    - {{name: orders, revision: "{TRAINED["data"]["digest"]}", '
        "end: 2026-08-31, profile: orders.json}",
    )
    orders = f"{PROFILE.rpartition('/')[0]}/orders.json"
    assert found({**files, orders: json.dumps(without(TRAINED, "tenure_months"))}) == []


def test_what_the_data_lacks_of_the_profile() -> None:
    lacking = HOLDOUT.drop(columns="spend")
    assert found(repository(lacking)) == [], "schema-mismatch tells of what the signature takes"
    unsigned = edit(repository(lacking), MANIFEST, INPUTS, "inputs: []")
    [finding] = found(unsigned)
    assert (finding.outcome, finding.message) == (
        "inconclusive",
        "churn-holdout 2026.10 lacks what the model was trained on: spend",
    )


def test_a_feature_of_another_type_cannot_be_compared() -> None:
    [finding] = found(repository(HOLDOUT.assign(spend="much")))
    assert finding.message == "spend cannot be compared with the training data: it was double and is string"
    assert finding.outcome == "fail"


def test_whole_numbers_that_became_floats_are_of_the_same_type() -> None:
    assert found(repository(HOLDOUT.assign(tenure_months=HOLDOUT["tenure_months"].astype(float)))) == []


def test_a_benchmark_that_is_a_csv() -> None:
    assert found(repository(csv=True)) == []
    assert len(found(repository(MOVED, csv=True))) == 1


def test_without_a_profile_it_does_not_apply() -> None:
    [skipped] = judged(repository(profile=None)).skipped
    assert skipped.reason == "the manifest names no profile of its training data"


def test_without_a_benchmark_it_does_not_apply() -> None:
    files = edit(repository(), BENCHMARK, "models: [churn]", "models: [other]")
    [skipped] = judged(files).skipped
    assert skipped.reason == "no benchmark names the model, and the policy names no `current` data"


BROKEN: dict[str, tuple[Any, str]] = {
    "text": ("{", "the training profile is not valid JSON"),
    "shape": ({"data": {"digest": "sha256:" + "0" * 64}}, "the training profile is not valid: "),
    "edges": (lambda data: data["features"][1].update(edges=[2, 1]), "do not rise"),
    "infinite": (lambda data: data["features"][1]["edges"].__setitem__(0, float("-inf")), "do not rise"),
    "counts": (lambda data: data["features"][1]["counts"].pop(), "needs one count more than edges"),
    "rows": (lambda data: data["features"][1].update(nulls=7), "`spend` counts 2,007 rows; the data has 2,000"),
    "twice": (lambda data: data["features"].append(data["features"][0]), "the profile has `tenure_months` twice"),
    "hashes": (lambda data: data["ids"]["hashes"].reverse(), "the hashes do not rise"),
    "no hashes": (lambda data: data["ids"].update(hashes=[], rows=0), "of 0 rows, and so not of all 2,000"),
    "lost hashes": (lambda data: data["row_hashes"].update(rows=1), "hashes are not of 1 rows, of 2,000 in all"),
    "few hashes": (lambda data: data["ids"].update(complete=False), "fewer than the 4,096 that a sketch has at least"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_profile_that_is_none_is_told(case: str) -> None:
    change, told = BROKEN[case]
    profile: Any = deepcopy(TRAINED)
    if callable(change):
        change(profile)
    else:
        profile = change if isinstance(change, str) else json.dumps(change)
    findings = found(repository(profile=profile))
    assert findings and all(each.path == PROFILE and each.outcome == "fail" for each in findings)
    assert told in findings[0].message


def test_a_profile_of_other_data_is_told() -> None:
    [finding] = found(repository(revision="sha256:" + "1" * 64))
    told = "the profile is of other data than subscribers, whose revision is sha256:11111111…"
    assert (finding.message, finding.pointer) == (told, "/data/digest")
    assert found(repository(revision="2026-summer")) == []


def test_a_profile_that_is_not_there_is_another_rule_s_to_tell() -> None:
    files = repository()
    del files[PROFILE]
    [finding] = found(files)
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


def test_damaged_data_is_never_a_pass() -> None:
    files = repository()
    broken = b"PAR1 and no more"
    files = {**edit(files, BENCHMARK, digest(table(HOLDOUT)), digest(broken)), DATA: broken}
    [finding] = found(files)
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


class TestCurrentData:
    """The policy may name data, or a profile of it."""

    def judged(self, files: Files, policy: Mapping[str, bytes | str], path: str) -> list[Finding]:
        from snitch.repository import Repository
        from snitch.snapshot import MemorySnapshot

        change = change_of(files, gate=gate_of())
        assert isinstance(change, Change)
        change.policy_files = Repository(MemorySnapshot(policy))
        return list(judge([ActiveRule(DriftedFeature(current=path), "warning")], change).findings)

    def test_data(self) -> None:
        assert self.judged(repository(MOVED), {"live/data.parquet": table(TRAINING)}, "live/data.parquet") == []
        [finding] = self.judged(repository(), {"live/data.csv": MOVED.to_csv(index=False)}, "live/data.csv")
        assert finding.notes == ("2,000 rows of subscribers, 1,000 of live/data.csv",)

    def test_data_that_lacks_an_input(self) -> None:
        data = table(TRAINING.drop(columns=["spend", "plan"]))
        [finding] = self.judged(repository(), {"live/data.parquet": data}, "live/data.parquet")
        assert finding.outcome == "inconclusive"
        assert finding.message == "live/data.parquet lacks what the model was trained on: spend, plan"

    def test_a_profile_counted_by_the_same_bins(self) -> None:
        like = deepcopy(TRAINED)
        assert self.judged(repository(MOVED), {"live.json": json.dumps(like)}, "live.json") == []

    def test_a_profile_counted_by_other_bins_decides_nothing(self) -> None:
        other = profile_of(MOVED)
        findings = self.judged(repository(), {"live.json": json.dumps(other)}, "live.json")
        assert findings and {each.outcome for each in findings} == {"inconclusive"}
        assert "`snitch profile --like`" in findings[0].message

    @pytest.mark.parametrize(
        ("policy", "path", "told"),
        [
            ({}, "live.json", "is not in the tree"),
            ({"live.json": "[]"}, "live.json", "is no profile: "),
            ({"live.parquet": "PAR1"}, "live.parquet", "cannot be used: "),
        ],
    )
    def test_what_cannot_be_used_is_never_a_pass(self, policy: Mapping[str, bytes | str], path: str, told: str) -> None:
        [finding] = self.judged(repository(), policy, path)
        assert finding.outcome == "inconclusive"
        assert f"the policy's current data {path} {told}" in finding.message

    def test_a_path_that_leaves_the_repository_is_refused(self) -> None:
        with pytest.raises(ValueError, match="must be a path in the repository"):
            DriftedFeature(current="../x.csv")


def test_it_only_runs_in_the_gate() -> None:
    assert (DriftedFeature.stage, DriftedFeature.severity) == ("gate", (None, "warning"))
    assert MANIFEST in repository()

"""DAT006: examples of a benchmark that the model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pandas as pd
import pytest
from snitch.rules.leak import BenchmarkLeak

from snitch.engine import ActiveRule, judge
from snitch.finding import Finding
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, MANIFEST, change_of, edit, judgement
from tests.measuring.tables import parquet as table
from tests.rules.profiled import FEATURES, HOLDOUT, TRAINED, TRAINING, Files, profile_of, repository, subscribers

RULE = BenchmarkLeak()
#: The benchmark with the first ten of its examples taken from the training data.
LEAKED = pd.concat([TRAINING.head(10), HOLDOUT.iloc[10:]])
#: Without sketches.
BARE = {key: value for key, value in TRAINED.items() if key not in ("ids", "row_hashes")}
NAMED = "data/subscribers.parquet"
RENAMED = LEAKED.assign(customer_id=HOLDOUT["customer_id"].tolist())
#: With a hundred: more than a benchmark lets expect that has no twins.
MANY = pd.concat([TRAINING.head(100), HOLDOUT.iloc[100:]]).assign(customer_id=HOLDOUT["customer_id"].tolist())
#: What is found by features alone, and how many are alike among themselves.
TWINS = "0 of the 1,000 examples repeat another's features, and so do 0 of 2,000 rows of subscribers"
FEATURES_OF = "the features of 10 of the 1,000 examples of churn-holdout 2026.10 (1.00%) are in the training data "


def judged(
    files: Files,
    rule: BenchmarkLeak = RULE,
    policy: Mapping[str, bytes | str] | None = None,
    deployed: Files | None = None,
) -> Judgement:
    change = change_of(files, deployed, gate=gate_of())
    if policy is not None:
        change.policy_files = Repository(MemorySnapshot(policy))
    return judge([ActiveRule(rule, "error")], change)


def found(files: Files, rule: BenchmarkLeak = RULE, policy: Mapping[str, bytes | str] | None = None) -> list[Finding]:
    return list(judged(files, rule, policy).findings)


class TestSketches:
    def test_a_benchmark_of_its_own_passes(self) -> None:
        assert found(repository()) == []

    @pytest.mark.parametrize("csv", [False, True])
    def test_ids_that_leaked_are_told(self, csv: bool) -> None:
        [finding] = found(repository(LEAKED, csv=csv))
        told = "10 of the 1,000 examples of churn-holdout 2026.10 (1.00%) are in the training data subscribers"
        assert finding.message == told
        assert finding.notes == ("the first: `t00000`, `t00001`, `t00002`, `t00003`, `t00004`",)
        assert (finding.path, finding.pointer, finding.outcome) == (MANIFEST, "/training/data/0", "fail")
        assert finding.measured is not None and finding.measured.value == 0.01

    @pytest.mark.parametrize("csv", [False, True])
    def test_rows_that_leaked_under_other_ids_are_told(self, csv: bool) -> None:
        [finding] = found(repository(MANY, csv=csv))
        assert finding.message.startswith("100 of the 1,000 examples of churn-holdout")
        assert finding.outcome == "fail"
        assert "found by their features, under whatever id" in finding.notes
        assert found(repository(MANY, csv=csv), BenchmarkLeak(rows=False)) == []

    def test_rows_written_twice_are_as_many(self) -> None:
        """Whoever trains may repeat what leaked, and what did not."""
        again = FEATURES.assign(customer_id=[f"x{each}" for each in range(len(FEATURES))])
        profile = profile_of(pd.concat([FEATURES, again]), id="customer_id")
        assert profile["row_hashes"]["repeated"] == 4000
        [finding] = found(repository(MANY, profile))
        assert (finding.outcome, finding.message[:16]) == ("fail", "100 of the 1,000")

    def test_a_few_rows_leaked_or_their_twins_were_left_out(self) -> None:
        [finding] = found(repository(RENAMED))
        assert finding.message == f"{FEATURES_OF}subscribers, and nobody can tell whether by coincidence"
        assert (finding.rule, finding.outcome, finding.pointer) == ("DAT006", "inconclusive", "/training/data/0")
        why = "that explains fewer, unless rows that are alike were left out of subscribers"
        assert finding.notes == (
            "the first: `h00000`, `h00001`, `h00002`, `h00003`, `h00004`",
            f"{TWINS}: {why}",
        )
        assert finding.measured is not None and finding.measured.value == 0.01

    def test_one_row_may_be_coincidence_and_is_told(self) -> None:
        one = pd.concat([TRAINING.head(1), HOLDOUT.iloc[1:]]).assign(customer_id=HOLDOUT["customer_id"].tolist())
        done = judged(repository(one))
        assert not done.findings
        told = FEATURES_OF.replace("10 of the", "1 of the").replace("1.00%", "0.10%")
        assert list(done.notes) == [f"{told}subscribers, which may be coincidence: {TWINS}"]

    def test_most_of_a_small_benchmark_never_passes(self) -> None:
        """Many other rows, and each twice: three examples are too few to tell, and all of them are there."""
        profile = profile_of(pd.concat([FEATURES] * 2), id="customer_id")
        [finding] = found(repository(MANY.head(3), profile))
        assert (finding.rule, finding.outcome) == ("DAT006", "inconclusive")
        assert finding.notes[1].endswith("by the examples about 0 would be found")

    def test_rows_that_leaked_are_told_in_smaller_numbers_and_other_storage(self) -> None:
        stored = RENAMED.astype({"spend": "float32", "tenure_months": "int16", "plan": "category"})
        [finding] = found(repository(stored))
        assert finding.message.startswith(FEATURES_OF)
        small = profile_of(FEATURES.astype({"spend": "float32", "tenure_months": "float64"}), id="customer_id")
        assert len(found(repository(RENAMED, small))) == 1

    @pytest.mark.parametrize("hashing", [None, 3])
    def test_rows_that_were_hashed_in_another_way_decide_nothing(self, hashing: int | None) -> None:
        other: Any = deepcopy(TRAINED)
        other["row_hashes"].pop("hashing")
        other["row_hashes"].update({} if hashing is None else {"hashing": hashing})
        [finding] = found(repository(RENAMED, other))
        assert (finding.rule, finding.outcome, finding.path) == ("DAT006", "inconclusive", MANIFEST)
        assert "hashes rows in another way than rows are hashed now" in finding.message
        assert found(repository(RENAMED, other), BenchmarkLeak(rows=False)) == []
        [by_id] = found(repository(LEAKED, other))
        assert (by_id.outcome, by_id.message[:13]) == ("fail", "10 of the 1,0")

    def test_ids_alone_are_no_profile_of_rows(self) -> None:
        stripped = {key: value for key, value in TRAINED.items() if key != "row_hashes"}
        [finding] = found(repository(RENAMED, stripped))
        assert finding.outcome == "inconclusive"
        assert finding.message.startswith("the profile of subscribers has no hashes of its rows")

    def test_where_features_differ_it_is_said_that_ids_alone_are_compared(self) -> None:
        more = profile_of(FEATURES.assign(region="eu"), id="customer_id")
        done = judged(repository(profile=more))
        assert not done.findings
        told = "the examples of churn-holdout are looked for in subscribers by their ids alone"
        assert list(done.notes) == [f"{told}: the two do not have all features in common"]

    def test_a_share_of_ids_may_be_allowed(self) -> None:
        assert found(repository(LEAKED), BenchmarkLeak(max_share=0.01, rows=False)) == []
        assert len(found(repository(LEAKED), BenchmarkLeak(max_share=0.009, rows=False))) == 1

    def test_a_sketch_that_is_not_complete_finds_what_it_can_tell(self) -> None:
        many = subscribers(20_000, 5, "t").drop(columns="churned")
        profile = profile_of(many, id="customer_id")
        assert not profile["ids"]["complete"]
        leaked = many.head(1000).assign(churned=1)
        [finding] = found(repository(leaked, profile))
        known = len(hashes_of(leaked).intersection(profile["ids"]["hashes"]))
        assert finding.message.startswith(f"at least {known:,} of the 1,000 examples")
        told = f"{known:,} of them can be told by the sketch, and {known:,} (100.00%) were trained on"
        assert finding.notes[1] == f"{told}: about 1,000 of all"

    def test_where_no_example_can_be_told_nobody_knows(self) -> None:
        """They are in the training data, all of them; only a sketch with more hashes tells."""
        many = subscribers(20_000, 5, "t").drop(columns="churned")
        profile = profile_of(many, id="customer_id")
        last = profile["ids"]["hashes"][-1]
        beyond = many[[min(hashes_of(many[at : at + 1])) > last for at in range(100)] + [False] * 19_900]
        holdout = beyond.assign(churned=1)
        rule = BenchmarkLeak(rows=False)
        [finding] = found(repository(holdout, profile), rule)
        assert (finding.outcome, finding.pointer) == ("inconclusive", "/training/data/0")
        assert finding.message.startswith(
            f"none of the {len(holdout)} examples of churn-holdout can be told by the sketch"
        )
        assert "`--hashes 65536`" in finding.help
        more = profile_of(many, id="customer_id", hashes=20_000)
        [finding] = found(repository(holdout, more), rule)
        assert finding.message.startswith(f"{len(holdout)} of the {len(holdout)} examples")

    def test_how_many_can_be_told_is_said(self) -> None:
        profile = profile_of(subscribers(20_000, 5, "x").drop(columns="churned"), id="customer_id")
        told = sum(each <= profile["ids"]["hashes"][-1] for each in hashes_of(HOLDOUT))
        assert 100 < told < 300
        said = f"{told} of the 1,000 examples of churn-holdout can be told by the sketch of subscribers"
        assert judged(repository(profile=profile), BenchmarkLeak(rows=False)).notes == (said,)

    def test_rows_of_few_features_repeat_by_chance(self) -> None:
        """Ids apart, the benchmark has as many twins in the training data as that has itself."""
        profile = profile_of(FEATURES[["customer_id", "plan", "tenure_months"]], id="customer_id")
        assert profile["row_hashes"]["repeated"] > 1900
        done = judged(repository(profile=profile))
        assert not done.findings
        assert "are in the training data subscribers, which may be coincidence" in done.notes[0]

    def test_without_sketches_it_does_not_apply(self) -> None:
        for files in (repository(profile=None), repository(profile=profile_of(FEATURES))):
            [skipped] = judged(files).skipped
            told = "no profile of the training data holds ids, and the policy names no file of it"
            assert skipped.reason == told

    def test_without_a_benchmark_it_does_not_apply(self) -> None:
        files = edit(repository(), BENCHMARK, "models: [churn]", "models: [other]")
        [skipped] = judged(files).skipped
        assert skipped.reason == "no benchmark names the model"

    def test_what_has_nothing_in_common_decides_nothing(self) -> None:
        other = FEATURES.rename(columns={"customer_id": "household_id"}).assign(region="eu")
        [finding] = found(repository(profile=profile_of(other, id="household_id")))
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
        assert "have neither an id nor all features in common" in finding.message

    def test_a_profile_that_is_none_decides_nothing_by_itself(self) -> None:
        broken: Any = deepcopy(TRAINED)
        broken["ids"]["hashes"].reverse()
        [finding] = found(repository(profile=broken))
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


def hashes_of(frame: pd.DataFrame) -> set[str]:
    """By the definition of a sketch."""
    from hashlib import sha256

    return {sha256(b"snitch id\0" + each.encode()).hexdigest()[:16] for each in frame["customer_id"]}


class TestFiles:
    """The policy may name the training data itself."""

    rule = BenchmarkLeak(data={"subscribers": "data/training.parquet"})

    def test_ids_and_rows(self) -> None:
        policy = {"data/training.parquet": table(TRAINING)}
        assert found(repository(profile=None), self.rule, policy) == []
        [by_id] = found(repository(LEAKED, None), self.rule, policy)
        assert by_id.message.startswith("10 of the 1,000 examples")
        [by_row] = found(repository(MANY, None), self.rule, policy)
        assert "found by their features, under whatever id" in by_row.notes

    def test_the_file_comes_before_the_sketches(self) -> None:
        assert found(repository(LEAKED), self.rule, {"data/training.parquet": table(HOLDOUT.iloc[:0])}) == []

    def test_ids_that_are_numbers_here_and_texts_there(self) -> None:
        numbered = [frame.assign(customer_id=range(len(frame))) for frame in (TRAINING, HOLDOUT)]
        policy = {"data/training.parquet": table(numbered[0].astype({"customer_id": float}))}
        [finding] = found(repository(numbered[1], None), self.rule, policy)
        assert finding.message.startswith("1,000 of the 1,000 examples")

    @pytest.mark.parametrize(
        ("policy", "told"),
        [
            ({}, "data/training.parquet is not in the tree"),
            ({"data/training.parquet": b"PAR1"}, "data/training.parquet cannot be read"),
            (
                {"data/training.parquet": table(pd.DataFrame({"x": [1]}))},
                "have neither an id nor all features in common",
            ),
        ],
    )
    def test_what_cannot_be_read_is_never_a_pass(self, policy: Mapping[str, bytes | str], told: str) -> None:
        [finding] = found(repository(profile=None), self.rule, policy)
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
        assert told in finding.message

    def test_a_path_that_leaves_the_repository_is_refused(self) -> None:
        with pytest.raises(ValueError, match="must hold paths in the repository"):
            BenchmarkLeak(data={"subscribers": "/etc/passwd"})


def test_it_only_runs_in_the_gate() -> None:
    assert (BenchmarkLeak.stage, BenchmarkLeak.severity) == ("gate", (None, "error"))
    assert judgement(RULE, repository(), gate=gate_of()).findings == ()


class TestLost:
    """Whoever trained on the benchmark may leave out what would tell."""

    @pytest.mark.parametrize("profile", [None, BARE])
    def test_a_profile_without_sketches_where_the_deployed_model_has_one_with(self, profile: Any) -> None:
        [finding] = judged(repository(LEAKED, profile), deployed=repository()).findings
        assert (finding.rule, finding.outcome, finding.path) == ("DAT006", "inconclusive", MANIFEST)
        assert finding.message.endswith("any more, as in the deployed model's subscribers")

    def test_the_policys_data_under_another_name(self) -> None:
        renamed = edit(repository(LEAKED, None), MANIFEST, "name: subscribers", "name: subscribers-2")
        [finding] = judged(
            renamed, BenchmarkLeak(data={"subscribers": NAMED}), {NAMED: table(TRAINING)}, repository(profile=None)
        ).findings
        assert (finding.rule, finding.outcome) == ("DAT006", "inconclusive")

    def test_other_data_with_a_profile_of_its_own_is_no_loss(self) -> None:
        renamed = edit(repository(), MANIFEST, "name: subscribers", "name: subscribers-2")
        assert not judged(renamed, deployed=repository()).findings

    @pytest.mark.parametrize("deployed", [repository(profile=None), repository(profile="{}"), {MANIFEST: "name: ["}])
    def test_what_never_could_be_looked_into_is_no_loss(self, deployed: Files) -> None:
        assert not judged(repository(LEAKED, None), deployed=deployed).findings

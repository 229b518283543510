"""Versions: raised when something changed, never lowered, by enough; and weights that are one's own."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from snitch.rules.version import BorrowedWeights, UndersizedBump, VersionNotRaised, VersionRolledBack

from snitch.change import Catalogue
from snitch.finding import Finding, Skip, Undecidable
from snitch.pointer import write_pointer
from tests.gating.witnesses import gate_of
from tests.judging import FOLDER, MANIFEST, SPOTLESS, WEIGHTS, Files, digest, edit, findings, judgement, without
from tests.past import Past, ago, histories

NEW_WEIGHTS: Files = {**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("new weights"), 9)}
ROWS = "rows: 18000"


def version(files: Files, new: str) -> Files:
    return edit(files, MANIFEST, "version: 1.4.0", f"version: {new}")


def inputs(new: str) -> Files:
    old = "inputs: [{name: tenure_months, type: long, minimum: 0}, {name: plan, type: string, enum: [basic, pro]}]"
    return edit(SPOTLESS, MANIFEST, old, f"inputs: [{new}]")


CHANGED: dict[str, tuple[Files, str]] = {
    "weights": (NEW_WEIGHTS, "the weights changed"),
    "parameters": ({**SPOTLESS, f"{FOLDER}/params.yaml": "max_iter: 300\n"}, "the parameters changed"),
    "training data": (edit(SPOTLESS, MANIFEST, digest("training"), digest("more")), "the training data changed"),
    "signature": (edit(SPOTLESS, MANIFEST, "type: double, minimum: 0, maximum: 1", "type: double"), "the signature"),
    "params file": (edit(SPOTLESS, MANIFEST, "  params: params.yaml\n", ""), "the parameters changed"),
}


class TestVersionNotRaised:
    @pytest.mark.parametrize("what", sorted(CHANGED))
    def test_something_changed_and_the_version_did_not(self, what: str) -> None:
        files, message = CHANGED[what]
        (finding,) = findings(VersionNotRaised(), files, SPOTLESS)
        assert (finding.path, finding.pointer, finding.line, finding.column) == (MANIFEST, "/version", 2, 10)
        assert finding.message.startswith(message)
        assert finding.message.endswith("but the version is still 1.4.0")
        assert finding.deployed is not None
        assert finding.deployed.value == "1.4.0"

    def test_all_that_changed_is_named(self) -> None:
        two: Files = {**NEW_WEIGHTS, f"{FOLDER}/params.yaml": "max_iter: 300\n"}
        three = edit(two, MANIFEST, digest("training"), digest("more"))
        first, second = (findings(VersionNotRaised(), files, SPOTLESS)[0].message for files in (two, three))
        assert first.startswith("the weights and the parameters changed, ")
        *most, last = second.partition(" changed")[0].split(" and ")
        assert {*most[0].split(", "), last} == {"the weights", "the parameters", "the training data"}

    def test_another_library_is_told_by_the_size_of_the_bump_alone(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "library_name: scikit-learn", "library_name: xgboost")
        assert not findings(VersionNotRaised(), files, SPOTLESS)

    @pytest.mark.parametrize("what", sorted(CHANGED))
    def test_raised_it_passes(self, what: str) -> None:
        assert not findings(VersionNotRaised(), version(CHANGED[what][0], "1.4.1"), SPOTLESS)

    def test_build_metadata_raises_nothing(self) -> None:
        (finding,) = findings(VersionNotRaised(), version(NEW_WEIGHTS, "1.4.0+2"), SPOTLESS)
        assert finding.message.endswith("still 1.4.0 (1.4.0+2 differs in build metadata only)")

    def test_nothing_changed(self) -> None:
        assert not findings(VersionNotRaised(), SPOTLESS, SPOTLESS)

    @pytest.mark.parametrize("path", ["README.md", "train.py", "requirements.txt"])
    def test_what_is_no_part_of_the_model_may_change_under_one_version(self, path: str) -> None:
        assert not findings(VersionNotRaised(), {**SPOTLESS, f"{FOLDER}/{path}": "x = 1\n"}, SPOTLESS)

    def test_another_name_for_the_same_weights_is_no_change(self) -> None:
        files = without(SPOTLESS, f"{FOLDER}/model.skops") | {f"{FOLDER}/m.skops": write_pointer(WEIGHTS, 7)}
        renamed = edit(files, MANIFEST, "weights: [model.skops]", "weights: [m.skops]")
        assert not findings(VersionNotRaised(), renamed, SPOTLESS)

    def test_a_first_release_is_skipped(self) -> None:
        found = judgement(VersionNotRaised(), NEW_WEIGHTS)
        assert not found.findings
        assert [s.reason for s in found.skipped] == ["first release"]

    def test_an_absent_deployed_branch_decides_nothing(self) -> None:
        (finding,) = findings(VersionNotRaised(), NEW_WEIGHTS, Undecidable("main is not here"))
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")

    def test_missing_weights_decide_nothing_while_nobody_tells_of_them(self) -> None:
        (finding,) = findings(VersionNotRaised(), without(SPOTLESS, f"{FOLDER}/model.skops"), SPOTLESS)
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")

    def test_deployed_weights_that_cannot_be_told_count_as_other_weights(self) -> None:
        deployed = without(SPOTLESS, f"{FOLDER}/model.skops")
        (finding,) = findings(VersionNotRaised(), SPOTLESS, deployed)
        assert finding.message == "the weights changed, but the version is still 1.4.0"

    def test_a_broken_deployed_manifest_decides_nothing(self) -> None:
        deployed = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.4")
        (finding,) = findings(VersionNotRaised(), version(NEW_WEIGHTS, "1.5.0"), deployed)
        assert (finding.rule, finding.outcome, finding.pointer) == ("VER001", "inconclusive", "/version")
        assert [f.rule for f in findings(VersionRolledBack(), NEW_WEIGHTS, deployed)] == ["SNT003"]
        (finding,) = findings(UndersizedBump(), NEW_WEIGHTS, deployed)
        assert (finding.rule, "the deployed manifest is broken" in finding.message) == ("SNT003", True)

    def test_where_both_manifests_are_broken_the_candidates_comes_first(self) -> None:
        broken = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.4")
        for rule in (VersionNotRaised(), VersionRolledBack(), UndersizedBump()):
            (finding,) = findings(rule, broken, broken)
            assert (finding.rule, "deployed" in finding.message) == ("SNT003", False)

    def test_training_data_without_a_revision_is_told_apart_by_what_is_said_of_it(self) -> None:
        pin = f', revision: "{digest("training")}"'
        unpinned = edit(SPOTLESS, MANIFEST, pin, "")
        assert not findings(VersionNotRaised(), unpinned, unpinned)
        assert findings(VersionNotRaised(), edit(unpinned, MANIFEST, ROWS, "rows: 18001"), unpinned)
        assert not findings(VersionNotRaised(), edit(SPOTLESS, MANIFEST, ROWS, "rows: 18001"), SPOTLESS)


class TestVersionRolledBack:
    @pytest.mark.parametrize("lower", ["1.3.9", "0.9.0", "1.4.0-rc.1", "1.4.0-1"])
    def test_lower(self, lower: str) -> None:
        (finding,) = findings(VersionRolledBack(), version(SPOTLESS, lower), SPOTLESS)
        assert finding.message == f"version {lower} is lower than the deployed 1.4.0"
        assert finding.deployed is not None
        assert (finding.deployed.path, finding.deployed.line, finding.deployed.value) == (MANIFEST, 2, "1.4.0")

    @pytest.mark.parametrize("other", ["1.4.0", "1.4.0+7", "1.4.1-alpha", "1.10.0", "2.0.0"])
    def test_not_lower(self, other: str) -> None:
        assert not findings(VersionRolledBack(), version(SPOTLESS, other), SPOTLESS)

    @pytest.mark.parametrize(
        ("lower", "higher"),
        [
            ("1.0.0-alpha", "1.0.0-alpha.1"),
            ("1.0.0-alpha.1", "1.0.0-alpha.beta"),
            ("1.0.0-2", "1.0.0-11"),
            ("1.0.0-rc.9", "1.0.0-rc.10"),
            ("1.0.0-99", "1.0.0-a"),
            ("1.0.0-rc.1", "1.0.0"),
        ],
    )
    def test_the_precedence_of_prereleases(self, lower: str, higher: str) -> None:
        assert findings(VersionRolledBack(), version(SPOTLESS, lower), version(SPOTLESS, higher))
        assert not findings(VersionRolledBack(), version(SPOTLESS, higher), version(SPOTLESS, lower))


class TestVersionUsedBefore:
    """VER002 in the gate: what the deployed branch's history says of a version."""

    DEPLOYED: Files = version({**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("deployed"), 7)}, "1.4.0")
    OLD: Files = version({**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("old"), 7)}, "1.5.0")
    NEW: Files = version(NEW_WEIGHTS, "1.5.0")

    def found(self, *states: Files, files: Files | None = None, deployed: Any = None) -> list[Finding]:
        past = Past(*((state, ago(days=1)) for state in states), branch="main")
        gate = gate_of(history=histories(past))
        return findings(VersionRolledBack(), files or self.NEW, deployed or self.DEPLOYED, gate=gate)

    def test_for_other_weights(self) -> None:
        [finding] = self.found(self.DEPLOYED, self.OLD)
        assert (finding.path, finding.line, finding.pointer) == (MANIFEST, 2, "/version")
        assert finding.message == "version 1.5.0 was that of other weights on main, since 222222222222"
        assert finding.deployed is not None
        assert (finding.deployed.commit, finding.deployed.value) == ("2" * 40, "1.5.0")

    def test_for_these_weights_or_another_version(self) -> None:
        assert not self.found(self.DEPLOYED, self.NEW)
        assert not self.found(self.DEPLOYED, version(NEW_WEIGHTS, "1.6.0"))

    def test_by_another_model(self) -> None:
        assert not self.found(self.DEPLOYED, edit(self.OLD, MANIFEST, "name: churn\n", "name: fraud\n"))

    def test_for_weights_that_were_not_there(self) -> None:
        assert not self.found(self.DEPLOYED, without(self.OLD, f"{FOLDER}/model.skops"))

    def test_a_change_that_leaves_the_version_alone(self) -> None:
        past = version({**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("old"), 7)}, "1.4.0")
        assert not self.found(self.DEPLOYED, past, files={**self.DEPLOYED, f"{FOLDER}/README.md": "# New\n"})

    def test_a_model_that_was_there_before_and_comes_again(self) -> None:
        assert len(self.found({}, self.OLD, deployed=Skip("first release"))) == 1
        assert not self.found({}, self.NEW, deployed=Skip("first release"))

    def test_a_lower_version_is_one_finding(self) -> None:
        lower = version(NEW_WEIGHTS, "1.3.0")
        [finding] = self.found(self.DEPLOYED, version(SPOTLESS, "1.3.0"), files=lower)
        assert finding.message == "version 1.3.0 is lower than the deployed 1.4.0"

    def test_the_history_of_the_deployed_branch_counts(self) -> None:
        past = Past((self.DEPLOYED, ago(days=1)), (self.OLD, ago(days=2)), branch="main")
        gate = gate_of(history=histories(past), target="staging", deployed="main")
        assert len(findings(VersionRolledBack(), self.NEW, self.DEPLOYED, gate=gate)) == 1

    def test_a_history_that_is_cut_off_decides_nothing(self) -> None:
        past = Past((self.DEPLOYED, ago(days=1)), branch="main", cut=True)
        [finding] = findings(VersionRolledBack(), self.NEW, self.DEPLOYED, gate=gate_of(history=histories(past)))
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")

    def test_outside_the_gate_the_history_is_not_read(self) -> None:
        assert not findings(VersionRolledBack(), self.NEW, self.DEPLOYED)


TENURE = "{name: tenure_months, type: long, minimum: 0}"
PLAN = "{name: plan, type: string, enum: [basic, pro]}"

INCOMPATIBLE = {
    "gone": (TENURE, "input plan is gone"),
    "renamed": (f"{TENURE}, {PLAN.replace('plan', 'tariff')}", "input plan is gone"),
    "new": (f"{TENURE}, {PLAN}, {{name: age, type: long}}", "input age is new and required"),
    "type": (f"{TENURE.replace('long', 'double')}, {PLAN}", "input tenure_months is double, no longer long"),
    "minimum": (f"{TENURE.replace('0', '1')}, {PLAN}", "the minimum of input tenure_months rose"),
    "maximum": (f"{TENURE.replace('0', '0, maximum: 9')}, {PLAN}", "the maximum of input tenure_months fell"),
    "enum": (f"{TENURE}, {PLAN.replace('basic, ', '')}", "input plan takes fewer values"),
}
COMPATIBLE = {
    "optional": f"{TENURE}, {PLAN}, {{name: age, type: long, required: false}}",
    "minimum": f"{TENURE.replace('0', '-1')}, {PLAN}",
    "no minimum": f"{TENURE.replace(', minimum: 0', '')}, {PLAN}",
    "enum": f"{TENURE}, {PLAN.replace('pro', 'pro, max')}",
    "order": f"{PLAN}, {TENURE}",
}


class TestUndersizedBump:
    @pytest.mark.parametrize("what", sorted(INCOMPATIBLE))
    @pytest.mark.parametrize("bump", ["1.4.1", "1.5.0"])
    def test_an_incompatible_signature_is_major(self, what: str, bump: str) -> None:
        columns, reason = INCOMPATIBLE[what]
        (finding,) = findings(UndersizedBump(), version(inputs(columns), bump), SPOTLESS)
        assert reason in finding.message
        assert "that is MAJOR" in finding.message
        assert not findings(UndersizedBump(), version(inputs(columns), "2.0.0"), SPOTLESS)

    @pytest.mark.parametrize("what", sorted(COMPATIBLE))
    def test_a_compatible_signature_is_not(self, what: str) -> None:
        assert not findings(UndersizedBump(), version(inputs(COMPATIBLE[what]), "1.4.1"), SPOTLESS)

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            ("type: double, minimum: 0, maximum: 1", "type: string", "output probability is string"),
            ("name: probability", "name: score", "output probability is gone"),
            ("library_name: scikit-learn", "library_name: xgboost", "library_name changed"),
            ("HistGradientBoostingClassifier", "LogisticRegression", "architecture changed"),
        ],
    )
    def test_what_else_is_major(self, old: str, new: str, reason: str) -> None:
        files = edit(SPOTLESS, MANIFEST, old, new)
        (finding,) = findings(UndersizedBump(), version(files, "1.5.0"), SPOTLESS)
        assert reason in finding.message
        assert not findings(UndersizedBump(), version(files, "2.0.0"), SPOTLESS)

    @pytest.mark.parametrize("what", ["weights", "training data"])
    def test_new_weights_or_data_are_minor(self, what: str) -> None:
        files = CHANGED[what][0]
        (finding,) = findings(UndersizedBump(), version(files, "1.4.1"), SPOTLESS)
        assert "that is MINOR, but 1.4.0 -> 1.4.1 is PATCH" in finding.message
        assert finding.key == "version"
        assert finding.deployed is not None and finding.deployed.value == "1.4.0"
        assert not findings(UndersizedBump(), version(files, "1.5.0"), SPOTLESS)

    def test_the_rest_is_patch(self) -> None:
        assert not findings(UndersizedBump(), version(CHANGED["parameters"][0], "1.4.1"), SPOTLESS)

    def test_while_major_is_zero_an_incompatible_change_is_minor(self) -> None:
        deployed = version(SPOTLESS, "0.4.0")
        files = inputs(TENURE)
        assert findings(UndersizedBump(), version(files, "0.4.1"), deployed)
        assert not findings(UndersizedBump(), version(files, "0.5.0"), deployed)

    @pytest.mark.parametrize("new", ["1.4.0", "1.3.9", "0.9.0"])
    def test_not_raised_is_another_rules(self, new: str) -> None:
        found = judgement(UndersizedBump(), version(NEW_WEIGHTS, new), SPOTLESS)
        assert not found.findings
        assert [s.reason for s in found.skipped] == ["the version was not raised"]

    def test_where_nothing_changed_no_bump_is_asked_for(self) -> None:
        found = judgement(UndersizedBump(), SPOTLESS, SPOTLESS)
        assert not found.findings
        assert [s.reason for s in found.skipped] == ["the version was not raised"]

    def test_only_what_asks_for_the_bump_is_named(self) -> None:
        files = version({**inputs(TENURE), f"{FOLDER}/model.skops": write_pointer(digest("new weights"), 9)}, "1.5.0")
        (finding,) = findings(UndersizedBump(), files, SPOTLESS)
        assert finding.message.startswith("the signature (input plan is gone) changed: that is MAJOR")

    def test_library_and_architecture_need_a_bump_too(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "library_name: scikit-learn", "library_name: xgboost")
        (finding,) = findings(UndersizedBump(), files, SPOTLESS)
        assert finding.message.endswith("1.4.0 -> 1.4.0 is no bump at all")

    @pytest.mark.parametrize(
        ("old", "new", "enough"),
        [
            ("2.0.0-rc.1", "2.0.0", True),
            ("2.0.0-rc.1", "2.0.0-rc.2", True),
            ("1.5.0-rc.1", "1.5.0", False),
            ("1.4.1-rc.1", "1.4.1", False),
            ("1.4.1-rc.1", "2.0.0", True),
        ],
    )
    def test_a_prerelease_announces_the_bump_of_its_release(self, old: str, new: str, enough: bool) -> None:
        assert (not findings(UndersizedBump(), version(inputs(TENURE), new), version(SPOTLESS, old))) == enough


class TestBorrowedWeights:
    FRAUD = "models/fraud/m.skops"
    THEIRS = Catalogue(weights={WEIGHTS: (("churn", f"{FOLDER}/model.skops"), ("fraud", FRAUD))})
    SHARED: ClassVar = {**SPOTLESS, FRAUD: write_pointer(WEIGHTS, 5)}

    def test_the_weights_of_another_model(self) -> None:
        (finding,) = findings(BorrowedWeights(), self.SHARED, catalogue=self.THEIRS)
        assert (finding.path, finding.line, finding.column) == (MANIFEST, 9, 11)
        assert finding.message == "model.skops is the very file models/fraud/m.skops, which is another model's"
        assert finding.help == "commit this model's own weights"

    def test_of_several_others_the_first_is_named(self) -> None:
        theirs = Catalogue(weights={WEIGHTS: (("fraud", self.FRAUD), ("loans", "models/loans/m.skops"))})
        (finding,) = findings(BorrowedWeights(), self.SHARED, catalogue=theirs)
        assert finding.message.startswith("model.skops is the very file models/fraud/m.skops")

    def test_what_only_looks_like_a_pointer_to_them(self) -> None:
        files = {**self.SHARED, self.FRAUD: write_pointer(WEIGHTS, 5) + b"x"}
        assert not findings(BorrowedWeights(), files, catalogue=self.THEIRS)

    def test_weights_that_are_deployed_are_not_borrowed_from_whom_comes_to_them(self) -> None:
        assert not findings(BorrowedWeights(), self.SHARED, SPOTLESS, catalogue=self.THEIRS)
        assert findings(BorrowedWeights(), self.SHARED, self.SHARED, catalogue=self.THEIRS)
        others = {**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("before"), 5)}
        assert findings(BorrowedWeights(), self.SHARED, others, catalogue=self.THEIRS)

    def test_nor_from_whom_comes_to_them_with_a_file_that_was_there(self) -> None:
        theirs_before = {**SPOTLESS, self.FRAUD: write_pointer(digest("before"), 5)}
        assert not findings(BorrowedWeights(), self.SHARED, theirs_before, catalogue=self.THEIRS)

    def test_where_nobody_knows_whose_they_were_they_are_borrowed(self) -> None:
        broken = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.4")
        unknown = without(SPOTLESS, f"{FOLDER}/model.skops")
        for deployed in (broken, unknown, Undecidable("main is not here")):
            [finding] = findings(BorrowedWeights(), self.SHARED, deployed, catalogue=self.THEIRS)
            assert (finding.rule, finding.outcome) == ("VER004", "fail")

    def test_two_models_that_serve_one_file(self) -> None:
        files = edit(self.SHARED, MANIFEST, "[model.skops]", "[../fraud/m.skops]")
        fraud = str(SPOTLESS[MANIFEST]).replace("name: churn", "name: fraud").replace("[model.skops]", "[m.skops]")
        files = {**without(files, f"{FOLDER}/model.skops"), "models/fraud/model.yaml": fraud}
        theirs = Catalogue(weights={WEIGHTS: (("fraud", self.FRAUD),)})
        (finding,) = findings(BorrowedWeights(), files, SPOTLESS, catalogue=theirs)
        assert finding.message == "../fraud/m.skops is the very file models/fraud/m.skops, which is another model's"

    @pytest.mark.parametrize("folder", [".shared", "benchmarks/churn-holdout"])
    def test_weights_that_are_nobodys(self, folder: str) -> None:
        files = edit(SPOTLESS, MANIFEST, "[model.skops]", f"[../../{folder}/model.skops]")
        files = {**files, f"{folder}/model.skops": write_pointer(WEIGHTS, 5)}
        (finding,) = findings(BorrowedWeights(), files)
        assert finding.message == f"../../{folder}/model.skops lies where no model owns it"
        assert finding.help == "move it into this model's folder"

    def test_its_own_weights(self) -> None:
        own = Catalogue(weights={WEIGHTS: (("churn", f"{FOLDER}/model.skops"),)})
        assert not findings(BorrowedWeights(), SPOTLESS, catalogue=own)


def test_skip_is_said_with_a_reason() -> None:
    found = judgement(VersionRolledBack(), SPOTLESS, Skip("no deployed branch"))
    assert [s.reason for s in found.skipped] == ["no deployed branch"]


@pytest.mark.parametrize("params", ["max_iter: 200\r\n", "# as ever\nmax_iter: 200  # trees\n"])
def test_parameters_laid_out_anew_are_the_same(params: str) -> None:
    assert not findings(VersionNotRaised(), {**SPOTLESS, f"{FOLDER}/params.yaml": params}, SPOTLESS)


def test_parameters_in_a_file_of_another_kind_are_others() -> None:
    moved = edit(SPOTLESS, MANIFEST, "params: params.yaml", "params: params.txt")
    [found] = findings(VersionNotRaised(), {**moved, f"{FOLDER}/params.txt": "max_iter: 200 \n"}, SPOTLESS)
    assert found.message.startswith("the parameters changed")

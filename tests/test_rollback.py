"""A rollback: what is one, who makes it one, and what it is exempt from."""

from __future__ import annotations

from typing import Any

import pytest

from snitch.change import Change
from snitch.engine import ActiveRule, judge
from snitch.finding import Undecidable
from snitch.gate import Approvals
from snitch.pointer import write_pointer
from snitch.rollback import Rollback, rollback_of
from snitch.rulebook import rulebook
from tests.gating.witnesses import gate_of
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, change_of, digest, edit, edit_json, without
from tests.past import Past, ago, histories

CHANGELOG = f"{FOLDER}/CHANGELOG.md"

#: What went wrong, under 1.5.0; before it SPOTLESS stood there, which is 1.4.0.
BAD: Files = edit(
    {**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("bad"), 7)},
    MANIFEST,
    "version: 1.4.0",
    "version: 1.5.0",
)
#: The way back: the weights of 1.4.0 under a version of its own.
BACK = edit(
    edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.5.1"),
    CHANGELOG,
    "## [1.4.0]",
    "## [1.5.1] - 2026-11-20\n### Fixed\n- Back to 1.4.0.\n\n## [1.4.0]",
)
BEN = Approvals("ada", frozenset({"ben"}))


def change(files: Files = BACK, *states: Files, approvals: Any = BEN, approvers: Any = ("ben",)) -> Change:
    """The change from 1.5.0; on main stood `states`, newest first."""
    past = Past(*((state, ago(days=1)) for state in states or (BAD, SPOTLESS)), branch="main")
    gate = gate_of(approvals=approvals, approvers=approvers, history=histories(past))
    return change_of(files, BAD, gate=gate)


def is_one(files: Files = BACK, *states: Files, **more: Any) -> bool:
    return rollback_of(change(files, *states, **more)) is not None


class TestWhatIsOne:
    def test_the_model_that_stood_there_before(self) -> None:
        assert rollback_of(change()) == Rollback("1.4.0", "2" * 40, "ben")

    def test_to_the_very_version(self) -> None:
        assert is_one(SPOTLESS)

    def test_over_several_versions(self) -> None:
        other = {**BAD, f"{FOLDER}/model.skops": write_pointer(digest("worse"), 7)}
        found = rollback_of(change(BACK, other, BAD, {}, SPOTLESS))
        assert found is not None
        assert found.commit == "4" * 40

    def test_where_what_is_deployed_has_lost_its_weights(self) -> None:
        assert is_one(BACK, without(BAD, f"{FOLDER}/model.skops"), SPOTLESS)

    @pytest.mark.parametrize(
        "path", [f"{FOLDER}/README.md", f"{FOLDER}/params.yaml", f"{FOLDER}/train.py", f"{FOLDER}/requirements.txt"]
    )
    def test_another_file_is_another_release(self, path: str) -> None:
        assert not is_one({**BACK, path: "x = 1\n"})
        assert not is_one(without(BACK, path))
        assert not is_one({**BACK, f"{path}.more": "x = 1\n"})

    def test_another_evaluation_is(self) -> None:
        assert not is_one(edit_json(BACK, EVALUATION, lambda data: data.update(date="2026-11-19T10:00:00Z")))

    def test_another_word_in_the_manifest_is(self) -> None:
        assert not is_one(edit(BACK, MANIFEST, "decision_threshold: 0.42", "decision_threshold: 0.4"))

    def test_weights_that_never_stood_there_are(self) -> None:
        assert not is_one(BACK, BAD, {**BAD, f"{FOLDER}/model.skops": write_pointer(digest("worse"), 7)})
        assert not is_one({**BACK, f"{FOLDER}/model.skops": write_pointer(digest("new"), 7)})

    def test_the_weights_that_stand_there_now_are_no_way_back(self) -> None:
        assert not is_one(BACK, SPOTLESS, BAD, SPOTLESS)

    def test_another_model_s_past_is_none(self) -> None:
        assert not is_one(BACK, BAD, edit(SPOTLESS, MANIFEST, "name: churn\n", "name: fraud\n"))

    def test_a_folder_that_the_policy_excludes_is_no_part_of_it(self) -> None:
        kept = {**SPOTLESS, f"{FOLDER}/notes/a.txt": "1"}
        asked = change(BACK, BAD, kept)
        assert rollback_of(asked) is None
        repository = asked.candidate.repository.without([f"{FOLDER}/notes"])
        asked.candidate = type(asked.candidate)(repository, FOLDER)
        assert rollback_of(asked) is not None


class TestWhoMakesItOne:
    def test_nobody_who_may(self) -> None:
        assert not is_one(approvers=())
        assert not is_one(approvers=("eve",))
        assert not is_one(approvals=Approvals("ada", frozenset()))

    def test_not_the_author(self) -> None:
        assert not is_one(approvals=Approvals("Ben", frozenset({"ben"})))

    def test_not_who_may_be_the_author(self) -> None:
        assert not is_one(approvals=Approvals(None, frozenset({"ben"})))

    def test_a_login_in_other_letters(self) -> None:
        assert is_one(approvers=("Ben",))

    def test_where_nobody_knows_it_is_none(self) -> None:
        assert not is_one(approvals=Undecidable("nobody said"))

    def test_where_the_history_is_cut_off_it_is_none(self) -> None:
        past = Past((BAD, ago(days=1)), branch="main", cut=True)
        gate = gate_of(approvals=BEN, approvers=("ben",), history=histories(past))
        assert rollback_of(change_of(BACK, BAD, gate=gate)) is None

    def test_outside_the_gate_there_is_none(self) -> None:
        assert rollback_of(change_of(BACK, BAD)) is None


EXEMPT = {
    *("REG001", "REG002", "REG003", "REG004", "REG005", "REG006", "BEN001", "BEN002", "BEN006", "DAT001"),
    *("VER002", "VER003", "PRO001", "PRO002", "PRO003"),
}


def test_what_it_is_exempt_from() -> None:
    found = Rollback("1.4.0", "2" * 40, "ben")
    exempt = {code for code in rulebook().rules if found.exempts(code)}
    regression = {code for code in rulebook().rules if code.startswith("REG")}
    assert exempt == EXEMPT | regression
    for code in (
        "SAF001",
        "SAF002",
        "LFS001",
        "LFS005",
        "DEP001",
        "DEP006",
        "VER001",
        "PRO006",
        "PRO007",
        "BEN003",
        "REGAL001",
    ):
        assert not found.exempts(code)


def test_the_engine_skips_those_rules_and_says_why() -> None:
    active = [ActiveRule(kind(), "error") for kind in rulebook().rules.values()]
    found = judge(active, change())
    reasons = {each.rule: each.reason for each in found.skipped if each.reason.startswith("a rollback")}
    assert set(reasons.values()) == {"a rollback to 1.4.0, approved by ben"}
    assert set(reasons) >= EXEMPT
    without_approval = judge(active, change(approvers=()))
    assert not any(each.reason.startswith("a rollback") for each in without_approval.skipped)

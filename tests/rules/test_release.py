"""PRO004 and PRO006: a way back, and somebody who has looked."""

from __future__ import annotations

from typing import Any

import pytest
from snitch.rules.release import MissingApproval, MissingRollback

from snitch.change import Environment
from snitch.finding import Finding, Undecidable
from snitch.gate import Approvals
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import (
    FOLDER,
    MANIFEST,
    SPOTLESS,
    Files,
    edit,
    findings,
    judgement,
    repository_judgement,
    without,
)
from tests.past import Past, ago, histories

RELEASE = edit(SPOTLESS, MANIFEST, "training:\n", "release: {rollback_to: 1.3.2}\ntraining:\n")
OLD: Files = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.3.2")


class TestMissingRollback:
    def found(self, *states: Files, files: Files = RELEASE) -> list[Finding]:
        past = Past(*((state, ago(days=9)) for state in states), branch="main")
        return findings(MissingRollback(), files, gate=gate_of(history=histories(past)))

    def test_a_version_that_was_deployed(self) -> None:
        assert self.found(SPOTLESS, OLD) == []

    @pytest.mark.parametrize("states", [(), (SPOTLESS,), ({},)])
    def test_one_that_was_not(self, states: tuple[Files, ...]) -> None:
        [finding] = self.found(*states)
        assert (finding.path, finding.pointer, finding.line) == (MANIFEST, "/release/rollback_to", 12)
        assert finding.message == "there is no churn 1.3.2 to go back to: it was never on main"

    def test_one_of_another_model_in_the_folder(self) -> None:
        assert len(self.found(edit(OLD, MANIFEST, "name: churn\n", "name: fraud\n"))) == 1

    def test_no_release_and_no_version_to_go_back_to(self) -> None:
        for files in (SPOTLESS, edit(SPOTLESS, MANIFEST, "training:\n", "release: {rollout: [5]}\ntraining:\n")):
            found = judgement(MissingRollback(), files, gate=gate_of())
            assert [each.reason for each in found.skipped] == ["the manifest names no version to go back to"]

    def test_it_warns_above_the_lowest_environment(self) -> None:
        assert (MissingRollback.severity, MissingRollback.stage) == ((None, "warning"), "gate")


class TestMissingApproval:
    TWO = Environment(name="production", branches=("main",), lowest=False, approvals=2)

    def judged(self, approvals: Approvals | Undecidable, **more: Any) -> Judgement:
        more = {"environment": self.TWO, "changed": frozenset({MANIFEST}), **more}
        return repository_judgement(
            MissingApproval(), more.pop("files", SPOTLESS), gate=gate_of(approvals=approvals), **more
        )

    def found(self, author: str | None, *users: str, **more: Any) -> list[Finding]:
        return list(self.judged(Approvals(author, frozenset(users)), **more).findings)

    def test_enough(self) -> None:
        assert self.found("ada", "bob", "eve") == []

    def test_too_few(self) -> None:
        [finding] = self.found("ada", "bob")
        assert (finding.rule, finding.outcome, finding.path, finding.model) == ("PRO006", "fail", MANIFEST, None)
        assert finding.message == "production asks for 2 approvals of this commit; it has 1: bob"

    def test_none(self) -> None:
        one = Environment(name="production", branches=("main",), lowest=False, approvals=1)
        [finding] = self.found("ada", environment=one)
        assert finding.message == "production asks for an approval of this commit; it has 0"

    @pytest.mark.parametrize("author", ["ada", "Ada", "ADA"])
    def test_the_authors_own_does_not_count(self, author: str) -> None:
        [finding] = self.found(author, "bob", "aDa")
        assert finding.message.endswith("it has 1: bob")

    def test_an_author_whom_nobody_knows_may_be_one_of_them(self) -> None:
        [finding] = self.found(None, "bob", "eve")
        assert finding.outcome == "inconclusive"
        assert finding.message.endswith("it has 2: bob, eve, and nobody knows whether the author is one of them")
        assert self.found(None, "bob", "eve", "mia") == []
        [finding] = self.found(None, "bob")
        assert finding.outcome == "fail"
        assert [each.outcome for each in self.found(None)] == ["fail"]

    def test_where_nobody_knows_who_approved_nothing_is_decided(self) -> None:
        [finding] = self.judged(Undecidable("nobody said")).findings
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")

    def test_an_environment_that_asks_for_none(self) -> None:
        none = Environment(name="staging", branches=("staging",), lowest=False)
        found = self.judged(Undecidable("nobody said"), environment=none)
        assert [each.reason for each in found.skipped] == ["staging asks for no approval"]

    @pytest.mark.parametrize("changed", [frozenset({"README.md"}), frozenset()])
    def test_a_change_of_no_model(self, changed: frozenset[str]) -> None:
        for more in ({"judges_all": True}, {"models": ()}):
            found = self.judged(Undecidable("nobody said"), changed=changed, **more)
            assert [each.reason for each in found.skipped] == ["no model changed"]

    def test_with_all_a_model_that_changed_still_counts(self) -> None:
        assert len(self.found("ada", judges_all=True)) == 1

    def test_a_deleted_model_changed(self) -> None:
        gone = without(SPOTLESS, *(path for path in SPOTLESS if path.startswith(FOLDER)))
        base = Repository(MemorySnapshot(SPOTLESS))
        [finding] = self.found("ada", files=gone, base=base)
        assert (finding.rule, finding.path) == ("PRO006", ".")

    def test_it_is_off_in_the_lowest_environment(self) -> None:
        assert (MissingApproval.severity, MissingApproval.stage) == ((None, "error"), "gate")

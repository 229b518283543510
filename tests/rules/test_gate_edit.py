"""Edits of the gate itself: on a laptop, and in the gate."""

from __future__ import annotations

from typing import Any

import pytest
from snitch.rules.gate_edit import GateEdited

from snitch.finding import Undecidable
from snitch.gate import Approvals
from snitch.repository import Repository
from snitch.repository_change import PolicyEdit, Reruled
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, SPOTLESS, repository_findings, repository_judgement, without


class TestGateEdited:
    @pytest.mark.parametrize(
        ("path", "what"),
        [
            ("snitch.yaml", "the policy"),
            ("team.yaml", "the policy"),
            (BENCHMARK, "a benchmark"),
            ("benchmarks/churn-holdout/data.parquet", "a benchmark"),
            ("CODEOWNERS", "the code owners"),
            (".github/CODEOWNERS", "the code owners"),
            (".github/workflows/gate.yml", "a workflow"),
            (".gitlab-ci.yml", "a workflow"),
            ("ci/Jenkinsfile.release", "a workflow"),
            (".circleci/config.yml", "a workflow"),
            (".github", "a workflow"),
            (".github/workflows", "a workflow"),
            ("serving/shadow.sh", "a file that the policy guards"),
            ("serving", "a file that the policy guards"),
        ],
    )
    def test_a_part_of_the_gate(self, path: str, what: str) -> None:
        files = {**SPOTLESS, "team.yaml": "", "CODEOWNERS": "", ".github/CODEOWNERS": "", path: SPOTLESS.get(path, "")}
        more: dict[str, Any] = {"changed": frozenset({path}), "policy_paths": frozenset({"team.yaml"})}
        more |= {"approvers": ("platform-lead",), "guarded": ("serving/",)}
        [found] = repository_findings(GateEdited(), files, **more)
        assert (found.path, found.severity, found.outcome) == (path, "warning", "fail")
        assert found.message == f"the change edits {what}: it will need the approval of one of `gate.approvers`"

    def test_where_nobody_may_approve_it_says_whom_to_name(self) -> None:
        [found] = repository_findings(GateEdited(), {**SPOTLESS, "CODEOWNERS": ""}, changed=frozenset({"CODEOWNERS"}))
        assert found.severity == "warning"
        assert found.message.endswith("will need an approval, and the base's policy names no `gate.approvers`")
        assert "`gate: {approvers: [LOGIN]}`" in found.help

    def test_a_part_of_the_gate_that_is_deleted(self) -> None:
        [found] = repository_findings(GateEdited(), SPOTLESS, changed=frozenset({"CODEOWNERS"}))
        assert found.message.startswith("the change deletes the code owners")

    def test_each_file_is_told_with_a_fingerprint_of_its_own(self) -> None:
        data = "benchmarks/churn-holdout/data.parquet"
        found = repository_findings(GateEdited(), SPOTLESS, changed=frozenset({data, BENCHMARK}))
        assert [each.path for each in found] == [BENCHMARK, data]
        assert len({each.fingerprint for each in found}) == 2

    @pytest.mark.parametrize("path", [MANIFEST, EVALUATION, "benchmarks.md", "docs/snitch.yaml", "src/CODEOWNERS"])
    def test_no_part_of_the_gate(self, path: str) -> None:
        assert not repository_findings(GateEdited(), SPOTLESS, changed=frozenset({path}))


def test_a_deleted_policy_is_more_than_an_edit() -> None:
    files = without(SPOTLESS, "snitch.yaml")
    (finding,) = repository_findings(GateEdited(), files, SPOTLESS, changed=frozenset({"snitch.yaml"}))
    assert (finding.severity, finding.path, finding.key) == ("error", "snitch.yaml", "snitch.yaml")


def test_where_everything_is_new_nothing_is_edited() -> None:
    assert not repository_findings(GateEdited(), SPOTLESS, is_all_new=True)


LEAD = ("platform-lead",)
EDITED = frozenset({"snitch.yaml"})


def in_gate(changed: frozenset[str] = EDITED, **more: Any) -> Judgement:
    """What the rule says in the gate, where `platform-lead` may approve; `approvals` are told to the gate."""
    approvals = more.pop("approvals", Approvals("ada", frozenset()))
    base = Repository(MemorySnapshot(more.pop("base", SPOTLESS)))
    known = {"approvers": LEAD, "policy_paths": EDITED, "base": base, **more}
    gate = gate_of(approvals=approvals, approvers=known["approvers"])
    return repository_judgement(GateEdited(), known.pop("files", SPOTLESS), changed=changed, gate=gate, **known)


class TestInTheGate:
    def test_an_edit_that_nobody_approved_fails_and_shows_what_becomes_weaker(self) -> None:
        [found] = in_gate(policy_edit=PolicyEdit(("weaker: REG001 max_drop 0.005 -> 0.05",))).findings
        assert (found.severity, found.outcome, found.path) == ("error", "fail", "snitch.yaml")
        assert (
            found.message
            == "the change edits the policy: it needs the approval of one of platform-lead, the author not counted"
        )
        assert found.notes == ("weaker: REG001 max_drop 0.005 -> 0.05",)

    def test_the_approval_of_an_approver_lifts_it_and_is_noted(self) -> None:
        judged = in_gate(
            approvals=Approvals("ada", frozenset({"Platform-Lead"})), policy_edit=PolicyEdit(("weaker: x",))
        )
        assert not judged.findings
        assert judged.notes == ("the change edits the policy (snitch.yaml), which platform-lead approved: weaker: x",)

    @pytest.mark.parametrize("users", [frozenset({"bob"}), frozenset({"platform-lead"})], ids=["another", "the author"])
    def test_other_approvals_do_not(self, users: frozenset[str]) -> None:
        author = "platform-lead" if "platform-lead" in users else "ada"
        [found] = in_gate(approvals=Approvals(author, users)).findings
        assert (found.rule, found.severity) == ("POL001", "error")

    def test_unknown_approvals_decide_nothing(self) -> None:
        """And still it is shown what would become weaker."""
        edit = PolicyEdit(("weaker: x",))
        [found] = in_gate(approvals=Undecidable("nobody knows who approved"), policy_edit=edit).findings
        assert (found.rule, found.outcome, found.path) == ("POL001", "inconclusive", "snitch.yaml")
        assert found.message.endswith("; nobody knows who approved")
        assert found.notes == ("weaker: x",)
        assert found.help == "ask one of platform-lead to approve the latest commit"

    def test_where_approvals_cannot_be_known_another_one_is_no_help(self) -> None:
        [found] = in_gate(approvals=Undecidable("nobody was asked", help="set GITLAB_TOKEN")).findings
        assert found.help == "set GITLAB_TOKEN"

    def test_without_approvers_nobody_can_lift_it(self) -> None:
        [found] = in_gate(approvers=(), approvals=Approvals("ada", frozenset({"platform-lead"}))).findings
        assert (found.severity, found.outcome) == ("error", "fail")

    def test_a_broken_policy_is_lifted_by_nobody(self) -> None:
        approved = Approvals("ada", frozenset(LEAD))
        judged = in_gate(approvals=approved, policy_edit=PolicyEdit(fault="snitch.yaml: an unknown key"))
        [found] = judged.findings
        assert (found.severity, found.key) == ("error", "fault")

    def test_a_deleted_policy_is_lifted_by_nobody(self) -> None:
        approved = Approvals("ada", frozenset(LEAD))
        [found] = in_gate(approvals=approved, files=without(SPOTLESS, "snitch.yaml")).findings
        assert (found.severity, found.message[:30]) == ("error", "the change deletes the policy:")

    def test_without_a_policy_on_the_target_it_only_warns(self) -> None:
        [found] = in_gate(base=without(SPOTLESS, "snitch.yaml"), approvers=()).findings
        assert found.severity == "warning"

    def test_what_a_benchmark_was_and_would_be_is_shown(self) -> None:
        text = SPOTLESS[BENCHMARK]
        assert isinstance(text, str)
        files = {**SPOTLESS, BENCHMARK: text.replace("positive_label: 1", "positive_label: 0")}
        [found] = in_gate(frozenset({BENCHMARK}), files=files).findings
        assert found.notes == ("positive_label 1 -> 0",)

    def test_a_model_that_is_moved_to_other_rules(self) -> None:
        """A path that an override names is no longer its own; the name is."""
        floor = "weaker: REG002 metric-below-floor: metrics recall 0.95 -> none"
        moved = Reruled(model="churn", path=MANIFEST, before="models/fraud-churn", changes=(floor,))
        [found] = in_gate(frozenset(), reruled=(moved,)).findings
        assert (found.path, found.outcome, found.severity, found.notes) == (MANIFEST, "fail", "error", (floor,))
        assert found.message.startswith(
            "the change moves churn out of models/fraud-churn, to where the policy has other rules for it: it needs "
        )
        approved = Approvals("ada", frozenset(LEAD))
        assert not in_gate(frozenset(), reruled=(moved,), approvals=approved).findings

"""The gate on real repositories: what it judges, by which policy, compared with what."""

from __future__ import annotations

from snitch.git.command import Git
from snitch.git.merge import merged
from tests.gating.conftest import DEPLOYED, POLICY
from tests.gating.judged import codes, gated, retrained
from tests.judging import MANIFEST, SPOTLESS
from tests.repository import Repo


def test_a_better_model_passes(repo: Repo) -> None:
    head = repo.commit(retrained(DEPLOYED, roc_auc=0.92))
    report = gated(repo)
    assert report.verdict == "passed", report.findings
    assert report.environment == "production"
    assert [(each.name, each.change) for each in report.models] == [("churn", "modified")]
    assert report.candidate.commit == head
    assert report.base is not None
    assert report.base.commit == report.policy.commit == repo.rev("main")
    with merged(Git(str(repo.path)), repo.rev("main"), head) as merge:
        assert report.candidate.tree == merge.tree


def test_a_worse_one_is_blocked(repo: Repo) -> None:
    repo.commit(retrained(DEPLOYED, roc_auc=0.88))
    assert codes(gated(repo)) == ["REG001"]


def test_a_branch_that_is_behind_is_judged_as_merged(repo: Repo) -> None:
    """What others have put on the target since is neither undone nor held against the branch."""
    repo.switch("main")
    repo.commit(retrained(DEPLOYED, roc_auc=0.95))
    repo.switch("feature")
    repo.commit({"README.md": "# Ours\n"})
    report = gated(repo)
    assert (report.verdict, report.models) == ("passed", ())


def test_a_conflict_is_no_pass(repo: Repo) -> None:
    repo.switch("main")
    repo.commit({"notes.txt": "one\n"})
    repo.switch("feature")
    repo.commit({"notes.txt": "two\n"})
    report = gated(repo)
    assert report.verdict == "inconclusive"
    assert "notes.txt" in report.findings[0].message


def test_nothing_of_the_checkout_counts(repo: Repo) -> None:
    """The work tree and the index may hold anything: commits are judged."""
    repo.commit(retrained(DEPLOYED, roc_auc=0.92))
    repo.write({"snitch.yaml": "rules: nonsense\n", MANIFEST: "name: ["}).stage()
    assert gated(repo).verdict == "passed"


def test_a_loosened_limit_is_judged_by_the_old_policy(repo: Repo) -> None:
    loosened = {**DEPLOYED, "snitch.yaml": POLICY.replace("0.005", "0.05")}
    repo.commit(retrained(loosened, roc_auc=0.88))
    report = gated(repo)
    assert codes(report) == ["POL001", "REG001"]
    told = next(each for each in report.findings if each.rule == "POL001")
    assert told.notes == ("weaker: REG001 metric-regressed: metrics roc_auc max_drop 0.005 -> 0.05",)


def test_an_approved_edit_of_the_policy_passes_and_is_told(repo: Repo) -> None:
    repo.commit({"snitch.yaml": POLICY.replace("0.005", "0.05")})
    report = gated(repo, approved_by=("platform-lead",))
    assert report.verdict == "passed"
    assert any("platform-lead approved" in note and "0.005 -> 0.05" in note for note in report.notes)


def test_a_waiver_of_the_change_itself_excuses_nothing(repo: Repo) -> None:
    waiver = (
        "waivers: [{rule: REG001, model: churn, version: 1.5.0, owner: ada@example.com, reason: please,"
        " expires: 2026-12-15}]\n"
    )
    repo.commit(retrained({**DEPLOYED, "snitch.yaml": POLICY + waiver}, roc_auc=0.88))
    report = gated(repo)
    assert codes(report) == ["POL001", "REG001"]
    assert any("a new waiver: REG001 of churn 1.5.0" in note for each in report.findings for note in each.notes)


def test_without_a_policy_on_the_target_the_built_in_one_judges(repo: Repo) -> None:
    repo.switch("main")
    repo.git("rm", "--quiet", "snitch.yaml")
    repo.commit()
    repo.git("branch", "--force", "feature")
    repo.switch("feature")
    files = {path: content for path, content in SPOTLESS.items() if path != "snitch.yaml"}
    repo.commit(retrained(files, roc_auc=0.85) | {"snitch.yaml": "rules: {metric-regressed: off}\n"})
    report = gated(repo)
    # The other: nobody can look into the weights, which that policy asks for.
    assert codes(report) == ["REG001", "SNT003"]
    assert [each.severity for each in report.findings if each.rule == "POL001"] == ["warning"]


def test_the_first_policy_has_to_be_usable(repo: Repo) -> None:
    """By a broken one on the target nothing could be judged again, not even its mend."""
    repo.switch("main")
    repo.git("rm", "--quiet", "snitch.yaml")
    repo.commit()
    repo.git("branch", "--force", "feature")
    repo.switch("feature").commit({"snitch.yaml": "rules: [\n"})
    told = [(each.rule, each.outcome, each.severity) for each in gated(repo).findings if each.key == "fault"]
    assert told == [("POL001", "fail", "error")]


def test_a_business_rule_that_is_no_expression_is_lifted_by_nobody(repo: Repo) -> None:
    """Once it is merged, no model could be judged by it."""
    expressions = {"few": "avg(prediction) <= 0.05", "many": "avg(prediction >= 0.01", "most": "averge(score) < 1"}
    rule = "\n  business-rule-broken:\n    expressions:\n"
    rule += "".join(f'      {name}: "{text}"\n' for name, text in expressions.items())
    assert "\nrules:\n" in POLICY
    policy = POLICY.replace("\nrules:\n", f"\nrules:{rule}")
    repo.commit({"snitch.yaml": policy})
    found = [each for each in gated(repo, approved_by=("platform-lead",)).findings if each.rule == "POL001"]
    assert [(each.outcome, each.severity) for each in found] == [("fail", "error")] * 2
    lines = policy.splitlines()
    assert [lines[each.line - 1].split(":")[0].strip() for each in found] == ["many", "most"]
    assert all("REG010 business-rule-broken cannot judge by" in each.message for each in found)


def test_the_target_names_the_environment(repo: Repo) -> None:
    repo.branch("work", "main")
    repo.commit(retrained(DEPLOYED, roc_auc=0.88))
    report = gated(repo, target="work")
    assert (report.environment, report.verdict) == ("development", "passed")
    assert [each.severity for each in report.findings if each.rule == "REG001"] == ["warning"]

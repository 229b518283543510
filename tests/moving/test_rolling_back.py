"""Rollbacks planned and prepared on real repositories: to which version, with which files, and what the gate says."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from snitch.checking.commits import Misuse
from snitch.finding import Undecidable
from snitch.moving.plan import NothingToMove
from snitch.verdict import Report
from tests.gating.judged import codes, retrained
from tests.gating.promotions import DEPLOYED, NEW, POLICY
from tests.gating.promotions import promoted as gated
from tests.judging import FOLDER, MANIFEST, Files, edit, without
from tests.moving.conftest import DAY, Server, files_of, prepared, printed, rollback, run_script
from tests.moving.poor import POOR, moved
from tests.repository import Repo

CHANGELOG = f"{FOLDER}/CHANGELOG.md"
NEWEST = retrained(DEPLOYED, roc_auc=0.93, version="1.6.0")


@pytest.fixture
def released(server: Server, clone: Repo) -> Repo:
    """Production has had 1.4.0 and 1.5.0, and has 1.6.0."""
    server.put("main", NEW, days=8)
    server.put("main", NEWEST, days=7)
    clone.git("fetch", "--quiet")
    return clone


def versioned(version: str, files: Files = DEPLOYED, **more: str) -> Files:
    """The files with another version in the manifest, and other things there."""
    made = edit(files, MANIFEST, "version: 1.4.0", f"version: {version}")
    for old, new in more.items():
        made = edit(made, MANIFEST, f"{old}: 7", f"{old}: {new}")
    return made


class TestTheTree:
    def test_the_files_are_those_of_then_but_for_version_and_changelog(self, released: Repo) -> None:
        plan = rollback(released)
        commit, is_new = prepared(released, plan)
        assert is_new
        assert (plan.version, plan.present, plan.branch) == ("1.6.1", "1.6.0", "rollback/churn-1.6.1-in-production")
        ours, then = files_of(released, commit), files_of(released, "origin/main~1")
        assert {path for path in then if ours[path] != then[path]} == {MANIFEST, CHANGELOG}
        assert released.git("show", f"{commit}:{MANIFEST}") + "\n" == str(NEW[MANIFEST]).replace("1.5.0", "1.6.1")

    def test_the_changelog_is_today_s_with_an_entry_more(self, released: Repo) -> None:
        commit, _ = prepared(released, rollback(released, reason="it fails on new plans"))
        entry = "## [1.6.1] - 2026-11-20\n\n### Changed\n\n- Back to 1.5.0: it fails on new plans\n\n"
        expected = str(NEWEST[CHANGELOG]).replace("## [1.6.0]", f"{entry}## [1.6.0]")
        assert released.git("show", f"{commit}:{CHANGELOG}") + "\n" == expected

    def test_the_commit_says_what_and_why(self, released: Repo) -> None:
        commit, _ = prepared(released, rollback(released, reason="it fails on new plans"))
        assert released.git("log", "-1", "--format=%B", commit).strip() == (
            "Roll churn back to 1.5.0 in production\n\n"
            f"1.6.1 is what 1.5.0 was, which came to main with {released.rev('origin/main~1')}; main had 1.6.0. "
            "Why: it fails on new plans"
        )

    def test_what_came_since_is_gone_and_what_went_is_back(self, server: Server, clone: Repo) -> None:
        server.put("main", {**without(NEW, f"{FOLDER}/params.yaml"), f"{FOLDER}/new/x.txt": "1", "docs/x.md": "1"})
        plan = rollback(clone)
        commit, _ = prepared(clone, plan)
        files = files_of(clone, commit)
        assert f"{FOLDER}/params.yaml" in files
        assert f"{FOLDER}/new/x.txt" not in files
        assert "docs/x.md" in files

    def test_a_model_that_was_moved_stays_where_it_is(self, server: Server, clone: Repo) -> None:
        server.put("main", moved(NEW, FOLDER, "ml/churn"))
        commit, _ = prepared(clone, rollback(clone))
        files, then = files_of(clone, commit), files_of(clone, "origin/main~1")
        assert not [path for path in files if path.startswith(FOLDER)]
        assert files["ml/churn/model.skops"] == then[f"{FOLDER}/model.skops"]
        assert passes(clone, commit)

    @pytest.mark.parametrize("folder", [FOLDER, "ml/churn"])
    @pytest.mark.parametrize("name", ["a\\b.txt", "\\", "http:/x/..y", "'; x #\n\"`x`", "\x01 \u202e"])
    def test_a_file_of_any_name_is_put_back(self, server: Server, clone: Repo, name: str, folder: str) -> None:
        server.put("main", {**DEPLOYED, f"{FOLDER}/odd/{name}": "1"})
        server.put("main", moved(NEW, FOLDER, folder))
        plan = rollback(clone, to="1.4.0")
        commit, _ = prepared(clone, plan)
        then = files_of(clone, "origin/main~1")
        assert files_of(clone, commit)[f"{folder}/odd/{name}"] == then[f"{FOLDER}/odd/{name}"]

    def test_a_file_that_a_path_of_a_manifest_could_not_name(self, server: Server, clone: Repo) -> None:
        server.put("main", {**DEPLOYED, f"{FOLDER}/a\\b.txt": "1"})
        server.put("main", NEW)
        plan = rollback(clone, to="1.4.0")
        assert run_script(clone, printed(clone, plan)).returncode == 0
        assert f"{FOLDER}/a\\b.txt" in files_of(clone, plan.branch)

    def test_a_changelog_that_nobody_keeps_is_begun(self, server: Server, clone: Repo) -> None:
        server.put("main", without(DEPLOYED, CHANGELOG))
        server.put("main", without(NEW, CHANGELOG))
        commit, _ = prepared(clone, rollback(clone))
        assert clone.git("show", f"{commit}:{CHANGELOG}") == (
            "# Changelog\n\n## [1.5.1] - 2026-11-20\n\n### Changed\n\n- Back to 1.4.0."
        )

    def test_weights_beside_its_folder_are_put_back_too(self, server: Server, clone: Repo) -> None:
        def shared(files: Files) -> Files:
            named = edit(files, MANIFEST, "weights: [model.skops]", "weights: [../../.weights/model.skops]")
            named = edit(
                named, f"{FOLDER}/evaluations/churn-holdout.json", '"model.skops"', '"../../.weights/model.skops"'
            )
            return {**without(named, f"{FOLDER}/model.skops"), ".weights/model.skops": files[f"{FOLDER}/model.skops"]}

        server.put("main", shared(DEPLOYED))
        server.put("main", shared(NEW))
        plan = rollback(clone)
        commit, _ = prepared(clone, plan)
        assert (
            files_of(clone, commit)[".weights/model.skops"] == files_of(clone, "origin/main~1")[".weights/model.skops"]
        )
        assert ".weights/model.skops changes too" in plan.notes[0]
        report = gated(clone, commit, approved_by=("ben",))
        assert codes(report) == ["VER004"]  # no rollback may lie there, no more than a release
        assert _is_taken_for_a_rollback(report)


class TestTheVersion:
    def test_without_a_word_it_is_the_one_before(self, released: Repo) -> None:
        assert "Back to 1.5.0." in str(rollback(released).made[1].content)

    def test_the_one_that_is_named(self, released: Repo) -> None:
        assert rollback(released, to="1.4.0").title == "Roll churn back to 1.4.0 in production"

    def test_the_one_that_the_manifest_names(self, server: Server, clone: Repo) -> None:
        server.put("main", NEW)
        server.put("main", {**NEWEST, MANIFEST: f"{NEWEST[MANIFEST]!s}release: {{rollback_to: 1.4.0}}\n"})
        assert rollback(clone).title == "Roll churn back to 1.4.0 in production"

    def test_a_manifest_that_names_one_that_never_was(self, server: Server, clone: Repo) -> None:
        server.put("main", {**NEW, MANIFEST: f"{NEW[MANIFEST]!s}release: {{rollback_to: 1.3.9}}\n"})
        with pytest.raises(Misuse, match=r"there was no churn 1\.3\.9 on main"):
            rollback(clone)
        assert rollback(clone, to="1.4.0").version == "1.5.1"

    def test_one_of_the_same_weights_is_no_way_back(self, server: Server, clone: Repo) -> None:
        server.put("main", NEW)
        patched = edit(NEW, MANIFEST, "version: 1.5.0", "version: 1.5.1")
        server.put("main", edit(patched, MANIFEST, "seed: 7", "seed: 8"))
        assert rollback(clone).title == "Roll churn back to 1.4.0 in production"
        plan = rollback(clone, to="1.5.0")
        assert plan.notes == (
            "1.5.0 has the weights of 1.5.1: to the gate this is no rollback, but a release like any other",
        )

    def test_after_a_rollback_the_way_back_leads_further(self, released: Repo, server: Server) -> None:
        commit, _ = prepared(released, rollback(released))
        released.git("push", "--quiet", "origin", f"{commit}:main")
        assert rollback(released).title == "Roll churn back to 1.4.0 in production"

    def test_a_time_in_which_it_was_gone_counts_for_nothing(self, server: Server, clone: Repo) -> None:
        server.put("main", {"snitch.yaml": POLICY})
        server.put("main", NEW)
        assert rollback(clone).title == "Roll churn back to 1.4.0 in production"

    def test_of_a_version_its_last_state_counts(self, server: Server, clone: Repo) -> None:
        server.put("main", {**DEPLOYED, f"{FOLDER}/README.md": "# Better\n"})
        server.put("main", NEW)
        commit, _ = prepared(clone, rollback(clone))
        assert clone.git("show", f"{commit}:{FOLDER}/README.md") == "# Better"

    @pytest.mark.parametrize(
        ("deployed", "told", "made"),
        [
            ("1.5.0", "", "1.5.1"),
            ("1.5.0", "## [1.5.1] - 2026-01-01\n- x\n\n## 1.5.2\n- x\n\n", "1.5.3"),
            ("2.0.0-rc.1", "", "2.0.1"),
            ("1.5.9+build", "", "1.5.10"),
        ],
    )
    def test_the_new_one_is_above_what_is_deployed_and_was_nobody_s(
        self, server: Server, clone: Repo, deployed: str, told: str, made: str
    ) -> None:
        newer = edit(NEW, MANIFEST, "version: 1.5.0", f"version: {deployed}")
        server.put("main", edit(newer, CHANGELOG, "## [1.4.0]", f"{told}## [1.4.0]"))
        assert rollback(clone).version == made

    def test_one_that_was_deployed_before_is_nobody_s_again(self, server: Server, clone: Repo) -> None:
        server.put("main", edit(NEW, MANIFEST, "version: 1.5.0", "version: 1.4.1"))
        server.put("main", DEPLOYED)
        with pytest.raises(Misuse, match=r"from before the weights that are there; .* with --to: 1\.4\.1"):
            rollback(clone)
        assert rollback(clone, to="1.4.1").version == "1.4.2"

    def test_nothing_to_do(self, released: Repo, server: Server) -> None:
        with pytest.raises(NothingToMove, match=r"nothing to roll back to churn 1\.6\.0: production has it"):
            rollback(released, to="1.6.0")
        commit, _ = prepared(released, rollback(released))
        released.git("push", "--quiet", "origin", f"{commit}:main")
        with pytest.raises(NothingToMove, match=r"production has it already, as 1\.6\.1"):
            rollback(released, to="1.5.0")


class TestRefusals:
    def test_a_version_that_never_was(self, released: Repo) -> None:
        with pytest.raises(Misuse, match=r"there was no churn 1\.5\.7 on main; did you mean `1\.5\.0`"):
            rollback(released, to="1.5.7")

    def test_a_model_that_is_not_there(self, released: Repo) -> None:
        with pytest.raises(Misuse, match="there is no model `chrun` on main; did you mean `churn`"):
            rollback(released, "chrun")

    def test_a_first_release_has_no_way_back(self, clone: Repo) -> None:
        with pytest.raises(Misuse, match="main has held nothing of churn from before the weights that are there"):
            rollback(clone)

    def test_the_branch_of_an_environment(self, server: Server, clone: Repo) -> None:
        server.put("main", NEW, days=2)
        with pytest.raises(Misuse, match="the branch `main` is that of production; choose another with --branch"):
            rollback(clone, branch="main")

    def test_an_environment_of_many_branches(self, clone: Repo) -> None:
        with pytest.raises(Misuse, match="development has no one branch"):
            rollback(clone, environment="development")

    def test_a_manifest_in_which_the_version_cannot_be_replaced(self, server: Server, clone: Repo) -> None:
        server.put("main", edit(DEPLOYED, MANIFEST, "version: 1.4.0", 'version: "1\\x2e4.0"'))
        server.put("main", NEW)
        with pytest.raises(Misuse, match=r"the manifest of churn 1\.4\.0 has a shape"):
            rollback(clone)

    def test_a_manifest_that_was_not_valid(self, server: Server, clone: Repo) -> None:
        server.put("main", edit(DEPLOYED, MANIFEST, "license: apache-2.0", "licence: apache-2.0"))
        server.put("main", NEW)
        with pytest.raises(Misuse, match=r"churn 1\.4\.0 was not valid on main"):
            rollback(clone, to="1.4.0")

    def test_a_history_that_is_not_here(self, released: Repo, server: Server, tmp_path: Any) -> None:
        shallow = server.clone(tmp_path / "shallow", "--depth=1", "--branch=main")
        shallow.git("remote", "set-url", "origin", f"file://{tmp_path}/gone")
        with pytest.raises(Undecidable, match="the history of `main` ends at"):
            rollback(shallow)

    @pytest.mark.parametrize("options", POOR)
    def test_a_poor_clone_is_brought_what_it_lacks(
        self, released: Repo, server: Server, tmp_path: Any, options: list[str]
    ) -> None:
        poor = server.clone(tmp_path / "poor", "--branch=main", *options)
        commit, _ = prepared(poor, rollback(poor))
        assert files_of(poor, commit) == files_of(released, prepared(released, rollback(released)).commit)


def passes(repo: Repo, commit: str) -> bool:
    """Whether the gate lets a rollback pass that an approver has approved, as such."""
    report = gated(repo, commit, approved_by=("ben",))
    assert report.verdict == "passed", report.findings
    return _is_taken_for_a_rollback(report)


def _is_taken_for_a_rollback(report: Report) -> bool:
    reasons = {each.reason for each in report.skipped if each.rule in ("REG001", "PRO001", "VER003")}
    return all(re.fullmatch(r"a rollback to [0-9.]+, approved by ben", each) for each in reasons) and len(reasons) == 1


class TestTheGate:
    @pytest.mark.parametrize("to", [None, "1.4.0"])
    def test_approved_it_passes_as_a_rollback(self, released: Repo, to: str | None) -> None:
        commit, _ = prepared(released, rollback(released, to=to))
        assert passes(released, commit)

    def test_without_an_approval_it_is_a_release_like_any_other(self, released: Repo) -> None:
        commit, _ = prepared(released, rollback(released))
        assert "PRO001" in codes(gated(released, commit))

    def test_the_policy_without_approvers_is_told(self, server: Server, clone: Repo) -> None:
        server.put("main", {**NEW, "snitch.yaml": POLICY.replace("gate: {approvers: [ben]}\n", "")})
        assert rollback(clone).notes == (
            "the policy names nobody under `gate.approvers`, whose approval a rollback takes",
        )


class TestAskedAgain:
    def test_on_another_day_it_is_the_same(self, released: Repo) -> None:
        first = prepared(released, rollback(released, day=date(2026, 11, 1)))
        again = prepared(released, rollback(released, day=DAY + timedelta(days=40)))
        assert (again.commit, again.is_new) == (first.commit, False)

    def test_for_another_reason_it_is_another(self, released: Repo) -> None:
        prepared(released, rollback(released, day=date(2026, 11, 1)))
        with pytest.raises(Misuse, match=r"there is a branch `rollback/churn-1\.6\.1-in-production` already"):
            prepared(released, rollback(released, reason="it fails"))

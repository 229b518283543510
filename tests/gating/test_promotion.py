"""Promotion through real branches: what staging held, how it came there, and the way back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.gating.judged import codes
from tests.gating.promotions import DEPLOYED, NEW, at, promoted
from tests.gating.witnesses import NOON
from tests.judging import FOLDER, edit
from tests.repository import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Production and staging hold 1.4.0; `feature` is checked out, on which 1.5.0 is made."""
    repo = Repo(tmp_path / "repo")
    repo.commit(DEPLOYED, env=at(days=30))
    repo.branch("staging")
    repo.switch("feature", create=True)
    repo.commit(NEW, env=at(days=9))
    return repo


def merged(repo: Repo, how: str, **before: float) -> None:
    """Merges `feature` into staging."""
    env = at(**before)
    if how == "rebase":
        repo.git("rebase", "--quiet", "--force-rebase", "staging", "feature", env=env)
    repo.switch("staging")
    if how == "squash":
        repo.git("merge", "--quiet", "--squash", "feature")
        repo.commit(env=env)
    else:
        repo.git("merge", "--quiet", {"merge": "--no-ff", "rebase": "--ff-only"}[how], "feature", env=env)


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
class TestEveryWayToMerge:
    def test_what_has_soaked_passes(self, repo: Repo, how: str) -> None:
        merged(repo, how, hours=25)
        report = promoted(repo)
        assert report.verdict == "passed", report.findings

    def test_what_has_not_is_blocked(self, repo: Repo, how: str) -> None:
        merged(repo, how, hours=23)
        assert codes(promoted(repo)) == ["PRO002"]

    def test_what_changed_there_since_is_blocked(self, repo: Repo, how: str) -> None:
        merged(repo, how, days=3)
        repo.branch("frozen", "staging")
        repo.commit(edit(NEW, f"{FOLDER}/model.yaml", "seed: 7", "seed: 8"), env=at(hours=1))
        assert codes(promoted(repo, "frozen")) == ["PRO003"]

    def test_what_another_pull_request_makes_of_it_was_never_there(self, repo: Repo, how: str) -> None:
        merged(repo, how, days=3)
        repo.switch("feature")
        repo.commit(edit(NEW, f"{FOLDER}/model.yaml", "seed: 7", "seed: 8"))
        assert codes(promoted(repo, "feature")) == ["PRO001"]


def test_past_staging(repo: Repo) -> None:
    assert codes(promoted(repo, "feature")) == ["PRO001"]


def test_what_only_lay_on_a_side_branch_was_never_there(repo: Repo) -> None:
    repo.branch("draft", "feature")
    repo.commit(edit(NEW, f"{FOLDER}/model.yaml", "seed: 7", "seed: 8"))
    merged(repo, "merge", days=3)
    assert codes(promoted(repo, "draft")) == ["PRO001"]


def test_an_octopus_that_hides_another_state(repo: Repo) -> None:
    merged(repo, "merge", days=3)
    repo.branch("one", "feature").branch("two", "main").switch("one")
    repo.commit({"docs/one.md": "1"})
    repo.switch("two").commit({f"{FOLDER}/params.yaml": "max_iter: 300\n", f"{FOLDER}/evaluations/extra.json": "{}"})
    repo.git("switch", "--quiet", "--create", "octopus", "main")
    repo.git("merge", "--quiet", "--no-ff", "one", "two")
    report = promoted(repo, "octopus")
    assert "PRO001" in codes(report)


def test_a_backdated_commit_has_not_soaked(repo: Repo) -> None:
    repo.switch("staging").commit({"docs/x.md": "1"}, env=at(hours=1))
    merged(repo, "squash", days=9)
    assert codes(promoted(repo)) == ["PRO002"]


def test_the_forges_clock_counts_where_it_knows_better(repo: Repo) -> None:
    """A fast-forward keeps the dates that the author wrote."""
    merged(repo, "rebase", days=9)
    tip = repo.rev("staging")
    assert codes(promoted(repo)) == []
    an_hour_ago = {tip: NOON - timedelta(hours=1)}
    assert codes(promoted(repo, merged_at=an_hour_ago.get)) == ["PRO002"]


def test_a_commit_from_the_future_decides_nothing(repo: Repo) -> None:
    merged(repo, "squash", days=-9)
    report = promoted(repo)
    assert (codes(report), report.verdict) == (["PRO002"], "inconclusive")


def test_into_staging_no_way_is_asked_for(repo: Repo) -> None:
    report = promoted(repo, "feature", target="staging")
    assert report.verdict == "passed", report.findings
    reason = "`promotes_from` of staging names development, which has no one branch"
    assert [each.rule for each in report.skipped if each.reason == reason] == ["PRO001", "PRO003"]


def test_a_shallow_clone_says_how_to_deepen_it(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    for number in range(3):
        repo.commit({**DEPLOYED, "docs/x.md": f"{number}"})
    repo.switch("staging", create=True).commit(NEW, env=at(days=3))
    repo.switch("main")
    clone = repo.clone(tmp_path / "clone", "--depth=2", "--no-single-branch")
    clone.git("remote", "set-url", "origin", f"file://{tmp_path}/gone")
    report = promoted(clone, "refs/remotes/origin/staging")
    [finding] = report.findings
    cut = repo.rev("main~1")[:12]
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
    assert finding.message == f"cannot judge BEN008, VER002: the history of `main` ends at {cut} in this shallow clone"
    assert finding.help == "`git fetch --unshallow origin`"


class TestTheWayBack:
    @pytest.fixture
    def released(self, repo: Repo) -> Repo:
        """Production has 1.5.0 now; on `back` the model of 1.4.0 is put back as 1.5.1, which staging never saw."""
        merged(repo, "merge", days=8)
        repo.switch("main").git("merge", "--quiet", "--no-ff", "staging", env=at(days=7))
        repo.switch("back", create=True)
        back = edit(DEPLOYED, f"{FOLDER}/model.yaml", "version: 1.4.0", "version: 1.5.1")
        back = edit(
            back,
            f"{FOLDER}/CHANGELOG.md",
            "## [1.4.0]",
            "## [1.5.1] - 2026-11-20\n### Fixed\n- Back to 1.4.0.\n\n## [1.4.0]",
        )
        repo.commit(back)
        return repo

    def test_approved_it_passes(self, released: Repo) -> None:
        report = promoted(released, "back", approved_by=("ben",))
        assert report.verdict == "passed", report.findings
        reasons = {each.reason for each in report.skipped if each.rule in ("REG001", "PRO001", "VER003")}
        assert reasons == {"a rollback to 1.4.0, approved by ben"}

    @pytest.mark.parametrize("users", [(), ("ada",), ("eve",)])
    def test_without_an_approver_it_is_a_release_like_any_other(self, released: Repo, users: tuple[str, ...]) -> None:
        report = promoted(released, "back", approved_by=tuple(users))
        assert "PRO001" in codes(report)

    def test_with_anything_else_in_it_it_is_one_too(self, released: Repo) -> None:
        released.commit({f"{FOLDER}/params.yaml": "max_iter: 1\n"})
        report = promoted(released, "back", approved_by=("ben",))
        assert "PRO001" in codes(report)

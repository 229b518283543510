"""What a verdict is worth once it is given: which ways to merge land what was judged, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.git.command import Git
from snitch.git.fetching import make_clone
from snitch.git.merge import merged
from snitch.git.refs import has_merges
from snitch.pointer import write_pointer
from tests.gating.conftest import DEPLOYED
from tests.gating.judged import codes, gated, judge_request, retrained
from tests.gating.requests import request_for
from tests.judging import EVALUATION, FOLDER, digest, edit
from tests.repository import Repo

NOTE = "a rebase of this branch could make another tree than was judged: merge or squash it"


def merge_that_restores(repo: Repo) -> None:
    """A worse model on `feature`, which only the merge of main takes back."""
    repo.commit(retrained(DEPLOYED, roc_auc=0.80))
    repo.switch("main").commit({"README.md": "# Moved on\n"})
    repo.switch("feature").git("merge", "--quiet", "--no-commit", "--no-ff", "main")
    repo.commit({**DEPLOYED, "NOTES.md": "None.\n"}, message="Merge main")


def tree_judged(repo: Repo) -> str:
    with merged(Git(str(repo.path)), repo.rev("main"), repo.rev("feature")) as merge:
        return merge.tree


def test_where_a_rebase_lands_another_tree_the_report_says_so(repo: Repo) -> None:
    merge_that_restores(repo)
    report = gated(repo)
    assert (codes(report), NOTE in report.notes) == ([], True)
    judged = tree_judged(repo)
    repo.switch("rebased", create=True).git("rebase", "--quiet", "main")
    assert repo.rev("rebased^{tree}") != judged
    assert codes(gated(repo, head="rebased")) == ["REG001"]


def test_a_squash_lands_what_was_judged(repo: Repo) -> None:
    merge_that_restores(repo)
    judged = tree_judged(repo)
    repo.switch("main").git("merge", "--quiet", "--squash", "feature")
    repo.commit()
    assert repo.rev("main^{tree}") == judged


def test_of_a_straight_branch_it_says_nothing(repo: Repo) -> None:
    """That the target has merges of its own changes nothing."""
    repo.switch("other", create=True).commit({"README.md": "# Other\n"})
    repo.switch("main").git("merge", "--quiet", "--no-edit", "--no-ff", "other")
    repo.switch("feature").git("reset", "--quiet", "--hard", "main")
    repo.commit(retrained({**DEPLOYED, "README.md": "# Other\n"}, roc_auc=0.92))
    report = gated(repo)
    assert (report.verdict, NOTE in report.notes) == ("passed", False)


@pytest.mark.parametrize(
    ("event", "is_told"),
    [("pull_request_target", True), ("merge_train", True), ("merge_group", False), ("push", False)],
)
def test_of_a_commit_that_itself_lands_it_says_nothing(repo: Repo, tmp_path: Path, event: str, is_told: bool) -> None:
    """A queue makes merges of its own, and what it has made is judged; the head of a train is the request's."""
    merge_that_restores(repo)
    (tmp_path / "own").mkdir()
    upstream = make_clone(str(tmp_path / "own"), f"file://{repo.path}")
    base = None if event == "pull_request_target" else repo.rev("main")
    report = judge_request(request_for(repo, event=event, base=base), upstream)
    assert (NOTE in report.notes) == is_told


def test_a_green_verdict_is_of_the_tip_that_stood_there(repo: Repo) -> None:
    """Two new models of one name, each good by itself: once one is merged the other is blocked, if anybody asks."""
    for folder in ("one", "two"):
        repo.switch("main").switch(folder, create=True).commit(new_model(f"models/{folder}"))
    assert [gated(repo, head=head).verdict for head in ("one", "two")] == ["passed", "passed"]
    repo.switch("main").git("merge", "--quiet", "--no-edit", "--no-ff", "one")
    assert "MET009" in codes(gated(repo, head="two"))


def new_model(folder: str) -> dict[str, bytes | str]:
    """A model called `fraud`, which no benchmark measures."""
    kept = [path for path in DEPLOYED if path.startswith(f"{FOLDER}/") and path != EVALUATION]
    files: dict[str, bytes | str] = {path.replace(FOLDER, folder): DEPLOYED[path] for path in kept}
    manifest = f"{folder}/model.yaml"
    weights = {f"{folder}/model.skops": write_pointer(digest(folder), 9)}
    return {**edit(files, manifest, "name: churn\n", "name: fraud\n"), **weights}


class TestHasMerges:
    def test_only_those_that_the_other_lacks_count(self, repo: Repo) -> None:
        merge_that_restores(repo)
        git = Git(str(repo.path))
        assert has_merges(git, repo.rev("main"), repo.rev("feature"))
        assert not has_merges(git, repo.rev("feature"), repo.rev("main"))
        assert not has_merges(git, repo.rev("main"), repo.rev("feature~1"))

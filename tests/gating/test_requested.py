"""From a forge's request to a proposal: live tips, exact commits, and clones of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snitch.finding import Undecidable
from snitch.gating import local
from snitch.gating.requested import propose
from snitch.gating.run import Witnesses, judge
from snitch.git.command import Git
from snitch.git.errors import AbsentObject
from snitch.git.fetching import Upstream, make_clone
from snitch.verdict import Report
from tests.gating.conftest import DEPLOYED, POLICY
from tests.gating.judged import codes, judge_request, retrained
from tests.gating.requests import request_for
from tests.gating.witnesses import NOON, FullServer
from tests.repository import Repo

#: Clones that lack something, by what they were told to leave out.
POOR = {"shallow": ("--depth=1",), "blobs": ("--filter=blob:none",), "trees": ("--filter=tree:0",)}


@pytest.fixture
def served(repo: Repo) -> Repo:
    """The repository as a forge serves it, with a worse model on `feature`."""
    repo.commit(retrained(DEPLOYED, roc_auc=0.88))
    for key in ("allowFilter", "allowAnySHA1InWant"):
        repo.git("config", f"uploadpack.{key}", "true")
    return repo


def own_clone(served: Repo, path: Path) -> Upstream:
    path.mkdir()
    return make_clone(str(path), f"file://{served.path}")


def judged(served: Repo, upstream: Upstream, **more: Any) -> Report:
    return judge_request(request_for(served, **more), upstream)


def test_a_clone_of_its_own_is_all_the_gate_needs(served: Repo, tmp_path: Path) -> None:
    report = judged(served, own_clone(served, tmp_path / "own"))
    assert codes(report) == ["REG001"]
    assert report.candidate.commit == served.rev("feature")
    assert report.base is not None
    assert (report.base.ref, report.base.commit) == ("refs/remotes/origin/main", served.rev("main"))


@pytest.mark.parametrize(
    "options",
    [("--depth=1",), ("--filter=blob:none",), ("--filter=tree:0",), ()],
    ids=["shallow", "blobs", "trees", "full"],
)
def test_every_kind_of_clone(served: Repo, tmp_path: Path, options: tuple[str, ...]) -> None:
    served.switch("main")
    served.commit({"notes.txt": "one\n"})
    clone = served.clone(tmp_path / "clone", "--no-checkout", *options)
    assert codes(judged(served, Upstream(Git(str(clone.path))))) == ["REG001"]


def test_the_target_is_its_live_tip(served: Repo, tmp_path: Path) -> None:
    """What the target holds now decides, not what it held when the clone was made."""
    clone = served.clone(tmp_path / "clone", "--no-checkout")
    served.switch("main")
    tip = served.commit({"snitch.yaml": POLICY.replace("0.005", "0.05")})
    report = judged(served, Upstream(Git(str(clone.path))))
    assert (codes(report), report.policy.commit) == ([], tip)


def test_a_tag_that_is_called_as_the_branch_is_not_taken_for_it(served: Repo, tmp_path: Path) -> None:
    served.git("tag", "origin/main", "feature")
    served.git("tag", "main", "feature")
    clone = served.clone(tmp_path / "clone", "--no-checkout")
    clone.git("fetch", "--quiet", "--tags")
    assert codes(judged(served, Upstream(Git(str(clone.path))))) == ["REG001"]


def test_a_head_that_was_pushed_over_is_judged_while_it_can_be_had(served: Repo, tmp_path: Path) -> None:
    old = served.rev("feature")
    served.commit({"notes.txt": "newer\n"})
    request = request_for(served)
    assert request.head != old
    report = judged(served, own_clone(served, tmp_path / "own"), head=old, number=None, head_ref="refs/pull/7/head")
    assert report.candidate.commit == old


def test_a_head_that_is_gone_is_no_pass(served: Repo, tmp_path: Path) -> None:
    with pytest.raises(AbsentObject, match="no longer holds the commit"):
        propose(request_for(served, head="1" * 40), own_clone(served, tmp_path / "own"), NOON)


def test_an_entry_of_a_merge_queue_begins_where_the_one_before_it_ends(served: Repo, tmp_path: Path) -> None:
    """What the entry before has changed is neither this one's to be approved nor the policy yet."""
    served.switch("main").switch("queued", create=True)
    before = served.commit({"snitch.yaml": POLICY.replace("0.005", "0.05")})
    served.git("merge", "--quiet", "--no-edit", "feature")
    request = request_for(served, "queued", number=None, event="merge_group", base=before)
    proposal = propose(request, own_clone(served, tmp_path / "own"), NOON)
    assert (proposal.base.commit, proposal.tip.commit) == (before, served.rev("main"))
    report = judge_request(request, own_clone(served, tmp_path / "other"))
    assert codes(report) == ["REG001"]


def test_a_push_is_measured_from_what_was_there_before(served: Repo, tmp_path: Path) -> None:
    before = served.rev("main")
    served.switch("main").git("merge", "--quiet", "--no-edit", "--no-ff", "feature")
    report = judged(served, own_clone(served, tmp_path / "own"), branch="main", number=None, event="push", base=before)
    assert codes(report) == ["REG001"]


def test_a_branch_that_a_push_made_is_judged_by_nothing_of_its_own(served: Repo, tmp_path: Path) -> None:
    """Its first commits would bring the policy that judges the last one."""
    request = request_for(served, "main", number=None, event="push", base=None)
    with pytest.raises(Undecidable, match="was made by this push"):
        propose(request, own_clone(served, tmp_path / "own"), NOON)


def test_a_target_that_is_not_there_is_no_pass(served: Repo, tmp_path: Path) -> None:
    with pytest.raises(AbsentObject, match=r"find remote ref refs.heads.nowhere"):
        propose(request_for(served, target="nowhere"), own_clone(served, tmp_path / "own"), NOON)


def test_a_deployed_branch_that_is_not_there_decides_nothing(served: Repo, tmp_path: Path) -> None:
    policy = POLICY.replace("[main]", "[release]").replace("development:", "base: {branches: [main]}\n  development:")
    served.switch("main").commit({"snitch.yaml": policy})
    report = judged(served, own_clone(served, tmp_path / "own"))
    assert report.verdict != "passed"
    assert any("`release` is not in this clone" in each.message for each in report.findings)


@pytest.mark.parametrize("options", POOR.values(), ids=POOR)
def test_what_a_person_names_in_a_poor_clone_is_made_whole(
    served: Repo, tmp_path: Path, options: tuple[str, ...]
) -> None:
    served.switch("main")
    served.commit({"notes.txt": "one\n"})
    clone = served.clone(tmp_path / "clone", "--no-checkout", "--no-single-branch", *options)
    upstream = Upstream(Git(str(clone.path)))
    named = local.Named(target="main", head="origin/feature", author="ada")
    witnesses = Witnesses(approvals=named.approvals, weights_server=FullServer())
    assert codes(judge(upstream, local.propose(named, upstream, NOON), witnesses)) == ["REG001"]


def test_a_target_that_the_clone_never_fetched_is_fetched(served: Repo, tmp_path: Path) -> None:
    clone = served.clone(tmp_path / "clone", "--no-checkout", "--depth=1", "--branch=feature")
    upstream = Upstream(Git(str(clone.path)))
    proposal = local.propose(local.Named(target="main", author="ada"), upstream, NOON)
    assert (proposal.tip.ref, proposal.tip.commit) == ("refs/remotes/origin/main", served.rev("main"))


def test_a_branch_that_is_out_of_date_in_the_clone_is_not_taken_for_what_stands_there_now(
    served: Repo, tmp_path: Path
) -> None:
    """What is deployed, or promoted from, may have changed since: a fetch that fails is no pass."""
    policy = POLICY.replace("[main]", "[release]").replace("development:", "base: {branches: [main]}\n  development:")
    served.switch("main").commit({"snitch.yaml": policy})
    served.branch("release")
    clone = served.clone(tmp_path / "clone", "--no-checkout")
    served.git("branch", "-D", "release")
    with pytest.raises(AbsentObject, match="git fetch origin"):
        propose(request_for(served), Upstream(Git(str(clone.path))), NOON)

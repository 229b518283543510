"""A benchmark that stops naming a model: its record may go, or stay, once somebody who may has approved that."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.finding import Finding
from tests.gating.conftest import DEPLOYED, POLICY
from tests.gating.judged import codes, gated
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, Files, edit
from tests.repository import Repo

SECOND, RECORD = (path.replace("churn-holdout", "second") for path in (BENCHMARK, EVALUATION))
DATA = "data.parquet"


def of_second(path: str) -> str:
    return str(DEPLOYED[path]).replace("churn-holdout", "second")


#: Measured on two benchmarks.
TWICE: Files = {
    **DEPLOYED,
    SECOND: of_second(BENCHMARK),
    SECOND.replace("benchmark.yaml", DATA): DEPLOYED[BENCHMARK.replace("benchmark.yaml", DATA)],
    RECORD: of_second(EVALUATION),
}
NAMED_NO_MORE = edit(TWICE, SECOND, "models: [churn]", "models: [triage]")[SECOND]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit(TWICE)
    return repo.switch("feature", create=True)


def let_go(repo: Repo) -> None:
    """The approved change is on the target."""
    repo.switch("main").commit({SECOND: NAMED_NO_MORE})
    repo.git("branch", "--force", "feature")
    repo.switch("feature")


def test_the_record_goes_with_the_name_in_one_approved_change(repo: Repo) -> None:
    repo.remove(RECORD).commit({SECOND: NAMED_NO_MORE})
    assert codes(gated(repo)) == ["POL001", "REG004"]
    assert codes(gated(repo, approved_by=("ada",))) == ["POL001", "REG004"], "she asks for it herself"
    assert codes(gated(repo, approved_by=("platform-lead",))) == []


def test_the_record_may_go_later_without_an_approval(repo: Repo) -> None:
    let_go(repo)
    repo.remove(RECORD).commit()
    assert codes(gated(repo)) == []


def of_second_record(repo: Repo) -> list[Finding]:
    return [each for each in gated(repo).findings if each.blocks and each.path == RECORD]


def test_a_record_that_stays_is_not_measured_again(repo: Repo) -> None:
    """Where measuring again is asked for nobody could: `snitch evaluate` measures where a benchmark names the model."""
    repo.switch("main").commit({"snitch.yaml": POLICY.replace("[main]}", "[main], verify: true}")})
    repo.git("branch", "--force", "feature")
    repo.switch("feature").commit(edit(TWICE, MANIFEST, "within 30 days", "within 31 days"))
    assert {each.rule for each in of_second_record(repo)} >= {"BEN007"}
    let_go(repo)
    repo.commit({MANIFEST: edit(TWICE, MANIFEST, "within 30 days", "within 31 days")[MANIFEST]})
    assert of_second_record(repo) == []

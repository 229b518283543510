"""The histories of metrics in the gate's report, from real branches."""

from __future__ import annotations

from msgspec.structs import replace

from snitch.gating.past import MAX_MODELS, with_past
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.verdict import JudgedModel
from tests.gating.conftest import DEPLOYED
from tests.gating.judged import gated, retrained
from tests.gating.witnesses import gate_of
from tests.judging import FOLDER, SPOTLESS
from tests.past import Past, ago, histories
from tests.repository import Repo


def test_the_versions_that_the_deployed_branch_has_held(repo: Repo) -> None:
    repo.commit(retrained(DEPLOYED, roc_auc=0.92))
    repo.switch("main").git("merge", "--quiet", "--no-ff", "feature")
    repo.switch("feature").commit(retrained(DEPLOYED, roc_auc=0.93, version="1.6.0"))
    report = gated(repo)
    told = {each.type: [(point.version, point.value) for point in each.points] for each in report.history}
    assert told["roc_auc"] == [("1.4.0", 0.913), ("1.5.0", 0.92)]
    assert sorted(told) == ["average_precision", "recall", "roc_auc"]


def test_a_change_of_no_model_has_none(repo: Repo) -> None:
    repo.commit({"docs/x.md": "x"})
    assert gated(repo).history == ()


def test_where_it_cannot_be_had_the_verdict_stands(repo: Repo) -> None:
    repo.commit(retrained(DEPLOYED, roc_auc=0.92))
    report = gated(repo)
    found = with_past(report, Repository(MemorySnapshot(SPOTLESS)), gate_of())
    assert found is report


def test_of_many_models_a_few_are_told(repo: Repo) -> None:
    repo.commit(retrained(DEPLOYED, roc_auc=0.92))
    many = tuple(JudgedModel("churn", FOLDER, "1.4.0", "modified", "passed") for _ in range(MAX_MODELS + 5))
    past = Past((SPOTLESS, ago(days=1)), branch="main")
    gate = gate_of(history=histories(past), deployed="main")
    found = with_past(replace(gated(repo), models=many), Repository(MemorySnapshot(SPOTLESS)), gate)
    assert len(found.history) == 3 * MAX_MODELS

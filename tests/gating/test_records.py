"""BEN008 over real histories: every candidate that any side of the history has recorded counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snitch.finding import Finding, Undecidable
from snitch.gate import Recorded
from snitch.gating.records import Records
from snitch.git.command import Git
from snitch.git.fetching import Upstream
from tests.gating.conftest import DEPLOYED, POLICY
from tests.gating.judged import gated, retrained
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, Files, edit, edit_json
from tests.repository import Repo

REVISION = str(json.loads(str(DEPLOYED[EVALUATION]))["dataset"]["revision"])
LIMITED = {**DEPLOYED, "snitch.yaml": f"{POLICY}  overused-benchmark: {{max_candidates: 3}}\n"}


@pytest.fixture
def repo(repo: Repo) -> Repo:
    repo.switch("main").commit(LIMITED)
    repo.git("branch", "--force", "feature")
    return repo.switch("feature")


def tried(number: int) -> Files:
    return retrained(LIMITED, roc_auc=0.92, version=f"1.5.{number}")


def worn(repo: Repo) -> list[Finding]:
    return [each for each in gated(repo).findings if each.rule in ("BEN008", "SNT003")]


def test_every_try_of_the_request_counts(repo: Repo) -> None:
    """The deployed one and two tries are three; each further one is one look more."""
    for number in range(2):
        repo.commit(tried(number))
    assert worn(repo) == []
    repo.commit(tried(2))
    [finding] = worn(repo)
    assert finding.message == "churn-holdout 2026.10 has judged 4 candidates of churn; the limit is 3"


def test_every_threshold_that_was_tried_counts(repo: Repo) -> None:
    """The weights stay; what they came to is another look each, and the same again is none."""

    def at(threshold: float) -> Files:
        files = edit(LIMITED, MANIFEST, "decision_threshold: 0.42", f"decision_threshold: {threshold}")
        return edit_json(files, EVALUATION, lambda record: record["metrics"][2].update(value=1 - threshold))

    for threshold in (0.5, 0.6, 0.5):
        repo.commit(at(threshold))
    assert worn(repo) == []
    repo.commit(at(0.7))
    [finding] = worn(repo)
    assert finding.message == "churn-holdout 2026.10 has judged 4 candidates of churn; the limit is 3"


def test_tries_that_a_merge_brought_to_the_target_count(repo: Repo) -> None:
    for number in range(3):
        repo.commit(tried(number))
    repo.switch("main").git("merge", "--quiet", "--no-ff", "feature")
    repo.switch("feature").git("merge", "--quiet", "main")
    repo.commit(tried(3))
    [finding] = worn(repo)
    assert "has judged 5 candidates of churn" in finding.message


def test_tries_that_were_squashed_away_are_not_seen(repo: Repo) -> None:
    for number in range(3):
        repo.commit(tried(number))
    repo.switch("main").git("merge", "--quiet", "--squash", "feature")
    repo.commit()
    repo.git("branch", "--force", "feature")
    repo.switch("feature").commit(tried(3))
    assert worn(repo) == []


def test_other_models_count_where_the_benchmark_judges_all(repo: Repo) -> None:
    everyone = edit(LIMITED, BENCHMARK, "models: [churn]", "all: true")
    others: dict[str, bytes | str] = {}
    for number in range(3):
        record = edit_json(tried(number), EVALUATION, lambda data: data["model"].update(name="other"))[EVALUATION]
        others[EVALUATION.replace("churn/", f"other{number}/")] = record
    repo.switch("main").commit({**everyone, **others})
    repo.git("branch", "--force", "feature")
    repo.switch("feature").commit({BENCHMARK: everyone[BENCHMARK], EVALUATION: tried(4)[EVALUATION]})
    assert any("has judged 5 candidates, of whatever model; the limit is 3" in each.message for each in worn(repo))


class TestRecords:
    def found(self, repo: Repo, exclude: tuple[str, ...] = ()) -> list[Recorded]:
        records = Records(Git(str(repo.path)), lambda: {"main": repo.rev("HEAD")}, "origin", exclude)
        return list(records("churn-holdout", REVISION))

    def test_what_no_model_may_own_was_never_judged(self, repo: Repo) -> None:
        for folder in (".cache/churn", "sandbox/churn", "benchmarks/x"):
            repo.commit({f"{folder}/evaluations/churn-holdout.json": tried(len(folder))[EVALUATION]})
        assert [each.folder for each in self.found(repo, ("sandbox/",))] == ["models/churn"]

    def test_what_is_none_counts_for_nothing(self, repo: Repo) -> None:
        for content in (f"{{{REVISION}", f'{{"dataset": "{REVISION}"}}', "", "[" * 50_000 + REVISION):
            repo.commit({EVALUATION: content})
        repo.link(EVALUATION.replace("churn/", "other/"), REVISION)
        repo.commit()
        assert [each.model.name for each in self.found(repo)] == ["churn"]

    def test_an_escape_hides_nothing(self, repo: Repo) -> None:
        spelled = str(tried(7)[EVALUATION]).replace(REVISION, f"\\u0073{REVISION[1:]}")
        assert REVISION not in spelled
        repo.commit({EVALUATION: spelled})
        assert len(self.found(repo)) == 2

    def test_what_a_filtered_clone_lacks_is_fetched_or_decides_nothing(self, repo: Repo, tmp_path: Path) -> None:
        for number in range(3):
            repo.commit(tried(number))
        clone = repo.clone(tmp_path / "clone", "--filter=blob:none")
        git = Git(str(clone.path))
        records = Records(git, lambda: {"main": clone.rev("HEAD")}, "origin", ())
        with pytest.raises(Undecidable):
            list(records("churn-holdout", REVISION))
        git.objects.supplier = Upstream(Git(str(clone.path))).supply
        assert len(list(records("churn-holdout", REVISION))) == 4

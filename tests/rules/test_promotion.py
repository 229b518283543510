"""PRO005: a deployed model is gone."""

from __future__ import annotations

from snitch.rules.promotion import VanishedModel

from snitch.change import Catalogue
from snitch.checking.catalogue import catalogue_of
from snitch.engine import ActiveRule, judge_repository
from snitch.finding import Finding, Skip, Undecidable
from snitch.repository import Repository
from snitch.repository_change import RepositoryChange
from snitch.snapshot import MemorySnapshot
from tests.judging import FOLDER, MANIFEST, PRODUCTION, SPOTLESS, TODAY, Files, edit, repository_findings


def vanished(files: Files, **more: object) -> list[Finding]:
    return repository_findings(VanishedModel(), files, SPOTLESS, **more)


GONE = {path: content for path, content in SPOTLESS.items() if not path.startswith(FOLDER)}


def test_a_model_that_stays_passes() -> None:
    assert vanished(SPOTLESS) == []


def test_the_manifest_of_a_model_that_stays_is_not_read() -> None:
    class Unread(MemorySnapshot):
        def __getitem__(self, path: str) -> bytes:
            raise AssertionError(f"{path} was read")

    repository, known = Repository(Unread(SPOTLESS)), Catalogue({"churn": (FOLDER,)})
    change = RepositoryChange(
        repository, repository, environment=PRODUCTION, today=TODAY, catalogue=known, deployed_catalogue=known
    )
    assert list(VanishedModel().check(change)) == []


def test_a_deleted_model_is_told() -> None:
    [finding] = vanished(GONE)
    assert (finding.model, finding.path, finding.severity, finding.outcome) == ("churn", MANIFEST, "error", "fail")
    assert finding.message == f"churn is deployed and has vanished: {MANIFEST} is gone"
    assert finding.deployed is not None
    assert (finding.deployed.line, finding.deployed.column, finding.deployed.value) == (1, 7, "churn")
    assert "under `retired` in the policy first, in a pull request of its own: {model: churn, " in finding.help


def test_a_renamed_model_is_told() -> None:
    [finding] = vanished(edit(SPOTLESS, MANIFEST, "name: churn\n", "name: churn-2\n"))
    assert finding.message == "churn is deployed and has vanished: its folder now holds churn-2"


def test_a_model_that_moves_to_another_folder_passes() -> None:
    assert vanished({path.replace(FOLDER, "elsewhere/churn"): content for path, content in SPOTLESS.items()}) == []


def test_a_model_whose_folder_is_excluded_is_told() -> None:
    candidate = Repository(MemorySnapshot(SPOTLESS), exclude=["models/"])
    deployed = Repository(MemorySnapshot(SPOTLESS))
    change = RepositoryChange(
        candidate,
        deployed,
        environment=PRODUCTION,
        today=TODAY,
        catalogue=catalogue_of(candidate),
        deployed_catalogue=catalogue_of(deployed),
    )
    [finding] = judge_repository([ActiveRule(VanishedModel(), "error")], change).findings
    assert (finding.rule, finding.model) == ("PRO005", "churn")


def test_a_retired_model_may_go() -> None:
    assert vanished(GONE, retired=frozenset({"churn"})) == []


def test_the_retirement_of_another_does_not_help() -> None:
    assert len(vanished(GONE, retired=frozenset({"churn-2"}))) == 1


def test_a_manifest_that_no_longer_gives_a_name_is_another_rules_finding() -> None:
    files = edit(SPOTLESS, MANIFEST, "name: churn\n", "name: [churn\n")
    assert vanished(files, catalogue=catalogue_of(Repository(MemorySnapshot(files)))) == []


def test_a_name_that_the_deployed_manifest_did_not_give_has_not_vanished() -> None:
    nameless = edit(SPOTLESS, MANIFEST, "name: churn\n", "")
    files = edit(SPOTLESS, MANIFEST, "name: churn\n", "name: fraud\n")
    theirs = catalogue_of(Repository(MemorySnapshot(nameless)))
    assert set(theirs.folders) == {FOLDER}
    assert repository_findings(VanishedModel(), files, nameless, deployed_catalogue=theirs) == []


def test_each_name_has_its_own_fingerprint() -> None:
    two = {**SPOTLESS, "models/fraud/model.yaml": str(SPOTLESS[MANIFEST]).replace("name: churn", "name: fraud"),
           "models/fraud/model.skops": SPOTLESS[f"{FOLDER}/model.skops"]}  # fmt: skip
    gone = repository_findings(VanishedModel(), GONE, two)
    assert [finding.model for finding in gone] == ["churn", "fraud"]
    assert len({finding.fingerprint for finding in gone}) == 2
    assert [finding.key for finding in gone] == ["churn", "fraud"]


def test_of_two_deployed_folders_of_one_name_the_first_is_told() -> None:
    two = {**SPOTLESS, **{path.replace(FOLDER, "models/copy"): content for path, content in SPOTLESS.items()}}
    [finding] = repository_findings(VanishedModel(), GONE, two)
    assert (finding.model, finding.path) == ("churn", MANIFEST)


def test_nothing_deployed_is_skipped_and_an_absent_branch_is_inconclusive() -> None:
    for absent, rules in ((Skip("nothing is deployed yet"), []), (Undecidable("main is not here"), ["SNT003"])):
        change = RepositoryChange(Repository(MemorySnapshot(SPOTLESS)), absent, environment=PRODUCTION, today=TODAY)
        judgement = judge_repository([ActiveRule(VanishedModel(), "error")], change)
        assert [finding.rule for finding in judgement.findings] == rules
        assert len(judgement.skipped) == (not rules)


def test_it_only_warns_in_the_lowest_environment() -> None:
    assert VanishedModel.severity == ("warning", "error")

"""A run: which commit is what, which models a change touches, what is said of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from snitch.checking.commits import Misuse
from snitch.pointer import write_pointer
from snitch.policy.layers import InvalidPolicy
from snitch.verdict import Report
from tests.checking.checked import other_model, run, text
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, digest
from tests.repository import Repo


def judged(report: Report) -> dict[str, str]:
    return {model.path: model.change for model in report.models}


def with_predictions(path: str) -> str:
    """The evaluation, computed from predictions that lie elsewhere."""
    return json.dumps({**json.loads(text(EVALUATION)), "predictions": {"path": path, "sha256": digest("p")}})


class TestScope:
    """Models changed: those of which anything that a rule reads differs between base and candidate."""

    @pytest.fixture
    def repo(self, repo: Repo) -> Repo:
        """Beside `churn`, a model that nothing concerns."""
        repo.switch("main")
        repo.commit(other_model("fraud", "models/fraud"))
        return (repo.switch("feature").git("merge", "-q", "--ff-only", "main") and repo) or repo

    def test_nothing_changed(self, repo: Repo) -> None:
        report = run(repo)
        assert judged(report) == {}
        assert report.verdict == "passed"

    @pytest.mark.parametrize(
        "files",
        [
            {MANIFEST: "name: churn\n"},
            {EVALUATION: "{}"},
            {f"{FOLDER}/new.py": ""},
            {"benchmarks/churn-holdout/data.parquet": write_pointer(digest("other"), 4)},
            {BENCHMARK: text(BENCHMARK).replace("models: [churn]", "models: [cancellations]")},
            {f"{FOLDER}/.gitattributes": "*.skops -filter\n"},
            {"snitch.yaml": "overrides: [{models: [models/churn], rules: {metric-below-floor: {metrics: {r2: 1}}}}]\n"},
        ],
        ids=["manifest", "evaluation", "any file", "benchmark data", "benchmark definition", "attributes", "policy"],
    )
    def test_what_concerns_one_model(self, repo: Repo, files: dict[str, str | bytes]) -> None:
        repo.write(files)
        assert judged(run(repo)) == {FOLDER: "modified"}
        repo.stage()
        assert judged(run(repo, moment="staged")) == {FOLDER: "modified"}
        repo.commit()
        assert judged(run(repo, candidate="HEAD")) == {FOLDER: "modified"}

    @pytest.mark.parametrize(
        "files",
        [
            {".gitattributes": "*.skops -filter\n"},
            {"models/.gitattributes": "*.skops -filter\n"},
            {"snitch.yaml": "rules: {metric-below-floor: {metrics: {r2: 1}}}\n"},
            {BENCHMARK: text(BENCHMARK).replace("models: [churn]", "all: true")},
        ],
        ids=["attributes at the root", "attributes above", "policy", "benchmark for all"],
    )
    def test_what_concerns_all(self, repo: Repo, files: dict[str, str | bytes]) -> None:
        repo.write(files)
        assert set(judged(run(repo))) == {FOLDER, "models/fraud"}

    def test_what_was_staged_and_put_back_on_disk(self, repo: Repo) -> None:
        repo.write({BENCHMARK: text(BENCHMARK).replace("models: [churn]", "models: [fraud]")}).stage()
        repo.write({BENCHMARK: text(BENCHMARK)})
        report = run(repo)
        assert (judged(report), report.findings) == ({}, ())
        assert "POL001" in {finding.rule for finding in run(repo, moment="staged").findings}

    @pytest.mark.parametrize(
        "path",
        [
            "README.md",
            "src/app.py",
            ".github/workflows/x.yml",
            "docs/model.yaml.md",
            "docs/churn-holdout/notes.txt",
            "docs/.gitattributes",
        ],
    )
    def test_what_concerns_none(self, repo: Repo, path: str) -> None:
        repo.write({path: "x"})
        assert judged(run(repo)) == {}

    def test_a_deleted_file(self, repo: Repo) -> None:
        repo.remove(EVALUATION)
        assert judged(run(repo)) == {FOLDER: "modified"}

    def test_a_deleted_model(self, repo: Repo) -> None:
        repo.git("rm", "-rq", "models/fraud")
        assert judged(run(repo)) == {"models/fraud": "deleted"}
        (model,) = run(repo).models
        assert (model.name, model.version) == ("fraud", "1.4.0")
        assert "models/fraud" not in judged(run(repo, paths=(FOLDER,)))

    def test_a_model_that_loses_files_to_a_manifest_further_down(self, repo: Repo) -> None:
        folder = f"{FOLDER}/evaluations"
        repo.write({path.replace(FOLDER, folder): content for path, content in other_model("ads", FOLDER).items()})
        assert judged(run(repo)) == {FOLDER: "modified", folder: "added"}

    def test_what_changed_is_told_of_every_model_that_is_judged(self, repo: Repo) -> None:
        repo.commit(other_model("ads", "models/ads"))
        repo.git("branch", "-f", "main")
        repo.write({EVALUATION: text(EVALUATION) + "\n"})
        assert judged(run(repo, judge_all=True)) == {
            FOLDER: "modified",
            "models/ads": "unchanged",
            "models/fraud": "unchanged",
        }
        assert judged(run(repo, paths=(FOLDER,))) == {FOLDER: "modified"}

    def test_a_new_model(self, repo: Repo) -> None:
        repo.write(other_model("ads", "elsewhere/ads"))
        assert judged(run(repo)) == {"elsewhere/ads": "added"}

    def test_a_file_that_the_policy_names(self, repo: Repo) -> None:
        policy = "overrides: [{models: [models/churn], rules: {serving-conflict: {constraints: serving.txt}}}]\n"
        repo.switch("main")
        repo.commit({"snitch.yaml": policy, "serving.txt": "numpy<3\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.write({"serving.txt": "numpy<2\n"})
        assert judged(run(repo)) == {FOLDER: "modified"}

    def test_requirements_outside_the_folder_however_far(self, repo: Repo) -> None:
        repo.switch("main")
        requirements = {
            f"{FOLDER}/requirements.txt": "-r ../../common/base.txt\n",
            "common/base.txt": "-r deep/er.txt\n",
        }
        repo.commit({**requirements, "common/deep/er.txt": "numpy==2.1.0\nscikit-learn==1.9.0\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.write({"common/deep/er.txt": "numpy==2.1.1\nscikit-learn==1.9.0\n"})
        assert judged(run(repo)) == {FOLDER: "modified"}

    def test_requirements_named_by_a_file_at_the_root(self, repo: Repo) -> None:
        repo.switch("main")
        requirements = {f"{FOLDER}/requirements.txt": "-r ../../base.txt\n", "base.txt": "-r common/deep.txt\n"}
        repo.commit({**requirements, "common/deep.txt": "numpy==2.1.0\nscikit-learn==1.9.0\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.write({"common/deep.txt": "numpy==2.1.1\nscikit-learn==1.9.0\n"})
        assert judged(run(repo)) == {FOLDER: "modified"}

    def test_a_document_that_is_named_concerns_none(self, repo: Repo) -> None:
        repo.switch("main")
        named = f"# see ../../docs/choice.md\n{text(f'{FOLDER}/requirements.txt')}"
        repo.commit({f"{FOLDER}/requirements.txt": named, "docs/choice.md": "why\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.write({"docs/choice.md": "why not\n"})
        assert judged(run(repo)) == {}

    @pytest.mark.parametrize(
        ("files", "path"),
        [
            ({MANIFEST: text(MANIFEST).replace("code: train.py", "code: ../../shared/how.md")}, "shared/how.md"),
            ({BENCHMARK: text(BENCHMARK).replace("data.parquet", "../../shared/data.parquet")}, "shared/data.parquet"),
            ({EVALUATION: with_predictions("../../../shared/p.parquet")}, "shared/p.parquet"),
            (
                {"snitch.yaml": "rules: {DEP004: {constraints: c.txt}}\n", "c.txt": "-c shared/base.txt\n"},
                "shared/base.txt",
            ),
            (
                {f"{FOLDER}/requirements.txt": "-r ../fraud/a.txt\n", "models/fraud/a.txt": "-r deps/b.txt\n"},
                "models/fraud/deps/b.txt",
            ),
        ],
        ids=["prose", "benchmark data", "predictions", "constraints of constraints", "requirements of another model"],
    )
    def test_whatever_is_named_elsewhere(self, repo: Repo, files: dict[str, str], path: str) -> None:
        repo.switch("main")
        repo.commit({**files, path: "one\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.write({path: "another\n"})
        assert FOLDER in judged(run(repo))
        repo.stage()
        assert FOLDER in judged(run(repo, moment="staged"))

    def test_what_was_excluded(self, repo: Repo) -> None:
        repo.switch("main")
        repo.commit({"snitch.yaml": f"exclude: [{FOLDER}]\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.write({"snitch.yaml": "exclude: []\n"})
        assert FOLDER in judged(run(repo))

    def test_an_environment_that_is_new_concerns_all(self, repo: Repo) -> None:
        repo.write({"snitch.yaml": "environments: {trial: {branches: ['*']}, production: {branches: [main]}}\n"})
        report = run(repo)
        assert report.environment == "trial"
        assert set(judged(report)) == {FOLDER, "models/fraud"}

    def test_training_code_outside_the_folder(self, repo: Repo) -> None:
        repo.switch("main")
        manifest = text(MANIFEST).replace("code: train.py", "code: ../../training/churn.py")
        repo.commit({MANIFEST: manifest, "training/churn.py": "import numpy\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.write({"training/churn.py": "import sklearn\n"})
        assert judged(run(repo)) == {FOLDER: "modified"}

    def test_a_path_that_is_spelt_with_an_escape(self, repo: Repo) -> None:
        repo.switch("main")
        manifest = text(MANIFEST).replace("code: train.py", 'code: "../../training/chur\\x6e.py"')
        repo.commit({MANIFEST: manifest, "training/churn.py": "import numpy\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.write({"training/churn.py": "import sklearn\n"})
        assert judged(run(repo)) == {FOLDER: "modified"}

    def test_all(self, repo: Repo) -> None:
        assert judged(run(repo, judge_all=True)) == {FOLDER: "unchanged", "models/fraud": "unchanged"}

    @pytest.mark.parametrize("path", [FOLDER, MANIFEST, f"{FOLDER}/evaluations"])
    def test_a_path(self, repo: Repo, path: str) -> None:
        assert judged(run(repo, paths=(path,))) == {FOLDER: "unchanged"}

    def test_paths_above_models(self, repo: Repo) -> None:
        assert len(judged(run(repo, paths=("models",)))) == 2
        assert len(judged(run(repo, paths=("",)))) == 2

    def test_a_path_that_matches_nothing(self, repo: Repo) -> None:
        with pytest.raises(Misuse, match="src matches no model"):
            run(repo, paths=("src",))


class TestCommits:
    def test_the_index_not_the_work_tree_is_judged_at_a_commit(self, repo: Repo) -> None:
        repo.write({EVALUATION: "{}"}).stage()
        repo.write({EVALUATION: text(EVALUATION)})
        assert [f.rule for f in run(repo, moment="staged", select=("BEN011",)).findings if f.severity == "error"]
        assert not run(repo, select=("BEN011",)).findings

    def test_the_base_is_where_the_branch_left_the_deployed_one(self, repo: Repo) -> None:
        left = repo.rev("HEAD")
        repo.switch("main")
        deployed = repo.commit({"models/later/model.yaml": text(MANIFEST).replace("name: churn", "name: later")})
        repo.switch("feature")
        repo.commit({f"{FOLDER}/x": ""})
        report = run(repo)
        assert report.base is not None
        assert report.deployed is not None
        assert (report.base.commit, report.deployed.commit) == (left, deployed)
        assert judged(report) == {FOLDER: "modified"}

    def test_the_remote_branch_is_deployed_before_the_local_one(self, repo: Repo) -> None:
        commit = repo.commit({"x": ""})
        repo.git("update-ref", "refs/remotes/origin/main", commit)
        report = run(repo)
        assert report.deployed is not None
        assert (report.deployed.ref, report.deployed.commit) == ("refs/remotes/origin/main", commit)

    def test_a_tag_called_as_the_remote_branch_is_not_it(self, repo: Repo) -> None:
        repo.git("update-ref", "refs/remotes/origin/main", repo.rev("main"))
        repo.commit({"x": ""})
        repo.git("tag", "origin/main")
        report = run(repo)
        assert report.deployed is not None
        assert report.deployed.commit == repo.rev("refs/remotes/origin/main")

    @pytest.mark.parametrize("moment", ["staged", "pre-push"])
    def test_without_the_deployed_branch_a_hook_says_so_and_goes_on(self, repo: Repo, moment: str) -> None:
        repo.git("branch", "-D", "main")
        repo.write({f"{FOLDER}/x": ""}).stage()
        report = run(repo, moment=moment, candidate="HEAD" if moment == "pre-push" else None)
        assert report.verdict == "passed"
        assert any("`main` is not in this clone" in note for note in report.notes)

    def test_without_the_deployed_branch_a_check_decides_nothing(self, repo: Repo) -> None:
        repo.git("branch", "-D", "main")
        repo.write({f"{FOLDER}/x": ""})
        report = run(repo, environment="production")
        assert report.verdict == "inconclusive"
        assert {f.rule for f in report.findings if f.outcome == "inconclusive"} == {"SNT003"}

    def test_an_unborn_branch(self, tmp_path: Path) -> None:
        repo = Repo(tmp_path / "new").write(SPOTLESS)
        repo.stage()
        assert judged(run(repo, moment="staged")) == {FOLDER: "added"}

    def test_the_environments(self, repo: Repo) -> None:
        assert run(repo).environment == "development"
        assert run(repo, moment="staged").environment == "development"
        assert run(repo, moment="pre-push", candidate="HEAD").environment == "production"
        assert run(repo, environment="production").environment == "production"
        with pytest.raises(Misuse, match="there is no environment `prod`"):
            run(repo, environment="prod")

    def test_the_policy_is_the_candidates_unless_another_is_named(self, repo: Repo) -> None:
        repo.write({"snitch.yaml": "extends: nowhere.yaml\n"})
        with pytest.raises(InvalidPolicy):
            run(repo)
        assert run(repo, policy="main").policy.commit == repo.rev("main")

    def test_a_repository_without_models_is_a_mistake_but_not_in_a_hook(self, tmp_path: Path) -> None:
        repo = Repo(tmp_path / "none")
        repo.commit({"README.md": "x"})
        with pytest.raises(Misuse, match="there is no model here"):
            run(repo)
        assert run(repo, moment="staged").verdict == "passed"

    def test_a_bare_repository(self, repo: Repo, tmp_path: Path) -> None:
        bare = repo.clone(tmp_path / "bare", "--bare")
        assert judged(run(bare, judge_all=True)) == {FOLDER: "unchanged"}

    def test_what_came_to_the_deployed_branch_since_has_not_vanished(self, repo: Repo) -> None:
        repo.switch("main")
        repo.commit(other_model("later", "models/later"))
        repo.switch("feature")
        repo.write({"docs.txt": "x"})
        assert run(repo, select=("PRO005",)).findings == ()
        repo.git("rm", "-rq", FOLDER)
        (finding,) = run(repo, select=("PRO005",)).findings
        assert finding.message.startswith("churn is deployed and has vanished")

    def test_a_model_that_moved_and_a_new_one_in_its_place(self, repo: Repo) -> None:
        repo.git("mv", FOLDER, "models/moved")
        repo.write(other_model("new", FOLDER))
        assert judged(run(repo)) == {"models/moved": "modified", FOLDER: "added"}

    def test_a_waiver_that_another_environment_needs_is_not_idle(self, repo: Repo) -> None:
        floor = "{metric-below-floor: {metrics: {roc_auc: 0.99}}}"
        waiver = "{rule: REG002, model: churn, version: 1.4.0, owner: a@b.co, reason: r, expires: 2026-12-01}"
        policy = f"overrides: [{{environments: [production], rules: {floor}}}]\nwaivers: [{waiver}]\n"
        repo.write({"snitch.yaml": policy})
        assert run(repo, judge_all=True, select=("POL003", "REG002")).findings == ()
        assert run(repo, judge_all=True, select=("POL003",), environment="production").findings == ()
        repo.write({"snitch.yaml": policy.replace("0.99", "0.5")})
        (idle,) = run(repo, judge_all=True, select=("POL003", "REG002"), environment="production").findings
        assert idle.rule == "POL003"

    def test_a_model_that_moved_is_compared_with_itself(self, repo: Repo) -> None:
        repo.git("mv", FOLDER, "models/renamed")
        report = run(repo, select=("VER001", "REG001"))
        assert judged(report) == {"models/renamed": "modified"}
        assert not [s for s in report.skipped if "first release" in s.reason]

    def test_a_model_whose_deployed_manifest_is_broken_is_no_first_release(self, repo: Repo) -> None:
        repo.switch("main")
        repo.commit({MANIFEST: text(MANIFEST) + "description: twice\n"})
        repo.switch("feature")
        repo.write({EVALUATION: text(EVALUATION).replace("0.91", "0.81")})
        report = run(repo, select=("VER001", "REG001"))
        assert [(f.rule, f.outcome) for f in report.findings] == [("REG001", "fail"), ("VER001", "inconclusive")]


class TestSelection:
    def test_select_and_ignore(self, repo: Repo) -> None:
        repo.remove(f"{FOLDER}/README.md", f"{FOLDER}/CHANGELOG.md")
        rules = {f.rule for f in run(repo).findings}
        assert rules >= {"MET005", "MET006"}
        assert {f.rule for f in run(repo, ignore=("incomplete-card",)).findings} == rules - {"MET006"}
        assert {f.rule for f in run(repo, select=("MET006",)).findings} == {"MET006"}

    def test_the_rules_that_were_chosen_are_counted(self, repo: Repo) -> None:
        every = run(repo).rules
        assert run(repo, select=("VER001",)).rules == 1
        assert run(repo, select=("MET001", "MET009", "PRO005")).rules == 3
        assert run(repo, select=("ALL",)).rules == every
        assert run(repo, ignore=("VER001",)).rules == every - 1

    def test_a_rule_that_does_not_exist(self, repo: Repo) -> None:
        with pytest.raises(Misuse, match="did you mean `missing-evaluation`"):
            run(repo, select=("missing-evaluations",))

    def test_what_could_not_be_judged_is_always_told(self, repo: Repo) -> None:
        repo.link(f"{FOLDER}/evaluations/other.json", "/etc/passwd")
        report = run(repo, select=("BEN004",))
        assert {f.rule for f in report.findings} == {"SNT001"}


def test_a_warning_that_will_block_says_so(repo: Repo) -> None:
    repo.remove(EVALUATION)
    (finding,) = run(repo, select=("BEN001",)).findings
    assert (finding.severity, finding.blocks_next) == ("warning", True)
    assert run(repo).next_environment == "production"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = Repo(tmp_path_factory.mktemp("many") / "repo")
    files: dict[str, bytes | str] = {"snitch.yaml": "rules: {missing-card: off}\n".replace("missing-card", "BEN001")}
    for number in range(260):
        files.update(other_model(f"model-{number}", f"models/m{number}"))
    repo.commit({**SPOTLESS, **files})
    return repo.switch("feature", create=True)


class TestMany:
    """With many models names and weights come from a search, and judging from several processes."""

    def test_all_are_judged_alike_in_one_process_and_in_many(self, many: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        parallel = run(many, judge_all=True)
        monkeypatch.setattr(os, "cpu_count", lambda: 1)
        assert run(many, judge_all=True) == parallel
        assert len(parallel.models) == 261

    @pytest.mark.parametrize(
        "manifest",
        [
            lambda text: text.replace("name: model-7\n", "name: model-9\n"),
            lambda text: text.replace("name: model-7\n", "'name': model-9\n"),
            lambda text: text.replace("name: model-7\n", 'name:\n  "model-9"\n'),
        ],
        ids=["plain", "quoted key", "another line"],
    )
    def test_a_second_model_of_a_name_is_found_however_it_is_written(
        self, many: Repo, manifest: Callable[[str], str]
    ) -> None:
        path = "models/m7/model.yaml"
        many.git("checkout", "-q", "-f", "feature")
        many.write({path: manifest((many.path / path).read_text())})
        assert {f.rule for f in run(many, select=("MET009",)).findings} == {"MET009"}

    @pytest.mark.parametrize(
        "write", [lambda text: text.replace(b"\n", b"\r\n"), lambda text: text + b"x", lambda text: text[:-1]]
    )
    def test_what_is_no_pointer_is_nobodys_weights(self, many: Repo, write: Callable[[bytes], bytes]) -> None:
        many.git("checkout", "-q", "-f", "feature")
        pointer = write_pointer(digest("shared"), 5)
        tip = many.commit({"models/m9/model.skops": write(pointer)})
        many.write({"models/m7/model.skops": pointer})
        assert [f for f in run(many, select=("VER004",)).findings if f.outcome == "fail"] == []
        many.git("reset", "-q", "--hard", f"{tip}~")

    def test_a_name_that_goes_on_in_the_next_line_is_not_that_of_its_first(self, many: Repo) -> None:
        path = "models/m7/model.yaml"
        many.git("checkout", "-q", "-f", "feature")
        many.write({path: (many.path / path).read_text().replace("model-7\n", "model-9\n  more\n")}).stage()
        assert [f.rule for f in run(many, select=("MET002", "MET009")).findings] == ["MET002"]
        many.git("reset", "-q", "--hard")

    def test_weights_of_another_are_found(self, many: Repo) -> None:
        many.git("checkout", "-q", "-f", "feature")
        many.write({"models/m7/model.skops": write_pointer(digest("model-9"), 5)})
        (finding,) = run(many, select=("VER004",)).findings
        assert "models/m9/model.skops" in finding.message

    def test_weights_of_another_are_found_in_files_that_only_the_work_tree_calls_weights(self, many: Repo) -> None:
        many.git("checkout", "-q", "-f", "feature")
        tip = many.commit({"models/m9/booster.txt": write_pointer(digest("booster"), 5)})
        many.write({"models/m7/model.skops": write_pointer(digest("booster"), 5)})
        assert run(many, select=("VER004",)).findings == ()
        many.write({".gitattributes": "*.txt filter=lfs\n*.skops filter=lfs\n"})
        (finding,) = run(many, select=("VER004",)).findings
        assert "models/m9/booster.txt" in finding.message
        many.git("reset", "-q", "--hard", f"{tip}~")

    @pytest.mark.parametrize("moment", ["check", "staged"])
    def test_a_deployed_name_that_the_index_has_no_more_is_missed(self, many: Repo, moment: str) -> None:
        path = "models/m7/model.yaml"
        many.git("checkout", "-q", "-f", "feature")
        many.write({path: (many.path / path).read_text().replace("name: model-7\n", "name: renamed\n")}).stage()
        (finding,) = run(many, select=("PRO005",), moment=moment).findings
        assert "model-7" in finding.message
        many.git("reset", "-q", "--hard")

    def test_a_deployed_name_that_moved_to_a_manifest_that_cannot_be_read_is_missed(self, many: Repo) -> None:
        many.git("checkout", "-q", "-f", "feature")
        many.git("mv", "models/m7", "models/moved")
        path = "models/moved/model.yaml"
        many.write({path: (many.path / path).read_text() + "description: twice\n"}).stage()
        invalid, finding = run(many, select=("MET002", "PRO005")).findings
        assert (invalid.rule, finding.rule) == ("MET002", "PRO005")
        assert "model-7" in finding.message
        many.git("reset", "-q", "--hard")


class TestHidden:
    """A candidate's own policy hides nothing that is deployed."""

    def test_an_excluded_deployed_model_has_vanished(self, repo: Repo) -> None:
        repo.write({"snitch.yaml": "exclude: [models/churn]\n"})
        found = {f.rule for f in run(repo, environment="production").findings}
        assert "PRO005" in found

    def test_what_the_deployed_policy_excludes_itself_is_not_deployed(self, repo: Repo) -> None:
        repo.switch("main")
        sandbox = other_model("toy", "sandbox/toy")
        repo.commit({**sandbox, "snitch.yaml": "exclude: [sandbox/]\n"})
        repo.git("checkout", "-q", "-B", "feature")
        repo.git("rm", "-rq", "sandbox")
        repo.write({"snitch.yaml": "exclude: [sandbox/]\nremote: origin\n"})
        assert "PRO005" not in {f.rule for f in run(repo, environment="production").findings}

    def test_a_deleted_policy_fails(self, repo: Repo) -> None:
        repo.remove("snitch.yaml")
        assert run(repo, environment="production", select=("POL001",)).verdict == "blocked"

    def test_who_may_approve_an_edit_of_it_is_the_base_s_to_say(self, repo: Repo) -> None:
        repo.write({"snitch.yaml": "gate: {approvers: [mallory]}\n"})
        [before] = run(repo, select=("POL001",)).findings
        assert before.message.endswith("the base's policy names no `gate.approvers`")
        repo.commit()
        repo.branch("main").write({"snitch.yaml": "extends: strict\n"})
        [after] = run(repo, select=("POL001",)).findings
        assert after.message.endswith("it will need the approval of one of `gate.approvers`")

    def test_an_emptied_policy_is_none(self, repo: Repo) -> None:
        repo.write({"snitch.yaml": "# nothing\n"})
        with pytest.raises(InvalidPolicy):
            run(repo)


@pytest.mark.parametrize("path", ["models/churn/nonexistent", "models/chrun", "nowhere"])
def test_a_path_that_does_not_exist(repo: Repo, path: str) -> None:
    with pytest.raises(Misuse, match="matches no model"):
        run(repo, paths=(path,))


def test_the_index_and_a_commit_at_once(repo: Repo) -> None:
    with pytest.raises(Misuse, match="name one of them"):
        run(repo, moment="staged", candidate="HEAD")


def test_a_bare_repository_has_no_index(repo: Repo, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="has no index"):
        run(repo.clone(tmp_path / "bare", "--bare"), moment="staged")

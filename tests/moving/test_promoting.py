"""Promotions planned and prepared on real repositories: which way, which files, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.checking.commits import Misuse
from snitch.finding import Undecidable
from snitch.git.command import Git
from snitch.moving.branches import Branches
from snitch.moving.plan import NothingToMove, Plan
from snitch.moving.promoting import plan_promotion
from tests.gating.promotions import DEPLOYED, NEW, POLICY
from tests.gating.promotions import promoted as gated
from tests.judging import FOLDER, MANIFEST, Files, edit
from tests.moving.conftest import Server, files_of, prepared, promotion
from tests.moving.poor import POOR, moved
from tests.repository import Repo

OTHER = "models/fraud"


def renamed(files: Files, folder: str) -> Files:
    """A model of another name in a folder of its own, with what it takes to be one."""
    manifest = str(files[MANIFEST]).replace("name: churn", f"name: {folder.rpartition('/')[2]}")
    return {
        **moved({p: f for p, f in files.items() if p.startswith(FOLDER)}, FOLDER, folder),
        f"{folder}/model.yaml": manifest,
    }


class TestTheTree:
    def test_the_folder_becomes_what_it_is_on_staging_and_nothing_else_changes(
        self, server: Server, clone: Repo
    ) -> None:
        gone = {path: each for path, each in NEW.items() if not path.endswith("params.yaml")}
        tip = server.put(
            "staging", {**gone, f"{FOLDER}/deep/er.txt": "1", "docs/x.md": "1", "snitch.yaml": "# other\n"}
        )
        plan = promotion(clone)
        commit, is_new = prepared(clone, plan)
        main, staging = files_of(clone, "origin/main"), files_of(clone, tip)
        kept = {path: each for path, each in main.items() if not path.startswith(f"{FOLDER}/")}
        assert is_new
        assert files_of(clone, commit) == kept | {
            path: each for path, each in staging.items() if path.startswith(f"{FOLDER}/")
        }
        assert plan.edits[f"{FOLDER}/params.yaml"] is None

    def test_the_commit_says_what_comes_from_where(self, server: Server, clone: Repo) -> None:
        commit, _ = prepared(clone, promotion(clone))
        assert clone.git("rev-list", "--parents", "-1", commit) == f"{commit} {server.rev('main')}"
        assert clone.rev("refs/heads/promote/churn-1.5.0-to-production") == commit
        assert clone.git("log", "-1", "--format=%B%an <%ae>", commit) == (
            "Promote churn 1.5.0 to production\n\n"
            f"As it stands on staging at {server.rev('staging')}; main had 1.4.0.\nAda <ada@example.com>"
        )

    def test_the_gate_lets_it_pass(self, server: Server, clone: Repo) -> None:
        commit, _ = prepared(clone, promotion(clone))
        report = gated(clone, commit)
        assert report.verdict == "passed", report.findings

    def test_a_first_release(self, server: Server, clone: Repo) -> None:
        server.put("main", {"snitch.yaml": POLICY})
        plan = promotion(clone)
        commit, _ = prepared(clone, plan)
        staging = files_of(clone, "origin/staging")
        own = {path: each for path, each in staging.items() if path.startswith(f"{FOLDER}/")}
        assert files_of(clone, commit) == {**own, "snitch.yaml": staging["snitch.yaml"]}
        assert plan.present is None
        assert "it was not on main" in plan.origin

    def test_a_model_that_lies_elsewhere_on_the_target_moves_with_its_folder(self, server: Server, clone: Repo) -> None:
        server.put("main", {**moved(DEPLOYED, FOLDER, "ml/old"), "ml/other.txt": "1"})
        commit, _ = prepared(clone, promotion(clone))
        files = files_of(clone, commit)
        assert not [path for path in files if path.startswith("ml/old")]
        assert "ml/other.txt" in files
        assert files[MANIFEST] == files_of(clone, "origin/staging")[MANIFEST]

    def test_models_within_its_folder_and_beside_it_stay_as_they_are(self, server: Server, clone: Repo) -> None:
        within = f"{FOLDER}/small"
        server.put("main", {**DEPLOYED, **renamed(DEPLOYED, OTHER), **renamed(DEPLOYED, within)})
        server.put("staging", {**NEW, **renamed(NEW, OTHER), **renamed(NEW, within)})
        plan = promotion(clone)
        assert not [path for path in plan.edits if path.startswith((OTHER, within))]
        commit, _ = prepared(clone, plan)
        assert files_of(clone, commit)[f"{within}/model.yaml"] == files_of(clone, "origin/main")[f"{within}/model.yaml"]

    def test_a_model_at_the_root(self, tmp_path: Path) -> None:
        server = Server(tmp_path / "server")
        server.git("commit", "--quiet", "--allow-empty", "--message", "Nothing yet")
        root = {path.removeprefix(f"{FOLDER}/"): each for path, each in DEPLOYED.items()}
        server.put("main", {**root, ".github/x.yml": "1"})
        newer = {path.removeprefix(f"{FOLDER}/"): each for path, each in NEW.items()}
        server.put("staging", {**newer, ".github/x.yml": "2", "new.txt": "1"})
        clone = server.clone(tmp_path / "clone", "--branch=main")
        plan = promotion(clone)
        assert set(plan.edits) == {
            "CHANGELOG.md",
            "evaluations/churn-holdout.json",
            "model.skops",
            "model.yaml",
            "new.txt",
        }

    def test_what_its_manifest_names_outside_its_folder_comes_too(self, server: Server, clone: Repo) -> None:
        beside = edit(DEPLOYED, MANIFEST, "dependencies: requirements.txt", "dependencies: ../requirements.txt")
        newer = edit(NEW, MANIFEST, "dependencies: requirements.txt", "dependencies: ../requirements.txt")
        server.put("main", {**beside, "models/requirements.txt": "numpy==1.0\n", "models/unnamed.txt": "1"})
        server.put("staging", {**newer, "models/requirements.txt": "numpy==2.0\n", "models/unnamed.txt": "2"})
        plan = promotion(clone)
        commit, _ = prepared(clone, plan)
        files = files_of(clone, commit)
        assert files["models/requirements.txt"] == files_of(clone, "origin/staging")["models/requirements.txt"]
        assert files["models/unnamed.txt"] == files_of(clone, "origin/main")["models/unnamed.txt"]
        assert plan.notes == (
            "models/requirements.txt changes too, which lies outside of the model's folder: other models may use it",
        )

    def test_paths_and_modes_of_every_kind(self, server: Server, clone: Repo) -> None:
        odd = {
            f"{FOLDER}/{name}": f"{name!r}"
            for name in ("ü", "a b", 'a"b', "a\nb", "a\\b", ":(top)x", "-x", "*", "\udcff")
        }
        server.switch("staging")
        server.write(odd).link(f"{FOLDER}/link", "model.yaml")
        server.write({f"{FOLDER}/run.sh": "1"})
        (server.path / FOLDER / "run.sh").chmod(0o755)
        server.commit()
        commit, _ = prepared(clone, promotion(clone))
        ours, theirs = files_of(clone, commit), files_of(clone, "origin/staging")
        assert {path: ours.get(path) for path in theirs} == theirs
        assert ours[f"{FOLDER}/link"].startswith("120000")
        assert ours[f"{FOLDER}/run.sh"].startswith("100755")

    def test_a_benchmark_that_its_manifest_names_does_not(self, server: Server, clone: Repo) -> None:
        named = ("dependencies: requirements.txt", "dependencies: ../../benchmarks/requirements.txt")
        server.put("main", {**edit(DEPLOYED, MANIFEST, *named), "benchmarks/requirements.txt": "numpy==2.1.0\n"})
        server.put("staging", {**edit(NEW, MANIFEST, *named), "benchmarks/requirements.txt": "numpy==2.2.0\n"})
        assert not [path for path in promotion(clone).edits if path.startswith("benchmarks")]


class TestTheWay:
    def test_what_both_hold_is_not_promoted(self, server: Server, clone: Repo) -> None:
        server.put("main", NEW)
        with pytest.raises(NothingToMove, match=r"production holds churn 1\.5\.0 just as staging does"):
            promotion(clone)

    def test_the_first_environment_going_up_that_differs(self, server: Server, clone: Repo) -> None:
        policy = POLICY.replace(
            "staging: {branches: [staging], promotes_from: development}",
            "trial: {branches: [trial]}\n  staging: {branches: [staging], promotes_from: trial}",
        )
        server.put("main", {**DEPLOYED, "snitch.yaml": policy})
        server.put("trial", NEW)
        plan = promotion(clone)
        assert (plan.environment, plan.target) == ("production", "main")  # staging holds what is on trial
        newest = edit(NEW, MANIFEST, "seed: 7", "seed: 8")
        tip = server.put("trial", newest)
        plan = promotion(clone)
        assert (plan.environment, plan.target, tip in plan.origin) == ("staging", "staging", True)
        assert promotion(clone, to="production").target == "main"

    def test_from_a_branch_of_the_environment_below(self, server: Server, clone: Repo) -> None:
        tip = server.put("feature", edit(NEW, MANIFEST, "version: 1.5.0", "version: 1.6.0"))
        plan = promotion(clone, source="feature")
        assert (plan.target, plan.version, tip in plan.origin) == ("staging", "1.6.0", True)
        assert plan.branch == "promote/churn-1.6.0-to-staging"
        assert promotion(clone, source="feature", to="production").target == "main"

    @pytest.mark.parametrize("to", ["production", "main"])
    def test_an_environment_is_named_by_itself_or_by_its_branch(self, clone: Repo, to: str) -> None:
        assert promotion(clone, to=to).environment == "production"

    def test_without_a_policy_a_branch_has_to_be_named(self, server: Server, clone: Repo) -> None:
        bare = {path: each for path, each in DEPLOYED.items() if path != "snitch.yaml"}
        server.put("main", bare)
        clone.git("switch", "--quiet", "--detach", server.rev("main~2"))
        with pytest.raises(
            Misuse, match=r"by the policy nothing is promoted from any one branch; name the branch with --from and the"
        ):
            promotion(clone)
        with pytest.raises(Misuse, match="nothing is promoted into production; name the branch with --from"):
            promotion(clone, to="production")
        assert promotion(clone, to="production", source="staging").target == "main"

    def test_the_policy_is_the_one_that_is_deployed(self, server: Server, clone: Repo) -> None:
        clone.write({"snitch.yaml": "this: [is no policy"})
        assert promotion(clone).target == "main"

    def test_what_was_pushed_since_the_last_fetch_counts(self, server: Server, clone: Repo) -> None:
        tip = server.put("staging", edit(NEW, MANIFEST, "version: 1.5.0", "version: 1.5.1"))
        assert promotion(clone, fetches=False).version == "1.5.0"
        plan = promotion(clone)
        assert (plan.version, tip in plan.origin) == ("1.5.1", True)

    def test_out_of_reach_of_the_remote_what_was_fetched_last_counts(self, server: Server, clone: Repo) -> None:
        server.path.rename(server.path.with_name("away"))
        branches = Branches(Git(str(clone.path)), fetches=True)
        assert plan_promotion(branches, "churn", "churn").version == "1.5.0"
        assert [each.rpartition("; ")[2] for each in branches.notes] == [
            "main is taken as it was fetched last",
            "staging is taken as it was fetched last",
        ]

    def test_local_branches_count_where_there_is_no_remote(self, server: Server) -> None:
        plan = promotion(server)
        assert (plan.remote, plan.version) == (None, "1.5.0")

    def test_a_tag_of_a_branch_s_name_is_no_branch(self, server: Server, clone: Repo) -> None:
        clone.git("tag", "origin/staging", "origin/main")
        clone.git("tag", "staging", "origin/main")
        assert promotion(clone).version == "1.5.0"

    @pytest.mark.parametrize("options", POOR)
    def test_a_poor_clone_is_brought_what_it_lacks(self, server: Server, tmp_path: Path, options: list[str]) -> None:
        poor = server.clone(tmp_path / "poor", "--branch=main", "--no-single-branch", *options)
        commit, _ = prepared(poor, promotion(poor))
        assert files_of(poor, commit)[MANIFEST] == files_of(server, "staging")[MANIFEST]


class TestRefusals:
    @pytest.mark.parametrize(
        ("word", "told"),
        [("chrun", "there is no model `chrun` on staging; did you mean `churn`?"), ("xyz", "on staging; known: churn")],
    )
    def test_a_model_that_is_not_there(self, clone: Repo, word: str, told: str) -> None:
        with pytest.raises(Misuse, match=told.replace("?", r"\?")):
            promotion(clone, word)

    def test_an_environment_that_is_not_there(self, clone: Repo) -> None:
        with pytest.raises(Misuse, match="there is no environment `prodction`; did you mean `production`"):
            promotion(clone, to="prodction")

    def test_from_an_environment_of_many_branches(self, clone: Repo) -> None:
        with pytest.raises(Misuse, match=r"development has no one branch, but `\*`, to promote from; .* --from"):
            promotion(clone, to="staging")

    def test_a_branch_that_is_not_there(self, server: Server, clone: Repo) -> None:
        server.git("branch", "-D", "staging")
        clone.git("update-ref", "-d", "refs/remotes/origin/staging")
        with pytest.raises(Undecidable, match="the branch `staging` is not in this clone") as caught:
            promotion(clone)
        assert "`git fetch origin staging:refs/remotes/origin/staging`" in str(caught.value.help)

    def test_a_manifest_that_is_not_valid(self, server: Server, clone: Repo) -> None:
        server.put("staging", edit(NEW, MANIFEST, "version: 1.5.0", "version: new"))
        with pytest.raises(Misuse, match=rf"{MANIFEST} is not valid on staging; `snitch check --ref staging`"):
            promotion(clone)

    def test_two_models_of_one_name(self, server: Server, clone: Repo) -> None:
        server.put("staging", {**NEW, **moved(NEW, FOLDER, "models/copy")})
        with pytest.raises(Misuse, match="`churn` is the name of several models on staging: models/churn, models/copy"):
            promotion(clone)

    def test_the_folder_is_another_model_s_on_the_target(self, server: Server, clone: Repo) -> None:
        server.put("main", {**moved(DEPLOYED, FOLDER, "ml/churn"), **renamed(DEPLOYED, OTHER)})
        server.put("staging", moved(NEW, FOLDER, OTHER))
        with pytest.raises(Misuse, match=f"{OTHER}/.* is of the model fraud on main; move that one first"):
            promotion(clone)

    def test_a_file_where_a_folder_would_be(self, server: Server, clone: Repo) -> None:
        server.put("main", {**moved(DEPLOYED, FOLDER, "ml/churn"), "models": "a file"})
        with pytest.raises(Misuse, match="cannot lie on main, where models is a file; remove that first"):
            promotion(clone)

    def test_a_folder_where_a_file_would_be(self, server: Server, clone: Repo) -> None:
        server.put("main", {**DEPLOYED, **renamed(DEPLOYED, f"{FOLDER}/small")})
        server.put("staging", {**NEW, f"{FOLDER}/small": "a file"})
        with pytest.raises(Misuse, match=f"{FOLDER}/small cannot lie on main, where it is a folder"):
            promotion(clone)

    def test_a_file_that_would_be_another_model_s(self, server: Server, clone: Repo) -> None:
        server.put("main", {**DEPLOYED, **renamed(DEPLOYED, f"{FOLDER}/small")})
        server.put("staging", {**NEW, f"{FOLDER}/small/x.txt": "1"})
        with pytest.raises(Misuse, match=f"{FOLDER}/small/x.txt would be another model's on main"):
            promotion(clone)

    def test_another_model_s_file_that_the_manifest_names(self, server: Server, clone: Repo) -> None:
        named = ("dependencies: requirements.txt", "dependencies: ../fraud/requirements.txt")
        server.put("main", {**edit(DEPLOYED, MANIFEST, *named), **renamed(DEPLOYED, OTHER)})
        both = {**edit(NEW, MANIFEST, *named), **renamed(DEPLOYED, OTHER)}
        server.put("staging", both)
        assert promotion(clone).version == "1.5.0"
        server.put("staging", {**both, f"{OTHER}/requirements.txt": "numpy==2.2.0\n"})
        with pytest.raises(Misuse, match=f"names {OTHER}/requirements.txt, which is another model's and differs"):
            promotion(clone)


class TestNotes:
    def plan(self, server: Server, clone: Repo, main: Files, staging: Files) -> Plan:
        server.put("main", main)
        server.put("staging", staging)
        return promotion(clone)

    def test_a_version_that_would_fall(self, server: Server, clone: Repo) -> None:
        newer = edit(DEPLOYED, MANIFEST, "version: 1.4.0", "version: 1.5.1")
        assert self.plan(server, clone, newer, NEW).notes == (
            "main has 1.5.1, which is above 1.5.0: the gate lets no version fall",
        )

    @pytest.mark.parametrize(
        "change", [("expires: 2027-03-31", "expires: 2027-04-30"), None], ids=["differs", "absent"]
    )
    def test_a_benchmark_that_differs_is_told_and_left(
        self, server: Server, clone: Repo, change: tuple[str, str] | None
    ) -> None:
        path = "benchmarks/churn-holdout/benchmark.yaml"
        old = edit(DEPLOYED, path, *change) if change else {p: f for p, f in DEPLOYED.items() if "benchmarks" not in p}
        plan = self.plan(server, clone, old, NEW)
        [note] = plan.notes
        assert note.startswith("the benchmark churn-holdout differs between staging and main, and is not promoted")
        assert not [each for each in plan.edits if each.startswith("benchmarks")]
        assert "the benchmark churn-holdout differs" in plan.body

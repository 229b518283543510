"""A branch's own history, of real repositories: merged, squashed, rebased, moved, backdated, cut off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from snitch.finding import Undecidable
from snitch.gate import Stretch
from snitch.git import history as history_module
from snitch.git.command import Git
from snitch.git.fetching import Upstream
from snitch.git.first_parents import Step, steps
from snitch.git.history import BranchHistory
from tests.repository import Repo

FOLDER = "models/churn"


def model(version: str, **files: str) -> dict[str, bytes | str]:
    """A model's folder; `files` by the names of their stems."""
    manifest = f"name: churn\nversion: {version}\n"
    return {f"{FOLDER}/model.yaml": manifest, **{f"{FOLDER}/{name}.txt": text for name, text in files.items()}}


def at(when: str) -> dict[str, str]:
    """An environment in which a committer's clock says so."""
    return {"GIT_COMMITTER_DATE": when}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def history(repo: Repo, branch: str = "main", **more: Any) -> BranchHistory:
    return BranchHistory(Git(str(repo.path)), repo.rev(branch), branch, **more)


def told(repo: Repo, branch: str = "main", *, folder: str = FOLDER, **more: Any) -> list[tuple[str, str]]:
    """Each stretch's commit and the version that stood there."""
    found = history(repo, branch, **more).stretches("churn", folder)
    return [(each.commit, each.model.version) for each in found]


def files(stretch: Stretch) -> Mapping[str, bytes]:
    return dict(stretch.model.repository.snapshot)


class TestStretches:
    def test_newest_first_with_what_stood_there(self, repo: Repo) -> None:
        one = repo.commit(model("1.0.0", a="1"))
        two = repo.commit(model("1.1.0", b="2"))
        newest, oldest = history(repo).stretches("churn", FOLDER)
        assert (newest.commit, oldest.commit) == (two, one)
        assert files(newest) == {
            f"{FOLDER}/a.txt": b"1",
            f"{FOLDER}/b.txt": b"2",
            f"{FOLDER}/model.yaml": b"name: churn\nversion: 1.1.0\n",
        }
        assert files(oldest) == {
            f"{FOLDER}/a.txt": b"1",
            f"{FOLDER}/model.yaml": b"name: churn\nversion: 1.0.0\n",
        }

    def test_what_happens_elsewhere_begins_none(self, repo: Repo) -> None:
        one = repo.commit(model("1.0.0"))
        repo.commit({"models/fraud/model.yaml": "name: fraud\n", "README.md": "…", "models/churn-2/x": "1"})
        assert told(repo) == [(one, "1.0.0")]

    def test_a_model_that_was_never_there(self, repo: Repo) -> None:
        repo.commit({"README.md": "…"})
        assert told(repo) == []

    def test_a_model_that_was_deleted_and_came_again(self, repo: Repo) -> None:
        one = repo.commit(model("1.0.0"))
        gone = repo.remove(f"{FOLDER}/model.yaml").commit()
        again = repo.commit(model("1.0.0"))
        assert told(repo) == [(again, "1.0.0"), (gone, ""), (one, "1.0.0")]
        assert [each.holds("churn") for each in history(repo).stretches("churn", FOLDER)] == [True, False, True]

    def test_a_model_that_is_gone_at_the_tip(self, repo: Repo) -> None:
        one = repo.commit(model("1.0.0"))
        gone = repo.remove(f"{FOLDER}/model.yaml").commit()
        assert told(repo) == [(gone, ""), (one, "1.0.0")]

    def test_a_model_at_the_root(self, repo: Repo) -> None:
        one = repo.commit({"model.yaml": "name: churn\nversion: 1.0.0\n"})
        two = repo.commit({"evaluations/x.json": "{}"})
        assert told(repo, folder="") == [(two, "1.0.0"), (one, "1.0.0")]

    def test_every_kind_of_change(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit(model("1.0.0", a="1"))
        (repo.path / FOLDER / "a.txt").unlink()
        repo.link(f"{FOLDER}/a.txt", "model.yaml").commit()
        repo.remove(f"{FOLDER}/a.txt").commit({f"{FOLDER}/a.txt/b": "1"})
        (repo.path / FOLDER / "model.yaml").chmod(0o755)
        repo.commit()
        listed = [sorted(each.model.repository.snapshot) for each in history(repo).stretches("churn", FOLDER)]
        manifest = f"{FOLDER}/model.yaml"
        assert listed == [
            [f"{FOLDER}/a.txt/b", manifest],
            [f"{FOLDER}/a.txt/b", manifest],
            [f"{FOLDER}/a.txt", manifest],
            [f"{FOLDER}/a.txt", manifest],
        ]
        modes = [
            each.model.repository.snapshot.entries[manifest].mode for each in history(repo).stretches("churn", FOLDER)
        ]
        assert [f"{mode:o}" for mode in modes] == ["100755", "100644", "100644", "100644"]

    @pytest.mark.parametrize("folder", ["models/*", "models/:(top)x", "models/a\nb", "models/ü", ":(glob)m", "-x"])
    def test_a_folder_of_an_odd_name(self, repo: Repo, folder: str) -> None:
        one = repo.commit({f"{folder}/model.yaml": "name: churn\nversion: 1.0.0\n"})
        repo.commit(model("2.0.0"), "Not this one")
        repo.remove(f"{FOLDER}/model.yaml").commit()
        assert told(repo, folder=folder) == [(one, "1.0.0")]

    def test_asked_from_a_folder_below_the_top(self, repo: Repo) -> None:
        one = repo.commit(model("1.0.0"))
        git = Git(str(repo.path / FOLDER))
        assert [each.commit for each in BranchHistory(git, one, "main").stretches("churn", FOLDER)] == [one]

    def test_files_beside_the_folder(self, repo: Repo) -> None:
        repo.commit({**model("1.0.0"), "models/.shared/w.bin": "1", "models/.shared/other.bin": "1"})
        repo.commit({"models/.shared/w.bin": "2"})
        repo.commit({"models/.shared/other.bin": "2"})
        found = list(history(repo).stretches("churn", FOLDER, ("../.shared/w.bin", "../../../outside")))
        assert [files(each)["models/.shared/w.bin"] for each in found] == [b"2", b"1"]

    def test_asked_again_git_is_not(self, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        repo.commit(model("1.0.0"))
        repo.commit(model("1.1.0"))
        asked = history(repo)
        first = next(asked.stretches("churn", FOLDER))
        everything = list(asked.stretches("churn", FOLDER))
        monkeypatch.setattr(asked.git, "run", lambda *_, **__: pytest.fail("git was asked"))
        assert list(asked.stretches("churn", FOLDER)) == everything
        assert everything[0] is first

    def test_settings_of_the_machine_do_not_bend_it(self, repo: Repo) -> None:
        old = {f"{FOLDER}/model.yaml": "name: churn\nversion: 1.0.0\n" + "# the same\n" * 20}
        one = repo.commit({path.replace("churn/", "other/"): text for path, text in old.items()})
        repo.git("mv", "models/other", FOLDER)
        repo.git("config", "log.follow", "true")
        repo.git("config", "log.showRoot", "false")
        repo.git("config", "log.showSignature", "true")
        repo.git("config", "log.diffMerges", "combined")
        repo.git("config", "diff.renames", "copies")
        repo.git("config", "diff.noPrefix", "true")
        repo.git("config", "color.ui", "always")
        repo.git("config", "diff.relative", "true")
        two = repo.commit()
        assert told(repo) == [(two, "1.0.0"), (one, "1.0.0")]


class TestManyModels:
    NAMES = tuple(f"m{number}" for number in range(8))

    @pytest.fixture
    def many(self, repo: Repo) -> Repo:
        """Eight models, one in the folder of another, released, moved and merged."""
        folders = {name: f"models/{name}" for name in self.NAMES} | {"m7": "models/m6/inner"}

        def files(version: str, *names: str) -> dict[str, bytes | str]:
            return {f"{folders[name]}/model.yaml": f"name: {name}\nversion: {version}\n" for name in names}

        repo.commit(files("1.0.0", *self.NAMES))
        repo.switch("side", create=True).commit(files("1.1.0", "m1", "m2", "m7"))
        repo.switch("main").commit({"models/m1/a\nb.txt": "1", "models/m10/x": "1"})
        repo.git("merge", "--quiet", "--no-ff", "side")
        repo.git("mv", "models/m3", "models/moved")
        repo.commit({"README.md": "…"})
        return repo

    def told(self, repo: Repo, *, expected: Iterable[str]) -> list[list[tuple[str, dict[str, bytes]]]]:
        asked = history(repo)
        asked.expect(expected)
        homes = {"m3": "models/moved", "m7": "models/m6/inner"}
        found = (asked.stretches(name, homes.get(name, f"models/{name}")) for name in self.NAMES)
        return [[(each.commit, dict(each.model.repository.snapshot)) for each in stretches] for stretches in found]

    def test_one_look_tells_what_many_do(self, many: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        one_by_one = self.told(many, expected=())
        folders = [*(f"models/{name}" for name in self.NAMES), "models/moved", "models/m6/inner", ""]
        looks: list[tuple[str, ...]] = []

        def look(git: Git, commit: str, paths: tuple[str, ...]) -> list[Step]:
            looks.append(paths)
            return steps(git, commit, paths)

        monkeypatch.setattr(history_module, "steps", look)
        assert self.told(many, expected=folders) == one_by_one
        assert looks == [("models/m3",)]  # from where it was moved away

    def test_of_a_few_each_is_asked_for(self, many: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(history_module, "steps_by_folder", lambda *_: pytest.fail("the whole history was read"))
        self.told(many, expected=["models/m0", "models/m1"])


class TestMerges:
    @pytest.fixture
    def side(self, repo: Repo) -> Repo:
        """Main holds 1.0.0; the branch `side` makes 1.1.0 of it, by way of a state that never stood on main."""
        repo.commit(model("1.0.0"))
        repo.switch("side", create=True)
        repo.commit(model("1.1.0-draft"))
        repo.commit(model("1.1.0"))
        repo.switch("main")
        repo.commit({"README.md": "…"})
        return repo

    def test_a_merge_commit(self, side: Repo) -> None:
        side.git("merge", "--quiet", "--no-ff", "side")
        assert told(side)[0] == (side.rev("HEAD"), "1.1.0")
        assert [version for _, version in told(side)] == ["1.1.0", "1.0.0"]

    def test_a_squash_merge(self, side: Repo) -> None:
        side.git("merge", "--quiet", "--squash", "side")
        merged = side.commit()
        assert told(side)[0] == (merged, "1.1.0")
        assert [version for _, version in told(side)] == ["1.1.0", "1.0.0"]

    def test_a_rebase_merge(self, side: Repo) -> None:
        side.switch("side").git("rebase", "--quiet", "main")
        side.switch("main").git("merge", "--quiet", "--ff-only", "side")
        assert [version for _, version in told(side)] == ["1.1.0", "1.1.0-draft", "1.0.0"]

    def test_an_octopus(self, side: Repo) -> None:
        side.git("branch", "third", "side~2")
        side.switch("third").commit({f"{FOLDER}/third.txt": "3"})
        side.switch("main").git("merge", "--quiet", "--no-ff", "side", "third")
        assert len(side.git("log", "-1", "--format=%P").split()) == 3
        newest, oldest = history(side).stretches("churn", FOLDER)
        assert (newest.commit, newest.model.version) == (side.rev("HEAD"), "1.1.0")
        assert f"{FOLDER}/third.txt" in files(newest)
        assert oldest.model.version == "1.0.0"

    def test_a_merge_that_takes_the_other_side_whole(self, side: Repo) -> None:
        tree = side.rev("side^{tree}")
        merge = side.git("commit-tree", tree, "-p", "main", "-p", "side", "-m", "theirs")
        side.git("reset", "--quiet", "--hard", merge)
        assert [version for _, version in told(side)] == ["1.1.0", "1.0.0"]

    def test_a_merge_that_drops_the_other_side(self, side: Repo) -> None:
        side.git("merge", "--quiet", "--strategy=ours", "side")
        assert [version for _, version in told(side)] == ["1.0.0"]

    def test_the_target_merged_into_the_branch_is_not_its_own(self, side: Repo) -> None:
        side.commit(model("1.0.1"))
        side.switch("side").git("merge", "--quiet", "--no-ff", "--strategy=ours", "main")
        assert [version for _, version in told(side, "side")] == ["1.1.0", "1.1.0-draft", "1.0.0"]


class TestMoved:
    def test_a_moved_model(self, repo: Repo) -> None:
        one = repo.commit({"old/place/model.yaml": "name: churn\nversion: 1.0.0\n"})
        two = repo.commit({"old/place/x": "1"})
        (repo.path / "models").mkdir()
        repo.git("mv", "old/place", FOLDER)
        moved = repo.commit(model("1.1.0"))
        assert told(repo) == [(moved, "1.1.0"), (two, "1.0.0"), (one, "1.0.0")]
        folders = [each.model.folder for each in history(repo).stretches("churn", FOLDER)]
        assert folders == [FOLDER, "old/place", "old/place"]

    def test_a_model_moved_out_of_the_root_by_a_merge(self, repo: Repo) -> None:
        repo.commit({"model.yaml": "name: churn\nversion: 1.0.0\n"})
        repo.switch("side", create=True)
        repo.remove("model.yaml").commit(model("1.0.0"))
        repo.switch("main").commit({"README.md": "…"})
        repo.git("merge", "--quiet", "--no-ff", "side")
        newest, *older = history(repo).stretches("churn", FOLDER)
        assert (newest.commit, newest.model.folder) == (repo.rev("HEAD"), FOLDER)
        assert [each.model.folder for each in older] == ["", ""]

    def test_models_that_change_places(self, repo: Repo) -> None:
        churn, fraud = "name: churn\nversion: 1.0.0\n", "name: fraud\nversion: 9.0.0\n"
        one = repo.commit({"a/model.yaml": churn, "b/model.yaml": fraud})
        two = repo.commit({"a/model.yaml": fraud, "b/model.yaml": churn})
        assert told(repo, folder="a") == [(two, "1.0.0"), (one, "1.0.0")]
        assert [each.model.folder for each in history(repo).stretches("churn", "b")] == ["b", "a"]

    def test_a_model_of_another_name_is_not_where_it_came_from(self, repo: Repo) -> None:
        repo.commit({"a/model.yaml": "name: churn-2\nversion: 1.0.0\n"})
        one = repo.remove("a/model.yaml").commit(model("1.0.0"))
        assert told(repo) == [(one, "1.0.0")]

    def test_a_copy_was_not_moved(self, repo: Repo) -> None:
        repo.commit({"a/model.yaml": "name: churn\nversion: 1.0.0\n"})
        one = repo.commit(model("1.0.0"))
        assert told(repo) == [(one, "1.0.0")]

    def test_found_by_its_name_wherever_it_lies_at_the_tip(self, repo: Repo) -> None:
        repo.commit({**model("1.0.0"), f"{FOLDER}/model.yaml": "name: churn-2\n"})
        one = repo.commit({"else/where/model.yaml": 'name: "ch\\u0075rn"\nversion: 1.0.0\n'})
        assert told(repo) == [(one, "1.0.0")]

    def test_a_folder_that_held_another_model_before(self, repo: Repo) -> None:
        repo.commit({f"{FOLDER}/model.yaml": "name: fraud\nversion: 3.0.0\n"})
        repo.commit(model("1.0.0"))
        assert [each.holds("churn") for each in history(repo).stretches("churn", FOLDER)] == [True, False]

    def test_a_broken_manifest_still_says_whose_it_is(self, repo: Repo) -> None:
        repo.commit({f"{FOLDER}/model.yaml": "name: churn\nversion: latest\n"})
        [stretch] = history(repo).stretches("churn", FOLDER)
        assert stretch.holds("churn")


class TestSince:
    def dates(self, repo: Repo, **more: Any) -> list[datetime | None]:
        return [each.since for each in history(repo, **more).stretches("churn", FOLDER)]

    def test_the_committers_date_in_utc(self, repo: Repo) -> None:
        repo.commit(model("1.0.0"), env=at("2026-11-01T23:30:00-05:00"))
        assert self.dates(repo) == [day("2026-11-02T04:30")]

    def test_the_authors_date_is_nobodys(self, repo: Repo) -> None:
        repo.commit(model("1.0.0"), env={**at("2026-11-02T10:00:00Z"), "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z"})
        assert self.dates(repo) == [day("2026-11-02T10:00")]

    def test_the_first_commit_of_a_stretch_counts(self, repo: Repo) -> None:
        repo.commit(model("1.0.0"), env=at("2026-11-02T10:00:00Z"))
        repo.commit({"README.md": "…"}, env=at("2026-11-09T10:00:00Z"))
        assert self.dates(repo) == [day("2026-11-02T10:00")]

    def test_a_merge_counts_from_when_it_was_made(self, repo: Repo) -> None:
        repo.commit({"README.md": "…"}, env=at("2026-10-01T10:00:00Z"))
        repo.switch("side", create=True)
        repo.commit(model("1.0.0"), env=at("2026-10-02T10:00:00Z"))
        repo.switch("main").git("merge", "--quiet", "--no-ff", "side", env=at("2026-11-03T10:00:00Z"))
        assert self.dates(repo) == [day("2026-11-03T10:00")]

    def test_nothing_came_earlier_than_what_came_before_it(self, repo: Repo) -> None:
        repo.commit({"README.md": "…"}, env=at("2026-11-05T10:00:00Z"))
        repo.commit(model("1.0.0"), env=at("2026-01-01T10:00:00Z"))
        repo.commit(model("1.1.0"), env=at("2026-11-06T10:00:00Z"))
        repo.commit(model("1.2.0"), env=at("2026-02-01T10:00:00Z"))
        assert self.dates(repo) == [day("2026-11-06T10:00"), day("2026-11-06T10:00"), day("2026-11-05T10:00")]

    def test_a_date_to_come_proves_nothing_of_what_follows(self, repo: Repo) -> None:
        repo.commit(model("1.0.0"), env=at("2036-11-05T10:00:00Z"))
        repo.commit(model("1.1.0"), env=at("2026-11-06T10:00:00Z"))
        assert self.dates(repo, moment=day("2026-11-20")) == [day("2026-11-06T10:00"), day("2036-11-05T10:00")]

    def test_a_date_that_no_calendar_knows(self, repo: Repo) -> None:
        repo.commit(model("1.0.0"))
        raw = repo.git("cat-file", "commit", "HEAD").replace(" +0000", "0000000 +0000") + "\n"
        odd = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", input=raw.encode())
        repo.git("reset", "--quiet", "--hard", odd)
        repo.commit(model("1.1.0"), env=at("2026-11-06T10:00:00Z"))
        assert self.dates(repo) == [day("2026-11-06T10:00"), None]

    def test_the_forges_word_counts_where_it_is_later(self, repo: Repo) -> None:
        commit = repo.commit(model("1.0.0"), env=at("2026-11-06T10:00:00Z"))
        for told_by_forge, since in (("2026-11-07", "2026-11-07"), ("2026-01-01", "2026-11-06T10:00")):
            merged = {commit: day(told_by_forge)}
            assert self.dates(repo, merged_at=merged.get) == [day(since)]
        assert self.dates(repo, merged_at={}.get) == [day("2026-11-06T10:00")]


class TestWhatIsNotHere:
    def test_a_shallow_clone_tells_what_it_has_and_where_it_ends(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit(model("1.0.0"))
        boundary = repo.commit(model("1.1.0"))
        newest = repo.commit(model("1.2.0"))
        clone = repo.clone(tmp_path / "clone", "--depth=2")
        found = history(clone, remote="upstream").stretches("churn", FOLDER)
        assert [next(found).commit, next(found).commit] == [newest, boundary]
        with pytest.raises(Undecidable) as refusal:
            next(found)
        assert refusal.value.reason == f"the history of `main` ends at {boundary[:12]} in this shallow clone"
        assert refusal.value.help == "`git fetch --unshallow upstream`"

    def test_it_refuses_as_often_as_it_is_asked(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit(model("1.0.0"))
        repo.commit(model("1.1.0"))
        asked = history(repo.clone(tmp_path / "clone", "--depth=1"))
        for _ in range(2):
            with pytest.raises(Undecidable):
                list(asked.stretches("churn", FOLDER))

    def test_a_shallow_clone_that_reaches_the_beginning(self, repo: Repo, tmp_path: Path) -> None:
        one = repo.commit(model("1.0.0"))
        repo.switch("side", create=True).commit({"README.md": "…"})
        clone = repo.switch("main").clone(tmp_path / "clone", "--depth=1", "--no-single-branch")
        assert told(clone) == [(one, "1.0.0")]

    def test_a_model_that_is_not_in_a_shallow_clone(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit(model("1.0.0"))
        repo.remove(f"{FOLDER}/model.yaml").commit({"README.md": "…"})
        clone = repo.clone(tmp_path / "clone", "--depth=1")
        with pytest.raises(Undecidable, match="in this shallow clone"):
            told(clone)

    def test_a_clone_without_trees(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit(model("1.0.0"))
        repo.commit(model("1.1.0"))
        clone = repo.clone(tmp_path / "clone", "--filter=tree:0")
        with pytest.raises(Undecidable) as refusal:
            told(clone)
        assert refusal.value.reason.startswith("the history of `main`: the clone at ")

    def test_a_clone_without_trees_is_brought_them_where_it_may_fetch(self, repo: Repo, tmp_path: Path) -> None:
        one = repo.commit(model("1.0.0"))
        two = repo.commit(model("1.1.0"))
        clone = repo.clone(tmp_path / "clone", "--filter=tree:0")
        asked = history(clone)
        asked.git.objects.supplier = Upstream(Git(str(clone.path))).supply
        found = [(each.commit, each.model.version) for each in asked.stretches("churn", FOLDER)]
        assert found == [(two, "1.1.0"), (one, "1.0.0")]

    def test_a_clone_without_blobs(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit(model("1.0.0"))
        repo.commit(model("1.1.0"))
        clone = repo.clone(tmp_path / "clone", "--filter=blob:none")
        found = history(clone).stretches("churn", FOLDER)
        assert next(found).model.version == "1.1.0"
        with pytest.raises(Undecidable, match=f"{FOLDER}/model.yaml: its object is not in this clone"):
            next(found)

    def test_a_clone_without_any_blob_cannot_tell_a_move(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit(model("1.0.0"))
        repo.commit(model("1.1.0"))
        clone = repo.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
        with pytest.raises(Undecidable, match=f"{FOLDER}/model.yaml"):
            told(clone)

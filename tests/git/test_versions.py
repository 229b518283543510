"""Every version of some files in a history, of real repositories: merged, dropped, cut off, filtered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from snitch.finding import Undecidable
from snitch.git.command import Git
from snitch.git.fetching import Upstream
from snitch.git.versions import versions
from snitch.snapshot import Mode
from tests.repository import Repo

FILE = "models/churn/evaluations/holdout.json"
PATTERN = re.compile(r"(?:.*/)?evaluations/[^/]*\.json", re.DOTALL)


def told(repo: Repo, *tips: str) -> list[tuple[str, str]]:
    """Path and content of each version, in no order."""
    git = Git(str(repo.path))
    found = versions(git, {tip: repo.rev(tip) for tip in tips or ("HEAD",)}, PATTERN)
    assert len(set(found)) == len(found)
    return sorted((each.path, git.objects.read(each.entry.oid).decode()) for each in found)


def test_what_was_written_again_and_deleted(repo: Repo) -> None:
    for content in ("1", "2", "1"):
        repo.commit({FILE: content})
    repo.remove(FILE).commit({"README.md": "…"})
    assert told(repo) == [(FILE, "1"), (FILE, "2")]


def test_newest_first(repo: Repo) -> None:
    for content in "123":
        repo.commit({FILE: content})
    git = Git(str(repo.path))
    found = [git.objects.read(each.entry.oid) for each in versions(git, {"main": repo.rev("HEAD")}, PATTERN)]
    assert found == [b"3", b"2", b"1"]


def test_at_the_top_in_odd_folders_and_nowhere_else(repo: Repo) -> None:
    odd = ["evaluations/a.json", "mo dels/ü\n/evaluations/b.json", ":x/evaluations/c.json"]
    repo.commit({**dict.fromkeys(odd, "x"), "evaluations/deep/d.json": "x", "evaluations.json": "x", "a/e.json": "x"})
    assert [path for path, _ in told(repo)] == sorted(odd)


class TestMerges:
    @pytest.fixture
    def side(self, repo: Repo) -> Repo:
        repo.commit({FILE: "0"})
        for content in ("side 1", "side 2"):
            repo.switch("side", create=content.endswith("1")).commit({FILE: content})
        return repo.switch("main")

    def test_the_side_that_was_merged(self, side: Repo) -> None:
        side.git("merge", "--quiet", "--no-ff", "side")
        assert [content for _, content in told(side)] == ["0", "side 1", "side 2"]

    def test_the_side_of_which_a_merge_took_nothing(self, side: Repo) -> None:
        side.commit({"README.md": "…"})
        side.git("merge", "--quiet", "--no-ff", "--strategy=ours", "side")
        assert [content for _, content in told(side)] == ["0", "side 1", "side 2"]

    def test_what_the_merge_alone_has(self, side: Repo) -> None:
        side.commit({FILE: "main 1"})
        side.git("merge", "--quiet", "--no-ff", "--no-commit", "--strategy=ours", "side")
        side.commit({FILE: "both"})
        assert [content for _, content in told(side)] == ["0", "both", "main 1", "side 1", "side 2"]

    def test_an_octopus_that_has_its_own(self, side: Repo) -> None:
        side.commit({FILE: "main 1"})
        side.git("branch", "other", "HEAD~1")
        side.switch("other").commit({FILE: "other 1"})
        side.switch("main").git("merge", "--quiet", "--no-ff", "--no-commit", "--strategy=ours", "side", "other")
        side.commit({FILE: "all"})
        assert [content for _, content in told(side)] == ["0", "all", "main 1", "other 1", "side 1", "side 2"]

    def test_several_tips(self, side: Repo) -> None:
        side.commit({FILE: "main 1"})
        assert [content for _, content in told(side, "main", "side", "HEAD")] == ["0", "main 1", "side 1", "side 2"]


def test_a_link_is_told_as_one(repo: Repo) -> None:
    repo.link(FILE, "elsewhere")
    repo.commit({"README.md": "…"})
    [found] = versions(Git(str(repo.path)), {"main": repo.rev("HEAD")}, PATTERN)
    assert found.entry.mode == Mode.SYMLINK


def test_settings_of_the_machine_do_not_bend_it(repo: Repo) -> None:
    repo.commit({FILE: "1"})
    repo.remove(FILE).commit({FILE.replace("churn", "other"): "1"})
    settings = {"log.showRoot": "false", "diff.renames": "copies", "log.diffMerges": "off", "diff.external": "false"}
    for key, value in {**settings, "log.follow": "true", "log.showSignature": "true", "color.ui": "always"}.items():
        repo.git("config", key, value)
    assert [path for path, _ in told(repo)] == [FILE, FILE.replace("churn", "other")]


class TestWhatIsNotHere:
    @pytest.fixture
    def side(self, repo: Repo) -> Repo:
        """A history whose first commit has two children, of which one was merged with nothing taken."""
        repo.commit({FILE: "0"})
        repo.switch("side", create=True).commit({FILE: "1"})
        repo.switch("main").commit({FILE: "2"})
        repo.git("merge", "--quiet", "--no-ff", "--strategy=ours", "side")
        repo.commit({FILE: "3"})
        return repo

    @pytest.mark.parametrize("depth", [1, 2, 3])
    def test_a_shallow_clone_tells_where_it_ends(self, side: Repo, tmp_path: Path, depth: int) -> None:
        clone = side.clone(tmp_path / "clone", f"--depth={depth}")
        git = Git(str(clone.path))
        with pytest.raises(
            Undecidable, match=r"the history of `main` ends at [0-9a-f]{12} in this shallow clone"
        ) as refusal:
            versions(git, {"main": clone.rev("HEAD")}, PATTERN, remote="upstream")
        assert refusal.value.help == "`git fetch --unshallow upstream`"

    def test_a_shallow_clone_that_reaches_the_beginning(self, side: Repo, tmp_path: Path) -> None:
        clone = side.clone(tmp_path / "clone", "--depth=4")
        assert [content for _, content in told(clone)] == ["0", "1", "2", "3"]

    def test_a_clone_without_trees(self, side: Repo, tmp_path: Path) -> None:
        clone = side.clone(tmp_path / "clone", "--filter=tree:0")
        git = Git(str(clone.path))
        with pytest.raises(Undecidable, match="the history: "):
            versions(git, {"main": clone.rev("HEAD")}, PATTERN)
        git.objects.supplier = Upstream(Git(str(clone.path))).supply
        assert len(versions(git, {"main": clone.rev("HEAD")}, PATTERN)) == 4

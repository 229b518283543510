"""The commands that a dry run prints: run in a shell, they make what the command itself makes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from snitch.moving.plan import Plan
from tests.gating.promotions import DEPLOYED, NEW
from tests.judging import FOLDER, Files, edit, without
from tests.moving.conftest import Server, prepared, printed, promotion, rollback, run_script
from tests.moving.poor import moved
from tests.repository import Repo

CHANGELOG = f"{FOLDER}/CHANGELOG.md"


def compare(repo: Repo, plan: Plan) -> None:
    """Runs the commands in a copy, and holds what they make against what the command makes here."""
    copy = Repo(Path(shutil.copytree(repo.path, repo.path.with_name("copy"), symlinks=True)))
    text = printed(repo, plan)
    commit, _ = prepared(repo, plan)
    done = run_script(copy, text)
    assert (done.returncode, done.stdout) == (0, ""), (done.stderr, text)
    made = copy.rev(f"refs/heads/{plan.branch}")
    assert copy.git("cat-file", "commit", made) == repo.git("cat-file", "commit", commit)
    assert made == commit
    assert repo.git("ls-remote", "origin", f"refs/heads/{plan.branch}").split() == [made, f"refs/heads/{plan.branch}"]
    assert copy.git("status", "--porcelain") == repo.git("status", "--porcelain")


def test_a_promotion(clone: Repo) -> None:
    compare(clone, promotion(clone))


def test_a_promotion_to_another_folder(server: Server, clone: Repo) -> None:
    server.put("main", moved(DEPLOYED, FOLDER, "ml/churn"))
    compare(clone, promotion(clone))


def test_paths_that_a_shell_or_a_line_could_take_for_something_else(server: Server, clone: Repo) -> None:
    names = ("ü", "a b", '"a"b', "a\nb", "a\\b", "'$(x)'", ":(top)x", "-x", "*", "\udcff", "\x1b[2J", "\u202e")
    server.put("staging", {**NEW, **{f"{FOLDER}/{name}": f"{name!r}" for name in names}})
    plan = promotion(clone)
    assert printed(clone, plan).replace("\n", "").isprintable()
    compare(clone, plan)


@pytest.mark.parametrize(
    "changelog",
    [
        None,
        "",
        "# Changelog",
        "# Changelog\n",
        str(NEW[CHANGELOG]),
        str(NEW[CHANGELOG]).rstrip("\n"),
        str(NEW[CHANGELOG]).replace("\n", "\r\n"),
        "# Changelog\n\n## [1.5.0]\n- 100 % of \\n it's \x1b[2J\n",
        "## [1.5.0]\x1b\\\n",
    ],
)
def test_a_rollback(server: Server, clone: Repo, changelog: str | None) -> None:
    files: Files = without(NEW, CHANGELOG) if changelog is None else {**NEW, CHANGELOG: changelog}
    server.put("main", without(DEPLOYED, CHANGELOG) if changelog is None else DEPLOYED)
    server.put("main", files)
    plan = rollback(clone, reason="it's 5 % worse: \\n $(x) `x` ü")
    assert printed(clone, plan).replace("\n", "").isprintable()
    compare(clone, plan)


@pytest.mark.parametrize("line", ["version: 1.4.0 # \x1b ü \\n '", "version: '1.4.0'\r"])
def test_a_line_of_the_manifest_that_no_terminal_shows(server: Server, clone: Repo, line: str) -> None:
    if "\x1b" in line:
        line = line.replace("\x1b", "\u202e")
    server.put("main", edit(DEPLOYED, f"{FOLDER}/model.yaml", "version: 1.4.0", line))
    server.put("main", NEW)
    compare(clone, rollback(clone))


def test_in_a_sparse_checkout(clone: Repo) -> None:
    clone.git("sparse-checkout", "set", "--cone", "--sparse-index", "benchmarks")
    compare(clone, promotion(clone))


def test_in_a_bare_repository(server: Server, tmp_path: Path) -> None:
    bare = server.clone(tmp_path / "bare", "--bare")
    plan = promotion(bare)
    text = printed(bare, plan)
    commit, _ = prepared(bare, plan)
    bare.git("update-ref", "-d", f"refs/heads/{plan.branch}")
    done = run_script(bare, text)
    assert done.returncode == 0, done.stderr
    assert bare.rev(f"refs/heads/{plan.branch}") == commit


def test_of_what_is_there_already_the_push_is_left(clone: Repo) -> None:
    commit, _ = prepared(clone, promotion(clone))
    plan = promotion(clone)
    text = printed(clone, plan)
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        f"commit={commit} &&",
        f'git push origin "$commit":refs/heads/{plan.branch}',
    ]
    assert run_script(clone, text).returncode == 0


def test_run_twice_they_overwrite_nothing(clone: Repo) -> None:
    plan = promotion(clone)
    text = printed(clone, plan)
    assert run_script(clone, text).returncode == 0
    again = run_script(clone, text)
    assert again.returncode != 0
    assert "exist" in again.stderr


def test_without_a_remote_nothing_is_pushed(server: Server) -> None:
    plan = promotion(server)
    text = printed(server, plan)
    assert "git push" not in text
    assert run_script(server, text).returncode == 0

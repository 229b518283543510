"""What `snitch check` remembers: a second run says the same without judging, and nothing that matters goes unseen."""

from __future__ import annotations

import json
import posixpath
import sys
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from snitch.checking import run
from snitch.cli.hook import run_hook
from snitch.pointer import write_pointer
from snitch.rulebook import rulebook
from tests.cli.changed import CARD, NOW, REWORDED, UNREACHABLE, WORSE
from tests.cli.conftest import Command, Ran
from tests.judging import FOLDER, WEIGHTS
from tests.repository import Repo

Check = Callable[..., Ran]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each run that judges."""
    judge, told = run.Run.judge, []

    def counted(self: Any, progress: Any) -> Any:
        told.append("judged")
        return judge(self, progress)

    monkeypatch.setattr(run.Run, "judge", counted)
    return told


@pytest.fixture(params=["in the work tree alone", "committed"])
def check(snitch: Command, repo: Repo, request: pytest.FixtureRequest) -> Check:
    """Checks a worse model. A work tree that is as its index has it is known by another key than one that is not."""
    if request.param == "committed":
        repo.commit(WORSE)
    else:
        repo.write(WORSE)
    return lambda *arguments: snitch("check", NOW, "--env=production", *arguments, at=repo.path)


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("*"))


def test_a_second_run_says_the_same_and_judges_nothing(check: Check, judged: list[str]) -> None:
    first = check()
    assert first.code == 1
    assert check() == first
    assert judged == ["judged"]


def test_it_renders_whatever_is_asked_for(check: Check, judged: list[str]) -> None:
    afresh = check("--no-cache", "--format=json")
    check()
    assert check("--format=json") == afresh
    assert len(judged) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--now=2026-11-21"],
        ["--env=development"],
        ["--select=REG001"],
        ["--ignore=REG001"],
        ["--all"],
        [FOLDER],
        ["--policy=main"],
        ["--deployed=feature"],
        ["--ref=HEAD"],
    ],
    ids=" ".join,
)
def test_another_question_is_judged(check: Check, judged: list[str], arguments: list[str]) -> None:
    check()
    check(*arguments)
    assert len(judged) == 2


@pytest.mark.parametrize(
    "files",
    [
        {CARD: REWORDED[CARD]},
        {"snitch.yaml": "extends: strict\n"},
        {f"{FOLDER}/new.txt": ""},
        {"elsewhere.txt": ""},
        {".gitattributes": "\n"},
    ],
    ids=["a changed file", "the policy", "a new file of the model", "a new file of none", "attributes"],
)
def test_a_change_is_judged(check: Check, judged: list[str], repo: Repo, files: dict[str, bytes | str]) -> None:
    check()
    repo.write(files)
    check()
    assert len(judged) == 2


def test_a_changed_mode_is_judged(check: Check, judged: list[str], repo: Repo) -> None:
    check()
    (repo.path / CARD).chmod(0o755)
    check()
    assert len(judged) == 2


def test_a_change_that_is_undone_is_remembered(check: Check, judged: list[str], repo: Repo) -> None:
    first = check()
    repo.write({CARD: REWORDED[CARD]})
    check()
    repo.write({CARD: WORSE[CARD]})
    repo.run("update-index", "--refresh")  # as every `git status` does
    assert check() == first
    assert len(judged) == 2


def test_what_is_deployed_moves(check: Check, judged: list[str], repo: Repo) -> None:
    def deployed() -> str:
        ref: str = json.loads(check("--format=json").out)["deployed"]["ref"]
        return ref

    assert deployed() == "refs/heads/main"
    repo.git("update-ref", "refs/remotes/origin/main", repo.rev("main"))
    assert deployed() == "refs/remotes/origin/main"
    assert len(judged) == 2


def test_a_commit_is_judged(check: Check, judged: list[str], repo: Repo) -> None:
    check()
    repo.commit({"elsewhere.txt": ""})
    check()
    assert len(judged) == 2


def test_a_rule_of_another_package_that_changed_is_judged_by(
    check: Check, judged: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "house" / "inner").mkdir(parents=True)
    for name in ("__init__.py", "inner/__init__.py", "inner/limits.py"):
        (tmp_path / "house" / name).write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(rulebook().rules["MET004"], "__module__", "house")
    monkeypatch.delitem(sys.modules, "house", raising=False)
    import_module("house")
    check()
    check()
    assert len(judged) == 1
    (tmp_path / "house" / "inner" / "limits.py").write_text("LIMIT = 1")
    check()
    assert len(judged) == 2


@pytest.mark.parametrize("helper", ["house/tells/limits.py", "house/common.py"])
def test_a_rule_of_a_namespace_package_that_changed_is_judged_by(
    check: Check, judged: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helper: str
) -> None:
    (tmp_path / "house" / "tells").mkdir(parents=True)
    for name in ("tells/owners.py", "tells/limits.py", "common.py"):
        (tmp_path / "house" / name).write_text("import house.common")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("house", "house.tells", "house.tells.owners", "house.common"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(rulebook().rules["MET004"], "__module__", "house.tells.owners")
    import_module("house.tells.owners")
    check()
    check()
    assert len(judged) == 1
    (tmp_path / helper).write_text("LIMIT = 1")
    check()
    assert len(judged) == 2


def test_weights_arrive(check: Check, judged: list[str], repo: Repo) -> None:
    repo.write({f"{FOLDER}/model.skops": REWORDED[f"{FOLDER}/model.skops"]})
    absent = "the bytes of model.skops are not here"
    assert absent in check("--verbose").out
    digest = WEIGHTS.removeprefix("sha256:")
    repo.write({f".git/lfs/objects/{digest[:2]}/{digest[2:4]}/{digest}": b"weights"})
    assert absent not in check("--verbose").out
    assert len(judged) == 2


@pytest.mark.parametrize("elsewhere", ["model.txt", "../../.shared/model.pkl", "../other/model.pkl"])
def test_weights_arrive_that_do_not_look_like_the_models_own(
    check: Check, judged: list[str], repo: Repo, elsewhere: str
) -> None:
    content = b"weights of another kind"
    path = posixpath.normpath(f"{FOLDER}/{elsewhere}")
    manifest = (repo.path / FOLDER / "model.yaml").read_text()
    named = manifest.replace("weights: [model.skops]", f"weights: [{elsewhere}, model.skops]")
    assert named != manifest
    digest = sha256(content).hexdigest()
    repo.write({path: write_pointer(f"sha256:{digest}", len(content)), f"{FOLDER}/model.yaml": named})
    check("--select=SAF001")
    check("--select=SAF001")
    assert len(judged) == 1
    repo.write({f".git/lfs/objects/{digest[:2]}/{digest[2:4]}/{digest}": content})
    check("--select=SAF001")
    assert len(judged) == 2


def test_no_cache_judges_and_remembers_nothing(check: Check, judged: list[str], tmp_path: Path) -> None:
    check("--no-cache")
    assert kept(tmp_path) == []
    check()
    check("--no-cache")
    assert len(judged) == 3


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x90", b"\x93" * 100_000, b"{}"])
def test_a_corrupted_memory_is_none(check: Check, judged: list[str], tmp_path: Path, content: bytes) -> None:
    first = check()
    (file,) = kept(tmp_path)
    file.write_bytes(content)
    assert check() == first
    assert len(judged) == 2
    assert check() == first
    assert len(judged) == 2


def test_a_truncated_memory_is_none(check: Check, judged: list[str], tmp_path: Path) -> None:
    first = check()
    (file,) = kept(tmp_path)
    file.write_bytes(file.read_bytes()[:-1])
    assert check() == first
    assert len(judged) == 2


def test_a_place_where_nothing_can_be_kept(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("SNITCH_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert (check().code, check().err) == (1, "")
    monkeypatch.setenv("SNITCH_CACHE_DIR", str(tmp_path / "file"))
    assert (check().code, check().err) == (1, "")
    assert (tmp_path / "file").read_text() == "mine"


def test_without_a_place_it_lies_in_the_git_directory(
    check: Check, judged: list[str], repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SNITCH_CACHE_DIR")
    first = check()
    assert kept(tmp_path) == []
    assert len(list((repo.path / ".git" / "snitch").iterdir())) == 1
    assert check() == first
    assert len(judged) == 1


def test_it_keeps_a_few_and_takes_nothing_that_is_not_its_own(check: Check, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    mine = [tmp_path / "cache" / f"photo-{number}.jpg" for number in range(30)]
    for file in mine:
        file.write_text("mine")
    for day in range(1, 26):
        check(f"--now=2026-12-{day:02}", "--select=MET004")
    assert all(file.exists() for file in mine)
    assert 0 < len(kept(tmp_path)) - len(mine) <= 20


def test_a_misuse_is_not_remembered(check: Check, tmp_path: Path) -> None:
    assert check("--select=NOSUCH").code == 2
    assert kept(tmp_path) == []


@pytest.mark.parametrize("moment", ["--staged", "--pre-push"])
def test_the_moments_of_the_hooks_neither_ask_nor_remember(
    snitch: Command, repo: Repo, judged: list[str], tmp_path: Path, moment: str
) -> None:
    repo.commit(UNREACHABLE)
    for _ in range(2):
        snitch("check", NOW, moment, *(["--ref=HEAD"] if moment == "--pre-push" else []), at=repo.path)
    assert len(judged) == 2
    assert kept(tmp_path) == []


def test_nor_does_the_hook_itself(
    repo: Repo, judged: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo.write(UNREACHABLE).stage().path)
    assert [run_hook("staged", quiet=True) for _ in range(2)] == [0, 0]
    assert len(judged) == 2
    assert capfd.readouterr().out.count("warning[MET004]") == 2
    assert kept(tmp_path) == []

"""`snitch new`: a model that says itself what it still lacks, and nothing overwritten."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from snitch.formats.manifest import Task
from tests.cli.conftest import Command
from tests.judging import MANIFEST, SPOTLESS
from tests.repository import Repo

FILES = ["CHANGELOG.md", "README.md", "model.yaml"]


def told(snitch: Command, repo: Repo, folder: str) -> dict[str, list[str]]:
    """What `check` finds in a folder: by rule, each finding's pointer or line."""
    ran = snitch("check", folder, "--env", "production", "--no-cache", "--format", "json", at=repo.path)
    found: dict[str, list[str]] = {}
    for finding in json.loads(ran.out)["findings"]:
        assert finding["path"].startswith(f"{folder}/")
        file = finding["path"].rsplit("/", 1)[1]
        found.setdefault(finding["rule"], []).append(finding["pointer"] if file == "model.yaml" else file)
    return {rule: sorted(places) for rule, places in found.items()}


def test_it_writes_a_manifest_a_card_and_a_changelog(repo: Repo, snitch: Command) -> None:
    ran = snitch("new", "fraud", at=repo.path)
    assert ran.code == 0, ran.err
    assert sorted(path.name for path in (repo.path / "models" / "fraud").iterdir()) == FILES
    assert re.findall(r"wrote models/fraud/(\S+)", ran.out) == ["model.yaml", "README.md", "CHANGELOG.md"]
    assert "snitch check models/fraud\n" in ran.out


@pytest.mark.parametrize("task", get_args(Task))
def test_check_tells_finding_by_finding_what_is_missing(repo: Repo, snitch: Command, task: str) -> None:
    assert snitch("new", "fraud", "--task", task, at=repo.path).code == 0
    assert told(snitch, repo, "models/fraud") == {
        "MET003": sorted(
            [
                *("/description", "/owners/0/name", "/owners/0/contact", "/library_name", "/training/data/0/name"),
                *["README.md"] * 6,
                "CHANGELOG.md",
            ]
        ),
        "MET007": ["/dependencies", "/training/code", "/training/params", "/weights/0"],
        "MET008": ["/signature"],
        "DAT003": ["/training/data/0"],
    }


@pytest.mark.parametrize("name", ["123", "1e3", "true", "null", "0x1f", "1.0", "on", "a.b_c-d"])
def test_a_name_that_looks_like_something_else_stays_a_name(repo: Repo, snitch: Command, name: str) -> None:
    assert snitch("new", name, at=repo.path).code == 0
    assert "MET002" not in told(snitch, repo, f"models/{name}")
    assert snitch("new", name, "--path", "elsewhere", at=repo.path).code == 2


def test_it_lies_where_it_is_asked_to(repo: Repo, snitch: Command) -> None:
    ran = snitch("new", "fraud", "--path", "cards/eu", at=repo.path / "models")
    assert ran.code == 0, ran.err
    assert sorted(path.name for path in (repo.path / "models/cards/eu").iterdir()) == FILES
    assert "snitch check cards/eu\n" in ran.out


def test_without_models_it_is_the_first(repo: Repo, snitch: Command) -> None:
    repo.git("rm", "--quiet", "-r", "models", "benchmarks")
    assert snitch("new", "first", at=repo.path).code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("churn",), "there is a model `churn` already, in models/churn"),
        (("churn", "--path", "models/other"), "there is a model `churn` already, in models/churn"),
        (("fraud", "--path", "models/churn"), "models/churn is there already"),
        (("fraud", "--path", "models"), "models holds models; name a folder for this one alone"),
        (("fraud", "--path", "."), "the top folder holds models; name a folder for this one alone"),
        (("fraud", "--path", "snitch.yaml"), "snitch.yaml is there already"),
        (("fraud", "--path", "../fraud"), "../fraud is outside the repository"),
        (("fraud", "--path", "/fraud"), "/fraud is outside the repository"),
        (("fraud", "--path", "benchmarks/fraud"), "no model may lie in benchmarks/fraud"),
        (("fraud", "--path", ".git/fraud"), "no model may lie in .git/fraud"),
        (("fraud", "--path", "sandbox/fraud"), "no model may lie in sandbox/fraud"),
        (("fraud", "--path", "snitch.yaml/fraud"), "cannot be written"),
        (("Fraud",), "a name is of lower-case letters"),
        (("../fraud",), "a name is of lower-case letters"),
        (("fraud\n",), "a name is of lower-case letters"),
        (("fraud", "--task", "guessing"), "guessing"),
    ],
)
def test_what_is_refused_leaves_nothing(repo: Repo, snitch: Command, arguments: tuple[str, ...], message: str) -> None:
    repo.commit({"snitch.yaml": "exclude: [sandbox/]\n"})
    ran = snitch("new", *arguments, at=repo.path)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert repo.git("status", "--porcelain") == ""
    assert (repo.path / MANIFEST).read_text() == SPOTLESS[MANIFEST]


def test_in_a_folder_that_is_there_only_what_is_missing_is_added(repo: Repo, snitch: Command) -> None:
    mine = {"model.pkl": "p", "deep/a b.onnx": "o", "README.md": "# mine\n", "requirements.txt": "x==1\n"}
    repo.write({f"models/fraud/{path}": content for path, content in mine.items()})
    ran = snitch("new", "fraud", at=repo.path)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[:3] == [
        "wrote models/fraud/model.yaml",
        "wrote models/fraud/CHANGELOG.md",
        "left models/fraud/README.md as it is",
    ]
    folder = repo.path / "models" / "fraud"
    assert {path: (folder / path).read_text() for path in mine} == mine
    manifest = yaml.safe_load((folder / "model.yaml").read_text())
    assert manifest["weights"] == ["deep/a b.onnx", "model.pkl"]
    assert told(snitch, repo, "models/fraud")["MET007"] == ["/training/code", "/training/params"]


def test_a_repository_of_one_model_has_it_at_the_top(tmp_path: Path, snitch: Command) -> None:
    repo = Repo(tmp_path / "one")
    repo.commit({"model.joblib": "j", "benchmarks/a/data.npy": "n", ".venv/a.pkl": "p"})
    ran = snitch("new", "fraud", "--path", ".", at=repo.path)
    assert ran.code == 0, ran.err
    assert yaml.safe_load((repo.path / "model.yaml").read_text())["weights"] == ["model.joblib"]
    assert snitch("new", "other", "--path", ".", at=repo.path).err == "snitch: a model at the top is there already\n"


def test_what_a_sparse_checkout_leaves_out_is_there_already(repo: Repo, snitch: Command) -> None:
    repo.commit({"models/ads/README.md": "# Ads\n"})
    repo.git("sparse-checkout", "set", "benchmarks")
    refused = snitch("new", "other", "--path", "models/churn", at=repo.path)
    assert (refused.code, "models/churn is there already" in refused.err) == (2, True)
    assert snitch("new", "ads", at=repo.path).code == 0
    assert not (repo.path / "models/ads/README.md").exists()
    assert repo.git("status", "--porcelain", "-uall").split("\n") == [
        "?? models/ads/CHANGELOG.md",
        "?? models/ads/model.yaml",
    ]


def test_a_repository_within_this_one_is_refused(repo: Repo, snitch: Command) -> None:
    Repo(repo.path / "models" / "inner")
    refused = snitch("new", "inner", at=repo.path)
    assert (refused.code, "models/inner is a git repository of its own" in refused.err) == (2, True)
    assert [path.name for path in (repo.path / "models" / "inner").iterdir()] == [".git"]


def test_a_manifest_that_git_ignores_is_not_overwritten(repo: Repo, snitch: Command) -> None:
    repo.commit({".gitignore": "models/fraud/\n"})
    repo.write({"models/fraud/model.yaml": "mine"})
    assert snitch("new", "fraud", at=repo.path).err == "snitch: models/fraud is there already\n"
    assert [path.name for path in (repo.path / "models/fraud").iterdir()] == ["model.yaml"]


def test_a_folder_behind_a_link_is_refused(repo: Repo, snitch: Command) -> None:
    (repo.path.parent / "outside").mkdir()
    repo.link("link", "../outside")
    ran = snitch("new", "fraud", "--path", "link/fraud", at=repo.path)
    assert ran.code == 2
    assert list((repo.path.parent / "outside").iterdir()) == []


def test_a_write_that_fails_leaves_nothing(repo: Repo, snitch: Command) -> None:
    (repo.path / "models" / "fraud").symlink_to("nowhere")
    assert snitch("new", "fraud", at=repo.path).code == 2
    assert sorted(path.name for path in (repo.path / "models").iterdir()) == ["churn", "fraud"]

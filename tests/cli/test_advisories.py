"""`snitch advisories`: an export of OSV becomes a file that the gate reads."""

from __future__ import annotations

import json
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from snitch.advisories.snapshot import read_snapshot
from tests.advisories.records import record
from tests.cli.conftest import Command
from tests.repository import Repo


@pytest.fixture
def export(tmp_path: Path) -> str:
    path = tmp_path / "export.json"
    path.write_text(json.dumps([record(), record("PYSEC-1", "pandas", aliases=[])]))
    return str(path)


def test_a_snapshot_is_written_and_what_to_say_in_the_policy_is_told(repo: Repo, snitch: Command, export: str) -> None:
    told = snitch("advisories", "--from", export, at=repo.path / "models")
    assert told.code == 0, told.err
    content = (repo.path / "advisories.json").read_bytes()
    assert len(read_snapshot("advisories.json", content).advisories) == 2
    assert told.out == (
        "advisories.json: 2 advisories, of 2 for PyPI\n"
        "left out: 0 of other ecosystems, 0 withdrawn; the newest is of 2026-11-01T10:00:00Z\n"
        "commit it, and name it in snitch.yaml:\n"
        "  vulnerable-dependency: {snapshot: advisories.json, digest: "
        f'"sha256:{sha256(content).hexdigest()}"}}\n'
    )
    assert snitch("advisories", "--from", export, at=repo.path).code == 0
    assert (repo.path / "advisories.json").read_bytes() == content


def test_only_what_the_models_require_is_kept(repo: Repo, snitch: Command, export: str) -> None:
    told = snitch("advisories", "--from", export, "--only", "requirements", "--out", "policy.json", at=repo.path)
    assert told.code == 0, told.err
    snapshot = read_snapshot("policy.json", (repo.path / "policy.json").read_bytes())
    assert [each.id for each in snapshot.advisories] == ["GHSA-aaaa-bbbb-cccc"]
    assert snapshot.packages == ("numpy", "scikit-learn")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "missing.zip"], "missing.zip cannot be read: No such file or directory; nothing is written"),
        (["--from", "snitch.yaml"], "is not valid JSON"),
        (["--from", "."], "is no OSV record"),
        (["--from", "snitch.yaml", "--out", "../a.json"], "outside the repository"),
        (["--from", "snitch.yaml", "--out", "snitch.yaml"], "must name a .json file"),
    ],
)
def test_what_cannot_be_imported_is_misuse(repo: Repo, snitch: Command, arguments: list[str], told: str) -> None:
    ran = snitch("advisories", *arguments, at=repo.path)
    assert ran.code == 2 and told in ran.err, ran.err
    assert not (repo.path / "advisories.json").exists()


def test_requirements_that_cannot_be_read_are_misuse(repo: Repo, snitch: Command, export: str) -> None:
    repo.write({"models/churn/requirements.txt": "numpy == \n"})
    ran = snitch("advisories", "--from", export, "--only", "requirements", at=repo.path)
    assert ran.code == 2 and "models/churn/requirements.txt:1" in ran.err and "mend it first" in ran.err


def test_in_a_bare_repository_it_is_misuse(snitch: Command, tmp_path: Path, export: str) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", "bare.git"], cwd=tmp_path, check=True)
    ran = snitch("advisories", "--from", export, at=tmp_path / "bare.git")
    assert ran.code == 2 and "run it in a work tree" in ran.err


def test_outside_of_a_repository_it_is_misuse(snitch: Command, tmp_path: Path, export: str) -> None:
    assert snitch("advisories", "--from", export, at=tmp_path).code == 2

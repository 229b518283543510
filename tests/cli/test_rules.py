"""`snitch rules`: what is on, for which environment, with which options, and which line of which file said so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snitch.rulebook import rulebook
from tests.cli.conftest import Command, Ran
from tests.golden import held_against
from tests.judging import FOLDER
from tests.repository import Repo

GOLDEN = Path(__file__).parent / "golden"

POLICY = """\
extends: [recommended, house.yaml]
rules:
  metric-below-floor:
    metrics: {roc_auc: 0.85}
  DEP003: error
overrides:
  - environments: [production]
    rules: {stale-training-data: {max_age: 90d}}
  - {models: [models/churn], rules: {missing-signature: off}}
"""
HOUSE = "rules:\n  stale-training-data: {max_age: 180d}\n  incomplete-card: off\n"


@pytest.fixture
def repo(repo: Repo) -> Repo:
    return repo.write({"snitch.yaml": POLICY, "house.yaml": HOUSE})


def listed(ran: Ran) -> dict[str, dict[str, Any]]:
    assert (ran.code, ran.err) == (0, "")
    return {row["code"]: row for row in json.loads(ran.out)}


@pytest.mark.parametrize("form", ["text", "json"])
def test_golden(
    snitch: Command, repo: Repo, form: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    ran = snitch("rules", "--format", form, at=repo.path)
    assert (ran.code, ran.err) == (0, "")
    held_against(GOLDEN / f"rules.{form}", ran.out, request)


def test_every_rule_is_listed_with_the_first_line_of_its_page(snitch: Command, repo: Repo) -> None:
    rows = listed(snitch("rules", "--format=json", at=repo.path))
    assert list(rows) == list(rulebook().rules)
    assert all(row["summary"].endswith(".") for row in rows.values())


def test_each_line_names_its_file_and_line(snitch: Command, repo: Repo) -> None:
    rows = listed(snitch("rules", "--format=json", at=repo.path))
    assert rows["DEP003"]["severity"] == {"development": "error", "production": "error"}
    assert rows["DEP003"]["from"]["production"]["severity"] == "snitch.yaml:5"
    assert rows["MET006"]["severity"] == {"development": "off", "production": "off"}
    assert rows["MET006"]["from"]["production"]["severity"] == "house.yaml:3"
    assert {name: held["max_age"] for name, held in rows["DAT001"]["options"].items()} == {
        "development": "180d",
        "production": "90d",
    }
    places = {name: held["max_age"] for name, held in rows["DAT001"]["from"].items()}
    assert places == {"development": "house.yaml:2", "production": "snitch.yaml:8"}


def test_one_environment(snitch: Command, repo: Repo) -> None:
    rows = listed(snitch("rules", "--env=production", "--format=json", at=repo.path))
    assert rows["DAT001"]["options"] == {"production": {"max_age": "90d"}}
    assert {name for row in rows.values() for name in row["severity"]} == {"production"}


def test_one_model(snitch: Command, repo: Repo) -> None:
    everywhere = listed(snitch("rules", "--format=json", at=repo.path))["MET008"]
    assert everywhere["severity"] == {"development": "warning", "production": "error"}
    meant = ((FOLDER, repo.path), (f"{FOLDER}/", repo.path), (".", repo.path / FOLDER), ("churn", repo.path))
    for model, at in (*meant, ("churn", repo.path / FOLDER)):
        row = listed(snitch("rules", "--model", model, "--format=json", at=at))["MET008"]
        assert row["severity"] == {"development": "off", "production": "off"}
        assert row["from"]["production"]["severity"] == "snitch.yaml:9"


def test_outside_a_repository_the_built_in_policy(
    snitch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "nowhere").mkdir()
    rows = listed(snitch("rules", "--format=json", at=tmp_path / "nowhere"))
    assert rows["REG001"]["severity"] == {"development": "warning", "production": "error"}


def test_a_name_that_two_models_bear(snitch: Command, repo: Repo) -> None:
    repo.write({"models/twin/model.yaml": "name: churn\n"})
    ran = snitch("rules", "--model=churn", at=repo.path)
    assert (ran.code, ran.out) == (2, "")
    assert "churn is the name of several models; name one of models/churn, models/twin" in ran.err
    assert listed(snitch("rules", "--model=models/twin", "--format=json", at=repo.path))["MET008"]


@pytest.mark.parametrize("columns", ["40", "60", "100"])
def test_nothing_is_cut_off(snitch: Command, repo: Repo, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    told = snitch("rules", at=repo.path).out
    words = " ".join(told.split())
    assert "DAT001 stale-training-data warning error" in words
    assert '"90d" in production (snitch.yaml:8)' in words
    assert max(map(len, told.splitlines())) <= int(columns)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--env=prod"], "there is no environment `prod`; the policy has development, production"),
        (["--model=models"], "there is no model `models`\n"),
        (["--model=chrun"], "there is no model `chrun`; did you mean `models/churn`?"),
        (["--model=../elsewhere"], "../elsewhere is outside the repository"),
        (["--format=yaml"], "'yaml' is not one of 'text', 'json'"),
        (["surplus"], "surplus"),
    ],
)
def test_misuse(snitch: Command, repo: Repo, arguments: list[str], told: str) -> None:
    ran = snitch("rules", *arguments, at=repo.path)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_an_invalid_policy(snitch: Command, repo: Repo) -> None:
    repo.write({"house.yaml": "rulez: {}\n"})
    ran = snitch("rules", at=repo.path)
    assert (ran.code, ran.out) == (2, "")
    assert "house.yaml:1:1: unknown key `rulez` (did you mean `rules`?)" in ran.err

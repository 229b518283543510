"""What a run says beside its findings: what is likely misspelt, unmeasured, unjudged, or agreed only here."""

from __future__ import annotations

from tests.checking.checked import run, text
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, edit
from tests.repository import Repo


def test_a_model_that_a_benchmark_misspells(repo: Repo) -> None:
    repo.write({BENCHMARK: text(BENCHMARK).replace("models: [churn]", "models: [chrun]")})
    (note,) = [note for note in run(repo, judge_all=True).notes if "did you mean" in note]
    assert note == f"{BENCHMARK} names the model `chrun`, which is not here; did you mean `churn`?"


def test_a_model_that_nothing_measures(repo: Repo) -> None:
    repo.remove(EVALUATION, BENCHMARK)
    assert "no benchmark names churn: nothing measures it" in run(repo).notes


def test_weights_whose_bytes_are_not_here(repo: Repo) -> None:
    pickled = edit(SPOTLESS, MANIFEST, "weights: [model.skops]", "weights: [model.pkl]")
    repo.write({MANIFEST: pickled[MANIFEST], f"{FOLDER}/model.pkl": SPOTLESS[f"{FOLDER}/model.skops"]})
    assert any(note.startswith("SAF001 looked into no weights") for note in run(repo).notes)


def test_a_waiver_that_only_this_change_has(repo: Repo) -> None:
    waiver = "{rule: MET006, model: churn, version: 1.4.0, owner: a, reason: later, expires: 2026-12-01}"
    policy = f"waivers: [{waiver}]\n"
    repo.remove(f"{FOLDER}/README.md")
    repo.write({"snitch.yaml": policy})
    said = "waived by this change itself: the pull request heeds a waiver once its target has it"
    assert any(note.endswith(said) for note in run(repo).notes)
    repo.switch("main")
    repo.commit({"snitch.yaml": policy})
    repo.git("checkout", "-q", "-B", "feature")
    repo.write({f"{FOLDER}/x": ""})
    assert not any(note.endswith(said) for note in run(repo).notes)


def test_a_policy_of_another_name_is_not_read(repo: Repo) -> None:
    note = "snitch.yml is not read: the policy is snitch.yaml, so rename it"
    repo.write({"snitch.yml": "rules: {MET006: off}\n"})
    assert note not in run(repo).notes
    repo.remove("snitch.yaml")
    assert note in run(repo).notes

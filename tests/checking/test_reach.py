"""What a change breaks is told where only what it touches is judged, as it is where every model is."""

from __future__ import annotations

from typing import Any

import pytest

from snitch.checking.commits import Asked
from snitch.checking.run import Options, check
from snitch.git.command import Git
from snitch.pointer import write_pointer
from tests.judging import (
    BENCHMARK,
    EVALUATION,
    FOLDER,
    MANIFEST,
    SPOTLESS,
    TODAY,
    WEIGHTS,
    Files,
    digest,
    edit,
    edit_json,
    without,
)
from tests.repository import Repo

REQUIREMENTS = SPOTLESS[f"{FOLDER}/requirements.txt"]
DATA = "benchmarks/churn-holdout/data.parquet"


def with_predictions_at(path: str) -> Files:
    def add(record: dict[str, Any]) -> None:
        record["predictions"] = {"path": f"../../../{path}", "sha256": digest("p")}

    return {**edit_json(SPOTLESS, EVALUATION, add), path: write_pointer(digest("p"), 4)}


def with_requirements(first: str, **others: bytes | str) -> Files:
    return {**SPOTLESS, f"{FOLDER}/requirements.txt": first, **others}


def another(folder: str, name: str) -> Files:
    """The same model once more, on no benchmark, with its own weights."""
    files = {path.replace(FOLDER, folder): content for path, content in SPOTLESS.items() if path.startswith(FOLDER)}
    del files[EVALUATION.replace(FOLDER, folder)]
    manifest = str(SPOTLESS[MANIFEST]).replace("name: churn", f"name: {name}")
    return {**files, f"{folder}/model.yaml": manifest, f"{folder}/model.skops": write_pointer(digest(name), 5)}


def taking_evaluations() -> Files:
    """A model in the folder of the other's evaluations, all its files called otherwise."""
    folder = f"{FOLDER}/evaluations"
    renamed = {"model.skops": "ev.skops", "requirements.txt": "deps.txt", "train.py": "fit.py", "params.yaml": "p.yaml"}
    files = another(folder, "ev")
    manifest = str(files[f"{folder}/model.yaml"])
    for old, new in renamed.items():
        manifest, files = manifest.replace(old, new), {**files, f"{folder}/{new}": files[f"{folder}/{old}"]}
        files = without(files, f"{folder}/{old}")
    return {**SPOTLESS, **files, f"{folder}/model.yaml": manifest}


PREDICTED = with_predictions_at("predictions/p.csv")
INCLUDING = with_requirements("-r ../../shared/a.txt\n", **{"shared/a.txt": "-r b.txt\n", "shared/b.txt": REQUIREMENTS})
CODE = {**edit(SPOTLESS, MANIFEST, "code: train.py", "code: ../../lib/train.py"), "lib/train.py": ""}
ELSEWHERE = {**edit(SPOTLESS, BENCHMARK, "data.parquet", "../../data/d.parquet"), "data/d.parquet": SPOTLESS[DATA]}
POLICED = {
    **SPOTLESS,
    "snitch.yaml": "rules:\n  serving-conflict: {constraints: serving/c.txt}\n  invalid-manifest: {schema: m.json}\n",
    "serving/c.txt": "-c d.txt\n",
    "serving/d.txt": "numpy==2.1.0\n",
    "m.json": '{"type": "object"}',
}
TWO = {**SPOTLESS, **another("models/fraud", "fraud")}

CHANGES: dict[str, tuple[Files, Files]] = {
    "a manifest takes its evaluations": (SPOTLESS, taking_evaluations()),
    "predictions elsewhere": (PREDICTED, {**PREDICTED, "predictions/p.csv": write_pointer(digest("q"), 4)}),
    "requirements of requirements": (INCLUDING, {**INCLUDING, "shared/b.txt": "-e .\n"}),
    "code elsewhere": (CODE, {**CODE, "lib/train.py": "import pandas\n"}),
    "benchmark data elsewhere": (ELSEWHERE, {**ELSEWHERE, "data/d.parquet": write_pointer(digest("q"), 4)}),
    "constraints of constraints": (POLICED, {**POLICED, "serving/d.txt": "numpy==2.0.0\n"}),
    "the schema of the metadata": (POLICED, {**POLICED, "m.json": '{"type": "object", "required": ["team"]}'}),
    "attributes": (SPOTLESS, {**SPOTLESS, f"{FOLDER}/.gitattributes": "model.skops -filter\n"}),
    "no attributes": (SPOTLESS, without(SPOTLESS, ".gitattributes")),
    "no card": (SPOTLESS, without(SPOTLESS, f"{FOLDER}/README.md")),
    "no evaluation": (SPOTLESS, without(SPOTLESS, EVALUATION)),
    "no benchmark data": (SPOTLESS, without(SPOTLESS, DATA)),
    "no manifest": (SPOTLESS, without(SPOTLESS, MANIFEST)),
    "borrowed weights": (TWO, {**TWO, "models/fraud/model.skops": write_pointer(WEIGHTS, 5)}),
    "a second model of the name": (SPOTLESS, {**SPOTLESS, **another("models/again", "churn")}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_a_change_breaks_is_told_by_a_run_of_the_change_alone(repo: Repo, what: str) -> None:
    before, after = CHANGES[what]
    repo.switch("main")
    repo.remove(*SPOTLESS)
    repo.commit(before)
    repo.git("checkout", "-q", "-B", "feature")
    repo.remove(*before)
    repo.commit(after)
    broken = told(repo, judge_all=True)
    assert broken
    assert told(repo, judge_all=False) == broken


def told(repo: Repo, *, judge_all: bool) -> set[str]:
    report = check(Git(str(repo.path)), Asked(environment="production"), Options(today=TODAY, judge_all=judge_all))
    return {finding.rule for finding in report.findings}

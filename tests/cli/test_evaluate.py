"""`snitch evaluate` as people and jobs run it: the template's models, real git and git-lfs, real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from pyarrow.lib import ArrowException

from snitch.evaluating.subjects import Subject
from snitch.finding import Undecidable
from tests.cli.conftest import Command, Ran
from tests.repository import ENVIRONMENT, Repo, isolate

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
DIABETES = "models/diabetes/evaluations/diabetes-holdout"
WITHOUT_LFS = {"GIT_LFS_SKIP_SMUDGE": "1"}


def has_pinned() -> bool:
    """Whether what the template's models pin is what is installed: else nothing of them can be verified here."""
    text = (ROOT / "model-repo-template/models/diabetes/requirements.txt").read_text()
    return all(version(name) == pinned for name, pinned in re.findall(r"(?m)^([\w.-]+)==(\S+)$", text))


pinned = pytest.mark.skipif(not has_pinned(), reason="other versions than the template pins are installed")


@pytest.fixture(scope="module")
def remote(born: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was pushed of the template: its bytes lie in the remote's own LFS store."""
    path = tmp_path_factory.mktemp("remote") / "models.git"
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        bare = Repo(path, "--bare")
        source = Repo(born)
        source.git("push", "--quiet", f"file://{path}", "main", "staging")
        source.git("lfs", "push", "--all", f"file://{path}")
        bare.git("symbolic-ref", "HEAD", "refs/heads/main")
    return path


@pytest.fixture
def clone(remote: Path, tmp_path: Path) -> Repo:
    """A fresh clone of it, in which there are pointers alone."""
    Repo(tmp_path / "elsewhere").run("clone", "--quiet", f"file://{remote}", str(tmp_path / "clone"), env=WITHOUT_LFS)
    made = Repo(tmp_path / "clone")
    assert (made.path / f"{DIABETES}.parquet").read_bytes().startswith(b"version https://git-lfs")
    return made


def compare(golden: str, text: str, request: pytest.FixtureRequest) -> None:
    path = GOLDEN / golden
    if request.config.getoption("--update-golden"):
        path.write_text(text)
    assert text == path.read_text()


def edited(repo: Repo, change: Callable[[Any], object]) -> None:
    """Has `change` edit the record of diabetes."""
    path = repo.path / f"{DIABETES}.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record, indent=2) + "\n")


@pinned
def test_the_template_is_reproduced_on_a_fresh_clone(
    snitch: Command, clone: Repo, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Only the remote has the bytes, and a `.lfsconfig` that says otherwise is not asked."""
    hostile = "[lfs]\n\turl = https://lfs.example.com/mallory\n\tfetchexclude = *\n"
    commit = clone.commit({".lfsconfig": hostile})
    evidence = tmp_path / "evidence.json"
    ran = snitch("evaluate", "--all", "--verify", "--ref", "HEAD", "--evidence", str(evidence), at=clone.path)
    assert ran.code == 0, ran
    compare("evaluate-verify.text", ran.out, request)
    told = json.loads(evidence.read_text())
    assert told["head"] == commit
    assert [(each["model"], each["differing"], each["reason"]) for each in told["evaluations"]] == [
        ("breast-cancer", 0, ""),
        ("diabetes", 0, ""),
    ]
    assert (clone.path / f"{DIABETES}.parquet").read_bytes().startswith(b"version https://git-lfs")
    assert clone.git("status", "--porcelain") == ""


def test_measured_once_more_nothing_is_written(snitch: Command, clone: Repo, request: pytest.FixtureRequest) -> None:
    """Not a byte is another, the date included, though the clone has but pointers."""
    ran = snitch("evaluate", "models/diabetes", at=clone.path)
    if "; written to " in ran.out:  # this is another Python, or another processor, than the template was made by
        clone.commit()
        ran = snitch("evaluate", "models/diabetes", at=clone.path)
    assert ran.code == 0, ran
    compare("evaluate.text", ran.out, request)
    assert clone.git("status", "--porcelain") == ""


@pinned
def test_a_job_without_a_token(
    snitch: Command, clone: Repo, remote: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """One job fetches what the models that differ take; the other has neither a remote nor a work tree.

    The numbers of the record that is committed are better than the model's.
    """
    edited(clone, lambda record: record["metrics"][2].update(value=0.81))
    target = clone.rev("origin/main")
    head = clone.commit({})
    clone.git("push", "--quiet", "origin", "HEAD:refs/pull/7/head")
    bare = Repo(tmp_path / "bare", "--bare")
    bare.git("remote", "add", "origin", f"file://{remote}")
    bare.git(
        "fetch", "--quiet", "--depth=1", "origin", "+main:refs/measured/target", "+refs/pull/7/head:refs/measured/head"
    )
    of = ("--ref", "refs/measured/head", "--base", "refs/measured/target", "--policy", "refs/measured/target")
    assert (bare.rev("refs/measured/head"), bare.rev("refs/measured/target")) == (head, target)
    assert snitch("evaluate", "--fetch", *of, at=bare.path) == Ran(0, "", "")
    fetched = [path for path in (bare.path / "lfs" / "objects").rglob("*") if path.is_file()]
    assert len(fetched) == 3  # diabetes' weights, predictions and benchmark, and nothing of the other model
    bare.git("remote", "remove", "origin")
    ran = snitch("evaluate", "--verify", *of, "--evidence", str(tmp_path / "evidence.json"), at=bare.path)
    assert ran.code == 1, ran
    compare("evaluate-differs.text", ran.out, request)
    told = json.loads((tmp_path / "evidence.json").read_text())
    assert told["head"] == head
    [entry] = told["evaluations"]
    assert (entry["model"], entry["metrics"][2]["value"]) == ("diabetes", pytest.approx(0.5073486680248103))


def test_no_model_differs(snitch: Command, clone: Repo, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence.json"
    ran = snitch("evaluate", "--verify", "--base", "HEAD", "--evidence", str(evidence), at=clone.path)
    assert ran == Ran(0, "", "snitch: no model differs from HEAD\n")
    assert json.loads(evidence.read_text())["evaluations"] == []


def test_evidence_is_written_through_no_link_of_the_request(snitch: Command, clone: Repo, tmp_path: Path) -> None:
    """The path is the one that people are told to use."""
    theirs = tmp_path / "outside"
    theirs.mkdir()
    (theirs / "file").write_text("theirs")
    clone.link("evidence.json", str(theirs / "file"))
    clone.link("reports", str(theirs))
    asked = ("evaluate", "--verify", "--base", "HEAD", "--evidence")
    assert snitch(*asked, "evidence.json", at=clone.path).code == 0
    assert not (clone.path / "evidence.json").is_symlink()
    assert json.loads((clone.path / "evidence.json").read_text())["evaluations"] == []
    ran = snitch(*asked, "reports/evidence.json", at=clone.path)
    told = "the evidence cannot be written to reports/evidence.json: reports is a link in the repository"
    assert (ran.code, told in ran.err) == (2, True), ran
    assert [(path.name, path.read_text()) for path in theirs.iterdir()] == [("file", "theirs")]


@pytest.mark.parametrize("fault", [ArrowException("Unknown error: bad"), MemoryError(), OSError(36, "Name too long")])
def test_a_fault_over_one_model_is_not_the_others(
    snitch: Command, models: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def answers_of(subject: Subject, _: object) -> None:
        raise fault if subject.model.name == "breast-cancer" else Undecidable("it says nothing")

    for module in ("evaluate", "verify"):
        monkeypatch.setattr(f"snitch.evaluating.{module}.answers_of", answers_of)
    monkeypatch.setattr("snitch.evaluating.verify.require_versions", lambda *_: None)
    evidence = tmp_path / "evidence.json"
    ran = snitch("evaluate", "--all", "--verify", "--evidence", str(evidence), at=models.path)
    assert ran.code == 3, ran
    assert "snitch: breast-cancer 1.0.0 on breast-cancer-holdout: " in ran.err
    assert ("a fault of Snitch's own: ArrowException: Unknown error: bad" in ran.err) == isinstance(
        fault, ArrowException
    )
    assert ran.out.startswith("diabetes 1.0.0 on diabetes-holdout: inconclusive: it says nothing")
    [entry] = json.loads(evidence.read_text())["evaluations"]
    assert (entry["model"], entry["reason"]) == ("diabetes", "it says nothing")
    ran = snitch("evaluate", "--all", at=models.path)
    assert (ran.code, ran.out) == (3, "")
    assert "snitch: breast-cancer 1.0.0 on breast-cancer-holdout: " in ran.err
    assert "it says nothing" in ran.err


def test_an_interpreter_without_the_libraries(snitch: Command, models: Repo) -> None:
    """Nothing is run: what it came to would prove nothing."""
    bare = models.path.parent / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    ran = snitch("evaluate", "--all", "--verify", "--python", str(bare / "bin/python"), at=models.path)
    assert ran.code == 3, ran
    assert "inconclusive: pinned joblib 1.6.0, here none; pinned numpy " in ran.out
    ran = snitch("evaluate", "--all", "--python", "/nowhere/python", at=models.path)
    assert (ran.code, ran.out) == (2, "")
    assert "cannot be run: No such file" in ran.err


def test_what_the_server_has_not(snitch: Command, clone: Repo, remote: Path) -> None:
    clone.git("remote", "set-url", "origin", str(remote.parent / "gone.git"))
    ran = snitch("evaluate", "--all", at=clone.path)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.count("where the weights should be") == 2
    ran = snitch("evaluate", "--all", "--verify", at=clone.path)
    assert (ran.code, ran.err) == (3, "")
    assert ran.out.count(": inconclusive: ") == 2
    clone.git("remote", "set-url", "origin", f"file://{remote}")
    ran = snitch("evaluate", "diabetes", "--max-download", "10", at=clone.path)
    assert (ran.code, ran.out) == (3, "")
    assert "raise `--max-download`" in ran.err
    assert clone.git("status", "--porcelain") == ""


def test_a_manifest_that_cannot_be_read_says_why_by_the_models_name(snitch: Command, models: Repo) -> None:
    manifest = models.path / "models/diabetes/model.yaml"
    manifest.write_text(manifest.read_text() + "\tname: x\n")
    ran = snitch("evaluate", "diabetes", at=models.path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("snitch: models/diabetes/model.yaml:")
    assert "there is no model" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name the models to measure, or `--all` of them"),
        (["diabetes", "--all"], "name the models to measure, or `--all` of them"),
        (["diabetse"], "there is no model `diabetse`; did you mean `models/diabetes`?"),
        (["diabetes", "--base", "HEAD"], "name the models to measure, or `--all` of them"),
        (["--verify", "--base", "nosuch"], "nosuch"),
        (["diabetes", "--verify", "--fetch"], "--fetch does not go with --verify"),
        (["diabetes", "--install", "--python", "python3"], "--install does not go with --python"),
        (["diabetes", "--evidence", "x.json"], "--evidence goes with --verify"),
        (["diabetes", "--ref", "HEAD"], "--ref goes with --verify"),
        (["diabetes", "--verify", "--ref", "nosuch"], "nosuch"),
        (["diabetes", "--engine", "loky", "--jobs", "99999999999999999999"], "is not in the range 1<=x<=1024"),
        (["diabetes", "--max-time", "soon"], "--max-time takes a whole number and m, h, d or w, such as 10m"),
        (["diabetes", "--max-memory", "lots"], "--max-memory: `lots` is no size"),
        (["diabetes", "--max-download", "lots"], "--max-download: `lots` is no size"),
    ],
)
def test_misuse(snitch: Command, born: Path, arguments: list[str], told: str) -> None:
    ran = snitch("evaluate", *arguments, at=born)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_a_manifest_or_a_benchmark_that_is_broken(snitch: Command, models: Repo) -> None:
    """Each is told with its line, and the other model is still looked at."""
    models.write({"models/diabetes/model.yaml": "name: diabetes\nversion: one\n"})
    benchmark = models.path / "benchmarks/breast-cancer-holdout/benchmark.yaml"
    benchmark.write_text(benchmark.read_text().replace("target: malignant", "targets: malignant"))
    ran = snitch("evaluate", "--all", at=models.path)
    assert (ran.code, ran.out) == (2, "")
    assert "models/diabetes/model.yaml:2:" in ran.err
    assert "benchmarks/breast-cancer-holdout/benchmark.yaml:" in ran.err


def test_a_model_that_no_benchmark_names(snitch: Command, models: Repo) -> None:
    benchmark = models.path / "benchmarks/diabetes-holdout/benchmark.yaml"
    benchmark.write_text(benchmark.read_text().replace("models: [diabetes]", "models: [other]"))
    ran = snitch("evaluate", "diabetes", at=models.path)
    assert (ran.code, ran.out) == (2, "")
    assert "no benchmark names diabetes" in ran.err


#: Somebody of middle age, to be put among golden cases.
PATIENT = {"age": 50, "sex": 1, "bmi": 25, "bp": 90, "tc": 190, "ldl": 115, "hdl": 50, "tch": 4, "ltg": 4.6, "glu": 90}


@pytest.fixture
def with_cases(models: Repo) -> Repo:
    """The template, with a golden case of diabetes."""
    manifest = (models.path / "models/diabetes/model.yaml").read_text() + "cases: cases.jsonl\n"
    case = {"name": "middle", "input": PATIENT, "expected": {"prediction": {"minimum": 25, "maximum": 350}}}
    models.write({"models/diabetes/model.yaml": manifest, "models/diabetes/cases.jsonl": json.dumps(case) + "\n"})
    return models


def test_golden_cases_are_no_measurement(snitch: Command, with_cases: Repo) -> None:
    """They are answered; that nothing was measured is said, and no success."""
    name = "benchmarks/diabetes-holdout/benchmark.yaml"
    text = (with_cases.path / name).read_text().replace("models: [diabetes]", "models: [diabets]")
    with_cases.write({name: text})
    ran = snitch("evaluate", "diabetes", at=with_cases.path)
    assert (ran.code, ran.out) == (2, "diabetes 1.0.0: the golden case is answered as agreed\n"), ran
    line = text[: text.index("models: [")].count("\n") + 1
    assert (
        f"no benchmark names diabetes: benchmarks/<benchmark>/benchmark.yaml lists it in `models`; {name}:{line}"
        in (ran.err)
    )


def test_what_keeps_a_model_from_being_measured_is_told_once(snitch: Command, with_cases: Repo) -> None:
    """By the model's name, and not of its golden cases once more, which have the same cause."""
    with_cases.git("lfs", "untrack", "*.skops")
    (with_cases.path / "models/diabetes/model.skops").write_bytes(b"no archive")
    ran = snitch("evaluate", "diabetes", at=with_cases.path)
    assert (ran.code, ran.out) == (3, ""), ran
    assert ran.err.count("model.skops") == 1
    assert ran.err.startswith("snitch: diabetes 1.0.0 on diabetes-holdout: models/diabetes/")


#: `snitch` whose model never answers.
NEVER_ENDING = """
import sys, time
from pathlib import Path
import snitch.evaluating.answering as answering
from snitch.__main__ import main

started = Path(sys.argv.pop(1))

def answer(*_, **__):
    started.touch()
    time.sleep(600)

answering.answer = answer
main()
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_behind(clone: Repo, tmp_path: Path, number: signal.Signals) -> None:
    temporary, started = tmp_path / "temporary", tmp_path / "started"
    temporary.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(temporary), **ENVIRONMENT}
    process = subprocess.Popen(
        [sys.executable, "-c", NEVER_ENDING, str(started), "evaluate", "diabetes"],
        cwd=clone.path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not started.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "snitch: interrupted")
    assert list(temporary.iterdir()) == []
    assert clone.git("status", "--porcelain") == ""

"""`snitch profile` and `snitch drift`: files in, files and tables out, and an exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from snitch.pointer import write_pointer
from tests.cli.conftest import Command
from tests.measuring.tables import digest
from tests.measuring.tables import parquet as table
from tests.repository import Repo
from tests.rules.profiled import FEATURES, HOLDOUT, TRAINING, repository

MOVED = HOLDOUT.assign(spend=HOLDOUT["spend"] * 2)


@pytest.fixture
def at(tmp_path: Path) -> Path:
    """A repository with a profile, and data beside it that is not committed."""
    repo = Repo(tmp_path / "repo")
    repo.commit(repository())
    outside = {"train.csv": FEATURES.to_csv(index=False).encode(), "moved.parquet": table(MOVED), "new.csv": b"a\n1\n"}
    for name, content in {**outside, "still.parquet": table(HOLDOUT)}.items():
        (repo.path / name).write_bytes(content)
    return repo.path


class TestProfile:
    def test_it_is_written_and_written_again_the_same(self, snitch: Command, at: Path) -> None:
        for name in ("one.json", "two.json"):
            assert snitch("profile", "train.csv", "--id", "customer_id", "--out", name, at=at) == (0, "", "")
        text = (at / "one.json").read_text()
        assert text == (at / "two.json").read_text() == snitch("profile", "train.csv", "--id", "customer_id", at=at).out
        profile = json.loads(text)
        assert profile["data"] == {"digest": digest((at / "train.csv").read_bytes()), "rows": 2000}
        assert [each["name"] for each in profile["features"]] == ["tenure_months", "spend", "plan"]
        assert len(profile["ids"]["hashes"]) == 2000

    @pytest.mark.parametrize(("out", "why"), [("no/p.json", "No such file or directory"), (".", "Is a directory")])
    def test_where_it_cannot_be_written_that_is_said(self, snitch: Command, at: Path, out: str, why: str) -> None:
        before = sorted(os.listdir(at))
        ran = snitch("profile", "train.csv", "--out", out, at=at)
        assert ran == (2, "", f"snitch: the profile cannot be written to {out}: {why}\n")
        assert sorted(os.listdir(at)) == before

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
    def test_half_a_profile_is_no_success(self, at: Path) -> None:
        with open("/dev/full", "wb") as stdout:
            ran = subprocess.run(
                [sys.executable, "-m", "snitch", "profile", "train.csv"], cwd=at, stdout=stdout, stderr=subprocess.PIPE
            )
        assert ran.returncode == 2
        assert ran.stderr == b"snitch: the report cannot be written: No space left on device\n"

    def test_of_some_columns(self, snitch: Command, at: Path) -> None:
        ran = snitch("profile", "train.csv", "--id", "customer_id", "--columns", "plan, spend", at=at)
        profile = json.loads(ran.out)
        assert [each["name"] for each in profile["features"]] == ["spend", "plan"]
        assert profile["row_hashes"]["columns"] == ["plan", "spend"]

    def test_of_what_a_model_takes(self, snitch: Command, at: Path) -> None:
        (at / "all.csv").write_text(TRAINING.to_csv(index=False))
        ran = snitch("profile", "all.csv", "--id", "customer_id", "--model", "churn", at=at)
        assert [each["name"] for each in json.loads(ran.out)["features"]] == ["tenure_months", "spend", "plan"]

    def test_counted_like_another(self, snitch: Command, at: Path) -> None:
        like = "models/churn/training-profile.json"
        assert snitch("profile", "moved.parquet", "--like", like, "--out", "live.json", at=at).code == 0
        by_profile = snitch("drift", "churn", "--current", "live.json", "--format", "json", at=at)
        by_data = snitch("drift", "churn", "--current", "moved.parquet", "--format", "json", at=at)
        told, expected = (json.loads(each.out) for each in (by_profile, by_data))
        assert told["features"] == expected["features"]
        assert (by_profile.code, by_data.code) == (1, 1)

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["nothing.csv"], "there is no file nothing.csv"),
            (["."], ". is no file"),
            (["snitch.yaml"], "snitch.yaml cannot be read: Parquet magic bytes not found"),
            (["train.csv", "--id", "x"], "train.csv has no column `x`"),
            (
                ["train.csv", "--columns", "plan,tenure_month"],
                "; did you mean `tenure_months`?",
            ),
            (["train.csv", "--columns", "x,plan"], "train.csv has no column `x`"),
            (["train.csv", "--columns", ","], "--columns names no column"),
            (["train.csv", "--like", "train.csv"], "a profile is a .json file, not `train.csv`"),
            (["train.csv", "--like", "nothing.json"], "nothing.json cannot be read: No such file or directory"),
            (
                ["train.csv", "--like", "p.json", "--id", "customer_id"],
                "it goes with none of --id, --columns and --model",
            ),
            (["train.csv", "--model", "churm"], "there is no model `churm`"),
            (["train.csv", "--model", "churn", "--columns", "plan"], "it does not go with --columns"),
        ],
    )
    def test_misuse_is_told_in_one_sentence(self, snitch: Command, at: Path, arguments: list[str], told: str) -> None:
        ran = snitch("profile", *arguments, "--out", "p.json", at=at)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err and ran.err.count("\n") == 1
        assert not (at / "p.json").exists()

    @pytest.mark.parametrize("name", ["none.csv", "none.parquet"])
    @pytest.mark.parametrize("like", [False, True])
    def test_no_rows_are_no_profile(self, snitch: Command, at: Path, name: str, like: bool) -> None:
        empty = FEATURES.head(0)
        (at / name).write_bytes(table(empty) if name.endswith("t") else empty.to_csv(index=False).encode())
        how = ["--like", "models/churn/training-profile.json"] if like else ["--id", "customer_id"]
        ran = snitch("profile", name, *how, "--out", "p.json", at=at)
        told = f"snitch: {name} has no rows, of which a profile tells nothing; profile data that has some\n"
        assert ran == (3, "", told)
        assert not (at / "p.json").exists()

    def test_a_pointer_is_not_taken_for_the_data(self, snitch: Command, at: Path) -> None:
        (at / "data.parquet").write_bytes(write_pointer("sha256:" + "1" * 64, 4))
        ran = snitch("profile", "data.parquet", at=at)
        assert (ran.code, ran.err.endswith("fetch them: `git lfs pull -I data.parquet`\n")) == (2, True)


class TestDrift:
    def test_data_like_the_training_data_passes(self, snitch: Command, at: Path) -> None:
        ran = snitch("drift", "churn", "--current", "still.parquet", at=at)
        assert ran.code == 0
        assert ran.out.splitlines()[-1].startswith("passed: 0 of 3 features beyond the limits, 3 stable, mean PSI 0.0")
        assert ran.err == ""

    def test_data_that_has_moved_does_not(self, snitch: Command, at: Path) -> None:
        ran = snitch("drift", "models/churn", "--current", "moved.parquet", at=at)
        assert ran.code == 1
        assert [line.split()[0] for line in ran.out.splitlines() if "HIGH DRIFT" in line] == ["spend"]

    def test_the_policy_sets_the_limits(self, snitch: Command, at: Path) -> None:
        for rule in ("{max_psi: 5}", "{features: {spend: {max_psi: 5}}}", "{ignore: [spend]}"):
            (at / "snitch.yaml").write_text(f"extends: recommended\nrules: {{drifted-feature: {rule}}}\n")
            assert snitch("drift", "churn", "--current", "moved.parquet", at=at).code == 0
        (at / "snitch.yaml").write_text("extends: recommended\nrules: {drifted-feature: {max_distance: 0}}\n")
        assert snitch("drift", "churn", "--current", "still.parquet", at=at).code in (1, 3)

    def test_another_profile_may_be_named(self, snitch: Command, at: Path) -> None:
        assert snitch("profile", "moved.parquet", "--out", "other.json", at=at).code == 0
        assert snitch("drift", "churn", "--current", "moved.parquet", "--profile", "other.json", at=at).code == 0

    def test_many_reports_at_once(self, snitch: Command, at: Path) -> None:
        formats = [
            "--format",
            "text",
            "--format",
            "json=d.json",
            "--format",
            "html=d.html",
            "--format",
            "markdown=d.md",
        ]
        assert snitch("drift", "churn", "--current", "moved.parquet", *formats, at=at).code == 1
        assert json.loads((at / "d.json").read_text())["verdict"] == "blocked"
        assert (at / "d.html").read_text().startswith("<!doctype html>")
        assert (at / "d.md").read_text().startswith("## ❌ Snitch: drift blocked")

    @pytest.mark.parametrize(
        ("arguments", "code", "told"),
        [
            (["churm", "--current", "still.parquet"], 2, "there is no model `churm`; did you mean `models/churn`?"),
            (["churn", "--current", "nothing.csv"], 2, "there is no file nothing.csv"),
            (["churn", "--current", "snitch.yaml"], 3, "snitch.yaml cannot be read: Parquet magic bytes"),
            (["churn", "--current", "still.parquet", "--profile", "new.csv"], 2, "a profile is a .json file"),
            (["churn", "--current", "still.parquet", "--format", "sarif"], 2, "there is no format `sarif`"),
        ],
    )
    def test_what_cannot_be_compared(
        self, snitch: Command, at: Path, arguments: list[str], code: int, told: str
    ) -> None:
        ran = snitch("drift", *arguments, at=at)
        assert (ran.code, ran.out) == (code, "")
        assert told in ran.err

    def test_data_without_the_features_is_no_pass(self, snitch: Command, at: Path) -> None:
        ran = snitch("drift", "churn", "--current", "new.csv", at=at)
        assert ran.code == 1
        assert "`tenure_months` is missing" in ran.out

    @pytest.mark.parametrize("name", ["none.csv", "none.parquet"])
    def test_no_rows_decide_nothing(self, snitch: Command, at: Path, name: str) -> None:
        empty = HOLDOUT.head(0)
        (at / name).write_bytes(table(empty) if name.endswith("t") else empty.to_csv(index=False).encode())
        ran = snitch("drift", "churn", "--current", name, at=at)
        assert ran.code == 3
        assert "`spend`: is not compared: there are no rows" in ran.out
        ending = " ".join(ran.out.split())  # in a narrow window it takes two lines
        assert "inconclusive: 0 of 3 features beyond the limits, 3 undecided" in ending

    def test_what_the_profile_does_not_know_decides_nothing(self, snitch: Command, at: Path) -> None:
        profile = json.loads((at / "models/churn/training-profile.json").read_text())
        for features, code in ((profile["features"][1:], 3), ([], 3)):
            (at / "less.json").write_text(json.dumps({**profile, "features": features}))
            ran = snitch("drift", "churn", "--current", "still.parquet", "--profile", "less.json", at=at)
            assert ran.code == code
            assert "`tenure_months` is in the signature, and the profile does not know it" in ran.out
        as_json = ["--profile", "less.json", "--format", "json"]
        ran = snitch("drift", "churn", "--current", "still.parquet", *as_json, at=at)
        assert json.loads(ran.out)["unknown"] == ["tenure_months", "spend", "plan"]

    def test_without_a_profile_it_says_how_to_make_one(self, snitch: Command, tmp_path: Path) -> None:
        repo = Repo(tmp_path / "bare")
        repo.commit(repository(profile=None))
        (repo.path / "still.parquet").write_bytes(table(HOLDOUT))
        ran = snitch("drift", "churn", "--current", "still.parquet", at=repo.path)
        assert ran.code == 2
        assert "names no profile of its training data; write one with `snitch profile DATA --out FILE`" in ran.err

    def test_a_profile_that_is_none_is_told_with_its_place(self, snitch: Command, at: Path) -> None:
        (at / "broken.json").write_text('{"features": []}')
        ran = snitch("drift", "churn", "--current", "still.parquet", "--profile", "broken.json", at=at)
        assert ran.code == 2
        assert "broken.json:1:1: " in ran.err


#: `snitch`, whose reading never ends.
NEVER_ENDING = """
import time
import snitch.measuring.streams as streams
from snitch.__main__ import main

def batches(*_):
    print("reading", flush=True)
    time.sleep(600)
    yield

streams.Stream.batches = batches
main()
"""


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_leaves_nothing_half_written(at: Path) -> None:
    command = [sys.executable, "-c", NEVER_ENDING, "profile", "train.csv", "--out", "p.json"]
    before = sorted(os.listdir(at))
    with subprocess.Popen(command, cwd=at, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert (process.returncode, told.strip()) == (130, "snitch: interrupted")
    assert sorted(os.listdir(at)) == before


def test_a_sketch_has_as_many_hashes_as_are_asked_for(snitch: Command, at: Path) -> None:
    ids = pd.DataFrame({"customer_id": [f"c{n}" for n in range(6000)], "x": 1})
    ids.to_parquet(at / "many.parquet")
    for more, kept in (((), 4096), (("--hashes", "5000"), 5000)):
        ran = snitch("profile", "many.parquet", "--id", "customer_id", *more, at=at)
        assert len(json.loads(ran.out)["ids"]["hashes"]) == kept
    assert "name the column" in snitch("profile", "many.parquet", "--hashes", "5000", at=at).err
    assert snitch("profile", "many.parquet", "--id", "customer_id", "--hashes", "10", at=at).code == 2


def test_the_progress_of_a_long_run_is_shown_where_somebody_watches(
    snitch: Command, at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("snitch.cli.drifting.LONG", -1.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert "comparing" in snitch("drift", "churn", "--current", "still.parquet", at=at).err
    assert pd.notna(TRAINING["spend"]).all()

"""The gate and a real Git LFS server: what was never pushed, and what would run code, in no clone but on the server."""

from __future__ import annotations

import io
import json
import os
import pickle
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from tests.gating.conftest import POLICY
from tests.judging import BENCHMARK, DATA, EVALUATION, FOLDER, MANIFEST, SPOTLESS, WEIGHTS, Files
from tests.lfs.giftless_server import LfsServer
from tests.repository import Repo

TOKEN = "ghs_atokenthatnobodymaysee"
PICKLE = f"{FOLDER}/model.pkl"


class Runs:
    """Pickled as a call of a function."""

    def __reduce__(self) -> tuple[Any, tuple[str, ...]]:
        return os.system, ("touch was-run",)


HARMLESS, HOSTILE = pickle.dumps({"coefficients": [1.0, 2.0]}), pickle.dumps(Runs())


def digest_of(content: bytes) -> str:
    return "sha256:" + sha256(content).hexdigest()


def files(weights: bytes, version: str) -> dict[str, bytes | str]:
    """The spotless model with a pickle for its weights, everything as its bytes."""
    manifest, evaluation = str(SPOTLESS[MANIFEST]), str(SPOTLESS[EVALUATION])
    entry = f"## [{version}] - 2026-11-19\n### Changed\n- Retrained.\n\n## [1.3.2]"
    changelog = str(SPOTLESS[f"{FOLDER}/CHANGELOG.md"]).replace("## [1.3.2]", entry) if version != "1.4.0" else ""
    kept = {path: content for path, content in SPOTLESS.items() if not path.endswith(".skops")}
    return {
        **kept,
        **({f"{FOLDER}/CHANGELOG.md": changelog} if changelog else {}),
        "snitch.yaml": POLICY.replace("  unsafe-pickle: off\n", ""),
        ".gitattributes": str(SPOTLESS[".gitattributes"]).replace("*.skops", "*.pkl"),
        MANIFEST: manifest.replace("model.skops", "model.pkl").replace("version: 1.4.0", f"version: {version}"),
        EVALUATION: evaluation.replace("model.skops", "model.pkl")
        .replace(WEIGHTS, digest_of(weights))
        .replace('"version": "1.4.0"', f'"version": "{version}"'),
        "benchmarks/churn-holdout/data.parquet": b"data",
        PICKLE: weights,
    }


class Said(NamedTuple):
    """What the gate said: how it ended, the rules that block, and all it wrote."""

    code: int
    rules: list[str]
    text: str


class Scene:
    """A clone as CI has it, with pointers for weights, and the server of its remote."""

    def __init__(self, clone: Repo, server: LfsServer, run_gate: Callable[..., Any]) -> None:
        self.clone = clone
        self.server = server
        self._run = run_gate

    def gated(self, *arguments: str) -> Said:
        ran = self._run(self.clone, "--target", "main", "--head", "origin/feature", "--format", "json", *arguments)
        assert "Traceback" not in ran.stderr
        assert not (self.clone.path / "was-run").exists()
        found = json.loads(ran.stdout)["findings"]
        return Said(ran.returncode, sorted(each["rule"] for each in found), ran.stdout + ran.stderr)


@pytest.fixture
def scene(
    tmp_path: Path, run_gate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[bytes], Scene]]:
    """Pushes a change of the weights with a real git-lfs, and clones what was pushed."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with LfsServer(tmp_path / "storage") as server:

        def make(weights: bytes, more: Files | None = None) -> Scene:
            author, remote = Repo(tmp_path / "author"), Repo(tmp_path / "remote.git", "--bare")
            server.serve(author)
            author.git("lfs", "install", "--local")
            author.git("remote", "add", "origin", f"file://{remote.path}")
            author.commit({**files(HARMLESS, "1.4.0"), **(more or {})})
            author.switch("feature", create=True).commit({**files(weights, "1.5.0"), **(more or {})})
            author.git("push", "--quiet", "origin", "main", "feature")
            assert server.holds(digest_of(weights))
            clone = remote.clone(tmp_path / "clone")
            clone.git("config", "lfs.url", server.url)
            assert (clone.path / PICKLE).read_bytes().startswith(b"version https://git-lfs")
            return Scene(clone, server, run_gate)

        yield make


def test_tables_that_the_policy_names_are_looked_into_though_no_clone_has_them(
    scene: Callable[..., Scene],
) -> None:
    trained = pd.DataFrame({"customer_id": [f"c{at}" for at in range(40)]})
    content = trained.head(7).to_csv(index=False).encode()
    benchmark = str(SPOTLESS[BENCHMARK]).replace(DATA, digest_of(content)).replace("data.parquet", "data.csv")
    stream = io.BytesIO()
    trained.to_parquet(stream)
    more = {
        "snitch.yaml": POLICY + "  benchmark-leak: {data: {subscribers: data/training.parquet}}\n",
        BENCHMARK: benchmark,
        "benchmarks/churn-holdout/data.csv": content,
        "data/training.parquet": stream.getvalue(),
    }
    said = scene(pickle.dumps({"coefficients": [1.0, 2.5]}), more).gated()
    assert "DAT006" in said.rules, said.text
    assert "7 of the 7 examples of churn-holdout 2026.10" in said.text


def test_weights_that_only_the_server_has_are_looked_into_and_pass(scene: Callable[[bytes], Scene]) -> None:
    said = scene(pickle.dumps({"coefficients": [1.0, 2.5]})).gated()
    assert (said.code, said.rules) == (0, []), said.text


def test_weights_that_run_code_are_blocked_though_no_clone_has_them(scene: Callable[[bytes], Scene]) -> None:
    said = scene(HOSTILE).gated()
    assert (said.code, said.rules) == (1, ["SAF001"])
    assert "system" in said.text


def test_weights_that_were_never_pushed_are_blocked(scene: Callable[[bytes], Scene]) -> None:
    setting = scene(HOSTILE)
    setting.server.remove(digest_of(HOSTILE))
    said = setting.gated()
    assert (said.code, said.rules) == (1, ["LFS005"])


def test_data_of_a_benchmark_that_was_never_pushed_is_blocked(scene: Callable[[bytes], Scene]) -> None:
    setting = scene(pickle.dumps({"coefficients": [1.0, 2.5]}))
    setting.server.remove(digest_of(b"data"))
    said = setting.gated()
    assert (said.code, said.rules) == (1, ["LFS005"])
    assert "benchmarks/churn-holdout/data.parquet" in said.text


def test_a_server_that_sends_the_gate_away_decides_nothing(scene: Callable[[bytes], Scene]) -> None:
    setting = scene(HOSTILE)
    setting.server.token = TOKEN
    said = setting.gated()
    assert (said.code, said.rules) == (3, ["SNT003"])
    assert "cannot judge LFS005, SAF001: the Git LFS server at" in said.text
    assert "it asks for credentials" in said.text


def test_with_a_checkouts_token_it_is_asked_and_the_token_is_in_no_output(scene: Callable[[bytes], Scene]) -> None:
    setting = scene(HOSTILE)
    setting.server.token = TOKEN
    header = b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    setting.clone.git("config", f"http.{setting.server.url}.extraheader", f"AUTHORIZATION: basic {header}")
    said = setting.gated("--verbose")
    assert (said.code, said.rules) == (1, ["SAF001"])
    assert TOKEN not in said.text and header not in said.text


def test_a_wrong_token_is_in_no_output(scene: Callable[[bytes], Scene]) -> None:
    setting = scene(HOSTILE)
    setting.server.token = "another"
    header = b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    setting.clone.git("config", f"http.{setting.server.url}.extraheader", f"AUTHORIZATION: basic {header}")
    said = setting.gated("--verbose")
    assert (said.code, said.rules) == (3, ["SNT003"])
    assert TOKEN not in said.text and header not in said.text


def test_more_than_the_gate_may_download_decides_nothing(scene: Callable[[bytes], Scene]) -> None:
    said = scene(HOSTILE).gated("--max-download", "10")
    assert (said.code, said.rules) == (3, ["SNT003"])
    assert "the gate would download more than 10 bytes" in said.text
    assert "--max-download" in said.text


def test_a_lfsconfig_in_the_change_leads_nowhere(scene: Callable[[bytes], Scene]) -> None:
    """It names a server that has everything, and says to fetch nothing."""
    setting = scene(HOSTILE)
    author = Repo(setting.clone.path.parent / "author")
    author.commit({".lfsconfig": "[lfs]\n\turl = http://127.0.0.1:1/kind\n\tfetchexclude = *\n"})
    author.git("push", "--quiet", "--no-verify", "origin", "feature")
    setting.clone.git("fetch", "--quiet", "origin")
    assert setting.gated().rules == ["SAF001"]

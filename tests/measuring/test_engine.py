"""Engines: the same results in the same order wherever tasks run, and a clear word where they cannot."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from snitch.measuring.engine import Engine, NoEngine, each, running_on
from snitch.measuring.sample import Sample
from tests.measuring.blocks import Block, auc_of

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def sample() -> Sample:
    """A real model's answers to patients that it was not trained on."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    data, target = load_breast_cancer(return_X_y=True)
    x, held_out, y, labels = train_test_split(data[:, :3], target, random_state=0)
    scores = LogisticRegression(max_iter=5000).fit(x, y).predict_proba(held_out)[:, 1]
    return Sample(labels == 1, scores >= 0.5, scores)


@pytest.fixture(scope="module")
def blocks(sample: Sample) -> list[Block]:
    return [Block(sample, seed) for seed in range(12)]


@pytest.fixture(scope="module")
def alone(blocks: list[Block]) -> list[float]:
    """What comes out without any engine."""
    return [auc_of(block) for block in blocks]


@pytest.mark.parametrize("name", ["sequential", "threads", "loky"])
def test_engines_of_this_machine_change_nothing(name: str, blocks: list[Block], alone: list[float]) -> None:
    with running_on(Engine(name, jobs=2)):
        assert each(auc_of, blocks) == alone


def test_without_an_engine_it_runs_here(blocks: list[Block], alone: list[float]) -> None:
    assert each(auc_of, blocks) == alone
    assert each(auc_of, []) == []


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and three workers, each a process of its own."""
    from distributed import LocalCluster

    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        with LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None
        ) as made:
            yield made
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


def test_a_worker_killed_on_the_way_changes_no_bit(
    cluster: Any, sample: Sample, blocks: list[Block], alone: list[float], tmp_path: Path
) -> None:
    killer = threading.Thread(target=_kill_who_says_so, args=(tmp_path,))
    killer.start()
    fatal = [*blocks[:5], Block(sample, blocks[5].seed, str(tmp_path)), *blocks[6:]]
    with running_on(Engine("dask", cluster.scheduler_address)):
        found = each(auc_of, fatal)
    killer.join(timeout=60)
    assert (tmp_path / "killed").exists()
    assert found == alone


def _kill_who_says_so(folder: Path) -> None:
    """Kills the process that tells its number in a folder, while it works."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if (folder / "pid").exists() and (number := (folder / "pid").read_text(encoding="utf-8")):
            (folder / "killed").touch()
            os.kill(int(number), signal.SIGKILL)
            return
        time.sleep(0.02)


def test_a_cluster_of_another_version_is_refused(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"model-snitch": "0.0.1"}
    monkeypatch.setattr("snitch.measuring.engine._versions", lambda: ours)
    from distributed import Client

    monkeypatch.setattr(Client, "run", lambda *_: {"tcp://worker": {"model-snitch": "0.0.2"}})
    with (
        pytest.raises(NoEngine, match=r"the worker tcp://worker has model-snitch 0\.0\.2; here it is 0\.0\.1"),
        running_on(Engine("dask", cluster.scheduler_address)),
    ):
        pass


def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snitch.measuring.engine._PATIENCE", 0.5)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(NoEngine, match="does not answer"), running_on(Engine("dask", address)):
            pass


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"name": "spork"}, "there is no engine `spork`"),
        ({"name": "dask"}, "`dask` needs the address of its cluster"),
        ({"name": "loky", "address": "tcp://a:1"}, "`loky` runs on this machine and takes no address"),
        ({"name": "dask", "address": "a b"}, "`a b` is no address"),
    ],
)
def test_engines_that_are_none(given: dict[str, str], reason: str) -> None:
    with pytest.raises(NoEngine, match=reason):
        Engine(**given)  # type: ignore[arg-type]


def test_an_engine_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with (
        pytest.raises(NoEngine, match="ray is not installed here: `pip install ray`"),
        running_on(Engine("ray", "ray://a:1")),
    ):
        pass

"""A real cluster of several processes: what runs there comes out as it does here, though a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_breast_cancer

from snitch.cli.main import run
from snitch.measuring.clusters import NoEngine
from snitch.measuring.engine import Engine, each, running_on
from snitch.measuring.intervals import interval
from snitch.measuring.profiling import Counted, counted, layout_of
from snitch.measuring.streams import Stream
from tests.killing import kill_who_says_so
from tests.measuring.blocks import Block, alone, answered, auc_of, blocks
from tests.measuring.tables import parquet
from tests.repository import isolate

ROOT = Path(__file__).resolve().parent.parent


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


def test_a_worker_killed_on_the_way_changes_no_bit(cluster: Any, tmp_path: Path) -> None:
    killer = threading.Thread(target=kill_who_says_so, args=(tmp_path,))
    killer.start()
    before, (_, seed, _), after = blocks()[:5], blocks()[5], blocks()[6:]
    fatal = [*before, Block(answered(), seed, str(tmp_path)), *after]
    with running_on(Engine("dask", cluster.scheduler_address)):
        found = each(auc_of, fatal)
    killer.join(timeout=60)
    assert (tmp_path / "killed").exists()
    assert tuple(found) == alone()


def test_a_cluster_of_another_version_is_refused(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"model-snitch": "0.0.1"}
    monkeypatch.setattr("snitch.measuring.dask_cluster.versions", lambda: ours)
    from distributed import Client

    monkeypatch.setattr(Client, "run", lambda *_: {"tcp://worker": {"model-snitch": "0.0.2"}})
    with (
        pytest.raises(NoEngine, match=r"the worker tcp://worker has model-snitch 0\.0\.2; here it is 0\.0\.1"),
        running_on(Engine("dask", cluster.scheduler_address)),
    ):
        pass


def test_data_is_counted_and_resampled_there_as_it_is_here(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snitch.measuring.streams.BATCH", 50)
    frame = load_breast_cancer(as_frame=True).frame.assign(kind=lambda all: all["target"].map({0: "a", 1: "b"}))
    stream = Stream(parquet(frame), "patients.parquet")
    layout = layout_of(stream)

    def work() -> tuple[Counted, tuple[float, float]]:
        return counted(stream, layout), interval("f1", {}, answered(), "seed")

    here = work()
    with running_on(Engine("dask", cluster.scheduler_address)):
        assert work() == here
    assert here[0].rows == len(frame)


def test_models_are_measured_there_as_they_are_here(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The template's models; the worker that runs the first of them is killed meanwhile."""
    isolate(monkeypatch)
    top = tmp_path / "models"
    assert run(["init", str(top)]) == 0
    records = sorted(top.glob("models/*/evaluations/*"))

    def evaluate(*options: str) -> dict[Path, bytes]:
        command = [sys.executable, "-m", "snitch", "evaluate", "--all", *options]
        done = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        return {path: path.read_bytes() for path in records}

    here = {path: path.read_bytes() for path in records}  # made without any engine
    workers = [worker.pid for worker in cluster.workers.values()]
    assert all(workers)
    killed: list[int] = []
    killer = threading.Thread(target=_kill_who_has_a_child, args=(workers, killed))
    killer.start()
    there = evaluate("--engine", "dask", "--address", cluster.scheduler_address)
    killer.join(timeout=60)
    assert killed
    if there != here:  # this is another Python, or another processor, than the template was made by
        here = evaluate()
    assert there == here


def _kill_who_has_a_child(workers: list[int], killed: list[int]) -> None:
    """Kills a worker while a model runs below it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for worker in workers:
            if subprocess.run(["pgrep", "-P", str(worker), "-f", "keeper"], capture_output=True, check=False).stdout:
                killed.append(worker)
                os.kill(worker, signal.SIGKILL)
                return
        time.sleep(0.01)

"""A real Ray cluster, where Ray is installed: what runs there comes out as it does here, though a worker is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from snitch.cli.main import run
from snitch.measuring import ray_cluster
from snitch.measuring.clusters import NoEngine, refuse_others, versions
from snitch.measuring.engine import Engine, each, running_on
from snitch.measuring.tables import Unusable
from tests.killing import kill_who_says_so
from tests.measuring.blocks import Block, alone, answered, auc_of, blocks, refused
from tests.repository import isolate

pytest.importorskip("ray", reason="Ray is not installed")
ROOT = Path(__file__).resolve().parent.parent


class Cluster:
    """A head with two processors, which are processes of their own, below one that ends them all."""

    def __init__(self, folder: Path) -> None:
        head, client = _free_ports()
        self.address = f"ray://127.0.0.1:{client}"
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--num-cpus=2"]
        command += ["--node-ip-address=127.0.0.1", f"--port={head}", "--include-dashboard=false"]
        command += [f"--ray-client-server-port={client}", "--disable-usage-stats"]
        command += ["--object-store-memory=100000000", f"--temp-dir={folder}"]
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_AUTH_MODE": "disabled"}
        self._log = open(folder / "log", "wb")  # noqa: SIM115 - closed with the cluster
        self._process = subprocess.Popen(
            command, env=variables, stdout=self._log, stderr=self._log, start_new_session=True
        )

    def wait(self) -> None:
        """Until its client server answers."""
        end = time.monotonic() + 120
        host, _, port = self.address.removeprefix("ray://").rpartition(":")
        while time.monotonic() < end:
            assert self._process.poll() is None, "the cluster has ended"
            with socket.socket() as asking:
                if not asking.connect_ex((host, int(port))):
                    return
            time.sleep(0.2)
        raise AssertionError("the cluster does not answer")

    def workers(self) -> list[int]:
        """The processes of its workers, which are below the raylet below the head."""
        listed = subprocess.run(["ps", "-eo", "pid=,sid=,args="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        return [int(pid) for pid, sid, *args in rows if int(sid) == self._process.pid and args[0].startswith("ray::")]

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)
        self._log.close()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    # The paths of its sockets must be short.
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        made = Cluster(Path(folder))
        try:
            made.wait()
            yield made
        finally:
            made.stop()


def test_a_worker_killed_on_the_way_changes_no_bit(cluster: Cluster, tmp_path: Path) -> None:
    killer = threading.Thread(target=kill_who_says_so, args=(tmp_path,))
    before, (_, seed, _), after = blocks()[:5], blocks()[5], blocks()[6:]
    fatal = [*before, Block(answered(), seed, str(tmp_path)), *after]
    with running_on(Engine("ray", cluster.address)):
        killer.start()
        found = each(auc_of, fatal)
        killer.join(timeout=60)
        assert (tmp_path / "killed").exists()
        with pytest.raises(Unusable, match="no table"):
            each(refused, ["no table"])
    assert tuple(found) == alone()


def test_a_worker_of_another_version_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {**versions(), "numpy": "0.1"}
    monkeypatch.setattr(ray_cluster, "refuse_others", lambda theirs, _: refuse_others(theirs, ours))
    with (
        pytest.raises(NoEngine, match=rf"has numpy {version('numpy')}; here it is 0\.1"),
        running_on(Engine("ray", cluster.address)),
    ):
        pass


def test_models_are_measured_there_as_they_are_here(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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

    killed: list[int] = []
    killer = threading.Thread(target=_kill_who_has_a_child, args=(cluster, killed))
    killer.start()
    there = evaluate("--engine", "ray", "--address", cluster.address)
    killer.join(timeout=120)
    assert killed
    assert there == evaluate()


def _kill_who_has_a_child(cluster: Cluster, killed: list[int]) -> None:
    """Kills a worker of the cluster while a model runs below it."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        for worker in cluster.workers():
            if subprocess.run(["pgrep", "-P", str(worker), "-f", "keeper"], capture_output=True, check=False).stdout:
                killed.append(worker)
                os.kill(worker, signal.SIGKILL)
                return
        time.sleep(0.01)


def test_a_cluster_that_is_lost(cluster: Cluster, tmp_path: Path) -> None:
    """The last of them: it ends the cluster."""

    def end_it() -> None:
        while not (tmp_path / "pid").exists():
            time.sleep(0.05)
        cluster.stop()

    killer = threading.Thread(target=end_it)
    killer.start()
    with pytest.raises(NoEngine, match="the engine gave up"), running_on(Engine("ray", cluster.address)):
        each(auc_of, [Block(answered(), 0, str(tmp_path))])
    killer.join(timeout=60)

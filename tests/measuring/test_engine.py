"""Engines: the same results in the same order wherever tasks run, and a clear word where they cannot."""

from __future__ import annotations

import socket

import pytest

from snitch.measuring.clusters import NoEngine
from snitch.measuring.engine import Engine, each, running_on
from tests.measuring.blocks import alone, auc_of, blocks


@pytest.mark.parametrize("name", ["sequential", "threads", "loky"])
def test_engines_of_this_machine_change_nothing(name: str) -> None:
    with running_on(Engine(name, jobs=2)):
        assert tuple(each(auc_of, blocks())) == alone()


def test_without_an_engine_it_runs_here() -> None:
    assert tuple(each(auc_of, blocks())) == alone()
    assert each(auc_of, []) == []


def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snitch.measuring.dask_cluster.PATIENCE", 0.5)
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
        pytest.raises(NoEngine, match="ray is not installed here"),
        running_on(Engine("ray", "ray://a:1")),
    ):
        pass

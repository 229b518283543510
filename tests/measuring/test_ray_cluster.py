"""Ray's clusters by a stand-in for Ray: what is asked of it, and what becomes of what it raises."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from snitch.measuring.clusters import NoEngine, versions
from snitch.measuring.engine import Engine, each, running_on
from snitch.measuring.tables import Unusable
from tests.measuring.blocks import alone, auc_of, blocks, refused

ADDRESS = "ray://127.0.0.1:10001"


class RayError(Exception):
    pass


class RpcError(Exception):
    pass


class RayTaskError(RayError):
    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Remote:
    """A function that is asked elsewhere: here when its value is taken."""

    def __init__(self, ray: Ray, function: Callable[..., Any]) -> None:
        self.ray, self.function = ray, function

    def remote(self, *given: Any) -> Callable[[], Any]:
        self.ray.waiting += 1
        self.ray.most = max(self.ray.most, self.ray.waiting)
        return lambda: self.function(*given)


class Ray(ModuleType):
    """As much of Ray's module as is asked for."""

    def __init__(self) -> None:
        super().__init__("ray")
        self.waiting = self.most = 0
        self.fails: Exception | None = None
        self.refuses: Exception | None = None
        self.is_shut = False
        self.found = [{"Alive": True, "Resources": {"CPU": 2.0}, "NodeID": "a", "NodeManagerAddress": "10.0.0.6"}]

    def init(self, address: str, **_: Any) -> None:
        assert address == ADDRESS
        if self.refuses is not None:
            raise self.refuses

    def remote(self, **_: Any) -> Callable[[Callable[..., Any]], Remote]:
        return lambda function: Remote(self, function)

    def wait(self, refs: list[Any], num_returns: int) -> tuple[list[Any], list[Any]]:
        return refs[-num_returns:], refs[:-num_returns]  # the last first: in no order

    def get(self, refs: Any, timeout: float | None = None) -> Any:
        if isinstance(refs, list):
            return [each() for each in refs]
        self.waiting -= 1
        if self.fails is not None:
            raise self.fails
        try:
            return refs()
        except Unusable as error:
            raise RayTaskError(error) from None

    def nodes(self) -> list[dict[str, Any]]:
        return self.found

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def shutdown(self) -> None:
        self.is_shut = True


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ray]:
    made = Ray()
    exceptions, strategies = ModuleType("ray.exceptions"), ModuleType("ray.util.scheduling_strategies")
    vars(exceptions).update(RayError=RayError, RayTaskError=RayTaskError)
    vars(strategies).update(NodeAffinitySchedulingStrategy=lambda *_, **__: None)
    grpc = ModuleType("grpc")
    vars(grpc).update(RpcError=RpcError)
    modules = {"ray": made, "ray.exceptions": exceptions, "ray.util": ModuleType("ray.util"), "grpc": grpc}
    for name, module in {**modules, "ray.util.scheduling_strategies": strategies}.items():
        monkeypatch.setitem(sys.modules, name, module)
    yield made
    assert made.is_shut or made.refuses


def test_in_the_order_of_the_tasks_and_few_at_a_time(ray: Ray) -> None:
    with running_on(Engine("ray", ADDRESS)):
        ray.waiting = ray.most = 0
        assert tuple(each(auc_of, blocks())) == alone()
        assert each(auc_of, []) == []
    assert ray.most == 4
    with running_on(Engine("ray", ADDRESS, jobs=1)):
        ray.waiting = ray.most = 0
        assert tuple(each(auc_of, blocks())) == alone()
    assert ray.most == 1
    assert tuple(each(auc_of, blocks()[:1])) == alone()[:1], "and afterwards here"


def test_what_a_task_raises_is_raised_here(ray: Ray) -> None:
    with running_on(Engine("ray", ADDRESS)), pytest.raises(Unusable, match="no table"):
        each(refused, ["no table"])


@pytest.mark.parametrize(
    "error",
    [RayError("the worker died"), ConnectionError("the worker died"), RayTaskError(RayError("the worker died"))],
)
def test_what_is_lost_is_told(ray: Ray, error: Exception) -> None:
    ray.fails = error
    with running_on(Engine("ray", ADDRESS)), pytest.raises(NoEngine, match="the engine gave up: the worker died"):
        each(auc_of, blocks())


@pytest.mark.parametrize("error", [ConnectionError("timeout"), RuntimeError("timeout"), RayError("timeout")])
def test_a_cluster_that_does_not_answer(ray: Ray, error: Exception) -> None:
    ray.refuses = error
    with pytest.raises(NoEngine, match="does not answer: timeout"), running_on(Engine("ray", ADDRESS)):
        pass


def test_a_worker_of_other_versions(ray: Ray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snitch.measuring.ray_cluster.refuse_others", _with_another_numpy)
    told = pytest.raises(NoEngine, match=r"the worker 10\.0\.0\.6 has numpy .*; here it is 0\.1")
    with told, running_on(Engine("ray", ADDRESS)):
        pass


def _with_another_numpy(theirs: Any, ours: Any) -> None:
    from snitch.measuring.clusters import refuse_others

    refuse_others(theirs, {**ours, "numpy": "0.1"})


def test_a_cluster_without_a_worker(ray: Ray) -> None:
    ray.found = [{**ray.found[0], "Alive": False}, {**ray.found[0], "Resources": {}}]
    with pytest.raises(NoEngine, match="the cluster has no worker"), running_on(Engine("ray", ADDRESS)):
        pass


@pytest.mark.parametrize("address", ["10.0.0.5:6379", "tcp://10.0.0.5:10001", "auto", "local"])
def test_an_address_that_is_none_of_a_client_server(address: str) -> None:
    with pytest.raises(NoEngine, match="such as ray:"), running_on(Engine("ray", address)):
        pass


def test_the_versions_that_bits_depend_on() -> None:
    assert set(versions()) == {"model-snitch", "numpy", "scipy", "scikit-learn"}
    assert all(versions().values())

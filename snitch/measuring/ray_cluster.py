"""A Ray cluster, asked by Ray's client: this machine is none of its nodes.

Tasks are asked for themselves, not by joblib: a pool of Ray's actors, which joblib's backend makes, gives up where a
worker is killed, and a task is worked on by another worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from snitch.measuring.clusters import PATIENCE, NoEngine, Versions, first_line, refuse_others, versions

T = TypeVar("T")
R = TypeVar("R")

_SCHEME = "ray://"
#: How often a task is tried again where the worker that had it is gone.
_TRIES = 3


class RayCluster:
    """A cluster that tasks are worked on by, `jobs` of them at a time (None: as many as it has processors)."""

    def __init__(self, ray: Any, jobs: int | None) -> None:
        self._ray = ray
        self._jobs = jobs

    def each(self, function: Callable[[T], R], tasks: Iterable[T]) -> list[R]:
        """The function's value for each task, in their order.

        Raises:
            NoEngine: the cluster, or one worker after the other, was lost.
            Exception: what the function raised.
        """
        from ray.exceptions import RayError, RayTaskError

        try:
            return self._each(function, tasks)
        except RayTaskError as error:
            # What the function raised is of that kind as well; what only Ray raised there is not.
            if isinstance(error.cause, RayError):
                raise NoEngine(f"the engine gave up: {first_line(error.cause)}") from None
            raise error.cause from None
        except _lost() as error:
            raise NoEngine(f"the engine gave up: {first_line(error)}") from None

    def _each(self, function: Callable[[T], R], tasks: Iterable[T]) -> list[R]:
        ray = self._ray
        asked = ray.remote(max_retries=_TRIES)(function)
        # As many again wait there, so that none is idle; no more, for what they take is in memory.
        most = self._jobs or 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
        found: list[Any] = []
        waiting: dict[Any, int] = {}
        for number, task in enumerate(tasks):
            if len(waiting) >= most:
                self._take(waiting, found)
            found.append(None)
            waiting[asked.remote(task)] = number
        while waiting:
            self._take(waiting, found)
        return found

    def _take(self, waiting: dict[Any, int], found: list[Any]) -> None:
        """Takes the value of one that is done, whichever it is."""
        [done], _ = self._ray.wait(list(waiting), num_returns=1)
        found[waiting.pop(done)] = self._ray.get(done)

    def versions(self) -> list[tuple[str, Versions]]:
        """Of each node that works."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        asked = {}
        for node in self._ray.nodes():
            if node["Alive"] and node["Resources"].get("CPU"):
                there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                name = str(node["NodeManagerAddress"])
                asked[self._ray.remote(scheduling_strategy=there, num_cpus=0)(versions).remote()] = name
        answers = self._ray.get(list(asked), timeout=PATIENCE)
        return list(zip(asked.values(), answers, strict=True))


def _lost(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What Ray's client raises where the cluster, or what it works by, is gone; and more."""
    import grpc
    from ray.exceptions import RayError

    return (RayError, ConnectionError, grpc.RpcError, *more)


@contextmanager
def connected(address: str, jobs: int | None) -> Iterator[RayCluster]:
    """Raises:
    NoEngine: it is not installed, does not answer, or has no worker, or one with other versions.
    """
    if not address.startswith(_SCHEME):
        raise NoEngine(f"a Ray cluster's address is that of its client server, such as ray://10.0.0.5:10001: {address}")
    try:
        import grpc  # noqa: F401 - without it Ray has no client
        import ray
    except ImportError:
        raise NoEngine("ray is not installed here: `pip install 'ray[client]'`") from None
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
    except _lost(OSError, ValueError, RuntimeError) as error:
        raise NoEngine(f"the Ray cluster at {address} does not answer: {first_line(error)}") from None
    try:
        cluster = RayCluster(ray, jobs)
        try:
            theirs = cluster.versions()
        except _lost() as error:
            reason = f"nobody knows what the workers of {address} are: {first_line(error)}"
            raise NoEngine(reason) from None
        refuse_others(theirs, versions())
        yield cluster
    finally:
        ray.shutdown()

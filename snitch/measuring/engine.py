"""Where work that falls into independent tasks is done: here, on all cores, or on a cluster that is there already.

Joblib knows the engines but Ray. A task is a function of values, and results come in the order of the tasks, so that
neither the engine, nor how many workers it has, nor that one of them dies on the way, changes a bit of what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TypeVar

from msgspec import Struct

from snitch.measuring import dask_cluster, ray_cluster
from snitch.measuring.clusters import NoEngine, first_line
from snitch.measuring.ray_cluster import RayCluster

T = TypeVar("T")
R = TypeVar("R")

#: By name, the backend that joblib knows it by, or has to itself beside it.
ENGINES = {"sequential": "sequential", "loky": "loky", "threads": "threading", "dask": "dask", "ray": "sequential"}
_CLUSTERS = ("dask", "ray")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?[^\s/]+", re.ASCII)
#: The cluster that works meanwhile, where joblib knows none.
_RAY: ContextVar[RayCluster | None] = ContextVar("ray", default=None)


class Engine(Struct, frozen=True):
    """An engine, the address of its cluster where it is one, and how many tasks run at a time (None: all it can)."""

    name: str = "sequential"
    address: str | None = None
    jobs: int | None = None

    def __post_init__(self) -> None:
        if self.name not in ENGINES:
            raise NoEngine(f"there is no engine `{self.name}`; there are {', '.join(ENGINES)}")
        if self.address is not None and self.name not in _CLUSTERS:
            raise NoEngine(f"`{self.name}` runs on this machine and takes no address; {', '.join(_CLUSTERS)} take one")
        if self.name in _CLUSTERS and self.address is None:
            raise NoEngine(f"`{self.name}` needs the address of its cluster, such as tcp://10.0.0.5:8786")
        if self.address is not None and not _ADDRESS.fullmatch(self.address):
            raise NoEngine(f"`{self.address}` is no address such as tcp://10.0.0.5:8786")

    @property
    def is_elsewhere(self) -> bool:
        """Whether tasks run in other processes than this one, and are worth packing up for that."""
        return self.name in (*_CLUSTERS, "loky")


@contextmanager
def running_on(engine: Engine) -> Iterator[None]:
    """What `each` is given meanwhile runs on this engine.

    Raises:
        NoEngine: it is not installed, its cluster does not answer, or a worker there has other versions.
    """
    from joblib import parallel_config

    with ExitStack() as stack:
        if engine.name == "dask":
            stack.enter_context(dask_cluster.connected(engine.address or ""))
        if engine.name == "ray":
            cluster = stack.enter_context(ray_cluster.connected(engine.address or "", engine.jobs))
            stack.callback(_RAY.reset, _RAY.set(cluster))
        jobs = -1 if engine.jobs is None and ENGINES[engine.name] != "sequential" else engine.jobs
        stack.enter_context(parallel_config(backend=ENGINES[engine.name], n_jobs=jobs))
        yield


def each(function: Callable[[T], R], tasks: Iterable[T]) -> list[R]:
    """The function's value for each task, in their order, wherever they are worked on; here where nobody said.

    The function and the tasks travel: both have to be picklable, and the function of an installed module.

    Raises:
        NoEngine: the cluster was lost.
    """
    from joblib import Parallel, delayed

    cluster = _RAY.get()
    if cluster is not None:
        return cluster.each(function, tasks)
    try:
        return list(Parallel()(delayed(function)(task) for task in tasks))
    except _lost() as error:
        raise NoEngine(f"the engine gave up: {first_line(error)}") from None


def _lost() -> tuple[type[BaseException], ...]:
    """What an engine raises whose workers are gone."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    return (BrokenProcessPool, *dask_cluster.lost())

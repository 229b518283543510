"""Where work that falls into independent tasks is done: here, on all cores, or on a cluster that is there already.

Joblib knows the engines. A task is a function of values, and the results come in the order of the tasks, so that
neither the engine, nor how many workers it has, nor that one of them dies on the way, changes a bit of what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

T = TypeVar("T")
R = TypeVar("R")

#: By name, the backend that joblib knows it by.
ENGINES = {"sequential": "sequential", "loky": "loky", "threads": "threading", "dask": "dask", "ray": "ray"}
_CLUSTERS = ("dask", "ray")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?[^\s/]+", re.ASCII)
#: Seconds to wait for a cluster to answer.
_PATIENCE = 30


class NoEngine(Exception):
    """An engine that cannot be had, and why."""


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
        NoEngine: it is not installed, or its cluster does not answer.
    """
    from joblib import parallel_config

    with ExitStack() as stack:
        if engine.name in _CLUSTERS:
            stack.enter_context(_CONNECT[engine.name](engine.address or ""))
        jobs = -1 if engine.jobs is None and engine.name != "sequential" else engine.jobs
        stack.enter_context(parallel_config(backend=ENGINES[engine.name], n_jobs=jobs))
        yield


def each(function: Callable[[T], R], tasks: Iterable[T]) -> list[R]:
    """The function's value for each task, in their order, wherever they are worked on; here where nobody said.

    The function and the tasks travel: both have to be picklable, and the function of an installed module.

    Raises:
        NoEngine: the cluster was lost.
    """
    from joblib import Parallel, delayed

    try:
        return list(Parallel()(delayed(function)(task) for task in tasks))
    except _lost() as error:
        raise NoEngine(f"the engine gave up: {_first_line(error)}") from None


@contextmanager
def _dask(address: str) -> Iterator[None]:
    try:
        from distributed import Client
    except ImportError:
        raise NoEngine("dask is not installed here: `pip install 'dask[distributed]'`") from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=True)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise NoEngine(f"the Dask cluster at {address} does not answer: {_first_line(error)}") from None
    with client:
        _refuse_others(client)
        yield


def _refuse_others(client: Any) -> None:
    """Another version of a library there would compute other bits."""
    theirs = client.run(_versions)
    if not theirs:
        raise NoEngine("the Dask cluster has no worker")
    ours = _versions()
    for worker, versions in sorted(theirs.items()):
        differing = [name for name in ours if versions.get(name) != ours[name]]
        if differing:
            name = differing[0]
            raise NoEngine(f"the worker {worker} has {name} {versions.get(name)}; here it is {ours[name]}")


def _versions() -> dict[str, str | None]:
    """Of what the bits of a result depend on."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {}
    for name in ("model-snitch", "numpy", "scipy", "scikit-learn"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


@contextmanager
def _ray(address: str) -> Iterator[None]:
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError:
        raise NoEngine("ray is not installed here: `pip install ray`") from None
    try:
        ray.init(address=address, log_to_driver=False)
    except (ConnectionError, OSError, ValueError, RuntimeError) as error:
        raise NoEngine(f"the Ray cluster at {address} does not answer: {_first_line(error)}") from None
    try:
        register_ray()
        yield
    finally:
        ray.shutdown()


_CONNECT: dict[str, Callable[[str], AbstractContextManager[None]]] = {"dask": _dask, "ray": _ray}


def _lost() -> tuple[type[BaseException], ...]:
    """What an engine raises whose workers are gone; that of a cluster where it was imported."""
    import sys

    from joblib.externals.loky.process_executor import BrokenProcessPool

    distributed = sys.modules.get("distributed")
    found: list[type[BaseException]] = [BrokenProcessPool]
    if distributed is not None:
        from distributed.scheduler import KilledWorker

        found += (
            [KilledWorker, distributed.CancelledError] if hasattr(distributed, "CancelledError") else [KilledWorker]
        )
    return tuple(found)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]

"""A Dask cluster, which joblib has a backend for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from snitch.measuring.clusters import PATIENCE, NoEngine, first_line, refuse_others, versions


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Joblib's backend `dask` works there meanwhile.

    Raises:
        NoEngine: it is not installed, does not answer, or has no worker, or one with other versions.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NoEngine("dask is not installed here: `pip install 'dask[distributed]'`") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=True)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise NoEngine(f"the Dask cluster at {address} does not answer: {first_line(error)}") from None
    with client:
        refuse_others(client.run(versions).items(), versions())
        yield


def lost() -> tuple[type[BaseException], ...]:
    """What is raised where its workers are gone; nothing where it was not imported."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return ()
    from distributed.scheduler import KilledWorker

    cancelled = getattr(distributed, "CancelledError", None)
    return (KilledWorker,) if cancelled is None else (KilledWorker, cancelled)

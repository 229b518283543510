"""What holds for every cluster, whichever engine it is of: it answers, and has the versions that are here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Seconds to wait for a cluster to answer.
PATIENCE = 30

Versions = Mapping[str, "str | None"]


class NoEngine(Exception):
    """An engine that cannot be had, and why."""


def versions() -> Versions:
    """Of what the bits of a result depend on; None where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {}
    for name in ("model-snitch", "numpy", "scipy", "scikit-learn"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def refuse_others(theirs: Iterable[tuple[str, Versions]], ours: Versions) -> None:
    """Another version of a library there would compute other bits. `theirs` are by worker.

    Raises:
        NoEngine: a worker has another version, or there is none.
    """
    workers = sorted(theirs, key=lambda each: each[0])
    if not workers:
        raise NoEngine("the cluster has no worker")
    for worker, found in workers:
        for name in ours:
            if found.get(name) != ours[name]:
                there, here = (each or "none" for each in (found.get(name), ours[name]))
                mend = "give the workers the environment that runs `snitch`"
                raise NoEngine(f"the worker {worker} has {name} {there}; here it is {here}: {mend}")


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]

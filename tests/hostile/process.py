"""The installed command in a process of its own: how it ended, what it wrote, what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.repository import ENVIRONMENT

SNITCH = (str(Path(sys.executable).with_name("snitch")),)
MODULE = (sys.executable, "-m", "snitch")
#: What one hostile file or repository may cost. Seconds of the processor: those of the clock are other processes' too.
MAX_SECONDS, MAX_MEBIBYTES = 2.0, 500
#: Runs a command and writes what it cost: a process forked from this one would begin with this one's memory as its
#: peak, and a process that runs tests may be large.
_LAUNCHER = """
import os, sys
child = os.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=file)
"""
_OURS = ("SNITCH_", "PYTHON", "PRE_COMMIT", "GIT_")


class Ended(NamedTuple):
    """How a run ended."""

    code: int
    out: str
    err: str


def check(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] = {},
    command: Sequence[str] = SNITCH,
    stdout: int | None = None,
) -> Ended:
    """`snitch check ARGUMENTS` in a folder; that it took no traceback, no time and no memory to end is asserted."""
    return run(folder, "check", *arguments, env=env, command=command, stdout=stdout)


def production(folder: Path, *arguments: str, **more: Mapping[str, str]) -> Ended:
    """Every model judged as in production, on the day that the spotless repository passes."""
    return check(folder, "--all", "--env", "production", "--now", "2026-11-20", "--no-cache", *arguments, **more)  # type: ignore[arg-type]


def run(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] = {},
    command: Sequence[str] = SNITCH,
    stdout: int | None = None,
) -> Ended:
    """`snitch ARGUMENTS`, as `check`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.NamedTemporaryFile() as costs:
        launcher = (sys.executable, "-I", "-S", "-c", _LAUNCHER, costs.name)
        subprocess.run(
            [*launcher, *command, *arguments],
            cwd=folder,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=out if stdout is None else stdout,
            stderr=err,
            check=True,
        )
        code, seconds, mebibytes = costs.read().split()
        out.seek(0)
        err.seek(0)
        told, warned = out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace")
    for sign in ("Traceback", "fault of Snitch", "[SNT002]"):
        assert sign not in told + warned, told + warned
    assert float(seconds) < MAX_SECONDS
    assert float(mebibytes) < MAX_MEBIBYTES
    return Ended(int(code), told, warned)


def environment(changes: Mapping[str, str] = {}) -> dict[str, str]:
    """The environment of a person whose machine has nothing set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, **ENVIRONMENT, "COLUMNS": "200", **changes}

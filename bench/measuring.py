"""Runs commands in turn and measures them, in rounds in which each runs once, so that noise meets all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_SAMPLE_EVERY = 0.05


class Command(NamedTuple):
    """A program to measure: what it is, how it is run, and where."""

    name: str
    argv: Sequence[str]
    folder: Path
    #: Exit codes that say that it did its work: a linter that finds something has.
    accepted: tuple[int, ...] = (0,)


class Sample(NamedTuple):
    """What a command costs, in seconds: on the clock, and of all processors together."""

    wall: float
    cpu: float


class Failed(Exception):
    """A command did not do its work, so there is nothing to measure."""


def measure(commands: Iterable[Command], repeats: int, *, warm_up: bool = True) -> dict[str, Sample]:
    """The medians of so many rounds, by name. A first round, which warms the disk's cache, does not count."""
    chosen = list(commands)
    runs: dict[str, list[Sample]] = {command.name: [] for command in chosen}
    for count in range(repeats + warm_up):
        for command in chosen:
            sample = run(command)
            if count >= warm_up:
                runs[command.name].append(sample)
    return {name: _median(samples) for name, samples in runs.items()}


def run(command: Command) -> Sample:
    """Runs a command once.

    Raises:
        Failed: it ended with an exit code that is not accepted.
    """
    start = time.perf_counter()
    process = _start(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in command.accepted:
        raise Failed(f"{command.name} ended with {process.returncode}: {' '.join(command.argv)} in {command.folder}")
    return Sample(wall, usage.ru_utime + usage.ru_stime)


def peak_memory(command: Command) -> int:
    """The most bytes that a command and all processes below it held at once, pages that they share counted once."""
    if not sys.platform.startswith("linux"):
        return _largest_process(command)
    process, peak = _start(command), 0
    while process.poll() is None:
        peak = max(peak, sum(map(_proportional_bytes, _family(process.pid))))
        time.sleep(_SAMPLE_EVERY)
    return peak


def environment() -> dict[str, str]:
    """What measured programs see: the caller's environment without what would change how Python or git starts.

    DVC must not send off word of each run: that would go on while the next program is measured.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GIT_", "SNITCH_"))}
    return {**kept, "DVC_NO_ANALYTICS": "1"}


def _start(command: Command) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command.argv, cwd=command.folder, env=environment(), stdin=quiet, stdout=quiet, stderr=quiet
    )


def _median(samples: Sequence[Sample]) -> Sample:
    return Sample(statistics.median(s.wall for s in samples), statistics.median(s.cpu for s in samples))


def _family(process: int) -> list[int]:
    """A process and all below it."""
    children: Mapping[int, list[int]] = _children_by_parent()
    family = [process]
    for member in family:
        family.extend(children.get(member, ()))
    return family


def _children_by_parent() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                status = Path("/proc", entry, "stat").read_text(errors="replace")
            except OSError:
                continue
            children.setdefault(int(status.rpartition(")")[2].split()[1]), []).append(int(entry))
    return children


def _proportional_bytes(process: int) -> int:
    """A process's memory, each shared page divided among those that share it; none where it has just ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _largest_process(command: Command) -> int:
    process = _start(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

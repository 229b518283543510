"""The processes below this one: how much they take, and their end, whatever they do to stay."""

from __future__ import annotations

import os
import signal
import time

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def descendants(top: int) -> list[int]:
    """All processes below `top`, as /proc tells it; empty where there is none."""
    children: dict[int, list[int]] = {}
    for name in _numbers("/proc"):
        found = _parent(name)
        if found is not None:
            children.setdefault(found, []).append(int(name))
    below, waiting = [], [top]
    while waiting:
        here = children.get(waiting.pop(), [])
        below += here
        waiting += here
    return below


def _numbers(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.isdigit()]
    except OSError:
        return []


def _parent(pid: str) -> int | None:
    """The parent of a process that still runs or waits to be buried."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name in parentheses may hold anything.
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def tasks(pids: list[int]) -> int:
    """How many threads these processes have in all."""
    return sum(len(_numbers(f"/proc/{pid}/task")) for pid in pids)


def tasks_of_user() -> int:
    """How many threads this process's user has, whatever started them."""
    user, found = os.geteuid(), 0
    for pid in _numbers("/proc"):
        try:
            if os.stat(f"/proc/{pid}").st_uid == user:
                found += tasks([int(pid)])
        except OSError:
            continue
    return found


def memory(pids: list[int], enough: int) -> int:
    """Bytes of memory that these processes hold, what is mapped from files not counted.

    What they share counts for each of them, unless that makes more than `enough`: then it is told apart, which takes
    longer.
    """
    total = sum(_resident(pid) for pid in pids)
    return total if total <= enough else sum(_proportional(pid) for pid in pids)


def _resident(pid: int) -> int:
    return _kilobytes(f"/proc/{pid}/status", (b"RssAnon:", b"RssShmem:")) or 0


def _proportional(pid: int) -> int:
    shares = _kilobytes(f"/proc/{pid}/smaps_rollup", (b"Pss_Anon:", b"Pss_Shmem:"))
    return _resident(pid) if shares is None else shares


def _kilobytes(path: str, keys: tuple[bytes, ...]) -> int | None:
    """The sum of some lines, in bytes; None where there are none."""
    try:
        with open(path, "rb") as file:
            found = [int(line.split()[1]) for line in file if line.startswith(keys)]
    except (OSError, ValueError, IndexError):
        return None
    return 1024 * sum(found) if found else None


def disk(folder: str, enough: int) -> int:
    """Bytes of disk that a folder's files take, each name counting as a page; counting ends beyond `enough`.

    A folder below it that cannot be looked into, or lies too deep to be named, is more than enough.
    """
    total, waiting = 0, [folder]
    while waiting and total <= enough:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    total += _PAGE + entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    if total > enough:
                        break
        except (FileNotFoundError, NotADirectoryError):  # it was there a moment ago
            continue
        except OSError:
            return enough + 1
    return total


def end_all(top: int, seconds: float = 30.0) -> bool:
    """Ends every process below `top`, which is this one and takes on orphans; whether none is left.

    They are stopped before they are killed, so that none has a child in between.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        stopped: set[int] = set()
        while fresh := set(descendants(top)) - stopped:
            _signal_all(fresh, signal.SIGSTOP)
            stopped |= fresh
        _signal_all(stopped, signal.SIGKILL)
        if _buried():
            return True
        time.sleep(0.005)
    return False


def _signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue


def _buried() -> bool:
    """Whether no child is left once the dead are waited for."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False

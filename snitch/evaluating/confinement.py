"""What a model's process gives up before it becomes the model: files, network, rights, whatever is beyond its limits.

Done by the process itself, between fork and exec; everything holds for its children, too.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from snitch.evaluating import kernel, landlock, seccomp

#: Where libraries, fonts, time zones and the like lie, and nothing that a user wrote.
_SYSTEM = (
    *(f"/{folder}" for folder in ("lib", "lib32", "lib64", "bin", "sbin")),
    *(f"/usr/{folder}" for folder in ("lib", "lib32", "lib64", "libexec", "bin", "sbin", "share")),
    *(f"/usr/local/{folder}" for folder in ("lib", "lib64", "bin", "share")),
    *(
        f"/etc/{name}"
        for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "timezone")
    ),
    *(f"/etc/{name}" for name in ("passwd", "group", "nsswitch.conf", "os-release", "mime.types", "fonts")),
    # Of all processes its own alone: the variables and command lines of others may hold secrets.
    *(f"/proc/{name}" for name in ("self", "cpuinfo", "meminfo", "stat", "filesystems", "version", "loadavg")),
    *("/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/random", "/proc/sys/kernel/osrelease"),
    *("/sys/devices/system", "/sys/fs/cgroup", "/sys/kernel/mm", "/nix/store", "/gnu/store"),
    *("/dev/zero", "/dev/random", "/dev/urandom"),
)
_DEVICES = ("/dev/null", "/dev/full")
_OPEN_FILES = 1024
_MOST_LIKELY_KILLED = "1000"

Held = dict[str, str]


def confine(plan: dict[str, Any], protected: Sequence[int], others: int) -> Held:
    """Gives everything up that this system lets a process give up; what held, by kind.

    `protected` are processes that it must not signal, `others` is how many tasks of others its limit counts, too.

    Raises:
        OSError: what this system has did not work.
    """
    _limit(plan["limits"], others)
    if sys.platform != "linux":
        return {}
    held = {"memory": "RLIMIT_DATA"}
    kernel.prctl(kernel.SET_DUMPABLE, 1)  # else its own files below /proc are not its own
    _offer_to_be_killed()
    kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()
    if "landlock" not in plan["without"] and landlock.version():
        readable = [path for path in (*_SYSTEM, *plan["readable"]) if not _holds(path, plan["hidden"])]
        held["files"] = f"Landlock {landlock.restrict(readable, plan['writable'], _DEVICES)}"
    if "seccomp" not in plan["without"] and seccomp.supported(os.uname().machine):
        with suppress(OSError):  # a kernel without
            seccomp.install(protected)
            held["network"] = "seccomp"
    return held


def _limit(limits: dict[str, Any], others: int) -> None:
    processors = os.cpu_count() or 1
    _at_most(resource.RLIMIT_CORE, 0)
    _at_most(resource.RLIMIT_FSIZE, limits["disk"])
    _at_most(resource.RLIMIT_NOFILE, _OPEN_FILES)
    # The clock is watched; this is for what escapes it.
    _at_most(resource.RLIMIT_CPU, int(limits["seconds"] * processors) + 60)
    # Not the address space: libraries reserve much more of it than they use.
    _at_most(resource.RLIMIT_DATA, limits["memory"])
    if sys.platform == "linux":  # elsewhere nobody counts the others
        _at_most(resource.RLIMIT_NPROC, limits["tasks"] + others)


def _at_most(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _offer_to_be_killed() -> None:
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(_MOST_LIKELY_KILLED)


def _holds(path: str, hidden: Sequence[str]) -> bool:
    """Whether something hidden lies at or below a path."""
    path = os.path.realpath(path)
    return any(each == path or each.startswith(path.rstrip("/") + "/") for each in hidden)

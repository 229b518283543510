"""The process between Snitch and a model: starts the model, watches what it takes, ends whatever it started.

It knows no secret and imports only Python's own library. On its input it is given a plan, a line of JSON; when that
input ends, so does the model. To the descriptor that the plan calls `report` it writes lines of JSON: `{"held": …}`
once the model has started, then `{"ended": WHY, "status": N}`, or `{"broken": WHY}`.

A plan: `command`, `variables`, `folder`, `readable`, `writable`, `hidden` (paths), `limits`, `without` (means that are
not to be used), `channels` (the model's descriptors), `asking` (the process that asks), `scratch`, `work`, `report`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from typing import Any

from snitch.evaluating import watching
from snitch.evaluating.launch import CHANNEL, Launched, launch
from snitch.evaluating.trees import remove_tree

#: Seconds between two looks at what the model takes.
_LOOK = 0.2
#: Looks between two countings of what lies on the disk.
_LOOKS_A_COUNT = 3


def main() -> None:
    plan = json.loads(_line(0))
    report = plan["report"]
    try:
        for descriptor in (report, *plan["channels"].values()):
            os.set_inheritable(descriptor, False)
        while os.open(os.devnull, os.O_RDONLY) < CHANNEL:
            pass  # so that none of the pipes below has the number of one of the model's
        launched = launch(plan)
        for descriptor in plan["channels"].values():
            os.close(descriptor)
        _tell(report, {"held": launched.held})
        why, status = _Watch(plan, launched).until_the_end()
        is_over = _end(launched)
        _tell(report, {"ended": why if is_over else "remains", "status": status})
    except Exception as error:
        watching.end_all(os.getpid())
        _tell(report, {"broken": f"{type(error).__name__}: {error}"})


def _line(descriptor: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        read = os.read(descriptor, 1 << 16)
        if not read:
            sys.exit(1)
        line += read
    return line


def _tell(report: int, message: dict[str, Any]) -> None:
    with suppress(OSError):  # whoever asked is gone
        os.write(report, json.dumps(message).encode("ascii") + b"\n")


class _Watch:
    """A model while it runs."""

    def __init__(self, plan: dict[str, Any], launched: Launched) -> None:
        self.plan, self.limits, self.launched = plan, plan["limits"], launched
        self.deadline = time.monotonic() + self.limits["seconds"]
        self.looks = 0
        self.woken, wake = os.pipe()
        for end in (self.woken, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def until_the_end(self) -> tuple[str, int | None]:
        """Why it ended, and the status that the system tells of it, where it ended by itself."""
        while True:
            over, status = self._is_over()
            if over:
                return "by itself", status
            why = self._too_much()
            if why:
                return why, None
            left = max(0.0, min(_LOOK, self.deadline - time.monotonic()))
            ready = select.select([0, self.woken], [], [], left)[0]
            if self.woken in ready:
                os.read(self.woken, 4096)
            if 0 in ready and not os.read(0, 1):
                # Nobody is there any more to put the folder away.
                _end(self.launched)
                remove_tree(self.plan["scratch"])
                return "stopped", None

    def _is_over(self) -> tuple[bool, int | None]:
        """Buries the dead; whether the model is among them."""
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == self.launched.child:
                    self.launched.is_buried = True
                    return True, self._told_status() if self.launched.is_apart else status
                if not pid:
                    return False, None
        return True, None

    def _told_status(self) -> int | None:
        assert self.launched.status is not None
        said = os.read(self.launched.status, 64)
        return int(said) if said else None

    def _too_much(self) -> str:
        if time.monotonic() >= self.deadline:
            return "time"
        self.looks += 1
        if (
            self.looks % _LOOKS_A_COUNT == 1
            and watching.disk(self.plan["work"], self.limits["disk"]) > self.limits["disk"]
        ):
            return "disk"
        pids = [pid for pid in watching.descendants(os.getpid()) if not self._is_ours(pid)]
        if watching.tasks(pids) > self.limits["tasks"]:
            return "tasks"
        return "memory" if watching.memory(pids, self.limits["memory"]) > self.limits["memory"] else ""

    def _is_ours(self, pid: int) -> bool:
        return self.launched.is_apart and pid == self.launched.child


def _end(launched: Launched) -> bool:
    """Ends the model and all that it started; whether nothing of it is left."""
    if not launched.is_buried:
        # The first of a namespace takes all others along. Elsewhere its group is all that is known of a process.
        with suppress(OSError):
            os.kill(launched.child, signal.SIGKILL) if launched.is_apart else os.killpg(launched.child, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(launched.child, 0)
        launched.is_buried = True
    return watching.end_all(os.getpid()) if sys.platform == "linux" else True

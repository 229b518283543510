"""From the keeper to the model: the processes between them, and what each tells."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from snitch.evaluating import kernel, namespaces, watching
from snitch.evaluating.confinement import Held, confine

#: What the model's process has open: nothing, output, errors, and where it tells how far it is.
INPUT, OUTPUT, ERRORS, CHANNEL = 0, 1, 2, 3


class Launched:
    """A model that runs: the child to wait for, whether it is the first of a namespace, and what held."""

    def __init__(self, child: int, is_apart: bool, held: Held, status: int | None) -> None:
        self.child, self.is_apart, self.held = child, is_apart, held
        self.is_buried = False
        #: Where the first of a namespace tells how the model ended.
        self.status = status


def launch(plan: dict[str, Any]) -> Launched:
    """Starts the model, kept apart as far as this system can.

    Raises:
        OSError: it could not be kept apart, or could not be started; why is the error's text.
    """
    held: Held = {"time": "the clock"}
    if sys.platform == "linux":
        entered = "" if "namespaces" in plan["without"] else namespaces.enter()
        kernel.prctl(kernel.SET_CHILD_SUBREAPER, 1)
        # What this process does is not the model's to look into or to change.
        kernel.prctl(kernel.SET_DUMPABLE, 0)
        held["processes"] = entered or "orphans are taken on"
    else:
        entered = ""
    ready, told = os.pipe()
    status, ended = os.pipe() if entered else (None, None)
    keeper = os.getpid()
    # In a namespace of a user's own, those outside of it do not count.
    plan["others"] = 2 if entered else watching.tasks_of_user()
    child = os.fork()
    if child == 0:
        try:
            _run(plan, told, ended, keeper)
        finally:
            os._exit(125)
    os.close(told)
    if ended is not None:
        os.close(ended)
    for kind, means in _heard(ready).items():
        held[kind] = f"{entered}, {means}" if kind == "network" and entered else means
    if entered:
        held.setdefault("network", entered)
    return Launched(child, bool(entered), held, status)


def _heard(ready: int) -> Held:
    """What the model's process says before it becomes the model, and that it could not."""
    with os.fdopen(ready, "rb") as pipe:
        said = [json.loads(line) for line in pipe] or [{"broken": "it ended at once"}]
    if "broken" in said[-1]:
        raise OSError(said[-1]["broken"])
    held: Held = said[-1]
    return held


def _run(plan: dict[str, Any], told: int, ended: int | None, keeper: int) -> None:
    """The child: becomes the model, or the first process of a namespace, whose child does."""
    if ended is None:
        _become(plan, told, keeper, (keeper, os.getppid(), plan["asking"]))
        return
    _die_with(0)
    model = os.fork()
    if model == 0:
        try:
            _become(plan, told, 1, (1,))
        finally:
            os._exit(125)
    os.close(told)
    for channel in plan["channels"].values():
        os.close(channel)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == model:
            os.write(ended, str(status).encode("ascii"))
            return


def _become(plan: dict[str, Any], told: int, parent: int, protected: tuple[int, ...]) -> None:
    """Gives everything up and becomes the model; returns where it could not."""
    try:
        os.setsid()
        _die_with(parent)
        os.chdir(plan["folder"])
        channels = {INPUT: os.open(os.devnull, os.O_RDWR), **{int(at): each for at, each in plan["channels"].items()}}
        for target, source in channels.items():
            os.dup2(source, target)
            os.set_inheritable(target, True)
        held = confine(plan, protected, plan["others"])
        os.write(told, json.dumps(held).encode("ascii") + b"\n")
        for number in (signal.SIGINT, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.execve(plan["command"][0], plan["command"], plan["variables"])
    except OSError as error:
        os.write(told, json.dumps({"broken": str(error)}).encode("ascii") + b"\n")


def _die_with(parent: int) -> None:
    if sys.platform != "linux":
        return
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it is dead already
        os._exit(125)

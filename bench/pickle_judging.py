"""One scanner over many files, each in a process of its own that was forked after the scanner was imported.

`python pickle_judging.py TOOL SECONDS < PATHS` prints a line of JSON a file: its path, the exit code of the tool's own
command (None where it was stopped), what it printed in the end, the seconds that it took and the most bytes it held.
It imports nothing of this project's but the scanner, so that it runs in the peers' environment.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

Judge = Callable[[str], Any]


def picklescan(path: str) -> Any:
    sys.argv = ["picklescan", "-p", path]
    return import_module("picklescan.cli").main()


def strict(path: str) -> Any:
    sys.argv = ["picklescan", "--strict", "-p", path]
    return import_module("picklescan.cli").main()


def modelscan(path: str) -> Any:
    return import_module("modelscan.cli").cli.main(["scan", "-p", path], standalone_mode=False)


def fickling(path: str) -> Any:
    return import_module("fickling.cli").main(["fickling", "--check-safety", "--json-output", os.devnull, path])


def snitch(path: str) -> Any:
    told = import_module("snitch.pickles.files").judge_file(path)
    print(*told, sep="\n")
    found = any(reason.endswith("which no honest model needs") for reason in told)
    return 1 if found else 2 if told else 0


TOOLS: dict[str, Judge] = {
    "snitch": snitch,
    "picklescan": picklescan,
    "picklescan --strict": strict,
    "modelscan": modelscan,
    "fickling": fickling,
}


def judged(judge: Judge, path: str, seconds: int) -> dict[str, Any]:
    """What the tool makes of one file, in a process of its own."""
    with tempfile.TemporaryFile() as told:
        start = time.perf_counter()
        child = os.fork()
        if child == 0:
            _judge(judge, path, seconds, told.fileno())
        _, status, usage = os.wait4(child, 0)
        took = time.perf_counter() - start
        told.seek(0)
        code = os.waitstatus_to_exitcode(status)
        words = told.read()[-400:].decode("utf-8", "replace")
    held = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"path": path, "code": code if code >= 0 else None, "told": words, "seconds": took, "bytes": held}


def _judge(judge: Judge, path: str, seconds: int, told: int) -> None:
    os.dup2(told, 1)
    os.dup2(told, 2)
    signal.alarm(seconds)
    try:
        code = int(judge(path) or 0)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}")
        code = 99
    sys.stdout.flush()
    os._exit(code)


def _warm_up(judge: Judge) -> None:
    """Imports what the tool needs, so that the forks have it."""
    aside, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    with tempfile.NamedTemporaryFile(suffix=".pkl") as file:
        file.write(b"\x80\x04N.")
        file.flush()
        os.dup2(nowhere, 1)
        try:
            judge(file.name)
        finally:
            sys.stdout.flush()
            os.dup2(aside, 1)


def main() -> None:
    judge, seconds = TOOLS[sys.argv[1]], int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _warm_up(judge)
    for line in sys.stdin:
        print(json.dumps(judged(judge, line.rstrip("\n"), seconds)), flush=True)


if __name__ == "__main__":
    main()

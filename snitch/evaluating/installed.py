"""What is installed where a model runs, asked before any model is loaded: name -> version."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from msgspec import DecodeError, ValidationError
from msgspec.json import decode
from msgspec.structs import replace

from snitch.escape import for_terminal
from snitch.evaluating.interpreter import NAME_ANOTHER, Environment, Failed, interpreter
from snitch.evaluating.running import Heard, run
from snitch.evaluating.scratch import Scratch
from snitch.evaluating.variables import variables

_LIMITS = {"seconds": 60, "memory": 2 << 30, "disk": 64 << 20, "answers": 16 << 20, "tasks": 64}
_OUT = "packages.json"
#: Runs under Python 3.9, too. What is installed twice counts as the import system finds it: first.
_QUESTION = """
import importlib.metadata, json, re, sys
packages = {}
for found in importlib.metadata.distributions():
    name = found.metadata["Name"]
    if name and found.version:
        packages.setdefault(re.sub("[-_.]+", "-", name).lower(), found.version)
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(dict(sorted(packages.items())), file)
"""


def environment_of(python: str, *, without: Collection[str] = ()) -> Environment:
    """Asks an interpreter what it is and what is installed there.

    It is asked as models are run, apart: what is installed may run code whenever the interpreter starts.

    Raises:
        Failed: it cannot be run, or is no Python 3.9 or newer.
    """
    found = interpreter(python)
    scratch = Scratch()
    try:
        run(_plan(found, scratch, without), Heard(0, None))
        packages = decode(scratch.take(_OUT, _LIMITS["answers"]), type=dict[str, str])
    except (Failed, DecodeError, ValidationError) as error:
        raise Failed(f"{for_terminal(python)} cannot run a model: {for_terminal(str(error))}", NAME_ANOTHER) from None
    finally:
        scratch.remove()
    return replace(found, packages=packages)


def _plan(found: Environment, scratch: Scratch, without: Collection[str]) -> dict[str, Any]:
    return {
        "command": [found.executable, "-s", "-c", _QUESTION, f"{scratch.work}/{_OUT}"],
        "variables": variables(scratch.work, found.executable),
        "folder": scratch.work,
        "readable": found.files,
        "writable": [scratch.work],
        "hidden": [],
        "limits": _LIMITS,
        "without": list(without),
        "scratch": scratch.path,
        "work": scratch.work,
    }

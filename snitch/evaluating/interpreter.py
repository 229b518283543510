"""The Python that runs a model: which it is and what is installed there, asked before any model is loaded."""

from __future__ import annotations

import os
import shutil
import subprocess

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import decode

from snitch.escape import for_terminal

_SECONDS = 60
_LARGEST = 16 << 20
#: Runs under Python 3.9, too. What is installed twice counts as the import system finds it: first.
_QUESTION = """
import importlib.metadata, json, platform, sys
packages = {}
for found in importlib.metadata.distributions():
    name = found.metadata["Name"]
    if name and found.version:
        packages.setdefault(name.lower().replace("_", "-").replace(".", "-"), found.version)
print(json.dumps({
    "python": platform.python_version(),
    "packages": dict(sorted(packages.items())),
    "executable": sys.executable,
    "prefixes": sorted({sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}),
    "path": [each for each in sys.path if each],
}))
"""


class Failed(Exception):
    """A model gave no answers, or none that can be used; and why, as a sentence that is safe to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Environment(Struct, frozen=True):
    """An interpreter, what is installed there (normalized name -> version), and where it keeps that."""

    python: str
    packages: dict[str, str]
    executable: str
    prefixes: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


def environment_of(python: str) -> Environment:
    """Asks an interpreter what it is; no model is loaded.

    Raises:
        Failed: it cannot be run, or is no Python 3.9 or newer.
    """
    try:
        done = subprocess.run(
            [shutil.which(python) or python, "-I", "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=bare_environment(),
            check=False,
        )
    except OSError as error:
        raise Failed(f"the interpreter {for_terminal(python)} cannot be run: {error.strerror or error}") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"the interpreter {for_terminal(python)} did not answer within {_SECONDS} s") from None
    # Start-up files of an environment may print: the answer is the last line.
    last = done.stdout[-_LARGEST:].strip().splitlines()[-1:]
    try:
        return decode(b"".join(last) if done.returncode == 0 else b"", type=Environment)
    except (DecodeError, ValidationError):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise Failed(f"{for_terminal(python)} cannot run a model: {for_terminal(said[0][:300])}") from None


def bare_environment() -> dict[str, str]:
    """What a child is told of this process's variables: no token, no secret, no path, no proxy."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

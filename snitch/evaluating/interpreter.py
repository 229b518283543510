"""The Python that runs a model: where it is, and what is installed there."""

from __future__ import annotations

import os
import shutil
import subprocess

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import decode

from snitch.escape import for_terminal
from snitch.evaluating.variables import bare_environment

_SECONDS = 60
#: Runs under Python 3.9, too.
_QUESTION = """
import json, sys
print(json.dumps({
    "python": sys.version.split()[0],
    "executable": sys.executable,
    "prefixes": sorted({sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}),
}))
"""


NAME_ANOTHER = "name one of Python 3.9 or newer by `--python PATH`, or have one made by `--install`"


class Failed(Exception):
    """A model gave no answers, or none to use; why, and what would mend it, in words that are safe to show."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason, help)
        self.reason = reason
        self.help = help

    def __str__(self) -> str:
        return self.reason


class Environment(Struct, frozen=True):
    """An interpreter, and what is installed there: normalized name -> version."""

    python: str
    packages: dict[str, str] = {}
    executable: str = ""
    prefixes: tuple[str, ...] = ()
    #: Made of wheels, which are somebody else's: it is started only apart, and asked nothing.
    is_made: bool = False

    @property
    def files(self) -> list[str]:
        """What it reads of its own: not its whole prefix, which may be a folder with all sorts of things.

        Nor what its path names beside that: a package that is installed may have added any folder.
        """
        places = {*self.prefixes, os.path.dirname(os.path.dirname(self.executable))}
        found = {os.path.join(place, name) for place in places for name in _OF_PREFIX}
        found |= set(filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)))
        return sorted({*found, self.executable, os.path.realpath(self.executable)})


_OF_PREFIX = ("bin", "lib", "lib64", "share", "ssl", "pyvenv.cfg")


def interpreter(python: str) -> Environment:
    """Where an interpreter is, which is asked of itself: it is started as it is, not apart.

    No package is looked at then, but whoever could write beside it may have put another program in its place: so it has
    to be this machine's own.

    Raises:
        Failed: it cannot be run, or is no Python.
    """
    try:
        done = subprocess.run(
            [shutil.which(python) or python, "-I", "-S", "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=bare_environment(),
            check=False,
        )
    except OSError as error:
        raise Failed(
            f"the interpreter {for_terminal(python)} cannot be run: {error.strerror or error}", NAME_ANOTHER
        ) from None
    except subprocess.TimeoutExpired:
        raise Failed(
            f"the interpreter {for_terminal(python)} did not answer within {_SECONDS} s", NAME_ANOTHER
        ) from None
    try:
        return decode(done.stdout if done.returncode == 0 else b"", type=Environment)
    except (DecodeError, ValidationError):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise Failed(
            f"{for_terminal(python)} cannot run a model: {for_terminal(said[0][:300])}", NAME_ANOTHER
        ) from None

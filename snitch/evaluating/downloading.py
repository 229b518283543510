"""Wheels, brought by pip: it chooses and downloads, and installs nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import NamedTuple

from snitch.escape import for_terminal
from snitch.evaluating.interpreter import Failed

_SECONDS = 1800
#: pip, which starts no program: not even what a wheel asks for by an address can be built, nor fetched by a command.
_PIP = """
import runpy, sys
STARTS = ("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "pty.spawn")
def refuse(event, _):
    if event.startswith(STARTS):
        raise PermissionError("it takes another program, and wheels take none")
sys.addaudithook(refuse)
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


class Wanted(NamedTuple):
    """What pip is asked for, a requirement a line; and what binds the versions of that alone."""

    requirements: str
    constraints: str = ""


class Downloader:
    """A pip of its own, made in `folder` when it is first needed; no wheel is ever put beside it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._is_made = False

    def download(self, wanted: Wanted, folder: str) -> list[str]:
        """The wheels of requirements and of what these require, brought to a folder that is made.

        Raises:
            Failed: there are none, or what there is is no wheel.
        """
        if not self._is_made:
            make_environment(self._folder, with_pip=True)
            self._is_made = True
        os.mkdir(folder)
        asked, bound = (os.path.join(self._folder, f"{name}.txt") for name in wanted._fields)
        for path, lines in ((asked, wanted.requirements), (bound, wanted.constraints)):
            with open(path, "w", encoding="utf-8") as file:
                file.write(lines)
        command = [os.path.join(self._folder, "bin", "python"), "-I", "-c", _PIP, "download", "--quiet"]
        command += ["--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]
        command += ["--dest", folder, "--requirement", asked, "--constraint", bound]
        _run(command, "what its requirements pin cannot be installed from wheels", self._folder)
        found = sorted(os.listdir(folder))
        for name in found:
            if not name.endswith(".whl"):
                raise Failed(f"what its requirements pin needs {for_terminal(name)}, which is no wheel")
        return [os.path.join(folder, name) for name in found]


def make_environment(folder: str, *, with_pip: bool = False) -> None:
    """Makes an environment of this interpreter with nothing in it.

    Raises:
        Failed: it cannot be made.
    """
    command = [sys.executable, "-I", "-m", "venv", *([] if with_pip else ["--without-pip"]), folder]
    _run(command, "no environment can be made", os.path.sep)


def _run(command: list[str], what: str, folder: str) -> None:
    """Runs a program in a folder where nobody else's files lie; interrupted, nothing of it is left.

    Raises:
        Failed: it does not end well.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
    ) as process:
        try:
            said = process.communicate(timeout=_SECONDS)[1]
        except BaseException as error:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise Failed(f"{what}: it took longer than {_SECONDS} s") from None
            raise
    if process.returncode:
        last = (said.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
        raise Failed(f"{what}: {for_terminal(last[:300])}")

"""Interpreters that run models: one for all, or one for each set of requirements, made of wheels alone."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from snitch.escape import for_terminal
from snitch.evaluating.model_process import Environment, Failed, environment_of
from snitch.finding import Undecidable
from snitch.model import Model

if TYPE_CHECKING:
    from snitch.dependencies import Requirement

#: What a model in a native format is given its examples by, whatever it needs itself.
_READERS = ("pandas", "pyarrow")
_SECONDS = 1800


class OneForAll:
    """The interpreter that somebody named."""

    def __init__(self, python: str) -> None:
        """Asks it what it is.

        Raises:
            Failed: it cannot be run.
        """
        self._environment = environment_of(python)

    def of(self, model: Model) -> Environment:
        return self._environment


class Installed:
    """An interpreter for each set of requirements, made when it is first asked for, below `folder`.

    Nothing of a package runs while it is installed: of one that is no wheel nothing is. Of a file of requirements only
    names, versions and markers are handed on, so that no option or address in it counts.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._made: dict[str, Environment | Undecidable] = {}

    def of(self, model: Model) -> Environment:
        """Raises:
        Broken: the file of the requirements is not there.
        Undecidable: it says what cannot be installed, or its packages cannot be.
        """
        lines = _lines(model)
        if lines not in self._made:
            try:
                self._made[lines] = self._make(lines, os.path.join(self._folder, f"python-{len(self._made)}"))
            except Failed as error:
                self._made[lines] = Undecidable(f"{model.path}: {error.reason}", path=model.path)
        made = self._made[lines]
        if isinstance(made, Undecidable):
            raise made.with_traceback(None)
        return made

    def _make(self, lines: str, folder: str) -> Environment:
        """Raises:
        Failed: it cannot be made.
        """
        _run([sys.executable, "-I", "-m", "venv", folder], "no environment can be made")
        python, wanted = os.path.join(folder, "bin", "python"), os.path.join(folder, "requirements.txt")
        with open(wanted, "w", encoding="utf-8") as file:
            file.write(lines)
        command = [python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        command += ["--only-binary", ":all:", "--requirement", wanted]
        _run(command, "what its requirements pin cannot be installed from wheels")
        return environment_of(python)


def _lines(model: Model) -> str:
    """What pip is told to install.

    Raises:
        Broken: the file is not there.
        Undecidable: it is not understood, or gets code from elsewhere.
    """
    declared = model.dependencies
    for problem in declared.problems if declared is not None else ():
        raise Undecidable(f"{problem.path}:{problem.line}: {problem.message}", path=problem.path, help=problem.help)
    asked = [_line(each) for each in (*declared.requirements, *declared.constraints)] if declared is not None else []
    return "".join(f"{line}\n" for line in (*asked, *_READERS))


def _line(requirement: Requirement) -> str:
    extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras}{requirement.specifier}{marker}"


def _run(command: list[str], what: str) -> None:
    """Raises:
    Failed: it does not end well.
    """
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{what}: it took longer than {_SECONDS} s") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Failed(f"{what}: {for_terminal(last[:300])}")

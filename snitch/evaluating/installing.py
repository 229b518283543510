"""Interpreters that run models: one for all, or one for each set of requirements, made of wheels alone."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from snitch.evaluating.downloading import Downloader, Wanted, make_environment
from snitch.evaluating.interpreter import interpreter
from snitch.evaluating.model_process import Environment, Failed, environment_of
from snitch.evaluating.trees import remove_tree
from snitch.evaluating.wheels import Place, unpack
from snitch.finding import Undecidable
from snitch.model import Model

if TYPE_CHECKING:
    from snitch.dependencies import Requirement

#: What a model in a native format is given its examples by, whatever it needs itself.
_BRING_ONE = "pin what has wheels for this Python, or name an interpreter that has it all: `--python PATH`"
_READERS = ("pandas", "pyarrow")


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

    Of a file of requirements only names, versions and markers are handed on, so that no option or address in it counts.
    Nothing of a package runs while it is installed: pip only downloads, wheels alone, and they are unpacked here. The
    interpreter is asked what it is while it is empty; once wheels lie beside it, it is started only apart, as models
    are, since they may run code whenever it starts.
    """

    def __init__(self, folder: str, downloader: Downloader | None = None) -> None:
        self._folder = folder
        self._downloader = downloader or Downloader(os.path.join(folder, "pip"))
        self._made: dict[Wanted, Environment | Undecidable] = {}

    def of(self, model: Model) -> Environment:
        """Raises:
        Broken: the file of the requirements is not there.
        Undecidable: it says what cannot be installed, or its packages cannot be.
        """
        wanted = _wanted(model)
        if wanted not in self._made:
            try:
                self._made[wanted] = self._make(wanted, os.path.join(self._folder, f"python-{len(self._made)}"))
            except Failed as error:
                self._made[wanted] = Undecidable(
                    f"{model.path}: {error.reason}", path=model.path, help=error.help or _BRING_ONE
                )
        made = self._made[wanted]
        if isinstance(made, Undecidable):
            raise made.with_traceback(None)
        return made

    def _make(self, wanted: Wanted, folder: str) -> Environment:
        """Raises:
        Failed: it cannot be made.
        """
        downloads = f"{folder}-wheels"
        try:
            wheels = self._downloader.download(wanted, downloads)
            make_environment(folder)
            empty = interpreter(os.path.join(folder, "bin", "python"))
            packages = unpack(wheels, Place(folder, _modules(folder)))
        finally:
            remove_tree(downloads)
        return replace(empty, packages=packages, is_made=True)


def _modules(folder: str) -> str:
    """Where an environment's modules lie.

    Raises:
        Failed: nobody can tell.
    """
    found = glob.glob(os.path.join(glob.escape(folder), "lib", "*", "site-packages"))
    if len(found) != 1:
        raise Failed("no environment can be made: it has no place for modules")
    return found[0]


def _wanted(model: Model) -> Wanted:
    """What pip is told to install.

    Raises:
        Broken: the file is not there.
        Undecidable: it is not understood, or gets code from elsewhere.
    """
    declared = model.dependencies
    if declared is None:
        return Wanted(_lines(_READERS))
    for problem in declared.problems:
        raise Undecidable(f"{problem.path}:{problem.line}: {problem.message}", path=problem.path, help=problem.help)
    asked = (_line(each, f"[{','.join(each.extras)}]" if each.extras else "") for each in declared.requirements)
    # pip takes no extras in a constraint.
    return Wanted(_lines((*asked, *_READERS)), _lines(_line(each) for each in declared.constraints))


def _lines(each: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in each)


def _line(requirement: Requirement, extras: str = "") -> str:
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras}{requirement.specifier}{marker}"

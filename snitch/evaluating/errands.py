"""Models asked elsewhere: what is asked travels with the files that it takes, and the answers come back.

Whatever engine runs them, models are kept apart there as they are here, by the machine that runs them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct
from msgspec.structs import replace

from snitch.escape import for_terminal
from snitch.evaluating.answering import Means, examples_of, question, request_of
from snitch.evaluating.laying_out import laid_out
from snitch.evaluating.model_process import Answers, Environment, Failed, Limits, Request, answer, environment_of
from snitch.evaluating.subjects import Subject
from snitch.evaluating.trees import remove_tree
from snitch.evaluating.versions import versions_of
from snitch.finding import Undecidable
from snitch.git.disk import inside
from snitch.measuring.engine import each
from snitch.measuring.tables import Unusable

#: How many models are asked at once: their weights are in memory meanwhile.
WAVE = 32


class Errand(Struct, frozen=True, kw_only=True):
    """A request with the content of its files, for a machine that has none of them.

    `python` is the interpreter there; None: the one that works there. `packages` are the versions that it has to have.
    `made` is one that was made here of wheels: as it is known, for it must not be asked.
    """

    request: Request
    weights: dict[str, bytes]
    files: dict[str, bytes] | None
    limits: Limits
    python: str | None
    packages: dict[str, str]
    made: Environment | None = None
    #: On this machine, where temporary files go: whoever asked removes it, though who worked was killed.
    folder: str | None = None


def errand_of(subject: Subject, means: Means) -> Errand:
    """What has to travel to have a model answer a benchmark.

    Raises:
        Broken, Undecidable: a file is not there, cannot be had, or may run code when it is loaded.
    """
    model, environment = subject.model, means.environment
    try:
        asked = question(subject, examples_of(subject.benchmark, means.bringing))
    except Unusable as error:
        raise Undecidable(f"{model.path}: {error.reason}", path=model.path, help=error.help) from None
    with laid_out(model, means.bringing, means.allow) as (folder, weights):
        return Errand(
            request=request_of(model, asked, means, None, {}),
            weights={name: _content(path) for name, path in weights.items()},
            files=None if folder is None else _contents(folder),
            limits=means.limits,
            python=None if environment.executable == sys.executable else environment.executable,
            packages={
                name: environment.packages[name]
                for name in versions_of(model, environment).packages
                if name in environment.packages
            },
            made=environment if environment.is_made else None,
        )


def asked_ahead(
    asked: Iterable[tuple[Subject, Means]], *, is_here: bool = False
) -> dict[tuple[str, str], Answers | Failed]:
    """Has models answer on whatever engine runs: what came of each, by the paths of manifest and benchmark.

    A model that cannot be asked is left out: whoever asks it here learns why. With `is_here` the engine works on this
    machine, and whatever its processes leave when they are killed is removed.

    Raises:
        NoEngine: the engine was lost.
    """
    errands: dict[tuple[str, str], Errand] = {}
    for subject, means in asked:
        with suppress(Exception):  # whatever it is, it happens again where it is told
            errands[subject.model.path, subject.benchmark.path] = errand_of(subject, means)
    if not is_here:
        return dict(zip(errands, each(run, errands.values()), strict=True))
    folder = tempfile.mkdtemp(prefix="snitch-")
    try:
        return dict(zip(errands, each(run, (replace(one, folder=folder) for one in errands.values())), strict=True))
    finally:
        remove_tree(folder)


def run(errand: Errand) -> Answers | Failed:
    """Has a model answer on the machine that this is called on."""
    try:
        with _temporary_files_in(errand.folder):
            return _run(errand)
    except Failed as failure:
        return failure
    except Exception as error:
        # Else it would end the other models' errands, too.
        return Failed(f"a fault of Snitch's own, on the worker: {for_terminal(f'{type(error).__name__}: {error}')}")


def _run(errand: Errand) -> Answers:
    if errand.made is not None and not os.path.exists(errand.made.executable):
        raise Failed("the interpreter that was made of its requirements is not on the worker's machine")
    environment = errand.made or environment_of(errand.python or sys.executable)
    for name, version in errand.packages.items():
        if environment.packages.get(name) != version:
            there = environment.packages.get(name, "none")
            raise Failed(
                f"the worker has {name} {there}; here it is {version}",
                "give the workers the environment that runs `snitch`",
            )
    with tempfile.TemporaryDirectory(prefix="snitch-") as folder:
        request = _unpacked(errand, folder)
        return answer(request, python=environment.executable, limits=errand.limits, environment=environment)


@contextmanager
def _temporary_files_in(folder: str | None) -> Iterator[None]:
    """Of a process that works at one task at a time."""
    before = tempfile.tempdir
    tempfile.tempdir = folder or before
    try:
        yield
    finally:
        tempfile.tempdir = before


def _unpacked(errand: Errand, folder: str) -> Request:
    """The request, with its files in a folder."""
    weights = {}
    for number, (name, content) in enumerate(errand.weights.items()):
        # By its ending a loader tells the format.
        path = os.path.join(folder, f"{number}{os.path.splitext(name)[1]}")
        _write(path, content)
        weights[name] = path
    if errand.files is None:
        return replace(errand.request, weights=weights)
    home = os.path.join(folder, "model")
    os.mkdir(home)
    for name, content in errand.files.items():
        _write(os.fsdecode(inside(home, name)), content)
    return replace(errand.request, weights=weights, folder=home)


def _write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def _contents(folder: str) -> dict[str, bytes]:
    """Every file below a folder, by its path from there."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(top, name)
            found[os.path.relpath(path, folder)] = _content(path)
    return found


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()

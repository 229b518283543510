"""A model's files as a model's process is given them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from snitch.evaluating.bringing import Bringing
from snitch.finding import Undecidable
from snitch.git.disk import inside
from snitch.model import Model
from snitch.model_files import answering_files
from snitch.pickles.files import judge_file


def harmless_weights(model: Model, bringing: Bringing, allow: tuple[str, ...]) -> dict[str, str]:
    """The weights that the manifest names, on this disk, once it is certain that loading them runs no code.

    Raises:
        Broken: one is not there.
        Undecidable: one cannot be had, or is not certain to be harmless.
    """
    from snitch.pickles.source import Limits as Allowed

    trusted = frozenset((module, name) for module, _, name in (each.rpartition(".") for each in allow))
    found = {}
    for weights in model.weights:
        path = bringing.on_disk(model.repository, weights.path)
        reasons = judge_file(path, name=weights.path, limits=Allowed(trusted=trusted))
        if reasons:
            help_text = "`snitch explain SAF001` says what may be loaded, and how the policy allows a class of your own"
            raise Undecidable(f"{weights.path} is not loaded: {reasons[0]}", path=weights.path, help=help_text)
        found[weights.name] = path
    return found


@contextmanager
def laid_out(model: Model, bringing: Bringing, allow: tuple[str, ...]) -> Iterator[tuple[str | None, dict[str, str]]]:
    """A folder of the model's files, where the manifest has a command of its own to predict; and the weights.

    Raises:
        Broken, Undecidable: as `harmless_weights`.
    """
    weights = harmless_weights(model, bringing, allow)
    if not model.manifest.predict:
        yield None, weights
        return
    with tempfile.TemporaryDirectory(prefix="snitch-") as folder:
        cases = model.manifest.cases
        for path in answering_files(model):
            if cases is None or path != model.resolve(cases):  # which hold what it is to answer
                _write(folder, model.name_of(path), model, path)
        for name, held in weights.items():
            target = os.fsdecode(inside(folder, os.path.normpath(name)))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(held, target)
        yield folder, weights


def _write(folder: str, name: str, model: Model, path: str) -> None:
    """One file of the model's as Git has it; a link is left out."""
    snapshot = model.repository.snapshot
    if not snapshot.entries[path].is_file:
        return
    target = inside(folder, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(snapshot[path])

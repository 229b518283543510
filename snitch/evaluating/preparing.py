"""What a model's process is started with: its files, its command, its variables."""

from __future__ import annotations

import json
import os
import shutil
from importlib.resources import files
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.escape import for_terminal
from snitch.evaluating.interpreter import Environment, Failed
from snitch.evaluating.launch import CHANNEL
from snitch.evaluating.scratch import Scratch
from snitch.evaluating.variables import variables
from snitch.measuring.features import write_features
from snitch.pickles.allowlist import PAIRS

if TYPE_CHECKING:
    from snitch.evaluating.model_process import Request

_PYTHONS = frozenset(("python", "python3"))
#: Finds the predictor and nothing else of its folder; where a model runs is never searched for modules.
_START = "import sys; sys.path[:1] = [sys.argv.pop(1)]; from predictor.main import main; sys.exit(main(*sys.argv[1:]))"


class Started(Struct, frozen=True):
    """A command, where it runs, its variables, what it reads of its own, and the file of answers in `work/`."""

    command: list[str]
    folder: str
    variables: dict[str, str]
    readable: list[str]
    answers: str


def prepare(request: Request, scratch: Scratch, environment: Environment) -> Started:
    """Lays out what the model is given.

    Raises:
        Failed: the manifest's command has no place for the answers, or there is not one weights file to load.
    """
    told = variables(scratch.work, environment.executable)
    if request.predict:
        return _command(request, scratch, environment, told)
    if len(request.weights) != 1:
        raise Failed(f"the model has {len(request.weights)} weights files: have the manifest's `predict` load them")
    ((name, path),) = request.weights.items()
    weights = os.path.realpath(path)
    asked = _write_request(request, name, weights, scratch)
    program = os.path.join(scratch.given, "program")
    _copy_predictor(os.path.join(program, "predictor"))
    command = [environment.executable, "-s", "-c", _START, program, asked, str(CHANNEL)]
    return Started(command, scratch.work, told, [*environment.files, weights], "answers.parquet")


def _write_request(request: Request, name: str, weights: str, scratch: Scratch) -> str:
    features, path = (os.path.join(scratch.given, each) for each in ("features.parquet", "request.json"))
    write_features(request.features, features)
    asked = {
        "features": features,
        "answers": os.path.join(scratch.work, "answers.parquet"),
        "weights": weights,
        "name": name,
        "id": request.id,
        "task": request.task,
        "positive": request.positive,
        "labels": request.labels,
        "columns": request.columns,
        "targets": request.targets,
        "trusted": _trusted(request),
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(asked, file)
    return path


def _trusted(request: Request) -> list[str]:
    """What a file of skops may hold beside what skops trusts itself: what a pickle may import."""
    return sorted({*request.trusted, *(f"{module}.{name}" for module, name in PAIRS)})


def _copy_predictor(folder: str) -> None:
    os.makedirs(folder)
    for module in files("snitch.evaluating.predictor").iterdir():
        if module.name.endswith(".py"):
            with open(os.path.join(folder, module.name), "wb") as file:
                file.write(module.read_bytes())


def _command(request: Request, scratch: Scratch, environment: Environment, variables: dict[str, str]) -> Started:
    """The manifest's own command. `{data}` and `{out}` are Parquet, `{data}.csv` and `{out}.csv` are CSV."""
    folder, out, command = request.folder or scratch.work, None, []
    for argument in request.predict:
        for ending in (".csv", ""):
            if f"{{data}}{ending}" in argument:
                path = os.path.join(scratch.given, f"features{ending or '.parquet'}")
                if not os.path.exists(path):
                    write_features(request.features, path)
                argument = argument.replace(f"{{data}}{ending}", path)
            if f"{{out}}{ending}" in argument:
                out = f"answers{ending or '.parquet'}"
                argument = argument.replace(f"{{out}}{ending}", os.path.join(scratch.work, out))
        command.append(argument)
    if out is None:
        raise Failed("the manifest's `predict` does not say where the answers go: write `{out}`")
    command[0] = _program(command[0], folder, environment, variables["PATH"])
    folder = os.path.realpath(folder)
    return Started(command, folder, variables, [*environment.files, folder], out)


def _program(name: str, folder: str, environment: Environment, path: str) -> str:
    if name in _PYTHONS:
        return environment.executable
    found = os.path.join(folder, name) if "/" in name else shutil.which(name, path=path)
    if found is None or not os.path.isfile(found):
        said = f"the manifest's `predict` runs `{for_terminal(name)}`, which is not here"
        raise Failed(said, "install it here, or put it into the model's folder")
    return os.path.abspath(found)

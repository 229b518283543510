"""A model's answers, from a process of its own.

    answer(request: Request, *, python: str, limits: Limits = Limits(), progress: Callable[[int], None] | None = None,
           environment: Environment | None = None, without: Collection[Means] = ()) -> Answers
                                                                        raises Failed(reason)
    environment_of(python: str) -> Environment                          raises Failed(reason)

`Request.features` is a frame of the id and the columns that the model may see, in the order in which native formats
answer; it holds no label. `Answers.content` is the bytes of a Parquet or CSV file named `Answers.name`, as a model
wrote it: hostile, to be read by `snitch.measuring.tables` within bounds. `Answers.has_ids` says whether it holds the
column of ids (a manifest's `predict` writes it) or has one row an example in the order of the features.

Loading pickles is left to the model's process, but whoever asks for it has judged them (SAF001) before.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict

from snitch.evaluating.installed import environment_of
from snitch.evaluating.interpreter import Environment, Failed
from snitch.evaluating.isolation import Isolation
from snitch.evaluating.preparing import Started, prepare
from snitch.evaluating.running import Heard, run
from snitch.evaluating.scratch import Scratch

__all__ = ["Answers", "Environment", "Failed", "Isolation", "Limits", "Request", "answer", "environment_of"]


#: Ways to keep a model apart: the kernel may have them, or not.
Means = Literal["namespaces", "seccomp", "landlock"]


class Limits(Struct, frozen=True):
    """What a model may take: seconds by the clock; bytes of memory, of what it writes, of its answers; tasks."""

    seconds: float = 600.0
    memory: int = 8 << 30
    disk: int = 4 << 30
    answers: int = 1 << 30
    #: Processes and threads at once.
    tasks: int = 256


class Request(Struct, frozen=True, kw_only=True):
    """What a model is asked."""

    #: A frame: the id and what the model may see of each example.
    features: Any
    #: The column of ids, of which a model in a native format sees nothing.
    id: str
    task: str
    #: The manifest's names of weights, and the files on this disk that hold them.
    weights: Mapping[str, str] = {}
    #: The signature's inputs; empty: every column but the id.
    columns: tuple[str, ...] = ()
    #: Of a binary classification: the positive label as text.
    positive: str | None = None
    #: Of a classification: what its classes are called, as text and in no example's order; empty where nobody knows.
    labels: tuple[str, ...] = ()
    #: The labels' columns, which the features do not hold.
    targets: tuple[str, ...] = ()
    #: Types that skops may make beside those it trusts itself and those that a pickle may import: `module.name`.
    trusted: tuple[str, ...] = ()
    #: The manifest's `predict`; empty: the weights are loaded by their format.
    predict: tuple[str, ...] = ()
    #: Where `predict` runs: the model's files, of which nothing is written back.
    folder: str | None = None
    #: Folders out of which nothing may be read, such as the repository.
    hidden: tuple[str, ...] = ()


class Answers(Struct, frozen=True):
    """What a model answered, and how it was run."""

    content: bytes
    name: str
    has_ids: bool
    isolation: Isolation
    environment: Environment
    #: By the clock, start to end.
    seconds: float


def answer(
    request: Request,
    *,
    python: str,
    limits: Limits | None = None,
    progress: Callable[[int], None] | None = None,
    environment: Environment | None = None,
    without: Collection[Means] = (),
) -> Answers:
    """Has a model answer in a process of its own; `progress` is told how many rows are answered.

    `environment` is that of `python` where it is known. `without` names means of isolation that are not to be used.

    Raises:
        Failed: it cannot be loaded, crashed, took too much, or wrote no answers.
    """
    _refuse_labels(request)
    limits = limits or Limits()
    environment = environment or environment_of(python)
    scratch = Scratch()
    try:
        started = prepare(request, scratch, environment)
        heard = Heard(len(request.features), progress)
        begun = time.monotonic()
        isolation = run(_plan(started, request, scratch, limits, without), heard)
        seconds = time.monotonic() - begun
        content = scratch.take(started.answers, limits.answers)
    finally:
        scratch.remove()
    return Answers(content, started.answers, bool(request.predict), isolation, environment, seconds)


def _plan(
    started: Started, request: Request, scratch: Scratch, limits: Limits, without: Collection[Means]
) -> dict[str, Any]:
    return {
        "command": started.command,
        "variables": started.variables,
        "folder": started.folder,
        "readable": [*started.readable, scratch.given],
        "writable": [scratch.work],
        "hidden": [os.path.realpath(path) for path in request.hidden],
        "limits": asdict(limits),
        "without": list(without),
        "scratch": scratch.path,
        "work": scratch.work,
    }


def _refuse_labels(request: Request) -> None:
    seen = [name for name in request.targets if name in request.features.columns]
    if seen:
        raise ValueError(f"the features hold the label `{seen[0]}`")

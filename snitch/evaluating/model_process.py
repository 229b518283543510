"""A model's answers, from a process of its own.

    answer(request: Request, *, python: str, limits: Limits = Limits(), progress: Callable[[int], None] | None = None,
           environment: Environment | None = None) -> Answers           raises Failed(reason)
    environment_of(python: str) -> Environment                          raises Failed(reason)

`Request.features` is a frame of the id and the columns that the model may see, in the order in which native formats
answer; it holds no label. `Answers.content` is the bytes of a Parquet or CSV file named `Answers.name`, as a model
wrote it: hostile, to be read by `snitch.measuring.tables` within bounds. `Answers.has_ids` says whether it holds the
column of ids (a manifest's `predict` writes it) or has one row an example in the order of the features.

Loading pickles is left to the model's process, but whoever asks for it has judged them (SAF001) before.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from snitch.escape import for_terminal
from snitch.evaluating.interpreter import Environment, Failed, environment_of
from snitch.evaluating.isolation import Isolation
from snitch.evaluating.preparing import prepare
from snitch.evaluating.scratch import Scratch

__all__ = ["Answers", "Environment", "Failed", "Isolation", "Limits", "Request", "answer", "environment_of"]


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
    #: The labels' columns, which the features do not hold.
    targets: tuple[str, ...] = ()
    #: Types that skops may make beside those it trusts itself: `module.name`.
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
) -> Answers:
    """Has a model answer in a process of its own; `progress` is told how many rows are answered.

    Raises:
        Failed: it cannot be loaded, crashed, took too much, or wrote no answers.
    """
    _refuse_labels(request)
    limits = limits or Limits()
    environment = environment or environment_of(python)
    scratch = Scratch()
    try:
        started = time.monotonic()
        name = _run(request, scratch, environment, limits, progress)
        seconds = time.monotonic() - started
        content = scratch.take(name, limits.answers)
    finally:
        scratch.remove()
    return Answers(content, name, bool(request.predict), Isolation(), environment, seconds)


def _refuse_labels(request: Request) -> None:
    seen = [name for name in request.targets if name in request.features.columns]
    if seen:
        raise ValueError(f"the features hold the label `{seen[0]}`")


def _run(
    request: Request,
    scratch: Scratch,
    environment: Environment,
    limits: Limits,
    progress: Callable[[int], None] | None,
) -> str:
    """Runs the model to its end; the name of what it was to write."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as told, os.fdopen(write, "wb") as channel:
        started = prepare(request, scratch, environment, channel.fileno())
        try:
            done = subprocess.run(
                started.command,
                cwd=started.folder,
                env=started.variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limits.seconds,
                pass_fds=(channel.fileno(),),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"the model did not end within {limits.seconds:g} s") from None
        channel.close()
        if done.returncode:
            last = (told.read() + done.stderr).decode("utf-8", "replace").strip().splitlines()[-1:]
            said = for_terminal(last[0][:300]) if last else "it said nothing"
            raise Failed(f"the model's process ended with {done.returncode}: {said}")
    return started.answers

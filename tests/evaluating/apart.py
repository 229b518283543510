"""Models that are run for a test: nothing of them is left behind, whatever they do."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from snitch.evaluating.model_process import Answers, Environment, Limits, Request, answer

ROWS = 5
_QUICK = Limits(seconds=60, memory=1 << 30, disk=8 << 20, answers=1 << 20, tasks=64)


@contextmanager
def watched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Has models be run below `folder`; at the end there is no file of theirs, and no process."""
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.iterdir())
    assert not processes_of(str(folder))


def processes_of(text: str) -> list[int]:
    """The processes whose variables or command hold a text."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and int(name) != os.getpid():
            for file in ("environ", "cmdline"):
                try:
                    content = Path(f"/proc/{name}/{file}").read_bytes()
                except OSError:
                    continue
                if text.encode() in content:
                    found.append(int(name))
    return found


def runner(folder: Path, environment: Environment) -> Callable[..., Answers]:
    """What runs a program as a manifest's `predict` does: on `ROWS` examples, CSV in and out."""

    def run(program: str, *, limits: Limits = _QUICK, **options: Any) -> Answers:
        import pandas as pd

        model = folder / "model"
        model.mkdir(exist_ok=True)
        (model / "predict.py").write_text(program)
        features = pd.DataFrame({"id": range(ROWS), "x": [0.5 * row for row in range(ROWS)]})
        request = Request(
            features=features,
            id="id",
            task="regression",
            targets=("y",),
            predict=("python", "predict.py", "{data}.csv", "{out}.csv"),
            folder=str(model),
            hidden=(str(folder / "repository"),),
        )
        return answer(request, python=sys.executable, limits=limits, environment=environment, **options)

    return run

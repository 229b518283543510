"""A model and its benchmark in memory, and a model's process that says what a test has it say."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import pytest

from snitch.evaluating.answering import Means
from snitch.evaluating.bringing import Bringing
from snitch.evaluating.evaluate import Evaluated, evaluate
from snitch.evaluating.isolation import Isolation
from snitch.evaluating.model_process import Answers, Environment, Failed, Request
from snitch.evaluating.subjects import Subject
from snitch.evaluating.verify import Verified, verify
from snitch.finding import Undecidable
from snitch.lfs.server import NoServer
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.gate_process.models import weights
from tests.judging import EVALUATION, FOLDER, MANIFEST
from tests.measuring.tables import parquet as table
from tests.rules.reproduced import DATA, Files, answers, examples, repository

NOON = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
PREDICTIONS = EVALUATION.replace(".json", ".parquet")
HERE = Environment("3.12.1", {"numpy": "2.1.0", "scikit-learn": "1.9.0"}, sys.executable)
SHIPPED = weights("1.4.0")

Said: TypeAlias = "pd.DataFrame | str"


def whole(data: pd.DataFrame | None = None) -> Files:
    """The repository of the rule's tests, with weights that lie in Git itself."""
    found = repository(examples() if data is None else data, measures=False)
    manifest = str(found[MANIFEST]).replace("{name: tenure_months, type: long, minimum: 0}, ", "")
    return {**found, MANIFEST: manifest, f"{FOLDER}/model.skops": SHIPPED.content}


def unmeasured(files: Files) -> Files:
    return {path: content for path, content in files.items() if path not in (EVALUATION, PREDICTIONS)}


def subject_of(files: Mapping[str, bytes | str]) -> Subject:
    repo = Repository(MemorySnapshot(files, ref="work tree"))
    return Subject(Model(repo, FOLDER), repo.benchmarks[0])


class Scene:
    """Runs `evaluate` and `verify` in a folder, with a model that says `said`: a table, or why there is none."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.top = folder / "top"
        self.top.mkdir()
        (folder / "brought").mkdir()
        self.requests: list[Request] = []
        self.said: Callable[[Request], Said] = lambda _: answers(examples())[["score"]]
        self.has_ids = False
        self.isolation = Isolation()
        monkeypatch.setattr("snitch.evaluating.answering.answer", self._answer)
        server = NoServer(Undecidable("there is no server"))
        bringing = Bringing(str(folder / "brought"), server, 1 << 30, None)
        self.means = Means(bringing=bringing, environment=HERE)

    def _answer(self, request: Request, **_: Any) -> Answers:
        self.requests.append(request)
        said = self.said(request)
        if isinstance(said, str):
            raise Failed(said)
        return Answers(table(said), "answers.parquet", self.has_ids, self.isolation, HERE, 0.1)

    def evaluate(self, files: Files, moment: datetime = NOON) -> Evaluated:
        return evaluate(subject_of(files), self.means, str(self.top), moment)

    def verify(self, files: Files) -> Verified:
        return verify(subject_of(files), lambda: self.means)

    @property
    def written(self) -> list[str]:
        """What lies in the folder."""
        return sorted(str(path.relative_to(self.top)) for path in self.top.rglob("*") if path.is_file())

    def made(self, files: Files) -> Files:
        """The files with what was written among them."""
        return {**files, **{name: (self.top / name).read_bytes() for name in self.written}}


def frame_of(content: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(content))


__all__ = ["DATA", "FOLDER", "MANIFEST", "NOON", "PREDICTIONS", "Scene", "answers", "examples", "frame_of", "whole"]

"""Two models to compare: `SPOTLESS` as the candidate, and the one that it replaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, digest, edit, edit_json

Edit = Callable[[dict[str, Any]], None]
METRICS = "metrics: [roc_auc, average_precision, {type: recall, args: {threshold: 0.42}}]"


def record(files: Files, change: Edit) -> dict[str, bytes | str]:
    """The files with the evaluation changed."""
    return edit_json(files, EVALUATION, change)


def weighing(files: Files, text: str, version: str = "1.4.0") -> dict[str, bytes | str]:
    """The files with other weights and version, in the evaluation too."""
    files = {**files, f"{FOLDER}/model.skops": write_pointer(digest(text), len(text))}
    if version != "1.4.0":
        files = edit(files, MANIFEST, "version: 1.4.0", f"version: {version}")

    def change(data: dict[str, Any]) -> None:
        data["model"].update(weights={"model.skops": digest(text)}, version=version)

    return record(files, change)


#: What `SPOTLESS` replaces: other weights, the same scores.
DEPLOYED = weighing(SPOTLESS, "older weights", "1.3.2")


def scoring(files: Files, value: object, index: int = 0) -> dict[str, bytes | str]:
    """The files with another value of one overall metric: 0 roc_auc, 1 average_precision, 2 recall."""
    return record(files, lambda data: data["metrics"][index].update(value=value))


def scoring_slice(files: Files, value: object, index: int = 1) -> dict[str, bytes | str]:
    """The files with another roc_auc on one slice: 0 is `plan=basic` (3,608 rows), 1 is `plan=pro` (512)."""
    return record(files, lambda data: data["slices"][index]["metrics"][0].update(value=value))


def asking(files: Files, metrics: str, *values: tuple[str, object]) -> dict[str, bytes | str]:
    """The files with a benchmark that asks for other metrics, and an evaluation of just these, without slices."""
    files = edit(edit(files, BENCHMARK, METRICS, f"metrics: {metrics}"), BENCHMARK, "slices: [plan]\n", "")

    def change(data: dict[str, Any]) -> None:
        data["metrics"] = [{"type": type, "value": value} for type, value in values]
        data["slices"] = []

    return redefined(record(files, change))


def redefined(files: Files) -> dict[str, bytes | str]:
    """The files with an evaluation made by the definition and on the data that the benchmark has now."""
    current = Repository(MemorySnapshot(files)).benchmarks[0].definition

    def change(data: dict[str, Any]) -> None:
        data["dataset"].update(
            revision=current.data.revision,
            definition=current.definition,
            version=current.version,
            rows=current.data.rows,
        )

    return record(files, change)

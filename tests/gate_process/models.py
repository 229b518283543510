"""The model of these tests, whose weights are there to be looked into."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import ZipFile, ZipInfo

from snitch.pointer import write_pointer
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, edit, edit_json

WEIGHTS = f"{FOLDER}/model.skops"
#: There are no examples behind the pointers of these tests.
POLICY = """\
extends: recommended
environments:
  development: {branches: ["*"]}
  production: {branches: [main]}
gate: {approvers: [platform-lead]}
rules:
  schema-mismatch: off
  metric-regressed: {metrics: {roc_auc: {max_drop: 0.005}}}
"""


class Weights(NamedTuple):
    content: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{sha256(self.content).hexdigest()}"

    @property
    def pointer(self) -> bytes | str:
        return write_pointer(self.digest, len(self.content))


def weights(version: str) -> Weights:
    """An archive as skops writes it, in which there is no code."""
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr(ZipInfo("schema.json"), f'{{"version": "{version}"}}')
    return Weights(stream.getvalue())


def with_weights(files: Files, shipped: Weights, path: str = WEIGHTS) -> dict[str, bytes | str]:
    """The files with other weights, measured as the ones before."""

    def measure(record: Any) -> None:
        record["model"]["weights"] = {path.removeprefix(f"{FOLDER}/"): shipped.digest}

    return {**edit_json(files, EVALUATION, measure), path: shipped.pointer}


def retrained(files: Files, *, roc_auc: float, version: str = "1.5.0") -> dict[str, bytes | str]:
    """Other weights under a new version, with an evaluation of theirs."""

    def measure(record: Any) -> None:
        record["model"]["version"] = version
        record["metrics"][0]["value"] = roc_auc

    files = edit_json(with_weights(files, weights(version)), EVALUATION, measure)
    files = edit(files, MANIFEST, "version: 1.4.0", f"version: {version}")
    section = f"## [{version}] - 2026-11-19\n### Changed\n- Retrained.\n\n## [1.4.0]"
    return edit(files, f"{FOLDER}/CHANGELOG.md", "## [1.4.0]", section)


DEPLOYED = {**with_weights(SPOTLESS, weights("1.4.0")), "snitch.yaml": POLICY}
WORSE = retrained(DEPLOYED, roc_auc=0.88)
BETTER = retrained(DEPLOYED, roc_auc=0.92)

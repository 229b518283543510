"""Makes a new model: its manifest, card and changelog, in which every word still to be written says so."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

from snitch.repository import MANIFEST, Repository
from snitch.scaffold.making import CannotMake, whole_or_nothing

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")

_MANIFEST = """\
name: {quoted}
version: 0.1.0
description: "TODO: what it predicts, for whom, and how far ahead"
owners:
  - {{name: TODO, contact: TODO}}          # a team and its address
license: proprietary                     # or an SPDX id, such as apache-2.0
task: {task}
library_name: TODO                       # such as scikit-learn
weights: [model.skops]                   # what train.py writes
dependencies: requirements.txt
training:
  code: train.py
  params: params.yaml
  data:
    - {{name: TODO}}                       # and revision: "sha256:…", start, end, rows
signature:                               # each {{name: …, type: …}}, and where known minimum, maximum, enum
  inputs: []
  outputs: []
"""

_SECTIONS = {
    "Description": "what it does, in three sentences a newcomer understands",
    "Intended use": "who uses it for which decision, and what it is not for",
    "Limitations": "where it is wrong, and how wrong",
    "Training data": "where it comes from, what it covers, what was left out",
    "Evaluation": "on which benchmark, with which result",
    "Ethical considerations": "who may be harmed by an error, and what keeps that from happening",
}

_CHANGELOG = """\
# Changelog

The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/); versions follow
[Semantic Versioning](https://semver.org/): MAJOR for a signature that callers must adapt to, MINOR for new
weights or data, PATCH for the rest.

## [0.1.0] - {today}

### Added

- TODO: what this model is, in a line.
"""


def model_files(name: str, task: str, today: date) -> dict[str, bytes]:
    """The files of a new model, by their names in its folder."""
    quoted = name if name[0].isalpha() and name not in ("true", "false", "null") else f'"{name}"'
    card = f"# {name}\n" + "".join(f"\n## {title}\n\nTODO: {what}.\n" for title, what in _SECTIONS.items())
    files = {
        MANIFEST: _MANIFEST.format(quoted=quoted, task=task),
        "README.md": card,
        "CHANGELOG.md": _CHANGELOG.format(today=today.isoformat()),
    }
    return {path: text.encode() for path, text in files.items()}


def make_model(top: str, repository: Repository, folder: str, files: dict[str, bytes]) -> list[str]:
    """Writes a new model's files to a folder of the repository whose top-level folder is `top`; returns their paths.

    Raises:
        CannotMake: the folder is there already, lies elsewhere, or is one where no model may be.
    """
    if not folder or folder.startswith("/") or ".." in folder.split("/"):
        raise CannotMake(f"{folder or '.'} is no folder within the repository")
    if repository.is_unowned(f"{folder}/{MANIFEST}"):
        raise CannotMake(
            f"no model may lie in {folder}: benchmarks, dot-folders and what the policy excludes have none"
        )
    root = Path(top, folder)
    if root.is_symlink() or root.exists():
        raise CannotMake(f"{folder} is there already")
    above = next(parent for parent in root.parents if parent.exists())
    if os.path.relpath(os.path.realpath(above), os.path.realpath(top)) != os.path.relpath(above, top):
        raise CannotMake(f"{folder} lies behind a link; name a folder of the repository itself")
    with whole_or_nothing(root, files):
        pass
    return [f"{folder}/{path}" for path in files]

"""Makes a new model: its manifest, card and changelog, in which every word still to be written says so."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from snitch.repository import MANIFEST, Repository
from snitch.scaffold.making import CannotMake, whole_or_nothing

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")

_MANIFEST = """\
name: {quoted}
version: 0.1.0
description: "TODO: what it predicts, for whom, and how far ahead"
owners:
  - {{name: TODO, contact: TODO}}          # a team and its address
license: proprietary                     # or an SPDX id, such as apache-2.0
task: {task}
library_name: TODO                       # such as scikit-learn
{weights}
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


def model_files(name: str, task: str, today: date, weights: Sequence[str] = ()) -> dict[str, bytes]:
    """The files of a new model, by their names in its folder; `weights` are those that lie there already."""
    quoted = name if name[0].isalpha() and name not in ("true", "false", "null") else f'"{name}"'
    card = f"# {name}\n" + "".join(f"\n## {title}\n\nTODO: {what}.\n" for title, what in _SECTIONS.items())
    files = {
        MANIFEST: _MANIFEST.format(quoted=quoted, task=task, weights=_weights_line(weights)),
        "README.md": card,
        "CHANGELOG.md": _CHANGELOG.format(today=today.isoformat()),
    }
    return {path: text.encode() for path, text in files.items()}


def _weights_line(weights: Sequence[str]) -> str:
    names = (path if _PLAIN.fullmatch(path) else json.dumps(path, ensure_ascii=False) for path in weights)
    whence = "what lies here already" if weights else "what train.py writes"
    return f"weights: [{', '.join(names) or 'model.skops'}]".ljust(40) + f" # {whence}"


def weights_in(repository: Repository, folder: str) -> list[str]:
    """What looks like weights in a folder that is to become a model, by the names that its manifest would give them."""
    start = len(folder) + 1 if folder else 0
    found = (path for path in repository.weights_paths if path.startswith(f"{folder}/" if folder else ""))
    return [path[start:] for path in found if path.isprintable() and not repository.is_unowned(path)]


def make_model(top: str, repository: Repository, folder: str, files: dict[str, bytes]) -> tuple[list[str], list[str]]:
    """Writes a new model's files to a folder of the repository whose top-level folder is `top`.

    Returns the paths of those that it wrote, and of those that were there already and are as they were.

    Raises:
        CannotMake: the folder has a manifest, holds models, lies elsewhere, or is one where no model may be.
    """
    root = Path(top, folder)
    _refuse_place(top, repository, folder, root)
    # A sparse checkout has files that are not on disk.
    missing = {
        path: content
        for path, content in files.items()
        if not os.path.lexists(root / path) and posixpath.join(folder, path) not in repository.snapshot
    }
    with whole_or_nothing(root, missing):
        pass
    left = [path for path in files if path not in missing]
    return [posixpath.join(folder, path) for path in missing], [posixpath.join(folder, path) for path in left]


def _refuse_place(top: str, repository: Repository, folder: str, root: Path) -> None:
    if folder.startswith("/") or ".." in folder.split("/"):
        raise CannotMake(f"{folder} is no folder within the repository")
    if repository.is_unowned(posixpath.join(folder, MANIFEST)):
        raise CannotMake(
            f"no model may lie in {folder}: benchmarks, dot-folders and what the policy excludes have none"
        )
    is_model = os.path.lexists(root / MANIFEST) or folder in repository.model_folders
    if is_model or (os.path.lexists(root) and (root.is_symlink() or not root.is_dir())):
        raise CannotMake(f"{folder or 'a model at the top'} is there already")
    if folder and os.path.lexists(root / ".git"):
        raise CannotMake(f"{folder} is a git repository of its own, of which this one sees nothing")
    if any(each.startswith(f"{folder}/" if folder else "") for each in repository.model_folders):
        raise CannotMake(f"{folder or 'the top folder'} holds models; name a folder for this one alone")
    above = next(parent for parent in (root, *root.parents) if parent.exists())
    if os.path.relpath(os.path.realpath(above), os.path.realpath(top)) != os.path.relpath(above, top):
        raise CannotMake(f"{folder} lies behind a link; name a folder of the repository itself")

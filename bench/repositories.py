"""Model repositories of any size, made by `git fast-import`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.model_files import RETRAINED, model_files, shared_files

#: The day on which what the repositories hold is neither stale nor of the future.
TODAY = "2026-11-20"
_DATE = "1795017600 +0000"


def build(folder: Path, models: int, *, retrained: int) -> None:
    """A repository whose checked-out branch `main`, as `origin` has it too, holds so many models.

    On its branch `change` some of them are retrained: new weights, evaluation, version and changelog.
    """
    folder.mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main")
    files = {path: text for number in range(models) for path, text in model_files(number).items()}
    _commit(folder, "main", {**shared_files(models), **files})
    _git(folder, "update-ref", "refs/remotes/origin/main", "refs/heads/main")
    unstage(folder)
    changed = {path: text for number in range(retrained) for path, text in model_files(number, RETRAINED).items()}
    _commit(folder, "change", changed, base="main")


def stage(folder: Path, files: Mapping[str, str]) -> None:
    """Writes files and stages them."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    _git(folder, "add", "--", *files)


def unstage(folder: Path) -> None:
    """Makes index and work tree the commit's again."""
    _git(folder, "reset", "-q", "--hard")


def _commit(folder: Path, branch: str, files: Mapping[str, str], base: str | None = None) -> None:
    stream = b"".join(_stream(branch, files, base))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True)


def _stream(branch: str, files: Mapping[str, str], base: str | None) -> Iterator[bytes]:
    yield f"commit refs/heads/{branch}\ncommitter bench <bench> {_DATE}\ndata 5\nbench\n".encode()
    if base is not None:
        yield f"from refs/heads/{base}\n".encode()
    for path, text in files.items():
        data = text.encode()
        yield f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def _git(folder: Path, *args: str) -> None:
    environment = {**os.environ, "GIT_LFS_SKIP_SMUDGE": "1"}
    subprocess.run(["git", *args], cwd=folder, check=True, env=environment, stdout=subprocess.DEVNULL)

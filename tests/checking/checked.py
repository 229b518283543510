"""What `snitch check` says of a repository, and another model in it."""

from __future__ import annotations

from typing import Any

from snitch.checking.commits import Asked
from snitch.checking.run import Options, check
from snitch.git.command import Git
from snitch.pointer import write_pointer
from snitch.verdict import Report
from tests.judging import FOLDER, MANIFEST, SPOTLESS, TODAY, digest
from tests.repository import Repo


def run(repo: Repo, *, paths: tuple[str, ...] = (), **asked: Any) -> Report:
    options = {key: asked.pop(key) for key in ("judge_all", "select", "ignore") if key in asked}
    git = Git(str(repo.path))
    return check(git, Asked(**asked), Options(today=TODAY, paths=paths, **options))


def text(path: str) -> str:
    content = SPOTLESS[path]
    assert isinstance(content, str)
    return content


def other_model(name: str, folder: str) -> dict[str, bytes | str]:
    """Another model, on no benchmark."""
    files = {path.replace(FOLDER, folder): content for path, content in SPOTLESS.items() if path.startswith(FOLDER)}
    del files[f"{folder}/evaluations/churn-holdout.json"]
    files[f"{folder}/model.yaml"] = text(MANIFEST).replace("name: churn", f"name: {name}")
    files[f"{folder}/model.skops"] = write_pointer(digest(name), 5)
    return files

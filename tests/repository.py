"""Real git repositories for tests, in a few words.

    repo = Repo(tmp_path / "models")
    first = repo.commit({"models/churn/model.yaml": "name: churn\n"})
    repo.switch("staging", create=True)
    repo.write({"snitch.yaml": "remote: origin\n"}).stage()

Nothing of the machine's own git configuration counts: call `isolate(monkeypatch)` for the code under test too.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import pytest

#: A kind of repository: what is chained keeps it.
R = TypeVar("R", bound="Repo")

#: What every git of a test sees; it says nothing of the person, the machine or the day.
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2026-11-01T10:00:00Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_COMMITTER_DATE": "2026-11-01T10:00:00Z",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "true",
    "LC_ALL": "C.UTF-8",
}


def isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes what a hook or a person's git may have set out of this process's environment."""
    for name in tuple(os.environ):
        if name.startswith(("GIT_", "PRE_COMMIT")):
            monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        if name != "LC_ALL":
            monkeypatch.setenv(name, value)


class Repo:
    """A repository, its work tree and the git that runs in it."""

    def __init__(self, path: Path, *init: str, branch: str = "main") -> None:
        """Makes one at `path` with `git init INIT…`; one that is there is left as it is."""
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        if not (path / ".git").exists() and not (path / "HEAD").exists():
            self.git("init", "--quiet", *init)
            self.git("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def run(
        self, *args: str, input: bytes | None = None, env: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[bytes]:
        """`git ARGS`, whatever its exit status."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        command = ("git", *args)
        return subprocess.run(
            command, cwd=self.path, input=input, capture_output=True, env={**kept, **ENVIRONMENT, **env}, check=False
        )

    def git(self, *args: str, input: bytes | None = None, env: Mapping[str, str] = {}) -> str:
        """What `git ARGS` prints, stripped; a test that meets a failure ends with git's own words."""
        done = self.run(*args, input=input, env=env)
        if done.returncode:
            pytest.fail(f"git {' '.join(args)}: {done.stderr.decode(errors='replace')}", pytrace=True)
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self: R, files: Mapping[str, bytes | str]) -> R:
        """Writes files (and the folders above them) as they are, line endings included."""
        for name, content in files.items():
            file = self.path / os.fsdecode(name.encode("utf-8", "surrogateescape"))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def link(self: R, name: str, target: str) -> R:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(target)
        return self

    def remove(self: R, *names: str) -> R:
        for name in names:
            (self.path / name).unlink()
        return self

    def stage(self: R, *names: str) -> R:
        """Adds the files named, or everything, deletions included."""
        self.git("add", "--all", "--", *(names or (".",)))
        return self

    def commit(
        self, files: Mapping[str, bytes | str] = {}, message: str = "A change", env: Mapping[str, str] = {}
    ) -> str:
        """Writes the files, commits everything there is, and gives the commit's id."""
        self.write(files).stage()
        self.git("commit", "--quiet", "--allow-empty", "--message", message, env=env)
        return self.rev("HEAD")

    def rev(self, name: str) -> str:
        """The object that `name` means now."""
        return self.git("rev-parse", "--verify", name)

    def branch(self: R, name: str, at: str = "HEAD") -> R:
        self.git("branch", "--force", name, at)
        return self

    def switch(self: R, name: str, *, create: bool = False) -> R:
        self.git("switch", "--quiet", *(["--create"] if create else []), name)
        return self

    def lfs(self, *patterns: str) -> Repo:
        """Installs Git LFS here and sends files of these patterns to it; commits nothing."""
        self.git("lfs", "install", "--local")
        if patterns:
            self.git("lfs", "track", *patterns)
        return self

    def clone(self, path: Path, *options: str) -> Repo:
        """A clone through `file://`, which unlike a path honours `--depth` and `--filter`."""
        self.git("config", "uploadpack.allowFilter", "true")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.git("clone", "--quiet", *options, f"file://{self.path}", str(path))
        return Repo(path)

    def worktree(self, path: Path, branch: str) -> Repo:
        """Another work tree of this repository, on a new branch."""
        self.git("worktree", "add", "--quiet", "-b", branch, str(path))
        return Repo(path)

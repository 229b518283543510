"""A model repository with hooks, and what a person sees of them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, edit
from tests.repository import Repo

#: No rule of these tests may change its mind with the calendar.
POLICY = "extends: recommended\nrules: {BEN006: off, DAT001: off, DAT002: off}\n"

CARD = f"{FOLDER}/README.md"
#: Changes of a spotless model: one that leaves it so, and one that breaks it.
GOOD = edit(SPOTLESS, CARD, "Ranking subscribers for a call.", "Ranking subscribers for one call.")
BROKEN = edit(SPOTLESS, MANIFEST, "params: params.yaml", "params: absent.yaml")
GOOD, BROKEN = {CARD: GOOD[CARD]}, {MANIFEST: BROKEN[MANIFEST]}
#: What is told of the broken one, and of one whose evaluation is gone: at a commit, and by what judges its request.
TOLD = ["error[MET007]"]
UNEVALUATED = EVALUATION
AHEAD, THEN = ["warning[BEN001]"], ["error[BEN001]"]

#: What pre-commit, prek and git print around a hook's own words.
_FRAME = re.compile(
    r".*\.{3,}(Passed|Failed|Skipped)|- (hook id|description|duration|exit code): .*|\[(INFO|WARNING)\] .*"
    r"|.*[Uu]nstaged changes.*|error: failed to push .*|Automatic merge went well.*|Not committing merge.*"
    r"|Git LFS upload missing objects:|Uploading LFS objects: .*|  \(missing\) .*"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HEADING = re.compile(r"^\s*((?:error|warning|inconclusive)\[[A-Z]{3}\d{3}\])", re.MULTILINE)


class Attempt(NamedTuple):
    """What came of a git command whose hooks may stop it: whether it was done, and all that stood on the screen."""

    done: bool
    screen: str

    @property
    def said(self) -> str:
        """Snitch's own words."""
        lines = [line for line in self.screen.splitlines() if not _FRAME.fullmatch(line)]
        return "\n".join(lines).strip()

    @property
    def told(self) -> list[str]:
        """The findings, as `error[LFS001]`."""
        return _HEADING.findall(self.screen)


class Models(Repo):
    """A model repository whose git runs with the hooks' own settings."""

    settings: Mapping[str, str] = {}

    def attempt(self, *args: str, env: Mapping[str, str] = {}) -> Attempt:
        """`git ARGS` as a person runs it."""
        done = self.run(*args, env={**self.settings, **env})
        screen = _COLOUR.sub("", (done.stdout + done.stderr).decode("utf-8", "replace"))
        return Attempt(done.returncode == 0, screen)

    def text(self, path: str) -> str:
        """What stands in a file of the work tree."""
        return (self.path / path).read_text(encoding="utf-8")

    def try_commit(self, *args: str, env: Mapping[str, str] = {}) -> Attempt:
        """`git commit ARGS`, quietly but for the hooks."""
        return self.attempt("commit", "--quiet", "--message", "A change", *args, env=env)

    def try_push(self, *args: str, remote: str = "origin") -> Attempt:
        """`git push REMOTE ARGS`, quietly but for the hooks."""
        return self.attempt("push", "--quiet", remote, *args)

    def unhooked(self, files: Mapping[str, bytes | str] = {}, *deleted: str) -> str:
        """Commits without any hook: what somebody else did, or did before."""
        self.write(files).remove(*deleted).stage()
        self.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", "Unjudged")
        return self.rev("HEAD")

    def copy(self, path: Path) -> Models:
        """The same again, elsewhere."""
        shutil.copytree(self.path, path, symlinks=True)
        copied = Models(path)
        copied.settings = self.settings
        return copied

    def remote(self, path: Path, *branches: str) -> Repo:
        """A bare repository as `origin`, holding these branches as they are here."""
        remote = Repo(path, "--bare")
        self.git("remote", "add", "origin", f"file://{path}")
        if branches:
            self.git("push", "--quiet", "--no-verify", "origin", *branches)
        return remote


def spotless(files: Mapping[str, bytes | str] = {}) -> dict[str, bytes | str]:
    """A repository in which the rules have nothing to tell on any day."""
    return {**SPOTLESS, "snitch.yaml": POLICY, **files}


def binaries() -> str:
    """The search path, with the programs of this virtual environment first."""
    import sys

    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

"""Finds lines in a whole tree or index without reading its files into this process."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from typing import TYPE_CHECKING, BinaryIO

from snitch.git.command import Answer
from snitch.git.errors import GitError
from snitch.git.pattern import one_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snitch.git.command import Git

#: What a search may print, in bytes. Beyond it a repository is hostile, and no answer is better than a part of one.
MAX_OUTPUT = 64 * 1024 * 1024

#: A path may hold line breaks; a file's last line may lack its own, and git prints one all the same.
_RECORD = re.compile(r"([^\0]*)\0([0-9]+)[\0:]([^\n]*)\n")

#: `--text` so that no attribute hides a file as binary; the rest undoes what `grep.*` configuration may ask for.
_OPTIONS = (
    "--text",
    "--null",
    "--full-name",
    "-H",
    "--line-number",
    "--no-column",
    "--no-color",
    "--no-heading",
    "--no-break",
    "--no-textconv",
    "--no-recurse-submodules",
)


def grep(
    git: Git, tree: str | None, patterns: Sequence[str], globs: Sequence[str] = (), *, regex: bool = False
) -> list[tuple[str, str]]:
    """Each line that holds one of the patterns, after its path, in the tree (the id of a commit or a tree) or, where
    that is None, in the index.

    Patterns are fixed strings, or extended regular expressions. `globs` narrow the paths: `*` stops at `/`, `**/` spans
    folders.

    Raises:
        GitError: the tree cannot be searched, or more is found than is believable.
        TimedOut: the search takes too long.
    """
    return Search(git, tree, patterns, globs, regex=regex).lines()


class Search:
    """A search that git is at while others are asked: to be begun, and then read. As `grep`."""

    def __init__(
        self, git: Git, tree: str | None, patterns: Sequence[str], globs: Sequence[str] = (), *, regex: bool = False
    ) -> None:
        self._git = git
        self._prefix = 0 if tree is None else len(tree) + 1
        place = ["--cached"] if tree is None else [tree]
        scope = [_pathspec(glob) for glob in globs] or [":/"]
        kind, pattern = one_pattern(patterns, regex=regex)
        # Objects are read one at a time; more threads would wait for each other.
        command = ["-c", "grep.threads=1", "grep", *_OPTIONS, kind, "-e", pattern, *place, "--", *scope]
        self._errors = _scratch()
        self._process = git.start(command, stdin=subprocess.DEVNULL, stderr=self._errors.fileno())
        self._parts: list[bytes] = []
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def _drain(self) -> None:
        """Takes what git prints, so that a full pipe does not stop it."""
        assert self._process.stdout is not None
        room = MAX_OUTPUT
        while room >= 0 and (part := self._process.stdout.read(1 << 18)):
            self._parts.append(part)
            room -= len(part)
        if room < 0:
            self._process.kill()

    def lines(self) -> list[tuple[str, str]]:
        """What was found, once git is done; to be asked once."""
        return [(path, line) for path, _, line in self.numbered_lines()]

    def numbered_lines(self) -> list[tuple[str, int, str]]:
        """The same with the lines' numbers, from 1, between path and line."""
        with self._process, self._errors:
            self._reader.join(self._git.patience)
            if self._reader.is_alive():
                self._process.kill()
                raise self._git.timed_out("grep")
            status = self._process.wait()
            self._errors.seek(0)
            said = self._errors.read(1 << 16).decode("utf-8", "replace")
        if sum(map(len, self._parts)) > MAX_OUTPUT:
            raise GitError(f"a search of {self._git.directory} finds more than {MAX_OUTPUT} bytes", "Shorten the files")
        # Status 1 says that nothing was found; but a file that could not be read is only complained of.
        if status not in (0, 1) or "error: " in said or "fatal: " in said:
            raise self._git.failure("grep", Answer(status, b"", said))
        records = _RECORD.findall(b"".join(self._parts).decode("utf-8", "surrogateescape"))
        return [(path[self._prefix :], int(number), line) for path, number, line in records]


def _pathspec(glob: str) -> str:
    """A glob in git's words. Those that only name an ending, git holds against thousands of paths at once in its older
    words, in which `*` spans folders.
    """
    ending = glob.removeprefix("**/*")
    only_ending = glob != ending and not any(character in ending for character in "*?[\\/")
    return f":(top,icase)*{ending}" if only_ending else f":(top,glob,icase){glob}"


def _scratch() -> BinaryIO:
    """A nameless file for what git complains of: a pipe nobody reads while stdout is read could fill up."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("git-grep"), "w+b")
    from tempfile import TemporaryFile

    return TemporaryFile()

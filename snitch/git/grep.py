"""Finds lines in a whole tree or index without reading its files into this process."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, BinaryIO

from snitch.git.command import Answer
from snitch.git.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snitch.git.command import Git

#: What a search may print, in bytes. Beyond it a repository is hostile, and no answer is better than a part of one.
MAX_OUTPUT = 64 * 1024 * 1024

#: `--text` so that no attribute hides a file as binary; the rest undoes what `grep.*` configuration may ask for.
_OPTIONS = (
    "--text",
    "--null",
    "--full-name",
    "-H",
    "--no-line-number",
    "--no-column",
    "--no-color",
    "--no-heading",
    "--no-break",
    "--no-textconv",
    "--no-recurse-submodules",
)


def grep(
    git: Git, tree: str | None, patterns: Sequence[str], globs: Sequence[str] = (), *, regex: bool = False
) -> Iterator[tuple[str, bytes]]:
    """Each line that holds one of the patterns, with its path, in the tree (the id of a commit or a tree) or, where
    that is None, in the index.

    Patterns are fixed strings, or extended regular expressions. `globs` narrow the paths: `*` stops at `/`, `**/` spans
    folders.

    Raises:
        GitError: the tree cannot be searched, or more is found than is believable.
    """
    chosen = [option for pattern in patterns for option in ("-e", pattern)]
    place = ["--cached"] if tree is None else [tree]
    scope = [_pathspec(glob) for glob in globs] or [":/"]
    kind = "--extended-regexp" if regex else "--fixed-strings"
    prefix = 0 if tree is None else len(tree) + 1
    # Objects are read one at a time; more threads would wait for each other.
    out = _bounded(git, ["-c", "grep.threads=1", "grep", *_OPTIONS, kind, *chosen, *place, "--", *scope])
    start = 0
    while start < len(out):
        middle = out.index(b"\0", start)
        # A file's last line may lack its line break; git prints one all the same.
        end = out.index(b"\n", middle)
        yield out[start + prefix : middle].decode("utf-8", "surrogateescape"), out[middle + 1 : end]
        start = end + 1


def _pathspec(glob: str) -> str:
    """A glob in git's words. Those that only name an ending, git holds against thousands of paths at once in its older
    words, in which `*` spans folders.
    """
    ending = glob.removeprefix("**/*")
    only_ending = glob != ending and not any(character in ending for character in "*?[\\/")
    return f":(top,icase)*{ending}" if only_ending else f":(top,glob,icase){glob}"


def _bounded(git: Git, args: Sequence[str]) -> bytes:
    with _scratch() as errors, git.start(args, stdin=subprocess.DEVNULL, stderr=errors.fileno()) as process:
        assert process.stdout is not None
        parts: list[bytes] = []
        room = MAX_OUTPUT
        while part := process.stdout.read(1 << 18):
            parts.append(part)
            room -= len(part)
            if room < 0:
                process.kill()
                raise GitError(f"a search of {git.directory} finds more than {MAX_OUTPUT} bytes", "Shorten the files")
        status = process.wait()
        errors.seek(0)
        said = errors.read(1 << 16).decode("utf-8", "replace")
    # Status 1 says that nothing was found; but a file that could not be read is only complained of.
    if status not in (0, 1) or "error: " in said or "fatal: " in said:
        raise git.failure("grep", Answer(status, b"", said))
    return b"".join(parts)


def _scratch() -> BinaryIO:
    """A nameless file for what git complains of: a pipe nobody reads while stdout is read could fill up."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("git-grep"), "w+b")
    from tempfile import TemporaryFile

    return TemporaryFile()

"""The files that measuring takes, on this disk: from Git, from where they lie here, else from the Git LFS server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from snitch.contents import content_at
from snitch.finding import Undecidable
from snitch.lfs.fetching import MAX_BYTES, fetch_files
from snitch.source import Source
from snitch.stored import stored

if TYPE_CHECKING:
    from snitch.git.command import Git
    from snitch.lfs.server import Server
    from snitch.lfs.storing import Progress


def not_there(path: str) -> Undecidable:
    """That the server lacks a file."""
    help_text = "push it from the clone that has it: `git lfs push --all origin`"
    return Undecidable(f"the Git LFS server does not have {path}", path=path, help=help_text)


class Bringing:
    """Brings files, at most `limit` bytes from the server in all."""

    def __init__(self, folder: str, server: Server, limit: int, progress: Progress | None) -> None:
        self._folder = folder
        self._server = server
        self._left = limit
        self._limit = limit
        self._progress = progress

    def content(self, source: Source, path: str) -> str | bytes:
        """What a file of a snapshot stands for: a path on this disk, or its bytes where they lie in Git itself.

        Raises:
            Broken: it is not in the tree, or a malformed pointer.
            Undecidable: its bytes cannot be had.
        """
        try:
            return content_at(source, path)
        except Undecidable:
            self._fetch(source, path)
        return content_at(source, path)

    def on_disk(self, source: Source, path: str) -> str:
        """The same, always as a path on this disk.

        Raises:
            Broken, Undecidable: as `content`.
        """
        content = self.content(source, path)
        if isinstance(content, str):
            return content
        name = os.path.join(self._folder, sha256(content).hexdigest())
        with open(name, "wb") as file:
            file.write(content)
        return name

    def _fetch(self, source: Source, path: str) -> None:
        """Raises:
        Undecidable: the server cannot be asked, does not have it, or it is too large.
        """
        file = stored(source, path, path)
        if file.pointer is None:
            return
        if file.pointer.digest in self._server.missing([file.pointer]):
            raise not_there(path)
        failures = fetch_files(self._server, [file], self._folder, limit=self._left, progress=self._progress)
        for failure in failures.values():
            raise failure.with_traceback(None)
        self._left -= file.pointer.size


@contextmanager
def bringing(git: Git, server: Server, limit: int = MAX_BYTES, progress: Progress | None = None) -> Iterator[Bringing]:
    """Files of this git's snapshots; what was brought for it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="snitch-") as folder:
        git.fetched_weights = folder
        try:
            yield Bringing(folder, server, limit, progress)
        finally:
            git.fetched_weights = None

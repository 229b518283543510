"""The files of the work tree that differ from the index: what committing them would store.

Under Git LFS that is a pointer, made of the file's digest; else the bytes, with CRLF made LF where attributes or
`core.autocrlf` say that committing would. Other conversions (`ident`, `working-tree-encoding`, filters other than LFS)
are not made: such a file counts with its bytes as they lie.
"""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from snitch.git.disk import digest_of, inside, open_inside, read_inside, status_inside
from snitch.git.objects import MAX_BYTES
from snitch.pointer import MAX_POINTER_BYTES, looks_like_pointer, write_pointer
from snitch.snapshot import Mode, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snitch.git.attributes import Conversions
    from snitch.git.command import Git
    from snitch.snapshot import Entry


class LooseFiles:
    """Reads and hashes them; each is hashed once."""

    def __init__(self, git: Git, index: Mapping[str, Entry], conversions: Conversions) -> None:
        self._git = git
        self._index = index
        self._conversions = conversions
        self._pointers: dict[str, bytes] = {}
        self._oids: dict[str, str] = {}

    def content(self, path: str) -> bytes:
        """What committing the file stores.

        Raises:
            UnreadableFile: it cannot be read, or is larger than what is read into memory.
        """
        if self._conversions.goes_to_lfs(path):
            return self._pointer(path)
        content = read_inside(self._git.top_level, path, MAX_BYTES)
        return self._conversions.apply(path, content, lambda: self._stored(path))

    def size(self, path: str) -> int:
        """The length of what committing stores; of the file itself where that is larger than what is read."""
        status = status_inside(self._git.top_level, path)
        if stat.S_ISREG(status.st_mode) and (status.st_size <= MAX_BYTES or self._conversions.goes_to_lfs(path)):
            return len(self.content(path))
        return status.st_size

    def oid(self, path: str, mode: int) -> str:
        """The blob id that committing gives. A file that cannot be read has one that equals no other."""
        oid = self._oids.get(path)
        if oid is None:
            try:
                oid = self._hash(path, mode)
            except UnreadableFile:
                oid = f"unreadable {path}"
            self._oids[path] = oid
        return oid

    def _hash(self, path: str, mode: int) -> str:
        top = self._git.top_level
        if mode == Mode.SYMLINK:
            return self._blob_id(_link_target(top, path))
        if status_inside(top, path).st_size <= MAX_BYTES or self._conversions.goes_to_lfs(path):
            return self._blob_id(self.content(path))
        with open_inside(top, path) as file:
            size = os.fstat(file.fileno()).st_size
            return digest_of(file, self._git.layout.object_format, b"blob %d\0" % size)

    def _pointer(self, path: str) -> bytes:
        """Git LFS passes on what already is a pointer, even an odd one, and leaves an empty file empty."""
        pointer = self._pointers.get(path)
        if pointer is None:
            with open_inside(self._git.top_level, path) as file:
                size = os.fstat(file.fileno()).st_size
                content = file.read(MAX_POINTER_BYTES + 1) if size <= MAX_POINTER_BYTES else b"-"
                if content and not looks_like_pointer(content):
                    file.seek(0)
                    content = write_pointer(f"sha256:{digest_of(file, 'sha256')}", file.tell())
            pointer = self._pointers[path] = content
        return pointer

    def _stored(self, path: str) -> bytes:
        try:
            return self._git.objects.read(self._index[path].oid) if path in self._index else b""
        except UnreadableFile:
            return b""

    def _blob_id(self, content: bytes) -> str:
        import hashlib

        algorithm = self._git.layout.object_format
        return hashlib.new(algorithm, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def mode_of(top: str, path: str) -> int | None:
    """The mode that committing the file would record; None where there is none to commit."""
    try:
        mode = status_inside(top, path).st_mode
    except UnreadableFile:
        return None
    if stat.S_ISLNK(mode):
        return Mode.SYMLINK
    if not stat.S_ISREG(mode):
        return None
    return Mode.EXECUTABLE if mode & 0o100 else Mode.FILE


def _link_target(top: str, path: str) -> bytes:
    try:
        return os.fsencode(os.readlink(inside(top, path)))
    except OSError as error:
        raise UnreadableFile(path, f"cannot be read: {error.strerror}") from None

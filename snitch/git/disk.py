"""Reads files of the work tree, never through a link and never outside it."""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import os
import stat
from typing import BinaryIO

from snitch.snapshot import UnreadableFile

#: What is read at a time when a file is only hashed.
_CHUNK = 1 << 20

_ELSEWHERE = frozenset((b"", b".", b".."))
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def inside(top: str, path: str) -> bytes:
    """The file's name on disk; refuses `..` and folders that are links, both of which lead elsewhere."""
    folder = os.fsencode(top)
    *parents, name = path.encode("utf-8", "surrogateescape").split(b"/")
    if not _ELSEWHERE.isdisjoint((*parents, name)) or (os.name == "nt" and any(map(os.path.isabs, (*parents, name)))):
        raise UnreadableFile(path, "names a place outside the repository")
    for part in parents:
        folder = os.path.join(folder, part)
        if os.path.islink(folder):
            raise UnreadableFile(path, f"lies behind the link {os.fsdecode(part)}; Snitch does not follow links")
    return os.path.join(folder, name)


def open_inside(top: str, path: str) -> BinaryIO:
    """The regular file at `path`, a snapshot's path, below the folder `top`.

    Raises:
        UnreadableFile: it is a link or a special file, a folder above it is a link, or it cannot be opened.
    """
    return os.fdopen(_opened(top, path), "rb")


def head_inside(top: str, path: str, size: int) -> bytes:
    """The first bytes of a file, at most `size`; raises as `open_inside`, and OSError where it cannot be read."""
    descriptor = _opened(top, path)
    try:
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)


def _opened(top: str, path: str) -> int:
    name = inside(top, path)
    try:
        descriptor = os.open(name, _FLAGS)
    except OSError as error:
        raise UnreadableFile(path, f"cannot be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableFile(path, "is not a regular file")
    return descriptor


def read_inside(top: str, path: str, limit: int) -> bytes:
    """The file's bytes; `UnreadableFile` also where there are more than `limit`."""
    with open_inside(top, path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise UnreadableFile(path, f"is {size} bytes long; the limit is {limit}")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise UnreadableFile(path, f"is longer than {limit} bytes")
    return content


def status_inside(top: str, path: str) -> os.stat_result:
    """The file's `lstat`; `UnreadableFile` where it is not there, or not inside `top`."""
    try:
        return os.lstat(inside(top, path))
    except OSError as error:
        raise UnreadableFile(path, f"cannot be read: {error.strerror}") from None


def digest_of(file: BinaryIO, algorithm: str, head: bytes = b"") -> str:
    """The hex digest of `head` and the rest of the file, never holding more than a part of it."""
    import hashlib

    state = hashlib.new(algorithm, head, usedforsecurity=False)
    part = memoryview(bytearray(_CHUNK))
    while count := file.readinto(part):  # type: ignore[attr-defined]
        state.update(part[:count])
    return state.hexdigest()

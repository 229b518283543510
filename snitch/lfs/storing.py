"""Objects on this disk, in the layout of Git LFS's own store: whole and as their digest says, or not there at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

from snitch.pointer import Pointer

#: Called with the bytes that are here and the bytes that there will be.
Progress = Callable[[int, int], None]


class Mismatch(Exception):
    """The bytes are not those that the pointer stands for; `str()` of it says why."""


def object_file(folder: str, pointer: Pointer) -> str:
    """Where an object lies below a store's folder."""
    oid = pointer.digest.removeprefix("sha256:")
    return os.path.join(folder, "objects", oid[:2], oid[2:4], oid)


def holds(folder: str, pointer: Pointer) -> bool:
    """Whether a store's folder has the object, going by its size."""
    import stat

    try:
        status = os.stat(object_file(folder, pointer))
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == pointer.size


def store(parts: Iterable[bytes], pointer: Pointer, folder: str, progress: Progress | None = None) -> str:
    """Writes an object as it arrives and gives its file, which is there only once its digest is the pointer's.

    Raises:
        Mismatch: these are other bytes, or more, or fewer.
        OSError: they cannot be written.
    """
    file = object_file(folder, pointer)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    descriptor, incoming = tempfile.mkstemp(prefix="incoming-", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as out:
            for part in _checked(parts, pointer, progress):
                out.write(part)
        os.replace(incoming, file)
    except BaseException:
        os.unlink(incoming)
        raise
    return file


def _checked(parts: Iterable[bytes], pointer: Pointer, progress: Progress | None) -> Iterator[bytes]:
    """The parts, which turn out at the end to be what the pointer stands for, or before it not to be."""
    digest, count = sha256(), 0
    for part in parts:
        count += len(part)
        if count > pointer.size:
            raise Mismatch(f"it sent more than the {pointer.size:,} bytes of the pointer")
        digest.update(part)
        yield part
        if progress is not None:
            progress(count, pointer.size)
    if count != pointer.size:
        raise Mismatch(f"it sent {count:,} bytes; the pointer says {pointer.size:,}")
    if f"sha256:{digest.hexdigest()}" != pointer.digest:
        raise Mismatch("the bytes it sent have another digest than the pointer")

"""Files that jobs of the gate's own pipeline hand over: read within bounds, whatever they hold."""

from __future__ import annotations

import os
import stat
from typing import TypeVar

from snitch.checking.commits import Misuse
from snitch.documents import Unreadable
from snitch.snapshot import MemorySnapshot
from snitch.source import File, Source

T = TypeVar("T")


def read_handed(path: str, kind: type[T], option: str, what: str, limit: int) -> tuple[File, T | None, str]:
    """A `.json` file of this machine, its content as a `kind`, and why it is none such where it is not.

    Raises:
        Misuse: there is no such file, or it is no regular `.json` file of at most `limit` bytes.
    """
    if not path.endswith(".json"):
        raise Misuse(f"{option} takes a .json file, not `{path}`")
    source = Source(MemorySnapshot({path: _read(path, what, limit)}, ref=what))
    file = File(source, path)
    try:
        return file, source.decoded(path, kind), ""
    except Unreadable as error:
        first = error.problems[0]
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return file, None, f"{first.message}{more}"


def _read(path: str, what: str, limit: int) -> bytes:
    """A file's bytes; a pipe is not waited for, and nothing endless is read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Misuse(f"the {what} {path!r} cannot be read: {reason}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Misuse(f"the {what} {path!r} is no regular file")
    with open(descriptor, "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Misuse(f"the {what} {path!r} is larger than {limit:,} bytes")
    return content

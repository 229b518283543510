"""Shadow reports as jobs hand them over: read within bounds, whatever they hold."""

from __future__ import annotations

import os
import stat

from snitch.checking.commits import Misuse
from snitch.documents import Unreadable
from snitch.formats.shadow import ShadowReport
from snitch.gate import Shadow
from snitch.snapshot import MemorySnapshot
from snitch.source import File, Source

#: A report holds a few histograms.
MAX_BYTES = 1024 * 1024


def read_shadow(path: str) -> Shadow:
    """The shadow report in a file of this machine. What is wrong with its content is for the rule to tell.

    Raises:
        Misuse: there is no such file, or it is no regular `.json` file of at most 1 MiB.
    """
    if not path.endswith(".json"):
        raise Misuse(f"--shadow takes a .json file, not `{path}`")
    content = _read(path)
    source = Source(MemorySnapshot({path: content}, ref="shadow report"))
    file = File(source, path)
    try:
        return Shadow(file, source.decoded(path, ShadowReport))
    except Unreadable as error:
        first = error.problems[0]
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return Shadow(file, None, f"{first.message}{more}")


def _read(path: str) -> bytes:
    """A file's bytes; a pipe is not waited for, and nothing endless is read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Misuse(f"the shadow report {path!r} cannot be read: {reason}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Misuse(f"the shadow report {path!r} is no regular file")
    with open(descriptor, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Misuse(f"the shadow report {path!r} is larger than {MAX_BYTES:,} bytes")
    return content

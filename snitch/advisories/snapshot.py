"""The snapshot's file: written alike from the same records wherever it is written, and read within bounds."""

from __future__ import annotations

from msgspec import MsgspecError, json
from msgspec.structs import replace

from snitch.documents import Document, Problem, Unreadable
from snitch.documents.decoding import decode
from snitch.documents.json_text import read_json
from snitch.formats.advisories import MAX_BYTES, MAX_VALUES, AdvisorySnapshot
from snitch.pointer import looks_like_pointer


def read_snapshot(path: str, content: bytes) -> AdvisorySnapshot:
    """A snapshot out of its file.

    Raises:
        Unreadable: it is not valid, with every cause.
    """
    if looks_like_pointer(content):
        problem = Problem("", "is a Git LFS pointer", "keep it in Git itself, so that the gate can read it")
        raise Unreadable(path, (problem,))
    if len(content) > MAX_BYTES:
        raise Unreadable(path, (Problem("", f"is {len(content):,} bytes; the limit is {MAX_BYTES:,}"),))
    try:
        snapshot = json.decode(content, type=AdvisorySnapshot)
        # A key that stands twice took a colon along. What else differs is told below, in ten times the time.
        if json.encode(snapshot).count(b":") == content.count(b":"):
            return snapshot
    except (MsgspecError, ValueError, OverflowError, RecursionError):
        pass
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(path, (Problem("", "is not UTF-8 text"),)) from None
    return decode(Document(path, text, read_json(path, text, most=MAX_VALUES)), AdvisorySnapshot)


def write_snapshot(snapshot: AdvisorySnapshot) -> bytes:
    """The snapshot as a file, one advisory a line, so that a diff shows which changed."""
    encode = json.Encoder().encode
    empty = encode(replace(snapshot, advisories=())).removesuffix(b"]}")
    lines = b",\n".join(encode(each) for each in sorted(snapshot.advisories, key=lambda each: each.id))
    return empty + b"\n" + lines + b"\n]}\n"

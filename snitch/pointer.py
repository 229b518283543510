"""Git LFS pointers: what stands for the weights in a Git object, and carries their digest."""

from __future__ import annotations

import re
from typing import NamedTuple

#: A pointer is at most this long (the specification's own bound); whatever is longer is content.
MAX_POINTER_BYTES = 1024

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"oid sha256:(?P<oid>[0-9a-f]{64})\n"
    rb"size (?P<size>0|[1-9][0-9]{0,18})\n"
)


class Pointer(NamedTuple):
    """A well-formed pointer: the content's digest as `sha256:<hex>` and its size in bytes."""

    digest: str
    size: int


def looks_like_pointer(content: bytes) -> bool:
    """Whether the content means to be a pointer, well-formed or not (the pre-release `hawser` spelling included)."""
    head = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return (
        len(content) <= MAX_POINTER_BYTES and head.startswith(b"version ") and (b"git-lfs" in head or b"hawser" in head)
    )


def parse_pointer(content: bytes) -> Pointer | None:
    """The pointer, if this is the one valid encoding of one; None otherwise.

    Pointers with `ext-` lines are refused: an extension is a program of the repository's choosing.
    """
    match = _POINTER.fullmatch(content)
    return Pointer(f"sha256:{match['oid'].decode()}", int(match["size"])) if match else None


def write_pointer(digest: str, size: int) -> bytes:
    """The one valid encoding of a pointer to `digest` (`sha256:<hex>`)."""
    return f"version https://git-lfs.github.com/spec/v1\noid {digest}\nsize {size}\n".encode()

"""A dependency file's bytes as text, and what in them a person would not see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from snitch.dependencies.declared import Kind

MAX_BYTES = 4 * 1024 * 1024

_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
#: As installers look for it: in a comment that begins one of the first two lines.
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_PLAIN_CODINGS = {"utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii"}
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Oddity(NamedTuple):
    """Something wrong with a file's text: a kind of problem, its line (from 1), what is wrong and how to mend it."""

    kind: Kind
    line: int
    message: str
    help: str


def decode(content: bytes) -> tuple[str, tuple[Oddity, ...]]:
    """The text of a file ("" where nothing of it can be believed) and what is odd about it."""
    if len(content) > MAX_BYTES:
        oddity = Oddity("unreadable", 1, f"is {len(content):,} bytes; the limit is {MAX_BYTES:,}", "split it")
        return "", (oddity,)
    if content.startswith(_WIDE_MARKS) or b"\0" in content:
        return "", (
            Oddity("unsafe", content.split(b"\0")[0].count(b"\n") + 1, "is not UTF-8 text", "save it as UTF-8"),
        )
    try:
        text = content.removeprefix(_MARK).decode()
    except UnicodeDecodeError:
        return "", (*_codings(content), _not_utf8(content))
    if content.isascii():
        return text, tuple(_codings(content))
    return text, (*_codings(content), *_reordered(text))


def _not_utf8(content: bytes) -> Oddity:
    line = content.decode("utf-8", "replace").partition("\ufffd")[0].count("\n") + 1
    return Oddity("unreadable", line, "is not UTF-8 text", "save it as UTF-8")


def _codings(content: bytes) -> Iterator[Oddity]:
    if b"coding" not in content:
        return
    for number, line in enumerate(content.removeprefix(_MARK).split(b"\n", 2)[:2], 1):
        match = _CODING.search(line) if line.startswith(b"#") else None
        if match and (coding := match[1].decode("ascii", "replace")).lower().replace("_", "-") not in _PLAIN_CODINGS:
            yield Oddity(
                "unsafe",
                number,
                f"is declared as `{coding[:40]}`: an installer may read other requirements than you see",
                "save it as UTF-8 and delete the declaration",
            )


def _reordered(text: str) -> Iterator[Oddity]:
    match = _REORDERING.search(text)
    if match:
        yield Oddity(
            "unsafe",
            text.count("\n", 0, match.start()) + 1,
            f"holds U+{ord(match[0]):04X}, which shows text in another order than it is read",
            "delete that character",
        )

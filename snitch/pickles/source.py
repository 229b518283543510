"""Bytes that are read once, forwards, within bounds, and never all at once."""

from __future__ import annotations

from io import SEEK_CUR, SEEK_END
from time import monotonic
from typing import BinaryIO

import msgspec

#: At most this much is read at a time.
CHUNK = 1 << 16


class Refused(Exception):
    """Why what was read cannot be judged harmless: it was not understood, or it is too large to be."""


class Broken(Refused):
    """Why every unpickler would stop here with an error."""


class Trailing(Refused):
    """That bytes follow the end, which no unpickler of one pickle reads."""


class Unresolved(Refused):
    """What only an unpickler that knows more than the file's bytes can go beyond: a later protocol, things outside."""


class Limits(msgspec.Struct, frozen=True):
    """How much is done before a file is refused as too large to judge, and what else it may import.

    Bytes that can be stepped over without being read cost nothing and do not count. `seconds` is a backstop for slow
    disks; the others make the same verdict on every machine.
    """

    #: Read, or inflated from a compressed stream.
    bytes: int = 4 << 30
    #: A stream that inflates to more than `grace` bytes may not be more than so many times its compressed size.
    ratio: int = 200
    grace: int = 64 << 20
    #: Of these, opcodes and their shorter arguments: what is kept in memory.
    code: int = 512 << 20
    #: Of a pickle. 100 MB of small objects are some 40 million.
    opcodes: int = 64_000_000
    memo: int = 16_000_000
    #: The number that something may be memoized under.
    index: int = 16_000_000
    seconds: float = 120.0
    #: (module, name) of what is trusted beyond the allow-list, because the reader trusts it.
    trusted: frozenset[tuple[str, str]] = frozenset()


class Source:
    """A binary stream from where it stands. Truncation and every exceeded limit raise `Refused`."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._size = _remaining(stream)
        self._allowance = limits.bytes
        self._code = limits.code
        self._deadline = monotonic() + limits.seconds
        self._buffer = b""
        self._at = 0
        self._base = 0

    @property
    def position(self) -> int:
        """How many bytes were consumed."""
        return self._base + self._at

    @property
    def held(self) -> tuple[bytes, int]:
        """Bytes that are in memory, and where among them the next one is."""
        return self._buffer, self._at

    def pass_by(self, count: int) -> None:
        """Consumes `count` of the bytes that are held."""
        self._at += count

    def byte(self) -> int:
        """The next byte."""
        if self._at == len(self._buffer):
            self._read_on()
        self._at += 1
        return self._buffer[self._at - 1]

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes; `count` is at most `CHUNK`."""
        while self._at + count > len(self._buffer):
            self._read_on()
        start = self._at
        self._at += count
        return self._buffer[start : self._at]

    def line(self, longest: int) -> bytes:
        """The bytes up to a line feed, which is consumed; of a line longer than `longest` bytes one more than those."""
        line = b""
        while (end := self._buffer.find(b"\n", self._at)) < 0:
            line += self._buffer[self._at :] if len(line) <= longest else b""
            self._at = len(self._buffer)
            self._read_on()
        line += self._buffer[self._at : end] if len(line) <= longest else b""
        self._at = end + 1
        return line[: longest + 1]

    def skip(self, count: int) -> None:
        """Steps over `count` bytes: by seeking where the stream can, else by reading on."""
        self._code += count
        if self._size is not None and count > self._size - self.position:
            raise Broken(f"it is truncated: {count} bytes are announced at byte {self.position}, and fewer follow")
        held = len(self._buffer) - self._at
        if self._size is not None and count > held:
            self._stream.seek(count - held, SEEK_CUR)
            self._base, self._at, self._buffer = self.position + count, 0, b""
            return
        while count > held:
            count -= held
            self._at += held
            self._read_on()
            held = len(self._buffer)
        self._at += count

    def at_end(self) -> bool:
        """Whether nothing follows."""
        return self._at == len(self._buffer) and not self._more()

    def check_clock(self) -> None:
        if monotonic() > self._deadline:
            raise Refused("it takes too long to read")

    def _read_on(self) -> None:
        if not self._more():
            raise Broken(f"it is truncated: it ends at byte {self._base + len(self._buffer)}")

    def _more(self) -> bool:
        """Drops what was consumed and holds a chunk more; False at the end."""
        piece = self._stream.read(CHUNK)
        self._base, self._buffer, self._at = self.position, self._buffer[self._at :] + piece, 0
        self._allowance -= len(piece)
        if self._allowance < 0 or self._base > self._code:
            raise Refused("it is larger than Snitch reads")
        self.check_clock()
        return bool(piece)


def _remaining(stream: BinaryIO) -> int | None:
    """How many bytes follow; None where the stream cannot seek."""
    if not stream.seekable():
        return None
    start = stream.tell()
    size = stream.seek(0, SEEK_END) - start
    stream.seek(start)
    return size

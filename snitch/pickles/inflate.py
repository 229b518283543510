"""A compressed file as a forward-only stream of what is in it: one compressed stream, to the file's last byte."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from snitch.pickles.source import CHUNK, Broken, Limits, Refused

#: What a decompressor may need for itself; xz's strongest preset takes 65 MiB.
MEMORY = 128 << 20

_MAGICS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x5d\x00\x00": "lzma",
    **{bytes([0x78, flags]): "zlib" for flags in (0x01, 0x5E, 0x9C, 0xDA)},
}


def compression(head: bytes) -> str | None:
    """What a file that begins like this is compressed with; None if it is not, or with something unknown."""
    return next((name for magic, name in _MAGICS.items() if head.startswith(magic)), None)


def inflated(stream: BinaryIO, name: str, limits: Limits) -> BinaryIO:
    """What `stream` holds, compressed with `name`. Only `read` and `seekable` are there.

    Reading it raises `Refused` for anything but one sound compressed stream that inflates within the limits.
    """
    return cast(BinaryIO, _Inflated(stream, _decompressor(name), limits))


def _decompressor(name: str) -> Any:
    if name in ("gzip", "zlib"):
        import zlib

        return _Zlib(zlib.decompressobj(31 if name == "gzip" else 15))
    if name == "bzip2":
        import bz2

        return bz2.BZ2Decompressor()
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=MEMORY)


class _Zlib:
    """zlib's decompressor behind the interface of the other two."""

    def __init__(self, decompressor: Any) -> None:
        self._decompressor = decompressor

    def decompress(self, content: bytes, longest: int) -> bytes:
        inflated: bytes = self._decompressor.decompress(self._decompressor.unconsumed_tail + content, longest)
        return inflated

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.eof)

    @property
    def needs_input(self) -> bool:
        return not self._decompressor.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return bytes(self._decompressor.unused_data)


class _Inflated:
    def __init__(self, stream: BinaryIO, decompressor: Any, limits: Limits) -> None:
        self._stream = stream
        self._decompressor = decompressor
        self._limits = limits
        self._taken = 0
        self._given = 0

    def seekable(self) -> bool:
        return False

    def read(self, longest: int) -> bytes:
        """At least one byte and at most `longest`, or none at the end."""
        while not self._decompressor.eof:
            content = self._more() if self._decompressor.needs_input else b""
            piece = self._inflate(content, longest)
            if piece:
                return piece
        if self._decompressor.unused_data or self._stream.read(1):
            raise Refused("more bytes follow the compressed ones")
        return b""

    def _more(self) -> bytes:
        content = self._stream.read(CHUNK)
        self._taken += len(content)
        if not content:
            raise Broken("it is truncated: its compressed bytes end too early")
        return content

    def _inflate(self, content: bytes, longest: int) -> bytes:
        try:
            piece: bytes = self._decompressor.decompress(content, longest)
        except Exception as error:
            # Each library has errors of its own, and MemoryError beside them.
            raise Broken(f"its compressed bytes cannot be read ({error})") from error
        self._given += len(piece)
        if self._given > self._limits.grace and self._given > self._limits.ratio * self._taken:
            raise Refused(f"it inflates to more than {self._limits.ratio} times its size")
        return piece

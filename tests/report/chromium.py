"""A real browser, without a window: what it lays out, what it paints, what it fetches."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import zlib
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"),
)
#: Seconds; a browser starts in one, but not on a machine that has much else to do.
_PATIENCE = 120

Pixel = tuple[int, ...]


class Browser:
    """Chromium, started anew for each page, with a profile that nobody else has."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder

    def evaluated(self, page: str, script: str, *, width: int) -> Any:
        """What a script of ours finds in the page, which is laid out as wide as asked and is itself left as it is.

        The script is a function's body, in which `view` is the page's window; what it returns must be JSON.
        """
        # A window is never as narrow as a phone; a frame is.
        frame = f'<iframe width="{width}" height="800" style="border:0" srcdoc="{escape(page)}"></iframe>'
        run = f"document.body.dataset.found = JSON.stringify((view => {{{script}}})(frames[0]))"
        dumped = self._run("--dump-dom", width, f"<!doctype html><body>{frame}<script>onload = () => {run}</script>")
        found = re.search(r'<body[^>]* data-found="([^"]*)"', dumped.decode())
        assert found, dumped.decode()[-500:]
        return json.loads(unescape(found[1]))

    def painted(self, page: str, *, width: int, dark: bool = False) -> list[list[Pixel]]:
        """The pixels of the page's top, by row."""
        picture = self._folder / "page.png"
        # Blink numbers the schemes: 0 is dark, 1 light.
        self._run(f"--screenshot={picture}", width, page, f"--blink-settings=preferredColorScheme={int(not dark)}")
        return pixels(picture.read_bytes())

    def _run(self, what: str, width: int, page: str, *flags: str) -> bytes:
        file = self._folder / "page.html"
        file.write_text(page, encoding="utf-8")
        profile = f"--user-data-dir={self._folder / 'profile'}"
        command = [self._program, *_FLAGS, profile, f"--window-size={width},800", *flags, what, file.as_uri()]
        return subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=True).stdout


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """The browser; only where no CI asks for it may there be none."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium is installed")
        pytest.skip("no Chromium is installed")
    return Browser(program, tmp_path)


def pixels(png: bytes) -> list[list[Pixel]]:
    """The pixels of a PNG of 8 bits a channel that is not interlaced, by row."""
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    assert (depth, interlaced) == (8, 0)
    size = {2: 3, 6: 4}[kind]
    data = zlib.decompress(b"".join(_chunks(png)))
    rows: list[list[Pixel]] = []
    above = bytearray(width * size)
    for start in range(0, height * (width * size + 1), width * size + 1):
        above = _unfiltered(data[start], bytearray(data[start + 1 : start + 1 + width * size]), above, size)
        rows.append([tuple(above[at : at + 3]) for at in range(0, len(above), size)])
    return rows


def _chunks(png: bytes) -> list[bytes]:
    chunks, at = [], 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            chunks.append(png[at + 8 : at + 8 + length])
        at += 12 + length
    return chunks


def _unfiltered(kind: int, line: bytearray, above: bytearray, size: int) -> bytearray:
    """A row of bytes as they were before they were filtered (PNG, section 9)."""
    for at in range(len(line)):
        left = line[at - size] if at >= size else 0
        corner = above[at - size] if at >= size else 0
        guess = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]
        line[at] = (line[at] + guess) & 0xFF
    return line


def _paeth(left: int, above: int, corner: int) -> int:
    whole = left + above - corner
    return min((left, above, corner), key=lambda each: abs(whole - each))

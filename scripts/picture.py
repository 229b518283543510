"""A terminal's output as an SVG: text with ANSI colours in, a picture out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

_CODE = re.compile(r"\x1b\[([0-9;]*)m")
_COLORS = {
    "31": "#e06c75", "32": "#98c379", "33": "#e5c07b", "34": "#61afef", "35": "#c678dd", "36": "#56b6c2",
    "90": "#7f848e", "91": "#e06c75", "92": "#98c379", "93": "#e5c07b", "94": "#61afef", "95": "#c678dd",
    "37": "#dcdfe4", "96": "#56b6c2",
}  # fmt: skip
_LINE, _CHARACTER, _MARGIN = 19, 8.43, 16


def svg(text: str) -> str:
    """The picture of a transcript; its size follows the text."""
    lines = text.rstrip("\n").split("\n")
    width = round(max(len(_CODE.sub("", line)) for line in lines) * _CHARACTER + 2 * _MARGIN)
    height = len(lines) * _LINE + 2 * _MARGIN
    rows = "\n".join(_row(line, _MARGIN + (number + 1) * _LINE - 5) for number, line in enumerate(lines))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<style>
text {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #dcdfe4; white-space: pre }}
</style>
<rect width="100%" height="100%" rx="8" fill="#1e2127"/>
{rows}
</svg>
"""


def _row(line: str, y: int) -> str:
    spans = "".join(f"<tspan{style}>{escape(text)}</tspan>" for text, style in _spans(line))
    return f'<text x="{_MARGIN}" y="{y}" xml:space="preserve">{spans}</text>'


def _spans(line: str) -> Iterator[tuple[str, str]]:
    """The line's pieces, each with the attributes of its colours."""
    color, bold, start = "", False, 0
    for code in _CODE.finditer(line):
        if line[start : code.start()]:
            yield line[start : code.start()], _style(color, bold)
        start = code.end()
        for number in code[1].split(";"):
            if number in ("", "0"):
                color, bold = "", False
            elif number == "1":
                bold = True
            elif number in _COLORS:
                color = _COLORS[number]
    if line[start:]:
        yield line[start:], _style(color, bold)


def _style(color: str, bold: bool) -> str:
    return (f' fill="{color}"' if color else "") + (' font-weight="bold"' if bold else "")

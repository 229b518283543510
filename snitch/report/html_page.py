"""The frame of an HTML report: one file that needs nothing else, and runs, fetches and sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from snitch.escape import for_html
from snitch.report.html_style import STYLE

if TYPE_CHECKING:
    from snitch.report.look import Look

#: Nothing is fetched, run, framed or sent, whatever might have got into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def head(title: str) -> Iterator[str]:
    """All before the page's content."""
    yield "<!doctype html>"
    yield '<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{for_html(title)}</title>"
    yield f"<style>\n{STYLE}</style>\n</head>\n<body>\n<main>"


def page(blocks: Iterable[str], look: Look) -> str:
    """The whole page of a head and its content, with a final newline."""
    text = "\n".join([*blocks, "</main>\n</body>\n</html>"]) + "\n"
    return text if look.unicode else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def section(title: str, content: Iterable[str]) -> Iterator[str]:
    """The content beneath a heading; nothing where there is none."""
    blocks = list(content)
    if blocks:
        yield f"<section>\n<h2>{title}</h2>"
        yield from blocks
        yield "</section>"

"""Which files' names a text may hold, however they are spelled there: a search for words that parses nothing.

A word is a run of plain characters. Quotes, folded lines and continued ones leave it whole, unless they stand within
it; where one may, or an escape may spell a part of it, nothing is certain.
"""

from __future__ import annotations

import posixpath
import re

from snitch.layout import MANIFEST

_WORD = re.compile(r"[A-Za-z0-9._+-]+")
_PLAIN = re.compile(r"[A-Za-z0-9._+/-]+\Z")
#: A folder or a file below another; a shell's quotes may stand around it.
_COMPONENT = re.compile(r"/[\"']*([A-Za-z0-9._+-]+)")
#: What a shell takes for one word; so are the options of requirements read.
_QUOTED_WITHIN = re.compile(r"[A-Za-z0-9._+-][\"']+[A-Za-z0-9._+-]")
#: A line that goes on in the next, which TOML and YAML then strip of its indentation.
_GOES_ON = re.compile(r"\\+[^\S\n]*\n")
_GOES_ON_INDENTED = re.compile(r"\\+[^\S\n]*\n\s*")
#: Options whose value may follow them at once.
_ATTACHED = ("-r", "-c")


def is_plain(path: str) -> bool:
    """Whether a path is spelled in one way only, wherever nothing is escaped: no line breaks within it."""
    return _PLAIN.match(path) is not None


def word_of(path: str) -> str:
    """The word to look for in whatever may name the path: the longest in its last part; empty where it has none."""
    return max(_WORD.findall(posixpath.basename(path)), key=len, default="")


def components_in(path: str, line: str) -> list[str] | None:
    """The words behind a slash in a line of a file; None where it may spell others.

    It holds each plain name that the file gives by a path whose last `..` is in this line.
    """
    if "\\" in line or (_is_shell_like(path) and _quotes_within(line)):
        return None
    return _COMPONENT.findall(line)


def words_in(path: str, text: str) -> set[str] | None:
    """The words in a file's text; None where it may spell others."""
    if "\\" not in text:
        texts = [text]
    elif _is_shell_like(path):
        # Which lines go on depends on the format, and on what is a comment.
        joined = _GOES_ON.sub("", text)
        if "\\" in joined:
            return None
        texts = [joined, _GOES_ON_INDENTED.sub("", text), text]
    else:
        return None
    if _is_shell_like(path) and any(map(_quotes_within, texts)):
        return None
    words = {word for each in texts for word in _WORD.findall(each)}
    return words | {word[2:] for word in words if word.startswith(_ATTACHED)}


def _is_shell_like(path: str) -> bool:
    """Whether a file may hold the options of a requirements file: any but manifests and evaluations."""
    return posixpath.basename(path) != MANIFEST and not path.endswith(".json")


def _quotes_within(text: str) -> bool:
    if _QUOTED_WITHIN.search(text) is None:
        return False
    # In a comment, an apostrophe is one.
    return any(_QUOTED_WITHIN.search(line) for line in text.splitlines() if not line.lstrip().startswith("#"))

"""requirements.txt as pip reads it: comments, continued lines, options, hashes, included files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from snitch.dependencies.declared import Place
from snitch.dependencies.options import UNSAFE, NotAnOption, Option, read_options
from snitch.dependencies.reading import Reading
from snitch.dependencies.requirement_text import shown

MAX_LINE = 64 * 1024

_FIRST_OPTION = re.compile(r"(?:^|\s)-")
#: What continues a line, or breaks one where people may not see it.
_NOT_PLAIN = re.compile("[\\\\\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")


class _Line(NamedTuple):
    """A logical line: its text without comment, and where its first part stands."""

    text: str
    number: int
    column: int
    length: int
    #: What in it reads differently to a person than to an installer; "" for nothing.
    trick: str


def read_requirements(
    reading: Reading, path: str, text: str, constraint: bool, *, first_line: int = 1, indent: int = 0
) -> None:
    """Reads the lines of a text; where it is a part of another file, `first_line` and `indent` say where it stands."""
    reading.count_lines(text, Place(path, first_line))
    for line in _logical_lines(text, first_line):
        place = Place(path, line.number, line.column + indent, line.length, shown(line.text))
        if line.trick:
            reading.refuse("unsafe", place, line.trick, "write one requirement on one plain line")
        if len(line.text) > MAX_LINE:
            reading.refuse("unreadable", place, f"a line of more than {MAX_LINE:,} characters", "split it")
        elif line.text:
            _read_line(reading, line.text, place, constraint)


def _read_line(reading: Reading, text: str, place: Place, constraint: bool) -> None:
    match = _FIRST_OPTION.search(text)
    if match is None:
        place = place if place.length <= len(text) else place._replace(length=len(text))
        return reading.require(text, place, constraint=constraint)
    requirement, written = text[: match.start()].rstrip(), text[match.end() - 1 :]
    try:
        options = read_options(written)
    except NotAnOption as error:
        return reading.refuse("unreadable", place, str(error), "write `name==1.2.3`, or one option a line")
    if not requirement:
        return _read_options(reading, text, options, place, constraint)
    place = place._replace(length=min(place.length, len(requirement)), text=shown(requirement))
    hashes = False
    for option in options:
        if option.name == "hash":
            hashes = True
        elif option.name in UNSAFE:
            _refuse_option(reading, option, place)
        else:
            message = f"`--{option.name}` behind a requirement has no effect"
            reading.refuse("unreadable", place, message, "put it on a line of its own")
    return reading.require(requirement, place, constraint=constraint, hashes=hashes)


def _read_options(reading: Reading, text: str, options: list[Option], place: Place, constraint: bool) -> None:
    includes = 0
    for option in options:
        if option.name in UNSAFE:
            _refuse_option(reading, option, place)
        elif option.name in ("requirement", "constraint"):
            includes += 1
            reading.include(option.value, place, constraint=option.name == "constraint")
        elif option.name == "hash":
            reading.refuse("unreadable", place, "a hash without a requirement", "put it behind its requirement")
        elif _VARIABLE.search(text):
            message = f"`{shown(text)}` depends on an environment variable"
            reading.refuse("unsafe", place, message, "write what it stands for")
    if includes > 1:
        reading.refuse("unreadable", place, "an installer reads only the first file of this line", "one option a line")


def _refuse_option(reading: Reading, option: Option, place: Place) -> None:
    what, mend = UNSAFE[option.name]
    reading.refuse("unsafe", place, f"`--{option.name}` {what}", mend)


def _logical_lines(text: str, first_line: int) -> Iterator[_Line]:
    """Joins continued lines and cuts comments off, exactly as pip does: its order decides what a comment hides."""
    if _NOT_PLAIN.search(text) is None:
        yield from _plain_lines(text, first_line)
        return
    parts: list[str] = []
    number, first, trick = 0, "", ""
    for physical, line, hidden in _physical_lines(text, first_line):
        is_comment = line.lstrip().startswith("#")
        continued = line.endswith("\\") and not is_comment
        if not parts:
            number, first, trick = physical, line, ""
        trick = trick or hidden or _continuation_trick(parts, line, continued=continued, is_comment=is_comment)
        parts.append(line.strip("\\") if continued else " " + line if is_comment else line)
        if not continued:
            yield _Line(_without_comment("".join(parts)), number, *_extent(first), trick)
            parts = []
    if parts:
        yield _Line(_without_comment("".join(parts)), number, *_extent(first), trick)


def _plain_lines(text: str, first_line: int) -> Iterator[_Line]:
    """The lines that say something, of a text in which none is continued and each ends where it seems to."""
    for number, line in enumerate(text.split("\n"), first_line):
        said = _without_comment(line)
        if said:
            yield _Line(said, number, len(line) - len(line.lstrip()) + 1, len(said), "")


def _physical_lines(text: str, first_line: int) -> Iterator[tuple[int, str, str]]:
    """The number and text of each line, and what is wrong with where it breaks.

    Python, and so pip, also breaks lines at form feeds and the like, where editors and diffs do not.
    """
    for number, raw in enumerate(text.split("\n"), first_line):
        first, *others = raw.splitlines() or [""]
        yield number, first, ""
        for other in others:
            yield number, other, "a hidden line break: an installer reads more lines than you see"


def _continuation_trick(parts: list[str], line: str, *, continued: bool, is_comment: bool) -> str:
    if parts and parts[-1][-1:].strip() and line[:1].strip() and not is_comment:
        return "a backslash joins two halves of a word"
    if continued and (line.endswith("\\\\") or line.startswith("\\")):
        return "more than one backslash continues this line"
    if continued and _comment_start(line) >= 0:
        return "a backslash makes the next line part of a comment"
    return ""


def _extent(line: str) -> tuple[int, int]:
    """Column and length of what a physical line says, its comment and backslash left out."""
    said = _without_comment(line.rstrip("\\"))
    return len(line) - len(line.lstrip()) + 1, len(said)


def _without_comment(line: str) -> str:
    at = _comment_start(line)
    return (line[:at] if at >= 0 else line).strip()


def _comment_start(line: str) -> int:
    """Where a comment begins (`#` at the start or after a blank), or -1."""
    at = line.find("#")
    while at > 0 and not line[at - 1].isspace():
        at = line.find("#", at + 1)
    return at

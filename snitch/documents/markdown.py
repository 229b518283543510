"""Markdown as far as rules about cards and changelogs need it: which sections there are, and which of them say nothing.

Headings of both kinds count. What a reader does not see does not: front matter, comments, link definitions.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Each is searched for in a text that starts with a newline: a literal first character is what makes the search fast.
_LINE = re.compile(
    r"\n {0,3}(?=[#`~=-])(?:"
    r"(?P<fence>`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})"
    r"|(?P<hashes>#{1,6})(?=[ \t\r\n]|\Z)(?P<title>[^\n]*)"
    r"|(?P<underline>=+|-+)[ \t]*\r?(?=\n|\Z)"
    r")"
)
_COMMENT = re.compile("<!--")
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?:[^\n]*\n)*?(?:---|\.\.\.)[ \t]*\r?(?=\n|\Z)")
_CLOSING_HASHES = re.compile(r"(?:^|(?<=[ \t]))#+$")
#: Begins a line that is no paragraph, so that a line of dashes below it is a rule and makes it no heading.
_NOT_A_PARAGRAPH = re.compile(r" {0,3}(?:[-*+>|]|\d{1,9}[.)](?=\s|\Z))| {4}|\t")
#: A line that says something: neither a link definition, nor a bullet or a number alone.
_SAYS_SOMETHING = re.compile(
    r"^[ \t]*(?!\[[^\]\n]+\]:|(?:[-*+>]|\d{1,9}[.)])[ \t]*\r?$)[^\s]", re.MULTILINE
)  # fmt: skip


class Section(NamedTuple):
    """A heading and what stands below it, up to the next heading of its level or higher; `line` counts from 1."""

    title: str
    level: int
    line: int
    is_empty: bool


def sections(text: str) -> list[Section]:
    """The sections of a text, in order. One is empty where it and all below it hold headings alone."""
    return _Scan(text).sections()


def without_code(text: str) -> str:
    """The text with code blanked out, every character that stays at its line and column."""
    kept: list[str] = []
    at, padded = 0, "\n" + text
    while True:
        fence = next((m for m in _LINE.finditer(padded, at) if m["fence"]), None)
        if fence is None:
            break
        end = _end_of_fence(padded, fence)
        kept += [padded[at : fence.start()], _blank(padded[fence.start() : end])]
        at = end
    kept.append(padded[at:])
    return "\n".join(map(_without_spans, "".join(kept)[1:].split("\n")))


def _without_spans(line: str) -> str:
    """A line with what stands between backticks blanked out; a lone backtick is text."""
    if "`" not in line:
        return line
    parts = line.split("`")
    return "`".join(
        part if index % 2 == 0 or index == len(parts) - 1 else _blank(part) for index, part in enumerate(parts)
    )


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _end_of_fence(padded: str, fence: re.Match[str]) -> int:
    """Just past the line that closes a fence; the end of the text where nothing does."""
    run = fence["fence"]
    closing = re.compile(rf"\n {{0,3}}{run[0]}{{{len(run)},}}[ \t]*\r?(?=\n|\Z)").search(padded, fence.end())
    return closing.end() if closing else len(padded)


class _Scan:
    """One walk over a text from one line that matters to the next."""

    def __init__(self, text: str) -> None:
        text = text.removeprefix("\ufeff")
        front = _FRONT_MATTER.match(text)
        self.padded = "\n" + (_blank(front[0]) + text[front.end() :] if front else text)
        self.at = self.line = self.counted = 0
        self.ahead: re.Match[str] | None = _LINE.search(self.padded)
        self.has_comments = "<!--" in text
        self.ticks = self.ticks_counted = 0
        self.found: list[tuple[str, int, int]] = []
        self.empty: list[bool] = []
        self.around: list[int] = []
        self.said: list[str] = []

    def sections(self) -> list[Section]:
        while (event := self.next_event()) is not None:
            start, kind = event.start(), event.lastgroup
            self.said.append(self.padded[self.at : start])
            self.at = event.end()
            if kind == "title":
                title = event["title"].strip()
                title = _CLOSING_HASHES.sub("", title).strip() if title.endswith("#") else title
                self.open(title, len(event["hashes"]), start)
            elif kind == "underline":
                self.underline(event)
            elif kind == "fence":
                self.at = _end_of_fence(self.padded, event)
                self.said.append(self.padded[event.end() : self.at])
            else:
                self.skip_comment(event)
        self.said.append(self.padded[self.at :])
        self.close()
        return [Section(*place, is_empty) for place, is_empty in zip(self.found, self.empty, strict=True)]

    def next_event(self) -> re.Match[str] | None:
        if self.ahead is not None and self.ahead.start() < self.at:
            self.ahead = _LINE.search(self.padded, self.at)
        if not self.has_comments:
            return self.ahead
        comment = self.next_comment(self.ahead.start() if self.ahead else len(self.padded))
        return comment or self.ahead

    def next_comment(self, before: int) -> re.Match[str] | None:
        """The next comment's opening that is not quoted as code."""
        for opening in _COMMENT.finditer(self.padded, self.at, before):
            if not self.is_quoted(opening.start()):
                return opening
        return None

    def is_quoted(self, at: int) -> bool:
        """Whether a backtick is open on the line where `at` stands; asked from the top down."""
        line_start = self.padded.rfind("\n", self.ticks_counted, at)
        if line_start >= 0:
            self.ticks, self.ticks_counted = 0, line_start
        self.ticks += self.padded.count("`", self.ticks_counted, at)
        self.ticks_counted = at
        return self.ticks % 2 == 1

    def skip_comment(self, opening: re.Match[str]) -> None:
        end = self.padded.find("-->", opening.end())
        self.at = len(self.padded) if end < 0 else end + 3

    def underline(self, event: re.Match[str]) -> None:
        """A line of `=` or `-`: it makes the paragraph above it a heading, and is a rule where there is none."""
        lines = self.said[-1].split("\n")
        first = len(lines)
        while first > 0 and lines[first - 1].strip():
            first -= 1
        paragraph = lines[first:]
        if not paragraph or _NOT_A_PARAGRAPH.match(paragraph[0]):
            return
        self.said[-1] = "\n".join(lines[:first])
        start = event.start() - sum(len(line) + 1 for line in paragraph)
        title = " ".join(line.strip() for line in paragraph)
        self.open(title, 1 if event["underline"][0] == "=" else 2, start)

    def open(self, title: str, level: int, start: int) -> None:
        self.close()
        self.line += self.padded.count("\n", self.counted, start + 1)
        self.counted = start + 1
        while self.around and self.found[self.around[-1]][1] >= level:
            self.around.pop()
        self.around.append(len(self.found))
        self.found.append((title, level, self.line))
        self.empty.append(True)

    def close(self) -> None:
        """Ends the last heading's own text; if it says something, it does so for every section that it stands in."""
        text, self.said = "".join(self.said), []
        if self.around and self.empty[self.around[-1]] and _SAYS_SOMETHING.search(text):
            for index in self.around:
                self.empty[index] = False

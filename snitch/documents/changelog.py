"""A changelog in the form of Keep a Changelog: one section a version, the newest on top."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from snitch.documents.markdown import Section, sections

CHANGELOG = "CHANGELOG.md"

_ENTRY = re.compile(r"\[?v?(?P<version>[0-9][0-9A-Za-z.+-]*)(?:\]|(?=[\s(:,])|\Z)")
_UNRELEASED = re.compile(r"\[?unreleased\b", re.IGNORECASE)
_MARK = "\ufeff"


class Entry(NamedTuple):
    """A version and the section about it; `before` is what its heading has before the number."""

    version: str
    before: str
    section: Section


def entries(text: str) -> list[Entry]:
    """The versions that a changelog tells of, in its order."""
    found = ((_ENTRY.match(each.title), each) for each in sections(text))
    return [Entry(match["version"], each.title[: match.start("version")], each) for match, each in found if match]


def with_entry(text: str, version: str, day: date, points: Sequence[str]) -> str:
    """The text with a version's entry above all others, each point an item under "Changed"; all else is as it was.

    What is not released yet stays above it. The points are lines of Markdown.
    """
    mark = _MARK if text.startswith(_MARK) else ""
    body = text[len(mark) :]
    newline = "\r\n" if "\r\n" in body else "\n"
    place, level, before = _place(body)
    heading = f"{before}{version}{']' if '[' in before else ''} - {day.isoformat()}"
    lines = [f"{'#' * level} {heading}", "", f"{'#' * (level + 1)} Changed", "", *(f"- {point}" for point in points)]
    above, below = body[:place], body[place:]
    if not above.strip() and not below.strip():
        above = f"# Changelog{newline}"
    above += newline * (2 - _breaks_at_end(above))
    after = newline * (2 if below else 1)
    return mark + above + newline.join(lines) + after + below


def _place(body: str) -> tuple[int, int, str]:
    """Where an entry goes, the level of its heading, and what that has before the number."""
    released = entries(body)
    if released:
        first = released[0]
        return _line_start(body, first.section.line), first.section.level, first.before
    found = sections(body)
    at = next((index for index, each in enumerate(found) if _UNRELEASED.match(each.title)), None)
    if at is None:
        return len(body), 2, "["
    level = found[at].level
    following = next((each for each in found[at + 1 :] if each.level <= level), None)
    return (_line_start(body, following.line) if following else len(body)), level, "["


def _line_start(body: str, line: int) -> int:
    """The index at which a line begins, counted from 1."""
    return sum(len(each) + 1 for each in body.split("\n")[: line - 1])


def _breaks_at_end(text: str) -> int:
    """The line breaks that a text ends in, up to two; no text needs none."""
    if not text:
        return 2
    found = re.search(r"(?:\r?\n){1,2}\Z", text)
    return found[0].count("\n") if found else 0

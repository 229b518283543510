"""Which versions an advisory is about, as intervals of the version order.

As the OSV schema evaluates a record (https://ossf.github.io/osv-schema/#evaluation), for all versions at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from snitch.dependencies.versions import ABOVE_ALL, LEAST, Interval, Version, above, parse_version, union
from snitch.formats.advisories import Affected, Event, Range


class Unordered(Exception):
    """Nobody can tell which versions an advisory is about: it names none, or one that is not PEP 440's."""


def affected_versions(affected: Affected) -> tuple[Interval, ...]:
    """The vulnerable versions, by intervals in order of which no two touch.

    A version that is listed stands for its local ones, too: `1.0+cu118` is built from the code of `1.0`.

    Raises:
        Unordered: see there.
    """
    if not affected.ranges and not affected.versions:
        raise Unordered("it does not say which versions are vulnerable")
    found = [interval for each in affected.ranges for interval in _in_range(each)]
    # What is listed and is no version of PEP 440 can equal none.
    found += [(version, above(version)) for text in affected.versions if (version := parse_version(text)) is not None]
    return union(found)


def _in_range(range_: Range) -> Iterator[Interval]:
    end = _limit(range_)
    turns = sorted(_turns(range_.events), key=lambda turn: turn[0])
    # A range has to say where it begins; one that does not is taken to begin at the beginning.
    begins = any(vulnerable for _, vulnerable in turns)
    at, vulnerable = LEAST, not begins
    for version, becomes in [*turns, (ABOVE_ALL, False)]:
        if vulnerable and at < min(version, end):
            yield at, min(version, end)
        at, vulnerable = version, becomes


def _turns(events: tuple[Event, ...]) -> Iterator[tuple[Version, bool]]:
    """From which version on packages are vulnerable, or are not."""
    for event in events:
        if event.introduced is not None:
            yield (LEAST if event.introduced == "0" else _version(event.introduced)), True
        elif event.fixed is not None:
            yield _version(event.fixed), False
        elif event.last_affected is not None:
            yield above(_version(event.last_affected)), False


def _limit(range_: Range) -> Version:
    limits = [event.limit for event in range_.events if event.limit is not None]
    if not limits or any("*" in limit for limit in limits):
        return ABOVE_ALL
    return max(_version(limit) for limit in limits)


def _version(text: str) -> Version:
    version = parse_version(text)
    if version is None:
        raise Unordered(f"`{text}` is no version of PEP 440")
    return version

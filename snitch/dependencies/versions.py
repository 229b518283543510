"""Sets of versions, as specifiers name them, compared exactly.

A PEP 440 specifier admits a union of intervals of the version order. Between two versions of that order there may be no
other (none lies between `1.0.post1` and `1.0.post2.dev0` but local ones), so every bound is written as the least
version above it; then a half-open interval is empty just when its bounds meet. Pre-releases count as versions like all
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import inf
from typing import Any, NamedTuple

_VERSION = re.compile(
    r"v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(?P<stage>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<stage_number>[0-9]*))?"
    r"(?P<post>-(?P<post_bare>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>[0-9]*))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_number>[0-9]*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.IGNORECASE | re.ASCII,
)
_CLAUSE = re.compile(r"(===|==|~=|!=|<=|>=|<|>)\s*(\S+)")
_STAGES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_BEFORE_STAGES, _FINAL = (-1, 0), (3, 0)
#: A local part that sorts right behind the one it is added to, before any longer one.
_JUST_ABOVE = (-1,)
_MAX_CHARACTERS = 200
_MAX_CLAUSES = 50


class Version(NamedTuple):
    """A place in the version order: versions, and the bounds between them, compare as tuples."""

    epoch: float
    #: Without zeros at its end.
    release: tuple[int, ...] = ()
    stage: tuple[float, float] = _BEFORE_STAGES
    #: -1 for none.
    post: float = -1
    #: Infinite for none.
    dev: float = 0
    local: tuple[tuple[Any, ...], ...] = ()


Interval = tuple[Version, Version]
LEAST = Version(0)
ABOVE_ALL = Version(inf)
_EVERYTHING: tuple[Interval, ...] = ((LEAST, ABOVE_ALL),)


def admits_only(specifier: str, listed: str) -> bool:
    """Whether every version that a requirement's specifier admits is among those that `listed` admits.

    A specifier that is empty, or is not PEP 440's, admits every version; one that contradicts itself admits none, and
    so only listed ones. A `listed` that is empty lists every version.

    Raises:
        ValueError: `listed` is not a PEP 440 specifier.
    """
    outer = intervals_of(listed)
    if outer is None:
        raise ValueError(f"`{listed}` is not a PEP 440 version specifier")
    inner = intervals_of(specifier)
    return lies_within(_EVERYTHING if inner is None else inner, outer)


def contradicts(one: str, other: str) -> bool:
    """Whether two specifiers have no version in common. What is not PEP 440's admits every version."""
    left, right = intervals_of(one), intervals_of(other)
    return not intersection(_EVERYTHING if left is None else left, _EVERYTHING if right is None else right)


def is_specifier(text: str) -> bool:
    """Whether a text is a PEP 440 specifier; an empty one, which admits everything, is."""
    return intervals_of(text) is not None


@lru_cache(maxsize=1024)
def intervals_of(specifier: str) -> tuple[Interval, ...] | None:
    """The intervals that a specifier admits, in order, none empty; None where it is not PEP 440's."""
    clauses = [clause.strip() for clause in specifier.split(",") if clause.strip()]
    if len(clauses) > _MAX_CLAUSES or len(specifier) > _MAX_CLAUSES * _MAX_CHARACTERS:
        return None
    admitted = _EVERYTHING
    for clause in clauses:
        match = _CLAUSE.fullmatch(clause)
        intervals = _clause_intervals(match[1], match[2]) if match else None
        if intervals is None:
            return None
        admitted = intersection(admitted, intervals)
    return admitted


def lies_within(inner: Iterable[Interval], outer: Sequence[Interval]) -> bool:
    """Whether each interval of one set lies in one of another, of which no two touch."""
    return all(any(start <= low and high <= end for start, end in outer) for low, high in inner)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same versions by intervals in order, of which no two touch."""
    merged: list[Interval] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], high)
        elif low < high:
            merged.append((low, high))
    return tuple(merged)


def intersection(one: Iterable[Interval], other: Sequence[Interval]) -> tuple[Interval, ...]:
    """The versions that are in both, by intervals in order."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other)
    return tuple(sorted((low, high) for low, high in pairs if low < high))


def _clause_intervals(operator: str, text: str) -> tuple[Interval, ...] | None:
    if text.endswith(".*"):
        return _prefix_intervals(operator, text[:-2])
    version = parse_version(text)
    if operator == "===":
        # Installers compare the very text; of equal versions only one is meant, and what is no version is never found.
        return ((version, _above(version)),) if version else ()
    if version is None or (version.local and operator not in ("==", "!=")):
        return None
    if operator == "~=":
        release = text.lower().removeprefix("v").rpartition("!")[2]
        numbers = _numbers(release)
        return ((version, _least(version.epoch, _raised(numbers[:-1]))),) if len(numbers) > 1 else None
    return _ordered(operator, version)


def _ordered(operator: str, version: Version) -> tuple[Interval, ...]:
    end = above(version)
    if operator == "==":
        return ((version, end),)
    if operator == "!=":
        return tuple(interval for interval in ((LEAST, version), (end, ABOVE_ALL)) if interval[0] < interval[1])
    if operator == ">=":
        return ((version, ABOVE_ALL),)
    if operator == "<=":
        return ((LEAST, end),)
    if operator == ">":
        return ((_above_posts(version), ABOVE_ALL),)
    is_prerelease = version.dev != inf or version.stage != _FINAL
    below = version if is_prerelease else version._replace(dev=0)
    below = below if is_prerelease or version.post >= 0 else below._replace(stage=_BEFORE_STAGES)
    return ((LEAST, below),) if below > LEAST else ()


def _prefix_intervals(operator: str, text: str) -> tuple[Interval, ...] | None:
    match = _VERSION.fullmatch(text)
    if operator not in ("==", "!=") or len(text) > _MAX_CHARACTERS or match is None:
        return None
    if match["stage"] or match["post"] or match["dev"] or match["local"]:
        return None
    epoch, numbers = int(match["epoch"] or 0), _numbers(match["release"])
    low, high = _least(epoch, numbers), _least(epoch, _raised(numbers))
    if operator == "==":
        return ((low, high),)
    return ((LEAST, low), (high, ABOVE_ALL)) if low > LEAST else ((high, ABOVE_ALL),)


def above(version: Version) -> Version:
    """The least version above one; for one without a local part, above its local ones, too."""
    return _above(version) if version.local else _above_locals(version)


@lru_cache(maxsize=8192)  # an export names the same ones again and again
def parse_version(text: str) -> Version | None:
    """A version as PEP 440 writes it; None for any other text."""
    match = _VERSION.fullmatch(text) if len(text) <= _MAX_CHARACTERS else None
    if match is None:
        return None
    stage = _FINAL
    if match["stage"]:
        stage = (_STAGES[match["stage"].lower()], int(match["stage_number"] or 0))
    elif match["dev"] and not match["post"]:
        stage = _BEFORE_STAGES
    return Version(
        int(match["epoch"] or 0),
        _trimmed(_numbers(match["release"])),
        stage,
        int(match["post_bare"] or match["post_number"] or 0) if match["post"] else -1,
        int(match["dev_number"] or 0) if match["dev"] else inf,
        _local(match["local"]) if match["local"] else (),
    )


def _numbers(release: str) -> tuple[int, ...]:
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", release)
    return tuple(int(number) for number in found[0].split(".")) if found else ()


def _trimmed(numbers: tuple[int, ...]) -> tuple[int, ...]:
    end = len(numbers)
    while end and numbers[end - 1] == 0:
        end -= 1
    return numbers[:end]


def _raised(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return (*numbers[:-1], numbers[-1] + 1)


def _least(epoch: float, numbers: tuple[int, ...]) -> Version:
    """The first of all versions of a release: its `.dev0`."""
    return Version(epoch, _trimmed(numbers))


def _local(text: str) -> tuple[tuple[Any, ...], ...]:
    return tuple((1, int(part)) if part.isdecimal() else (0, part) for part in re.split(r"[-_.]", text.lower()))


def _above(version: Version) -> Version:
    return version._replace(local=(*version.local, _JUST_ABOVE))


def _above_locals(version: Version) -> Version:
    """The least version above a version and its local ones."""
    if version.dev != inf:
        return version._replace(dev=version.dev + 1, local=())
    return version._replace(post=version.post + 1, dev=0, local=())


def _above_posts(version: Version) -> Version:
    """The least version that `>` admits: not a version's own post-releases, unless it is one or is in development."""
    if version.dev != inf or version.post >= 0:
        return _above_locals(version)
    if version.stage == _FINAL:
        return version._replace(post=inf, local=())
    return version._replace(stage=(version.stage[0], version.stage[1] + 1), dev=0, local=())

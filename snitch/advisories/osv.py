"""One record of an OSV export, cut down to what a snapshot keeps.

The OSV schema: https://ossf.github.io/osv-schema/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct, ValidationError, convert

from snitch.advisories.affected import Unordered, affected_versions
from snitch.dependencies import normalised
from snitch.dependencies.versions import Interval, above, lies_within, parse_version
from snitch.formats.advisories import Advisory, Affected, AffectedPackage, Event, Range, Rating

ECOSYSTEM: Final = "PyPI"
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?Z")
_PLAIN = {ord('"'): "'", ord("\\"): "/", **dict.fromkeys(range(32), " "), 0x7F: " "}
_MAX_SUMMARY = 160
_MAX_NAME = 100


class NotOsv(Exception):
    """Why something is no record of an OSV export."""


class _Package(Struct):
    ecosystem: str
    name: str


class _Range(Struct):
    type: str
    events: tuple[Event, ...] = ()


class _Rating(Struct):
    type: str
    score: str


class _Affected(Struct):
    package: _Package | None = None
    ranges: tuple[_Range, ...] | None = None
    versions: tuple[str, ...] | None = None


class _Record(Struct):
    id: str
    modified: str
    withdrawn: str | None = None
    aliases: tuple[str, ...] | None = None
    summary: str | None = None
    severity: tuple[_Rating, ...] | None = None
    affected: tuple[_Affected, ...] | None = None


class Imported(Struct, frozen=True):
    """What became of a record: `advisory` is None where it is withdrawn, or about no package of the ecosystem."""

    id: str
    modified: str
    concerns: bool
    withdrawn: bool
    advisory: Advisory | None = None


def import_record(data: object) -> Imported:
    """Takes what a snapshot needs out of one record.

    Raises:
        NotOsv: it is none.
    """
    try:
        record = convert(data, _Record)
    except ValidationError as error:
        raise NotOsv(str(error)) from None
    moment = _MOMENT.fullmatch(record.modified)
    if moment is None or not _is_name(record.id):
        raise NotOsv("its `id` or `modified` is not as OSV writes it")
    modified = f"{moment[1]}Z"
    affected = tuple(_kept(record.affected or ()))
    withdrawn = record.withdrawn is not None
    if not affected or withdrawn:
        return Imported(record.id, modified, bool(affected), withdrawn)
    aliases = tuple(sorted({alias for alias in record.aliases or () if _is_name(alias)} - {record.id}))
    ratings = (each for each in record.severity or () if _is_name(each.type) and _is_name(each.score))
    severity = tuple(Rating(type=each.type, score=each.score) for each in ratings)
    advisory = Advisory(
        id=record.id,
        modified=modified,
        aliases=aliases,
        summary=_summary(record.summary or ""),
        severity=severity,
        affected=affected,
    )
    return Imported(record.id, modified, concerns=True, withdrawn=False, advisory=advisory)


def _kept(affected: Iterable[_Affected]) -> Iterator[Affected]:
    """What is about packages of the ecosystem, with ranges of versions; those of commits tell nothing of a release."""
    for each in affected:
        if each.package is None or each.package.ecosystem.partition(":")[0] != ECOSYSTEM:
            continue
        name = normalised(each.package.name)
        if not _is_name(name):
            raise NotOsv("a package's name is not one")
        ranges = tuple(
            Range(type="SEMVER" if found.type == "SEMVER" else "ECOSYSTEM", events=_bounded(found.events))
            for found in each.ranges or ()
            if found.type != "GIT" and found.events
        )
        package = AffectedPackage(ecosystem=ECOSYSTEM, name=name)
        yield _without_repetition(Affected(package=package, ranges=ranges, versions=_listed(each.versions or ())))


def _bounded(events: tuple[Event, ...]) -> tuple[Event, ...]:
    if len(events) > 1000:
        raise NotOsv("a range has more than 1,000 events")
    return events


def _listed(versions: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({version for version in versions if parse_version(version) is not None}))


def _without_repetition(affected: Affected) -> Affected:
    """Without the versions that a range has anyway: most records list hundreds of them."""
    if not affected.ranges:
        return affected
    try:
        covered = affected_versions(Affected(package=affected.package, ranges=affected.ranges))
    except Unordered:
        return affected
    beyond = tuple(text for text in affected.versions if not _lies_in(text, covered))
    return Affected(package=affected.package, ranges=affected.ranges, versions=beyond)


def _lies_in(text: str, covered: Sequence[Interval]) -> bool:
    version = parse_version(text)
    return version is not None and lies_within(((version, above(version)),), covered)


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _MAX_NAME and text.isascii() and text.isprintable() and not set('"\\ ') & set(text)


def _summary(text: str) -> str:
    """One line without quotation marks and backslashes, which would cost every reader of the snapshot time."""
    plain = " ".join(text.translate(_PLAIN).split())
    return plain if len(plain) <= _MAX_SUMMARY else f"{plain[:_MAX_SUMMARY]}…"

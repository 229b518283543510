"""The snapshot of known vulnerabilities that `snitch advisories` writes: OSV records, cut to what is used.

The OSV schema: https://ossf.github.io/osv-schema/
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from snitch.formats.scalars import Digest, Text

#: Git's objects are read up to 16 MiB.
MAX_BYTES = 15 << 20
#: Values in one snapshot.
MAX_VALUES = 3_000_000

Moment = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$(?!\n)",
        description="a moment in UTC, such as `2026-11-02T10:00:00Z`",
    ),
]


class Event(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A version at which something begins or ends; exactly one of the four is given."""

    introduced: Text | None = None
    fixed: Text | None = None
    last_affected: Text | None = None
    limit: Text | None = None

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.introduced, self.fixed, self.last_affected, self.limit)) != 1:
            raise ValueError("an event is one of `introduced`, `fixed`, `last_affected` and `limit`")


class Range(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Versions between events, in the order of the ecosystem's versions."""

    type: Literal["ECOSYSTEM", "SEMVER"]
    events: Annotated[tuple[Event, ...], Meta(min_length=1, max_length=1000)]


class AffectedPackage(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A package, its name normalised as in PEP 503."""

    ecosystem: Literal["PyPI"]
    name: Text


class Affected(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The vulnerable versions of a package: those listed, and those in a range. Without either nobody knows."""

    package: AffectedPackage
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()


class Rating(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How severe a vulnerability is, by a method such as CVSS_V3."""

    type: Text
    score: Text


class Advisory(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One record: what it is called, here and elsewhere, and what it is about."""

    id: Text
    modified: Moment
    aliases: tuple[str, ...] = ()
    summary: str = ""
    severity: tuple[Rating, ...] = ()
    affected: Annotated[tuple[Affected, ...], Meta(min_length=1)]


class AdvisorySnapshot(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """`advisories.json`: what was known of the packages of one ecosystem when the export was made."""

    schema_version: Literal[1]
    ecosystem: Literal["PyPI"]
    #: Of the record that changed last in the whole export.
    modified: Moment
    #: Of what was imported.
    source: Digest
    #: Normalised names; absent where all packages are covered.
    packages: tuple[str, ...] | None = None
    advisories: tuple[Advisory, ...]

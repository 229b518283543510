"""What a snapshot knows of a package, looked up by name and held against the versions that a requirement admits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct

from snitch.advisories.affected import Unordered, affected_versions
from snitch.dependencies.versions import Interval, intersection, lies_within, parse_version, union
from snitch.formats.advisories import Advisory, AdvisorySnapshot, Affected

#: Whose identifier a vulnerability is told by where it has several; then the alphabet decides.
_PREFERRED = ("GHSA-", "PYSEC-", "CVE-")


class Vulnerability(Struct, frozen=True):
    """One vulnerability of a package, which several records may be about.

    `versions` are those that it is in, and `fixes` the versions, as written, in which a record says that it is fixed;
    `unclear`: why nobody can tell which versions it is in.
    """

    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: str
    versions: tuple[Interval, ...]
    fixes: tuple[str, ...]
    unclear: str = ""

    @property
    def names(self) -> frozenset[str]:
        return frozenset((self.id, *self.aliases))

    def has_all(self, admitted: Sequence[Interval]) -> bool:
        """Whether it is in every one of these versions."""
        return lies_within(admitted, self.versions)

    def has_some(self, admitted: Sequence[Interval]) -> bool:
        """Whether it is in one of these versions."""
        return bool(intersection(admitted, self.versions))

    def fixed_after(self, admitted: Sequence[Interval]) -> str:
        """The version, as written, in which it is first fixed above all of these; empty where none is known."""
        last = max(high for _, high in admitted)
        end = next(high for low, high in self.versions if low < last <= high)
        return next((text for text in self.fixes if parse_version(text) == end), "")


class Known:
    """The advisories of a snapshot, by package."""

    def __init__(self, snapshot: AdvisorySnapshot) -> None:
        self.snapshot = snapshot
        self._packages = None if snapshot.packages is None else frozenset(snapshot.packages)
        self._records: dict[str, list[Advisory]] = {}
        self._made: dict[str, tuple[Vulnerability, ...]] = {}
        for advisory in snapshot.advisories:
            for name in dict.fromkeys(each.package.name for each in advisory.affected):
                self._records.setdefault(name, []).append(advisory)

    @property
    def made(self) -> date:
        """The day of the export's newest record, in UTC.

        Raises:
            ValueError: there is no such day.
        """
        return date.fromisoformat(self.snapshot.modified[:10])

    def covers(self, name: str) -> bool:
        """Whether the snapshot would have the advisories of a package, by its normalised name."""
        return self._packages is None or name in self._packages

    def of(self, name: str) -> tuple[Vulnerability, ...]:
        """The vulnerabilities of a package, by its normalised name, in a fixed order."""
        if name not in self._made:
            groups = _grouped(self._records.get(name, ()))
            found = [_vulnerability(group, name) for group in groups]
            self._made[name] = tuple(sorted(found, key=lambda each: _rank(each.id)))
        return self._made[name]


def _grouped(records: Iterable[Advisory]) -> list[list[Advisory]]:
    """Records that are about one vulnerability: linked by what they say it is called elsewhere."""
    groups: list[tuple[set[str], list[Advisory]]] = []
    for record in records:
        names, members = {record.id, *record.aliases}, [record]
        apart = []
        for group in groups:
            if names.isdisjoint(group[0]):
                apart.append(group)
            else:
                names, members = names | group[0], [*group[1], *members]
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def _vulnerability(records: list[Advisory], name: str) -> Vulnerability:
    names = {text for record in records for text in (record.id, *record.aliases)}
    first = min((record.id for record in records), key=_rank)
    affected = [each for record in records for each in record.affected if each.package.name == name]
    intervals: list[Interval] = []
    unclear = ""
    for each in affected:
        try:
            intervals += affected_versions(each)
        except Unordered as error:
            unclear = str(error)
    return Vulnerability(
        first,
        tuple(sorted(names - {first}, key=_rank)),
        next((record.summary for record in records if record.summary), ""),
        next((rating.score for record in records for rating in record.severity), ""),
        union(intervals),
        tuple(dict.fromkeys(_fixes(affected))),
        unclear,
    )


def _rank(name: str) -> tuple[int, str]:
    kind = next((place for place, prefix in enumerate(_PREFERRED) if name.startswith(prefix)), len(_PREFERRED))
    return kind, name


def _fixes(affected: Iterable[Affected]) -> Iterable[str]:
    for each in affected:
        for range_ in each.ranges:
            yield from (event.fixed for event in range_.events if event.fixed is not None)

"""Makes a snapshot of an OSV export: a folder of records, a ZIP archive of them, or one JSON file. Nothing is fetched.

An export comes from elsewhere, so it is bounded before it is parsed, and one record that cannot be understood refuses
it: an advisory that was left out would look like a package without one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from hashlib import sha256
from typing import NamedTuple

from msgspec import Struct

from snitch.advisories.osv import ECOSYSTEM, Imported, NotOsv, import_record
from snitch.documents import Unreadable
from snitch.documents.json_text import read_json
from snitch.formats.advisories import MAX_VALUES, Advisory, AdvisorySnapshot

#: The export of PyPI has some 20,000 records; one of all ecosystems less than a million.
MAX_RECORDS = 1_000_000
#: Of one record, and of one file of many.
MAX_RECORD, MAX_FILE = 8 << 20, 256 << 20
#: Of all records together.
MAX_BYTES = 8 << 30
_ZIP = b"PK\x03\x04"

#: Called with how many files were read so far, and how many there are.
Tick = Callable[[int, int], None]


class Unusable(Exception):
    """Why an export cannot be imported."""


class Tally(Struct, frozen=True):
    """A snapshot, and how many records it was made of: all, those of the ecosystem, and those that were withdrawn."""

    snapshot: AdvisorySnapshot
    records: int
    concerned: int
    withdrawn: int


class _Text(NamedTuple):
    name: str
    content: bytes


class _Export(NamedTuple):
    """The texts of an export, how many there are, and their digest once all were read."""

    texts: Iterator[_Text]
    total: int
    digest: Callable[[], str]


def import_export(path: str, packages: Collection[str] | None = None, tick: Tick | None = None) -> Tally:
    """A snapshot of the records at `path`; with `packages`, normalised names, only of what is about those.

    Raises:
        Unusable: it is none, or beyond the bounds.
        OSError: it cannot be read.
    """
    import zlib
    from zipfile import BadZipFile

    names = None if packages is None else frozenset(packages)
    gathered = _Gathered(names)
    try:
        export = _opened(path)
        for done, text in enumerate(export.texts, start=1):
            for data in _records(text):
                gathered.add(text.name, data)
            if tick is not None:
                tick(done, export.total)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise Unusable(f"{path} cannot be read as a ZIP archive ({error})") from None
    return gathered.tally(path, export.digest())


class _Gathered:
    """What was read so far."""

    def __init__(self, packages: frozenset[str] | None) -> None:
        self._packages = packages
        self._found: dict[str, Imported] = {}
        self._records = 0

    def add(self, place: str, data: object) -> None:
        self._records += 1
        if self._records > MAX_RECORDS:
            raise Unusable(f"there are more than {MAX_RECORDS:,} records")
        try:
            found = import_record(data)
        except NotOsv as error:
            raise Unusable(f"{place} is no OSV record: {error}") from None
        earlier = self._found.get(found.id)
        if earlier is not None and earlier.modified == found.modified and earlier != found:
            raise Unusable(f"{place}: two records say different things of {found.id}")
        if earlier is None or earlier.modified < found.modified:
            self._found[found.id] = found

    def tally(self, path: str, digest: str) -> Tally:
        concerned = [found for found in self._found.values() if found.concerns]
        if not concerned:
            raise Unusable(f"{path} has no advisory for packages of {ECOSYSTEM}")
        kept = (found.advisory for found in concerned if found.advisory is not None)
        advisories = tuple(sorted((each for each in kept if self._is_wanted(each)), key=lambda each: each.id))
        snapshot = AdvisorySnapshot(
            schema_version=1,
            ecosystem=ECOSYSTEM,
            modified=max(found.modified for found in concerned),
            source=digest,
            packages=None if self._packages is None else tuple(sorted(self._packages)),
            advisories=advisories,
        )
        return Tally(snapshot, len(self._found), len(concerned), sum(found.withdrawn for found in concerned))

    def _is_wanted(self, advisory: Advisory) -> bool:
        return self._packages is None or any(each.package.name in self._packages for each in advisory.affected)


def _records(text: _Text) -> list[object]:
    """The records in one text: one, a list of them, or a mapping with the list `vulns`."""
    try:
        content = text.content.decode("utf-8")
        data = read_json(text.name, content, most=MAX_VALUES * 4)
    except UnicodeDecodeError:
        raise Unusable(f"{text.name} is not UTF-8 text") from None
    except Unreadable as error:
        raise Unusable(str(error)) from None
    if isinstance(data, dict) and isinstance(data.get("vulns"), list):
        return list(data["vulns"])
    return data if isinstance(data, list) else [data]


def _opened(path: str) -> _Export:
    if os.path.isdir(path):
        return _of_folder(path)
    with open(path, "rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
    return _of_zip(path) if is_zip else _of_file(path)


def _of_file(path: str) -> _Export:
    content = _read(path, MAX_FILE)
    return _Export(iter([_Text(path, content)]), 1, lambda: f"sha256:{sha256(content).hexdigest()}")


def _of_folder(path: str) -> _Export:
    names = sorted(_listed(path))
    if not names:
        raise Unusable(f"{path} has no .json files")
    digest = sha256()

    def texts() -> Iterator[_Text]:
        left = MAX_BYTES
        for name in names:
            content = _read(os.path.join(path, name), min(MAX_RECORD, left))
            left -= len(content)
            digest.update(f"{sha256(content).hexdigest()}  {name}\n".encode("utf-8", "surrogateescape"))
            yield _Text(name, content)

    return _Export(texts(), len(names), lambda: f"sha256:{digest.hexdigest()}")


def _listed(path: str) -> Iterator[str]:
    """The `.json` files below a folder, relative to it; links are not followed."""
    count = 0
    for folder, _, files in os.walk(path):
        for name in files:
            whole = os.path.join(folder, name)
            if name.lower().endswith(".json") and not os.path.islink(whole):
                count += 1
                if count > MAX_RECORDS:
                    raise Unusable(f"there are more than {MAX_RECORDS:,} files in {path}")
                yield os.path.relpath(whole, path).replace(os.sep, "/")


def _of_zip(path: str) -> _Export:
    from zipfile import ZipFile

    with ZipFile(path) as archive:
        members = [each for each in archive.infolist() if each.filename.lower().endswith(".json")]
    if not members:
        raise Unusable(f"{path} has no .json files")
    sizes = [each.file_size for each in members]
    if len(members) > MAX_RECORDS or max(sizes) > MAX_FILE or sum(sizes) > MAX_BYTES:
        raise Unusable(f"{path} inflates to {sum(sizes):,} bytes in {len(members):,} files")

    def texts() -> Iterator[_Text]:
        with ZipFile(path) as archive:
            for member in members:
                with archive.open(member) as file:
                    # A member may hold more than its header says.
                    content = file.read(member.file_size + 1)
                if len(content) != member.file_size:
                    raise Unusable(f"{member.filename} in {path} is not as long as it says")
                yield _Text(member.filename, content)

    return _Export(texts(), len(members), lambda: _digest_of(path))


def _digest_of(path: str) -> str:
    digest = sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def _read(path: str, longest: int) -> bytes:
    """A regular file of at most so many bytes."""
    import stat

    if not stat.S_ISREG(os.stat(path).st_mode):
        raise Unusable(f"{path} is no regular file")
    with open(path, "rb") as file:
        content = file.read(longest + 1)
    if len(content) > longest:
        raise Unusable(f"{path} is larger than {longest:,} bytes")
    return content

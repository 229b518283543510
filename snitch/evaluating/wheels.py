"""Wheels, unpacked beside an interpreter. Nothing of them is run for it, and no file that was there is replaced.

A wheel is somebody else's. An installer would write its scripts beside the interpreter, its data anywhere below the
same folder, and programs by names that the wheel chooses; here modules go among the modules, data to where nothing is
yet, and the rest is left out. Layout of a wheel: https://packaging.python.org/specifications/binary-distribution-format
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from lzma import LZMAError
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from snitch.escape import for_terminal
from snitch.evaluating.interpreter import Failed
from snitch.sizes import written_size

#: What all wheels of a model may hold, unpacked: libraries for GPUs take 7 GiB.
_MOST = 16 << 30
_MODULES = ("purelib", "platlib")
#: Belong beside an interpreter that people use.
_LEFT_OUT = ("scripts", "headers")
_ELSEWHERE = frozenset(("", ".", ".."))
#: What says which distribution is installed, and in which version.
_METADATA = (".dist-info", ".egg-info")
_NOT_UNDERSTOOD = (BadZipFile, OSError, EOFError, ValueError, RuntimeError, zlib.error, LZMAError)


class Place(NamedTuple):
    """Where an interpreter has its files, and its modules below that."""

    prefix: str
    modules: str


class _File(NamedTuple):
    """Where a member of a wheel goes."""

    member: ZipInfo
    path: str
    is_data: bool


def unpack(wheels: Iterable[str], place: Place, most: int = _MOST) -> dict[str, str]:
    """Unpacks wheels; the versions of what they hold, by normalised names: as the files are called, which is what was
    asked for, whatever lies in them.

    Raises:
        Failed: one is not understood, goes where something else is, or says to be another distribution.
    """
    packages: dict[str, str] = {}
    for wheel in sorted(wheels):
        try:
            name, version, size = _unpack(wheel, place, most)
        except _NOT_UNDERSTOOD as error:
            raise _refusal(wheel, f"it cannot be unpacked: {error}") from None
        packages[name] = version
        most -= size
    return packages


def _unpack(wheel: str, place: Place, most: int) -> tuple[str, str, int]:
    from packaging.utils import parse_wheel_filename

    name, version, *_ = parse_wheel_filename(os.path.basename(wheel))
    with ZipFile(wheel) as archive:
        found = list(_files(archive, wheel, place))
        size = sum(file.member.file_size for file in found)
        if size > most:
            raise _refusal(wheel, f"with it, they hold more than {written_size(_MOST)}")
        _refuse_others(wheel, name, str(version), found, place)
        for file in found:
            _write(archive, file, wheel, place)
    return name, str(version), size


def _files(archive: ZipFile, wheel: str, place: Place) -> Iterator[_File]:
    """Raises:
    Failed: a member goes elsewhere, or nobody knows where.
    """
    for member in archive.infolist():
        if member.is_dir():
            continue
        first, *rest = parts = member.filename.split("/")
        if not _ELSEWHERE.isdisjoint(parts) or "\\" in member.filename or "\0" in member.orig_filename:
            raise _refusal(wheel, f"it holds {member.filename}, which lies elsewhere")
        scheme = rest[0] if first.endswith(".data") and len(rest) > 1 else ""
        if scheme in _LEFT_OUT:
            continue
        if scheme == "data":
            yield _File(member, os.path.join(place.prefix, *rest[1:]), True)
        elif first.endswith(".data") and scheme not in _MODULES:
            raise _refusal(wheel, f"nobody knows where {member.filename} goes")
        else:
            yield _File(member, os.path.join(place.modules, *(rest[1:] if scheme else parts)), False)


def _refuse_others(wheel: str, name: str, version: str, files: list[_File], place: Place) -> None:
    """Refuses a wheel that says of another distribution that it is there, or says twice what it is."""
    told = {os.path.relpath(file.path, place.modules).split(os.sep)[0] for file in files if not file.is_data}
    told = {each for each in told if each.lower().endswith(_METADATA)}
    others = sorted(each for each in told if not _is_of(each, name, version))
    if others:
        raise _refusal(wheel, f"it holds {others[0]}, which is not of it")
    if len(told) > 1:
        raise _refusal(wheel, f"it holds both {' and '.join(sorted(told))}")


def _is_of(folder: str, name: str, version: str) -> bool:
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version

    stem, _, suffix = folder.rpartition(".")
    called, _, told = stem.partition("-")
    with suppress(InvalidVersion):
        return suffix == "dist-info" and canonicalize_name(called) == name and Version(told) == Version(version)
    return False


def _write(archive: ZipFile, file: _File, wheel: str, place: Place) -> None:
    """Modules of two wheels may have one name: the later counts. Data may only be where nothing is, and no modules."""
    folder = os.path.dirname(file.path)
    os.makedirs(folder, exist_ok=True)
    is_among_modules = _is_within(os.path.realpath(folder), os.path.realpath(place.modules))
    if is_among_modules == file.is_data or (file.is_data and os.path.lexists(file.path)):
        raise _refusal(wheel, f"its {file.member.filename} goes where something else is")
    if not file.is_data:
        with suppress(FileNotFoundError):
            os.unlink(file.path)
    mode = 0o755 if file.member.external_attr >> 16 & 0o111 else 0o644
    descriptor = os.open(file.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as out, archive.open(file.member) as content:
        shutil.copyfileobj(content, out)


def _is_within(folder: str, top: str) -> bool:
    return folder == top or folder.startswith(top + os.sep)


def _refusal(wheel: str, why: str) -> Failed:
    return Failed(f"the wheel {for_terminal(os.path.basename(wheel))} is refused: {for_terminal(why[:300])}")

"""pylock.toml, the standard lock file (PEP 751): what is locked is pinned; that it notes the addresses of its archives,
and the index where they were found, is its nature."""

from __future__ import annotations

import re
from typing import Any

from snitch.dependencies.declared import Place, Requirement, normalised
from snitch.dependencies.reading import Reading
from snitch.dependencies.requirement_text import is_name, shown
from snitch.dependencies.toml_source import NotToml, Source, read_toml

_LOCK_AGAIN = "lock again with a tool that writes PEP 751"
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,200}")
_SOURCES = {"vcs": "a version control system", "directory": "a folder", "archive": "an address of its own"}


def read_pylock(reading: Reading, path: str, text: str) -> None:
    """Reads the packages of a lock file."""
    try:
        data = read_toml(text)
    except NotToml as error:
        return reading.refuse("unreadable", Place(path, error.line, error.column), str(error), _LOCK_AGAIN)
    source = Source(path, text)
    version = data.get("lock-version")
    if not isinstance(version, str) or version.partition(".")[0] != "1":
        message = f"`lock-version` is {shown(repr(version))}, not 1.0" if version else "lacks its `lock-version`"
        return reading.refuse("unreadable", source.key("lock-version"), message, _LOCK_AGAIN)
    packages = data.get("packages")
    if not isinstance(packages, list):
        return reading.refuse("unreadable", source.key("packages"), "lacks its list of `packages`", _LOCK_AGAIN)
    for package in packages:
        _read_package(reading, source, package)
    return None


def _read_package(reading: Reading, source: Source, package: object) -> None:
    name = package.get("name") if isinstance(package, dict) else None
    if not isinstance(package, dict) or not isinstance(name, str) or not is_name(name):
        return reading.refuse("unreadable", source.key("packages"), "a package without a name", _LOCK_AGAIN)
    place = source.string(name)
    version = package.get("version")
    elsewhere = next((what for key, what in _SOURCES.items() if key in package), None)
    archives = _archives(package)
    if elsewhere or any(_is_local(archive) for archive in archives):
        message = f"`{shown(name)}` comes from {elsewhere or 'a local path'}, not from the index"
        reading.refuse("unsafe", place, message, "lock a release of the index instead")
    elif not isinstance(version, str) or not _VERSION.fullmatch(version):
        reading.refuse("unreadable", place, f"`{shown(name)}` has no version", _LOCK_AGAIN)
    if isinstance(version, str) and _VERSION.fullmatch(version):
        hashes = bool(archives) and all(isinstance(entry, dict) and entry.get("hashes") for entry in archives)
        marker = str(package.get("marker", ""))
        path, line, column, length, _ = place
        text, specifier = f"{name}=={version}", f"=={version}"
        reading.add(
            Requirement(normalised(name), path, line, column, length, text, specifier, (), marker, hashes),
            constraint=False,
        )
    return None


def _archives(package: dict[str, Any]) -> list[Any]:
    wheels = package.get("wheels", [])
    return [*(wheels if isinstance(wheels, list) else [wheels]), *([package["sdist"]] if "sdist" in package else [])]


def _is_local(archive: object) -> bool:
    return isinstance(archive, dict) and ("path" in archive or str(archive.get("url", "")).lower().startswith("file:"))

"""Poetry's own tables: caret and tilde ranges, and sources other than the index."""

from __future__ import annotations

import re
from typing import Any

from snitch.dependencies.declared import Place, Requirement, normalised
from snitch.dependencies.reading import Reading
from snitch.dependencies.requirement_text import is_name, shown
from snitch.dependencies.toml_source import Source

_VERSION = re.compile(r"v?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18}){0,5}(?:[a-z+.-][a-z0-9.+-]{0,60})?", re.IGNORECASE)
_RELEASE = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_ELSEWHERE = ("git", "url", "path", "file", "svn", "source")
_PIN = 'pin a release instead, as in `name = "1.2.3"`'


def read_poetry(reading: Reading, source: Source, poetry: dict[str, Any]) -> None:
    """Reads `[tool.poetry]`: its dependencies, its groups' and its sources."""
    for entry in _list(poetry.get("source")):
        name = str(entry.get("name", "source")) if isinstance(entry, dict) else "source"
        message = f"the source `{shown(name)}` takes packages from another index"
        reading.refuse(
            "unsafe", source.string(name), message, "delete it; choose the index in Poetry's own configuration"
        )
    groups = poetry.get("group", {})
    if not isinstance(groups, dict):
        return reading.refuse(
            "unreadable", source.key("group"), "`group` is not a table", "write `[tool.poetry.group.…]`"
        )
    for table in (poetry, *groups.values()):
        for key in ("dependencies", "dev-dependencies"):
            _read_table(reading, source, key, table.get(key, {}) if isinstance(table, dict) else None)
    return None


def _read_table(reading: Reading, source: Source, key: str, table: object) -> None:
    if not isinstance(table, dict):
        return reading.refuse("unreadable", source.key(key), f"`{key}` is not a table", 'write `name = "1.2.3"`')
    for name, wanted in table.items():
        if name.lower() == "python":
            continue
        place = source.key(name)
        for entry in _list(wanted):
            _read_entry(reading, name, entry, place)
    return None


def _read_entry(reading: Reading, name: str, entry: object, place: Place) -> None:
    table = entry if isinstance(entry, dict) else {"version": entry}
    elsewhere = [key for key in _ELSEWHERE if key in table]
    version = table.get("version")
    if not is_name(name):
        return reading.refuse("unreadable", place, f"`{shown(name)}` is not a name", _PIN)
    if elsewhere:
        message = f"`{shown(name)}` is taken from elsewhere than the index (`{elsewhere[0]}`)"
        reading.refuse("unsafe", place, message, _PIN)
    elif not isinstance(version, str):
        reading.refuse("unreadable", place, f"`{shown(name)}` has no version that can be read", _PIN)
    if isinstance(version, str):
        extras = tuple(normalised(str(extra)) for extra in _list(table.get("extras")))
        marker = str(table.get("markers", ""))
        path, line, column, length, _ = place
        text = f"{name} = {version}"
        reading.add(
            Requirement(normalised(name), path, line, column, length, text, pep440(version), extras, marker),
            constraint=False,
        )
    return None


def pep440(constraint: str) -> str:
    """A Poetry constraint in PEP 440's words; as written where those can't say it (alternatives)."""
    if constraint.strip() in ("", "*"):
        return ""
    clauses = [
        _clause(part.strip()) for part in re.split(r"\s*,\s*|(?<![<>=~^!,\s])\s+(?=[<>=~^!])", constraint.strip())
    ]
    return ",".join(clause for clause in clauses if clause) if None not in clauses else constraint


def _clause(text: str) -> str | None:
    operator = text[: len(text) - len(text.lstrip("<>=!~^"))]
    version = text[len(operator) :].strip()
    wildcard = re.fullmatch(r"([0-9]+(?:\.[0-9]+)*)(?:\.[*x])+", version)
    if wildcard and operator in ("", "=", "==", "!="):
        return f"{'!=' if operator == '!=' else '=='}{wildcard[1]}.*"
    if not _VERSION.fullmatch(version):
        return None
    if operator in ("", "=", "=="):
        return f"=={version}"
    if operator == "^":
        return f">={version},<{_next(version, _caret)}"
    if operator == "~":
        return f">={version},<{_next(version, _tilde)}"
    return f"{operator}{version}" if operator in ("!=", "<", "<=", ">", ">=", "~=", "===") else None


def _next(version: str, kept: Any) -> str:
    match = _RELEASE.match(version.removeprefix("v"))
    numbers = [int(number) for number in match[0].split(".")] if match else [0]
    index: int = kept(numbers)
    return ".".join(str(number) for number in [*numbers[:index], numbers[index] + 1])


def _caret(numbers: list[int]) -> int:
    """A caret keeps everything up to the first number that is not 0."""
    return next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)


def _tilde(numbers: list[int]) -> int:
    return min(1, len(numbers) - 1)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]

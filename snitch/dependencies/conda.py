"""environment.yml: conda's match specifications, and the requirement lines of its `pip:` list."""

from __future__ import annotations

import re
from collections import deque

from snitch.dependencies.declared import Place, Requirement, normalised
from snitch.dependencies.reading import Reading
from snitch.dependencies.requirement_text import is_name, shown
from snitch.dependencies.requirements_txt import read_requirements

MAX_CHARACTERS = 512 * 1024

_HOW = "write it as in `numpy=1.26.4=py311_0`, `numpy==1.26.4` or `numpy>=1.26`"
_PIN = "take a release of a named channel instead, as in `conda-forge::numpy==1.26.4`"
_NAMED_CHANNEL = "name a channel, as in `conda-forge`"
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!:)|[./~\\]|.*\\|.*\$\{|.*\.(?:conda|tar\.bz2)$")
_CHANNEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+)*")
_WORD = r"[^=<>!~,\s\[\]]+"
_CLAUSE = rf"(?:(?:[=!~<>]=|[<>])\s?|(?=[0-9*])){_WORD}"
_SPECIFICATION = re.compile(
    r"(?P<name>_?[A-Za-z0-9][A-Za-z0-9_.-]{0,200})\s?"
    rf"(?:(?P<fuzzy>=)(?P<start>{_WORD})(?:[= ](?P<fuzzy_build>{_WORD}))?"
    rf"|(?P<version>{_CLAUSE}(?:,\s?{_CLAUSE})*)(?:[ =](?P<build>{_WORD}))?)?"
)
_BRACKETS = re.compile(r"(?P<rest>[^\[\]]*)\[(?P<inside>[^\[\]]{0,2000})\]")
_ASSIGNMENT = re.compile(r"\s*([a-z_0-9]+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^'\",\s]+))\s*(?:,|$)")
_MAX_SPECIFICATION = 500
_NUMBERS = r"(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*"
_PEP440 = re.compile(rf"{_NUMBERS}(?:(?:a|b|rc)[0-9]+)?(?:\.?post[0-9]+)?(?:\.?dev[0-9]+)?(?:\+[a-z0-9.]+)?")


def read_environment(reading: Reading, path: str, text: str) -> None:
    """Reads the channels, packages and pip lines of a conda environment."""
    if len(text) > MAX_CHARACTERS:
        message = f"is {len(text):,} characters; the limit is {MAX_CHARACTERS:,}"
        return reading.refuse("unreadable", Place(path), message, "split it")
    from snitch.documents import Unreadable, read_document

    try:
        data = read_document(path, text.encode("utf-8")).data
    except Unreadable as unreadable:
        for problem in unreadable.problems:
            span = problem.span
            place = Place(path, span.line, span.column, span.length) if span else Place(path)
            reading.refuse("unreadable", place, problem.message, problem.help or "correct the file")
        return None
    items = _Items(path, text)
    table = data if isinstance(data, dict) else {"dependencies": data}
    _read_channels(reading, items, table)
    dependencies = table.get("dependencies", [])
    for entry in dependencies if isinstance(dependencies, list) else [dependencies]:
        if isinstance(entry, dict) and set(entry) == {"pip"} and isinstance(entry["pip"], list):
            _read_pip(reading, items, entry["pip"])
        elif isinstance(entry, str) and isinstance(dependencies, list):
            _read_specification(reading, entry.strip(), items.place(entry))
        else:
            reading.refuse("unreadable", Place(path), f"{shown(repr(entry))} is not a dependency", _HOW)
    return None


def _read_channels(reading: Reading, items: _Items, table: dict[str, object]) -> None:
    channels = table.get("channels") or []
    for channel in channels if isinstance(channels, list) else [channels]:
        if not isinstance(channel, str):
            reading.refuse(
                "unreadable", items.place(str(channel)), f"{shown(repr(channel))} is no channel", _NAMED_CHANNEL
            )
        elif not _CHANNEL.fullmatch(channel):
            message = f"the channel `{shown(channel)}` is an address or a path, not a name"
            reading.refuse("unsafe", items.place(channel), message, _NAMED_CHANNEL)


def _read_pip(reading: Reading, items: _Items, lines: list[object]) -> None:
    """conda writes these lines to a requirements file, so they are read as one."""
    for line in lines:
        place = items.place(str(line))
        if isinstance(line, str):
            read_requirements(
                reading, place.path, line, constraint=False, first_line=place.line, indent=place.column - 1
            )
        else:
            reading.refuse("unreadable", place, f"{shown(repr(line))} is not a requirement", "write `name==1.2.3`")


def _read_specification(reading: Reading, text: str, place: Place) -> None:
    if _ELSEWHERE.match(text):
        return reading.refuse("unsafe", place, f"`{shown(text)}` is fetched from an address or a path", _PIN)
    channel, _, specification = text.rpartition("::")
    brackets = _BRACKETS.fullmatch(specification)
    inside = _assignments(brackets["inside"]) if brackets else {}
    match = _SPECIFICATION.fullmatch((brackets["rest"] if brackets else specification).strip()[:_MAX_SPECIFICATION])
    if (
        match is None
        or inside is None
        or len(text) > _MAX_SPECIFICATION
        or not is_name(match["name"].removeprefix("_"))
    ):
        return reading.refuse("unreadable", place, f"`{shown(text)}` is not a conda specification", _HOW)
    channel = inside.get("channel", channel)
    if "url" in inside or (channel and not _CHANNEL.fullmatch(channel)):
        return reading.refuse("unsafe", place, f"`{shown(text)}` is fetched from an address, not from a channel", _PIN)
    specifier = pep440(inside["version"]) if "version" in inside else _specifier(match)
    path, line, column, length, _ = place
    requirement = Requirement(normalised(match["name"]), path, line, column, length, text, specifier)
    return reading.add(requirement, constraint=False)


def _specifier(match: re.Match[str]) -> str:
    if match["fuzzy"]:
        return pep440(match["start"] if match["fuzzy_build"] else f"={match['start']}")
    return pep440(match["version"] or "")


def _assignments(text: str) -> dict[str, str] | None:
    """The `key=value` pairs between brackets; None where there is anything else."""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _ASSIGNMENT.match(text, position)
        if match is None or match[1] in found:
            return None
        found[match[1]] = match[2] or match[3] or match[4] or ""
        position = match.end()
    return found


def pep440(version: str) -> str:
    """conda's version specification in PEP 440's words; as written where those can't say it.

    Without an operator, or with `==`, it is exact; `=1.26` and `1.26.*` are every version that begins so.
    """
    if version in ("", "*"):
        return ""
    clauses = [_clause(part.strip()) for part in version.split(",")]
    return version if None in clauses else ",".join(clause for clause in clauses if clause)


def _clause(text: str) -> str | None:
    operator = text[: len(text) - len(text.lstrip("<>=!~"))]
    version = text[len(operator) :].strip()
    begins = version.removesuffix("*").removesuffix(".")
    if version == "*" and not operator:
        return ""
    if operator in ("<", "<=", ">", ">="):
        version = begins
    elif version.endswith("*") or operator == "=":
        return _prefix("!=" if operator == "!=" else "==", begins) if operator in ("", "=", "==", "!=") else None
    if operator in ("", "==") and re.fullmatch(r"[A-Za-z0-9._!+]+", version):
        return f"=={version}" if _PEP440.fullmatch(version) else f"==={version}"
    return f"{operator}{version}" if _PEP440.fullmatch(version) and operator in _COMPARISONS else None


_COMPARISONS = ("!=", "<", "<=", ">", ">=", "~=")


def _prefix(operator: str, begins: str) -> str | None:
    return f"{operator}{begins}.*" if re.fullmatch(_NUMBERS, begins) else None


class _Items:
    """Where the items of a YAML file's lists stand: by the line that says them, equal ones in order."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._found: dict[str, deque[tuple[int, int, int]]] = {}
        for number, line in enumerate(text.split("\n"), 1):
            said = line.strip().removeprefix("- ").partition(" #")[0].strip()
            column = line.find(said) + 1
            self._found.setdefault(said.strip("\"'"), deque()).append((number, column, len(said)))

    def place(self, item: str) -> Place:
        """Where the next item of this text stands; the file's first line where it is written in another way."""
        found = self._found.get(item.strip()) or self._found.get(item.split("\n")[0].strip())
        if not found:
            return Place(self._path, text=shown(item))
        return Place(self._path, *(found.popleft() if len(found) > 1 else found[0]), shown(item))

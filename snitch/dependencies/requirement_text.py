"""One requirement as PEP 508 writes it: `name[extra]==1.2.3; marker`.

Nearly every line of a real file is plain, and importing `packaging` costs more than reading the file: plain text is
parsed by an expression that accepts a subset of what `packaging` does, with the same result; the rest is left to it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from snitch.dependencies.declared import Kind, normalised

#: Markers nest; beyond these bounds a text is refused before it is parsed.
MAX_CHARACTERS = 4000
MAX_PARENTHESES = 40
#: What is longer is not remembered.
_SHORT = 100

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?"
_NUMBERS = r"[0-9]{1,18}(?:\.[0-9]{1,18}){0,9}"
_SUFFIX = r"(?:(?:a|b|rc)[0-9]{1,9})?(?:\.post[0-9]{1,18})?(?:\.dev[0-9]{1,18})?"
_CLAUSE = (
    rf"(?:==\ ?{_NUMBERS}{_SUFFIX}(?:\+[a-z0-9]{{1,40}})?|[!=]=\ ?{_NUMBERS}\.\*|"
    rf"(?:!=|<=|>=|<|>)\ ?{_NUMBERS}{_SUFFIX}|~=\ ?[0-9]{{1,18}}\.{_NUMBERS}{_SUFFIX})"
)
_PLAIN = re.compile(
    rf"(?P<name>{_NAME})(?:\ ?\[(?P<extras>{_NAME}(?:,\ ?{_NAME}){{0,20}})\])?\ ?"
    rf"(?P<specifier>{_CLAUSE}(?:\ ?,\ ?{_CLAUSE}){{0,20}})?"
)
_ARCHIVE = re.compile(r"\.(?:zip|whl|tar|tgz|tbz|txz|tlz|tar\.(?:gz|bz2|xz|lz|lzma))$", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!:)")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")


class Parsed(NamedTuple):
    """A requirement's parts: the name and extras normalised, the specifier without blanks."""

    name: str
    specifier: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""


class Refused(NamedTuple):
    """Why a requirement is not taken."""

    kind: Kind
    message: str
    help: str


PIN = "pin a release instead, as in `name==1.2.3`"


def parse_requirement(text: str) -> Parsed | Refused:
    """The parts of one requirement (no options, no comment), or why it is refused. Never raises."""
    return _parse_short(text) if len(text) <= _SHORT else _parse(text)


def _parse(text: str) -> Parsed | Refused:
    match = _PLAIN.fullmatch(text)
    if match is None:
        return _refuse_elsewhere(text) or _parse_unusual(text)
    name, extras, specifier = match.group("name", "extras", "specifier")
    if specifier is None and _ARCHIVE.search(name):
        return _local_path(name)
    return Parsed(
        normalised(name),
        specifier.replace(" ", "") if specifier else "",
        tuple(normalised(extra.strip()) for extra in extras.split(",")) if extras else (),
    )


#: Models of one repository pin much the same.
_parse_short = lru_cache(maxsize=256)(_parse)


def _refuse_elsewhere(text: str) -> Refused | None:
    """What gets code from elsewhere than the index."""
    subject = text.partition(";")[0].strip()
    if _VARIABLE.search(text):
        return Refused("unsafe", f"`{shown(text)}` depends on an environment variable", "write what it stands for")
    if "@" in subject or _SCHEME.match(subject):
        return Refused("unsafe", f"`{shown(subject)}` is fetched from an address, not from the index", PIN)
    path = subject.partition("[")[0].strip()
    if path.startswith((".", "/", "~")) or "/" in subject or "\\" in subject.rstrip("\\ ") or _ARCHIVE.search(path):
        return _local_path(subject)
    return None


def _local_path(text: str) -> Refused:
    return Refused("unsafe", f"`{shown(text)}` is a local path", PIN)


def _parse_unusual(text: str) -> Parsed | Refused:
    if len(text) > MAX_CHARACTERS or text.count("(") > MAX_PARENTHESES:
        return _not_understood(text)
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except (InvalidRequirement, ValueError, RecursionError):
        return _not_understood(text)
    return Parsed(
        normalised(requirement.name),
        str(requirement.specifier),
        tuple(sorted(normalised(extra) for extra in requirement.extras)),
        str(requirement.marker or ""),
    )


def is_name(text: str) -> bool:
    """Whether a text may name a distribution."""
    return re.fullmatch(_NAME, text) is not None


def _not_understood(text: str) -> Refused:
    return Refused("unreadable", f"`{shown(text)}` is not a requirement", "write it as PEP 508 does: `name==1.2.3`")


def shown(text: str) -> str:
    """A text cut to what a message can hold."""
    return text if len(text) <= 80 else text[:79] + "…"

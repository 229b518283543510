"""The options that a requirements file may hold, read as pip reads them: abbreviations and attached values included."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Long option -> does it take a value.
_LONG = {
    "all-releases": True,
    "build-constraint": True,
    "config-settings": True,
    "constraint": True,
    "editable": True,
    "extra-index-url": True,
    "find-links": True,
    "global-option": True,
    "hash": True,
    "index-url": True,
    "install-option": True,
    "no-binary": True,
    "no-index": False,
    "only-binary": True,
    "only-final": True,
    "pre": False,
    "prefer-binary": False,
    "pypi-url": True,
    "require-hashes": False,
    "requirement": True,
    "trusted-host": True,
    "use-feature": True,
}
_SHORT = {
    "c": "constraint",
    "C": "config-settings",
    "e": "editable",
    "f": "find-links",
    "i": "index-url",
    "r": "requirement",
}
_SAFE = frozenset(
    ("all-releases", "no-binary", "only-binary", "only-final", "pre", "prefer-binary", "require-hashes", "use-feature")
)
_USE_THE_INDEX = "delete it; choose the index in the installer's own configuration"
_PIN = "pin a release instead, as in `name==1.2.3`"
#: Option -> what is unsafe about it, and how to mend it.
UNSAFE = {
    "build-constraint": ("changes how packages are built", "delete it"),
    "config-settings": ("hands options to a package's own build", "delete it"),
    "editable": ("installs from a folder or an address, not from the index", _PIN),
    "extra-index-url": ("takes packages from another index", _USE_THE_INDEX),
    "find-links": ("takes packages from elsewhere than the index", _USE_THE_INDEX),
    "global-option": ("hands options to a package's own build", "delete it"),
    "index-url": ("takes packages from another index", _USE_THE_INDEX),
    "install-option": ("hands options to a package's own build", "delete it"),
    "no-index": ("takes packages from elsewhere than the index", _USE_THE_INDEX),
    "pypi-url": ("takes packages from another index", _USE_THE_INDEX),
    "trusted-host": ("turns the check of a host's certificate off", "delete it"),
}
_HASH = re.compile(r"(?:sha256|sha384|sha512):[0-9a-fA-F]+")


class Option(NamedTuple):
    """An option by its full long name, and its value ("" for one that takes none)."""

    name: str
    value: str

    @property
    def is_safe(self) -> bool:
        return self.name in _SAFE


class NotAnOption(ValueError):
    """An option text that pip would refuse, or pass over in silence."""


def read_options(text: str) -> list[Option]:
    """The options in a text that begins with one.

    Raises:
        NotAnOption: an unknown or ambiguous option, a value that is missing or too many, bad quoting, a weak hash.
    """
    words = _split(text)
    options = []
    position = 0
    while position < len(words):
        option, position = _read_one(words, position)
        if option.name == "hash" and not _HASH.fullmatch(option.value):
            raise NotAnOption(f"`{option.value[:40]}` is not a sha256, sha384 or sha512 hash")
        options.append(option)
    return options


def _split(text: str) -> list[str]:
    if not any(character in text for character in "\"'\\#"):
        return text.split()
    import shlex

    try:
        return shlex.split(text)
    except ValueError as error:
        raise NotAnOption(str(error).lower()) from None


def _read_one(words: list[str], position: int) -> tuple[Option, int]:
    word = words[position]
    if word.startswith("--") and len(word) > 2:
        written, equals, value = word[2:].partition("=")
        name = _full_name(written)
        if not _LONG[name]:
            if equals:
                raise NotAnOption(f"`--{name}` takes no value")
            return Option(name, ""), position + 1
        attached = bool(equals)
    elif word.startswith("-") and word[1:2] in _SHORT:
        name, value = _SHORT[word[1]], word[2:]
        attached = bool(value)
    else:
        raise NotAnOption(f"`{word[:40]}` is not an option that a requirements file may hold")
    if attached:
        return Option(name, value), position + 1
    if position + 1 == len(words):
        raise NotAnOption(f"`{word[:40]}` lacks its value")
    return Option(name, words[position + 1]), position + 2


def _full_name(written: str) -> str:
    if written in _LONG:
        return written
    matches = [name for name in _LONG if name.startswith(written)]
    if len(matches) != 1:
        raise NotAnOption(f"`--{written[:40]}` is not an option that a requirements file may hold")
    return matches[0]

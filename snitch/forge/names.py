"""Names that a CI hands over, held to what they must be before git or a forge sees them.

`where` is the variable or the JSON pointer that an error names; each raises InvalidEvent.
"""

from __future__ import annotations

import re

from snitch.forge.request import InvalidEvent

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ZEROS = re.compile(r"0{40}|0{64}")
#: Rules 1, 3 to 8 and 10 of git-check-ref-format(1) for what follows `refs/heads/`.
_NO_REF = re.compile(r"(?:^|/)\.|\.lock(?:/|\Z)|\.\.|[\x00-\x20\x7f~^:?*\[\\]|^/|/\Z|//|\.\Z|@\{")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_URL = re.compile(r"https?://(?:[A-Za-z0-9._~-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%/+-]*)?")
_MAX_NAME = 1000


def commit(where: str, text: str) -> str:
    """A full commit id (SHA-1 or SHA-256), in lower case."""
    if _COMMIT.fullmatch(text) is None or _ZEROS.fullmatch(text):
        raise InvalidEvent(where, f"{_shown(text)} is not a full commit id")
    return text


def commit_or_none(where: str, text: str) -> str | None:
    """As `commit`; None for the zeros that stand for no commit."""
    return None if _ZEROS.fullmatch(text) else commit(where, text)


def branch(where: str, text: str) -> str:
    """A branch's short name, which git takes for one and never for an option."""
    if not text or len(text) > _MAX_NAME or text.startswith("-") or text == "HEAD" or _NO_REF.search(text):
        raise InvalidEvent(where, f"{_shown(text)} is not the name of a branch")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidEvent(where, f"{_shown(text)} is not UTF-8 text")
    return text


def branch_of_ref(where: str, ref: str) -> str | None:
    """The branch that a full ref names; None for a ref of another kind."""
    name = ref.removeprefix("refs/heads/")
    return None if name == ref else branch(where, name)


def repository(where: str, text: str) -> str:
    """`owner/name`."""
    good = _REPOSITORY.fullmatch(text) is not None and len(text) < _MAX_NAME
    if not good or any(part in (".", "..") for part in text.split("/")):
        raise InvalidEvent(where, f"{_shown(text)} is not `owner/name`")
    return text


def number(where: str, text: str) -> int:
    """A number above zero, in decimal digits."""
    if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) == 0:
        raise InvalidEvent(where, f"{_shown(text)} is not a number above zero")
    return int(text)


def address(where: str, text: str) -> str:
    """An `http` or `https` URL without credentials, query or a slash at its end."""
    if len(text) > _MAX_NAME or _URL.fullmatch(text) is None:
        raise InvalidEvent(where, f"{_shown(text)} is not a plain http or https URL")
    return text.rstrip("/")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else text[:97] + "...")

"""Questions and answers of the Git LFS batch API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from snitch.pointer import Pointer

MEDIA_TYPE = "application/vnd.git-lfs+json"
HEADERS = {"Accept": MEDIA_TYPE, "Content-Type": f"{MEDIA_TYPE}; charset=utf-8"}
#: As many objects as one request asks about; servers refuse more.
MOST = 100
#: The longest answer that is read, in bytes: a hundred objects with a signed URL each are a tenth of it.
MAX_ANSWER_BYTES = 4 * 1024 * 1024

_GONE = frozenset({404, 410})
_MAX_HEADERS = 32


class Action(Struct, frozen=True):
    """Where the bytes are, with what headers, and whether those prove enough by themselves."""

    href: str
    header: dict[str, str]
    is_signed: bool


class _Download(Struct, frozen=True):
    href: str
    header: dict[str, str] | None = None


class _Actions(Struct, frozen=True):
    download: _Download | None = None


class _Error(Struct, frozen=True):
    code: int
    message: str = ""


class _Object(Struct, frozen=True):
    oid: str
    size: int | None = None
    actions: _Actions | None = None
    error: _Error | None = None
    authenticated: bool | None = None


class _Answer(Struct, frozen=True):
    objects: list[_Object]
    transfer: str | None = None
    hash_algo: str | None = None


class _Message(Struct, frozen=True):
    message: str = ""


class Unsure(Struct, frozen=True):
    """Why an answer decides nothing about an object; `message` is the server's own."""

    reason: str
    message: str = ""


#: Where to download an object from; None where the server does not have it.
Standing = Action | None | Unsure


def batches(pointers: Iterable[Pointer]) -> list[list[Pointer]]:
    """The pointers in as few requests as may be: no two in one say different sizes of one object."""
    made: list[dict[str, Pointer]] = []
    for pointer in dict.fromkeys(pointers):
        for batch in made:
            if len(batch) < MOST and pointer.digest not in batch:
                batch[pointer.digest] = pointer
                break
        else:
            made.append({pointer.digest: pointer})
    return [list(batch.values()) for batch in made]


def question(pointers: Sequence[Pointer]) -> bytes:
    """The body of a request to download what pointers stand for."""
    objects = [{"oid": _oid(pointer), "size": pointer.size} for pointer in pointers]
    asked = {"operation": "download", "transfers": ["basic"], "objects": objects, "hash_algo": "sha256"}
    return msgspec.json.encode(asked)


def read_answer(body: bytes, pointers: Sequence[Pointer]) -> dict[Pointer, Standing]:
    """What the server said of each pointer.

    Raises:
        ValueError: it is no answer to the question.
    """
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ValueError("its answer is not what the batch API gives") from None
    if answer.transfer not in (None, "", "basic"):
        raise ValueError("it offers no way to download that was asked for")
    if answer.hash_algo not in (None, "", "sha256"):
        raise ValueError("it names its objects by another digest than SHA-256")
    told: dict[str, _Object] = {}
    for each in answer.objects:
        if told.setdefault(each.oid, each) is not each:
            raise ValueError("its answer tells twice of one object")
    if not told.keys() <= {_oid(pointer) for pointer in pointers}:
        raise ValueError("its answer tells of objects that nobody asked about")
    return {pointer: _standing(pointer, told.get(_oid(pointer))) for pointer in pointers}


def message_of(body: bytes) -> str:
    """The server's own words about a request that failed; empty where there are none."""
    try:
        return msgspec.json.decode(body, type=_Message).message
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _standing(pointer: Pointer, told: _Object | None) -> Standing:
    if told is None:
        return Unsure("does not say whether it has")
    if told.error is not None:
        return None if told.error.code in _GONE else Unsure(f"answered {told.error.code} about", told.error.message)
    found = told.actions.download if told.actions is not None else None
    if told.size is None or found is None or len(found.header or {}) > _MAX_HEADERS:
        return Unsure("does not say where to download")
    return Action(found.href, found.header or {}, bool(told.authenticated)) if told.size == pointer.size else None


def _oid(pointer: Pointer) -> str:
    return pointer.digest.removeprefix("sha256:")

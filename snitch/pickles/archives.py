"""ZIP archives and numpy's files, searched for pickles."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from snitch.pickles.scan import scan_pickle
from snitch.pickles.source import Limits, Refused
from snitch.pickles.verdict import reasons

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

PICKLE_MAGIC = re.compile(rb"\x80[\x00-\x05]")
NUMPY_MAGIC = b"\x93NUMPY"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")

#: The longest directory of an archive that is read: 50,000 members or so.
MAX_DIRECTORY = 4 << 20
#: numpy itself refuses longer headers.
MAX_HEADER = 10_000

_PICKLED = (".pkl", ".pickle", ".joblib")


def judge_archive(stream: BinaryIO, limits: Limits, *, inner: bool = False) -> list[str]:
    """Why an archive is not harmless to load, member by member; archives in archives in archives are not opened.

    Raises:
        Refused, and whatever zipfile raises: the archive cannot be read.
    """
    from zipfile import ZipFile

    with ZipFile(cast(BinaryIO, _Directory(stream))) as archive:
        members = archive.infolist()
        _refuse_oddities(members, limits)
        tensors = _tensors(members)
        found = []
        for member in members:
            found += [
                f"{member.filename}: {reason}" for reason in _judge_member(archive, member, limits, inner, tensors)
            ]
    return found


def _tensors(members: list[ZipInfo]) -> frozenset[str]:
    """The names of the pickles of tensors, where the archive is one that `torch.save` writes.

    An archive of TorchScript is none: it holds code, which `torch.load` runs.
    """
    names = {member.filename for member in members}
    folders = {name.removesuffix("data.pkl") for name in names if name.count("/") == 1 and name.endswith("/data.pkl")}
    plain = (folder for folder in folders if f"{folder}version" in names and f"{folder}constants.pkl" not in names)
    return frozenset(f"{folder}data.pkl" for folder in plain)


class _Directory:
    """The file as zipfile reads it, but for a directory so long that reading it would exhaust the memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek = stream.seek
        self.tell = stream.tell

    def seekable(self) -> bool:
        return True

    def read(self, count: int = -1) -> bytes:
        if count > MAX_DIRECTORY:
            raise Refused("the archive has too many members")
        return self._stream.read(count if count >= 0 else MAX_DIRECTORY)


def _refuse_oddities(members: list[ZipInfo], limits: Limits) -> None:
    names = [member.filename for member in members]
    if len(set(names)) != len(names):
        raise Refused("two members of the archive have one name")
    if members and min(member.header_offset for member in members) != 0:
        raise Refused("something else stands before the archive")
    if any(member.flag_bits & 1 for member in members):
        raise Refused("the archive is encrypted")
    size, packed = sum(member.file_size for member in members), sum(member.compress_size for member in members)
    if size > limits.bytes or (size > limits.grace and size > limits.ratio * packed):
        raise Refused(f"the archive inflates to {size} bytes")


def _judge_member(archive: ZipFile, member: ZipInfo, limits: Limits, inner: bool, tensors: frozenset[str]) -> list[str]:
    with archive.open(member) as content:
        head = content.read(64)
    name = member.filename.lower()
    with archive.open(member) as content:
        stream = cast(BinaryIO, _Forward(cast(BinaryIO, content)))
        if head.startswith(NUMPY_MAGIC) or name.endswith(".npy"):
            return judge_numpy(stream, limits)
        if PICKLE_MAGIC.match(head) or name.endswith(_PICKLED):
            scan = scan_pickle(stream, limits=limits, storages=member.filename in tensors)
            # Bytes of a tensor may begin as a pickle does.
            is_harmless = scan.is_none and not name.endswith(_PICKLED)
            return [] if is_harmless else reasons(scan, limits.trusted)
        if head.startswith(ZIP_MAGICS):
            return _judge_inner(stream, member, limits, inner)
    return []


class _Forward:
    """A member without its ability to seek, which would inflate it anew."""

    def __init__(self, stream: BinaryIO) -> None:
        self.read = stream.read

    def seekable(self) -> bool:
        return False


def _judge_inner(stream: BinaryIO, member: ZipInfo, limits: Limits, inner: bool) -> list[str]:
    if inner or member.file_size > limits.grace:
        raise Refused(f"{member.filename} is an archive that is too deep or too large to be opened")
    within = msgspec.structs.replace(limits, bytes=limits.grace)
    return judge_archive(BytesIO(stream.read(limits.grace)), within, inner=True)


def judge_numpy(stream: BinaryIO, limits: Limits) -> list[str]:
    """Why a .npy file is not harmless to load: its header is not understood, or its objects, a pickle, are not."""
    prefix = stream.read(8)
    if len(prefix) != 8 or not prefix.startswith(NUMPY_MAGIC) or prefix[6] not in (1, 2, 3):
        return ["it is no .npy file of a known version"]
    size = int.from_bytes(stream.read(2 if prefix[6] == 1 else 4), "little")
    header = _literal(stream.read(size)) if size <= MAX_HEADER else None
    if not isinstance(header, dict) or header.keys() != {"descr", "fortran_order", "shape"}:
        return ["its header is not one that numpy writes"]
    if _is_plain(header["descr"], _PLAIN):
        return []
    if not _is_plain(header["descr"], _ANY):
        return ["the type of its elements is not one that numpy writes"]
    return reasons(scan_pickle(stream, limits=limits), limits.trusted)


def _literal(text: bytes) -> object:
    from ast import literal_eval

    try:
        return literal_eval(text.decode("utf-8").strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


_PLAIN = re.compile(r"[<>=|]?[?biufcmMSUV][0-9]{0,12}(\[[0-9a-zA-Z]{1,8}\])?")


#: Those and Python objects, which numpy pickles.
_ANY = re.compile(rf"\|?O[0-9]{{0,2}}|{_PLAIN.pattern}")


def _is_plain(description: object, known: re.Pattern[str], depth: int = 0) -> bool:
    """Whether a dtype's description is certain to be made of known types alone."""
    if isinstance(description, str):
        return known.fullmatch(description) is not None
    if not isinstance(description, list) or depth > 8:
        return False
    fields = (field[1] if isinstance(field, tuple) and len(field) >= 2 else None for field in description)
    return all(_is_plain(field, known, depth + 1) for field in fields)

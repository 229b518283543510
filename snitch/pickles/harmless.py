"""Formats whose loaders run no code: a file of one is what its name says, and no unpickler would run anything of it.

A name is only a name: whoever is told that the file is a pickle loads it as one. Some bytes are both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from snitch.pickles.archives import ZIP_MAGICS
from snitch.pickles.inflate import compression, inflated
from snitch.pickles.scan import Scan, scan_pickle
from snitch.pickles.source import Limits
from snitch.pickles.verdict import reasons

#: Longer headers of safetensors are not read; those of the largest models have a few MB.
MAX_HEADER = 32 << 20

# How a file of the format begins. ONNX is a protocol buffer, which has no magic.
_LOOKS: dict[str, Callable[[bytes], object]] = {
    ".safetensors": lambda head: head[8:9] == b"{",
    ".ubj": lambda head: head.startswith(b"{"),
    ".cbm": lambda head: head.startswith(b"CBM1"),
    ".json": lambda head: head.lstrip().startswith((b"{", b"[")),
    ".txt": lambda head: head.startswith(b"tree"),
    ".gguf": lambda head: head.startswith(b"GGUF"),
    ".onnx": lambda head: head,
}
#: Whatever follows. Protocols 0 and 1 are written without it, and a length may begin with the same bytes.
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
#: What no module's name holds.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def judge_harmless(stream: BinaryIO, head: bytes, extension: str, limits: Limits) -> list[str]:
    """Why a file of such a format is not certain to be harmless; none if it is."""
    # To refuse what is no pickle for a number that no pickle has would refuse other bytes.
    scan = scan_pickle(stream, limits=msgspec.structs.replace(limits, index=1 << 63))
    if _is_proven(stream, head, extension) and _runs_nothing(scan, stream, head, limits):
        return []
    if _PICKLE.match(head) or not _is_none(scan):
        return [f"it is a pickle, and no {extension} file", *reasons(scan, limits.trusted)]
    if head.startswith(ZIP_MAGICS) or compression(head):
        return [f"it is an archive or compressed, and no {extension} file"]
    return [] if _LOOKS[extension](head) else [f"it does not look like a {extension} file"]


def _is_none(scan: Scan) -> bool:
    """Whether every unpickler stops with an error at the first import, or before."""
    return scan.is_none or (bool(scan.globals) and _CONTROL.search(scan.globals[0].module) is not None)


def _runs_nothing(scan: Scan, stream: BinaryIO, head: bytes, limits: Limits) -> bool:
    """Whether no unpickler comes to an import, be it joblib's, which takes compressed files, too."""
    if not _is_none(scan) and not scan.is_idle:
        return False
    packed = compression(head)
    if packed is None:
        return True
    stream.seek(0)
    return scan_pickle(inflated(stream, packed, limits), limits=limits).is_none


def _is_proven(stream: BinaryIO, head: bytes, extension: str) -> bool:
    """Whether the file is of its format beyond doubt, however a pickle may begin."""
    if extension in (".cbm", ".gguf"):
        return bool(_LOOKS[extension](head))
    return extension == ".safetensors" and _is_safetensors(stream)


class _Tensor(msgspec.Struct, forbid_unknown_fields=True):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def _is_safetensors(stream: BinaryIO) -> bool:
    """Whether the header describes the rest of the file to the byte, with neither a gap nor an overlap."""
    size = stream.seek(0, 2)
    stream.seek(0)
    length = int.from_bytes(_exactly(stream, 8), "little")
    if not 0 < length <= min(MAX_HEADER, size - 8):
        return False
    try:
        entries = msgspec.json.decode(_exactly(stream, length), type=dict[str, msgspec.Raw])
        msgspec.json.decode(entries.pop("__metadata__", b"{}"), type=dict[str, str])
        tensors = [msgspec.json.decode(entry, type=_Tensor) for entry in entries.values()]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    end = 0
    for begin, after in sorted(tensor.data_offsets for tensor in tensors):
        if begin != end or after < begin:
            return False
        end = after
    return end == size - 8 - length


def _exactly(stream: BinaryIO, count: int) -> bytes:
    """So many bytes; fewer at the end. An unbuffered stream may give less than it is asked for."""
    content = b""
    while len(content) < count and (piece := stream.read(count - len(content))):
        content += piece
    return content

"""Whether loading a weights file can run code, judged from its bytes; its name only says what they should be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from snitch.pickles.source import Limits

#: Formats that are pickles, or archives of pickles and arrays.
PICKLED = frozenset({".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin", ".ckpt", ".npy", ".npz"})
#: Formats whose loaders run no code, and which are no archives.
PLAIN = frozenset({".safetensors", ".onnx", ".ubj", ".cbm", ".json", ".txt", ".gguf"})
#: An archive of JSON and arrays, whose loader asks before it makes anything.
SKOPS = ".skops"

HEAD = 64
#: The pickled number that PyTorch's older files begin with.
_OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."


def judge_file(path: str, *, name: str | None = None, limits: Limits | None = None) -> list[str]:
    """Why the weights file at `path` is not certain to be harmless to load; none if it is. Nothing of it is loaded.

    `name` is the file's name where `path` does not end in it, as in the local LFS store. A file that cannot be read or
    understood is not certain to be harmless.
    """
    try:
        with _open(path) as stream:
            return judge_stream(stream, name or path, limits=limits)
    except OSError as error:
        return [f"it cannot be read: {error.strerror or error}"]


def judge_stream(stream: BinaryIO, name: str, *, limits: Limits | None = None) -> list[str]:
    """As `judge_file`, of a stream that can seek."""
    from snitch.pickles.source import Limits, Refused

    try:
        return _judge(stream, os.path.splitext(name)[1].lower(), limits or Limits())
    except Refused as refusal:
        return [str(refusal)]
    except OSError as error:
        return [f"it cannot be read: {error.strerror or error}"]


def digest_of(path: str) -> str | None:
    """`sha256:<hex>` of the regular file at `path`; None where there is none that can be read."""
    from hashlib import sha256

    digest = sha256()
    try:
        with _open(path) as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
    except OSError:
        return None
    return f"sha256:{digest.hexdigest()}"


def _open(path: str) -> BinaryIO:
    """The regular file at `path`. A link may lead anywhere, and a pipe could keep us waiting."""
    import stat

    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, os.O_RDONLY | flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("it is no regular file")
    return os.fdopen(descriptor, "rb", buffering=0)


def _judge(stream: BinaryIO, extension: str, limits: Limits) -> list[str]:
    from snitch.pickles.archives import NUMPY_MAGIC, ZIP_MAGICS
    from snitch.pickles.inflate import compression

    head = stream.read(HEAD)
    stream.seek(0)
    if extension in PLAIN:
        from snitch.pickles.harmless import judge_harmless

        return judge_harmless(stream, head, extension, limits)
    if extension != SKOPS and extension not in PICKLED:
        return [f"{extension or 'a name without an extension'} is no format that Snitch knows: it cannot be judged"]
    if head.startswith(ZIP_MAGICS):
        return _judge_archive(stream, limits)
    if extension == SKOPS:
        return ["it is no .skops archive, whatever its name says", *_judge_pickle(stream, head, limits)]
    if head.startswith(NUMPY_MAGIC):
        from snitch.pickles.archives import judge_numpy

        return judge_numpy(stream, limits)
    return _judge_pickle(stream, head, limits, compression(head))


def _judge_pickle(stream: BinaryIO, head: bytes, limits: Limits, compressed: str | None = None) -> list[str]:
    from snitch.pickles.inflate import inflated
    from snitch.pickles.scan import scan_pickle
    from snitch.pickles.verdict import reasons

    if head.startswith(_OLD_TORCH):
        return ["it is several pickles, as PyTorch before 1.6 wrote them; save it again with a newer one"]
    if compressed is not None:
        stream = inflated(stream, compressed, limits)
    return reasons(scan_pickle(stream, limits=limits), limits.trusted)


def _judge_archive(stream: BinaryIO, limits: Limits) -> list[str]:
    from snitch.pickles.archives import judge_archive
    from snitch.pickles.source import Refused

    try:
        return judge_archive(stream, limits)
    except (Refused, OSError):
        raise
    except Exception as error:
        # zipfile lets a dozen kinds of error escape on hostile bytes; each means that the archive was not read.
        raise Refused(f"its archive cannot be read ({error})") from error

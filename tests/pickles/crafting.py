"""Writes pickles that no pickler would write."""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
from typing import Any

import joblib
import numpy as np

from snitch.pickles.scan import Scan, scan_pickle

STOP = b"."
PROTO4 = b"\x80\x04"


class Runs:
    """Pickled as a call of `function(*args)`."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


def text(value: str) -> bytes:
    encoded = value.encode()
    return b"\x8c" + bytes([len(encoded)]) + encoded


def stack_global(module: str, name: str) -> bytes:
    return text(module) + text(name) + b"\x93"


def line_global(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def call(name: str, *args: bytes) -> bytes:
    """A call of `module.name` with these arguments."""
    return stack_global(*name.rsplit(".", 1)) + b"(" + b"".join(args) + b"tR"


def new(name: str) -> bytes:
    """An empty object of the class `module.name`."""
    return stack_global(*name.rsplit(".", 1)) + b")\x81"


def attributes(**values: bytes) -> bytes:
    """A dict, which a BUILD behind it (`b`) gives to an object as its state."""
    return b"}(" + b"".join(text(name) + value for name, value in values.items()) + b"u"


def frame(content: bytes, size: int | None = None) -> bytes:
    return b"\x95" + struct.pack("<Q", len(content) if size is None else size) + content


def joblib_bytes(value: object, **options: Any) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream, **options)
    return stream.getvalue()


def dtype_opcodes(code: str) -> bytes:
    """A dtype as numpy pickles it, without touching the memo."""
    return pickletools.optimize(pickle.dumps(np.dtype(code), 2))[2:-1]


def wrapper(**changes: bytes) -> bytes:
    """A NumpyArrayWrapper of two float64 that has just been built; `changes` are attributes as opcodes."""
    attributes = {
        "subclass": stack_global("numpy", "ndarray"),
        "shape": b"K\x02\x85",
        "order": text("C"),
        "dtype": dtype_opcodes("f8"),
        "allow_mmap": b"\x88",
        "numpy_array_alignment_bytes": b"K\x10",
    } | changes
    items = b"".join(text(name) + value for name, value in attributes.items() if value)
    return stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}(" + items + b"ub"


#: The padding and the raw bytes behind it.
RAW = b"\x02\xff\xff" + b"\0" * 16


def scan(content: bytes, **limits: Any) -> Scan:
    return scan_pickle(io.BytesIO(content), **limits)


def imports(content: bytes) -> list[str]:
    return [str(found) for found in scan(content).globals]

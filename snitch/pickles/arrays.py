"""How numpy's arrays are described in a pickle, and how many raw bytes joblib puts behind a description."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from snitch.pickles.source import Refused


class Opaque:
    """An object of which nothing is known."""

    __slots__ = ()


OPAQUE: Final = Opaque()
#: An object of which is known that it is no string, and no more needs to be.
OBJECT: Final = Opaque()

#: Longer tuples and dicts than any array's description are opaque.
MAX_ITEMS = 64


#: The attributes of joblib's wrapper of an array. Any other attribute could replace one of its methods.
_REQUIRED = {"subclass", "shape", "order", "dtype", "allow_mmap"}
_ALIGNMENT = "numpy_array_alignment_bytes"
_DESCRIBED = {*_REQUIRED, _ALIGNMENT}


class Mapping:
    """A dict that may describe an array or a dtype's fields, with its string keys; `items` is None if it does not."""

    __slots__ = ("has_unknown_keys", "items")

    def __init__(self) -> None:
        self.items: dict[str, object] | None = {}
        self.has_unknown_keys = False

    def set(self, key: object, value: object) -> None:
        self.has_unknown_keys = self.has_unknown_keys or not isinstance(key, (str, int, float, tuple))
        if self.items is None:
            return
        if isinstance(key, str) and len(self.items) < MAX_ITEMS and (key in _DESCRIBED or _is_field(value)):
            self.items[key] = value
        else:
            self.items = None


class Items:
    """A list, of which the length is known; None when it may have been changed in other ways than by appending."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count: int | None = 0

    def add(self, count: int) -> None:
        if self.count is not None:
            self.count += count


# numpy's flags for dtype object, and those by which an element is or holds a pointer.
_OBJECT_FLAGS = 0x3F
_POINTER_FLAGS = 0x07
_CODE = re.compile(r"([biufcSUVMmO])(0|[1-9][0-9]{0,11})")


class Dtype:
    """A numpy dtype: the size of an element in bytes, and whether elements are Python objects."""

    __slots__ = ("built", "has_objects", "kind", "size")

    def __init__(self, args: object) -> None:
        code = args[0] if isinstance(args, tuple) and args else None
        match = _CODE.fullmatch(code) if isinstance(code, str) else None
        if match is None:
            raise Refused("it makes a numpy dtype in a way that numpy's own pickles do not")
        self.kind = match[1]
        self.size = int(match[2]) * (4 if self.kind == "U" else 1)
        self.has_objects = self.kind == "O"
        self.built = False

    def build(self, state: object) -> None:
        """Takes the state that numpy pickles; whatever contradicts the dtype's code is refused."""
        if self.built or not isinstance(state, tuple) or len(state) not in (8, 9):
            raise Refused("a numpy dtype has a state that numpy does not write")
        version, order, subarray, names, fields, size, alignment, flags = state[:8]
        sized = (self.size,) if self.kind in "SUV" else (-1,)
        aligned = (1, 2, 4, 8, 16) if self.kind in "SUV" else (-1,)
        plain = version in (3, 4) and order in ("<", ">", "=", "|") and subarray is None
        # The flags say whether an array's bytes are pointers: numpy believes them.
        pointers = type(flags) is int and (flags == _OBJECT_FLAGS if self.has_objects else not flags & _POINTER_FLAGS)
        if not plain or size not in sized or alignment not in aligned or not pointers:
            raise Refused("a numpy dtype has a state that contradicts its type")
        if names is not None or fields is not None:
            self._check_fields(names, fields)
        self.built = True

    def _check_fields(self, names: object, fields: object) -> None:
        """The fields lie within the element, and none is an object."""
        known = fields.items if isinstance(fields, Mapping) else None
        if (
            self.kind != "V"
            or known is None
            or not isinstance(names, tuple)
            or not all(isinstance(name, str) for name in names)
            or sorted(known) != sorted(names)
        ):
            raise Refused("a numpy dtype has fields that cannot be read exactly")
        for field in known.values():
            dtype, offset = field if isinstance(field, tuple) and len(field) == 2 else (None, None)
            if not isinstance(dtype, Dtype) or not dtype.built or dtype.has_objects or type(offset) is not int:
                raise Refused("a numpy dtype has fields that cannot be read exactly")
            if not 0 <= offset <= self.size - dtype.size:
                raise Refused("a numpy dtype has fields outside of itself")


def _is_field(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Dtype)


class Array(msgspec.Struct, frozen=True):
    """What joblib reads behind the description of an array: `size` raw bytes, or (None) a pickle of its own."""

    size: int | None


def array_behind(state: object) -> Array:
    """What follows a NumpyArrayWrapper that is given this state. Raises `Refused` where that is not certain."""
    attributes = state.items if isinstance(state, Mapping) else None
    if attributes is None or attributes.keys() - {_ALIGNMENT} != _REQUIRED:
        raise Refused("an array is described in a way that joblib does not write")
    dtype, shape = attributes["dtype"], attributes["shape"]
    if not isinstance(dtype, Dtype):
        raise Refused("the type of an array cannot be determined")
    if dtype.has_objects:
        return Array(None)
    if type(attributes.get(_ALIGNMENT)) is not int:
        # Nothing separates such an array from the opcodes: pickle.load would execute its first bytes.
        raise Refused("it holds arrays as joblib before 1.2 wrote them; dump it again with a newer joblib")
    return Array(dtype.size * _count(shape))


def _count(shape: object) -> int:
    if not isinstance(shape, tuple) or not all(type(length) is int and length >= 0 for length in shape):
        raise Refused("the shape of an array cannot be determined")
    count = 1
    for length in shape:
        count *= length
    if count >= 1 << 62:
        raise Refused("an array is larger than any memory")
    return count


def check_names(state: object) -> None:
    """Refuses a state that sets attributes whose names are made up on loading: of such names some are called."""
    for each in state if isinstance(state, tuple) else (state,):
        if isinstance(each, Mapping) and each.has_unknown_keys:
            raise Refused("it sets attributes whose names cannot be determined")


def check_state(state: object) -> None:
    """Refuses what an array would be built of if it is objects but not as many as its shape says: numpy does not count.

    Objects of other kinds are built of the like; what cannot be an array's state passes.
    """
    if isinstance(state, (Items, Opaque)):
        raise Refused("it builds an array or another object of something that cannot be determined")
    if not isinstance(state, tuple):
        return
    for index, dtype in enumerate(state):
        if isinstance(dtype, Dtype) and dtype.has_objects:
            shape, content = (state[index - 1], state[index + 2]) if 0 < index < len(state) - 2 else (None, None)
            if not isinstance(content, Items) or content.count != _count(shape):
                raise Refused("an array of objects has not as many as its shape says")

"""How numpy's arrays are described in a pickle, and how many raw bytes joblib puts behind a description."""

from __future__ import annotations

import re

import msgspec

from snitch.pickles.containers import ATOMS, Items, Mapping, Opaque, Plain
from snitch.pickles.source import Refused
from snitch.pickles.values import Global

#: The attributes of joblib's wrapper of an array. Any other attribute could replace one of its methods.
_REQUIRED = {"subclass", "shape", "order", "dtype", "allow_mmap"}
_ALIGNMENT = "numpy_array_alignment_bytes"
_SUBCLASSES = (("numpy", "ndarray"), ("numpy", "matrix"))

# numpy's flags for dtype object, and those by which an element is or holds a pointer.
_OBJECT_FLAGS = 0x3F
_POINTER_FLAGS = 0x07
#: Beside atoms, what a simple array holds.
_SIMPLE = frozenset({Global})
#: What stands for True or False.
_FLAGS = frozenset({bool, int, Plain})
_CODE = re.compile(r"([biufcSUVMmO])(0|[1-9][0-9]{0,11})")


class Dtype:
    """A numpy dtype: the size of an element in bytes, and whether elements are Python objects."""

    __slots__ = ("built", "has_objects", "kind", "size")

    def __init__(self, args: object) -> None:
        code = args[0] if isinstance(args, tuple) and args else None
        match = _CODE.fullmatch(code) if isinstance(code, str) else None
        # numpy asks anything else as `align` or `copy` whether it is true, and what it is called.
        if match is None or len(args) > 3 or not _FLAGS.issuperset(map(type, args[1:])):  # type: ignore[arg-type, index]
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
        if (
            not plain
            or size not in sized
            or alignment not in aligned
            or not pointers
            or not all(map(_is_about, state[8:]))
        ):
            raise Refused("a numpy dtype has a state that contradicts its type")
        if names is not None or fields is not None:
            self._check_fields(names, fields)
        self.built = True

    def _check_fields(self, names: object, fields: object) -> None:
        """The fields lie within the element, and none is an object."""
        known = fields.fields if isinstance(fields, Mapping) else None
        if (
            self.kind != "V"
            or known is None
            or not isinstance(names, tuple)
            or not all(isinstance(name, str) for name in names)
            or not isinstance(fields, Mapping)
            or fields.names != known.keys()
            or sorted(known) != sorted(names)
        ):
            raise Refused("a numpy dtype has fields that cannot be read exactly")
        for field in known.values():
            dtype, offset = field if isinstance(field, tuple) and len(field) == 2 else (None, None)
            if not isinstance(dtype, Dtype) or not dtype.built or dtype.has_objects or type(offset) is not int:
                raise Refused("a numpy dtype has fields that cannot be read exactly")
            if not 0 <= offset <= self.size - dtype.size:
                raise Refused("a numpy dtype has fields outside of itself")


def _is_about(described: object) -> bool:
    """Whether this is what numpy writes of a dtype beside its state: None, or a dict and the unit of a time."""
    parts = described if isinstance(described, tuple) else (described,)
    return all(type(part) in ATOMS or (type(part) is Mapping and not part.kinds) for part in parts)


class Array(Opaque):
    """An array of numpy's that waits for its state, by which it becomes one of numbers (or texts) or of objects."""

    __slots__ = ()

    def build(self, state: object) -> None:
        """Takes the state that numpy pickles: `(version, shape, dtype, is_fortran, content)`, and a mask's bytes.

        Raises:
            Refused: an array of objects would hold more or fewer than its shape says, which numpy does not count.
        """
        if type(self) is not Array or not isinstance(state, tuple) or len(state) not in (5, 7):
            raise Refused("an array has a state that numpy does not write")
        version, shape, dtype, is_fortran, content = state[:5]
        if not isinstance(dtype, Dtype):
            raise Refused("the type of an array cannot be determined")
        _count(shape)
        if not {type(version), type(is_fortran)} <= _FLAGS:
            raise Refused("an array has a state that numpy does not write")
        if not all(type(each) in _OF_MASKS for each in state[5:]):
            raise Refused("an array's mask has a state that numpy does not write")
        if dtype.has_objects:
            self.__class__ = _kind_of(content, shape)
        elif isinstance(content, Plain):
            self.__class__ = Numbers
        else:
            raise Refused("an array is made of something that are no bytes")


class Numbers(Array):
    """An array of numbers, texts, dates or records of them: reading it runs nothing of anybody's."""

    __slots__ = ()


class Objects(Array):
    """An array of Python objects."""

    __slots__ = ()


class Simple(Objects):
    """An array of objects of which each is an atom, or an imported name: being hashed or printed, it runs nothing."""

    __slots__ = ()


#: What a mask, and the value that stands for what is masked, may be.
_OF_MASKS = frozenset((*ATOMS, Numbers, Simple))


class Following(msgspec.Struct, frozen=True):
    """What joblib reads behind the description of an array: `size` raw bytes, or (None) a pickle of its own."""

    size: int | None


def array_behind(state: object) -> Following:
    """What follows a NumpyArrayWrapper that is given this state. Raises `Refused` where that is not certain."""
    names = state.names if isinstance(state, Mapping) else None
    if not isinstance(state, Mapping) or names is None or names - {_ALIGNMENT} != _REQUIRED:
        raise Refused("an array is described in a way that joblib does not write")
    dtype = state.get("dtype")
    if not isinstance(dtype, Dtype):
        raise Refused("the type of an array cannot be determined")
    # joblib makes an array of this class, compares the order and asks whether it may map the file.
    is_told = state.get("order") in ("C", "F") and isinstance(state.get("allow_mmap"), (bool, Plain))
    if not is_told or getattr(state.get("subclass"), "pair", None) not in _SUBCLASSES:
        raise Refused("an array is described in a way that joblib does not write")
    count = _count(state.get("shape"))
    if dtype.has_objects and type(state.get(_ALIGNMENT)) in ATOMS:
        return Following(None)
    if type(state.get(_ALIGNMENT)) is not int:
        # Nothing separates such an array from the opcodes: pickle.load would execute its first bytes.
        raise Refused("it holds arrays as joblib before 1.2 wrote them; dump it again with a newer joblib")
    return Following(dtype.size * count)


def _count(shape: object) -> int:
    if not isinstance(shape, tuple) or not all(type(length) is int and length >= 0 for length in shape):
        raise Refused("the shape of an array cannot be determined")
    count = 1
    for length in shape:
        count *= length
    if count >= 1 << 62:
        raise Refused("an array is larger than any memory")
    return count


def _kind_of(content: object, shape: object) -> type[Objects]:
    """Of an array of objects, which has as many as its shape says: numpy reads on behind the end of a shorter list."""
    if not isinstance(content, Items):
        raise Refused("it builds an array of something that cannot be determined")
    if content.count != _count(shape):
        raise Refused("an array of objects has not as many as its shape says")
    return Simple if content.kinds <= _SIMPLE else Objects

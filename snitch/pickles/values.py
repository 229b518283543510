"""What is known of the objects that a pickle would make, no more than is needed to follow it exactly.

Three questions are answered here: which global is meant, how many raw bytes joblib puts behind an array's description,
and whether somebody plays with the answer to either.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from snitch.pickles.source import Refused


class Global(msgspec.Struct, frozen=True):
    """A name that the pickle imports, as it is looked up on load, and the byte at which it is first asked for."""

    module: str
    name: str
    offset: int

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def pair(self) -> tuple[str, str]:
        return self.module, self.name


class Opaque:
    """An object of which nothing is known."""

    __slots__ = ()


OPAQUE: Final = Opaque()
#: An object of which is known that it is no string, and no more needs to be.
OBJECT: Final = Opaque()
WRAPPER: Final = ("joblib.numpy_pickle", "NumpyArrayWrapper")
DTYPE: Final = ("numpy", "dtype")
SCALARS: Final = (("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"))
RECONSTRUCTOR: Final = ("copyreg", "_reconstructor")
_OBJECT: Final = ("builtins", "object")

#: Longer tuples and dicts than any array's description are opaque.
MAX_ITEMS = 64


MISUSED = "it uses joblib's array wrapper or numpy's dtype in a way that they do not"


class Guarded:
    """An object that may only be used in the one way in which joblib and numpy use it.

    Elsewhere it could be passed through a harmless function and come back unrecognised, and the walk would no longer
    know where an array's bytes end.
    """

    __slots__ = ("origin",)

    def __init__(self, origin: Global) -> None:
        self.origin = origin


class WrapperClass(Guarded):
    """joblib's NumpyArrayWrapper itself: it may be instantiated, and stand in a recipe."""

    __slots__ = ()


class WrapperRecipe(Guarded):
    """The arguments with which protocols 0 and 1 instantiate a NumpyArrayWrapper."""

    __slots__ = ()


class Wrapper(Guarded):
    """A NumpyArrayWrapper that waits for its state, behind which the array's bytes follow."""

    __slots__ = ()


class DtypeClass(Guarded):
    """numpy's dtype: it may be called. Called on a dtype it returns that very object, under a second name."""

    __slots__ = ()


class Mapping:
    """A dict of which the string keys are known; `items` is None when not all of it is."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: dict[str, object] | None = {}

    def set(self, key: object, value: object) -> None:
        if self.items is None:
            return
        if isinstance(key, str) and len(self.items) < MAX_ITEMS:
            self.items[key] = value
        else:
            self.items = None


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
        self.built = True
        version, _, subarray, names, fields, size, _, flags = state[:8]
        expected_size = self.size if self.kind in "SUV" else -1
        sound = version in (3, 4) and subarray is None and size == expected_size and type(flags) is int
        objects = self.has_objects or _fields_have_objects(self.kind, names, fields)
        if not sound or objects != bool(flags & 1):
            raise Refused("a numpy dtype has a state that contradicts its type")
        self.has_objects = objects


def _fields_have_objects(kind: str, names: object, fields: object) -> bool:
    if names is None and fields is None:
        return False
    if kind != "V" or not isinstance(fields, Mapping) or fields.items is None:
        raise Refused("a numpy dtype has fields that cannot be read exactly")
    types = [field[0] if isinstance(field, tuple) and field else None for field in fields.items.values()]
    if not all(isinstance(each, Dtype) for each in types):
        raise Refused("a numpy dtype has fields that cannot be read exactly")
    return any(isinstance(each, Dtype) and each.has_objects for each in types)


class Array(msgspec.Struct, frozen=True):
    """What joblib reads behind the description of an array: `size` raw bytes, or (None) a pickle of its own."""

    size: int | None


# Any other attribute could replace one of the wrapper's methods.
_REQUIRED = {"subclass", "shape", "order", "dtype", "allow_mmap"}
_ALIGNMENT = "numpy_array_alignment_bytes"


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


def imported(value: Global) -> object:
    """What a global is on the stack."""
    if value.pair == WRAPPER:
        return WrapperClass(value)
    return DtypeClass(value) if value.pair == DTYPE else value


def instance(cls: object, args: object) -> object:
    """What `cls.__new__(cls, *args)` makes."""
    if isinstance(cls, WrapperClass) and args == ():
        return Wrapper(cls.origin)
    if not isinstance(cls, Global):
        raise Refused("it makes an object of a class that cannot be determined")
    return OPAQUE if cls.module == "builtins" else OBJECT


def called(function: object, args: object) -> object:
    """What `function(*args)` makes."""
    if isinstance(function, DtypeClass):
        return Dtype(args)
    if not isinstance(function, Global):
        raise Refused("it calls a function that cannot be determined")
    if isinstance(args, WrapperRecipe):
        if function.pair == RECONSTRUCTOR:
            return Wrapper(args.origin)
        raise Refused(MISUSED)
    if function.pair in SCALARS:
        _refuse_object_scalar(args)
    return OPAQUE


def _refuse_object_scalar(args: object) -> None:
    """numpy gives a scalar of dtype object back as it is: any object, under a second name."""
    dtype = args[0] if isinstance(args, tuple) and args else None
    if not isinstance(dtype, Dtype) or dtype.has_objects:
        raise Refused("it makes a numpy scalar of a type that cannot be determined")


def tuple_of(items: list[object]) -> object:
    """A tuple of these, if it is short enough to matter."""
    if not any(isinstance(item, Guarded) for item in items):
        return tuple(items) if len(items) <= MAX_ITEMS else OBJECT
    first = items[0]
    recipe = len(items) == 3 and isinstance(items[1], Global) and items[1].pair == _OBJECT and items[2] is None
    if recipe and isinstance(first, WrapperClass):
        return WrapperRecipe(first.origin)
    raise Refused(MISUSED)

"""What is known of the objects that a pickle would make, no more than is needed to follow it exactly.

Which global is meant, what is made of it, and whether somebody plays with what joblib and numpy rely on.
"""

from __future__ import annotations

from typing import Final

import msgspec

from snitch.pickles.arrays import MAX_ITEMS, OBJECT, OPAQUE, Dtype
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


WRAPPER: Final = ("joblib.numpy_pickle", "NumpyArrayWrapper")
DTYPE: Final = ("numpy", "dtype")
SCALARS: Final = (("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"))
RECONSTRUCTOR: Final = ("copyreg", "_reconstructor")
_OBJECT: Final = ("builtins", "object")

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


#: All kinds of them.
GUARDED: Final = frozenset((WrapperClass, WrapperRecipe, Wrapper, DtypeClass))


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
    return OPAQUE if cls.module.startswith(("builtins", "numpy")) else OBJECT


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
    if GUARDED.isdisjoint(map(type, items)):
        return tuple(items) if len(items) <= MAX_ITEMS else OBJECT
    first = items[0]
    recipe = len(items) == 3 and isinstance(items[1], Global) and items[1].pair == _OBJECT and items[2] is None
    if recipe and isinstance(first, WrapperClass):
        return WrapperRecipe(first.origin)
    raise Refused(MISUSED)

"""What is known of the objects that a pickle would make, no more than is needed to follow it exactly.

Which global is meant, what is made of it, and whether somebody plays with what joblib and numpy rely on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import msgspec

from snitch.pickles.containers import ATOMS, MAX_ITEMS, PLAIN, THING, Held, Opaque
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
RECONSTRUCTOR: Final = ("copyreg", "_reconstructor")

MISUSED = "it uses joblib's array wrapper or numpy's dtype in a way that they do not"


class Guarded:
    """An object that may only be used in the ways that are known; nothing may hold it.

    What it stands for could otherwise be passed through a harmless function and come back unrecognised, or be called
    by whoever holds it.
    """

    __slots__ = ("origin", "pair")

    def __init__(self, origin: Global) -> None:
        self.origin = origin
        self.pair = origin.pair


class Callee(Guarded):
    """A listed class or function of which something is made, and which is no value itself; `call` tells what."""

    __slots__ = ("call",)

    def __init__(self, origin: Global, call: Callable[[tuple[object, ...]], object] | None = None) -> None:
        super().__init__(origin)
        self.call = call


class WrapperClass(Guarded):
    """joblib's NumpyArrayWrapper itself: it may be instantiated, and stand in a recipe."""

    __slots__ = ()


class Wrapper(Guarded):
    """A NumpyArrayWrapper that waits for its state, behind which the array's bytes follow."""

    __slots__ = ()


class DtypeClass(Guarded):
    """numpy's dtype: it may be called. Called on a dtype it returns that very object, under a second name."""

    __slots__ = ()


class Recipe(Guarded):
    """Arguments among which there are guarded objects: it is only there for a function that is called with them."""

    __slots__ = ("items",)

    def __init__(self, origin: Global, items: Held) -> None:
        super().__init__(origin)
        self.items = items


#: All kinds of them.
GUARDED: Final = frozenset((Callee, WrapperClass, Wrapper, DtypeClass, Recipe))
#: What a dict may have as a key, and a set as a member: on being hashed, it runs nothing of anybody's.
KEYS: Final = ATOMS | {Global, Opaque}


class Made(Opaque):
    """An object of a listed class. Which state it has matters only when it is given one."""

    __slots__ = ("pair",)

    def __init__(self, pair: tuple[str, str]) -> None:
        self.pair = pair

    def __str__(self) -> str:
        return ".".join(self.pair)


class Index(Made):
    """A pandas Index, made by one of pandas' own functions of what it takes."""

    __slots__ = ()


class MultiIndex(Made):
    """One of several levels."""

    __slots__ = ()


class Column(Made):
    """An array of pandas' own, such as one of categories, dates or strings."""

    __slots__ = ()


class Block(Made):
    """Some columns of a frame."""

    __slots__ = ()


class Buffer(Made):
    """Bytes of Arrow's."""

    __slots__ = ()


@cache
def made(pair: tuple[str, str]) -> Made:
    """An object of the class: all of them are one, for they are known by no more."""
    return Made(pair)


def refuse_holding(items: list[object]) -> None:
    """Refuses that something holds these, among which there are guarded objects."""
    kept = next(item for item in items if isinstance(item, Guarded))
    if type(kept) in (Callee, Recipe):
        raise Refused(f"it keeps {kept.origin} as a value, which a library only makes something of")
    raise Refused(MISUSED)


def tuple_of(items: list[object]) -> object:
    """A tuple of these, if it is short enough to matter."""
    kinds = set(map(type, items))
    if kinds <= ATOMS:
        return tuple(items) if len(items) <= MAX_ITEMS else PLAIN
    if GUARDED.isdisjoint(kinds):
        return Held(items) if len(items) <= MAX_ITEMS else THING
    origin = next(item.origin for item in items if isinstance(item, Guarded))
    if kinds & GUARDED <= {Callee, WrapperClass} and len(items) <= MAX_ITEMS:
        return Recipe(origin, Held(items))
    raise Refused(MISUSED)


def arguments(args: object) -> tuple[object, ...] | None:
    """The items of a tuple, of which guarded ones may be among them; None where they are not known."""
    if isinstance(args, Recipe):
        return args.items
    return args if isinstance(args, tuple) else None

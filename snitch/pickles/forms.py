"""What a value on the unpickler's stack may be, for it to be an argument or a part of a state."""

from __future__ import annotations

from collections.abc import Callable, Collection

from snitch.pickles.arrays import Dtype, Numbers, Objects, Simple
from snitch.pickles.containers import ATOMS, Held, Items, Mapping, Plain, Text
from snitch.pickles.values import Callee, Column, Global, Index, Made

Form = Callable[[object], bool]
Pair = tuple[str, str]
#: Tuples of tuples of … that are deeper are not looked into: one that holds another twice, and so on, has no end.
_DEEPEST = 2


def atom(value: object) -> bool:
    """A number, a text, bytes, a date, None…, or a tuple of those: nothing of it is anybody's code."""
    return type(value) in ATOMS


def nothing(value: object) -> bool:
    return value is None


def text(value: object) -> bool:
    return type(value) in (str, Text)


def whole(value: object) -> bool:
    return type(value) in (int, Plain)


def flag(value: object) -> bool:
    return type(value) in (bool, int, Plain)


def raw(value: object) -> bool:
    """Bytes, or another immutable value that a library refuses."""
    return type(value) is Plain


def inert(value: object, depth: int = 0) -> bool:
    """Atoms and arrays of numbers, alone or in tuples."""
    if type(value) is Held and depth < _DEEPEST:
        return all(inert(item, depth + 1) for item in value)
    return type(value) in ATOMS or type(value) is Numbers


def numbers(value: object) -> bool:
    return type(value) is Numbers


def array(value: object) -> bool:
    """An array that has its state, of numbers or of objects that run nothing."""
    return type(value) in (Numbers, Simple)


def column(value: object) -> bool:
    """What the columns of a frame are held in."""
    return type(value) in (Numbers, Simple, Objects, Column)


def labels(value: object) -> bool:
    """What the labels of an index are held in. pandas makes texts of objects, if it is told to."""
    return type(value) in (Numbers, Simple, Column)


def index(value: object) -> bool:
    """An index of one level: of several, pandas does not check that they are in bounds."""
    return type(value) is Index


def numpy_type(value: object) -> bool:
    """A dtype of numpy's, of no objects."""
    return isinstance(value, Dtype) and not value.has_objects


def word(*words: str) -> Form:
    """One of these texts."""
    return lambda value: type(value) is str and value in words


def named(*listed: Pair) -> Form:
    """A class or a function of these, itself."""
    return lambda value: isinstance(value, (Callee, Global)) and value.pair in listed


def object_of(*listed: Pair) -> Form:
    """An object of one of these classes."""
    return lambda value: isinstance(value, Made) and value.pair in listed


def either(*forms: Form) -> Form:
    return lambda value: any(form(value) for form in forms)


def items_of(*kinds: type) -> Form:
    """A list that holds, besides atoms, only such."""
    allowed = frozenset(kinds)
    return lambda value: type(value) is Items and value.kinds <= allowed


def parts(*forms: Form, more: tuple[Form, ...] = ()) -> Form:
    """A tuple of such, and perhaps of `more`."""

    def is_one(value: object) -> bool:
        if not isinstance(value, tuple) or not len(forms) <= len(value) <= len(forms) + len(more):
            return False
        return all(form(item) for form, item in zip((*forms, *more), value, strict=False))

    return is_one


def mapping(value: object) -> bool:
    """A dict, whatever is in it."""
    return type(value) is Mapping


#: No form's: what is not watched does not pass.
_UNKNOWN = object()


def dict_of(*kinds: type, others: Collection[str] = (), **forms: Form) -> Form:
    """A dict with keys of `others` and `forms`, whose values are of these forms, or else atoms or of these kinds."""
    known = frozenset({*others, *forms})

    def is_one(value: object) -> bool:
        if type(value) is not Mapping or value.names is None or not value.names <= known:
            return False
        formed = {name: value.get(name, _UNKNOWN) for name in value.names.intersection(forms)}
        return value.kinds <= {*kinds, *map(type, formed.values())} and all(
            forms[name](each) for name, each in formed.items()
        )

    return is_one

"""What a pickle makes with the names that it imports, and whether it may.

Of a listed name only what it is listed for. What is not listed is told as such, and what it makes is not followed.
"""

from __future__ import annotations

from typing import Final

from snitch.pickles.allowlist import CLASSES, PAIRS, RECORDS, VALUES
from snitch.pickles.arrays import Array, Dtype
from snitch.pickles.calls import CALLS, STORAGE
from snitch.pickles.containers import ATOMS, OPAQUE, THING, Items, Mapping, Opaque
from snitch.pickles.source import Broken, Refused
from snitch.pickles.states import COLUMNS, flaw
from snitch.pickles.values import (
    DTYPE,
    MISUSED,
    RECONSTRUCTOR,
    WRAPPER,
    Callee,
    Column,
    DtypeClass,
    Global,
    Guarded,
    Made,
    Recipe,
    Wrapper,
    WrapperClass,
    arguments,
    made,
)

_OBJECT: Final = ("builtins", "object")
#: What copyreg makes objects of otherwise: subclasses of dict, and records.
_BASES: Final = {
    ("builtins", "dict"): frozenset(
        {("sklearn.utils._bunch", "Bunch"), ("scipy.sparse._dok", "dok_array"), ("scipy.sparse._dok", "dok_matrix")}
    ),
    ("builtins", "tuple"): frozenset(RECORDS),
}
_BUNCH: Final = ("sklearn.utils._bunch", "Bunch")
#: Those whose items are set one by one.
_DICTS: Final = frozenset(
    {_BUNCH, ("collections", "Counter"), ("collections", "OrderedDict"), ("collections", "defaultdict")}
)
_DEQUE: Final = ("collections", "deque")


def imported(value: Global) -> object:
    """What a global is on the stack."""
    if value.pair == WRAPPER:
        return WrapperClass(value)
    if value.pair == DTYPE:
        return DtypeClass(value)
    is_callee = value.pair in PAIRS and value.pair not in VALUES
    return Callee(value, CALLS.get(value.pair)) if is_callee else value


def instance(cls: object, args: object) -> object:
    """What `cls.__new__(cls, *args)` makes."""
    if isinstance(cls, WrapperClass) and args == ():
        return Wrapper(cls.origin)
    if not isinstance(cls, (Global, Callee)):
        raise _uncertain(cls, "makes an object of a class")
    if cls.pair not in PAIRS:
        return OPAQUE
    if cls.pair in RECORDS:
        if not RECORDS[cls.pair](args):
            raise Refused(f"it makes a {_name(cls)} of something else than its library's pickles")
        return THING
    if cls.pair not in CLASSES or arguments(args) != ():
        raise Refused(f"it makes a {_name(cls)} in a way that its library does not")
    return Column(cls.pair) if cls.pair in COLUMNS else made(cls.pair)


def called(function: object, args: object) -> object:
    """What `function(*args)` makes."""
    if type(function) is Callee and function.call is not None and isinstance(args, (tuple, Recipe)):
        value = function.call(args if isinstance(args, tuple) else args.items)
        if value is None:
            raise Refused(f"it calls {_name(function)} with other arguments than its library's pickles")
        return value
    if isinstance(function, DtypeClass):
        return Dtype(args)
    if isinstance(function, Guarded) and not isinstance(function, Callee):
        raise Refused(MISUSED)
    if not isinstance(function, (Global, Callee)):
        raise _uncertain(function, "calls a function")
    return _called(function, args)


def _called(function: Global | Callee, args: object) -> object:
    """What a function makes that is no callee, or has no arguments that are known."""
    items = arguments(args)
    if items is None and (isinstance(args, Guarded) or function.pair in PAIRS):
        raise Refused(f"it calls {_name(function)} with arguments that cannot be determined")
    if function.pair == RECONSTRUCTOR:
        return _reconstructed(items or ())
    if function.pair not in PAIRS:
        if any(isinstance(item, Guarded) and not isinstance(item, Callee) for item in items or ()):
            raise Refused(MISUSED)
        return OPAQUE
    # A value that may be called, too.
    call = CALLS.get(function.pair)
    value = call(items or ()) if call is not None else None
    if value is None:
        raise Refused(f"it calls {_name(function)} as its library's pickles do not")
    return value


def _reconstructed(args: tuple[object, ...]) -> object:
    """What `copyreg._reconstructor(cls, base, state)` makes: protocols 0 and 1 use it for NEWOBJ."""
    cls, base, state = args if len(args) == 3 else (None, None, None)
    if isinstance(base, Global) and base.pair == _OBJECT and state is None:
        return instance(cls, ())
    if not isinstance(cls, (Global, Callee)) or not isinstance(base, (Global, Callee)):
        raise Refused("it makes an object of a class that cannot be determined")
    if cls.pair not in PAIRS:
        return OPAQUE
    if cls.pair not in _BASES.get(base.pair, ()):
        raise Refused(f"it makes a {_name(cls)} in a way that its library does not")
    if cls.pair in RECORDS:
        return instance(cls, state)
    if type(state) is not Mapping:
        raise Refused(f"it makes a {_name(cls)} of something else than a dict")
    _refuse_special(cls.pair, state)
    return made(cls.pair)


def build(target: object, state: object) -> None:
    """Gives an object its state."""
    if isinstance(target, (Dtype, Array)):
        target.build(state)
    elif isinstance(target, Made):
        wrong = flaw(target, state)
        if wrong is not None:
            raise Refused(f"it {wrong}")
    elif isinstance(target, (Guarded, Global)):
        raise Refused("it changes an imported object")
    elif type(target) is Opaque:
        for each in (state, *(arguments(state) or ())):
            if isinstance(each, Mapping):
                _refuse_special(None, each)
    elif type(target) in ATOMS or isinstance(target, (Items, Mapping)):
        raise Broken("it gives a state to something that takes none")
    else:
        raise Refused("it changes an object that cannot be determined")


def set_items(target: object, keys: list[object]) -> None:
    """Sets these keys of an object that is no plain dict or list."""
    if isinstance(target, Made) and target.pair in _DICTS:
        if target.pair == _BUNCH and not all(type(key) is str and not key.startswith("__") for key in keys):
            raise Refused(f"it gives a {target} an attribute that is called on its own")
    elif type(target) is not Opaque:
        raise _unextended(target)


def add_items(target: object) -> None:
    """Appends to an object that is no plain list."""
    if type(target) is not Opaque and not (isinstance(target, Made) and target.pair == _DEQUE):
        raise _unextended(target)


def _refuse_special(pair: tuple[str, str] | None, state: Mapping) -> None:
    special = state.shape.special if state.shape is not None else "that cannot be determined"
    if special is not None:
        raise Refused(f"it gives a {'.'.join(pair) if pair else 'foreign object'} the attribute {special}")


def _unextended(target: object) -> Refused:
    if isinstance(target, (Guarded, Global)):
        return Refused("it adds to an imported object")
    if isinstance(target, Made):
        return Refused(f"it adds to a {target}")
    return (Broken if type(target) in ATOMS else Refused)("it adds to something that takes no items")


def _uncertain(value: object, act: str) -> Refused:
    """Python's own values are neither classes nor functions: every unpickler stops there."""
    is_value = type(value) in ATOMS or isinstance(value, (Items, Mapping))
    return (Broken if is_value else Refused)(f"it {act} that cannot be determined")


def _name(named: Global | Callee) -> str:
    return ".".join(named.pair)


def storage() -> object:
    """A storage of numbers beside the pickle."""
    return made(STORAGE)

"""The pickle machine, with values of which almost nothing is known and with calls that are not made.

It knows exactly which names are imported, because it follows the strings that reach STACK_GLOBAL through the stack and
the memo, and refuses every stream in which it cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from snitch.pickles.arrays import OBJECT, OPAQUE, Array, Dtype, Items, Mapping, array_behind, check_names, check_state
from snitch.pickles.memo import Memo
from snitch.pickles.opcodes import MARKED, METHODS, REFUSED, UNRESOLVED, opcodes
from snitch.pickles.source import Broken, Refused, Unresolved
from snitch.pickles.values import (
    GUARDED,
    MISUSED,
    Global,
    Guarded,
    Wrapper,
    WrapperRecipe,
    called,
    imported,
    instance,
    tuple_of,
)


class Machine:
    """One unpickler's stack and memo.

    `found` is told each name that is imported. `joblib`: whether the unpickler is joblib's, which reads an array where
    a NumpyArrayWrapper is built; it is then put into `array`. `memo`: what was memoized before, if anything was.
    `storages`: whether what loads it looks up storages of tensors beside it, as PyTorch does in its archives.
    """

    def __init__(
        self,
        found: Callable[[Global], None],
        memo: Memo,
        *,
        joblib: bool = False,
        storages: bool = False,
    ) -> None:
        self.array: Array | None = None
        self.memo = memo
        self._found = found
        self._joblib = joblib
        self._storages = storages
        self._protocol = 0
        self._position = 0
        self._stack: list[object] = []
        self.push = self._stack.append
        self._marks: list[int] = []

    def step(self, name: str, argument: Any, position: int) -> None:
        """Executes one opcode. `argument` is a value, or OPAQUE where it is too long to matter."""
        self._position = position
        method = METHODS.get(name)
        if method is not None:
            getattr(self, method)(argument)
        elif name == "BINPERSID" and self._storages:
            self._storage()
        elif name in REFUSED:
            if name in MARKED and not self._marks:
                raise Broken("it looks for a mark that is not there")
            raise (Unresolved if name in UNRESOLVED else Refused)(REFUSED[name])
        else:
            self.push(argument)

    @cached_property
    def acts(self) -> tuple[Callable[[object], None], ...]:
        """For each byte, what executes the opcode; what pushes its argument for those that are listed nowhere."""
        known = opcodes()
        named = (METHODS.get(known[code].name) if code in known else None for code in range(256))
        return tuple(getattr(self, name) if name else self.push for name in named)

    def _pop(self) -> object:
        self._top()
        return self._stack.pop()

    def _discard(self) -> object:
        value = self._pop()
        if isinstance(value, Guarded):
            raise Refused(MISUSED)
        return value

    def _pop_to_mark(self) -> list[object]:
        if not self._marks:
            raise Broken("it looks for a mark that is not there")
        mark = self._marks.pop()
        items = self._stack[mark:]
        del self._stack[mark:]
        return items

    def _discard_to_mark(self) -> list[object]:
        items = self._pop_to_mark()
        if not GUARDED.isdisjoint(map(type, items)):
            raise Refused(MISUSED)
        return items

    def _top(self) -> object:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise Broken("it takes from an empty stack")
        return self._stack[-1]

    def mark(self, _argument: object) -> None:
        self._marks.append(len(self._stack))

    def pop(self, _argument: object) -> None:
        # On a mark, POP takes the mark.
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self._discard()

    def pop_mark(self, _argument: object) -> None:
        self._discard_to_mark()

    def dup(self, _argument: object) -> None:
        value = self._top()
        if isinstance(value, Guarded):
            raise Refused("it doubles joblib's array wrapper or numpy's dtype")
        self.push(value)

    def stop(self, _argument: object) -> None:
        self._discard()

    def put(self, index: Any) -> None:
        if type(index) is not int or index < 0:
            raise Broken("it memoizes under an index that is no number")
        self.memo.put(index, self._top())

    def memoize(self, _argument: object) -> None:
        self.memo.add(self._top())

    def get(self, index: Any) -> None:
        if type(index) is not int:
            raise Broken("it recalls what it never memoized")
        self.push(self._recalled(self.memo.get(index)))

    def _recalled(self, value: object) -> object:
        if isinstance(value, Wrapper):
            raise Refused("it uses one array wrapper twice")
        return value

    def empty_tuple(self, _argument: object) -> None:
        self.push(())

    def tuple_from_mark(self, _argument: object) -> None:
        self.push(tuple_of(self._pop_to_mark()))

    def tuple1(self, _argument: object) -> None:
        self.push(tuple_of([self._pop()]))

    def tuple2(self, _argument: object) -> None:
        last = self._pop()
        self.push(tuple_of([self._pop(), last]))

    def tuple3(self, _argument: object) -> None:
        last, middle = self._pop(), self._pop()
        self.push(tuple_of([self._pop(), middle, last]))

    def empty_dict(self, _argument: object) -> None:
        self.push(Mapping())

    def dict_from_mark(self, _argument: object) -> None:
        items = self._discard_to_mark()
        mapping = Mapping()
        _fill(mapping, items)
        self.push(mapping)

    def _storage(self) -> None:
        """A storage of numbers beside the pickle: `('storage', type, key, location, count)`."""
        named = self._discard()
        fields = named if isinstance(named, tuple) and len(named) == 5 else (None,) * 5
        kinds = (str, Global, str, str, int)
        if fields[0] != "storage" or not all(isinstance(each, kind) for each, kind in zip(fields, kinds, strict=True)):
            raise Refused("it refers to something beside it that is no storage of a tensor")
        self.push(OBJECT)

    def none(self, _argument: object) -> None:
        self.push(None)

    def object_(self, _argument: object) -> None:
        self.push(OBJECT)

    def object_from_mark(self, _argument: object) -> None:
        self._discard_to_mark()
        self.push(OBJECT)

    def append(self, _argument: object) -> None:
        self._discard()
        _add(self._container(), 1)

    def append_from_mark(self, _argument: object) -> None:
        added = len(self._discard_to_mark())
        _add(self._container(), added)

    def empty_list(self, _argument: object) -> None:
        self.push(Items())

    def list_from_mark(self, _argument: object) -> None:
        added = len(self._discard_to_mark())
        self.push(Items())
        _add(self._stack[-1], added)

    def set_item(self, _argument: object) -> None:
        value, key = self._discard(), self._discard()
        _fill(self._container(), [key, value])

    def set_items(self, _argument: object) -> None:
        items = self._discard_to_mark()
        _fill(self._container(), items)

    def _container(self) -> object:
        value = self._top()
        if isinstance(value, (Guarded, Global)):
            raise Refused("it adds to an imported object")
        return value

    def protocol(self, number: Any) -> None:
        if number > 5:
            raise Unresolved(f"it is written in the unknown pickle protocol {number}")
        self._protocol = number

    def global_(self, pair: Any) -> None:
        module, name = pair
        if OPAQUE in (module, name):
            raise Refused("it imports a name that cannot be determined")
        if type(module) is not str or type(name) is not str:
            raise Broken("it imports a name that is no string")
        found = Global(*self._renamed(module, name), self._position)
        self._found(found)
        self.push(self._imported(found))

    def _imported(self, found: Global) -> object:
        return imported(found)

    def stack_global(self, _argument: object) -> None:
        name, module = self._pop(), self._pop()
        self.global_((module, name))

    def _renamed(self, module: str, name: str) -> tuple[str, str]:
        """Where the unpickler looks: in the older protocols, Python 2's names stand for Python 3's."""
        if self._protocol >= 3:
            return module, name
        # As the standard library's own unpickler reads it.
        from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

        return NAME_MAPPING.get((module, name)) or (IMPORT_MAPPING.get(module, module), name)

    def reduce(self, _argument: object) -> None:
        args, function = self._pop(), self._pop()
        if isinstance(args, Guarded) and not isinstance(args, WrapperRecipe):
            raise Refused(MISUSED)
        self.push(called(function, args))

    def new_object(self, _argument: object) -> None:
        args, cls = self._discard(), self._pop()
        self.push(instance(cls, args))

    def new_object_with_names(self, _argument: object) -> None:
        self._discard()
        self._discard()
        self.push(instance(self._discard(), OPAQUE))

    def build(self, _argument: object) -> None:
        state, target = self._discard(), self._top()
        check_names(state)
        if isinstance(target, Dtype):
            target.build(state)
        elif isinstance(target, Wrapper) and self._joblib:
            self.array = array_behind(state)
            self._stack[-1] = OBJECT
        elif isinstance(target, (Guarded, Global)):
            raise Refused("it changes an imported object")
        elif target is OPAQUE:
            check_state(state)


def _add(target: object, count: int) -> None:
    if isinstance(target, Items):
        target.add(count)


def _fill(target: object, items: list[object]) -> None:
    if len(items) % 2:
        raise Broken("it sets a key without a value")
    if isinstance(target, Items):
        # A slice may be set, to any number of items.
        target.count = None
    if isinstance(target, Mapping):
        for key, value in zip(items[::2], items[1::2], strict=True):
            if isinstance(key, str) and key.startswith("__") and key.endswith("__"):
                # As an attribute it would be called by whoever looks an object over: `__array__`, `__sklearn_tags__`.
                raise Refused(f"it sets `{key[:64]}`, which Python or a library calls of itself")
            target.set(key, value)

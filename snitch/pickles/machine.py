"""The pickle machine, with values of which almost nothing is known and with calls that are not made.

It knows exactly which names are imported, because it follows the strings that reach STACK_GLOBAL through the stack and
the memo, and refuses every stream in which it cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as ReadOnlyMapping
from typing import Any

from snitch.pickles.arrays import OBJECT, OPAQUE, Array, Dtype, Items, Mapping, array_behind, check_state
from snitch.pickles.opcodes import METHODS, REFUSED, UNRESOLVED
from snitch.pickles.source import Broken, Refused, Unresolved
from snitch.pickles.values import (
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
    a NumpyArrayWrapper is built; it is then put into `array`. `memo`: what was memoized before. `memo_limit`: how many
    objects may be memoized.
    """

    def __init__(
        self,
        found: Callable[[Global], None],
        *,
        memo_limit: int,
        joblib: bool = False,
        memo: ReadOnlyMapping[int, object] | None = None,
    ) -> None:
        self.array: Array | None = None
        self.memo: dict[int, object] = {}
        self._earlier = {} if memo is None else memo
        self._known = len(self._earlier)
        self._found = found
        self._joblib = joblib
        self._memo_limit = memo_limit
        self._protocol = 0
        self._stack: list[object] = []
        self._marks: list[int] = []

    def step(self, name: str, argument: Any, position: int) -> None:
        """Executes one opcode. `argument` is a value, or OPAQUE where it is too long to matter."""
        method = METHODS.get(name)
        if method is not None:
            getattr(self, method)(argument, position)
        elif name in REFUSED:
            raise (Unresolved if name in UNRESOLVED else Refused)(REFUSED[name])
        else:
            self._stack.append(argument)

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
        if any(isinstance(item, Guarded) for item in items):
            raise Refused(MISUSED)
        return items

    def _top(self) -> object:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise Broken("it takes from an empty stack")
        return self._stack[-1]

    def mark(self, _argument: object, _position: int) -> None:
        self._marks.append(len(self._stack))

    def pop(self, _argument: object, _position: int) -> None:
        # On a mark, POP takes the mark.
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self._discard()

    def pop_mark(self, _argument: object, _position: int) -> None:
        self._discard_to_mark()

    def dup(self, _argument: object, _position: int) -> None:
        value = self._top()
        if isinstance(value, Guarded):
            raise Refused("it doubles joblib's array wrapper or numpy's dtype")
        self._stack.append(value)

    def stop(self, _argument: object, _position: int) -> None:
        self._discard()

    def put(self, index: Any, _position: int) -> None:
        if type(index) is not int or index < 0:
            raise Broken("it memoizes under an index that is no number")
        if index >= self._memo_limit:
            raise Refused(f"it memoizes more than {self._memo_limit} objects")
        if index not in self.memo and index not in self._earlier:
            self._known += 1
        self.memo[index] = self._top()

    def memoize(self, _argument: object, position: int) -> None:
        self.put(self._known, position)

    def get(self, index: Any, _position: int) -> None:
        memo = self.memo if index in self.memo else self._earlier
        if index not in memo:
            raise Broken("it recalls what it never memoized")
        value = memo[index]
        self._stack.append(self._recalled(value))

    def _recalled(self, value: object) -> object:
        if isinstance(value, Wrapper):
            raise Refused("it uses one array wrapper twice")
        return value

    def empty_tuple(self, _argument: object, _position: int) -> None:
        self._stack.append(())

    def tuple_from_mark(self, _argument: object, _position: int) -> None:
        self._stack.append(tuple_of(self._pop_to_mark()))

    def tuple1(self, _argument: object, _position: int) -> None:
        self._stack.append(tuple_of([self._pop()]))

    def tuple2(self, _argument: object, _position: int) -> None:
        last = self._pop()
        self._stack.append(tuple_of([self._pop(), last]))

    def tuple3(self, _argument: object, _position: int) -> None:
        last, middle = self._pop(), self._pop()
        self._stack.append(tuple_of([self._pop(), middle, last]))

    def empty_dict(self, _argument: object, _position: int) -> None:
        self._stack.append(Mapping())

    def dict_from_mark(self, _argument: object, _position: int) -> None:
        items = self._discard_to_mark()
        mapping = Mapping()
        _fill(mapping, items)
        self._stack.append(mapping)

    def none(self, _argument: object, _position: int) -> None:
        self._stack.append(None)

    def object_(self, _argument: object, _position: int) -> None:
        self._stack.append(OBJECT)

    def object_from_mark(self, _argument: object, _position: int) -> None:
        self._discard_to_mark()
        self._stack.append(OBJECT)

    def append(self, _argument: object, _position: int) -> None:
        self._discard()
        _add(self._container(), 1)

    def append_from_mark(self, _argument: object, _position: int) -> None:
        added = len(self._discard_to_mark())
        _add(self._container(), added)

    def empty_list(self, _argument: object, _position: int) -> None:
        self._stack.append(Items())

    def list_from_mark(self, _argument: object, _position: int) -> None:
        added = len(self._discard_to_mark())
        self._stack.append(Items())
        _add(self._stack[-1], added)

    def set_item(self, _argument: object, _position: int) -> None:
        value, key = self._discard(), self._discard()
        _fill(self._container(), [key, value])

    def set_items(self, _argument: object, _position: int) -> None:
        items = self._discard_to_mark()
        _fill(self._container(), items)

    def _container(self) -> object:
        value = self._top()
        if isinstance(value, (Guarded, Global)):
            raise Refused("it adds to an imported object")
        return value

    def protocol(self, number: Any, _position: int) -> None:
        if number > 5:
            raise Unresolved(f"it is written in the unknown pickle protocol {number}")
        self._protocol = number

    def global_(self, pair: Any, position: int) -> None:
        module, name = pair
        if OPAQUE in (module, name):
            raise Refused("it imports a name that cannot be determined")
        if type(module) is not str or type(name) is not str:
            raise Broken("it imports a name that is no string")
        found = Global(*self._renamed(module, name), position)
        self._found(found)
        self._stack.append(self._imported(found))

    def _imported(self, found: Global) -> object:
        return imported(found)

    def stack_global(self, _argument: object, position: int) -> None:
        name, module = self._pop(), self._pop()
        self.global_((module, name), position)

    def _renamed(self, module: str, name: str) -> tuple[str, str]:
        """Where the unpickler looks: in the older protocols, Python 2's names stand for Python 3's."""
        if self._protocol >= 3:
            return module, name
        # As the standard library's own unpickler reads it.
        from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

        return NAME_MAPPING.get((module, name)) or (IMPORT_MAPPING.get(module, module), name)

    def reduce(self, _argument: object, _position: int) -> None:
        args, function = self._pop(), self._pop()
        if isinstance(args, Guarded) and not isinstance(args, WrapperRecipe):
            raise Refused(MISUSED)
        self._stack.append(called(function, args))

    def new_object(self, _argument: object, _position: int) -> None:
        args, cls = self._discard(), self._pop()
        self._stack.append(instance(cls, args))

    def new_object_with_names(self, _argument: object, _position: int) -> None:
        self._discard()
        self._discard()
        self._stack.append(instance(self._discard(), OPAQUE))

    def build(self, _argument: object, _position: int) -> None:
        state, target = self._discard(), self._top()
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
            target.set(key, value)

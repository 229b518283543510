"""The pickle machine, with values of which almost nothing is known and with calls that are not made.

It knows exactly which names are imported, because it follows the strings that reach STACK_GLOBAL through the stack and
the memo, and refuses every stream in which it cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from snitch.pickles.arrays import Following, Numbers, Objects, array_behind
from snitch.pickles.containers import (
    ATOMS,
    MEMBERS,
    NO_KINDS,
    OPAQUE,
    PLAIN,
    Items,
    Mapping,
    Opaque,
    Text,
    no_keys,
)
from snitch.pickles.making import add_items, build, called, imported, instance, set_items, storage
from snitch.pickles.memo import Memo
from snitch.pickles.opcodes import MARKED, METHODS, REFUSED, UNRESOLVED, opcodes
from snitch.pickles.source import Broken, Refused, Unresolved
from snitch.pickles.stack import EMPTY, Stack
from snitch.pickles.states import place
from snitch.pickles.values import (
    GUARDED,
    KEYS,
    Global,
    Wrapper,
    refuse_holding,
    tuple_of,
)


class Machine(Stack):
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
        super().__init__()
        self.array: Following | None = None
        #: What the pickle is, once it has stopped.
        self.result: object = None
        self.memo = memo
        self._found = found
        self._joblib = joblib
        self._storages = storages
        self._protocol = 0
        self._position = 0
        self._no_keys = no_keys()

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

    def stop(self, _argument: object) -> None:
        self.result = self._held()

    def take_array(self, array: object) -> None:
        """Has what was read in place of an array of objects stand there."""
        if not isinstance(array, Objects):
            raise Refused("what stands in place of an array of objects is none")
        self._stack[-1] = array

    def put(self, index: Any) -> None:
        if type(index) is not int or index < 0:
            raise Broken("it memoizes under an index that is no number")
        self.memo.put(index, self._top())

    def memoize(self, _argument: object) -> None:
        stack, memo = self._stack, self.memo
        if len(stack) <= (self._marks[-1] if self._marks else 0):
            raise Broken(EMPTY)
        if memo.sparse or len(memo.dense) >= memo.limit:
            memo.add(stack[-1])
        else:
            memo.dense.append(stack[-1])

    def get(self, index: Any) -> None:
        if type(index) is not int:
            raise Broken("it recalls what it never memoized")
        dense = self.memo.dense
        value = dense[index] if 0 <= index < len(dense) else self.memo.get(index)
        self.push(self._recalled(value) if type(value) is Wrapper else value)

    def _recalled(self, value: object) -> object:
        raise Refused("it uses one array wrapper twice")

    def empty_tuple(self, _argument: object) -> None:
        self.push(())

    def tuple_from_mark(self, _argument: object) -> None:
        self.push(tuple_of(self._pop_to_mark()))

    def tuple1(self, _argument: object) -> None:
        only = self._pop()
        self.push((only,) if type(only) in ATOMS else tuple_of([only]))

    def tuple2(self, _argument: object) -> None:
        last, first = self._pop(), self._pop()
        are_atoms = type(last) in ATOMS and type(first) in ATOMS
        self.push((first, last) if are_atoms else tuple_of([first, last]))

    def tuple3(self, _argument: object) -> None:
        last, middle, first = self._pop(), self._pop(), self._pop()
        are_atoms = type(last) in ATOMS and type(middle) in ATOMS and type(first) in ATOMS
        self.push((first, middle, last) if are_atoms else tuple_of([first, middle, last]))

    def empty_dict(self, _argument: object) -> None:
        self.push(Mapping(self._no_keys))

    def dict_from_mark(self, _argument: object) -> None:
        items = self._pop_to_mark()
        mapping = Mapping(self._no_keys)
        self._fill(mapping, items)
        self.push(mapping)

    def _storage(self) -> None:
        """A storage of numbers beside the pickle: `('storage', type, key, location, count)`."""
        named = self._held()
        fields = named if isinstance(named, tuple) and len(named) == 5 else (None,) * 5
        kinds = (str, Global, str, str, int)
        if fields[0] != "storage" or not all(isinstance(each, kind) for each, kind in zip(fields, kinds, strict=True)):
            raise Refused("it refers to something beside it that is no storage of a tensor")
        self.push(storage())

    def none(self, _argument: object) -> None:
        self.push(None)

    def true(self, _argument: object) -> None:
        self.push(True)

    def false(self, _argument: object) -> None:
        self.push(False)

    def empty_set(self, _argument: object) -> None:
        self.push(MEMBERS)

    def frozenset_from_mark(self, _argument: object) -> None:
        self._hashed(self._held_to_mark()[1])
        self.push(PLAIN)

    def add_from_mark(self, _argument: object) -> None:
        self._hashed(self._held_to_mark()[1])
        target = self._container()
        if target is not MEMBERS:
            add_items(target)

    def _hashed(self, kinds: set[type]) -> None:
        if not kinds <= KEYS:
            raise Refused("it hashes an object whose library might run what the pickle put there")

    def append(self, _argument: object) -> None:
        value = self._held()
        self._add([value], {type(value)})

    def append_from_mark(self, _argument: object) -> None:
        self._add(*self._held_to_mark())

    def _container(self) -> object:
        return self._top()

    def _add(self, items: list[object], kinds: set[type]) -> None:
        target = self._container()
        if type(target) is Items:
            target.add(items, kinds)
        else:
            add_items(target)

    def empty_list(self, _argument: object) -> None:
        self.push(Items())

    def list_from_mark(self, _argument: object) -> None:
        held = self._held_to_mark()
        self.push(Items())
        self._add(*held)

    def set_item(self, _argument: object) -> None:
        value, key = self._pop(), self._pop()
        self._fill(self._container(), [key, value])

    def set_items(self, _argument: object) -> None:
        items = self._pop_to_mark()
        self._fill(self._container(), items)

    def _fill(self, target: object, items: list[object]) -> None:
        if len(items) % 2:
            raise Broken("it sets a key without a value")
        keys, values = items[::2], items[1::2]
        key_kinds, kinds = set(map(type, keys)), set(map(type, values))
        if not key_kinds <= KEYS or (not kinds <= ATOMS and not GUARDED.isdisjoint(kinds)):
            if not GUARDED.isdisjoint(key_kinds | kinds):
                refuse_holding(items)
            self._hashed(key_kinds)
        if type(target) is Mapping:
            if target.fill(keys, values, key_kinds, kinds):
                place(target)
        elif type(target) is Items:
            target.replace(kinds)
        else:
            set_items(target, keys)

    def protocol(self, number: Any) -> None:
        if number > 5:
            raise Unresolved(f"it is written in the unknown pickle protocol {number}")
        self._protocol = number

    def global_(self, pair: Any) -> None:
        module, name = pair
        if type(module) in _UNKNOWN or type(name) in _UNKNOWN:
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
        self.push(called(function, args))

    def new_object(self, _argument: object) -> None:
        args, cls = self._held(), self._pop()
        self.push(instance(cls, args))

    def new_object_with_names(self, _argument: object) -> None:
        names, args, cls = self._held(), self._held(), self._pop()
        is_plain = isinstance(names, Mapping) and names.shape is self._no_keys and names.kinds is NO_KINDS
        self.push(instance(cls, args if is_plain else OPAQUE))

    def build(self, _argument: object) -> None:
        state, target = self._pop(), self._top()
        if isinstance(target, Wrapper) and self._joblib:
            self.array = array_behind(state)
            self._stack[-1] = Objects() if self.array.size is None else Numbers()
        else:
            build(target, state)


#: What may be a name, and is not known.
_UNKNOWN = frozenset({Opaque, Text})

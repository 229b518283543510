"""What `pickle.load` makes of a file that is joblib's."""

from __future__ import annotations

from typing import Any

from snitch.pickles.containers import ATOMS, THING
from snitch.pickles.machine import Machine
from snitch.pickles.values import DTYPE, Global

#: Modules of numpy's, some of which an honest file may name where `numpy` is looked up, and that have the same `dtype`.
_SAME = frozenset(
    f"numpy.{core}.{module}" for core in ("core", "_core") for module in ("_multiarray_umath", "multiarray", "numeric")
)


def is_dtype(found: Global) -> bool:
    """Whether this is numpy's `dtype`, by another name."""
    return found.name == DTYPE[1] and found.module in _SAME


class PlainMachine(Machine):
    """How `pickle.load` reads an array of objects in joblib's file: on and on, with the memo that it has.

    Its stack begins empty, because what joblib would not see of it cannot be reached by an honest pickle. What the
    other machine made may be held, and is neither called nor changed: an honest file stops before.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._own: set[int] = set()

    def put(self, index: Any) -> None:
        super().put(index)
        self._own.add(index)

    def memoize(self, argument: object) -> None:
        self._own.add(len(self.memo))
        super().memoize(argument)

    def get(self, index: Any) -> None:
        super().get(index)
        if index not in self._own and type(self._stack[-1]) not in ATOMS:
            self._stack[-1] = THING

    def _imported(self, found: Global) -> object:
        return super()._imported(Global(*DTYPE, found.offset) if is_dtype(found) else found)

    def _recalled(self, value: object) -> object:
        # To pickle.load it is an object like any other, and no array follows.
        return THING

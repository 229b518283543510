"""The stack of the pickle machine, with its marks."""

from __future__ import annotations

from snitch.pickles.containers import ATOMS
from snitch.pickles.source import Broken, Refused
from snitch.pickles.values import GUARDED, MISUSED, Callee, Guarded, refuse_holding

EMPTY = "it takes from an empty stack"


class Stack:
    """Values, of which no opcode takes one below the last mark."""

    def __init__(self) -> None:
        self._stack: list[object] = []
        self.push = self._stack.append
        self._marks: list[int] = []

    def _pop(self) -> object:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise Broken(EMPTY)
        return self._stack.pop()

    def _held(self) -> object:
        """What is popped to be held by something."""
        value = self._pop()
        if isinstance(value, Guarded):
            refuse_holding([value])
        return value

    def _pop_to_mark(self) -> list[object]:
        if not self._marks:
            raise Broken("it looks for a mark that is not there")
        mark = self._marks.pop()
        items = self._stack[mark:]
        del self._stack[mark:]
        return items

    def _held_to_mark(self) -> tuple[list[object], set[type]]:
        """What is popped to be held by something, and of which kinds it is."""
        items = self._pop_to_mark()
        kinds = set(map(type, items))
        if not kinds <= ATOMS and not GUARDED.isdisjoint(kinds):
            refuse_holding(items)
        return items, kinds

    def _top(self) -> object:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise Broken(EMPTY)
        return self._stack[-1]

    def mark(self, _argument: object) -> None:
        self._marks.append(len(self._stack))

    def pop(self, _argument: object) -> None:
        # On a mark, POP takes the mark.
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self._drop([self._pop()])

    def pop_mark(self, _argument: object) -> None:
        self._drop(self._pop_to_mark())

    def _drop(self, items: list[object]) -> None:
        if any(isinstance(item, Guarded) and type(item) is not Callee for item in items):
            raise Refused(MISUSED)

    def dup(self, _argument: object) -> None:
        value = self._top()
        if isinstance(value, Guarded):
            raise Refused("it doubles joblib's array wrapper or numpy's dtype")
        self.push(value)

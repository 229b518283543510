"""What `pickle.load` makes of a file that is joblib's."""

from __future__ import annotations

from snitch.pickles.arrays import OBJECT, OPAQUE, Dtype, Items, Mapping
from snitch.pickles.machine import Machine
from snitch.pickles.source import Refused
from snitch.pickles.values import Global, Guarded


class PlainMachine(Machine):
    """How `pickle.load` reads an array of objects in joblib's file: on and on, with the memo that it has.

    It knows of no array wrapper, so none needs watching. Its stack begins empty, because what joblib would not see of
    it cannot be reached by an honest pickle.
    """

    def _recalled(self, value: object) -> object:
        # Nor may it change what the other machine knows.
        return OBJECT if isinstance(value, (Guarded, Dtype, Items, Mapping)) else value

    def _imported(self, found: Global) -> object:
        return found

    def reduce(self, _argument: object) -> None:
        self._pop()
        self._pop()
        self._stack.append(OPAQUE)

    def build(self, _argument: object) -> None:
        self._pop()
        if isinstance(self._top(), Global):
            raise Refused("it changes an imported object")

    def new_object(self, argument: object) -> None:
        self.reduce(argument)

    def new_object_with_names(self, argument: object) -> None:
        self._pop()
        self.reduce(argument)

"""Lists and dicts that a pickle fills, as far as it matters what is in them.

Of most only the kinds of their values are kept: what may be called with them, or built of them, depends on no more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import itemgetter
from typing import Final


class Opaque:
    """An object of which nothing is known."""

    __slots__ = ()


class Text(Opaque):
    """A string that is too long, or too broken, to name anything that matters."""

    __slots__ = ()


class Plain(Opaque):
    """An immutable value of Python's, numpy's or pandas' own that is no string: a number, bytes, a date, a scalar."""

    __slots__ = ()


class Thing(Opaque):
    """What may stand in a model as a value, and can be neither called nor changed."""

    __slots__ = ()


class Held(tuple[object, ...]):
    """A tuple of which not all items are atoms. Tuples of atoms alone are plain ones."""

    __slots__ = ()


OPAQUE: Final = Opaque()
TEXT: Final = Text()
PLAIN: Final = Plain()
THING: Final = Thing()

#: Values that run nothing of anybody's on being hashed, compared, converted or passed to a function.
ATOMS: Final = frozenset({str, int, bool, type(None), tuple, Text, Plain})
NO_KINDS: Final[frozenset[type]] = frozenset()
_TEXTS: Final = frozenset({str})

#: Methods of a model that another object may call by a name in its state.
ANSWERS: Final = frozenset(
    {"auto", "decision_function", "default", "predict", "predict_log_proba", "predict_proba", "score", "transform"}
)
#: Longer tuples are held without what is in them.
MAX_ITEMS: Final = 64
#: Objects with more attributes, or dicts that are arguments, are not followed. LightGBM's have some fifty.
MAX_NAMES: Final = 256
#: So many different sets of keys are kept; others are made anew for each dict.
MAX_SHAPES: Final = 20_000
#: Attributes on which somebody acts who is given the object: their values are kept.
ACTED_ON: Final = frozenset(
    {
        *("X_thresholds_", "_handle", "_network", "_sklearn_version", "handle", "out_of_bounds", "y_thresholds_"),
        # names of methods
        *("_response_method", "chain_method", "chain_method_", "response_method", "stack_method", "stack_method_"),
        # what answers in a model's place, and what reads its input
        *("best_estimator_", "estimator", "estimator_", "func", "input", "inverse_func"),
        # what pandas keeps of a property
        "dtype",
    }
)
_PLACED: Final = frozenset({"mgr_locs", "values"})
#: Dicts with no other keys than these: arguments and states, whose values are kept, too.
_DESCRIBING: Final = (
    frozenset({"allow_mmap", "dtype", "numpy_array_alignment_bytes", "order", "shape", "subclass"}),
    _PLACED,
    *(
        frozenset(keys.split())
        for keys in (
            "_asarray _c _delegate_to _t axis c extrapolate k t",
            "binned_left_cat_bitsets nodes raw_left_cat_bitsets",
            "max_depth node_count nodes values",
            "int is_safe",
            # numpy's random numbers
            "bit_generator buffer buffer_pos gauss has_gauss has_uint32 state uinteger",
            # pandas
            "0.14.1",
            "_cache _data _dtype _mask _readonly",
            "_cache _dtype _pa_array _readonly",
            "_cache _freq _readonly",
            "_flags _metadata _mgr _name _typ attrs",
            "axes blocks",
            "categories ordered",
            "closed codes data freq left levels name names right sortorder start step stop tz",
            "closed subtype",
            "tz unit",
        )
    ),
)


_LONGEST: Final = max(map(len, _DESCRIBING))


class Shape:
    """The keys of a dict, shared by all that were filled with the same ones in the same order."""

    __slots__ = ("_keys", "_names", "_room", "fresh", "is_placed", "more", "watched")

    def __init__(self, room: list[int], keys: tuple[str, ...] = (), watched: tuple[str, ...] = ()) -> None:
        self._room = room
        self._keys = keys
        self._names: frozenset[str] | None = None
        #: Those with more keys, by these.
        self.more: dict[tuple[str, ...], Shape] = {}
        #: Takes the values of the watched ones out of those of the keys that were added last; None if there are none.
        self.fresh: Callable[[list[object]], tuple[object, ...]] | None = None
        #: All watched keys, in order.
        self.watched = watched
        #: Whether it is that of some columns and their place in a frame.
        self.is_placed = False

    def extended(self, keys: tuple[str, ...]) -> Shape | None:
        """That of a dict of this shape which gets these keys, too; None if it has too many."""
        if len(self._keys) + len(keys) > MAX_NAMES:
            return None
        found = Shape(self._room, self._keys + keys, self.watched)
        if len(found._keys) <= _LONGEST and any(description.issuperset(found._keys) for description in _DESCRIBING):
            found._watch(keys, keys)
        elif not ACTED_ON.isdisjoint(keys):
            found._watch(keys, ACTED_ON)
        if self._room[0] > 0:
            self._room[0] -= 1
            self.more[keys] = found
        return found

    def _watch(self, keys: tuple[str, ...], watched: Collection[str]) -> None:
        places = [index for index, key in enumerate(keys) if key in watched]
        self.watched += tuple(keys[index] for index in places)
        # itemgetter gives one item as it is, and several as a tuple.
        self.fresh = itemgetter(*places) if len(places) > 1 else lambda values: (values[places[0]],)
        self.is_placed = _PLACED.issuperset(self._keys) and len(self._keys) == 2

    @property
    def count(self) -> int:
        """How many keys were set."""
        return len(self._keys)

    @property
    def names(self) -> frozenset[str] | None:
        """The keys; None if one was set twice, so that the watched values need not be the last ones."""
        if self._names is None:
            self._names = frozenset(self._keys)
        return self._names if len(self._names) == len(self._keys) else None

    @property
    def special(self) -> str | None:
        """A key that Python looks up on its own, if there is one."""
        return next((name for name in self._keys if name.startswith("__")), None)


def no_keys() -> Shape:
    """The shape that the dicts of a pickle begin with."""
    return Shape([MAX_SHAPES])


class Mapping:
    """A dict: its keys if they are few texts (`shape`), and the kinds of its values that are no atoms."""

    __slots__ = ("_values", "kinds", "shape")

    def __init__(self, shape: Shape | None) -> None:
        self.shape = shape
        self.kinds = NO_KINDS
        #: Those of the watched keys; of a dict of tuples, all.
        self._values: tuple[object, ...] | dict[str, object] = ()

    @property
    def fields(self) -> dict[str, object] | None:
        """Of a dict of tuples, such as the fields of a type of numpy's, every one."""
        return self._values if isinstance(self._values, dict) else None

    @property
    def names(self) -> frozenset[str] | None:
        """Its keys; None where they are not known."""
        return None if self.shape is None else self.shape.names

    def get(self, name: str, default: object = None) -> object:
        """The value of a watched key."""
        if self.shape is None or name not in self.shape.watched:
            return default
        return self._values[name if isinstance(self._values, dict) else self.shape.watched.index(name)]  # type: ignore[index]

    def fill(self, keys: list[object], values: list[object], key_kinds: set[type], kinds: set[type]) -> bool:
        """Sets keys. `key_kinds` and `kinds` are the types of these keys and values.

        Returns whether it has come to describe some columns and their place in a frame.
        """
        if not kinds <= ATOMS:
            self.kinds |= kinds - ATOMS
        shape = self.shape
        if shape is None or not keys:
            return False
        if key_kinds != _TEXTS or len(keys) > MAX_NAMES:
            self.shape = None
            return False
        named: tuple[str, ...] = tuple(keys)  # type: ignore[arg-type]
        self.shape = shape = shape.more.get(named) or shape.extended(named)
        if shape is None or (shape.fresh is None and Held not in kinds and type(self._values) is tuple):
            return False
        return self._keep(shape, named, values, kinds)

    def _keep(self, shape: Shape, keys: tuple[str, ...], values: list[object], kinds: set[type]) -> bool:
        kept = self._values
        if kinds == {Held} and (isinstance(kept, dict) or len(keys) == shape.count) and shape.count <= MAX_ITEMS:
            self._values = {**(kept if isinstance(kept, dict) else {}), **dict(zip(keys, values, strict=True))}
            return False
        if isinstance(kept, dict):
            kept = tuple(value for key, value in kept.items() if key in shape.watched)
        self._values = kept if shape.fresh is None else (*kept, *shape.fresh(values))
        return shape.is_placed


class Placed(Mapping):
    """The values of some columns and their place, which pandas makes a block of. Nothing may be set any more."""

    __slots__ = ()


class Items:
    """A list: how long it is, or None when it may have been changed otherwise than by appending; and of what kinds."""

    __slots__ = ("are_answers", "count", "kinds")

    def __init__(self) -> None:
        self.count: int | None = 0
        self.kinds = NO_KINDS
        #: Whether it holds nothing but names of methods that a model answers by.
        self.are_answers = True

    def add(self, items: list[object], kinds: set[type]) -> None:
        """Appends items of these types."""
        if self.count is not None:
            self.count += len(items)
        if not kinds <= ATOMS:
            self.kinds |= kinds - ATOMS
            self.are_answers = False
        elif self.are_answers:
            self.are_answers = not kinds or (kinds == _TEXTS and ANSWERS.issuperset(items))

    def replace(self, kinds: set[type]) -> None:
        """Sets items of these types: a slice may be set, to any number of items."""
        self.count, self.are_answers = None, False
        self.kinds |= kinds


class Sealed(Items):
    """A list that something keeps as its own. Nothing may be added any more."""

    __slots__ = ()


class Members(Opaque):
    """A set."""

    __slots__ = ()


MEMBERS: Final = Members()

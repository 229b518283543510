"""What Snitch knows of a metric from its name: its direction, its range and its arguments.

The names are those of the catalogue. A metric that is not known has a direction only where the benchmark
declares one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from snitch.metric_catalogue import ALIASES, AVERAGED, KNOWN, OF_MORE_THAN_ANSWERS, OF_NUMBERS, Metric

if TYPE_CHECKING:
    from typing import Any

Value = TypeVar("Value")


class Meaning(NamedTuple):
    """What a metric's name stands for: a function of the catalogue, arguments that the name fixes, a turned sign."""

    name: str
    args: Mapping[str, str] = MappingProxyType({})
    negated: bool = False


#: The arguments that move a metric's range.
_RANGED = frozenset(("normalize", "adjusted"))


def metric(type: str, args: Mapping[str, object] | None = None) -> Metric | None:
    """The metric of this name, or None where the name is unknown.

    With `args`, the range is that of the metric under these arguments: accuracy with `normalize: false` is a count.
    """
    known = KNOWN.get(type)
    if known is None or not args or _RANGED.isdisjoint(args):
        return known
    minimum, maximum = known.minimum, known.maximum
    if args.get("normalize", True) is not True and "normalize" in known.arguments:
        minimum, maximum = (0.0, None) if minimum == 0 else (None, 0.0)
    if args.get("adjusted", False) is not False and "adjusted" in known.arguments:
        minimum = -1.0
    return msgspec.structs.replace(known, minimum=minimum, maximum=maximum)


def meaning(type: str) -> Meaning | None:
    """What a name stands for, or None where it is unknown: `neg_mae` is no name, `f1_macro` is `f1_score` averaged so.

    Functions that are known by several names are told by the longest, scikit-learn's own.
    """
    if type not in KNOWN:
        return None
    negated = type.startswith("neg_")
    plain = type.removeprefix("neg_")
    if plain in AVERAGED:
        name, args = AVERAGED[plain]
        return Meaning(ALIASES[name], MappingProxyType(args), negated)
    return Meaning(ALIASES.get(plain, plain), negated=negated)


def is_scorable(type: str) -> bool:
    """Whether a metric of this name can be computed from labels and predictions alone."""
    known = meaning(type)
    return known is not None and known.name not in OF_MORE_THAN_ANSWERS and known.args.get("average") != "samples"


def is_of_numbers(type: str) -> bool:
    """Whether a metric of this name is of a regression: it compares numbers, not classes."""
    name = type.removeprefix("neg_")
    return ALIASES.get(name, name) in OF_NUMBERS


def nearest(type: str) -> str | None:
    """The known name that this one was probably meant to be."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(type, KNOWN, n=1, cutoff=0.75)), None)


def listed(given: Mapping[str, Value], type: str) -> Value | None:
    """What is given for a metric, under its name or another that means the same: `accuracy` and `accuracy_score`."""
    if type in given or not given or (known := meaning(type)) is None:
        return given.get(type)
    return next((value for name, value in given.items() if meaning(name) == known), None)


def refuse_twice(names: Iterable[str]) -> None:
    """Refuses two names of one metric, of which one would count and the other be passed over.

    Raises:
        ValueError: there are such.
    """
    first: dict[str, str] = {}
    for name in names:
        known = meaning(name)
        if known is not None and first.setdefault(repr(known), name) != name:
            raise ValueError(f"{first[repr(known)]} and {name} are one metric")


def identity(type: str, args: Mapping[str, object] | None = None) -> str:
    """The canonical text of a metric and its arguments, such as `recall(threshold=0.42)`.

    Equal numbers give equal texts, however written: `threshold: 1` in YAML and `1.0` in JSON are one metric.
    """
    return f"{type}({_pairs(args)})" if args else type


def _pairs(mapping: Mapping[Any, object]) -> str:
    return ", ".join([f"{name}={_canonical(mapping[name])}" for name in sorted(mapping, key=str)])


def _canonical(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Mapping):
        return "{" + _pairs(value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_canonical, value)) + "]"
    if isinstance(value, str):
        # JSON can spell half a surrogate pair, which no encoder takes.
        value = value.encode(errors="backslashreplace").decode()
    # Quoted, so that the label "1" is not the label 1.
    return msgspec.json.encode(value).decode(errors="backslashreplace")

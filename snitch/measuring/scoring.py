"""Metrics computed from a sample: scikit-learn's under any of their names, and the field's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from snitch.measuring.answers import Prepared, prepared
from snitch.measuring.sample import Sample
from snitch.measuring.unscorable import Unscorable
from snitch.metrics import Meaning, is_scorable, meaning, metric

__all__ = ["Unscorable", "is_scorable", "meant", "score"]


def meant(type: str, args: Mapping[str, Any]) -> tuple[Meaning, dict[str, Any]]:
    """What a metric's name stands for, and all its arguments.

    Raises:
        Unscorable: it is none that can be computed, or takes no such argument.
    """
    known, catalogued = meaning(type), metric(type)
    if known is None or catalogued is None or not is_scorable(type):
        raise Unscorable(f"{type} is no metric that can be computed from labels and predictions")
    for name in args:
        if name not in catalogued.arguments:
            raise Unscorable(f"{type} takes no argument `{name}`")
    return known, {**known.args, **args}


def score(type: str, args: Mapping[str, Any], sample: Sample) -> float:
    """A metric's value on a sample, in the metric's unit.

    What scikit-learn only warns of is not defined here: recall without a positive example, precision without a
    positive prediction. Where the benchmark gives such a case a value (`zero_division`), it has that.

    Raises:
        Unscorable: it is none that can be computed, the sample lacks what it takes, or the value is not defined there.
    """
    known, given = meant(type, args)
    value = computed(type, prepared(known.name, given, sample))
    return 0.0 - value if known.negated else value


def computed(type: str, prepared: Prepared) -> float:
    """The value of a function on what was prepared for it.

    Raises:
        Unscorable: it is not defined there.
    """
    import warnings

    if not len(prepared.labels):
        raise Unscorable(f"{type} is not defined here: there is no example")
    function = _function(prepared.name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for harmless in (DeprecationWarning, FutureWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", harmless)
        try:
            value = float(function(prepared.labels, prepared.answers, **prepared.args))
        except (
            ValueError,
            TypeError,
            LookupError,
            ArithmeticError,
            MemoryError,
            NotImplementedError,
            Warning,
        ) as error:
            raise Unscorable(f"{type} is not defined here: {_first_line(error)}") from None
    if not math.isfinite(value):
        raise Unscorable(f"{type} is not defined here: its value is {value}")
    return value


def _function(name: str) -> Callable[..., Any]:
    from snitch.measuring import field_metrics, ranking

    own = field_metrics.FUNCTIONS.get(name) or ranking.FUNCTIONS.get(name)
    if own is not None:
        return own
    from sklearn import metrics

    found = getattr(metrics, name, None)
    if found is None:
        raise Unscorable(f"the scikit-learn here has no {name}")
    return found  # type: ignore[no-any-return]


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]

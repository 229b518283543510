"""How unevenly a model treats groups of people: differences and ratios between groups, as fairlearn defines them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from msgspec import Struct

from snitch.measuring.ids import canonical
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import Unscorable, score
from snitch.measuring.tables import Unusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["difference", "ratio"]

#: Of more groups every two are too many to hold against each other; an age in years wants to be put in bands.
MAX_GROUPS = 50

#: Rates of decisions as shares of the cells of a confusion matrix: what is counted, and of what.
TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE, TRUE_NEGATIVE = range(4)
_ALL = (TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE, TRUE_NEGATIVE)
_POSITIVE, _NEGATIVE = (TRUE_POSITIVE, FALSE_NEGATIVE), (FALSE_POSITIVE, TRUE_NEGATIVE)
_SELECTED = (TRUE_POSITIVE, FALSE_POSITIVE)
RATES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "selection_rate": (_SELECTED, _ALL),
    "true_positive_rate": ((TRUE_POSITIVE,), _POSITIVE),
    "false_positive_rate": ((FALSE_POSITIVE,), _NEGATIVE),
    "true_negative_rate": ((TRUE_NEGATIVE,), _NEGATIVE),
    "false_negative_rate": ((FALSE_NEGATIVE,), _POSITIVE),
    "accuracy": ((TRUE_POSITIVE, TRUE_NEGATIVE), _ALL),
    "precision": ((TRUE_POSITIVE,), _SELECTED),
}
_SAME = {
    "accuracy_score": "accuracy",
    "precision_score": "precision",
    "recall": "true_positive_rate",
    "recall_score": "true_positive_rate",
    "sensitivity": "true_positive_rate",
    "specificity": "true_negative_rate",
}

#: Which rates each of fairlearn's own measures compares; of several, the worse gap counts.
MEASURES: dict[str, tuple[str, ...]] = {
    "demographic_parity": ("selection_rate",),
    "equal_opportunity": ("true_positive_rate",),
    "equalized_odds": ("true_positive_rate", "false_positive_rate"),
}


def parted(name: str) -> tuple[str, Kind] | None:
    """What a gap is of, and of which kind it is: `("recall", "difference")`. None where its name tells neither."""
    for kind in ("difference", "ratio"):
        measure = name.removesuffix(f"_{kind}")
        if measure and measure != name:
            return measure, kind
    return None


class Group(Struct, frozen=True):
    """A group of examples, what was measured of it, and how many examples it has."""

    name: str
    value: float
    rows: int


class Gap(Struct, frozen=True):
    """How far apart two groups lie that lie farthest apart, and in what (`rate`)."""

    value: float
    rate: str
    high: Group
    low: Group


class Grouping(NamedTuple):
    """Groups of the examples of a sample: their names, and for each example the position of its own, -1 for none."""

    names: tuple[str, ...]
    positions: NDArray[np.intp]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """The number of examples of each."""
        import numpy as np

        sizes: NDArray[np.intp] = np.bincount(self.positions[self.positions >= 0], minlength=len(self.names))
        return sizes


def grouping_of(values: NDArray[np.object_], least: int) -> tuple[Grouping, dict[str, int]]:
    """The groups by a column's values as text, in the order of these, and the sizes of those with fewer than `least`
    examples, which are none.

    Raises:
        Unusable: there are too many.
    """
    import numpy as np

    names, positions, sizes = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    large = sizes >= least
    if large.sum() > MAX_GROUPS:
        raise Unusable(f"there are {large.sum():,} groups; at most {MAX_GROUPS} are compared")
    shown = np.where(names == canonical(None), "null", names)
    numbers = np.where(large, np.cumsum(large) - 1, -1)
    small = dict(zip(shown[~large].tolist(), sizes[~large].tolist(), strict=True))
    return Grouping(tuple(shown[large].tolist()), numbers[positions]), small


class Rate(NamedTuple):
    """A rate's, or any metric's, values by group."""

    name: str
    values: NDArray[np.float64]


def cells_of(sample: Sample, args: Mapping[str, Any]) -> NDArray[np.intp]:
    """Each example's cell of the confusion matrix.

    Raises:
        Unscorable: the task is not binary, or there are no decisions.
    """
    import numpy as np

    if sample.labels.dtype != np.bool_:
        raise Unscorable("a rate of decisions is of a binary classification")
    decided = sample.prediction
    if "threshold" in args:
        decided = None if sample.score is None else sample.score >= args["threshold"]
    if decided is None:
        raise Unscorable("the predictions hold no decisions, which rates are of")
    found: NDArray[np.intp] = np.where(
        sample.labels,
        np.where(decided, TRUE_POSITIVE, FALSE_NEGATIVE),
        np.where(decided, FALSE_POSITIVE, TRUE_NEGATIVE),
    )
    return found


def is_rate(measure: str, args: Mapping[str, Any], sample: Sample) -> bool:
    """Whether a measure is of rates of decisions, which come from counts alone."""
    known = measure in MEASURES or (_SAME.get(measure, measure) in RATES and sample.labels.dtype == "bool")
    return known and args.keys() <= {"threshold"}


def rates_of(measure: str, args: Mapping[str, Any], sample: Sample, groups: Grouping) -> list[Rate]:
    """What a gap compares, by group.

    Raises:
        Unscorable: it cannot be computed of some group.
    """
    import numpy as np

    if not is_rate(measure, args, sample):
        values = [_scored(measure, args, sample, groups, at) for at in range(len(groups.names))]
        return [Rate(measure, np.array(values))]
    measure = _SAME.get(measure, measure)
    inside = groups.positions >= 0
    keys = groups.positions[inside] * 4 + cells_of(sample, args)[inside]
    counts = np.bincount(keys, minlength=4 * len(groups.names)).reshape(-1, 4)
    return [_rate(name, counts, groups) for name in MEASURES.get(measure, (measure,))]


def _rate(name: str, counts: NDArray[np.intp], groups: Grouping) -> Rate:
    counted, of = RATES[name]
    total = counts[:, of].sum(axis=1)
    if not total.all():
        group = groups.names[int((total == 0).argmax())]
        raise Unscorable(f"{name} is not defined for {group}: it has no example of the kind that it is a share of")
    return Rate(name, counts[:, counted].sum(axis=1) / total)


def _scored(measure: str, args: Mapping[str, Any], sample: Sample, groups: Grouping, at: int) -> float:
    import numpy as np

    try:
        value = score(measure, args, sample.take(groups.positions == at))
    except Unscorable as error:
        raise Unscorable(f"{error.reason} ({groups.names[at]})") from None
    if not np.isfinite(value):
        raise Unscorable(f"{measure} of {groups.names[at]} is {value}, which is no finite number")
    return value


def widest(kind: Kind, rates: list[Rate], groups: Grouping) -> Gap:
    """The largest difference between two groups, or the smallest ratio of one to another, of all rates.

    As fairlearn's `MetricFrame.difference` and `.ratio` between groups, and its worst case of several rates.

    Raises:
        Unscorable: a ratio is of nothing, or of values below 0.
    """
    gaps = [_gap(kind, rate, groups) for rate in rates]
    return max(gaps, key=lambda gap: gap.value) if kind == "difference" else min(gaps, key=lambda gap: gap.value)


def _gap(kind: Kind, rate: Rate, groups: Grouping) -> Gap:
    sizes = groups.sizes
    high, low = (
        Group(groups.names[at], float(rate.values[at]), int(sizes[at]))
        for at in (int(rate.values.argmax()), int(rate.values.argmin()))
    )
    if kind == "difference":
        # Equal shares of other counts differ in their last digits.
        return Gap(round(high.value - low.value, 12), rate.name, high, low)
    if low.value < 0 or high.value == 0:
        raise Unscorable(f"{rate.name} has no ratio between groups: it is {low.value:g} of {low.name}")
    return Gap(round(low.value / high.value, 12), rate.name, high, low)

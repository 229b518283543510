"""How far data has moved from what a model was trained on, feature by feature, both counted by the same bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from itertools import pairwise
from math import sqrt
from statistics import NormalDist
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from snitch.divergence import Status, jensen_shannon_distance, population_stability_index, status
from snitch.formats.profile import Feature, Profile

#: A population stability index above this is commonly taken for a large shift.
CUSTOMARY_PSI = 0.25
#: A shift that chance alone brings about this often is not told from chance.
ALPHA = 0.025
#: More of a value nobody needs to recognise it.
_LONGEST = 60

Outcome = Literal["pass", "fail", "inconclusive"]
Share = Annotated[float, Meta(ge=0, le=1)]


class DriftLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a feature may move: None is any distance."""

    max_psi: Annotated[float, Meta(ge=0)] | None = None
    max_distance: Share | None = None


class DriftBin(Struct, frozen=True):
    """One bin of a feature: what lies in it, and how many values of the training data and of the current do."""

    label: str
    expected: int
    actual: int


class FeatureDrift(Struct, frozen=True, kw_only=True):
    """How far one feature has moved.

    `psi` and `distance` are None where the two cannot be compared; `reason` says why. `outcome` is that of the limits:
    `inconclusive` where the index is beyond its limit and the rows are too few to tell it from chance.
    """

    name: str
    type: str
    psi: float | None = None
    distance: float | None = None
    status: Status | None = None
    outcome: Outcome = "pass"
    reason: str = ""
    #: The shares of missing values: in the training data, and now.
    nulls: tuple[float, float] = (0.0, 0.0)
    #: What else is to be known of it.
    notes: tuple[str, ...] = ()
    bins: tuple[DriftBin, ...] = ()
    #: What the index and the distance were held against.
    limit: DriftLimit = DriftLimit()


class Drift(Struct, frozen=True, kw_only=True):
    """How far data has moved: all features, those that the data lacks, and columns that the profile does not know."""

    features: tuple[FeatureDrift, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]
    #: Of the training data, and of the current.
    rows: tuple[int, int]
    #: What the model takes, and the profile does not know.
    unknown: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        outcomes = {each.outcome for each in self.features}
        if "fail" in outcomes or self.missing:
            return "fail"
        is_open = "inconclusive" in outcomes or self.unknown or self.status is None
        return "inconclusive" if is_open else "pass"

    @property
    def total(self) -> float | None:
        """The mean index of the features that could be compared; None where none could."""
        known = [each.psi for each in self.features if each.psi is not None]
        return sum(known) / len(known) if known else None

    @property
    def status(self) -> Status | None:
        """That of the feature that has moved furthest."""
        known = [each.psi for each in self.features if each.psi is not None]
        return status(max(known)) if known else None

    def counted(self, of: Status | None) -> int:
        """How many features have this status."""
        return sum(each.status == of for each in self.features)


def drift_between(
    training: Profile,
    current: Sequence[Feature],
    rows: int,
    *,
    columns: Sequence[str] = (),
    new_values: Mapping[str, Sequence[str]] | None = None,
    limits: Mapping[str, DriftLimit] | None = None,
    limit: DriftLimit | None = None,
) -> Drift:
    """Holds data against a training profile, by whose bins it was counted.

    `current` are the features of the data, `rows` its rows and `columns` all its columns; `new_values` names values by
    feature that there were not. `limits` are those of single features, and `limit` that of the others; the customary
    one, where there is none.
    """
    limits, limit, new_values = limits or {}, limit or DriftLimit(CUSTOMARY_PSI), new_values or {}
    known = {each.name: each for each in current}
    found = [
        feature_drift(each, known[each.name], limits.get(each.name, limit), new_values.get(each.name, ()))
        for each in training.features
        if each.name in known
    ]
    names = {each.name for each in training.features}
    return Drift(
        features=tuple(found),
        missing=tuple(each.name for each in training.features if each.name not in known),
        new=tuple(name for name in columns if name not in names),
        rows=(training.data.rows, rows),
    )


def feature_drift(
    training: Feature, current: Feature, limit: DriftLimit, new_values: Sequence[str] = ()
) -> FeatureDrift:
    """Holds one feature against what it was. A missing value is a bin of its own."""
    nulls = _share(training.nulls, training.rows), _share(current.nulls, current.rows)
    notes = _notes(training, current, new_values)
    known = FeatureDrift(name=training.name, type=training.type, nulls=nulls, notes=notes, limit=limit)
    obstacle = _obstacle(training, current)
    if obstacle is not None:
        return replace(known, reason=obstacle[0], outcome=obstacle[1])
    bins = _bins(training, current)
    expected, actual = [each.expected for each in bins], [each.actual for each in bins]
    psi, distance = population_stability_index(expected, actual), jensen_shannon_distance(expected, actual)
    outcome = _outcome(psi, distance, limit, chance_bound(len(bins), sum(expected), sum(actual)))
    return replace(known, psi=psi, distance=distance, status=status(psi), outcome=outcome, bins=bins)


def chance_bound(bins: int, expected: int, actual: int) -> float:
    """What a population stability index exceeds by chance alone with the probability `ALPHA`.

    Where nothing has moved, `psi / (1/n + 1/m)` is about chi-squared with one degree of freedom less than there are
    bins (B. Yurdakul, Statistical Properties of Population Stability Index, 2018); its quantile is approximated as by
    E. Wilson and M. Hilferty (1931).
    """
    freedom = max(bins - 1, 1)
    spread = 2 / (9 * freedom)
    quantile = freedom * (1 - spread + NormalDist().inv_cdf(1 - ALPHA) * sqrt(spread)) ** 3
    return (1 / expected + 1 / actual) * quantile


def _outcome(psi: float, distance: float, limit: DriftLimit, chance: float) -> Outcome:
    is_beyond = (limit.max_psi is not None and psi > limit.max_psi) or (
        limit.max_distance is not None and distance > limit.max_distance
    )
    if not is_beyond:
        return "pass"
    return "fail" if psi > chance else "inconclusive"


def _obstacle(training: Feature, current: Feature) -> tuple[str, Outcome] | None:
    """Why two features cannot be compared, and what that means; None where they can."""
    if not training.rows or not current.rows:
        return "there are no rows", "inconclusive"
    if not _is_same_kind(training, current):
        return f"it was {training.type} and is {current.type}", "fail"
    if not training.edges and not training.categories and training.type != "unknown":
        if training.type in ("string", "binary"):
            return "too few rows share a value to count by", "pass"
        return "the profile has no bins to count its values by", "inconclusive"
    if current.nulls < current.rows and (
        training.edges != current.edges or training.categories.keys() != current.categories.keys()
    ):
        return "it was counted by other bins; `snitch profile --like` counts by the same", "inconclusive"
    return None


def _is_same_kind(training: Feature, current: Feature) -> bool:
    """Whether both hold numbers, or both the same; what holds no value now fits to anything."""
    if current.type == "unknown" or training.type == current.type:
        return True
    return {training.type, current.type} == {"long", "double"}


def _bins(training: Feature, current: Feature) -> tuple[DriftBin, ...]:
    """The bins of both; those of what is missing and of what has no name only where there is some."""
    if training.edges:
        labels = _intervals([_edge(each, training.type) for each in training.edges])
        actual = current.counts or (0,) * len(labels)
        found = [DriftBin(*each) for each in zip(labels, training.counts, actual, strict=True)]
    else:
        found = [DriftBin(name, count, current.categories.get(name, 0)) for name, count in training.categories.items()]
    extra = [("other", training.other, current.other), ("missing", training.nulls, current.nulls)]
    return (*found, *(DriftBin(*each) for each in extra if each[1] or each[2]))


def _intervals(edges: Sequence[str]) -> list[str]:
    inner = [f"{low} to {high}" for low, high in pairwise(edges)]
    return [f"up to {edges[0]}", *inner, f"above {edges[-1]}"]


def _edge(value: float, type: str) -> str:
    if type == "datetime":
        try:
            return datetime.fromtimestamp(value, timezone.utc).strftime("%Y-%m-%d %H:%M")
        except (ValueError, OverflowError, OSError):
            pass  # beyond the calendar
    return f"{value:.7g}"


def _notes(training: Feature, current: Feature, new_values: Sequence[str]) -> tuple[str, ...]:
    told = []
    if training.type != current.type and current.type != "unknown" and _is_same_kind(training, current):
        told.append(f"was {training.type}, is {current.type}")
    if current.nulls and not training.nulls:
        told.append("values are missing, and none were")
    if training.categories and not training.other and current.other and _is_same_kind(training, current):
        shown = ", ".join(f"`{each[:_LONGEST]}`" for each in new_values)
        message = f"{current.other:,} values are none of the {len(training.categories)} that there were"
        told.append(f"{message}: {shown}" if shown else message)
    return tuple(told)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0

"""How certain a gap between groups is: an interval that holds for all pairs of groups at once, by a seeded bootstrap.

The gap is the largest of many differences, and of equal groups some two always lie apart. So the interval is not one of
the largest difference: it comes from limits that hold for the differences of all pairs together (the bootstrap's
largest studentised deviation; P. H. Westfall and S. S. Young, Resampling-Based Multiple Testing, 1993), of which the
largest bounds the gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from math import exp, inf
from typing import TYPE_CHECKING, Any

from snitch.measuring.answers import prepared
from snitch.measuring.bootstrap import resampled
from snitch.measuring.drawing import drawn_from
from snitch.measuring.fairness import RATES, Grouping, Kind, Rate, cells_of
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import meant
from snitch.measuring.tables import Unusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 2000
#: What is added to every cell of every group, so that what was seen in no example is not taken to be impossible:
#: Jeffreys' prior of a multinomial distribution.
_PRIOR = 0.5
_MAX_CELLS = 50_000_000
_AT_ONCE = 4_000_000


def interval_of_rates(
    kind: Kind, rates: list[Rate], args: Mapping[str, Any], sample: Sample, groups: Grouping, seed: str
) -> tuple[float, float]:
    """The 95 % interval of a gap in rates of decisions.

    Resampled are the examples of each group on their own; where the sample says which belong together, those together.

    Raises:
        Unusable: there are too many groups of examples that belong together.
    """
    import numpy as np

    inside = groups.positions >= 0
    keys = groups.positions[inside] * 4 + cells_of(sample, args)[inside]
    width = 4 * len(groups.names)
    generator = _generator(seed)
    together = None if sample.group is None else sample.group[inside]
    strata = _alone(keys, width) if together is None else _together(keys, width, together)
    drawn = np.zeros((RESAMPLES, width))
    expected = np.zeros(width)
    for stratum in strata:
        drawn += _draws(generator, *stratum)
        expected += _expected(*stratum)
    seen = np.bincount(keys, minlength=width).astype(np.float64)
    shares = [np.concatenate([_share(each, rate.name) for rate in rates], axis=-1) for each in (seen, expected, drawn)]
    return _bounds(kind, shares[0], shares[1], shares[2], parts=len(rates))


def interval_of_metric(
    kind: Kind, rate: Rate, args: Mapping[str, Any], sample: Sample, groups: Grouping, seed: str
) -> tuple[float, float]:
    """The 95 % interval of a gap in any metric, by the bootstrap of each group on its own.

    Raises:
        Unscorable: a group has too few examples to say.
    """
    import numpy as np

    known, given = meant(rate.name, args)
    drawn = []
    for at, name in enumerate(groups.names):
        part = sample.take(groups.positions == at)
        weighted, layout = drawn_from([prepared(known.name, given, part)], [part], given)
        drawn.append(resampled(weighted, layout, f"{seed}\n{name}")[:, 0])
    values = np.column_stack(drawn)
    return _bounds(kind, rate.values, rate.values, -values if known.negated else values, parts=1)


def _generator(seed: str) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng(int.from_bytes(sha256(seed.encode("utf-8", "surrogatepass")).digest()[:16], "big"))


# A stratum: how often each pattern of counts is there, and the patterns, one a row.
Stratum = tuple["Floats", "Floats"]


def _alone(keys: NDArray[np.intp], width: int) -> list[Stratum]:
    """Each group is a stratum, each example one count in one cell."""
    import numpy as np

    seen, cells = np.bincount(keys, minlength=width), np.eye(width)
    return [(seen[at : at + 4].astype(float), cells[at : at + 4]) for at in range(0, width, 4)]


def _together(keys: NDArray[np.intp], width: int, together: NDArray[np.intp]) -> list[Stratum]:
    """What belongs together is drawn together: within its group where nothing lies in two, else from all."""
    import numpy as np

    _, cluster = np.unique(together, return_inverse=True)
    number = int(cluster.max()) + 1
    if number * width > _MAX_CELLS:
        raise Unusable(f"{number:,} groups of examples that belong together are too many to resample")
    counts = np.bincount(cluster * width + keys, minlength=number * width).reshape(number, width)
    patterns, often = np.unique(counts, axis=0, return_counts=True)
    touched = patterns.reshape(len(patterns), -1, 4).any(axis=2)
    if (touched.sum(axis=1) > 1).any():
        return [_with_cells(often, patterns, np.arange(width))]
    owner = touched.argmax(axis=1)
    return [
        _with_cells(often[owner == at], patterns[owner == at], np.arange(4 * at, 4 * at + 4))
        for at in range(width // 4)
    ]


def _with_cells(often: NDArray[np.intp], patterns: NDArray[np.intp], cells: NDArray[np.intp]) -> Stratum:
    """A stratum that knows each of these cells on its own, too, if only by the prior."""
    import numpy as np

    single = np.eye(patterns.shape[1])[cells]
    return np.concatenate([often, np.zeros(len(cells))]), np.concatenate([patterns, single])


def _probabilities(often: Floats, patterns: Floats) -> Floats:
    """How likely each pattern is drawn; those of one example have the prior."""
    weight = often + _PRIOR * (patterns.sum(axis=1) == 1)
    return weight / weight.sum()  # type: ignore[no-any-return]


def _expected(often: Floats, patterns: Floats) -> Floats:
    return often.sum() * (_probabilities(often, patterns) @ patterns)  # type: ignore[no-any-return]


def _draws(generator: np.random.Generator, often: Floats, patterns: Floats) -> Floats:
    """(resamples, cells): the counts of resamples of as many as there are."""
    import numpy as np

    chances, number = _probabilities(often, patterns), int(often.sum())
    step = max(_AT_ONCE // len(often), 1)
    sizes = [min(step, RESAMPLES - done) for done in range(0, RESAMPLES, step)]
    return np.concatenate([generator.multinomial(number, chances, size) @ patterns for size in sizes])


def _share(counts: Floats, name: str) -> Floats:
    """A rate by group, with half a count more on either side: it is always there, and never 0."""
    cells = counts.reshape(*counts.shape[:-1], -1, 4)
    counted, of = RATES[name]
    return (cells[..., counted].sum(axis=-1) + _PRIOR) / (cells[..., of].sum(axis=-1) + 2 * _PRIOR)  # type: ignore[no-any-return]


def _bounds(kind: Kind, seen: Floats, expected: Floats, drawn: Floats, parts: int) -> tuple[float, float]:
    """The interval of the gap from values by group (of several rates, one after another) and resamples of them."""
    import numpy as np

    with np.errstate(all="ignore"):
        if kind == "ratio":
            seen, expected, drawn = np.log(seen), np.log(expected), np.log(drawn)
        first, second = _pairs(seen.shape[-1], parts)
        center, drawn = (each[..., first] - each[..., second] for each in (expected, drawn))
        error = np.where(np.isfinite(drawn), drawn, center).std(axis=0)
        off = np.where(np.isfinite(drawn), np.abs(drawn - center) / np.where(error > 0, error, inf), inf)
        reach = float(np.quantile(off.max(axis=1), LEVEL, method="higher"))
        if not np.isfinite(reach):
            return (0.0, inf) if kind == "difference" else (0.0, 1.0)
        apart = np.abs(seen[first] - seen[second])
        lower, upper = float((apart - reach * error).max()), float((apart + reach * error).max())
    return (max(lower, 0.0), upper) if kind == "difference" else (exp(-upper), min(exp(-lower), 1.0))


def _pairs(size: int, parts: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every two groups, of each rate on its own."""
    import numpy as np

    groups = size // parts
    first, second = np.triu_indices(groups, 1)
    offsets = np.repeat(np.arange(parts) * groups, len(first))
    return np.tile(first, parts) + offsets, np.tile(second, parts) + offsets

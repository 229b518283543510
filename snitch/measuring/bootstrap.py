"""The bootstrap: what a metric, or the difference of two models', would be on resamples of the examples.

B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13; of paired models each resample is the
same examples for both. The examples of a class are drawn among themselves, so that each resample has as many; where
examples belong together (households, patients), whole groups are drawn: C. A. Field, A. H. Welsh, "Bootstrapping
clustered data", JRSS B 69 (2007), 369-390.

Resamples come in blocks of fixed size, each with its own random stream spawned from one seed. So they are the same
whatever engine works on the blocks, with however many workers.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from snitch.measuring.engine import each
from snitch.measuring.unscorable import TooFew, Unscorable
from snitch.measuring.weighted import Weighted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 2_000
_BLOCK = 100
#: Fewer examples, or groups, than these tell nothing of what others would be like.
MIN_UNITS = 20
#: Of the resamples, how many may leave the metric undefined.
_MAX_UNDEFINED = 0.01
#: Weights that are held at a time.
_HELD = 4_000_000


class Layout(NamedTuple):
    """How units are drawn: `strata` numbers what is drawn among itself, one number a unit.

    `examples` counts those that a unit stands for, where alike ones are one, and `unseen` what is added to that for
    how likely it is drawn; `group` is the unit of each row, where whole groups are drawn and the metric takes rows.
    `units` is what people call them.
    """

    strata: NDArray[np.intp]
    examples: NDArray[np.intp] | None = None
    unseen: NDArray[np.float64] | None = None
    group: NDArray[np.intp] | None = None
    units: str = "examples"


class Block(NamedTuple):
    """A task: some resamples of both sides, or of the one, by a random stream of their own."""

    stream: np.random.SeedSequence
    resamples: int
    layout: Layout
    sides: tuple[Weighted, ...]


def resampled(
    sides: tuple[Weighted, ...], layout: Layout, seed: str, resamples: int = RESAMPLES
) -> NDArray[np.float64]:
    """The metric of each side on each resample: (resamples, sides). Only `seed` and what is given decide it.

    Raises:
        TooFew: of what is drawn.
        Unscorable: the metric is not defined on more than 1 % of the resamples.
    """
    import numpy as np

    units = len(layout.strata) if layout.examples is None else int(layout.examples.sum())
    if units < MIN_UNITS:
        raise TooFew(f"{units} {layout.units} are too few to resample: an interval takes {MIN_UNITS}")
    streams = np.random.SeedSequence(int.from_bytes(sha256(seed.encode()).digest(), "big")).spawn(
        -(-resamples // _BLOCK)
    )
    counts = [min(_BLOCK, resamples - _BLOCK * number) for number in range(len(streams))]
    blocks = [Block(stream, count, layout, sides) for stream, count in zip(streams, counts, strict=True)]
    values: NDArray[np.float64] = np.concatenate(each(values_of, blocks))
    undefined = int(np.isnan(values).any(axis=1).sum())
    if undefined > _MAX_UNDEFINED * resamples:
        raise TooFew(f"it has no value on {undefined:,} of {resamples:,} resamples: too few examples tell")
    return values


def values_of(block: Block) -> NDArray[np.float64]:
    """The metric of each side on a block's resamples: (resamples, sides)."""
    import numpy as np

    random = np.random.Generator(np.random.PCG64(block.stream))
    rows = len(block.layout.strata if block.layout.group is None else block.layout.group)
    at_once = max(1, min(block.resamples, _HELD // max(rows, 1)))
    found = []
    for start in range(0, block.resamples, at_once):
        count = min(at_once, block.resamples - start)
        weights = _weights(random, block.layout, count)
        if block.layout.group is not None:
            weights = weights[:, block.layout.group]
        found.append(np.stack([side.values(weights) for side in block.sides], axis=1))
    return np.concatenate(found)


def _weights(random: np.random.Generator, layout: Layout, count: int) -> NDArray[np.intp]:
    """How often each unit is drawn: one row a resample. The stream does not hang on how many are asked for at once."""
    import numpy as np

    weights = np.zeros((count, len(layout.strata)), dtype=np.intp)
    strata = [np.flatnonzero(layout.strata == stratum) for stratum in np.unique(layout.strata)]
    drawing = [(members, *_chances(layout, members)) for members in strata]
    for row in weights:
        for members, number, chances in drawing:
            if chances is None:
                row[members] = np.bincount(random.integers(0, number, number), minlength=number)
            else:
                row[members] = random.multinomial(number, chances)
    return weights


def _chances(layout: Layout, members: NDArray[np.intp]) -> tuple[int, NDArray[np.float64] | None]:
    """How many a stratum draws, and how likely each of its units is; None where all are as likely."""
    if layout.examples is None:
        return len(members), None
    held = layout.examples[members]
    likely = held if layout.unseen is None else held + layout.unseen[members]
    return int(held.sum()), likely / likely.sum()


def ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % interval by percentiles. Where the metric is not defined it might be anything.

    Raises:
        Unscorable: an end is at infinity.
    """
    import numpy as np

    lowest = np.sort(np.where(np.isnan(values), -np.inf, values))
    highest = np.sort(np.where(np.isnan(values), np.inf, values))
    lower, upper = (float(np.quantile(held, share)) for held, share in ((lowest, 0.025), (highest, 0.975)))
    if not (np.isfinite(lower) and np.isfinite(upper)):
        raise Unscorable("its interval has no end")
    return lower, upper


def p_values(differences: NDArray[np.float64]) -> tuple[float, float]:
    """One-sided p-values of no true difference: against one below zero, and against one above.

    The share of resamples on the other side of zero; where there is none, it is below what so many resamples can
    tell, and the normal distribution says how far, of which many slices at once ask (Holm).
    """
    import numpy as np

    count, known = len(differences), differences[~np.isnan(differences)]
    undefined = count - len(known)
    at_least, at_most = int((known >= 0).sum()) + undefined, int((known <= 0).sum()) + undefined
    return _p_value(at_least, count, known), _p_value(at_most, count, -known)


def _p_value(against: int, count: int, differences: NDArray[np.float64]) -> float:
    from statistics import NormalDist

    share = (against + 1) / (count + 1)
    if against:
        return min(share, 1.0)
    deviation = float(differences.std(ddof=1))
    tail = NormalDist().cdf(float(differences.mean()) / deviation) if deviation > 0 else 0.0
    return min(share, tail)

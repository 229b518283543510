"""What a bootstrap draws from samples: examples by class, alike ones at once, or whole groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snitch.measuring.answers import Prepared
from snitch.measuring.bootstrap import Layout
from snitch.measuring.contributions import sums_of
from snitch.measuring.ranking import FUNCTIONS as RANKINGS
from snitch.measuring.sample import Sample
from snitch.measuring.unscorable import TooFew
from snitch.measuring.weighted import Area, Ranked, Resampled, Sums, Weighted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Of a class; the scores of fewer do not tell how those of others vary.
MIN_OF_A_CLASS = 10


def drawn_from(
    sides: Sequence[Prepared], samples: Sequence[Sample], args: Mapping[str, Any]
) -> tuple[tuple[Weighted, ...], Layout]:
    """The metric of each side, and how the units that it weighs are drawn. `args` are those before preparing.

    Raises:
        TooFew: of a class whose scores are ranked.
    """
    import numpy as np

    weighted = tuple(
        sums_of(side) or Resampled(side.name, args, sample) for side, sample in zip(sides, samples, strict=True)
    )
    sums = [each for each in weighted if isinstance(each, Sums)]
    if isinstance(weighted[0], (Area, Ranked)):
        refuse_few(sides[0].name, sides[0].labels == 1)
    if sides[0].name in RANKINGS:  # whose values are of queries already
        return weighted, Layout(np.zeros(len(sums[0].shares), dtype=np.intp), units="queries")
    group = next((sample.group for sample in samples if sample.group is not None), None)
    if group is not None:
        codes = np.unique(group, return_inverse=True)[1]
        strata = np.zeros(int(codes.max()) + 1, dtype=np.intp)
        if len(sums) == len(weighted):
            return tuple(each.units(codes) for each in sums), Layout(strata, units="groups")
        return weighted, Layout(strata, group=codes, units="groups")
    if len(sums) == len(weighted) and all(_decides(side) for side in sides):
        return _cells(sides, sums)
    return weighted, Layout(_strata(samples[0]))


def _strata(sample: Sample) -> NDArray[np.intp]:
    """The examples of a class are drawn among themselves; numbers have no classes."""
    import numpy as np

    has_classes = sample.labels.dtype == bool or bool(sample.classes)
    return sample.labels.astype(np.intp) if has_classes else np.zeros(sample.size, dtype=np.intp)


def _decides(side: Prepared) -> bool:
    return side.labels.dtype.kind == side.answers.dtype.kind == "i" and side.answers.ndim == 1


def _cells(sides: Sequence[Prepared], sums: Sequence[Sums]) -> tuple[tuple[Weighted, ...], Layout]:
    """Examples with one label and the same decisions are alike, and there are few kinds: drawn by their counts."""
    import numpy as np

    codes = sides[0].labels.astype(np.intp)
    for side in sides:
        codes = codes * (int(side.answers.max()) + 1) + side.answers
    _, first, examples = np.unique(codes, return_index=True, return_counts=True)
    # In the order of the first of each kind, which is one whichever side is called which.
    order = np.argsort(first)
    first, examples = first[order], examples[order]
    strata = sides[0].labels[first].astype(np.intp)
    return tuple(each._replace(shares=each.shares[first]) for each in sums), Layout(strata, examples)


def refuse_few(name: str, positive: NDArray[np.bool_]) -> None:
    """Refuses scores of classes of which one is hardly there.

    Raises:
        TooFew: it is.
    """
    rarer = min(int(positive.sum()), int((~positive).sum()))
    if rarer < MIN_OF_A_CLASS:
        raise TooFew(f"{rarer} examples of a class are too few for an interval of {name}: it takes {MIN_OF_A_CLASS}")

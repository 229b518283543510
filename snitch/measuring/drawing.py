"""What a bootstrap draws from samples: examples by class, alike ones at once, or whole groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snitch.measuring.answers import Prepared
from snitch.measuring.bootstrap import Layout
from snitch.measuring.contributions import sums_of
from snitch.measuring.ranking import FUNCTIONS as RANKINGS
from snitch.measuring.sample import Sample
from snitch.measuring.unscorable import TooFew, Unscorable
from snitch.measuring.unseen import with_unseen
from snitch.measuring.weighted import Area, Ranked, Resampled, Sums, Weighted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Of a class; the scores of fewer do not tell how those of others vary.
MIN_OF_A_CLASS = 10
#: Of a single example, the worst. A resample has it or not, and never a worse one: P. J. Bickel, D. A. Freedman, "Some
#: asymptotic theory for the bootstrap", Annals of Statistics 9 (1981), 1196-1217.
_EXTREMES = frozenset(("max_error",))


def drawn_from(
    sides: Sequence[Prepared], samples: Sequence[Sample], args: Mapping[str, Any]
) -> tuple[tuple[Weighted, ...], Layout]:
    """The metric of each side, and how the units that it weighs are drawn. `args` are those before preparing.

    Raises:
        TooFew: of a class whose scores are ranked.
        Unscorable: resamples say nothing of such a metric.
    """
    import numpy as np

    if sides[0].name in _EXTREMES:
        raise Unscorable(f"{sides[0].name} is of the worst example alone, and resamples have no worse one")
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

    return sample.labels.astype(np.intp) if _has_classes(sample) else np.zeros(sample.size, dtype=np.intp)


def _has_classes(sample: Sample) -> bool:
    return sample.labels.dtype == bool or bool(sample.classes)


def _decides(side: Prepared) -> bool:
    return side.labels.dtype.kind == side.answers.dtype.kind == "i" and side.answers.ndim == 1


def _cells(sides: Sequence[Prepared], sums: Sequence[Sums]) -> tuple[tuple[Weighted, ...], Layout]:
    """Examples with one label and the same decisions are alike, and there are few kinds: drawn by their counts."""
    import numpy as np

    first, codes = _kinds(sides)
    strata = sides[0].labels[first].astype(np.intp)
    return tuple(each._replace(shares=each.shares[first]) for each in sums), Layout(strata, np.bincount(codes))


def _kinds(sides: Sequence[Prepared]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first example of each kind, and of each example which kind it is.

    In the order of those first ones, which is one whichever side is called which.
    """
    import numpy as np

    codes = sides[0].labels.astype(np.intp)
    for side in sides:
        codes = codes * (int(side.answers.max()) + 1) + side.answers
    _, first, kinds = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[kinds]


def drawn_with_unseen(
    sides: tuple[Prepared, Prepared], samples: tuple[Sample, Sample]
) -> tuple[tuple[Weighted, ...], Layout] | None:
    """As `drawn_from`, of two models' decisions, with some more examples of each class that nobody has seen.

    None where the metric is not of decisions, or not made of sums over them.
    """
    import numpy as np

    if not (_has_classes(samples[0]) and all(_decides(side) for side in sides)):
        return None
    size = samples[0].size
    extended, unseen = with_unseen(sides)
    sums = [each for each in map(sums_of, extended) if isinstance(each, Sums)]
    if len(sums) != len(sides):
        return None
    group = next((sample.group for sample in samples if sample.group is not None), None)
    if group is not None:
        return _groups_and_unseen(sums, np.unique(group, return_inverse=True)[1], unseen)
    first, codes = _kinds(extended)
    examples, likely = np.bincount(codes[:size], minlength=len(first)), np.bincount(codes, unseen).astype(np.float64)
    layout = Layout(extended[0].labels[first].astype(np.intp), examples, likely)
    return tuple(each._replace(shares=each.shares[first]) for each in sums), layout


def _groups_and_unseen(
    sums: Sequence[Sums], groups: NDArray[np.intp], unseen: NDArray[np.float64]
) -> tuple[tuple[Weighted, ...], Layout]:
    """Whole groups; each example that nobody has seen is one by itself."""
    import numpy as np

    number, more = int(groups.max()) + 1, len(unseen) - len(groups)
    examples = np.repeat([1, 0], [number, more])
    likely = np.concatenate([np.zeros(number), unseen[len(groups) :]])
    layout = Layout(np.zeros_like(examples), examples, likely, units="groups")
    codes = np.concatenate([groups, number + np.arange(more)])
    return tuple(each.units(codes) for each in sums), layout


def refuse_few(name: str, positive: NDArray[np.bool_]) -> None:
    """Refuses scores of classes of which one is hardly there.

    Raises:
        TooFew: it is.
    """
    rarer = min(int(positive.sum()), int((~positive).sum()))
    if rarer < MIN_OF_A_CLASS:
        raise TooFew(f"{rarer} examples of a class are too few for an interval of {name}: it takes {MIN_OF_A_CLASS}")

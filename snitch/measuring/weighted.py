"""Metrics of examples that count more than once or not at all: what a bootstrap asks, answered for many at a time.

Weights are whole numbers, with one row a resample and one column a unit: an example, or several that are drawn as one.
Where a metric is not defined on a resample its value is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from snitch.measuring.answers import prepared
from snitch.measuring.combined import COMBINED
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import computed
from snitch.measuring.unscorable import Unscorable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Sums(NamedTuple):
    """A metric that is a function of sums over the examples: each one's share of them, and the function's name."""

    shares: NDArray[np.float64]
    function: str
    option: Any = None

    def values(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """The metric on each resample."""
        import numpy as np

        # Not by BLAS, whose order of adding, and so the last bit, hangs on the number of its threads.
        sums = np.stack([(weights * column).sum(axis=1) for column in self.shares.T], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return COMBINED[self.function](sums, self.option)

    def units(self, codes: NDArray[np.intp]) -> Sums:
        """The same with the examples of one code as one unit."""
        import numpy as np

        gathered = [np.bincount(codes, weights=column) for column in self.shares.T]
        return self._replace(shares=np.stack(gathered, axis=1))


class Area(NamedTuple):
    """The area under the ROC curve: for each positive example, how many of the ranked negatives it beats, and with how
    many more it ties. `scale` and `shift` make the Gini coefficient of it.
    """

    positives: NDArray[np.intp]
    #: The negatives, from the lowest score to the highest.
    negatives: NDArray[np.intp]
    beaten: NDArray[np.intp]
    reached: NDArray[np.intp]
    scale: float = 1.0
    shift: float = 0.0

    def values(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """The metric on each resample."""
        import numpy as np

        return np.array([self._value(row) for row in weights])

    def _value(self, weights: NDArray[Any]) -> float:
        import numpy as np

        held = np.zeros(len(self.negatives) + 1, dtype=np.intp)
        np.cumsum(weights[self.negatives], out=held[1:])
        hits = weights[self.positives]
        pairs = 2.0 * float(hits.sum()) * float(held[-1])
        if not pairs:
            return float("nan")
        return self.scale * float((hits * (held[self.beaten] + held[self.reached])).sum()) / pairs + self.shift


def area(labels: NDArray[Any], scores: NDArray[np.float64], scale: float = 1, shift: float = 0) -> Area:
    """The area under the ROC curve of the examples of label 1 against the others."""
    import numpy as np

    positives, negatives = np.flatnonzero(labels == 1), np.flatnonzero(labels != 1)
    negatives = negatives[np.argsort(scores[negatives], kind="stable")]
    sought, ranked = scores[positives], scores[negatives]
    beaten, reached = (np.searchsorted(ranked, sought, side) for side in ("left", "right"))
    return Area(positives, negatives, beaten, reached, scale, shift)


class Ranked(NamedTuple):
    """A metric of how scores order two classes: the examples from the highest score to the lowest, and runs of ties."""

    kind: str
    order: NDArray[np.intp]
    positive: NDArray[np.bool_]
    ends: NDArray[np.intp]

    def values(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """The metric on each resample."""
        import numpy as np

        return np.array([self._value(row) for row in weights])

    def _value(self, weights: NDArray[Any]) -> float:
        import numpy as np

        held = weights[self.order]
        hits = np.cumsum(held * self.positive)[self.ends]
        seen = np.cumsum(held)[self.ends]
        misses = seen - hits
        if not hits[-1] or not misses[-1]:
            return float("nan")
        return _OF_RUNS[self.kind](hits, misses)


def ranked(kind: str, labels: NDArray[Any], scores: NDArray[np.float64]) -> Ranked:
    """Examples in the order of their scores, for `average_precision` or `kolmogorov_smirnov`."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    falls = np.append(np.diff(scores[order]) != 0, True)
    return Ranked(kind, order, labels[order] == 1, np.flatnonzero(falls))


def _average_precision(hits: NDArray[Any], misses: NDArray[Any]) -> float:
    import numpy as np

    new, seen = np.diff(hits, prepend=0), hits + misses
    return float((new * hits / np.maximum(seen, 1)).sum()) / float(hits[-1])


def _kolmogorov_smirnov(hits: NDArray[Any], misses: NDArray[Any]) -> float:
    return float((hits / hits[-1] - misses / misses[-1]).max())


_OF_RUNS = {"average_precision": _average_precision, "kolmogorov_smirnov": _kolmogorov_smirnov}


class Mean(NamedTuple):
    """A metric that is the mean of others: of each class against the rest."""

    parts: tuple[Area, ...]

    def values(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """The metric on each resample."""
        import numpy as np

        return np.asarray(sum(part.values(weights) for part in self.parts) / len(self.parts))


class Resampled(NamedTuple):
    """Any function of the catalogue: computed on each resample as if that were the sample."""

    name: str
    args: Mapping[str, Any]
    sample: Sample

    def values(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """The metric on each resample."""
        import numpy as np

        return np.array([self._value(row) for row in weights])

    def _value(self, weights: NDArray[Any]) -> float:
        import numpy as np

        sample = self.sample.take(np.repeat(np.arange(len(weights)), weights))
        try:
            return computed(self.name, prepared(self.name, self.args, sample))
        except Unscorable:
            return float("nan")


#: What a bootstrap asks for values.
Weighted = Sums | Area | Ranked | Mean | Resampled

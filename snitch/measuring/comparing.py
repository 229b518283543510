"""Two models on the same examples: by how much a metric differs, and how certain that is."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

from snitch.measuring import tango
from snitch.measuring.answers import Prepared, prepared
from snitch.measuring.bootstrap import RESAMPLES, Layout, ends, p_values, resampled
from snitch.measuring.contributions import proportion
from snitch.measuring.drawing import drawn_from, drawn_with_unseen, refuse_few
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import computed, meant
from snitch.measuring.unscorable import TooFew, Unscorable
from snitch.measuring.unseen import MIN_ALIKE, size_of_area, size_of_ranks, stretched, widened
from snitch.measuring.weighted import Weighted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


#: Of the resamples, on how many at most the two models may be alike: with more, no test finds a difference either.
_MOST_ALIKE = 0.025


class Difference(NamedTuple):
    """The candidate's value less the deployed model's, in the metric's unit, as computed from the examples.

    `lower` and `upper` bound it with 95 % confidence. `below` and `above` are one-sided p-values of no true difference,
    small where it is certain that there is one below zero, or above. `error` is the standard error.
    """

    deployed: float
    candidate: float
    lower: float
    upper: float
    below: float
    above: float
    error: float
    examples: int
    method: str

    @property
    def delta(self) -> float:
        return self.candidate - self.deployed

    @property
    def turned(self) -> Difference:
        """Of the metric with its sign turned."""
        return self._replace(
            deployed=-self.deployed, candidate=-self.candidate, lower=-self.upper, upper=-self.lower,
            below=self.above, above=self.below,
        )  # fmt: skip


def compare(
    type: str, args: Mapping[str, Any], deployed: Sample, candidate: Sample, seed: str, resamples: int = RESAMPLES
) -> Difference:
    """How a metric differs between two models that answered the same examples, in the same order.

    Paired proportions by Tango's score interval, the area under the ROC curve (and Gini) by DeLong's, the rest, and all
    whose examples belong to groups, by the paired bootstrap, whose random numbers `seed` decides.

    Raises:
        TooFew: there are too few examples to say.
        Unscorable: the metric has no value on a side.
    """
    import numpy as np

    if deployed.size != candidate.size or not np.array_equal(deployed.labels, candidate.labels):
        raise Unscorable("the two models did not answer the same examples")
    known, given = meant(type, args)
    sides = prepared(known.name, given, deployed), prepared(known.name, given, candidate)
    values = value_of(type, sides[0]), value_of(type, sides[1])
    found = None
    if deployed.group is None and candidate.group is None:
        found = _by_tango(sides, values) or _by_delong(sides, values)
    found = found or _by_bootstrap(sides, values, (deployed, candidate), given, seed, resamples)
    return found.turned if known.negated else found


def value_of(type: str, side: Prepared) -> float:
    """The metric's value on a side.

    Raises:
        Unscorable: it has none.
    """
    share = proportion(side)
    if share is None or not share[1].any():
        return computed(type, side)
    success, counted = share
    return int((success & counted).sum()) / int(counted.sum())


def is_resampled(type: str, args: Mapping[str, Any], sample: Sample) -> bool:
    """Whether `compare` has to draw resamples, which takes its time.

    Raises:
        Unscorable: the metric cannot be computed from the sample.
    """
    known, given = meant(type, args)
    side = prepared(known.name, given, sample)
    return sample.group is not None or not (_is_paired_proportion(side) or _is_area(side))


def _is_paired_proportion(side: Prepared) -> bool:
    """Whether it is a share of the same examples for every model; precision is of those that each chooses."""
    return side.name != "precision_score" and proportion(side) is not None


def _is_area(side: Prepared) -> bool:
    return side.name in ("roc_auc_score", "gini") and not side.args and side.answers.ndim == 1


def _by_tango(sides: tuple[Prepared, Prepared], values: tuple[float, float]) -> Difference | None:
    deployed, candidate = proportion(sides[0]), proportion(sides[1])
    if deployed is None or candidate is None or not _is_paired_proportion(sides[0]):
        return None
    counted = candidate[1]
    ours, theirs = candidate[0][counted], deployed[0][counted]
    pairs, gained, lost = int(counted.sum()), int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    if not pairs:
        raise TooFew("no example counts")
    error = sqrt(gained + lost - (gained - lost) ** 2 / pairs) / pairs
    examples = len(counted)
    ends, p = tango.interval(pairs, gained, lost), tango.p_values(gained, lost)
    return Difference(*values, *ends, *p, error, examples, "Tango's score interval")


def _by_delong(sides: tuple[Prepared, Prepared], values: tuple[float, float]) -> Difference | None:
    from snitch.measuring.delong import area, difference

    name, labels, answers, _ = sides[0]
    if not _is_area(sides[0]):
        return None
    positive: NDArray[np.bool_] = labels == 1
    refuse_few(name, positive)
    scale = 2.0 if name == "gini" else 1.0
    delta, error = (scale * each for each in difference(area(positive, sides[1].answers), area(positive, answers)))
    if error == 0:
        p = (1.0, 1.0) if delta == 0 else (0.0, 1.0) if delta < 0 else (1.0, 0.0)
    else:
        p = NormalDist().cdf(delta / error), NormalDist().cdf(-delta / error)
    reach, size = tango.Z * error, size_of_area(int(positive.sum()), int((~positive).sum()))
    ends = widened(delta, (delta - reach, delta + reach), size, scale)
    return Difference(*values, *ends, *p, error, len(labels), "DeLong's method")


def _by_bootstrap(
    sides: tuple[Prepared, Prepared],
    values: tuple[float, float],
    samples: tuple[Sample, Sample],
    args: Mapping[str, Any],
    seed: str,
    resamples: int,
) -> Difference:
    import numpy as np

    weighted, layout = drawn_from(sides, samples, args)
    differences = _differences(weighted, layout, seed, resamples)
    found, unseen = ends(differences), drawn_with_unseen(sides, samples)
    if unseen is not None:
        found = stretched(found, ends(_differences(*unseen, seed, resamples)))
    elif (size := size_of_ranks(weighted[0])) is not None:
        groups = len(layout.strata) if layout.group is not None else inf
        found = widened(values[1] - values[0], found, min(size[0], groups), size[1])
    elif len(layout.strata) < MIN_ALIKE and np.mean(differences == 0) >= _MOST_ALIKE:
        raise TooFew(
            f"{len(layout.strata)} {layout.units} hardly tell the two models apart: an interval takes {MIN_ALIKE}"
        )
    error = float(np.nanstd(differences, ddof=1))
    method = f"the paired bootstrap of {layout.units}"
    return Difference(*values, *found, *p_values(differences), error, samples[0].size, method)


def _differences(weighted: tuple[Weighted, ...], layout: Layout, seed: str, resamples: int) -> NDArray[np.float64]:
    found = resampled(weighted, layout, seed, resamples)
    return found[:, 1] - found[:, 0]

"""How uncertain one model's value of a metric is: its 95 % confidence interval."""

from __future__ import annotations

from collections.abc import Mapping
from math import log, sqrt
from typing import Any

from snitch.measuring.answers import Prepared, prepared
from snitch.measuring.bootstrap import ends, resampled
from snitch.measuring.comparing import value_of
from snitch.measuring.contributions import proportion
from snitch.measuring.drawing import drawn_from, refuse_few
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import meant
from snitch.measuring.tango import Z
from snitch.measuring.unscorable import TooFew


def interval(type: str, args: Mapping[str, Any], sample: Sample, seed: str) -> tuple[float, float]:
    """The 95 % confidence interval of a metric on a sample, in the metric's unit.

    Proportions by Wilson's score interval (1927), the area under the ROC curve (and Gini) by DeLong's variance on the
    scale of its logit, the rest, and all whose examples belong to groups, by percentiles of the bootstrap, whose random
    numbers `seed` decides.

    Raises:
        TooFew: there are too few examples to say.
        Unscorable: the metric has no value here.
    """
    known, given = meant(type, args)
    side = prepared(known.name, given, sample)
    value = value_of(type, side)
    found = None if sample.group is not None else _of_proportion(side) or _of_area(side)
    if found is None:
        weighted, layout = drawn_from([side], [sample], given)
        lower, upper = ends(resampled(weighted, layout, seed)[:, 0])
        if lower == upper:
            raise TooFew(f"{known.name} is the same on every resample: nothing shows how uncertain that is")
        found = min(lower, value), max(upper, value)
    return (-found[1], -found[0]) if known.negated else found


def wilson(successes: int, size: int) -> tuple[float, float]:
    """E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212."""
    share, more = successes / size, Z * Z / size
    middle = (share + more / 2) / (1 + more)
    reach = Z * sqrt((share * (1 - share) + more / 4) / size) / (1 + more)
    return (0.0 if successes == 0 else middle - reach), (1.0 if successes == size else middle + reach)


def _of_proportion(side: Prepared) -> tuple[float, float] | None:
    share = proportion(side)
    if share is None:
        return None
    success, counted = share
    if not counted.any():
        raise TooFew("no example counts")
    return wilson(int((success & counted).sum()), int(counted.sum()))


def _of_area(side: Prepared) -> tuple[float, float] | None:
    """On the scale of the logit the interval stays within 0 and 1: M. S. Pepe, "The Statistical Evaluation of Medical
    Tests for Classification and Prediction" (2003), section 5.2.
    """
    from math import exp

    from snitch.measuring.delong import area

    if side.name not in ("roc_auc_score", "gini") or side.args or side.answers.ndim != 1:
        return None
    positive = side.labels == 1
    refuse_few(side.name, positive)
    found = area(positive, side.answers)
    if not found.variance > 0:
        raise TooFew(f"{side.name} tells every pair apart: nothing shows how uncertain that is")
    middle = log(found.value / (1 - found.value))
    reach = Z * sqrt(found.variance) / (found.value * (1 - found.value))
    lower, upper = (1 / (1 + exp(-end)) for end in (middle - reach, middle + reach))
    return (2 * lower - 1, 2 * upper - 1) if side.name == "gini" else (lower, upper)

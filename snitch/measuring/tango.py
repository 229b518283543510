"""The difference of two paired proportions: Tango's score interval and its test.

T. Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
Statistics in Medicine 17 (1998), 891-908. Of n pairs, `gained` are right on the one side alone and `lost` on the other
alone; the difference is estimated by (gained - lost) / n. Unlike Wald's, the interval holds where a count is small or
zero; at a difference of zero the score is McNemar's.
"""

from __future__ import annotations

from math import inf, sqrt
from statistics import NormalDist

#: Of the standard normal distribution, what 95 % lie within on both sides.
Z = NormalDist().inv_cdf(0.975)
_HALVINGS = 60


def score_of(difference: float, pairs: int, gained: int, lost: int) -> float:
    """How many standard errors the observed difference lies above a supposed one, under that one."""
    distance = gained - lost - pairs * difference
    # The likeliest share of pairs that the other side alone has, given the difference (Tango's equation 8).
    half = -gained - lost + (2 * pairs - gained + lost) * difference
    root = half * half + 8 * pairs * lost * difference * (1 - difference)
    share = max((sqrt(max(root, 0.0)) - half) / (4 * pairs), 0.0)
    variance = pairs * (2 * share + difference * (1 - difference))
    if variance <= 0:
        return 0.0 if distance == 0 else inf if distance > 0 else -inf
    return distance / sqrt(variance)


def interval(pairs: int, gained: int, lost: int) -> tuple[float, float]:
    """The 95 % interval of the difference: those that the observed one is not significantly away from."""
    observed = (gained - lost) / pairs
    lower = _crossing(-1.0, observed, Z, pairs, gained, lost)
    upper = _crossing(observed, 1.0, -Z, pairs, gained, lost)
    return lower, upper


def _crossing(low: float, high: float, level: float, pairs: int, gained: int, lost: int) -> float:
    """Where the score, which falls with the supposed difference, comes down to a level."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if score_of(middle, pairs, gained, lost) > level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def p_values(gained: int, lost: int) -> tuple[float, float]:
    """One-sided p-values of no true difference: against one below zero, and against one above.

    Without a pair that differs there is nothing against either.
    """
    if gained + lost == 0:
        return 1.0, 1.0
    z = (gained - lost) / sqrt(gained + lost)
    below = NormalDist().cdf(z)
    return below, NormalDist().cdf(-z)

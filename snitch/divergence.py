"""How far two distributions lie apart, each told as counts by bin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan, log, log2, sqrt
from typing import Literal

#: What is added to every bin, so that an empty one has a logarithm: Jeffreys' prior of a multinomial distribution.
_PRIOR = 0.5

#: What a population stability index is called, by the bounds that credit scoring uses (N. Siddiqi, Credit Risk
#: Scorecards, 2006): below the first nothing has shifted, above the second much has.
MODERATE_FROM, HIGH_ABOVE = 0.1, 0.25
Status = Literal["STABLE", "MODERATE DRIFT", "HIGH DRIFT"]


def status(psi: float) -> Status:
    """What a population stability index is called.

    Raises:
        ValueError: it is no number.
    """
    if isnan(psi):
        raise ValueError("the population stability index is no number")
    if psi < MODERATE_FROM:
        return "STABLE"
    return "HIGH DRIFT" if psi > HIGH_ABOVE else "MODERATE DRIFT"


def population_stability_index(expected: Sequence[int], actual: Sequence[int]) -> float:
    """The population stability index (PSI) of two lists of counts by the same bins; from 0 up, without a unit.

    The sum of `(a - e) * ln(a / e)` over the bins' shares (N. Siddiqi, Credit Risk Scorecards, 2006), each bin with
    half a count more. Below 0.1 is commonly taken for no shift, above 0.25 for a large one.

    Raises:
        ValueError: the lists are of different lengths, or one holds no count.
    """
    pairs = _shares(expected, actual, _PRIOR)
    return sum((a - e) * log(a / e) for e, a in pairs)


def jensen_shannon_distance(one: Sequence[int], other: Sequence[int]) -> float:
    """The Jensen-Shannon distance of two lists of counts by the same bins: from 0 (equal shares) to 1 (none in common).

    The square root of the Jensen-Shannon divergence in bits (J. Lin, 1991), which is a metric (D. Endres and J.
    Schindelin, 2003).

    Raises:
        ValueError: as `population_stability_index`.
    """
    pairs = [(p, q, (p + q) / 2) for p, q in _shares(one, other, 0)]
    divergence = (_relative((p, m) for p, _, m in pairs) + _relative((q, m) for _, q, m in pairs)) / 2
    return sqrt(min(max(divergence, 0.0), 1.0))


def _relative(pairs: Iterable[tuple[float, float]]) -> float:
    """The Kullback-Leibler divergence in bits; a share of nothing adds nothing."""
    return sum(p * log2(p / m) for p, m in pairs if p > 0)


def _shares(one: Sequence[int], other: Sequence[int], prior: float) -> list[tuple[float, float]]:
    """The shares of both by bin."""
    if len(one) != len(other):
        raise ValueError(f"{len(one)} bins cannot be compared with {len(other)}")
    totals = sum(one), sum(other)
    if not all(totals):
        raise ValueError("there are no counts")
    first, second = (total + prior * len(one) for total in totals)
    return [((p + prior) / first, (q + prior) / second) for p, q in zip(one, other, strict=True)]

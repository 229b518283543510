"""The exchange of two models' answers: a test that takes no interval, for where there are too few examples for one.

If two models answered alike, it would not matter which of them gave which of the two answers to an example. So the
answers change places at random, example by example (of a group together), and the p-value is the share of such
exchanges after which the metric differs by at least as much: E. S. Venkatraman, C. B. Begg, "A distribution-free
procedure for comparing receiver operating characteristic curves from a paired experiment", Biometrika 83 (1996),
835-848. As there, scores that only rank the examples are exchanged as ranks, so that models of other scales compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from snitch.measuring.answers import prepared
from snitch.measuring.bootstrap import RESAMPLES, p_values
from snitch.measuring.contributions import sums_of
from snitch.measuring.ranking import FUNCTIONS as RANKINGS
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import meant
from snitch.measuring.unscorable import Unscorable
from snitch.measuring.weighted import Resampled, Weighted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Of these metrics a score says nothing but the order of the examples.
_ORDERS = frozenset(("roc_auc_score", "gini", "average_precision_score", "kolmogorov_smirnov"))
#: Weights that are held at a time.
_HELD = 4_000_000
#: Differences that are closer than this, relative to the metric, are one: sums in another order.
_SAME = 1e-12


def exchanged(
    type: str, args: Mapping[str, Any], deployed: Sample, candidate: Sample, seed: str, exchanges: int = RESAMPLES
) -> tuple[float, float]:
    """One-sided p-values of models that answer alike: against a candidate below the deployed model, and above it.

    Both answered the same examples, in the same order; `seed` decides the random numbers. An exchange on which the
    metric has no value counts as one that differs more.

    Raises:
        Unscorable: the metric has no value on a side, or is one of queries.
    """
    import numpy as np

    known, given = meant(type, args)
    if known.name in RANKINGS:
        raise Unscorable(f"{type} is of queries, whose answers cannot change places")
    pooled = _pooled(candidate, deployed, as_ranks=known.name in _ORDERS)
    side = prepared(known.name, given, pooled)
    weighted: Weighted = sums_of(side) or Resampled(known.name, given, pooled)
    kept = np.ones((1, candidate.size), dtype=np.intp)
    observed = float(_differences(weighted, kept)[0])
    if not np.isfinite(observed):
        raise Unscorable(f"{type} has no value on one of the two")
    found = observed - _drawn(weighted, candidate, seed, exchanges)
    found[np.abs(found) <= _SAME * max(abs(observed), 1.0)] = 0.0
    below, above = p_values(found)
    return (above, below) if known.negated else (below, above)


def _pooled(candidate: Sample, deployed: Sample, *, as_ranks: bool) -> Sample:
    """The candidate's answers, and then the deployed model's."""
    import numpy as np

    def both(ours: NDArray[Any] | None, theirs: NDArray[Any] | None) -> NDArray[Any] | None:
        return None if ours is None or theirs is None else np.concatenate([ours, theirs])

    scores = (candidate.score, deployed.score)
    if as_ranks and scores[0] is not None and scores[0].ndim == 1 and scores[1] is not None:
        scores = (_ranks(scores[0]), _ranks(scores[1]))
    return candidate._replace(
        labels=np.concatenate([candidate.labels, deployed.labels]),
        prediction=both(candidate.prediction, deployed.prediction),
        score=both(*scores),
        group=None,
    )


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean ranks of ties, between 0 and 1, so that they are scores like others."""
    from scipy.stats import rankdata

    ranks: NDArray[np.float64] = rankdata(scores) / (len(scores) + 1)
    return ranks


def _drawn(weighted: Weighted, candidate: Sample, seed: str, exchanges: int) -> NDArray[np.float64]:
    """The difference after each exchange."""
    import numpy as np

    number = int.from_bytes(sha256(f"exchange\n{seed}".encode()).digest(), "big")
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(number)))
    units = np.arange(candidate.size) if candidate.group is None else np.unique(candidate.group, return_inverse=True)[1]
    at_once = max(1, min(exchanges, _HELD // max(2 * candidate.size, 1)))
    found = []
    for start in range(0, exchanges, at_once):
        count = min(at_once, exchanges - start)
        kept = random.integers(0, 2, (count, int(units.max()) + 1))[:, units]
        found.append(_differences(weighted, kept))
    return np.concatenate(found)


def _differences(weighted: Weighted, kept: NDArray[np.intp]) -> NDArray[np.float64]:
    """The candidate's metric less the deployed model's, where those of the examples stay that are 1 in `kept`."""
    import numpy as np

    ours, theirs = np.concatenate([kept, 1 - kept], axis=1), np.concatenate([1 - kept, kept], axis=1)
    return weighted.values(ours) - weighted.values(theirs)

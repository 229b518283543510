"""`python -m bench.statistics`: what intervals cost, as ratios to what they are made of, in one process and in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.rows import Ratio
from snitch.measuring import weighted
from snitch.measuring.bootstrap import Layout, resampled
from snitch.measuring.delong import area, difference

_ROUNDS = 5


def bootstrap_of_area(rows: int, resamples: int) -> Ratio:
    """The paired bootstrap of the area under the ROC curve, and the loop that it replaces: both models, each resample.

    The loop is timed on fewer resamples and scaled: each costs as much as the next.
    """
    labels, deployed, candidate = models(rows)
    positives, negatives = np.flatnonzero(labels), np.flatnonzero(~labels)
    few = max(resamples // 20, 1)
    random = np.random.default_rng(0)

    def loop() -> None:
        for _ in range(few):
            chosen = (random.integers(0, len(each), len(each)) for each in (positives, negatives))
            drawn = np.concatenate([each[at] for each, at in zip((positives, negatives), chosen, strict=True)])
            roc_auc_score(labels[drawn], deployed[drawn])
            roc_auc_score(labels[drawn], candidate[drawn])

    def ours() -> None:
        sides = weighted.area(labels, deployed), weighted.area(labels, candidate)
        resampled(sides, Layout(labels.astype(np.intp)), "seed", resamples)

    theirs, own = medians(loop, ours)
    value = theirs * resamples / few / own
    what = f"paired bootstrap of roc_auc / a loop over roc_auc_score, {resamples:,} resamples of {rows:,} rows"
    return Ratio(what, 1 / value, 0.05)


def delong(rows: int) -> list[Ratio]:
    """One area and its variance, and the test of two, against one sort of the rows by a model's score."""
    labels, deployed, candidate = models(rows)

    def one() -> None:
        assert area(labels, deployed).variance > 0

    def both() -> None:
        difference(area(labels, candidate), area(labels, deployed))

    def sort() -> None:
        np.argsort(deployed)

    base, single, paired = medians(sort, one, both)
    return [
        Ratio(f"DeLong's variance of an area / one sort, {rows:,} rows", single / base, 3),
        Ratio(f"DeLong's test of two models / one sort, {rows:,} rows", paired / base, 3),
    ]


def models(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of which a fifth is positive, and two models' scores."""
    random = np.random.default_rng(rows)
    labels = random.random(rows) < 0.2
    shared = random.normal(size=rows) + 1.5 * labels
    return labels, shared + 0.2 * random.normal(size=rows), shared + 0.3 * random.normal(size=rows)


def medians(*works: Callable[[], None]) -> list[float]:
    """The median seconds of each, in rounds in which each runs once; a first round does not count."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(_ROUNDS + 1):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            if number:
                taken.append(time.perf_counter() - start)
    return [statistics.median(each) for each in times]


def main() -> None:
    """Prints each ratio."""
    for ratio in (bootstrap_of_area(10_000, 2_000), *delong(1_000_000)):
        print(f"{ratio.what}: {ratio.value:.3f} (at most {ratio.goal})", flush=True)


if __name__ == "__main__":
    main()

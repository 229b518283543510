"""`python -m bench.coverage`: which bootstrap interval of a difference misses the truth as rarely as it says.

Two models of known worth answer so many examples, again and again, and each time the paired bootstrap is drawn once and
read in five ways: by percentiles, as the basic and the normal interval, bias-corrected (BC), and bias-corrected and
accelerated (BCa), all of B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 13 and 14.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from snitch.measuring.answers import prepared
from snitch.measuring.bootstrap import resampled
from snitch.measuring.contributions import sums_of
from snitch.measuring.drawing import drawn_from
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import meant, score

#: Metrics, and whether they are of numbers.
METRICS = {
    "mae": True, "rmse": True, "r2": True,
    "f1": False, "precision": False, "matthews_corrcoef": False, "average_precision": False,
}  # fmt: skip
SIZES = (200, 1_000)
_RESAMPLES, _POPULATION = 1_000, 2_000_000
_NORMAL = NormalDist()
Interval = tuple[float, float]


def models(of_numbers: bool, size: int, random: np.random.Generator) -> tuple[Sample, Sample]:
    """Skewed numbers with heavy-tailed errors; or two classes, of which 12 % are positive."""
    if of_numbers:
        labels = random.gamma(2, 2, size)
        other = 1.02 * labels + 0.95 * random.standard_t(4, size) + 0.3
        return Sample(labels, labels + random.standard_t(4, size), None), Sample(labels, other, None)
    positive, shared = random.random(size) < 0.12, random.normal(size=size)
    sides = []
    for signal, own in ((1.8, 0.4), (1.6, 0.5)):
        logit = signal * positive + shared + own * random.normal(size=size) - 1.6
        sides.append(Sample(positive, logit > 0, 1 / (1 + np.exp(-logit))))
    return sides[0], sides[1]


def intervals(type: str, deployed: Sample, candidate: Sample, seed: str) -> dict[str, Interval]:
    """The five readings of one bootstrap."""
    known, args = meant(type, {})
    sides = [prepared(known.name, args, each) for each in (deployed, candidate)]
    values = resampled(*drawn_from(sides, [deployed, candidate], args), seed, _RESAMPLES)
    drawn = values[:, 1] - values[:, 0]
    drawn = drawn[~np.isnan(drawn)]
    observed = score(type, {}, candidate) - score(type, {}, deployed)
    weights = 1 - np.eye(deployed.size, dtype=int)
    ours, theirs = sums_of(sides[1]), sums_of(sides[0])
    assert ours is not None and theirs is not None
    return _read(observed, drawn, ours.values(weights) - theirs.values(weights))


def _read(observed: float, drawn: NDArray[np.float64], left_out: NDArray[np.float64]) -> dict[str, Interval]:
    def between(low: float, high: float) -> Interval:
        return float(np.quantile(drawn, low)), float(np.quantile(drawn, high))

    low, high = between(0.025, 0.975)
    reach = 1.96 * float(drawn.std(ddof=1))
    share = (float((drawn < observed).sum() + (drawn == observed).sum() / 2) + 0.5) / (len(drawn) + 1)
    bias, away = _NORMAL.inv_cdf(share), np.nanmean(left_out) - left_out
    pull = float(np.nansum(away**3) / (6 * np.nansum(away**2) ** 1.5))

    def corrected(z: float, pull: float) -> float:
        return _NORMAL.cdf(bias + (bias + z) / (1 - pull * (bias + z)))

    return {
        "percentile": (low, high),
        "basic": (2 * observed - high, 2 * observed - low),
        "normal": (observed - reach, observed + reach),
        "BC": between(corrected(-1.96, 0), corrected(1.96, 0)),
        "BCa": between(corrected(-1.96, pull), corrected(1.96, pull)),
    }


def table(repeats: int, sizes: tuple[int, ...] = SIZES, population: int = _POPULATION) -> Iterator[str]:
    """Lines of Markdown: in per cent, how often the truth lay below / above the interval. 2.5 / 2.5 is right."""
    kinds = ("percentile", "basic", "normal", "BC", "BCa")
    yield f"| metric | n | {' | '.join(kinds)} |"
    yield f"|---|---:|{'---:|' * len(kinds)}"
    random = np.random.default_rng(0)
    for type, of_numbers in METRICS.items():
        deployed, candidate = models(of_numbers, population, random)
        truth = score(type, {}, candidate) - score(type, {}, deployed)
        for size in sizes:
            below, above = Counter[str](), Counter[str]()
            for number in range(repeats):
                sides = models(of_numbers, size, random)
                for kind, (low, high) in intervals(type, *sides, f"{type} {size} {number}").items():
                    below[kind] += truth < low
                    above[kind] += truth > high
            cells = [f"{100 * below[kind] / repeats:.1f} / {100 * above[kind] / repeats:.1f}" for kind in kinds]
            yield f"| {type} | {size:,} | {' | '.join(cells)} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.coverage", description=__doc__)
    parser.add_argument("--repeats", type=int, default=600, help="pairs of models a row (600)")
    for line in table(parser.parse_args().repeats):
        print(line, flush=True)


if __name__ == "__main__":
    main()

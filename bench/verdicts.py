"""`python -m bench.verdicts`: how often each rule passes, blocks or leaves open a candidate whose true drop is known.

Candidates are simulated beside a deployed model on the same examples: equally good, worse by just the limit, and by
twice that. Beside Snitch's three modes stand the rules that MLflow and TensorFlow Model Analysis document, written out
here from their documentation and run on the same numbers, not by those programs.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from snitch.drop import Drop
from snitch.measuring.comparing import Difference, compare
from snitch.measuring.sample import Sample

SIZES = (500, 2_000, 10_000)
OUTCOMES = ("pass", "fail", "inconclusive")


class Setting(NamedTuple):
    """A metric, the limit of its drop, and what simulates a pair of models with a true drop."""

    type: str
    limit: float
    pair: Callable[[np.random.Generator, int, float], tuple[Sample, Sample]]


def accuracies(random: np.random.Generator, size: int, drop: float) -> tuple[Sample, Sample]:
    """Deployed is right on 85 % of the examples; on 6 % of all one of the two alone is."""
    draws, positive = random.random(size), random.random(size) < 0.3
    lost, gained = (0.06 + drop) / 2, (0.06 - drop) / 2
    deployed = draws < 0.85
    candidate = ((draws >= lost) & deployed) | (draws >= 1 - gained)
    return _decided(positive, deployed), _decided(positive, candidate)


def _decided(labels: np.ndarray, right: np.ndarray) -> Sample:
    return Sample(labels, labels == right, None)


def areas(random: np.random.Generator, size: int, drop: float) -> tuple[Sample, Sample]:
    """Deployed has an area under the ROC curve of 0.91; 30 % are positive; what is not signal correlates by 0.95."""
    labels = np.arange(size) < round(0.3 * size)
    shared, one, other = random.normal(size=(3, size))
    noise = sqrt(0.95) * shared + sqrt(0.05) * one, sqrt(0.95) * shared + sqrt(0.05) * other
    signals = (sqrt(2) * NormalDist().inv_cdf(value) for value in (0.91, 0.91 - drop))
    deployed, candidate = (signal * labels + each for signal, each in zip(signals, noise, strict=True))
    return Sample(labels, None, deployed), Sample(labels, None, candidate)


SETTINGS = (Setting("accuracy", 0.01, accuracies), Setting("roc_auc", 0.005, areas))


def recorded(found: Difference, limit: float) -> str:
    """The point drop against the limit."""
    return "pass" if found.deployed - found.candidate <= limit else "fail"


def tolerant(found: Difference, limit: float) -> str:
    """The default."""
    return _drop(found, limit).outcome("tolerant")


def non_inferior(found: Difference, limit: float) -> str:
    """Only what is shown."""
    return _drop(found, limit).outcome("non_inferior")


def mlflow(found: Difference, limit: float) -> str:
    """`MetricThreshold(min_absolute_change=1e-10, greater_is_better=True)`: at least the baseline and the change, which
    has to be above 0; a drop that would be allowed cannot be said.
    """
    return "pass" if found.candidate >= found.deployed + 1e-10 else "fail"


def tfma(found: Difference, limit: float) -> str:
    """`GenericChangeThreshold(absolute={"value": -limit}, direction=HIGHER_IS_BETTER)`: the point change is greater."""
    return "pass" if found.candidate - found.deployed > -limit else "fail"


def _drop(found: Difference, limit: float) -> Drop:
    amount = Decimal(repr(found.deployed - found.candidate))
    return Drop(amount, Decimal(repr(limit)), -found.lower, found.below, found.below, found.error, found.examples)


RULES: dict[str, Callable[[Difference, float], str]] = {
    "tolerant": tolerant,
    "non_inferior": non_inferior,
    "recorded": recorded,
    "TFMA": tfma,
    "MLflow": mlflow,
}


def simulated(setting: Setting, size: int, drop: float, pairs: int) -> dict[str, Counter[str]]:
    """How many of so many pairs of models each rule passes, fails and leaves open."""
    random = np.random.default_rng([size, round(drop * 1e6), len(setting.type)])
    counts: dict[str, Counter[str]] = {name: Counter() for name in RULES}
    for _ in range(pairs):
        found = compare(setting.type, {}, *setting.pair(random, size, drop), "")
        for name, rule in RULES.items():
            counts[name][rule(found, setting.limit)] += 1
    return counts


def table(pairs: int, sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """Lines of Markdown: in per cent of the pairs, passed / blocked / not decided."""
    yield f"| metric | true drop | n | {' | '.join(RULES)} |"
    yield f"|---|---|---:|{'---:|' * len(RULES)}"
    for setting in SETTINGS:
        for times, said in ((0, "0"), (1, "the limit"), (2, "twice the limit")):
            for size in sizes:
                counts = simulated(setting, size, times * setting.limit, pairs)
                cells = [_cell(each, pairs) for each in counts.values()]
                yield f"| {setting.type}, limit {setting.limit} | {said} | {size:,} | {' | '.join(cells)} |"


def _cell(counts: Counter[str], pairs: int) -> str:
    return " / ".join(f"{100 * counts[outcome] / pairs:.1f}" for outcome in OUTCOMES)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.verdicts", description=__doc__)
    parser.add_argument("--pairs", type=int, default=2_000, help="simulated pairs of models a row (2000)")
    for line in table(parser.parse_args().pairs):
        print(line, flush=True)


if __name__ == "__main__":
    main()

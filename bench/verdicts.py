"""`python -m bench.verdicts`: how often each rule passes, blocks or leaves open a candidate whose true drop is known.

Candidates are simulated beside a deployed model on the same examples: equally good, worse by just the limit, and by
twice that. Snitch's three modes are those of the gate, called as the gate calls them. Beside them stand the rules of
MLflow and TensorFlow Model Analysis, written out here and run on the same numbers, not by those programs.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from snitch.drop import Evidence, Mode, drop_of, outcome_of
from snitch.measuring.comparing import compare
from snitch.measuring.exchanging import exchanged
from snitch.measuring.sample import Sample
from snitch.measuring.scoring import score
from snitch.measuring.unscorable import TooFew

SIZES = (500, 2_000, 10_000)
FEW = (40, 200, 1_000)
OUTCOMES = ("pass", "fail", "inconclusive")


class Decisions(NamedTuple):
    """Deployed is right on a share of either class, and on another share just one of the two models is."""

    right: float
    apart: float
    positive: float

    def __call__(self, random: np.random.Generator, size: int, drop: float) -> tuple[Sample, Sample]:
        draws, positive = random.random(size), random.random(size) < self.positive
        lost, gained = (self.apart + drop) / 2, (self.apart - drop) / 2
        deployed = draws < self.right
        candidate = ((draws >= lost) & deployed) | (draws >= 1 - gained)
        return _decided(positive, deployed), _decided(positive, candidate)


def _decided(labels: np.ndarray, right: np.ndarray) -> Sample:
    return Sample(labels, labels == right, None)


class Scores(NamedTuple):
    """Deployed has such an area under the ROC curve; what is not signal correlates by 0.95."""

    area: float
    positive: float

    def __call__(self, random: np.random.Generator, size: int, drop: float) -> tuple[Sample, Sample]:
        labels = np.arange(size) < round(self.positive * size)
        shared, one, other = random.normal(size=(3, size))
        noise = sqrt(0.95) * shared + sqrt(0.05) * one, sqrt(0.95) * shared + sqrt(0.05) * other
        signals = (sqrt(2) * NormalDist().inv_cdf(value) for value in (self.area, self.area - drop))
        deployed, candidate = (signal * labels + each for signal, each in zip(signals, noise, strict=True))
        return Sample(labels, None, deployed), Sample(labels, None, candidate)


class Setting(NamedTuple):
    """A metric, the limit of its drop, and what simulates pairs of models with a true drop of it."""

    type: str
    limit: float
    pair: Decisions | Scores


#: Of as many examples in either class that are decided alike, a drop of F1 is just one of accuracy.
SETTINGS = (
    Setting("accuracy", 0.01, Decisions(0.85, 0.06, 0.3)),
    Setting("roc_auc", 0.005, Scores(0.91, 0.3)),
    Setting("f1", 0.01, Decisions(0.85, 0.06, 0.5)),
)
#: Hardly an example tells two such models apart.
NEAR_ONE = (
    Setting("roc_auc", 0.01, Scores(0.999, 0.5)),
    Setting("roc_auc", 0.005, Scores(0.995, 0.3)),
    Setting("f1", 0.01, Decisions(0.99, 0.02, 0.5)),
)


class Judged(NamedTuple):
    """A pair: the two values, and what the examples say of them."""

    candidate: float
    deployed: float
    evidence: Evidence


def recorded(judged: Judged, limit: float) -> str:
    """The point drop against the limit."""
    return _outcome(judged, limit, "recorded")


def tolerant(judged: Judged, limit: float) -> str:
    """The default."""
    return _outcome(judged, limit, "tolerant")


def non_inferior(judged: Judged, limit: float) -> str:
    """Only what is shown."""
    return _outcome(judged, limit, "non_inferior")


def _outcome(judged: Judged, limit: float, mode: Mode) -> str:
    drop = drop_of((judged.candidate, judged.deployed), limit, judged.evidence, greater_is_better=True)
    return outcome_of(drop, mode, judged.evidence)


def mlflow(judged: Judged, limit: float) -> str:
    """`MetricThreshold(min_absolute_change=1e-10, greater_is_better=True)`: at least the baseline and the change, which
    has to be above 0; a drop that would be allowed cannot be said.
    """
    return "pass" if judged.candidate >= judged.deployed + 1e-10 else "fail"


def tfma(judged: Judged, limit: float) -> str:
    """`GenericChangeThreshold(absolute={"value": -limit}, direction=HIGHER_IS_BETTER)`: the point change is no less, in
    binary fractions: of 0.84 - 0.85 and a limit of 0.01 it is.
    """
    return "pass" if judged.candidate - judged.deployed >= -limit else "fail"


RULES: dict[str, Callable[[Judged, float], str]] = {
    "tolerant": tolerant,
    "non_inferior": non_inferior,
    "recorded": recorded,
    "TFMA": tfma,
    "MLflow": mlflow,
}


def judged(type: str, deployed: Sample, candidate: Sample, seed: str) -> Judged:
    """Two models' values of a metric, and what the gate would know of their difference."""
    try:
        found = compare(type, {}, deployed, candidate, seed)
    except TooFew as error:
        p = exchanged(type, {}, deployed, candidate, seed)
        evidence = Evidence("few", exchanged=p, p=p[0], reason=error.reason)
        return Judged(score(type, {}, candidate), score(type, {}, deployed), evidence)
    return Judged(found.candidate, found.deployed, Evidence("known", found, p=found.below))


def simulated(setting: Setting, size: int, drop: float, pairs: int) -> dict[str, Counter[str]]:
    """How many of so many pairs of models each rule passes, fails and leaves open."""
    random = np.random.default_rng([size, round(drop * 1e6), len(setting.type)])
    counts: dict[str, Counter[str]] = {name: Counter() for name in RULES}
    for number in range(pairs):
        found = judged(setting.type, *setting.pair(random, size, drop), f"{number}")
        for name, rule in RULES.items():
            counts[name][rule(found, setting.limit)] += 1
    return counts


def table(settings: Sequence[Setting], pairs: int, sizes: Sequence[int]) -> Iterator[str]:
    """Lines of Markdown: in per cent of the pairs, passed / blocked / not decided."""
    yield f"| metric | true drop | n | {' | '.join(RULES)} |"
    yield f"|---|---|---:|{'---:|' * len(RULES)}"
    for setting in settings:
        about = f"{setting.type} of {setting.pair[0]}, limit {setting.limit}"
        for times, said in ((0, "0"), (1, "the limit"), (2, "twice the limit")):
            for size in sizes:
                counts = simulated(setting, size, times * setting.limit, pairs)
                cells = [_cell(each, pairs) for each in counts.values()]
                yield f"| {about} | {said} | {size:,} | {' | '.join(cells)} |"


def _cell(counts: Counter[str], pairs: int) -> str:
    return " / ".join(f"{100 * counts[outcome] / pairs:.1f}" for outcome in OUTCOMES)


def main() -> None:
    """Prints the tables: of ordinary models, and of some that are near 1 on few examples."""
    parser = argparse.ArgumentParser(prog="python -m bench.verdicts", description=__doc__)
    parser.add_argument("--pairs", type=int, default=2_000, help="simulated pairs of models a row (2000)")
    pairs = parser.parse_args().pairs
    for settings, sizes in ((SETTINGS, SIZES), (NEAR_ONE, FEW)):
        for line in table(settings, pairs, sizes):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()

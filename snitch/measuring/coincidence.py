"""Whether examples have twins in the training data by coincidence: rows of few values are alike without any leak.

Say the benchmark has n examples and the training data m rows, all drawn independently alike. A row that is drawn with
probability p is once in the benchmark and also in the training data with a chance of np·exp(-np)·(1 - exp(-mp)), and
just twice in the benchmark with one of (np)²/2·exp(-np). Whatever p, the first is at most m of m + n/2 of both. So of
all rows of either kind no more are of the first than a binomial distribution says; that is the conditional test of two
Poisson rates (J. Przyborowski, H. Wilenski, Biometrika 31, 1940, 313-323), row by row.

m is taken to be the *different* rows of the training data, whom writing rows twice and leaving out twins do not change,
and n those of the benchmark that it has once or twice: as common rows are few among different ones, they count in
neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from snitch.formats.profile import Sketch

#: Of each of the two tests: an honest change is stopped by either once in 100 times.
ALPHA = 0.005
#: What is found of so many examples is no coincidence that goes without saying.
_HALF = 0.5

#: `leak`: more than the benchmark's own twins explain. `doubt`: than the training data's own do. `unexplained`: most
#: examples, and the benchmark has hardly a twin.
Verdict = Literal["leak", "doubt", "unexplained", "coincidence"]


class Trained(NamedTuple):
    """How many different rows, of how many rows, examples are looked for among.

    Of `whole` rows in all, the twins of `sampled` are known: `own` are like an earlier one.
    """

    different: float
    rows: int
    sampled: int
    own: int
    whole: float


class Twins(NamedTuple):
    """Twins of a benchmark's rows: in the training data, and among themselves.

    Of `examples` examples, `told` of which can be told, `repeated` are like an earlier one; `single` rows are there
    just once and `twice` just twice. `found` examples are in the training data, and `once` of them are once in the
    benchmark.
    """

    examples: int
    told: int
    repeated: int
    single: int
    twice: int
    found: int
    once: int
    trained: Trained

    @property
    def explained(self) -> float:
        """So many twins in the training data would be no wonder, by those within the benchmark."""
        different = self.examples - self.repeated
        return self.repeated * 2 * self.trained.different / different if different else 0.0


def trained_in_sketch(sketch: Sketch) -> Trained:
    """What a sketch tells: all of the rows whose hashes it could hold."""
    rows = sketch.rows
    return Trained(len(sketch.hashes), rows, rows, rows - len(sketch.hashes), rows / _part(sketch))


def trained_in_data(sample: Sketch, rows: int) -> Trained:
    """What so many rows tell, of which this is a sample: of their different values as many as its hashes lie dense."""
    part, own = _part(sample), sample.rows - len(sample.hashes)
    return Trained(len(sample.hashes) / part, rows, sample.rows, own, rows)


def _part(sketch: Sketch) -> float:
    """The part of all hashes that a sketch could hold."""
    return 1.0 if sketch.complete or not sketch.hashes else (int(sketch.hashes[-1], 16) + 1) / 2**64


def twins(hashes: Sequence[str], found: Sequence[int], told: int, trained: Trained) -> Twins:
    """The twins of rows with these hashes, of which those at the positions `found` are in the training data."""
    counts = Counter(hashes)
    once = sum(counts[hashes[at]] == 1 for at in found)
    single, twice = (sum(count == times for count in counts.values()) for times in (1, 2))
    return Twins(len(hashes), told, len(hashes) - len(counts), single, twice, len(found), once, trained)


def judged(found: Twins) -> Verdict:
    """What the twins that were found are."""
    if not found.found:
        return "coincidence"
    if by_benchmark(found) < ALPHA:
        return "leak"
    if by_training(found) < ALPHA:
        return "doubt"
    if found.found >= _HALF * found.told and found.explained < found.found / 2:
        return "unexplained"
    return "coincidence"


def by_benchmark(found: Twins) -> float:
    """The p-value by the benchmark's own twins, on which who trains has no influence."""
    return _p_value(found.once, found.twice, found.trained.different, (found.single + found.twice) / 2)


def by_training(found: Twins) -> float:
    """The p-value by the twins within either.

    Whoever writes rows twice makes it larger, and whoever leaves out twins smaller: it raises a doubt, no more.
    """
    examples, trained = found.examples, found.trained
    within = (examples * examples + trained.sampled * trained.whole) / 2
    return _p_value(found.once, found.twice + trained.own, examples * trained.rows, within)


def _p_value(across: int, within: int, pairs_across: float, pairs_within: float) -> float:
    from scipy.stats import binomtest

    if not across:
        return 1.0
    share = pairs_across / (pairs_across + pairs_within)
    return float(binomtest(across, across + within, share, alternative="greater").pvalue)

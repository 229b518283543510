"""`python -m bench.leaks`: how often rows that are alike by coincidence are called a leak, and leaks are found.

Training data and a benchmark are drawn alike, again and again: of so many possible rows, each as likely (or the more
likely the fewer: Zipf), or of numbers of which no two are alike. Then some of the benchmark's rows are put into the
training data, and what was put is repeated, as are others. All goes through the sketch of a profile. Of each case: how
often it is called a leak, how often nothing is decided, and how often it passes, in per cent. Last, mixtures of
common and rare rows without a leak, by their chances alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from snitch.measuring.coincidence import ALPHA, judged
from snitch.measuring.sketches import BottomHashes, overlap_of_rows

Rows = NDArray[np.uint64]
#: So many numbers that hardly two are alike.
_ALL = 1 << 62


class Case(NamedTuple):
    """So many rows for training, examples, and possible rows; the part `heavy` of each is of a few `common` ones.

    `leaked` is the part of the examples that the training data hold, each so many `times`, and `filler` the part of the
    training data's rows that is written twice. What is `distinct` holds no two rows alike.
    """

    training: int
    examples: int
    possible: int = _ALL
    leaked: float = 0.0
    times: int = 1
    filler: float = 0.0
    heavy: float = 0.0
    common: int = 1
    zipf: float = 0.0
    distinct: str = ""

    def drawn(self, size: int, random: np.random.Generator) -> Rows:
        rows = random.zipf(self.zipf, size) if self.zipf else random.integers(0, self.possible, size)
        is_common = random.random(size) < self.heavy
        return np.where(is_common, _ALL + random.integers(0, self.common, size), rows).astype(np.uint64)

    def verdict(self, random: np.random.Generator) -> str:
        """What the rule makes of one draw."""
        benchmark = self.drawn(self.examples, random)
        if "benchmark" in self.distinct:
            benchmark = np.unique(benchmark)
        leaked = benchmark[: round(self.leaked * len(benchmark))]
        own = self.drawn(max(self.training - len(leaked), 0), random)
        training = np.concatenate([np.repeat(leaked, self.times), own, own[: round(self.filler * len(own))]])
        if "training" in self.distinct:
            training = np.unique(training)
        sketch = BottomHashes(["x"])
        sketch.add(hashed(training))
        found = overlap_of_rows(sketch.sketch(), hashed(benchmark)).twins
        assert found is not None
        return judged(found)


def hashed(rows: Rows) -> list[str]:
    """Each row's number, mixed (S. Vigna's SplitMix64), as sixteen hexadecimal digits."""
    with np.errstate(over="ignore"):
        mixed = rows + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return [f"{each:016x}" for each in mixed.tolist()]


INDEPENDENT = {
    "": [
        Case(300, 300, 60_000), Case(1_000, 1_000, 1_000_000), Case(1_000, 4_000, 1_000_000), Case(338, 231, 60_000),
        Case(20_000, 300, 60_000), Case(23_100, 231, 5_000), Case(2_000, 1_000, 240), Case(200, 5_000, 20_000),
    ],
    "one row in three alike": [Case(2_000, 1_000, 1_000_000, heavy=0.3), Case(20_000, 300, 60_000, heavy=0.3)],
    "120 rows are 97 %": [
        Case(20_000, 2_400, 2_000, heavy=0.97, common=120), Case(2_000, 2_400, 60_000, heavy=0.97, common=120),
    ],
    "Zipf": [Case(1_000, 1_000, zipf=1.5), Case(20_000, 1_000, zipf=1.3), Case(1_000, 4_000, zipf=1.2)],
    "twins left out of training": [
        Case(300, 300, 60_000, distinct="training"), Case(20_000, 300, 60_000, distinct="training"),
        Case(23_100, 231, 5_000, distinct="training"), Case(20_000, 1_000, zipf=1.3, distinct="training"),
    ],
    "twins left out of the benchmark": [
        Case(300, 300, 60_000, distinct="benchmark"), Case(1_000, 1_000, 60_000, distinct="benchmark"),
        Case(20_000, 300, 60_000, distinct="benchmark"),
    ],
}  # fmt: skip
#: How often what leaked is written, and how many of the others are written twice.
LEAKS = {
    "once": (1, 0.0), "twice": (2, 0.0), "twice, as all others": (2, 1.0), "twice, as one other in three": (2, 1 / 3),
}  # fmt: skip


def rate(case: Case, draws: int, seed: int = 1) -> str:
    """In per cent: called a leak / not decided / passed."""
    random = np.random.default_rng(seed)
    verdicts = [case.verdict(random) for _ in range(draws)]
    leak, passed = (verdicts.count(each) / draws for each in ("leak", "coincidence"))
    return f"{leak:.1%} / {1 - leak - passed:.1%} / {passed:.1%}".replace("%", "")


def independent(draws: int) -> Iterator[str]:
    """Cases without a leak."""
    yield "| rows for training | examples | possible rows | | leak / not decided / passed |"
    yield "|---:|---:|---:|---|---:|"
    for name, cases in INDEPENDENT.items():
        for each in cases:
            possible = "any" if each.possible == _ALL else f"{each.possible:,}"
            told = rate(each, max(draws * 1_000 // max(each.training + each.examples, 1_000), 100))
            yield f"| {each.training:,} | {each.examples:,} | {possible} | {name} | {told} |"


def leaks(draws: int) -> Iterator[str]:
    """Cases with one."""
    yield "| leaked of 231 examples | rows for training | " + " | ".join(LEAKS) + " |"
    yield "|---:|---:|" + "---:|" * len(LEAKS)
    for part in (1.0, 0.5, 0.1, 0.03):
        for times in (1, 10, 100):
            many = max(draws // times, 20)
            cases = [Case(231 * times, 231, leaked=part, times=each, filler=filler) for each, filler in LEAKS.values()]
            yield f"| {part:.0%} | {231 * times:,} | " + " | ".join(rate(each, many) for each in cases) + " |"


def mixtures(draws: int) -> Iterator[str]:
    """How often random mixtures of common and rare rows are called a leak at worst, with n by two ways to count."""
    random, worst, kept = np.random.default_rng(1), [0.0, 0.0], 0
    for _ in range(draws):
        kinds = random.integers(1, 5)
        weight, rows = (
            random.dirichlet(np.full(kinds, random.choice([0.1, 0.3, 1.0]))),
            10 ** random.uniform(0, 6, kinds),
        )
        n, m, p = 10 ** random.uniform(1, 3.5), 10 ** random.uniform(1, 5.5), weight / rows
        single, twice = rows * n * p * np.exp(-n * p), (rows * (n * p) ** 2 / 2 * np.exp(-n * p)).sum()
        once, different = -(single * np.expm1(-m * p)).sum(), -(rows * np.expm1(-m * p)).sum()
        counted = single.sum() + twice, -(rows * np.expm1(-n * p)).sum()
        if 2 <= once <= 150 and twice <= 150:
            kept += 1
            alarms = [called(once, twice, different / (different + each / 2)) for each in counted]
            worst = [max(pair) for pair in zip(worst, alarms, strict=True)]
    yield f"{kept:,} mixtures: at worst {worst[0]:.1%}; counting all different rows of the benchmark {worst[1]:.1%}"


def called(once: float, twice: float, share: float) -> float:
    """How often the test by the benchmark's twins is significant, where so many are expected (Poisson)."""
    found, within = (np.arange(int(mean + 10 * mean**0.5 + 10)) for mean in (once, twice))
    across = found[:, None]
    is_called = (stats.binom.sf(across - 1, across + within, share) < ALPHA) & (across > 0)
    chance = np.outer(stats.poisson.pmf(found, once), stats.poisson.pmf(within, twice))
    return float(chance[is_called].sum())


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.leaks", description=__doc__)
    parser.add_argument("--draws", type=int, default=3_000, help="of a case with 1,000 rows; fewer of larger ones")
    asked = parser.parse_args()
    for line in (*independent(asked.draws), "", *leaks(asked.draws // 10), "", *mixtures(20_000)):
        print(line, flush=True)


if __name__ == "__main__":
    main()

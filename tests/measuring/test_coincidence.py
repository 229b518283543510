"""Twins by coincidence, and those that leaked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import comb
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from snitch.measuring.coincidence import ALPHA, Trained, Twins, by_benchmark, by_training, judged
from snitch.measuring.leaking import Hashed, hashed_examples, in_data, in_sketches
from snitch.measuring.sketches import BottomHashes, id_hash, overlap_of_rows
from snitch.measuring.tables import Content
from tests.measuring.tables import parquet as table


def twins_of(benchmark: Sequence[int], training: Iterable[int], size: int = 4096) -> Twins:
    sketch = BottomHashes(["x"], size=size)
    sketch.add(id_hash(str(each)) for each in training)
    found = overlap_of_rows(sketch.sketch(), [id_hash(str(each)) for each in benchmark]).twins
    assert found is not None
    return found


def drawn(random: np.random.Generator, size: int, possible: int) -> list[int]:
    return [int(each) for each in random.integers(0, possible, size)]


def tail(successes: int, trials: int, share: Fraction) -> float:
    """Of a binomial distribution, in whole numbers."""
    terms = (comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(successes, trials + 1))
    return float(sum(terms, Fraction(0)))


def counts(found: int, twice: int, own: int) -> Twins:
    return Twins(1000, 1000, twice, 1000 - 2 * twice, twice, found, found, Trained(2000 - own, 2000, 2000, own, 2000))


class TestTests:
    @pytest.mark.parametrize(("found", "twice", "own"), [(1, 0, 0), (8, 0, 0), (10, 3, 1), (40, 12, 30), (200, 20, 90)])
    def test_by_exact_sums(self, found: int, twice: int, own: int) -> None:
        told, different = counts(found, twice, own), 2000 - own
        share = Fraction(2 * different, 2 * different + 1000 - twice)
        assert by_benchmark(told) == pytest.approx(tail(found, found + twice, share), rel=1e-9)
        #: Of two rows among all 3,000 one is an example and the other is not.
        share = Fraction(2 * 1000 * 2000, 3000**2)
        assert by_training(told) == pytest.approx(tail(found, found + twice + own, share), rel=1e-9)

    @pytest.mark.parametrize(("found", "twice"), [(30, 4), (100, 30), (60, 20), (60, 5)])
    def test_as_the_test_of_two_poisson_rates(self, found: int, twice: int) -> None:
        """The E-test is another one, and less cautious."""
        told = counts(found, twice, 0)
        rates = stats.poisson_means_test(found, 2000, twice, (1000 - twice) / 2, alternative="greater")
        assert rates.pvalue <= by_benchmark(told) * 1.05 + 1e-9
        assert by_benchmark(told) < 3 * rates.pvalue + 1e-6

    def test_the_bound_holds_of_every_row(self) -> None:
        """The chances to be once in the benchmark and in the training data, and to be twice in the benchmark."""
        p = np.logspace(-9, 0, 400)
        for n, m in ((100, 100), (100, 20_000), (5000, 200)):
            across = stats.poisson.pmf(1, n * p) * stats.poisson.sf(0, m * p)
            within = stats.poisson.pmf(2, n * p)
            told = across + within > 0
            assert np.all((across <= (across + within) * m / (m + n / 2) * (1 + 1e-9))[told])

    def test_half_of_each(self) -> None:
        """An honest change is stopped once in 100 times by both tests together."""
        assert ALPHA == 0.01 / 2


class TestWhatIsFound:
    def test_nothing(self) -> None:
        assert judged(twins_of(range(100), range(100, 300))) == "coincidence"
        assert judged(twins_of([], [])) == "coincidence"

    def test_one_row_is_no_leak(self) -> None:
        assert judged(twins_of(range(300), range(299, 600))) == "coincidence"

    @pytest.mark.parametrize("times", [1, 2, 5])
    def test_a_benchmark_in_the_training_data_however_often(self, times: int) -> None:
        assert judged(twins_of(range(231), [*range(231)] * times)) == "leak"
        assert judged(twins_of(range(231), [*range(231)] * times + [*range(1000, 1500)] * 3)) == "leak"

    def test_a_row_that_a_third_of_all_have_hides_nothing(self) -> None:
        """Its pairs outnumber any leak; its copies count as what they are."""
        benchmark = [*range(200), *[-1] * 100]
        assert judged(twins_of(benchmark, [*range(200), *[-1] * 100])) == "leak"
        assert judged(twins_of(benchmark, [*range(1000, 1200), *[-1] * 100])) == "coincidence"

    def test_a_few_among_rows_without_twins_raise_a_doubt(self) -> None:
        assert judged(twins_of(range(300), [*range(10), *range(1000, 4000)])) == "doubt"

    def test_a_few_among_rows_with_twins_do_not(self) -> None:
        others = [*range(1000, 4000)]
        assert judged(twins_of(range(300), [*range(10), *others, *others[:1000]])) == "coincidence"

    def test_twins_that_were_left_out_raise_a_doubt_and_no_more(self) -> None:
        random = np.random.default_rng(4)
        training = drawn(random, 20_000, 60_000)
        benchmark = drawn(random, 300, 60_000)
        assert judged(twins_of(benchmark, training, 65_536)) == "coincidence"
        assert judged(twins_of(benchmark, set(training), 65_536)) == "doubt"

    def test_most_of_a_benchmark_without_twins_is_unexplained(self) -> None:
        others = [*range(1000, 30_000)]
        assert judged(twins_of(range(50), [*range(30), *others, *others], 65_536)) == "unexplained"
        assert judged(twins_of(range(50), [*range(20), *others, *others], 65_536)) == "coincidence"

    def test_most_of_a_benchmark_that_explains_it_is_not(self) -> None:
        random = np.random.default_rng(5)
        found = twins_of(drawn(random, 1000, 240), drawn(random, 2000, 240))
        assert found.found > 990 and judged(found) == "coincidence"

    @pytest.mark.parametrize(("training", "examples", "possible"), [(300, 300, 60_000), (200, 800, 20_000)])
    def test_independent_rows_are_hardly_ever_stopped(self, training: int, examples: int, possible: int) -> None:
        random = np.random.default_rng(6)
        draws = [
            judged(twins_of(drawn(random, examples, possible), drawn(random, training, possible))) for _ in range(300)
        ]
        assert sum(each != "coincidence" for each in draws) <= stats.binom.ppf(0.999, 300, 0.01)


_ROWS = st.lists(st.integers(0, 60), min_size=1, max_size=60)


class TestProperties:
    @settings(max_examples=60, deadline=None)
    @given(_ROWS, _ROWS, st.randoms(use_true_random=False))
    def test_the_order_of_rows_changes_nothing(self, benchmark: list[int], training: list[int], random: Random) -> None:
        mixed = [list(each) for each in (benchmark, training)]
        for each in mixed:
            random.shuffle(each)
        assert twins_of(benchmark, training) == twins_of(mixed[0], mixed[1])

    @settings(max_examples=60, deadline=None)
    @given(st.integers(20, 60), _ROWS, st.lists(st.integers(1, 4), min_size=120, max_size=120))
    def test_rows_written_again_hide_no_leak(self, leaked: int, others: list[int], times: list[int]) -> None:
        training = [*range(leaked), *(100 + each for each in others)]
        again = [row for row, many in zip(training, times, strict=False) for _ in range(many)]
        before = twins_of(range(60), training)
        assert by_benchmark(twins_of(range(60), again)) == by_benchmark(before)
        assert judged(before) != "leak" or judged(twins_of(range(60), again)) == "leak"


class TestSketches:
    def test_that_are_cut_short_are_of_the_rows_they_could_hold(self) -> None:
        """Of 20,000 rows 4,096 hashes: a fifth of what leaked is found, among a fifth of the rows."""
        random = np.random.default_rng(7)
        training = drawn(random, 20_000, 1 << 40)
        found = twins_of([*training[:1500], *range(-1500, 0)], training)
        assert found.trained.different == 4096
        assert found.trained.whole == pytest.approx(20_000, rel=0.05)
        assert 200 < found.once < 400 and judged(found) == "leak"

    @pytest.mark.parametrize("rows", [3000, 100_000])
    def test_the_data_itself_says_the_same(self, rows: int) -> None:
        values = np.random.default_rng(8).integers(0, 1 << 50, rows).astype(float)
        examples, content = hashed(values[:50]), table(pa.table({"x": values, "id": np.arange(rows)}).to_pandas())
        found = rows_of(examples, content)
        assert (found.found, found.once, found.told, found.trained.rows) == (50, 50, 50, rows)
        assert found.trained.different == pytest.approx(len(set(values.astype("f4").tolist())), rel=0.03)


def hashed(values: NDArray[np.float64]) -> Hashed:
    content = table(pa.table({"id": [f"h{at}" for at in range(len(values))], "x": values}).to_pandas())
    return hashed_examples(content, "data.parquet", "id", ["x"], [])


def rows_of(examples: Hashed, content: Content) -> Twins:
    leak = in_data(examples, "id", content, "training.parquet", [])
    assert leak.rows is not None and leak.rows.twins is not None
    assert in_sketches(examples, "id", None, None).rows is None
    return leak.rows.twins

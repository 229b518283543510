"""Quantiles of numbers that pass by in batches, in two looks at them, whatever their order.

A floating-point number's bits, read as a whole number, rise with it. The first look counts the numbers by the first 16
bits (sign, exponent and four bits more), the second by the next 16, only where a quantile lies. So a quantile is known
to one part in a million (2**-20), of any distribution, in memory that does not grow with the data; and as counts are
sums, neither the order of the rows nor the size of the batches plays any part.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from math import floor, isfinite
from sys import float_info
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SIZE = 1 << 16


def are_whole(values: NDArray[np.float64]) -> bool:
    """Whether all numbers are whole, and of 64 bits at most: beyond, and far before infinity, every one is."""
    import numpy as np

    return bool(((values == np.floor(values)) & (np.abs(values) <= 2.0**63)).all())


class Quantiles:
    """The quantiles that part numbers into bins: `look` at all of them, `narrow`, `look` again, `edges`.

    There are at most `bins` bins, and fewer where they would hold less than about `least_rows` numbers.
    """

    def __init__(self, bins: int, least_rows: int = 1) -> None:
        import numpy as np

        self._most_bins, self._least_rows = bins, least_rows
        self.count = 0
        self.is_whole = True
        self.least, self.most = float("inf"), float("-inf")
        self._coarse: NDArray[np.int64] = np.zeros(_SIZE, dtype=np.int64)
        self._fine: NDArray[np.int64] | None = None
        self._places: NDArray[np.int32] | None = None

    def look(self, values: NDArray[np.float64]) -> None:
        """Counts numbers; what is not finite has no part in it."""
        import numpy as np

        values = values[np.isfinite(values)]
        if not len(values):
            return
        keys = _keys(values)
        heads = (keys >> np.uint64(48)).astype(np.intp)
        if self._places is None or self._fine is None:
            self.count += len(values)
            self.least, self.most = min(self.least, float(values.min())), max(self.most, float(values.max()))
            self.is_whole = self.is_whole and are_whole(values)
            self._coarse += np.bincount(heads, minlength=_SIZE)
            return
        place = self._places[heads]
        inside = place >= 0
        tails = ((keys[inside] >> np.uint64(32)) & np.uint64(_SIZE - 1)).astype(np.intp)
        self._fine += np.bincount(place[inside] * np.intp(_SIZE) + tails, minlength=len(self._fine))

    def narrow(self) -> None:
        """Ends the first look."""
        import numpy as np

        heads = sorted({self._head(rank) for rank in self._ranks})
        self._places = np.full(_SIZE, -1, dtype=np.int32)
        self._places[heads] = np.arange(len(heads))
        self._fine = np.zeros(len(heads) * _SIZE, dtype=np.int64)

    def edges(self) -> tuple[float, ...]:
        """The upper ends of all bins but the last, rising; fewer where many rows have one value.

        Where the lowest bin holds nothing but the smallest value, one edge more lies just below it, so that what is
        smaller than anything seen is told apart; where there is one value alone, it is an edge itself.
        """
        if self.count < self._least_rows or not self.count:
            return ()
        if self.least == self.most:
            return tuple(sorted({_below(self.least, self.is_whole), self.least}))
        cells = sorted({self._cell(rank) for rank in self._ranks})
        if not cells:
            return ()
        found = [_number_in(cell, self.is_whole) for cell in cells]
        if cells[0] == int(_keys_of(self.least)) >> 32:
            found.insert(0, _below(self.least, self.is_whole))
        return tuple(sorted(set(found)))

    @property
    def _ranks(self) -> list[int]:
        """Which of the ordered numbers are the quantiles, from 1."""
        bins = min(self._most_bins, self.count // self._least_rows)
        return [-(-self.count * each // bins) for each in range(1, bins)]

    def _head(self, rank: int) -> int:
        import numpy as np

        return int(np.searchsorted(np.cumsum(self._coarse), rank))

    def _cell(self, rank: int) -> int:
        """The first 32 bits of the number of a rank."""
        import numpy as np

        assert self._places is not None and self._fine is not None
        head = self._head(rank)
        before = int(self._coarse[:head].sum())
        start = int(self._places[head]) * _SIZE
        tail = int(np.searchsorted(np.cumsum(self._fine[start : start + _SIZE]), rank - before))
        return head << 16 | min(tail, _SIZE - 1)


def counts_between(edges: tuple[float, ...], values: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many values lie in each bin: one more than there are edges. NaN lies in none."""
    import numpy as np

    present = len(values) - int(np.count_nonzero(np.isnan(values)))
    up_to = [int(np.count_nonzero(values <= edge)) for edge in edges]
    counts: NDArray[np.int64] = np.diff(np.array([0, *up_to, present])).astype(np.int64)
    return counts


def _keys(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Whole numbers that rise with the values; zero has one sign."""
    import numpy as np

    bits = (values + 0.0).view(np.uint64)
    sign = np.uint64(1 << 63)
    return np.where(bits & sign, ~bits, bits | sign)


def _keys_of(value: float) -> int:
    import numpy as np

    return int(_keys(np.array([value]))[0])


def _value_of(key: int) -> float:
    import numpy as np

    sign = 1 << 63
    bits = key & ~sign if key & sign else ~key & (1 << 64) - 1
    return float(np.array([bits], dtype=np.uint64).view(np.float64)[0])


def _number_in(cell: int, is_whole: bool) -> float:
    """The shortest number whose first 32 bits are these."""
    low, high = _value_of(cell << 32), _value_of(cell << 32 | 0xFFFFFFFF)
    return _shortest(low, high, is_whole)


def _below(value: float, is_whole: bool) -> float:
    """A short number a little below."""
    if is_whole and abs(value) < 2**53:
        return value - 1
    room = abs(value) * 1e-3 or 1e-3
    # Below the smallest number there is none: it is an edge itself.
    return max(_shortest(value - room, value - room / 1000, False), -float_info.max)


def _shortest(low: float, high: float, is_whole: bool) -> float:
    """The number of the fewest digits from low to high; a whole one where there is one and all are."""
    if not (isfinite(low) and isfinite(high)):
        return low if isfinite(low) else high
    if is_whole and floor(high) >= low:
        return float(floor(high)) if floor(high) - low < 1 else _fewest_digits(low, high)
    return _fewest_digits(low, high)


def _fewest_digits(low: float, high: float) -> float:
    """Of one digit, then of two…: the smallest such number from low on, until one is no greater than high."""
    if low <= 0 <= high:
        return 0.0
    exact = Decimal(low)
    for digits in range(1, 18):
        step = Decimal(1).scaleb(exact.adjusted() - digits + 1)
        number = float((exact / step).to_integral_value(rounding=ROUND_CEILING) * step)
        if low <= number <= high:
            return number
    return low

"""Sketches of what a model was trained on, to find examples of a benchmark in it without the data.

A sketch keeps the smallest hashes of a set (bottom-k: E. Cohen and H. Kaplan, 2007), which is a sample of its values
that every copy of a value is in or out of alike. Of n values the k smallest hashes are kept; a value that was
in the set is found with probability k/n, for certain where n <= k, and one that was not is found by mistake once in
2**64/n. Of m leaked values at least one is found with probability 1 - (1 - k/n)**m: of 1,000 among a million, 98 %.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import sha256
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, NamedTuple

from snitch.formats.profile import ROW_HASHING, SKETCHED, Sketch
from snitch.measuring.codes import codes
from snitch.measuring.coincidence import Twins, trained_in_sketch, twins
from snitch.measuring.ids import canonical
from snitch.measuring.tables import Unusable

if TYPE_CHECKING:
    import pyarrow as pa

_HEX = 16
#: What is hashed with an id and with a row, so that neither is ever taken for the other.
_ID, _ROW = b"snitch id\0", b"snitch row\0"


def id_hash(id: str) -> str:
    """The hash of an id's canonical text."""
    return sha256(_ID + id.encode("utf-8", "surrogatepass")).hexdigest()[:_HEX]


def id_hashes(array: Any) -> list[str]:
    """The hashes of a column of ids.

    Raises:
        Unusable: one is missing.
    """
    values = array.to_pylist()
    if any(value is None or value != value for value in values):
        raise Unusable("an id is missing")
    return [id_hash(canonical(value)) for value in values]


def row_hashes(batch: pa.RecordBatch, columns: Sequence[str]) -> list[str]:
    """The hashes of rows over these columns, in this order: equal values are equal however they are stored.

    What the hashes are of, and so `ROW_HASHING`, is what `codes` makes of values.
    """
    import numpy as np

    if not columns:
        return []
    stacked = np.stack([codes(batch.column(batch.schema.get_field_index(name))) for name in columns], axis=1)
    content = memoryview(np.ascontiguousarray(stacked, dtype=">u8").tobytes())
    width = 8 * len(columns)
    starts = range(0, len(content), width)
    return [sha256(_ROW + content[start : start + width]).hexdigest()[:_HEX] for start in starts]


class BottomHashes:
    """The smallest hashes of what is added, so many of them, each with how often it was."""

    def __init__(self, columns: Sequence[str], hashing: int = 1, size: int = SKETCHED) -> None:
        self.columns = tuple(columns)
        self._hashing, self._size = hashing, size
        self._counts: dict[str, int] = {}
        self._highest = "g"  # above every hash
        self._complete = True

    def add(self, hashes: Iterable[str]) -> None:
        for each in hashes:
            if each <= self._highest:
                self._counts[each] = self._counts.get(each, 0) + 1
        if len(self._counts) > self._size:
            kept = nsmallest(self._size, self._counts)
            self._counts = {each: self._counts[each] for each in kept}
            self._highest, self._complete = kept[-1], False

    def sketch(self) -> Sketch:
        counts = self._counts.values()
        return Sketch(
            hashes=tuple(sorted(self._counts)),
            complete=self._complete,
            rows=sum(counts),
            repeated=sum(count for count in counts if count > 1),
            columns=self.columns,
            hashing=self._hashing,
        )


class Sketches:
    """The sketches of a table's ids and of its rows without them, of so many hashes each."""

    def __init__(self, id: str, columns: Sequence[str], size: int = SKETCHED) -> None:
        self._id = id
        self.ids = BottomHashes([id], size=size)
        self.rows = BottomHashes(sorted(name for name in columns if name != id), ROW_HASHING, size)

    def add(self, batch: pa.RecordBatch) -> None:
        """Adds rows.

        Raises:
            Unusable: there is no column of ids, or one is missing.
        """
        if self._id not in batch.schema.names:
            raise Unusable(f"the data has no column `{self._id}`")
        try:
            self.ids.add(id_hashes(batch.column(batch.schema.get_field_index(self._id))))
        except Unusable as error:
            raise Unusable(f"{error.reason} in `{self._id}`") from None
        self.rows.add(row_hashes(batch, self.rows.columns))


class Overlap(NamedTuple):
    """What of some values is in a set: which (by position), of how many that can be told, of how many in all.

    Of rows also what there are of twins.
    """

    found: tuple[int, ...]
    decidable: int
    total: int
    twins: Twins | None = None


def overlap(sketch: Sketch, hashes: Sequence[str]) -> Overlap:
    """Which of the values with these hashes a sketch shows to be in its set."""
    known = frozenset(sketch.hashes)
    if sketch.complete:
        decidable = len(hashes)
    else:
        decidable = bisect_right(sorted(hashes), sketch.hashes[-1]) if sketch.hashes else 0
    found = tuple(at for at, each in enumerate(hashes) if each in known)
    return Overlap(found, decidable, len(hashes))


def overlap_of_rows(sketch: Sketch, hashes: Sequence[str]) -> Overlap:
    """As `overlap`, of rows, which may have twins."""
    same = overlap(sketch, hashes)
    return same._replace(twins=twins(hashes, same.found, same.decidable, trained_in_sketch(sketch)))

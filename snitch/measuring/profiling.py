"""A profile of data that need not fit into memory: three looks at it, of which the last counts.

The bins that numbers are counted by, and the values that are counted by name, are found first (`layout_of`); data is
then counted by them (`counted`): that of training, or any other that is held against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from snitch.formats.profile import (
    BINS,
    LONGEST_VALUE,
    MOST_NAMED,
    MOST_VALUES,
    NAMED_FROM,
    SKETCHED,
    Feature,
    FeatureType,
    Profile,
    ProfiledData,
)
from snitch.measuring.columns import Kind, kind_of, numbers, texts
from snitch.measuring.engine import each as each_of
from snitch.measuring.quantiles import Quantiles, are_whole, counts_between
from snitch.measuring.sketches import Sketches
from snitch.measuring.streams import Stream

#: Of values that there were not before so many are named.
_NEW = 5
_NAMES: dict[Kind, FeatureType] = {"boolean": "boolean", "datetime": "datetime", "string": "string", "binary": "binary"}


class Counted(NamedTuple):
    """The features of a layout as a table has them, those that it lacks left out; its rows, and all its columns.

    `new` names values that a layout does not know, where it knows all that there were.
    """

    features: tuple[Feature, ...]
    rows: int
    columns: tuple[str, ...]
    new: dict[str, tuple[str, ...]]


def profiled(stream: Stream, digest: str, *, id: str | None = None, hashes: int = SKETCHED) -> Profile:
    """The profile of a table; with `id`, sketches of that column and of the rows without it, of so many `hashes`.

    Raises:
        Unusable: as `Stream`, or there is no such column, or an id is missing.
    """
    layout = layout_of(stream, without=id)
    sketches = Sketches(id, [each.name for each in layout], hashes) if id is not None else None
    found = counted(stream, layout, sketches=sketches)
    return Profile(
        data=ProfiledData(digest=digest, rows=found.rows),
        features=found.features,
        ids=sketches.ids.sketch() if sketches else None,
        row_hashes=sketches.rows.sketch() if sketches else None,
    )


def layout_of(stream: Stream, *, without: str | None = None) -> tuple[Feature, ...]:
    """By what the columns of a table are counted: features without counts.

    Raises:
        Unusable: as `Stream`.
    """
    finders: dict[str, _Finder] = {}
    for look in range(2):
        for batch in stream.batches():
            for name, array in zip(batch.schema.names, batch.columns, strict=True):
                if name != without:
                    finders.setdefault(name, _Finder(name, kind_of(array.type))).look(array, look)
        if not look:
            for finder in finders.values():
                finder.quantiles.narrow()
    return tuple(finder.feature() for finder in finders.values())


def counted(
    stream: Stream,
    layout: Sequence[Feature],
    *,
    sketches: Sketches | None = None,
) -> Counted:
    """Counts a table by a layout.

    A column of another type than the layout's is told by its own type, and all its values are `other`.

    Raises:
        Unusable: as `Stream`.
    """
    known = tuple(each for each in layout if each.name in stream.columns)
    columns = None if sketches or not known else [each.name for each in known]
    counters, rows = {each.name: _Counter(each) for each in known}, 0
    for found in each_of(_count, _blocks(stream, known, columns, sketches)):
        rows += found.rows
        for counter in found.counters:
            counters[counter.layout.name].add(counter)
    return Counted(
        tuple(counter.feature() for counter in counters.values()),
        rows,
        tuple(stream.columns),
        {name: tuple(counter.new) for name, counter in counters.items() if counter.new},
    )


class _Block(NamedTuple):
    """A task: some rows, and by what they are counted."""

    layout: tuple[Feature, ...]
    batch: Any


class _CountedBlock(NamedTuple):
    rows: int
    counters: list[_Counter]


def _blocks(
    stream: Stream, layout: tuple[Feature, ...], columns: Sequence[str] | None, sketches: Sketches | None
) -> Iterator[_Block]:
    for batch in stream.batches(columns):
        if sketches is not None:
            sketches.add(batch)
        yield _Block(layout, batch)


def _count(block: _Block) -> _CountedBlock:
    """Counts are whole numbers: in whichever order blocks are added up, the sum is the same."""
    counters = [_Counter(each) for each in block.layout]
    for counter in counters:
        counter.count(block.batch.column(block.batch.schema.get_field_index(counter.layout.name)))
    return _CountedBlock(block.batch.num_rows, counters)


class _Finder:
    """Finds by what one column is counted."""

    def __init__(self, name: str, kind: Kind) -> None:
        self.name = name
        self.kind = kind
        self.quantiles = Quantiles(BINS, NAMED_FROM)
        self.has_values = False
        #: How many rows have each value; None once there are too many values.
        self.values: dict[str, int] | None = {}

    def look(self, array: Any, look: int) -> None:
        self.has_values = self.has_values or array.null_count < len(array)
        if self.kind in ("number", "datetime"):
            found = numbers(array)
            self.has_values = bool((found == found).any()) or bool(look and self.has_values)
            self.quantiles.look(found)
        elif self.kind == "string" and not look and self.values is not None:
            self._add(texts(array))

    def _add(self, array: Any) -> None:
        import pyarrow.compute as pc

        counts = pc.value_counts(array)
        found = counts.field("values")
        if hasattr(found, "dictionary_decode"):
            found = found.dictionary_decode()
        known = self.values or {}
        for value, count in zip(found.to_pylist(), counts.field("counts").to_pylist(), strict=True):
            if value is not None and len(value) <= LONGEST_VALUE:
                known[value] = known.get(value, 0) + count
        self.values = known if len(known) <= MOST_VALUES else None

    def feature(self) -> Feature:
        if not self.has_values:
            return Feature(name=self.name, type="unknown")
        if self.kind == "boolean":
            return Feature(name=self.name, type="boolean", categories={"false": 0, "true": 0})
        if self.kind == "string":
            return Feature(name=self.name, type="string", categories=dict.fromkeys(self._named(), 0))
        whole: FeatureType = "long" if self.quantiles.count and self.quantiles.is_whole else "double"
        return Feature(name=self.name, type=_NAMES.get(self.kind, whole), edges=self.quantiles.edges())

    def _named(self) -> list[str]:
        """The values that many rows share, most frequent first."""
        shared = [(value, count) for value, count in (self.values or {}).items() if count >= NAMED_FROM]
        return [value for value, _ in sorted(shared, key=lambda each: (-each[1], each[0]))[:MOST_NAMED]]


class _Counter:
    """Counts one column by a layout."""

    def __init__(self, layout: Feature) -> None:
        import numpy as np
        import pyarrow as pa

        self.layout = layout
        self.names = list(layout.categories)
        self.known = pa.array(self.names, pa.string())
        self.bins = np.zeros(len(layout.edges) + 1 if layout.edges else len(self.names), dtype=np.int64)
        self.nulls = self.other = 0
        self.type: FeatureType | None = None
        self.is_whole = True
        #: The first few by the alphabet: those that a batch shows first depend on its size.
        self.new: list[str] = []

    def add(self, other: _Counter) -> None:
        """What another counted of the same column."""
        self.bins += other.bins
        self.nulls += other.nulls
        self.other += other.other
        self.is_whole = self.is_whole and other.is_whole
        self.new = sorted({*self.new, *other.new})[:_NEW]
        if self.type in (None, "boolean"):  # of a column that may be either, some rows alone look like booleans
            self.type = other.type or self.type

    def count(self, array: Any) -> None:
        kind = kind_of(array.type)
        if kind in ("number", "datetime", "boolean"):
            self._count_numbers(numbers(array), kind)
        elif kind == "string":
            self._count_texts(texts(array))
        else:
            self.type = "binary" if kind == "binary" else self.type
            self.nulls += array.null_count
            self.other += len(array) - array.null_count

    def _count_numbers(self, values: Any, kind: Kind) -> None:

        present = values[values == values]
        self.nulls += len(values) - len(present)
        if not len(present):
            return
        if kind == "number":
            self.is_whole = self.is_whole and are_whole(present)
        # Zeros and ones are booleans where those are asked for, and the other way round.
        by_name = {"false": int((present == 0).sum()), "true": int((present == 1).sum())}
        is_asked = self.layout.type == "boolean" and by_name.keys() == self.layout.categories.keys()
        is_boolean = is_asked and sum(by_name.values()) == len(present)
        self.type = "boolean" if is_boolean and self.type in (None, "boolean") else _NAMES.get(kind, "double")
        if is_boolean:
            self.bins += [by_name[name] for name in self.names]
        elif self.layout.edges and (kind == "datetime") == (self.layout.type == "datetime"):
            self.bins += counts_between(self.layout.edges, present)
        else:
            self.other += len(present)

    def _count_texts(self, array: Any) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        missing = array.null_count
        self.nulls += missing
        if missing == len(array):
            return
        self.type = "string"
        if self.layout.type != "string":
            self.other += len(array) - missing
            return
        if pa.types.is_dictionary(array.type):
            places = pc.take(pc.index_in(array.dictionary, self.known), array.indices)
        else:
            places = pc.index_in(array, self.known)
        named = places.drop_null().to_numpy(zero_copy_only=False)
        self.bins += np.bincount(named, minlength=len(self.names)).astype(np.int64)
        self.other += len(array) - missing - len(named)
        if self.names and not self.layout.other and len(named) < len(array) - missing:
            unknown = array.filter(pc.is_null(places)).drop_null()
            values = unknown.dictionary_decode() if hasattr(unknown, "indices") else unknown
            self.new = sorted({*self.new, *values.unique().to_pylist()})[:_NEW]

    def feature(self) -> Feature:
        counts = [int(count) for count in self.bins]
        type: FeatureType = self.type or "unknown"
        if type == "double" and self.is_whole:
            type = "long"
        if self.layout.edges:
            edges = self.layout.edges
            return Feature(
                name=self.layout.name, type=type, nulls=self.nulls, edges=edges, counts=tuple(counts), other=self.other
            )
        categories = dict(zip(self.names, counts, strict=True))
        return Feature(name=self.layout.name, type=type, nulls=self.nulls, categories=categories, other=self.other)

"""Examples of a benchmark looked for in training data: in a sketch of it, or in the data itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from snitch.formats.profile import MOST_SKETCHED, ROW_HASHING, Sketch
from snitch.measuring.coincidence import trained_in_data, twins
from snitch.measuring.ids import canonical
from snitch.measuring.sketches import BottomHashes, Overlap, id_hashes, overlap, overlap_of_rows, row_hashes
from snitch.measuring.streams import Stream
from snitch.measuring.tables import Content, Unusable


class Hashed(NamedTuple):
    """A benchmark's examples: their ids as text, and the hashes of these and of the rows. Without columns no rows."""

    ids: tuple[str, ...]
    id_hashes: tuple[str, ...]
    row_hashes: tuple[str, ...]
    columns: tuple[str, ...]


class Leak(NamedTuple):
    """What was found by ids and by rows; None where that cannot be told."""

    ids: Overlap | None
    rows: Overlap | None


def hashed_examples(content: Content, name: str, id: str, columns: Sequence[str], texts: Sequence[str]) -> Hashed:
    """A benchmark's examples, their rows hashed over `columns`; of a CSV the id and `texts` stay as written.

    Raises:
        Unusable: the data cannot be read, has no such id, or one is missing.
    """
    stream = Stream(content, name, (id, *columns), texts=(id, *texts))
    if id not in stream.columns:
        raise Unusable(f"the data has no column `{id}`")
    columns = sorted(columns) if set(columns) <= set(stream.columns) else []
    ids: list[str] = []
    hashes: tuple[list[str], list[str]] = [], []
    for batch in stream.batches():
        column = batch.column(batch.schema.get_field_index(id))
        hashes[0].extend(id_hashes(column))
        hashes[1].extend(row_hashes(batch, columns))
        ids.extend(canonical(value) for value in column.to_pylist())
    return Hashed(tuple(ids), tuple(hashes[0]), tuple(hashes[1]), tuple(columns))


def in_sketches(examples: Hashed, id: str, ids: Sketch | None, rows: Sketch | None) -> Leak:
    """What sketches tell of a benchmark's examples: of ids where they are of the same column, of rows likewise, where
    both were hashed alike.
    """
    has_ids = ids is not None and (ids.columns, ids.hashing) == ((id,), 1)
    has_rows = rows is not None and (rows.columns, rows.hashing) == (examples.columns, ROW_HASHING)
    return Leak(
        overlap(ids, examples.id_hashes) if ids is not None and has_ids else None,
        overlap_of_rows(rows, examples.row_hashes) if rows is not None and has_rows else None,
    )


def in_data(examples: Hashed, id: str, content: Content, name: str, texts: Sequence[str]) -> Leak:
    """What the training data itself tells, read batch by batch.

    Raises:
        Unusable: it cannot be read.
    """
    stream = Stream(content, name, (id, *examples.columns), texts=(id, *texts))
    has_ids = id in stream.columns
    has_rows = bool(examples.columns) and set(examples.columns) <= set(stream.columns)
    if not (has_ids or has_rows):
        return Leak(None, None)
    wanted = frozenset(examples.id_hashes), frozenset(examples.row_hashes)
    known: tuple[set[str], set[str]] = set(), set()
    sample, rows = BottomHashes(examples.columns, size=MOST_SKETCHED), 0
    for batch in stream.batches():
        if has_ids:
            known[0].update(wanted[0].intersection(_present_ids(batch.column(batch.schema.get_field_index(id)))))
        if has_rows:
            hashes = row_hashes(batch, examples.columns)
            known[1].update(wanted[1].intersection(hashes))
            sample.add(hashes)
            rows += len(hashes)
    by_row = _overlap(examples.row_hashes, known[1])
    told = twins(examples.row_hashes, by_row.found, by_row.total, trained_in_data(sample.sketch(), rows))
    return Leak(
        _overlap(examples.id_hashes, known[0]) if has_ids else None,
        by_row._replace(twins=told) if has_rows else None,
    )


def _present_ids(array: object) -> list[str]:
    """A row of the training data without an id is no example of anything."""
    return id_hashes(array.drop_null())  # type: ignore[attr-defined]


def _overlap(hashes: Sequence[str], known: set[str]) -> Overlap:
    found = tuple(at for at, each in enumerate(hashes) if each in known)
    return Overlap(found, len(hashes), len(hashes))

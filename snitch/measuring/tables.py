"""Tables of examples, read from Parquet or CSV within bounds: benchmark data and predictions are hostile files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Rows that are unpacked at a time.
_BATCH = 16_384

#: A file on this disk, or its bytes.
Content = str | bytes


class Bounds(Struct, frozen=True):
    """How much of a table is read: rows, and bytes in memory."""

    rows: int = 100_000_000
    size: int = 4 * 1024**3


class Unusable(Exception):
    """Nothing can be computed from a table, or from two together; and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_table(
    content: Content, name: str, columns: Sequence[str] | None = None, *, texts: Iterable[str] = (), bounds: Bounds
) -> pd.DataFrame:
    """A Parquet or CSV file as a frame, by the ending of its `name`; of a CSV the columns `texts` stay as written.

    `columns` are those to read; None: all. Those that the file lacks are left out.

    Raises:
        Unusable: it is neither, is damaged, is larger than `bounds`, or has a column of two names or of lists.
    """
    import pyarrow as pa

    try:
        table = _read_csv(content, columns, texts, bounds) if is_csv(name) else _read_parquet(content, columns, bounds)
        _refuse_nested(table)
        return table.to_pandas(self_destruct=True, split_blocks=True)
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        raise Unusable(f"{name} cannot be read: {_first_line(error)}") from None
    except MemoryError:
        raise Unusable(f"{name} cannot be read: there is not enough memory for it") from None


def is_csv(name: str) -> bool:
    """Whether a file is a CSV, going by its name: what is none is Parquet."""
    return name.lower().endswith(".csv")


def column_names(content: Content, name: str) -> list[str]:
    """The names of a table's columns, in order, not reading its rows.

    Raises:
        Unusable: as `read_table`.
    """
    import pyarrow as pa

    try:
        if is_csv(name):
            with _csv_reader(content, (), None) as reader:
                return list(reader.schema.names)
        return list(_parquet_file(content).schema_arrow.names)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unusable(f"{name} cannot be read: {_first_line(error)}") from None


def _parquet_file(content: Content) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    # Not as a memory map: what lies on disk may change below it.
    source = pa.BufferReader(content) if isinstance(content, bytes) else content
    return parquet.ParquetFile(source, memory_map=False, pre_buffer=False)


def _read_parquet(content: Content, columns: Sequence[str] | None, bounds: Bounds) -> pa.Table:
    import pyarrow as pa

    with _parquet_file(content) as file:
        _refuse_many(file.metadata.num_rows, bounds)
        _refuse_large(_declared_size(file.metadata), bounds)
        names = _chosen(file.schema_arrow.names, columns)
        _refuse_nested(file.schema_arrow.empty_table().select(names))
        # What the file says of its own size may be a lie: what comes out is counted.
        return _gathered(
            file.iter_batches(_BATCH, columns=names), pa.schema([file.schema_arrow.field(n) for n in names]), bounds
        )


def _read_csv(content: Content, columns: Sequence[str] | None, texts: Iterable[str], bounds: Bounds) -> pa.Table:
    with _csv_reader(content, texts, columns) as reader:
        names = _chosen(reader.schema.names, columns)
        return _gathered(reader, reader.schema, bounds).select(names)


def _csv_reader(content: Content, texts: Iterable[str], columns: Sequence[str] | None) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    source: Any = io.BytesIO(content) if isinstance(content, bytes) else content
    convert = csv.ConvertOptions(
        column_types={name: pa.string() for name in texts}, null_values=[""], strings_can_be_null=True
    )
    parse = csv.ParseOptions(newlines_in_values=True)
    # A type is inferred from the first block, so that is a large one.
    return csv.open_csv(source, csv.ReadOptions(block_size=64 << 20), parse, convert)


def _gathered(batches: Iterable[pa.RecordBatch], schema: pa.Schema, bounds: Bounds) -> pa.Table:
    import pyarrow as pa

    kept, rows, size = [], 0, 0
    for batch in batches:
        rows, size = rows + batch.num_rows, size + batch.nbytes
        _refuse_many(rows, bounds)
        _refuse_large(size, bounds)
        kept.append(batch)
    return pa.Table.from_batches(kept, schema=kept[0].schema if kept else schema)


def _declared_size(metadata: Any) -> int:
    """What the columns take when they are unpacked, by the file's own word, in bytes."""
    return sum(
        metadata.row_group(group).column(column).total_uncompressed_size
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )


def _refuse_large(size: int, bounds: Bounds) -> None:
    if size > bounds.size:
        raise ValueError(f"it takes more than {bounds.size:,} bytes in memory")


def _refuse_many(rows: int, bounds: Bounds) -> None:
    if rows > bounds.rows:
        raise ValueError(f"it has {rows:,} rows; {bounds.rows:,} are read at most")


def _chosen(names: list[str], columns: Sequence[str] | None) -> list[str]:
    chosen = names if columns is None else [name for name in columns if name in names]
    twice = sorted({name for name in chosen if names.count(name) > 1})
    if twice:
        raise ValueError(f"it has more than one column `{twice[0]}`")
    return list(chosen)


def _refuse_nested(table: pa.Table) -> None:
    import pyarrow as pa

    for field in table.schema:
        if pa.types.is_nested(field.type) or isinstance(field.type, pa.BaseExtensionType):
            raise ValueError(f"its column `{field.name}` holds {field.type}, not one value a row")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]

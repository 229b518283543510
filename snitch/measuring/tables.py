"""Tables of examples, read from Parquet or CSV within bounds: benchmark data and predictions are hostile files."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from snitch.measuring.csv_text import header_of, refuse_other_letters, told

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Rows that are unpacked at a time.
_BATCH = 16_384

#: Of a table; a wider one takes minutes before a single value is read.
MAX_COLUMNS = 10_000
#: Of the texts of a batch, and of a value of fixed width, in bytes.
_MAX_TEXT, _MAX_WIDTH = 1 << 30, 4096

#: A file on this disk, or its bytes.
Content = str | bytes


class Bounds(Struct, frozen=True):
    """How much of a table is read: rows, and bytes in memory."""

    rows: int = 100_000_000
    size: int = 4 * 1024**3


class Unusable(Exception):
    """Nothing can be computed from a table, or from two together; why, and what would mend it where that is known.

    `pointer` is the place in the benchmark's definition, or for an input in the manifest, that asks for what is not
    there.
    """

    def __init__(self, reason: str, *, help: str = "", pointer: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.help = help
        self.pointer = pointer


def read_table(
    content: Content, name: str, columns: Sequence[str] | None = None, *, texts: Iterable[str] = (), bounds: Bounds
) -> pd.DataFrame:
    """A Parquet or CSV file as a frame, by the ending of its `name`; of a CSV the columns `texts` stay as written.

    `columns` are those to read; None: all. Those that the file lacks are left out.

    Raises:
        Unusable: it is neither, is damaged, is larger than `bounds` or too wide, or has a column of two names or of
            lists.
    """
    import pyarrow as pa

    try:
        table = _read_csv(content, columns, texts, bounds) if is_csv(name) else _read_parquet(content, columns, bounds)
        _refuse_nested(table.schema)
        # What pandas noted of itself is the author's word: it may rename columns, or hide one in an index.
        return table.to_pandas(self_destruct=True, split_blocks=True, ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        raise Unusable(_unread(name, error)) from None
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
        with _parquet_file(content) as file:
            return list(file.schema_arrow.names)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unusable(_unread(name, error)) from None


def _unread(name: str, error: Exception) -> str:
    line = told(error)
    if line.startswith("Parquet magic bytes not found") and not name.lower().endswith(".parquet"):
        line = "it is neither Parquet nor a `.csv`; export it as one of them"
    return f"{name} cannot be read: {line}"


def _parquet_file(content: Content, texts: Sequence[str] = ()) -> Any:
    """The file; its columns `texts` are read as each text once, and the places where it stands."""
    import pyarrow as pa
    from pyarrow import parquet

    # Not as a memory map: what lies on disk may change below it.
    source = pa.BufferReader(content) if isinstance(content, bytes) else content
    file = parquet.ParquetFile(source, memory_map=False, pre_buffer=False, read_dictionary=list(texts))
    _refuse_wide(file.metadata.num_columns)
    return file


def _read_parquet(content: Content, columns: Sequence[str] | None, bounds: Bounds) -> pa.Table:
    import pyarrow as pa

    with _parquet_file(content) as file:
        _refuse_many(file.metadata.num_rows, bounds)
        _refuse_large(_declared_size(file.metadata), bounds)
        whole = file.schema_arrow  # made anew whenever it is asked for
        names = _chosen(whole.names, columns)
        schema = pa.schema([whole.field(name) for name in names])
        _refuse_nested(schema)
    with _parquet_file(content, [field.name for field in schema if _is_text(field.type)]) as file:
        # What the file says of its own size may be a lie: what comes out is counted.
        batches = (_unpacked(batch, schema) for batch in file.iter_batches(_BATCH, columns=names))
        return _gathered(batches, schema, bounds)


def _unpacked(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch with its texts written out: one of megabytes that many rows share is a few bytes of the file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for field, column in zip(schema, batch.columns, strict=True):
        if column.type != field.type:
            lengths = pc.binary_length(column.dictionary).take(column.indices)
            if (pc.sum(lengths).as_py() or 0) > _MAX_TEXT:
                raise ValueError(
                    f"{len(column):,} texts of its column `{field.name}` take more than {_MAX_TEXT:,} bytes"
                )
            column = column.cast(field.type)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _is_text(type: pa.DataType) -> bool:
    import pyarrow as pa

    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(is_kind(type) for is_kind in kinds)


def _read_csv(content: Content, columns: Sequence[str] | None, texts: Iterable[str], bounds: Bounds) -> pa.Table:
    with _csv_reader(content, texts, columns) as reader:
        names = _chosen(reader.schema.names, columns)
        refuse_other_letters(reader.schema)
        return _gathered(reader, reader.schema, bounds).select(names)


def _csv_reader(content: Content, texts: Iterable[str], columns: Sequence[str] | None) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    with io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb") as file:
        _refuse_wide(len(header_of(file)))
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
        batch.validate(full=True)  # texts may be no UTF-8, and point anywhere
        rows, size = rows + batch.num_rows, size + batch.nbytes
        _refuse_many(rows, bounds)
        _refuse_large(size, bounds)
        kept.append(batch)
    return pa.Table.from_batches(kept, schema=kept[0].schema if kept else schema)


def _declared_size(metadata: Any) -> int:
    """What the columns take when they are unpacked, by the file's own word, in bytes.

    Of single columns nothing is asked: of a damaged file that ends the process (pyarrow 26).
    """
    return sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))


def _refuse_large(size: int, bounds: Bounds) -> None:
    if size > bounds.size:
        raise ValueError(f"it takes more than {bounds.size:,} bytes in memory")


def _refuse_many(rows: int, bounds: Bounds) -> None:
    if rows > bounds.rows:
        raise ValueError(f"it has {rows:,} rows; {bounds.rows:,} are read at most")


def _refuse_wide(columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise ValueError(f"it has {columns:,} columns; {MAX_COLUMNS:,} are read at most")


def _chosen(names: list[str], columns: Sequence[str] | None) -> list[str]:
    counts = Counter(names)
    chosen = names if columns is None else [name for name in columns if name in counts]
    twice = sorted(name for name in set(chosen) if counts[name] > 1)
    if twice:
        raise ValueError(f"it has more than one column `{twice[0]}`")
    return list(chosen)


def _refuse_nested(schema: pa.Schema) -> None:
    import pyarrow as pa

    for field in schema:
        if pa.types.is_fixed_size_binary(field.type) and field.type.byte_width > _MAX_WIDTH:
            raise ValueError(f"its column `{field.name}` holds {field.type}, which is too wide")
        if pa.types.is_nested(field.type) or isinstance(field.type, pa.BaseExtensionType):
            raise ValueError(f"its column `{field.name}` holds {field.type}, not one value a row")

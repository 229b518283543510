"""Tables that need not fit into memory, read batch by batch, as often as asked."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from snitch.measuring.csv_text import header_of, refuse_other_letters, told
from snitch.measuring.tables import Bounds, Content, Unusable, is_csv

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows are taken so many at a time, and a CSV is parsed in blocks of so many bytes.
BATCH, BLOCK = 1 << 17, 8 << 20
#: Bytes of a Parquet file that are read ahead of a column.
_BUFFER = 1 << 20

#: Called with how much of a file has been read, and how much it holds: rows, or bytes.
Progress = Callable[[int, int], None]


class Stream:
    """A Parquet or CSV file, by the ending of its `name`. Of a CSV the columns `texts` stay as written.

    `columns` are those to read; None: all. What the file says of its own size is not believed.
    """

    def __init__(
        self,
        content: Content,
        name: str,
        columns: Sequence[str] | None = None,
        *,
        texts: Iterable[str] = (),
        bounds: Bounds | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.content = content
        self.name = name
        self.bounds = bounds or Bounds(rows=10**12)
        self._texts = tuple(texts)
        self._progress = progress
        with self._told():
            self.columns = self._chosen(self._names(), columns)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows, batch by batch; with `columns` just these of its columns.

        Raises:
            Unusable: it is damaged, holds lists, or has more rows than are read.
        """
        wanted = self.columns if columns is None else [name for name in self.columns if name in columns]
        rows = 0
        with self._told():
            for batch in self._csv(wanted) if is_csv(self.name) else self._parquet(wanted):
                batch.validate(full=True)  # texts may be no UTF-8, and point anywhere
                rows += batch.num_rows
                if rows > self.bounds.rows:
                    raise ValueError(f"it has more than {self.bounds.rows:,} rows")
                yield batch

    def _names(self) -> list[str]:
        if is_csv(self.name):
            with self._bytes() as file:
                header_of(file)
                file.seek(0)
                with self._csv_reader(file, ()) as reader:
                    refuse_other_letters(reader.schema)
                    return list(reader.schema.names)
        with self._parquet_file() as file:
            _refuse_nested(file.schema_arrow)
            return list(file.schema_arrow.names)

    def _chosen(self, names: list[str], columns: Sequence[str] | None) -> list[str]:
        twice = sorted(name for name, count in Counter(names).items() if count > 1)
        if twice:
            raise ValueError(f"it has more than one column `{twice[0]}`")
        return names if columns is None else [name for name in names if name in columns]

    def _parquet(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        with self._parquet_file() as file:
            done, rows = 0, file.metadata.num_rows
            for batch in file.iter_batches(batch_size=BATCH, columns=columns):
                yield batch
                done += batch.num_rows
                self._tell(done, rows)

    def _tell(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(min(done, total), total)

    def _parquet_file(self) -> Any:
        import pyarrow as pa
        from pyarrow import parquet

        # Not as a memory map: what lies on disk may change below it.
        def opened(texts: Sequence[str] = ()) -> Any:
            source = pa.BufferReader(self.content) if isinstance(self.content, bytes) else self.content
            return parquet.ParquetFile(
                source, memory_map=False, pre_buffer=False, buffer_size=_BUFFER, read_dictionary=list(texts)
            )

        with opened() as file:
            schema = file.schema_arrow
        # A long text that a million rows share is held once.
        return opened([field.name for field in schema if _is_text(field.type)])

    def _csv(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        with self._bytes() as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            with self._csv_reader(file, columns) as reader:
                for batch in reader:
                    yield batch
                    self._tell(file.tell(), size)

    def _bytes(self) -> BinaryIO:
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else open(self.content, "rb")

    def _csv_reader(self, file: BinaryIO, columns: Sequence[str]) -> Any:
        import pyarrow as pa
        from pyarrow import csv

        convert = csv.ConvertOptions(
            column_types={name: pa.string() for name in self._texts},
            include_columns=list(columns),
            null_values=[""],
            strings_can_be_null=True,
        )
        read = csv.ReadOptions(block_size=BLOCK)
        return csv.open_csv(file, read, csv.ParseOptions(newlines_in_values=True), convert)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What goes wrong as `Unusable`, with the file's name."""
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
            raise Unusable(f"{self.name} cannot be read: {told(error)}") from None
        except MemoryError:
            raise Unusable(f"{self.name} cannot be read: there is not enough memory for it") from None


def _is_text(type: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(type) or pa.types.is_large_string(type))


def _refuse_nested(schema: pa.Schema) -> None:
    import pyarrow as pa

    for field in schema:
        if pa.types.is_nested(field.type) or isinstance(field.type, pa.BaseExtensionType):
            raise ValueError(f"its column `{field.name}` holds {field.type}, not one value a row")

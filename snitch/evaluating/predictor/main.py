"""The program: `main(REQUEST, CHANNEL)`.

REQUEST is a JSON file that says where the model and the features lie and where the answers go. On the file descriptor
CHANNEL it tells, a line each, `rows N` (answered so far) and, before it ends with 1, `failed WHY`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from .answers import Answers
from .libraries import Refused, library, said
from .loading import load

#: Decides nothing but how often progress is told, and how much is in memory at once.
_BATCH = 50_000


def main(request_path: str, descriptor: str) -> int:
    channel = int(descriptor)
    os.set_inheritable(channel, False)
    try:
        with open(request_path, encoding="utf-8") as file:
            request = json.load(file)
        model = load(request)
        write(request, model, lambda rows: _tell(channel, f"rows {rows}"))
    except Refused as refusal:
        _tell(channel, f"failed {refusal}")
        return 1
    except MemoryError:
        _tell(channel, "failed out of memory")
        return 1
    return 0


def _tell(channel: int, line: str) -> None:
    # A pipe takes so much at once or nothing.
    os.write(channel, " ".join(line.split()).encode("utf-8", "backslashreplace")[:2000] + b"\n")


def write(request: dict[str, Any], model: Callable[[Any], Answers], tell: Callable[[int], None]) -> None:
    """Writes one row of answers for each example, in their order."""
    pyarrow, writer, rows = library("pyarrow"), None, 0
    try:
        for frame in batches(request):
            try:
                answers = model(frame)
            except (Refused, MemoryError):
                raise
            except Exception as error:
                raise Refused(f"the model cannot answer: {said(error)}") from None
            table = pyarrow.table({name: _flat(name, values, len(frame)) for name, values in answers.items()})
            if writer is None:
                writer = library("pyarrow.parquet").ParquetWriter(request["answers"], table.schema)
            writer.write_table(table.cast(writer.schema))
            rows += len(frame)
            tell(rows)
    finally:
        if writer is not None:
            writer.close()


def batches(request: dict[str, Any]) -> Iterator[Any]:
    """The features as frames, so many rows at a time, without the id."""
    pyarrow = library("pyarrow")
    library("pandas")
    file = library("pyarrow.parquet").ParquetFile(request["features"], memory_map=False)
    names = request["columns"] or [name for name in file.schema_arrow.names if name != request["id"]]
    for batch in file.iter_batches(batch_size=_BATCH, columns=names):
        yield pyarrow.Table.from_batches([batch]).to_pandas()[names]


def _flat(name: str, values: Any, rows: int) -> Any:
    numpy = library("numpy")
    array = numpy.asarray(values)
    array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if array.ndim != 1 or len(array) != rows:
        raise Refused(f"the model's `{name}` for {rows} examples has the shape {array.shape}")
    return array.tolist() if array.dtype == object else array

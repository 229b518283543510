"""`python -m bench.drift`: data held against a training profile, streamed, beside reading the same file once.

Prints peak memory, and the time as a ratio to a process that reads every column of the file with pyarrow, batch by
batch, and does nothing with it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.environments import ROOT
from bench.measuring import Command, measure, peak_memory

_CHUNK = 500_000

_READ = """
import sys
from pyarrow import csv, parquet
if sys.argv[1].endswith(".csv"):
    batches = csv.open_csv(sys.argv[1])
else:
    file = parquet.ParquetFile(sys.argv[1], pre_buffer=False, buffer_size=1 << 20)
    batches = file.iter_batches(batch_size=1 << 17)
print(sum(batch.num_rows for batch in batches))
"""
_DRIFT = """
import sys
from snitch.cli.tables import profile_at
from snitch.drift import DriftLimit
from snitch.measuring.drifting import drift_in
training = profile_at(sys.argv[2])
drift = drift_in(sys.argv[1], sys.argv[1], training, limit=DriftLimit(0.25), limits={})
assert len(drift.features) == len(training.features) and drift.outcome == "pass", drift
"""
_PROFILE = """
import sys
from snitch.cli.tables import profile_of
from snitch.formats.profile import profile_text
open(sys.argv[2], "w").write(profile_text(profile_of(sys.argv[1], id=None, columns=None, like=None)))
"""


def main() -> None:
    """Makes the data, measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.drift", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--csv", action="store_true", help="of a CSV file, which takes far longer to parse")
    asked = parser.parse_args()
    print(*measured(ROOT / "build" / "bench", asked.rows, asked.columns, asked.repeats, csv=asked.csv), sep="\n")


def measured(folder: Path, rows: int, columns: int, repeats: int, *, csv: bool = False) -> Iterator[str]:
    """One line a command: its time as a ratio to reading the file, and its peak memory."""
    folder.mkdir(parents=True, exist_ok=True)
    data = make(folder / f"drift-{rows}x{columns}.{'csv' if csv else 'parquet'}", rows, columns)
    profile = folder / "drift-profile.json"
    commands = [
        Command("read", [sys.executable, "-c", _READ, str(data)], ROOT),
        Command("profile", [sys.executable, "-c", _PROFILE, str(data), str(profile)], ROOT),
        Command("drift", [sys.executable, "-c", _DRIFT, str(data), str(profile)], ROOT),
    ]
    times = measure(commands, repeats, warm_up=True)
    yield f"{rows:,} rows of {columns} columns, {data.stat().st_size / 2**20:,.0f} MiB of {data.suffix[1:]}"
    for command in commands:
        ratio, peak = times[command.name].wall / times["read"].wall, peak_memory(command)
        yield f"{command.name:8} {ratio:5.2f} x reading, {peak / 2**20:,.0f} MiB at most"


def make(path: Path, rows: int, columns: int) -> Path:
    """A file of numbers of several kinds, texts, missing values; made once, a chunk at a time."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv, parquet

    if path.exists():
        return path
    draws, part = np.random.default_rng(1), path.with_suffix(".part")
    writer = None
    for start in range(0, rows, _CHUNK):
        size = min(_CHUNK, rows - start)
        made = {f"f{at:02}": _column(draws, at, size) for at in range(columns)}
        table = pa.table(made)
        if writer is None:
            kind = csv.CSVWriter if path.suffix == ".csv" else parquet.ParquetWriter
            writer = kind(str(part), table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return part.replace(path)


def _column(draws: object, at: int, size: int) -> object:
    import numpy as np
    import pyarrow as pa

    generator: np.random.Generator = draws  # type: ignore[assignment]
    if at % 5 == 0:
        return pa.array(generator.integers(0, 100, size))
    if at % 5 == 1:
        return pa.array(generator.choice(["basic", "pro", "enterprise"], size))
    values = generator.normal(size=size) if at % 5 == 2 else generator.gamma(2.0, 20.0, size)
    return pa.array(values, mask=generator.random(size) < 0.05)


if __name__ == "__main__":
    main()

"""What a model is given: a table, written for another process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.measuring.tables import is_csv

if TYPE_CHECKING:
    import pandas as pd


def write_features(frame: pd.DataFrame, path: str) -> None:
    """Writes the rows as they stand, as CSV where the path ends so, else as Parquet."""
    if is_csv(path):
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False, engine="pyarrow")

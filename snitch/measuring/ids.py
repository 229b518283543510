"""Values as text that is one for what means the same, whatever library wrote it: 7, 7.0 and "7" are one id."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from snitch.measuring.tables import Unusable

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_SHOWN = 3
#: How text of no value begins: no id or label does.
_NONE = "\0null"


def canonical(value: Any) -> str:
    """A value as text; a missing one is a text that no value has."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return _NONE
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(float(value))
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, (str, int)):
        return str(value)
    if hasattr(value, "item"):  # a number of numpy's
        return canonical(value.item())
    if hasattr(value, "isoformat"):
        return "\0null" if value != value else str(value.isoformat())
    return str(value)


def canonical_ids(column: pd.Series[Any], beside: pd.Series[Any] | None = None) -> NDArray[np.str_]:
    """Ids as text, one a row; `beside` are the ids of the rows where the column itself is another.

    Raises:
        Unusable: one is missing.
    """
    import numpy as np

    ids = np.array([canonical(value) for value in column.tolist()], dtype=object)
    missing = np.flatnonzero(ids == _NONE)
    if len(missing):
        which = "" if beside is None else f": of {shown([canonical(beside.iloc[at]) for at in missing])}"
        which = which or f": the {'row' if len(missing) == 1 else 'first is row'} {missing[0] + 1:,} of the table"
        raise Unusable(f"`{column.name}` is missing in {_rows(len(missing))}{which}")
    return ids


def refuse_duplicates(ids: NDArray[np.str_], what: str) -> None:
    """Refuses what is there twice.

    Raises:
        Unusable: an id is.
    """
    import numpy as np

    values, counts = np.unique(ids, return_counts=True)
    twice = values[counts > 1]
    if len(twice):
        raise Unusable(f"{what} hold {shown(twice)} more than once")


def shown(ids: Collection[Any]) -> str:
    """A few of many ids, for people."""
    names = ", ".join(f"`{each}`" for each in list(ids)[:_SHOWN])
    more = len(ids) - _SHOWN
    return f"the id{'s' if len(ids) > 1 else ''} {names}" + (f" and {more:,} more" if more > 0 else "")


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"

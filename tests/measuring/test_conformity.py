"""Values held against MLflow's types, in every form that a table has them in."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from snitch.formats.manifest import Column, ColumnType
from snitch.measuring.conformity import violations

DAY = datetime.date(2026, 10, 1)
#: A column, the types it is of, and whether it came from a CSV.
FITTING: list[tuple[Any, str]] = [
    (pd.Series([True, False]), "boolean"),
    (pd.Series([True, None], dtype="boolean"), "boolean"),
    (pd.Series([True, None], dtype=object), "boolean"),
    (pd.Series([1, 2], dtype="int8"), "integer long float double"),
    (pd.Series([1, None], dtype="Int64"), "integer long float double"),
    (pd.Series([1.0, np.nan]), "integer long float double"),
    (pd.Series([2**63 - 1]), "long float double"),
    (pd.Series([2**40]), "long float double"),
    (pd.Series([2**63], dtype="uint64"), "float double"),
    (pd.Series([1.5]), "float double"),
    (pd.Series([1e300]), "double"),
    (pd.Series([np.inf]), "float double"),
    (pd.Series([decimal.Decimal("3.0"), None]), "integer long float double"),
    (pd.Series(["a", None]), "string"),
    (pd.Series(["a", None], dtype=object), "string"),
    (pd.Series(["a", None], dtype="string"), "string"),
    (pd.Series(["a", "b"], dtype="category"), "string"),
    (pd.Series([1, 2], dtype="category"), "integer long float double"),
    (pd.Series([b"a", None]), "binary"),
    (pd.to_datetime(pd.Series(["2026-10-01", None])), "datetime"),
    (pd.to_datetime(pd.Series(["2026-10-01"])).dt.tz_localize("UTC"), "datetime"),
    (pd.Series([DAY, None]), "datetime"),
    (pd.Series([1, "x"], dtype=object), ""),
    (pd.Series([True, 1], dtype=object), ""),
    (pd.Series([None, None], dtype=object), "boolean integer long float double string binary datetime"),
]
TYPES: tuple[ColumnType, ...] = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("at", range(len(FITTING)))
def test_which_values_are_of_a_type(type: ColumnType, at: int) -> None:
    values, types = FITTING[at]
    column = Column("x", type, required=False)
    told = list(violations(pd.DataFrame({"x": values}), [column], is_text=False))
    assert bool(told) == (type not in types.split()), (values, told)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("1", "boolean integer long float double string"),
        ("true", "boolean string"),
        ("-7.0", "integer long float double string"),
        ("1e3", "integer long float double string"),
        ("0.5", "float double string"),
        ("inf", "float double string"),
        ("1e39", "double string"),
        ("2026-10-01", "datetime string"),
        ("2026-10-01T10:00:00+02:00", "datetime string"),
        ("2026-02-30", "string"),
        ("", "string"),
        ("1,5", "string"),
        ("0x10", "string"),
    ],
)
def test_of_a_csv_every_value_counts_that_reads_as_one(text: str, types: str) -> None:
    frame = pd.DataFrame({"x": [text, None]})
    fitting = {each for each in TYPES if not list(violations(frame, [Column("x", each, required=False)], is_text=True))}
    assert fitting == set(types.split())


def test_the_index_of_a_frame_means_nothing() -> None:
    frame = pd.DataFrame({"x": [1, -1, 2]}, index=[7, 7, 7])
    [told] = violations(frame, [Column("x", "long", minimum=0)], is_text=False)
    assert (told.rows, told.first) == (1, ((1, "-1"),))


@pytest.mark.parametrize("type", ["boolean", "string", "long", "double"])
def test_a_list_of_values(type: ColumnType) -> None:
    listed: dict[str, tuple[Any, Any]] = {
        "boolean": ((True,), [True, False]),
        "string": (("a", "b"), ["a", "c"]),
        "long": ((1, 2), [1.0, 3.0]),
        "double": ((0.5, 1), [1, 0.25]),
    }
    enum, values = listed[type]
    [told] = violations(pd.DataFrame({"x": values}), [Column("x", type, enum=enum)], is_text=False)
    assert (told.kind, told.rows, told.first[0][0]) == ("enum", 1, 1)

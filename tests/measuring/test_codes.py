"""Rows are known again whatever they are stored in: one code a value, and the same hash of a row."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv, parquet

from snitch.measuring.codes import codes
from snitch.measuring.sketches import row_hashes
from snitch.measuring.streams import Stream

Storing = Callable[[pa.Array], Any]


def as_type(type: pa.DataType) -> Storing:
    return lambda array: array.cast(type)


def encoded(array: pa.Array) -> pa.Array:
    return array.dictionary_encode()


def as_texts(array: pa.Array) -> pa.Array:
    """As people write them."""
    return pa.array([None if value is None else str(value) for value in array.to_pylist()], pa.string())


def hashes(array: pa.Array, name: str = "x.parquet") -> list[str]:
    """Of a file that holds the column and one more."""
    table, stream = pa.table({"a": array, "b": pa.array(range(len(array)))}), io.BytesIO()
    if name.endswith(".csv"):
        csv.write_csv(table, stream)
    else:
        parquet.write_table(table, stream)
    batches = Stream(stream.getvalue(), name).batches()
    return [each for batch in batches for each in row_hashes(batch, ["a", "b"])]


WHOLE = [pa.int8(), pa.int64(), pa.float32(), pa.float64(), pa.decimal128(24, 3)]
MOMENTS = [pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us", "UTC"), pa.timestamp("ns")]
TEXTS = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary()]
STORED: dict[str, tuple[st.SearchStrategy[Any], pa.DataType, list[Storing]]] = {
    "whole": (st.integers(-128, 127), pa.int64(), [*map(as_type, WHOLE), encoded, as_texts]),
    "large": (
        st.integers(-(2**53), 2**53),
        pa.int64(),
        [*map(as_type, (pa.float64(), pa.decimal128(24, 2))), as_texts],
    ),
    "real": (
        st.floats(allow_nan=False),
        pa.float64(),
        [
            lambda array: pa.array(array.to_numpy(zero_copy_only=False).astype("f4"), from_pandas=True),
            encoded,
            as_texts,
        ],
    ),
    "boolean": (st.booleans(), pa.bool_(), [as_type(pa.int8()), as_type(pa.float32()), as_texts, encoded]),
    "moment": (
        st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)).map(lambda each: each.replace(microsecond=0)),
        pa.timestamp("us"),
        [*map(as_type, MOMENTS), as_texts, encoded],
    ),
    "day": (
        st.dates(date(1700, 1, 1), date(2200, 1, 1)),
        pa.date32(),
        [*map(as_type, (pa.date64(), pa.timestamp("s"), pa.timestamp("ns", "UTC"))), as_texts, encoded],
    ),
    "time": (
        st.times().map(lambda each: each.replace(microsecond=0)),
        pa.time32("s"),
        [*map(as_type, (pa.time32("ms"), pa.time64("us"), pa.time64("ns"))), as_texts, encoded],
    ),
    "text": (
        st.sampled_from(["a", "b c", "é", "", "007", "1e5", "true", "nan", "2026-01-01", "12:30", "0x1F", "½"]),
        pa.string(),
        [*map(as_type, TEXTS), encoded, lambda array: array.cast(pa.large_string()).dictionary_encode()],
    ),
}


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("kind", STORED)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_row_is_one_however_it_is_stored(kind: str, data: st.DataObject) -> None:
    values, type, storages = STORED[kind]
    array = pa.array(data.draw(st.lists(values | st.none(), min_size=1, max_size=6)), type)
    expected = hashes(array)
    assert len(set(expected)) == len(array)
    assert hashes(array, "x.csv") == expected
    for store in storages:
        assert hashes(store(array)) == expected, store(array).type
    assert hashes(as_texts(array), "x.csv") == expected


def test_numbers_are_those_of_32_bits() -> None:
    """By IEEE 754, as NumPy has it."""
    values = [0.1, 1 / 3, -0.0, 1e300, -1e300, 1e-50, float("inf"), 16_777_217.0]
    with np.errstate(over="ignore"):
        expected = (np.array(values).astype(np.float32) + np.float32(0)).view(np.uint32)
    assert codes(pa.array(values)).tolist() == expected.tolist()
    assert codes(pa.array([repr(value) for value in values])).tolist() == expected.tolist()


def test_what_means_other_things_is_told_apart() -> None:
    columns: list[Any] = [
        [0, 1, 2, 0.5, 1e9],
        [datetime(1970, 1, 1), datetime(1970, 1, 1, 0, 0, 1), date(2026, 1, 1)],
        [time(0), time(0, 0, 1)],
        ["a", "A", "a ", "1 000", "24:00", "2026-02-30", "12:61", "1_0", "١", "yes", "e5", "."],
        [None],
    ]
    found = [code for column in columns for value in column for code in codes(pa.array([value])).tolist()]
    assert len(set(found)) == len(found) == 23


@pytest.mark.parametrize("missing", [float("nan"), None, "", "NaN", b""])
def test_what_is_missing_is_one(missing: Any) -> None:
    assert codes(pa.array([missing])).tolist() == codes(pa.nulls(1)).tolist()


def test_parts_of_a_second_and_zones() -> None:
    """What a unit cannot hold is cut off, before 1970 too."""
    for when in (datetime(2026, 5, 4, 3, 2, 1, 987_654), datetime(1960, 5, 4, 3, 2, 1, 987_654)):
        whole = codes(pa.array([when.replace(microsecond=0)])).tolist()
        told = [f"{when}", f"{when.isoformat()}Z", f"{(when + timedelta(hours=2)).isoformat()}+02:00"]
        assert [codes(pa.array([each])).tolist() for each in (when, *told)] == [whole] * 4
        assert codes(pa.array([when.replace(tzinfo=timezone.utc)])).tolist() == whole
    assert codes(pa.array([timedelta(seconds=3)])).tolist() == codes(pa.array([3])).tolist()
    assert codes(pa.array([Decimal("2.50")])).tolist() == codes(pa.array([2.5])).tolist()


def test_a_dictionary_may_hold_what_is_missing() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array(["a", None]))
    assert codes(array).tolist() == codes(pa.array(["a", None, None])).tolist()


def test_bytes_that_are_no_text_are_what_they_are() -> None:
    one, other, text = (codes(pa.array([each])).tolist() for each in (b"\xff\x00", b"\xff\x01", "ÿ\x00"))
    assert len({*one, *other, *text}) == 3

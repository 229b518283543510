"""Tables are read within bounds: what is no table, too large, or holds more than values is refused with a reason."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

from snitch.measuring.tables import Bounds, Unusable, column_names, read_table
from tests.measuring.tables import data, parquet


def written(table: pa.Table, **more: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **more)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLSX", "a.tsv", "a"])
def test_what_is_neither_is_told_by_what_it_should_be(name: str) -> None:
    for reading in (
        lambda: read_table(b"PK\x03\x04" * 9, name, bounds=Bounds()),
        lambda: column_names(b"PK" * 9, name),
    ):
        with pytest.raises(Unusable) as refused:
            reading()
        assert (
            refused.value.reason
            == f"{name} cannot be read: it is neither Parquet nor a `.csv`; export it as one of them"
        )


@pytest.mark.parametrize("as_file", [True, False])
@pytest.mark.parametrize("name", ["data.parquet", "data.csv", "DATA.CSV"])
def test_a_table_is_read_from_disk_or_memory(name: str, as_file: bool, tmp_path: Path) -> None:
    content = data().to_csv(index=False).encode() if name.lower().endswith("csv") else parquet(data())
    (tmp_path / name).write_bytes(content)
    found = read_table(str(tmp_path / name) if as_file else content, name, bounds=Bounds())
    pd.testing.assert_frame_equal(found, data(), check_dtype=False)


@pytest.mark.parametrize("name", ["data.parquet", "data.csv"])
def test_only_the_columns_asked_for_are_read(name: str) -> None:
    content = data().to_csv(index=False).encode() if name.endswith("csv") else parquet(data())
    assert list(read_table(content, name, ["months", "gone", "plan"], bounds=Bounds()).columns) == ["months", "plan"]
    assert column_names(content, name) == ["customer", "churned", "plan", "months"]


def test_ids_of_a_csv_stay_as_written() -> None:
    found = read_table(b"id,score\n007,0.5\n1e3,0.25\n", "p.csv", texts=["id"], bounds=Bounds())
    assert found["id"].tolist() == ["007", "1e3"]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.parquet", "a.parquet cannot be read: "),
        (b"", "a.csv", "a.csv cannot be read: "),
        (b"version https://git-lfs.github.com/spec/v1\n", "a.parquet", "a.parquet cannot be read: "),
        (parquet(data())[:-20], "a.parquet", "a.parquet cannot be read: "),
        (b"id,score\n1,0.5,9\n", "a.csv", "a.csv cannot be read: "),
        (b"id,id\n1,2\n", "a.csv", "a.csv cannot be read: it has more than one column `id`"),
        (b"\xff\xfe\x00", "a.csv", "a.csv cannot be read: "),
        (
            written(pa.table({"id": [1], "x": [[1, 2]]})),
            "a.parquet",
            "a.parquet cannot be read: its column `x` holds list<element: int64>, not one value a row",
        ),
        (
            written(pa.table({"id": [1], "x": [{"a": 1}]})),
            "a.parquet",
            "a.parquet cannot be read: its column `x` holds struct<a: int64>, not one value a row",
        ),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content: bytes, name: str, reason: str) -> None:
    with pytest.raises(Unusable) as refused:
        read_table(content, name, bounds=Bounds())
    assert refused.value.reason.startswith(reason)
    assert "\n" not in refused.value.reason


@pytest.mark.parametrize("value", ["x" * (24 << 20), b"x" * (24 << 20)])
def test_a_long_text_that_many_rows_share_is_not_unpacked(value: str | bytes) -> None:
    """A file of some kilobytes that takes gigabytes."""
    notes = pa.DictionaryArray.from_arrays(pa.array([0] * 100, pa.int32()), pa.array([value]))
    table = pa.table({"id": range(100), "note": notes})
    content = written(table, store_schema=False, dictionary_pagesize_limit=1 << 30, compression="zstd")
    assert len(content) < 100_000
    with pytest.raises(Unusable, match="100 texts of its column `note` take more than 1,073,741,824 bytes"):
        read_table(content, "a.parquet", bounds=Bounds())
    assert len(read_table(content, "a.parquet", ["id"], bounds=Bounds())) == 100


@pytest.mark.parametrize("type", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()])
def test_texts_come_out_as_they_were_written(type: pa.DataType) -> None:
    values = [b"one", None, b"two", b"one"] if "binary" in str(type) else ["one", None, "two", "one"]
    found = read_table(written(pa.table({"x": pa.array(values, type)})), "a.parquet", bounds=Bounds())["x"]
    assert [None if value != value else value for value in found.tolist()] == values
    assert not isinstance(found.dtype, pd.CategoricalDtype)


@pytest.mark.parametrize("rows", [1, 100])
@pytest.mark.parametrize("with_schema", [True, False])
def test_text_that_is_none_is_refused(rows: int, with_schema: bool) -> None:
    """Arrow does not look when it reads a Parquet file; whoever asks for the text much later would crash."""
    labels = pa.array([b"\xff\xfe"] * rows).view(pa.string())
    content = written(pa.table({"id": range(rows), "prediction": labels}), store_schema=with_schema)
    with pytest.raises(Unusable, match=r"a\.parquet cannot be read: .*UTF8"):
        read_table(content, "a.parquet", bounds=Bounds())


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_table_that_is_too_wide_is_refused(name: str) -> None:
    names = [f"c{number}" for number in range(10_001)]
    content = ("\n".join([",".join(names)] * 2)).encode()
    if name == "a.parquet":
        content = written(pa.schema([(each, pa.int8()) for each in names]).empty_table())
    with pytest.raises(Unusable, match="it has 10,001 columns; 10,000 are read at most"):
        read_table(content, name, bounds=Bounds())
    with pytest.raises(Unusable, match="it has 10,001 columns; 10,000 are read at most"):
        column_names(content, name)


def test_the_header_of_a_csv_may_hold_line_breaks() -> None:
    assert column_names(b'"a\nb",c\n1,2\n', "a.csv") == ["a\nb", "c"]


def test_a_value_of_fixed_width_is_no_place_for_megabytes() -> None:
    content = written(pa.table({"x": pa.array([b"x" * 5000], pa.binary(5000))}))
    with pytest.raises(Unusable, match="which is too wide"):
        read_table(content, "a.parquet", bounds=Bounds())


@pytest.mark.parametrize(
    "told",
    [
        "{}",
        "[]",
        "not json",
        '{"index_columns": ["id"], "columns": [], "column_indexes": []}',
        (
            '{"index_columns": [], "columns": [{"name": "score", "field_name": "id", "pandas_type": "x", '
            '"numpy_type": "object", "metadata": null}], "column_indexes": []}'
        ),
    ],
)
def test_what_pandas_noted_in_a_file_renames_no_column_and_hides_none(told: str) -> None:
    content = written(pa.table({"id": [1, 2], "score": [0.5, 0.25]}).replace_schema_metadata({"pandas": told}))
    assert read_table(content, "a.parquet", bounds=Bounds()).to_dict("list") == {"id": [1, 2], "score": [0.5, 0.25]}


@pytest.mark.parametrize("content", [b"id\n" + b"1\n" * 11, written(pa.table({"id": [1] * 11}))])
def test_no_more_rows_are_read_than_the_bounds_allow(content: bytes) -> None:
    name = "a.csv" if content.startswith(b"id") else "a.parquet"
    assert len(read_table(content, name, bounds=Bounds(rows=11))) == 11
    with pytest.raises(Unusable, match="it has 11 rows; 10 are read at most"):
        read_table(content, name, bounds=Bounds(rows=10))


def test_a_small_file_of_large_values_stops_at_the_bounds() -> None:
    """A hundred kilobytes of one letter, two hundred times: a small file, and 20 MB once it is unpacked."""
    content = written(pa.table({"id": ["a" * 100_000] * 200}), compression="zstd", use_dictionary=False)
    assert len(content) < 100_000
    with pytest.raises(Unusable, match=r"it takes more than 1,000,000 bytes in memory"):
        read_table(content, "a.parquet", bounds=Bounds(size=1_000_000))


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(Unusable, match=r"a\.parquet cannot be read"):
        read_table("/nowhere/at/all.parquet", "a.parquet", bounds=Bounds())


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 4000), byte=st.integers(0, 255), name=st.sampled_from(["a.parquet", "a.csv"]))
@example(at=720, byte=65, name="a.parquet")  # once ended the process
@example(at=480, byte=50, name="a.parquet")
def test_no_damage_makes_anything_else_than_a_reason(at: int, byte: int, name: str) -> None:
    content = bytearray(parquet(data()) if name == "a.parquet" else data().to_csv(index=False).encode())
    content[at % len(content)] = byte
    try:
        read_table(bytes(content), name, bounds=Bounds(rows=1000, size=10_000_000))
    except Unusable as refused:
        assert refused.reason


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200), name=st.sampled_from(["a.parquet", "a.csv"]))
def test_no_bytes_do(content: bytes, name: str) -> None:
    try:
        column_names(content, name)
        read_table(content, name, bounds=Bounds(rows=1000, size=10_000_000))
    except Unusable as refused:
        assert refused.reason

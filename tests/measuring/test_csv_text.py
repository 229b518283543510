"""What a CSV is written in, for both readers: the one of whole tables and the one that streams."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.measuring.csv_text import header_of
from snitch.measuring.streams import Stream
from snitch.measuring.tables import Bounds, Unusable, read_table

FRAME = pd.DataFrame({"id": [1, 2], "größe": [1.5, 2.5], "ort": ["Köln", "Bonn"]})


def streamed(content: bytes) -> object:
    return list(Stream(content, "data.csv").batches())


def whole(content: bytes) -> object:
    return read_table(content, "data.csv", bounds=Bounds())


@pytest.mark.parametrize("read", [streamed, whole])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (FRAME.to_csv(index=False, sep=";").encode(), "separated by ';', not by commas"),
        (FRAME.to_csv(index=False, sep="\t").encode(), "separated by '\\t', not by commas"),
        (FRAME.to_csv(index=False, sep="|").encode(), "separated by '|', not by commas"),
        (FRAME.to_csv(index=False).encode("latin-1"), "first line is not in UTF-8"),
        (FRAME[["id", "ort"]].to_csv(index=False).encode("latin-1"), "column `ort` holds text that is not in UTF-8"),
        (FRAME.to_csv(index=False).encode("utf-16"), "is in UTF-16"),
    ],
)
def test_what_is_written_otherwise_is_refused_with_its_mend(
    read: Callable[[bytes], object], content: bytes, reason: str
) -> None:
    with pytest.raises(Unusable) as refused:
        read(content)
    assert reason in refused.value.reason
    assert refused.value.reason.endswith(
        "write it with commas and in UTF-8, as pandas' `to_csv(FILE, index=False)` does"
    )


@pytest.mark.parametrize("read", [streamed, whole])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_written_as_it_should_be_is_read(read: Callable[[bytes], object], encoding: str, end: str) -> None:
    read(FRAME.to_csv(index=False, lineterminator=end).encode(encoding))
    read(FRAME[["ort"]].to_csv(index=False, lineterminator=end).encode(encoding))


@pytest.mark.parametrize("read", [streamed, whole])
@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\n"])
def test_an_empty_one_is_refused(read: Callable[[bytes], object], content: bytes) -> None:
    with pytest.raises(Unusable, match=r"^data\.csv cannot be read: it is empty$"):
        read(content)


def test_letters_of_another_kind_far_below_are_told_as_such() -> None:
    rows = "id,ort\n" + "1,Bonn\n" * 2_000_000
    with pytest.raises(Unusable, match=r"write it with commas and in UTF-8"):
        for _ in Stream(rows.encode() + "2,Köln\n".encode("latin-1"), "data.csv").batches():
            pass


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=5))
def test_names_are_those_that_were_written(names: list[str]) -> None:
    text = pd.DataFrame(columns=names).to_csv(index=False)
    assert header_of(io.BytesIO(text.encode())) == names


@given(st.binary())
def test_any_bytes_are_names_or_refused(content: bytes) -> None:
    try:
        header_of(io.BytesIO(content))
    except ValueError as error:
        assert str(error)

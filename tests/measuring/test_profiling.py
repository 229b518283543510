"""Profiles: what is told of data, what is not, and that neither its storage nor its order plays a part."""

from __future__ import annotations

import io
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import snitch.measuring.streams as streams
from snitch.formats.profile import Feature, Profile, Sketch, profile_faults, profile_text
from snitch.measuring.profiling import counted, profiled
from snitch.measuring.streams import Stream
from snitch.measuring.tables import Bounds, Unusable

DIGEST = "sha256:" + "0" * 64
ROWS = 900


def table(frame: pd.DataFrame, **more: Any) -> bytes:
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False, **more)
    return stream.getvalue()


def of(frame: pd.DataFrame, id: str | None = None) -> Profile:
    return profiled(Stream(table(frame), "x.parquet"), DIGEST, id=id)


def feature(values: Any) -> Feature:
    [found] = of(pd.DataFrame({"x": values})).features
    return found


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draws = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "id": [f"u{at:04}" for at in range(ROWS)],
            "real": np.where(draws.random(ROWS) < 0.1, np.nan, draws.normal(size=ROWS)),
            "whole": draws.integers(-5, 200, ROWS),
            "gaps": pd.Series(draws.integers(0, 9, ROWS), dtype="Int64").mask(draws.random(ROWS) < 0.1),
            "flag": draws.random(ROWS) < 0.3,
            "plan": draws.choice(["basic", "pro", "pro, yearly", 'the "best"'], ROWS),
            "seen": pd.to_datetime("2026-01-01") + pd.to_timedelta(draws.integers(0, 10**6, ROWS), unit="s"),
            "day": pd.to_datetime(draws.choice(["2026-01-01", "2026-02-01"], ROWS)).date,
            "note": [f"text {at}\nand more" for at in range(ROWS)],
            "nothing": np.nan,
            "same": 2.5,
        }
    )


class TestStorage:
    def test_a_csv_and_a_parquet_file_of_the_same_data_give_the_same_profile(self, frame: pd.DataFrame) -> None:
        csv = frame.to_csv(index=False).encode()
        assert profiled(Stream(csv, "x.csv"), DIGEST, id="id") == of(frame, "id")

    def test_permuted_rows_give_the_same_bytes(self, frame: pd.DataFrame) -> None:
        mixed = frame.sample(frac=1, random_state=1)
        assert profile_text(of(mixed, "id")) == profile_text(of(frame, "id"))

    def test_small_batches_give_what_one_large_one_gives(
        self, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = of(frame, "id")
        monkeypatch.setattr(streams, "BATCH", 70)
        monkeypatch.setattr(streams, "BLOCK", 16_384)
        assert of(frame, "id") == whole
        groups = profiled(Stream(table(frame, row_group_size=130), "x.parquet"), DIGEST, id="id")
        assert groups == whole
        assert profiled(Stream(frame.to_csv(index=False).encode(), "x.csv"), DIGEST, id="id") == whole

    @pytest.mark.parametrize(
        "type", [pa.int8(), pa.uint32(), pa.float32(), pa.float64(), pa.decimal128(24, 2), pa.duration("s")]
    )
    def test_a_number_is_one_however_it_is_stored(self, type: pa.DataType) -> None:
        values = [None, *range(100)]
        stream = io.BytesIO()
        parquet.write_table(pa.table({"x": pa.array(values, pa.int64()).cast(type)}), stream)
        [found] = profiled(Stream(stream.getvalue(), "x.parquet"), DIGEST).features
        assert found == feature(pd.array(values, dtype="Int64"))
        assert (found.type, found.nulls) == ("long", 1)

    @pytest.mark.parametrize("type", [pa.timestamp("s"), pa.timestamp("ns", "UTC"), pa.date64(), pa.date32()])
    def test_a_day_is_one_however_it_is_stored(self, type: pa.DataType) -> None:
        days = [datetime(2026, 1, 1 + at % 28) for at in range(280)]
        stream = io.BytesIO()
        parquet.write_table(pa.table({"x": pa.array(days).cast(type)}), stream)
        [found] = profiled(Stream(stream.getvalue(), "x.parquet"), DIGEST).features
        assert found.type == "datetime"
        first, last = (datetime.fromtimestamp(found.edges[at], timezone.utc) for at in (0, -1))
        assert abs((first - datetime(2026, 1, 3, tzinfo=timezone.utc)).total_seconds()) < 3600
        assert abs((last - datetime(2026, 1, 26, tzinfo=timezone.utc)).total_seconds()) < 3600

    def test_texts_are_texts_as_categories_too(self) -> None:
        values = ["a", "b", None] * 20
        assert feature(pd.Categorical(values)) == feature(values)


class TestWhatIsTold:
    def test_it_is_sound(self, frame: pd.DataFrame) -> None:
        profile = of(frame, "id")
        assert list(profile_faults(profile)) == []
        assert [each.name for each in profile.features] == list(frame.columns[1:])
        assert profile.data.rows == ROWS and all(each.rows == ROWS for each in profile.features)

    def test_numbers(self, frame: pd.DataFrame) -> None:
        found = of(frame).feature("real")
        assert found is not None and found.nulls == int(frame["real"].isna().sum())
        expected = np.histogram(frame["real"].dropna(), [-np.inf, *found.edges, np.inf])[0]
        assert found.counts == tuple(expected)
        assert len(found.counts) == 10 and max(found.counts) - min(found.counts) <= 2

    def test_infinities_lie_in_the_outer_bins(self) -> None:
        found = feature([*range(100), float("inf"), float("-inf"), float("inf"), float("nan")])
        assert (sum(found.counts), found.nulls, found.counts[0], found.counts[-1]) == (103, 1, 11, 12)
        only = feature([float("inf")] * 20)
        assert (only.edges, only.other, only.type) == ((), 20, "double")

    def test_categories_that_many_rows_share(self) -> None:
        found = feature(["a"] * 30 + ["b"] * 10 + ["c"] * 9 + [None] * 2)
        assert (found.categories, found.other, found.nulls) == ({"a": 30, "b": 10}, 9, 2)

    def test_no_more_than_fifty_the_most_frequent_first(self) -> None:
        found = feature([f"v{at:02}" for at in range(60) for _ in range(10 + at)])
        assert list(found.categories) == [f"v{at:02}" for at in range(59, 9, -1)]
        assert found.other == sum(10 + at for at in range(10))

    def test_long_texts_are_not_told(self) -> None:
        assert feature(["x" * 201] * 50).categories == {}
        assert feature(["x" * 200] * 50).categories == {"x" * 200: 50}

    def test_of_very_many_values_none_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import snitch.measuring.profiling as profiling

        monkeypatch.setattr(profiling, "MOST_VALUES", 20)
        assert feature(["a"] * 500 + [f"{at}" for at in range(20)]).categories == {}
        assert feature(["a"] * 500 + [f"{at}" for at in range(19)]).categories == {"a": 500}

    def test_booleans_and_what_holds_nothing(self) -> None:
        assert feature([True, False, None] * 5).categories == {"false": 5, "true": 5}
        assert feature([None] * 5) == Feature(name="x", type="unknown", nulls=5)

    def test_no_row_is_in_it(self, frame: pd.DataFrame) -> None:
        told = profile_text(of(frame, "id"))
        assert not any(value in told for value in [*frame["id"], *(note.split("\n")[0] for note in frame["note"])])
        shared = {number for number in frame["real"].dropna() if repr(number) in told}
        assert shared == set()
        assert all(str(extreme) not in told for extreme in (frame["real"].min(), frame["real"].max()))

    def test_no_rows_at_all(self, frame: pd.DataFrame) -> None:
        profile = of(frame.head(0), "id")
        assert profile.data.rows == 0 and list(profile_faults(profile)) == []


class TestSketches:
    def test_ids_are_hashed_alike_whatever_they_are(self) -> None:
        texts, numbers = (of(pd.DataFrame({"id": ids, "x": 1}), "id").ids for ids in (["7", "8"], [8.0, 7.0]))
        assert texts == numbers
        assert texts is not None
        assert set(texts.hashes) == {sha256(b"snitch id\0" + each).hexdigest()[:16] for each in (b"7", b"8")}

    def test_an_id_that_is_missing_is_refused(self) -> None:
        with pytest.raises(Unusable, match="an id is missing in `id`"):
            of(pd.DataFrame({"id": ["a", None], "x": 1}), "id")
        with pytest.raises(Unusable, match="no column `id`"):
            of(pd.DataFrame({"x": [1]}), "id")

    def test_rows_are_equal_where_their_values_are(self) -> None:
        one = pd.DataFrame({"id": [1, 2, 3], "b": [1, 2, 2], "a": ["x", None, None]})
        other = pd.DataFrame({"id": [9, 8, 7], "a": [None, "x", None], "b": [2.0, 1.0, 2.0]})
        sketches = [of(each, "id").row_hashes for each in (one, other)]
        assert sketches[0] == sketches[1] and sketches[0] is not None
        assert (len(sketches[0].hashes), sketches[0].rows, sketches[0].repeated) == (2, 3, 2)
        moved = of(one.assign(a=one["a"].iloc[::-1].tolist()), "id").row_hashes
        assert moved is not None and moved.hashes != sketches[0].hashes

    def test_a_sketch_is_the_smallest_hashes_in_any_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams, "BATCH", 60)
        ids = [f"{at}" for at in range(400)] + ["3"] * 5

        def sketched(ids: list[str]) -> Sketch | None:
            stream = Stream(table(pd.DataFrame({"id": ids, "x": 1})), "x.parquet")
            return profiled(stream, DIGEST, id="id", hashes=50).ids

        sketch = sketched(ids)
        assert sketch is not None and not sketch.complete
        every = sorted({sha256(b"snitch id\0" + each.encode()).hexdigest()[:16] for each in ids})
        assert list(sketch.hashes) == every[:50]
        assert sketch == sketched(ids[::-1])


class TestCounting:
    """Other data, by the bins of a profile."""

    def by(self, layout: Feature, values: Any) -> Feature:
        [found] = counted(Stream(table(pd.DataFrame({"x": values})), "x.parquet"), [layout]).features
        return found

    def test_zeros_and_ones_are_booleans(self) -> None:
        layout = feature([True, False] * 20)
        assert self.by(layout, [1, 0, 1]) == self.by(layout, [True, False, True])
        assert self.by(layout, [1, 0, 2]).type == "long"

    @pytest.mark.parametrize("value", [np.inf, 1e300, -1e19])
    def test_what_no_whole_number_can_hold_is_none(self, value: float) -> None:
        layout = feature([1.5, 2.5] * 20)
        assert self.by(layout, [value, value]).type == "double"

    def test_booleans_are_counted_by_their_names(self) -> None:
        """A profile is what a pull request says it is."""
        turned = Feature(name="x", type="boolean", categories={"true": 20, "false": 20})
        assert self.by(turned, [1, 0, 1]).categories == {"true": 2, "false": 1}
        for names in ({}, {"false": 1}, {"a": 1, "b": 1, "c": 1}):
            found = self.by(Feature(name="x", type="boolean", categories=names), [True, False, True])
            assert (found.other, sum(found.categories.values())) == (3, 0)

    @pytest.mark.parametrize("values", [["a", "b"], [True, False], [datetime(2026, 1, 1)] * 2, [b"x", b"y"]])
    def test_what_is_no_number_is_none(self, values: Any) -> None:
        layout = feature(list(range(100)))
        found = self.by(layout, values)
        assert (found.other, sum(found.counts)) == (0, 2) if values == [True, False] else (2, 0)

    def test_a_column_that_is_not_there_is_left_out(self) -> None:
        found = counted(Stream(table(pd.DataFrame({"y": [1]})), "x.parquet"), [feature(list(range(20)))])
        assert found.features == () and found.columns == ("y",) and found.rows == 1

    def test_new_values_are_named_where_all_were_known(self) -> None:
        layout = feature(["a"] * 20)
        found = counted(Stream(table(pd.DataFrame({"x": list("gfedcba")})), "x.parquet"), [layout])
        assert found.new == {"x": ("b", "c", "d", "e", "f")}
        unknown = feature(["a"] * 20 + ["z"])
        assert counted(Stream(table(pd.DataFrame({"x": list("gfedcba")})), "x.parquet"), [unknown]).new == {}


class TestBadInput:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("x.parquet", b""),
            ("x.parquet", b"PAR1"),
            ("x.parquet", b"PAR1" + b"\0" * 100 + b"PAR1"),
            ("x.csv", b""),
            ("x.csv", b"a,a\n1,2\n"),
            ("x.csv", b"a,b\n1\n"),
        ],
    )
    def test_what_is_no_table_is_told_in_one_sentence(self, name: str, content: bytes) -> None:
        with pytest.raises(Unusable) as caught:
            profiled(Stream(content, name), DIGEST)
        assert caught.value.reason.startswith(f"{name} cannot be read: ") and "\n" not in caught.value.reason

    def test_lists_are_refused(self) -> None:
        stream = io.BytesIO()
        parquet.write_table(pa.table({"x": [[1], [2]]}), stream)
        with pytest.raises(Unusable, match="holds list"):
            Stream(stream.getvalue(), "x.parquet")

    def test_every_damaged_byte_is_a_profile_or_a_refusal(self, frame: pd.DataFrame) -> None:
        content = bytearray(table(frame.head(30)))
        draws = np.random.default_rng(1)
        for at in draws.integers(0, len(content), 40):
            damaged = bytearray(content)
            damaged[at] ^= 0xFF
            try:
                profile = profiled(Stream(bytes(damaged), "x.parquet"), DIGEST)
            except Unusable:
                continue
            assert list(profile_faults(profile)) == []

    def test_more_rows_than_are_read_are_refused(self) -> None:
        stream = Stream(table(pd.DataFrame({"x": range(10)})), "x.parquet", bounds=Bounds(rows=9))
        with pytest.raises(Unusable, match="more than 9 rows"):
            profiled(stream, DIGEST)

    def test_a_file_on_disk_and_progress(self, tmp_path: Path, frame: pd.DataFrame) -> None:
        told: list[tuple[int, int]] = []
        for name, content in (("x.csv", frame.to_csv(index=False).encode()), ("x.parquet", table(frame))):
            path = tmp_path / name
            path.write_bytes(content)
            profiled(Stream(str(path), name, progress=lambda *each: told.append(each)), DIGEST)
            assert told[-1][0] == told[-1][1] > 0 and len(told) == 3
            told.clear()

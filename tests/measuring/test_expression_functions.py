"""The functions that an expression may use: of this DuckDB, whichever it is."""

from __future__ import annotations

from contextlib import suppress

import duckdb
import pyarrow as pa
import pytest

from snitch.measuring.expression import Asked, Evaluating
from snitch.measuring.expression_functions import FUNCTIONS, NAMES, WRITTEN_AS_COLUMNS, near, usable

#: What only some of the versions have that are admitted.
_OF_SOME = {"char_length", "character_length", "countif", "days_in_month", "if", "overlay", "wavg", "weighted_avg"}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


def test_each_is_one_of_this_duckdb_and_steady(connection: duckdb.DuckDBPyConnection) -> None:
    assert NAMES - usable(connection) <= _OF_SOME
    assert len(NAMES) == sum(len(names.split()) for names in FUNCTIONS.values())


def test_what_duckdb_calls_steady_is_not_enough(connection: duckdb.DuckDBPyConnection) -> None:
    for name in ("current_setting", "age", "current_localtimestamp", "reservoir_quantile", "version", "getvariable"):
        assert name not in usable(connection)


def test_every_name_that_is_a_function_without_parentheses_is_known(connection: duckdb.DuckDBPyConnection) -> None:
    names = {name for (name,) in connection.execute("SELECT function_name FROM duckdb_functions()").fetchall()}
    found = set()
    for name in names | WRITTEN_AS_COLUMNS:
        with suppress(duckdb.Error):
            connection.execute(f'SELECT "{name.replace(chr(34), chr(34) * 2)}"').fetchall()
            found.add(name)
    assert found and found <= WRITTEN_AS_COLUMNS


def test_the_hour_is_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = pa.table({"seen": pa.array([0], pa.timestamp("us", tz="UTC"))})
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    outcome = Evaluating(moments, Asked((), (), 20.0, 256 << 20)).outcome("max(date_part('hour', seen)) = 0")
    assert (outcome.holds, outcome.reason) == (True, "")


def test_near_names() -> None:
    assert near("AVERAGE", ("avg", "mean")) == "; near it: `avg`"
    assert near("current_setting", ("avg", "mean")) == ""

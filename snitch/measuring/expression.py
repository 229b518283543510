"""SQL expressions over one table, evaluated by DuckDB: what may stand in one, and what one comes to."""

from __future__ import annotations

import json
from contextlib import suppress
from math import isfinite
from threading import Timer
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from snitch.measuring.expression_functions import WRITTEN_AS_COLUMNS, near, usable
from snitch.measuring.expression_supposing import MACRO, supposing
from snitch.measuring.expression_tree import (
    ASKS_FOR_NULL,
    CLASSES,
    NODES,
    columns_in,
    names_in,
    parts_of,
    sides_of,
    type_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "examples"
#: How long a text is shown.
_SHOWN = 200


class Asked(Struct, frozen=True):
    """Expressions, and what each may take: seconds, and bytes of memory in all. `answers` are the columns of a model's
    answers, some of which may be missing. Where they are only read, there is no table.
    """

    expressions: tuple[str, ...]
    answers: tuple[str, ...]
    seconds: float
    memory: int
    is_only_read: bool = False


class Side(Struct, frozen=True):
    """One side of a comparison in an expression, and what it came to."""

    text: str
    value: str


class Outcome(Struct, frozen=True):
    """What an expression came to; without `holds`, `reason` says why nobody knows: nothing where it was only read."""

    holds: bool | None
    reason: str = ""
    sides: tuple[Side, ...] = ()


class NotUnderstood(Exception):
    """An expression is none that can be evaluated, and why."""


class Evaluating:
    """A database that holds one table and can reach nothing else: no file, no network, no extension.

    Without a table expressions are only read: what may not stand in one is told, and nothing of what it comes to.
    """

    def __init__(self, table: pa.Table | None, asked: Asked) -> None:
        import duckdb

        closed: dict[str, str | bool | int | float | list[str]] = {
            "enable_external_access": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "allow_community_extensions": "false",
            "temp_directory": "",
            "memory_limit": f"{asked.memory >> 20}MiB",
            # One: how a sum is split over several changes its last digits.
            "threads": "1",
        }
        self._seconds = asked.seconds
        self._error = duckdb.Error
        self._connection = duckdb.connect(":memory:", config=closed)
        # Else a name that is no table's is looked for among the variables of this process.
        self._connection.execute("SET python_enable_replacements = false")
        # Else the hour of a moment is that of where this machine stands. Without time zones it is so anyway.
        with suppress(duckdb.Error):
            self._connection.execute("SET TimeZone = 'UTC'")
        #: Names of columns; None where there is no table, and any name may be one.
        self._columns: set[str] | None = None
        #: By answer, in how many examples it is missing.
        self._missing: dict[str, int] = {}
        if table is not None:
            self._hold(table, asked.answers)
        self._functions = usable(self._connection)
        self._connection.execute(MACRO)
        self._connection.execute("SET lock_configuration = true")

    def _hold(self, table: pa.Table, answers: tuple[str, ...]) -> None:
        self._connection.register("given", table)
        self._connection.execute(f"CREATE TABLE {TABLE} AS SELECT * FROM given")
        self._connection.unregister("given")
        self._columns = {name.lower() for name in table.column_names}
        self._missing = {name.lower(): table.column(name).null_count for name in answers}

    def outcome(self, expression: str) -> Outcome:
        """What an expression comes to. It is one truth about all examples; anything else is not understood."""
        timer = Timer(self._seconds, self._connection.interrupt)
        timer.start()
        try:
            return self._outcome(expression)
        except NotUnderstood as error:
            return Outcome(None, str(error))
        except self._error as error:
            return Outcome(None, self._told(error))
        finally:
            timer.cancel()
            timer.join()

    def _outcome(self, expression: str) -> Outcome:
        tree = self._parsed(f"SELECT (\n{expression}\n) FROM {TABLE}")
        if self._columns is None:
            return Outcome(None)
        missing = self._unheeded(tree)
        if missing:
            raise NotUnderstood(missing)
        rows, texts = self._selected(tree)
        if len(rows) != 1:
            tree, rows, texts = self._selected_once(expression)
        [(value, *values)] = rows
        if value is not None and not isinstance(value, bool):
            raise NotUnderstood(f"it is {_written(value)}, not true or false")
        sides = tuple(Side(text, _written(each)) for text, each in zip(texts, values, strict=True) if text)
        if value is None:
            return Outcome(None, "it is NULL, neither true nor false", sides)
        if any(isinstance(each, float) and not isfinite(each) for each in values):
            return Outcome(None, "it compares what is no finite number", sides)
        if value and not self._holds_either_way(tree):
            return Outcome(None, "it compares what is no finite number in some examples: say what of those", sides)
        return Outcome(value, "", sides)

    def _holds_either_way(self, tree: dict[str, Any]) -> bool:
        node = tree["statements"][0]["node"]
        [whole] = node["select_list"]
        query = self._sql(tree, node, [supposing(whole, holds, self._expression) for holds in (True, False)])
        return all(row == (True, True) for row in self._connection.execute(query).fetchmany(2))

    def _expression(self, text: str) -> dict[str, Any]:
        """The tree of an expression of Snitch's own."""
        [(tree,)] = self._connection.execute(
            "SELECT json_serialize_sql(CAST(? AS VARCHAR))", [f"SELECT {text}"]
        ).fetchall()
        [whole] = json.loads(tree)["statements"][0]["node"]["select_list"]
        return dict(whole)

    def _selected_once(self, expression: str) -> tuple[dict[str, Any], list[Any], list[str]]:
        """An expression that is of subqueries alone says the same for each example, and so is selected once."""
        try:
            tree = self._parsed(f"SELECT (\n{expression}\n)")
            return tree, *self._selected(tree)
        except self._error:
            mend = "say what is to hold of all, such as `bool_and(…)` or `count(*) FILTER (WHERE …) = 0`"
            raise NotUnderstood(f"it is true or false of each example: {mend}") from None

    def _parsed(self, statement: str) -> dict[str, Any]:
        """The statement as a tree, once it is certain that there is nothing in it but what may be."""
        [(text,)] = self._connection.execute("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [statement]).fetchall()
        tree: dict[str, Any] = json.loads(text)
        if tree["error"]:
            raise NotUnderstood(f"it is no SQL expression: {_first_line(tree['error_message'])}")
        [*statements] = tree["statements"]
        node = statements[0]["node"]
        kept = ("where_clause", "group_expressions", "group_sets", "having", "qualify", "modifiers", "sample")
        is_plain = node["type"] == "SELECT_NODE" and not any(node.get(key) for key in kept)
        if len(statements) != 1 or not is_plain or len(node["select_list"]) != 1:
            raise NotUnderstood("it is more than one expression")
        if node["from_table"]["type"] not in ("BASE_TABLE", "EMPTY"):
            raise NotUnderstood("it is more than one expression")
        for each in parts_of(node):
            self._refuse(each, node)
        if not any(
            type_of(each) == "COLUMN_REF" or each.get("function_name") == "count_star" for each in parts_of(node)
        ):
            raise NotUnderstood("it says nothing of the examples")
        return tree

    def _refuse(self, node: dict[str, Any], whole: dict[str, Any]) -> None:
        """Refuses what may not be in an expression, a part of the whole.

        Raises:
            NotUnderstood: it is such.
        """
        kind = node.get("class") or type_of(node)
        if "class" in node and kind not in CLASSES:
            raise NotUnderstood(f"it holds a {str(kind).lower().replace('_', ' ')}, which no expression may")
        if (
            "class" not in node
            and isinstance(kind, str)
            and kind.endswith(("_NODE", "TABLE", "FUNCTION", "JOIN", "REF"))
        ):
            if kind not in NODES:
                raise NotUnderstood(f"it holds a {kind.lower().replace('_', ' ')}, which no expression may")
            if node.get("cte_map", {}).get("map") or node.get("sample"):
                raise NotUnderstood("it holds a WITH or a sample, which no expression may")
        if kind == "BASE_TABLE" and node["table_name"].lower() != TABLE:
            raise NotUnderstood(f"there is no table but `{TABLE}`")
        if kind == "FUNCTION" and (name := node["function_name"]).lower() not in self._functions:
            near_it = near(name, self._functions)
            raise NotUnderstood(f"`{name}` is no function that an expression may use{near_it}")
        if kind == "COLUMN_REF" and len(node["column_names"]) == 1:
            self._refuse_name(node["column_names"][0], whole)

    def _refuse_name(self, name: str, whole: dict[str, Any]) -> None:
        """Refuses a name that is no column's, or that DuckDB may take for a function: current_date.

        Raises:
            NotUnderstood: it is such.
        """
        has_column = self._columns is None or name.lower() in self._columns
        if name.lower() in WRITTEN_AS_COLUMNS:
            mend = f": write `{TABLE}.{name}` for the column" if has_column else ""
            raise NotUnderstood(f"`{name}` is no function that an expression may use{mend}")
        if not has_column and name.lower() not in names_in(whole):
            raise NotUnderstood(f"there is no column `{name}`{near(name, self._columns or ())}")

    def _unheeded(self, tree: dict[str, Any]) -> str:
        """Why it may not be told from the answers that are there: others are missing, and it does not ask for those.

        Empty where none is, or where it says what becomes of them.
        """
        asking = [node for node in parts_of(tree) if type_of(node) in ASKS_FOR_NULL]
        asks = {name for node in asking for name in columns_in(node)}
        for name in sorted(columns_in(tree) - asks):
            if self._missing.get(name):
                return f"`{name}` is missing in {self._missing[name]:,} examples: say what of those, `{name} IS NULL`"
        return ""

    def _selected(self, tree: dict[str, Any]) -> tuple[list[Any], list[str]]:
        """Two rows of it at most, each with what its comparisons compare; and that as text, empty for a literal."""
        node = tree["statements"][0]["node"]
        [whole] = node["select_list"]
        sides = list(sides_of(whole))
        texts = ["" if each["class"] == "CONSTANT" else self._text(tree, node, each) for each in sides]
        query = self._sql(tree, node, [whole, *sides])
        return self._connection.execute(query).fetchmany(2), texts

    def _text(self, tree: dict[str, Any], node: dict[str, Any], expression: dict[str, Any]) -> str:
        text = self._sql(tree, node, [expression]).removeprefix("SELECT ")
        text = text.removesuffix(f" FROM {TABLE}")
        return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

    def _sql(self, tree: dict[str, Any], node: dict[str, Any], expressions: list[dict[str, Any]]) -> str:
        """What was looked into is what is run: the statement is written anew from its tree."""
        statement = {"node": {**node, "select_list": expressions}}
        held = {**tree, "statements": [{**tree["statements"][0], **statement}]}
        [(text,)] = self._connection.execute(
            "SELECT json_deserialize_sql(CAST(? AS JSON))", [json.dumps(held)]
        ).fetchall()
        return str(text)

    def _told(self, error: Exception) -> str:
        import duckdb

        if isinstance(error, duckdb.InterruptException):
            return f"it takes longer than {self._seconds:g} s"
        if isinstance(error, duckdb.OutOfMemoryException):
            return "it takes more memory than is allowed"
        return _first_line(str(error))


def _written(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else "NULL" if value is None else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _first_line(message: str) -> str:
    return (message.strip().splitlines() or ["it cannot be evaluated"])[0][:_SHOWN]

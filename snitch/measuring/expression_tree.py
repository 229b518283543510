"""An SQL expression as the tree that DuckDB makes of it: its parts, and which there may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: What an expression may be made of, by DuckDB's names for it. No join, no table of another kind, no parameter.
CLASSES = frozenset(
    (
        "COMPARISON",
        "BETWEEN",
        "CONJUNCTION",
        "OPERATOR",
        "FUNCTION",
        "COLUMN_REF",
        "CONSTANT",
        "CAST",
        "TYPE",
        "CASE",
        "SUBQUERY",
    )
)
NODES = frozenset(("SELECT_NODE", "BASE_TABLE", "EMPTY", "SUBQUERY", "ORDER_MODIFIER", "LIMIT_MODIFIER"))
#: What says what becomes of a missing value.
ASKS_FOR_NULL = frozenset(("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE"))


def sides_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the comparisons compare of which the expression is made."""
    if node["class"] == "COMPARISON":
        yield from (node["left"], node["right"])
    elif node["class"] == "BETWEEN":
        yield from (node["input"], node["lower"], node["upper"])
    elif node["class"] == "CONJUNCTION" or node["type"] == "OPERATOR_NOT":
        for child in node["children"]:
            yield from sides_of(child)


def columns_in(node: Any) -> set[str]:
    return {each["column_names"][-1].lower() for each in parts_of(node) if type_of(each) == "COLUMN_REF"}


def names_in(node: Any) -> set[str]:
    """The names that parts of it are given there: `SELECT … AS name`."""
    return {alias.lower() for each in parts_of(node) if isinstance(alias := each.get("alias"), str) and alias}


def type_of(node: dict[str, Any]) -> str:
    """What a node is; empty for one that is none: the type of a value is told by a mapping of its own."""
    kind = node.get("type")
    return kind if isinstance(kind, str) else ""


def parts_of(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from parts_of(each)

"""What an expression comes to, supposing that what it asks of numbers which are not finite were true, or were false.

A division by zero, and what is computed from one, is no number that anything is known of; SQL compares it all the
same. So an expression holds only where it does either way. What it never looks at, behind a condition of its own, is no
matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from snitch.measuring.expression_tree import type_of

Node = Any
#: The tree of an expression's text.
Parsed = Callable[[str], Node]

#: SQL that has to be there. Only values of these types may be infinite or none; others have no such test.
MACRO = """
CREATE MACRO is_no_number(x) AS
typeof(x) IN ('FLOAT', 'DOUBLE') AND NOT isfinite(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE))
"""
#: Functions that may give a number although they are given none. Of several rows, the first argument counts.
_OF_ONE_ROW = frozenset(("greatest", "least", "sign"))
_OF_ROWS = frozenset(("mad", "max", "median", "min", "mode", "quantile", "quantile_cont", "quantile_disc"))


def supposing(node: Node, holds: bool, parsed: Parsed) -> Node:
    """An expression's tree in which each comparison with what is no finite number `holds`, or does not."""
    if isinstance(node, list):
        return [supposing(each, holds, parsed) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: supposing(each, holds, parsed) for key, each in node.items()}
    for operand in _compared(node):
        text = f"CASE WHEN is_no_number(operand) THEN {holds} ELSE whole END"
        node = _filled(parsed(text), {"operand": operand, "whole": node})
    name = str(node.get("function_name", "")).lower()
    if name in _OF_ONE_ROW:
        for operand in _arguments(node):
            text = "CASE WHEN is_no_number(operand) THEN operand ELSE whole END"
            node = _filled(parsed(text), {"operand": operand, "whole": node})
    elif name in _OF_ROWS:
        node = _unless_any(node, parsed)
    return node


def _unless_any(node: Node, parsed: Parsed) -> Node:
    """What a function makes of rows, unless one of them has no finite number: then that."""
    those = "is_no_number(operand) AND condition" if node.get("filter") else "is_no_number(operand)"
    worst = f"max(operand) FILTER (WHERE {those})"
    text = f"CASE WHEN count(*) FILTER (WHERE {those}) > 0 THEN {worst} ELSE whole END"
    operand = next(iter(_arguments(node)), None)
    if operand is None:
        return node
    return _filled(parsed(text), {"operand": operand, "whole": node, "condition": node.get("filter")})


def _compared(node: Node) -> list[Node]:
    """What a comparison compares."""
    if node.get("class") == "COMPARISON":
        return [node["left"], node["right"]]
    if node.get("class") == "BETWEEN":
        return [node["input"], node["lower"], node["upper"]]
    if type_of(node) in ("COMPARE_IN", "COMPARE_NOT_IN"):
        return list(node["children"])
    if node.get("class") == "SUBQUERY" and node.get("child"):
        return [node["child"]]
    return []


def _arguments(node: Node) -> list[Node]:
    """What a function is given; DuckDB 2 names its arguments."""
    if "arguments" in node:
        return [each["expression"] for each in node["arguments"]]
    return list(node["children"])


def _filled(node: Node, given: dict[str, Node]) -> Node:
    """A tree with others in the places of columns of these names."""
    if isinstance(node, list):
        return [_filled(each, given) for each in node]
    if not isinstance(node, dict):
        return node
    if type_of(node) == "COLUMN_REF" and len(names := node["column_names"]) == 1 and names[0] in given:
        return given[names[0]]
    return {key: _filled(each, given) for key, each in node.items()}

"""Breaks a module in one small way at a time, and tells which breakages no test notices.

    python scripts/mutate.py rules/slices.py tests/rules/test_slices.py [--every 4]

Run it in a clone of its own with that clone's editable install: the module's file is overwritten while it runs. It
prints the survivors and their number; docs/mutation.md says what to make of them. POSIX only.
"""

from __future__ import annotations

import argparse
import ast
import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest

_PAIRS: list[tuple[type[ast.AST], type[ast.AST]]] = [
    (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn),
    (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.BitOr, ast.BitAnd),
]  # fmt: skip
_OPERATORS = {**dict(_PAIRS), **{other: one for one, other in _PAIRS}}
_WORDS = {"error": "warning", "warning": "error", "fail": "inconclusive", "inconclusive": "fail"}
#: What a finding is told apart by: arguments that are easily lost without anything failing.
_IDENTITY = {"key", "role", "measured", "reported_by", "deployed", "outcome"}


def _comparison(node: ast.Compare) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        ops: Any = [*node.ops[:index], _OPERATORS[type(operator)](), *node.ops[index + 1 :]]
        yield ast.Compare(node.left, ops, node.comparators)


def _arithmetic(node: ast.BinOp) -> Iterator[ast.AST]:
    if type(node.op) in _OPERATORS:
        yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)  # type: ignore[arg-type]


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, str) and value in _WORDS:
        yield ast.Constant(_WORDS[value])


def _statement(node: ast.stmt) -> Iterator[ast.AST]:
    """Left out, unless it is a docstring or `return` of a constant."""
    if not isinstance(getattr(node, "value", None), ast.Constant):
        returns = isinstance(node, ast.Return) and node.value is not None
        yield ast.Return(ast.Constant(None)) if returns else ast.Pass()


def _each_left_out(items: list[Any]) -> Iterator[list[Any]]:
    return (items[:index] + items[index + 1 :] for index in range(len(items)))


_REPLACEMENTS: dict[type[ast.AST], Callable[[Any], Iterator[ast.AST]]] = {
    ast.Compare: _comparison,
    ast.BinOp: _arithmetic,
    ast.BoolOp: lambda node: (r[0] if len(r) == 1 else ast.BoolOp(node.op, r) for r in _each_left_out(node.values)),
    ast.UnaryOp: lambda node: iter([node.operand] if isinstance(node.op, ast.Not) else []),
    ast.IfExp: lambda node: iter([node.body, node.orelse]),
    ast.If: lambda node: iter([ast.If(ast.Constant(False), node.body, node.orelse)]),
    ast.Constant: _constant,
    ast.comprehension: lambda n: (ast.comprehension(n.target, n.iter, r, n.is_async) for r in _each_left_out(n.ifs)),
    ast.Call: lambda node: (
        ast.Call(node.func, node.args, rest)
        for keyword, rest in zip(node.keywords, _each_left_out(node.keywords), strict=True)
        if keyword.arg in _IDENTITY
    ),
    **dict.fromkeys((ast.Return, ast.Raise, ast.Continue, ast.Break, ast.Expr), _statement),
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Each mutant: what was done at which line, and its source."""
    tree = ast.parse(source)
    for node, put in _places(tree):
        for other in _REPLACEMENTS.get(type(node), lambda _: iter(()))(node):
            put(other)
            line = getattr(node, "target", node).lineno
            yield f"{line}: {_shown(node)} -> {_shown(other)}", ast.unparse(ast.fix_missing_locations(tree))
            put(node)


def _places(parent: ast.AST) -> Iterator[tuple[Any, Callable[[ast.AST], None]]]:
    """Every node that runs, and what puts another there. Types do not run, nor what a class says of its own kind."""
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns") or getattr(parent, "arg", "") in ("frozen", "kw_only"):
            continue
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(node, ast.AST) and not (isinstance(node, ast.If) and _shown(node.test) == "TYPE_CHECKING"):
                inside = isinstance(value, list)
                yield node, partial(value.__setitem__, index) if inside else partial(setattr, parent, field)
                yield from _places(node)


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:200]


def survives(tests: list[str]) -> bool:
    """Whether the tests pass, in a process of their own; where they hang they have noticed."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os._exit(pytest.main(["-x", "-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]))
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    """1 where a mutant survives, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("module", type=Path)
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--every", type=int, default=1, help="take only every so many mutants")
    asked = parser.parse_args()
    hypothesis.settings.register_profile("mutate", max_examples=20, deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("mutate")
    if not survives(asked.tests):
        sys.exit("the tests fail on the module as it is")
    # A mutant's bytecode could be taken for the next one's: same second, same size.
    sys.dont_write_bytecode = True
    source, alive = asked.module.read_text(), 0
    chosen = list(mutants(source))[:: asked.every]
    try:
        for what, mutant in chosen:
            asked.module.write_text(mutant)
            if survives(asked.tests):
                alive += 1
                print(f"{asked.module}:{what}", flush=True)
    finally:
        asked.module.write_text(source)
    print(f"{asked.module}: {len(chosen)} mutants, {alive} survived")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())

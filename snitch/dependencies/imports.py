"""What Python code imports, read from its syntax tree: nothing is run, nothing is looked up."""

from __future__ import annotations

import re
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from snitch.dependencies.distributions import SHARED_PACKAGES

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

#: A parsed file takes some hundred times its size in memory.
MAX_BYTES = 256 * 1024

#: Modules of the standard library of any Python that models run on, whichever runs Snitch.
# fmt: off
_OF_OTHER_PYTHONS = frozenset((
    "_distutils_hack", "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "binhex", "cgi", "cgitb", "chunk",
    "compression", "crypt", "distutils", "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis", "nntplib",
    "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "tomllib", "uu", "xdrlib",
))
# fmt: on
_SOFT_FAILURES = frozenset(("BaseException", "Exception", "ImportError", "ModuleNotFoundError"))
_IMPORTERS = ("import_module", "__import__")
_DYNAMIC = tuple(name.encode() for name in _IMPORTERS)
#: Statements that hold no others. Any that is not known is looked into.
_SIMPLE = frozenset((
    "AnnAssign", "Assert", "Assign", "AugAssign", "Break", "Continue", "Delete", "Expr", "Global", "Nonlocal", "Pass",
    "Raise", "Return",
))  # fmt: skip
#: Statements that hold one block.
_DEFINITIONS = frozenset(("AsyncFunctionDef", "ClassDef", "FunctionDef"))
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")
_FROM = re.compile(rb"from\s+")


class Import(msgspec.Struct, frozen=True):
    """One import of a module by its absolute name; line and column count from 1, length in characters."""

    #: The top-level module.
    module: str
    #: The dotted name as far as the statement tells it.
    name: str
    line: int
    column: int
    length: int
    #: The code goes on without it: a failure is caught, or only a type checker looks.
    optional: bool = False


class UnreadableCode(Exception):
    """Code that cannot be parsed; `line` counts from 1."""

    def __init__(self, path: str, message: str, line: int = 1) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.message = message
        self.line = line


def imported_modules(source: bytes, path: str) -> tuple[Import, ...]:
    """The imports of a Python file, in its order: statements anywhere in it, and `import_module` of a literal.

    Relative imports are left out. `path` is for messages alone.

    Raises:
        UnreadableCode: too large, or not Python.
    """
    tree = _parse(source, path)
    search = _Search(source)
    search.visit(tree)
    if any(name in source for name in _DYNAMIC):
        search.visit_calls(tree)
    return tuple(sorted(search.found, key=lambda found: (found.line, found.column)))


def is_standard_library(module: str) -> bool:
    """Whether a top-level module is part of Python itself."""
    return module in sys.stdlib_module_names or module in _OF_OTHER_PYTHONS


def _parse(source: bytes, path: str) -> ast.Module:
    if len(source) > MAX_BYTES:
        raise UnreadableCode(path, f"is {len(source):,} bytes of code; the limit is {MAX_BYTES:,}")
    import ast
    import warnings

    with warnings.catch_warnings():
        # What Python finds odd in somebody's code is not Snitch's to print.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except SyntaxError as error:
            raise UnreadableCode(path, f"is not Python: {error.msg}", max(error.lineno or 1, 1)) from None
        except (RecursionError, MemoryError):
            raise UnreadableCode(path, "is nested too deeply to be read") from None
        except (ValueError, LookupError) as error:
            raise UnreadableCode(path, f"is not Python: {error}") from None


class _Search:
    """Collects imports out of one tree."""

    def __init__(self, source: bytes) -> None:
        self.found: list[Import] = []
        self._source = source.removeprefix(b"\xef\xbb\xbf")
        self._optional_lines: list[tuple[int, int]] = []

    def visit(self, tree: ast.Module) -> None:
        """Looks at every statement; expressions cannot hold an import statement, so none is entered."""
        pending: list[tuple[list[Any], bool]] = [(tree.body, False)]
        while pending:
            statements, optional = pending.pop()
            if optional:
                self._optional_lines.append((statements[0].lineno, statements[-1].end_lineno))
            for node in statements:
                kind = type(node).__name__
                if kind in _SIMPLE:
                    continue
                if kind == "Import":
                    for alias in node.names:
                        self._add(alias.name, alias.lineno, alias.col_offset, len(alias.name), optional)
                elif kind == "ImportFrom":
                    self._add_from(node, optional)
                elif kind in _DEFINITIONS:
                    pending.append((node.body, optional))
                else:
                    pending += [block for block in _blocks(node, kind, optional) if block[0]]

    def visit_calls(self, tree: ast.Module) -> None:
        """Looks for `importlib.import_module("x")` and `__import__("x")` in every expression."""
        import ast

        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args or _last_name(node.func) not in _IMPORTERS:
                continue
            wanted = node.args[0]
            if not isinstance(wanted, ast.Constant) or not isinstance(wanted.value, str):
                continue
            if re.fullmatch(r"\w+(?:\.\w+)*", wanted.value):
                optional = any(first <= wanted.lineno <= last for first, last in self._optional_lines)
                self._add(wanted.value, wanted.lineno, wanted.col_offset, len(wanted.value) + 2, optional)

    def _add_from(self, node: ast.ImportFrom, optional: bool) -> None:
        if node.level or not node.module:
            return
        match = _FROM.match(self._line(node.lineno), node.col_offset)
        offset = match.end() if match else node.col_offset
        names = [node.module]
        if node.module.partition(".")[0] in SHARED_PACKAGES:
            names = [f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*"] or names
        for name in names:
            self._add(name, node.lineno, offset, len(node.module), optional)

    def _add(self, name: str, line: int, offset: int, length: int, optional: bool) -> None:
        column = len(self._line(line)[:offset].decode("utf-8", "replace")) + 1
        self.found.append(Import(name.partition(".")[0], name, line, column, length, optional))

    @cached_property
    def _lines(self) -> list[bytes]:
        return _LINE_BREAK.split(self._source) if b"\r" in self._source else self._source.split(b"\n")

    def _line(self, number: int) -> bytes:
        return self._lines[number - 1] if number <= len(self._lines) else b""


def _blocks(node: Any, kind: str, optional: bool) -> Iterator[tuple[list[Any], bool]]:
    """The blocks of statements inside a statement, and whether what each of them imports may be missing."""
    body_is_optional = rest_is_optional = optional
    if kind in ("Try", "TryStar"):
        body_is_optional = rest_is_optional = optional or any(_forgives(handler) for handler in node.handlers)
    elif kind == "If":
        negated = type(node.test).__name__ == "UnaryOp" and type(node.test.op).__name__ == "Not"
        for_types = _last_name(node.test.operand if negated else node.test) == "TYPE_CHECKING"
        body_is_optional = optional or (for_types and not negated)
        rest_is_optional = optional or (for_types and negated)
    elif kind in ("With", "AsyncWith"):
        body_is_optional = optional or any(_suppresses(item.context_expr) for item in node.items)
    yield getattr(node, "body", []), body_is_optional
    yield getattr(node, "orelse", []), rest_is_optional
    yield getattr(node, "finalbody", []), optional
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body, rest_is_optional


def _forgives(handler: Any) -> bool:
    """Whether a handler catches a failed import and lets the code go on."""
    if type(handler.body[-1]).__name__ == "Raise":
        return False
    return handler.type is None or _names_soft_failure(handler.type)


def _names_soft_failure(node: Any) -> bool:
    names = node.elts if type(node).__name__ == "Tuple" else [node]
    return any(_last_name(name) in _SOFT_FAILURES for name in names)


def _suppresses(node: Any) -> bool:
    is_call = type(node).__name__ == "Call" and _last_name(node.func) == "suppress"
    return is_call and any(_names_soft_failure(argument) for argument in node.args)


def _last_name(node: Any) -> str:
    """`c` of `a.b.c`; "" for what is no name."""
    name = getattr(node, "attr", None) or getattr(node, "id", "")
    return name if isinstance(name, str) else ""

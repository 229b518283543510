"""YAML 1.2 core, bounded: composed by libyaml, resolved and constructed here.

PyYAML resolves YAML 1.1 (`no` is false, `2026-01-01` a date, `1e3` a string), keeps the last of duplicate keys, and its
C composer overflows the stack on deep nesting; so only its parser and composer are used, behind bounds.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from snitch.documents.problems import MAX_DEPTH, MAX_YAML_NODES, Problem, Span, Unreadable, split_pointer

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CONSTANTS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "false": False}
_MAX_DIGITS = 400

_PLAIN, _TEXT = "plain", "text"
#: Lines and flow brackets beyond these could nest deeper than the C composer's stack allows: count exactly first.
_SAFE_LINE, _SAFE_BRACKETS = 1000, 500

_SCALAR = yaml.ScalarNode

Node = Any


class _Composer(CParser):
    """The C parser and composer; instead of PyYAML's resolver it records whether a scalar was plain."""

    def resolve(self, kind: type, value: str, implicit: Any) -> str:
        return _PLAIN if kind is _SCALAR and implicit[0] else _TEXT

    # The composer tells of each step into a value and out of it. Paths do not matter to the core schema: two functions
    # that do nothing and are written in C.
    descend_resolver = operator.is_
    ascend_resolver = bool


def read_yaml(path: str, text: str) -> object:
    """The data of one YAML document; None for an empty one.

    Raises:
        Unreadable: bad syntax, a duplicate key, a tag, several documents, or beyond the bounds.
    """
    node = _compose(path, text)
    return None if node is None else _Construction(path).value(node, 0)


def said_by_yaml(text: str) -> object:
    """What a document says to any reader of YAML, to be compared: mappings, lists and what they hold.

    Comments, layout and the order of keys say nothing. What only some readers take for the same is not: `yes` is not
    `"yes"`, nor is 1 the same as 1.0.

    Raises:
        Unreadable: as `read_yaml`.
    """
    node = _compose("", text)
    return None if node is None else _Saying("").value(node, 0)


def locate_yaml(text: str, pointer: str, *, key: bool = False) -> Span:
    """Where the value (or its key) at a pointer stands; the deepest parent that exists if it does not."""
    node = _composed(text)
    found = node
    for token in split_pointer(pointer):
        step = _step(node, token)
        if step is None:
            break
        key_node, node = step
        found = key_node if key and key_node is not None else node
    return Span(1, 1) if found is None else _span(found)


def scalar_source(text: str, pointer: str) -> str | None:
    """The source text of the plain scalar at a pointer: `2026.10` where the data is the number 2026.1."""
    node = _composed(text)
    for token in split_pointer(pointer):
        step = _step(node, token)
        if step is None:
            return None
        node = step[1]
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _compose(path: str, text: str) -> Node:
    try:
        if _may_be_large(text) or _may_nest_deeply(text):
            _measure(path, text)
        return _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(mark.line + 1, mark.column + 1) if mark else None
        message = " ".join(filter(None, [error.context, error.problem]))
        raise Unreadable(path, (Problem("", f"is not valid YAML: {message}", span=span),)) from None
    except (yaml.YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise Unreadable(path, (Problem("", f"is not valid YAML: {reason}"),)) from None


@lru_cache(maxsize=1)
def _composed(text: str) -> Node:
    """The tree of a text that was read before. Places are asked for in bursts, one file after another: keep one."""
    return _compose("", text)


def _may_be_large(text: str) -> bool:
    """Whether there is room for more values than are allowed: each is introduced by a mark, which may bring two."""
    return 2 * sum(map(text.count, ":?,-[{")) > MAX_YAML_NODES


def _may_nest_deeply(text: str) -> bool:
    if text.count("[") + text.count("{") > _SAFE_BRACKETS:
        return True
    return len(text) > _SAFE_LINE and max(map(len, text.splitlines()), default=0) > _SAFE_LINE


def _measure(path: str, text: str) -> None:
    for _ in bounded_events(path, text):
        pass


def bounded_events(path: str, text: str) -> Iterator[Any]:
    """The events of a text, whose parser keeps no C stack and no tree, as far as nesting and values are within bounds.

    What lies beyond them is not even scanned: for each token the scanner visits all brackets that are open.

    Raises:
        Unreadable: it is nested too deeply, or has too many values.
        yaml.YAMLError, ValueError: bad syntax.
    """
    depth = nodes = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.NodeEvent):
            nodes += 1
            depth += isinstance(event, yaml.CollectionStartEvent)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or nodes > MAX_YAML_NODES:
            raise Unreadable(path, (_too_large(event.start_mark, "deeply nested" if depth > MAX_DEPTH else "large"),))
        yield event


def _too_large(mark: Any, what: str) -> Problem:
    limit = f"the limits are {MAX_DEPTH} levels and {MAX_YAML_NODES:,} values, aliases expanded"
    return Problem("", f"is too {what}: {limit}", span=Span(mark.line + 1, mark.column + 1))


class _Construction:
    """Builds plain data from nodes, counting as it goes, so that aliases cannot explode."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.nodes = 0

    def value(self, node: Node, depth: int) -> object:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_YAML_NODES:
            raise Unreadable(
                self.path, (_too_large(node.start_mark, "deeply nested" if depth > MAX_DEPTH else "large"),)
            )
        if type(node) is _SCALAR:
            return self.scalar(node)
        if node.tag != _TEXT:
            raise self.refusal(node, f"the tag {node.tag} is not supported", "write plain values")
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        return self.mapping(node, depth)

    def mapping(self, node: Node, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        for key_node, value_node in node.value:
            if type(key_node) is not _SCALAR:
                raise self.refusal(key_node, "a key must be a string", "write it as plain text")
            key = key_node.value
            if key in data:
                raise self.refusal(key_node, f"duplicate key `{key}`", "keep one of them")
            data[key] = self.value(value_node, depth + 1)
        return data

    def scalar(self, node: Node) -> object:
        text: str = node.value
        if node.tag == _TEXT or node.tag == "tag:yaml.org,2002:str":
            return text
        if node.tag != _PLAIN:
            raise self.refusal(node, f"the tag {node.tag} is not supported", "write plain values")
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text[0] not in "+-.0123456789":
            return text
        return self.number(node, text)

    def number(self, node: Node, text: str) -> object:
        if len(text) > _MAX_DIGITS and (_INT.fullmatch(text) or _FLOAT.fullmatch(text)):
            raise self.refusal(node, f"a number of {len(text)} digits", f"the limit is {_MAX_DIGITS}")
        if _INT.fullmatch(text):
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text):
            value = float(text)
            if math.isfinite(value):
                return value
        elif not _NOT_FINITE.fullmatch(text):
            return text
        raise self.refusal(node, f"`{text}` is not a finite number", "write a finite number, or quote it")

    def refusal(self, node: Node, message: str, help_text: str) -> Unreadable:
        return Unreadable(self.path, (Problem("", message, help_text, _span(node)),))


class _Saying(_Construction):
    """Builds what is compared: text as it is, all that some reader may take for something else with a mark on it."""

    _readers = yaml.resolver.Resolver()

    def mapping(self, node: Node, depth: int) -> dict[Any, object]:
        values = super().mapping(node, depth).values()
        return dict(zip((self.scalar(key) for key, _ in node.value), values, strict=True))

    def scalar(self, node: Node) -> object:
        value = super().scalar(node)
        is_text = isinstance(value, str) and (node.tag != _PLAIN or self._is_text(node.value))
        return value if is_text else (_PLAIN, node.value)

    def _is_text(self, plain: str) -> bool:
        """Whether YAML 1.1 takes a plain scalar for text, too."""
        tag = self._readers.resolve(_SCALAR, plain, (True, False))  # type: ignore[no-untyped-call]
        return bool(tag == "tag:yaml.org,2002:str")


def _step(node: Node, token: str) -> tuple[Node | None, Node] | None:
    """One step down a pointer: the key's node (None in a list) and the value's node."""
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if k.value == token), None)
    if isinstance(node, yaml.SequenceNode) and token.isdecimal() and int(token) < len(node.value):
        return None, node.value[int(token)]
    return None


def _span(node: Node) -> Span:
    start, end = node.start_mark, node.end_mark
    length = end.column - start.column if end.line == start.line else 1
    return Span(start.line + 1, start.column + 1, max(length, 1))

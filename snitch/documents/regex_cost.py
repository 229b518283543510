"""What a regular expression can cost at worst, so that a pattern such as `^(a+)+$` is refused instead of run.

Python's engine backtracks. How often it can, at most, is the product of the choices that a pattern leaves open, as long
as no repeated group can split the same text in two ways; a group that might is taken to cost without bound.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import Any

if sys.version_info >= (3, 11):
    from re import _constants, _parser  # type: ignore[attr-defined]
else:  # pragma: no cover
    import sre_constants as _constants
    import sre_parse as _parser

_MAX_PATTERN = 500
#: Characters that stand for all when two sets are asked whether they share one: every one that a set may name, and
#: a digit, a space, a letter and a symbol of those that it may not.
_NAMEABLE = 0x180
_SAMPLE = "".join(map(chr, range(_NAMEABLE))) + "\u0660\u2003\u4e2d\U0001f600"
_SETS = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY}
_REPEATS = {
    getattr(_constants, name) for name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") if hasattr(_constants, name)
}

_STARTS = (
    (_constants.AT, _constants.AT_BEGINNING),
    (_constants.AT, _constants.AT_BEGINNING_STRING),
)

Token = tuple[Any, Any]


class _Unbounded(Exception):
    """The cost of the pattern has no bound that is known here."""


def worst_cost(pattern: str, length: int) -> float:
    """Steps that searching a text of `length` characters can take at most; infinite where no bound is known.

    Raises:
        re.error: it is not a regular expression.
    """
    if len(pattern) > _MAX_PATTERN:
        return float("inf")
    try:
        tokens, anchored = _parsed(pattern)
        return float((1 if anchored else length + 1) * _choices(tokens, length))
    except (_Unbounded, OverflowError, RecursionError):
        return float("inf")


@lru_cache(maxsize=256)
def _parsed(pattern: str) -> tuple[tuple[Token, ...], bool]:
    """The parsed pattern, and whether it can match at the start of a text alone."""
    parsed = _parser.parse(pattern)
    tokens: tuple[Token, ...] = tuple(parsed)  # type: ignore[arg-type]
    first = tokens[0] if tokens else (None, None)
    return tokens, first in _STARTS and not parsed.state.flags & re.MULTILINE


def _choices(tokens: tuple[Token, ...], length: int) -> int:
    """In how many ways a sequence can be tried against a text of `length` characters."""
    product = 1
    for kind, value in tokens:
        product *= _choices_of(kind, value, length)
    return product


def _choices_of(kind: Any, value: Any, length: int) -> int:
    if kind in _SETS or kind is _constants.AT:
        return 1
    if kind in _REPEATS:
        least, body = int(value[0]), tuple(value[2])
        most = min(int(value[1]), max(length, least))
        if int(value[1]) > 1 and not _splits_one_way(body):
            raise _Unbounded
        return (most - least + 1) * _choices(body, length)
    if kind is _constants.BRANCH:
        return sum(_choices(tuple(branch), length) for branch in value[1])
    if kind is _constants.SUBPATTERN:
        return _choices(tuple(value[3]), length)
    if kind in (_constants.ASSERT, _constants.ASSERT_NOT):
        return _choices(tuple(value[1]), length)
    raise _Unbounded


def _splits_one_way(body: tuple[Token, ...]) -> bool:
    """Whether repetitions of a body can share out a text in one way only.

    So it is where the body has no choice in it; or where one character that begins (or ends) each repetition can stand
    nowhere else in it, and between two of those there is one way only again.
    """
    body = _flat(body)
    if not body:
        return False
    if all(kind in _SETS for kind, _ in body):
        return True
    if len(body) == 1 and body[0][0] is _constants.BRANCH:
        return _branches_differ([_flat(tuple(branch)) for branch in body[0][1][1]])
    return _reads_one_way(body) and any(
        edge[0] in _SETS and all(_disjoint(edge, each) for each in _sets_in(rest))
        for edge, rest in ((body[0], body[1:]), (body[-1], body[:-1]))
    )


def _reads_one_way(body: tuple[Token, ...]) -> bool:
    """Whether a body reads a text whose end is given in one way: one part varies, or no two share a character."""
    repeats = [value for kind, value in body if kind in _REPEATS]
    if len(repeats) + sum(kind in _SETS for kind, _ in body) < len(body):
        return False
    if not all(_splits_one_way(tuple(inner)) for _, _, inner in repeats):
        return False
    if sum(least != most for least, most, _ in repeats) <= 1:
        return True
    parts = [_sets_in((token,)) for token in body]
    pairs = (
        (one, other) for index, part in enumerate(parts) for one in part for each in parts[:index] for other in each
    )
    return all(_disjoint(one, other) for one, other in pairs)


def _branches_differ(branches: list[tuple[Token, ...]]) -> bool:
    """Whether each branch is plain characters, of which the first tells it from the others."""
    if not all(branch and all(kind in _SETS for kind, _ in branch) for branch in branches):
        return False
    firsts = [branch[0] for branch in branches]
    return all(_disjoint(one, other) for index, one in enumerate(firsts) for other in firsts[:index])


def _flat(body: tuple[Token, ...]) -> tuple[Token, ...]:
    """A body without the groups that stand around all of it or around parts that are not repeated."""
    flat: list[Token] = []
    for kind, value in body:
        flat += _flat(tuple(value[3])) if kind is _constants.SUBPATTERN else [(kind, value)]
    return tuple(flat)


def _sets_in(tokens: tuple[Token, ...]) -> list[Token]:
    """Every set of characters in a sequence, at any depth."""
    found: list[Token] = []
    for kind, value in _flat(tokens):
        if kind in _SETS:
            found.append((kind, value))
        elif kind in _REPEATS:
            found += _sets_in(tuple(value[2]))
        elif kind is _constants.BRANCH:
            for branch in value[1]:
                found += _sets_in(tuple(branch))
        else:
            raise _Unbounded
    return found


def _disjoint(one: Token, other: Token) -> bool:
    return not _members(one) & _members(other)


def _members(token: Token) -> set[str]:
    """The sample's characters that a set holds, in either case."""
    held = {character for character in _SAMPLE if _holds(token, character)}
    return held | {character.swapcase() for character in held}


def _holds(token: Token, character: str) -> bool:
    kind, value = token
    if kind is _constants.ANY:
        return True
    if kind is not _constants.IN:
        return (ord(character) == _nameable(value)) == (kind is _constants.LITERAL)
    negated = value[0][0] is _constants.NEGATE
    return any(_item_holds(item, character) for item in value[negated:]) != negated


def _nameable(code: int) -> int:
    if code >= _NAMEABLE:
        raise _Unbounded
    return code


def _item_holds(item: Token, character: str) -> bool:
    kind, value = item
    if kind is _constants.LITERAL:
        return ord(character) == _nameable(value)
    if kind is _constants.RANGE:
        return bool(value[0] <= ord(character) <= _nameable(value[1]))
    classes = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
    name = str(value).removeprefix("CATEGORY_")
    inverted = name.startswith("NOT_")
    pattern = classes.get(name.removeprefix("NOT_"))
    if pattern is None:
        raise _Unbounded
    return bool(re.match(pattern, character)) != inverted

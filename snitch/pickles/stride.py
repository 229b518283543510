"""The opcodes that most of a large pickle consists of, read many at a time.

Only the reading is done here a second time, without a call for each byte; the same machine executes them. What is not
plain, or does not lie whole in the bytes at hand, is left to the walk.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from snitch.pickles.containers import OPAQUE, PLAIN, TEXT
from snitch.pickles.opcodes import MAX_TEXT, REFUSED, opcodes

if TYPE_CHECKING:
    from snitch.pickles.machine import Machine

# How an opcode's argument is read.
_OTHER, _NONE, _BYTE, _NUMBER, _FLOAT, _TEXT, _BYTES, _STATE = range(8)
_BY_ARGUMENT: Final = {
    "uint1": _BYTE,
    "uint2": _NUMBER,
    "uint4": _NUMBER,
    "int4": _NUMBER,
    "float8": _FLOAT,
    "unicodestring1": _TEXT,
    "unicodestring4": _TEXT,
    "bytes1": _BYTES,
}
_SIGNED: Final = ord("J")
#: They end the pickle, ask where they stand, or are executed by no machine.
_LEFT: Final = {"STOP", "STACK_GLOBAL", "FRAME", *REFUSED}


@cache
def _table() -> tuple[tuple[int, int], ...]:
    """For each byte, how its argument is read, and at how many bytes behind the opcode it, or its length, ends."""
    table = [(_OTHER, 0)] * 256
    for code, opcode in opcodes().items():
        if opcode.name == "BUILD":
            table[code] = (_STATE, 1)
        elif opcode.name not in _LEFT:
            kind = _BY_ARGUMENT.get(opcode.kind, _OTHER) if opcode.kind else _NONE
            table[code] = (kind, 1 + opcode.width)
    return tuple(table)


def stride(content: bytes, at: int, end: int, machine: Machine) -> tuple[int, int]:
    """Executes opcodes of `content` from `at` on, each of which must end before `end`, up to the first other one.

    Returns where that is and how many were executed. What the machine raises passes.
    """
    kinds, acts, push = _table(), machine.acts, machine.push
    steps = 0
    while True:
        code = content[at]
        kind, width = kinds[code]
        after = at + width
        if after >= end or kind == _OTHER:
            return at, steps
        if kind == _NONE:
            acts[code](OPAQUE)
        elif kind == _BYTE:
            acts[code](content[at + 1])
        elif kind == _NUMBER:
            acts[code](int.from_bytes(content[at + 1 : after], "little", signed=code == _SIGNED))
        elif kind == _FLOAT:
            push(PLAIN)
        elif kind == _STATE:
            acts[code](OPAQUE)
            if machine.array is not None:
                return after, steps + 1
        else:
            length = content[at + 1] if width == 2 else int.from_bytes(content[at + 1 : after], "little")
            start, after = after, after + length
            if after >= end or length > MAX_TEXT:
                return at, steps
            push(_text(content[start:after]) if kind == _TEXT else PLAIN)
        at = after
        steps += 1


def _text(content: bytes) -> object:
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return TEXT

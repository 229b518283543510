"""The opcodes of protocols 0 to 5, from the standard library's own table, and what the machine does on each."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

#: No module or attribute has a longer name, and nothing else that is longer decides what is imported.
MAX_TEXT: Final = 512


class Opcode(NamedTuple):
    """An opcode and how its argument is read."""

    name: str
    #: The kind of its argument, as pickletools calls it; empty for none.
    kind: str
    #: Bytes of the argument, or of its length where it is `sized`; negative for lines.
    width: int
    signed: bool
    sized: bool
    #: A sized argument that is longer is stepped over, because nothing depends on it.
    longest: int


@cache
def opcodes() -> dict[int, Opcode]:
    """Every opcode by its byte."""
    import pickletools

    table = {}
    for opcode in pickletools.opcodes:
        kind = opcode.arg.name if opcode.arg else ""
        width = opcode.arg.n if opcode.arg else 0
        sized = width in _LENGTHS
        longest = MAX_TEXT if kind.startswith("unicode") else 8 if kind.startswith("long") else 0
        table[ord(opcode.code)] = Opcode(
            opcode.name, kind, _LENGTHS.get(width, width), kind in _SIGNED, sized, longest if sized else 0
        )
    return table


# pickletools' numbers for "as many bytes as the first 1, 4, 4 or 8 bytes say", as the width of that length.
_LENGTHS = {-2: 1, -3: 4, -4: 4, -5: 8}
_SIGNED = {"int4", "string4", "long4"}

#: How the bytes are grouped. No machine executes it; it is checked where they are read.
FRAME: Final = "FRAME"
INST: Final = "INST"

# An opcode that is listed nowhere pushes its argument.
METHODS: Final = {
    "MARK": "mark",
    "POP": "pop",
    "POP_MARK": "pop_mark",
    "DUP": "dup",
    "STOP": "stop",
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), "put"),
    "MEMOIZE": "memoize",
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), "get"),
    "NONE": "none",
    "NEWTRUE": "true",
    "NEWFALSE": "false",
    "EMPTY_SET": "empty_set",
    "FROZENSET": "frozenset_from_mark",
    "EMPTY_LIST": "empty_list",
    "LIST": "list_from_mark",
    "EMPTY_TUPLE": "empty_tuple",
    "TUPLE": "tuple_from_mark",
    "TUPLE1": "tuple1",
    "TUPLE2": "tuple2",
    "TUPLE3": "tuple3",
    "EMPTY_DICT": "empty_dict",
    "DICT": "dict_from_mark",
    "APPEND": "append",
    "APPENDS": "append_from_mark",
    "ADDITEMS": "add_from_mark",
    "SETITEM": "set_item",
    "SETITEMS": "set_items",
    "PROTO": "protocol",
    "GLOBAL": "global_",
    "STACK_GLOBAL": "stack_global",
    "REDUCE": "reduce",
    "NEWOBJ": "new_object",
    "NEWOBJ_EX": "new_object_with_names",
    "BUILD": "build",
}
REFUSED: Final = {
    **dict.fromkeys(
        ("EXT1", "EXT2", "EXT4"), "it imports by a number of the extension registry, which stands for any name"
    ),
    **dict.fromkeys(("PERSID", "BINPERSID"), "it refers to objects outside of itself (persistent ids)"),
    **dict.fromkeys(("NEXT_BUFFER", "READONLY_BUFFER"), "it refers to buffers outside of itself"),
    **dict.fromkeys(("INST", "OBJ"), "it makes an object with an opcode that Python 3 does not write (INST, OBJ)"),
}
#: Those of them that make something of what stands above a mark.
MARKED: Final = frozenset({"INST", "OBJ"})
#: Those of them at which `pickle.load` as it is stops with an error: nobody has told it what they stand for.
UNRESOLVED: Final = REFUSED.keys() - MARKED

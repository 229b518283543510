"""Git's own kind of glob: `*` within a folder, `**` across folders, character classes.

The patterns are hostile: a pattern becomes an automaton whose states are the bits of one integer, so that a match takes
time in proportion to the text, whatever the pattern.
"""

from __future__ import annotations

_SLASH = ord("/")
_ALL = (1 << 256) - 1
_NOT_SLASH = _ALL & ~(1 << _SLASH)


def _bytes_where(test: str) -> int:
    return sum(1 << code for code in range(128) if getattr(chr(code), test)())


def _span(first: int, last: int) -> int:
    return ((1 << (last - first + 1)) - 1) << first if first <= last else 0


_NAMED = {
    b"alnum": _bytes_where("isalnum"),
    b"alpha": _bytes_where("isalpha"),
    b"blank": 1 << ord(" ") | 1 << ord("\t"),
    b"cntrl": _span(0, 31) | 1 << 127,
    b"digit": _bytes_where("isdigit"),
    b"graph": _span(33, 126),
    b"lower": _bytes_where("islower"),
    b"print": _span(32, 126),
    b"punct": _span(33, 126) & ~_bytes_where("isalnum"),
    b"space": sum(1 << code for code in b" \t\n\v\f\r"),
    b"upper": _bytes_where("isupper"),
    b"xdigit": sum(1 << code for code in b"0123456789abcdefABCDEF"),
}


class Glob:
    """A compiled pattern. `*` and `?` never match `/`; `**` does where it is a whole component."""

    def __init__(self, pattern: bytes) -> None:
        #: For each token the bytes that it takes, as a bit set.
        self._takes: list[int] = []
        #: Bit sets over tokens: those that repeat, and those that may be passed over, alone or with the next two.
        self._repeats = self._skips = self._skips_three = 0
        self._steps: dict[int, tuple[int, int]] = {}
        self._compile(pattern)

    def matches(self, text: bytes) -> bool:
        """Whether the whole text matches."""
        states = self._closed(1)
        for byte in text:
            once, again = self._steps_on(byte)
            states = self._closed((states & once) << 1 | states & again)
            if not states:
                return False
        return bool(states >> len(self._takes) & 1)

    def _closed(self, states: int) -> int:
        """The states and all that can be reached from them without a byte."""
        while True:
            more = states | (states & self._skips) << 1 | (states & self._skips_three) << 3
            if more == states:
                return states
            states = more

    def _steps_on(self, byte: int) -> tuple[int, int]:
        """The tokens that take a byte and are then done with, and those that take it and stay."""
        if byte not in self._steps:
            takers = sum(1 << index for index, takes in enumerate(self._takes) if takes >> byte & 1)
            self._steps[byte] = takers & ~self._repeats, takers & self._repeats
        return self._steps[byte]

    def _compile(self, pattern: bytes) -> None:
        at = 0
        while at < len(pattern):
            character = pattern[at : at + 1]
            if character == b"*":
                at = self._stars(pattern, at)
            elif character == b"?":
                self._takes.append(_NOT_SLASH)
                at += 1
            elif character == b"[":
                takes, at = _char_class(pattern, at + 1)
                self._takes.append(takes & _NOT_SLASH)
            else:
                at += character == b"\\"
                # A backslash that ends the pattern matches nothing.
                self._takes.append(1 << pattern[at] if at < len(pattern) else 0)
                at += 1

    def _stars(self, pattern: bytes, start: int) -> int:
        end = start
        while pattern[end : end + 1] == b"*":
            end += 1
        rest = pattern[end : end + 2]
        opens = start == 0 or pattern[start - 1] == _SLASH
        closes = not rest or rest.startswith(b"/") or rest == b"\\/"
        across = end - start > 1 and opens and closes
        if across and rest.startswith(b"/"):
            return self._folders(end)
        index = len(self._takes)
        self._takes.append(_ALL if across else _NOT_SLASH)
        self._repeats |= 1 << index
        self._skips |= 1 << index
        return end

    def _folders(self, end: int) -> int:
        """`**/`: any folders, or none. Two in a row mean what one does, and chains of them would cost."""
        index = len(self._takes)
        if index < 3 or not self._skips_three >> (index - 3) & 1:
            # The first takes nothing: whoever has begun to pass folders may no longer choose to pass none.
            self._takes += [0, _ALL, 1 << _SLASH]
            self._repeats |= 2 << index
            self._skips |= 3 << index
            self._skips_three |= 1 << index
        return end + 1


def _char_class(pattern: bytes, at: int) -> tuple[int, int]:
    """The bytes that a class takes, and where it ends; a malformed one takes none, and the pattern never matches."""
    nothing = 0, len(pattern)
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    taken, previous, first = 0, -1, True
    while first or pattern[at : at + 1] != b"]":
        first = False
        if at >= len(pattern):
            return nothing
        code = pattern[at]
        if code == ord("-") and previous > 0 and pattern[at + 1 : at + 2] not in (b"", b"]"):
            at += 1 + (pattern[at + 1] == ord("\\"))
            if at >= len(pattern):
                return nothing
            taken, previous = taken | _span(previous, pattern[at]), -1
        elif pattern[at : at + 2] == b"[:" and (name := _class_name(pattern, at + 2)) is not None:
            if name not in _NAMED:
                return nothing
            taken, previous = taken | _NAMED[name], -1
            at += len(name) + 3
        else:
            at += code == ord("\\")
            if at >= len(pattern):
                return nothing
            taken, previous = taken | 1 << pattern[at], pattern[at]
        at += 1
    return (_ALL & ~taken if negated else taken), at + 1


def _class_name(pattern: bytes, start: int) -> bytes | None:
    """The name in `[:name:]`; None where this is not one; an impossible name where the class never ends."""
    end = pattern.find(b"]", start)
    if end < 0:
        return b""
    return pattern[start : end - 1] if end - 1 >= start and pattern[end - 1] == ord(":") else None

"""Which attributes a path has by the `.gitattributes` files of a snapshot, and by nothing else.

Neither the machine's configuration nor the clone's `info/attributes` has a say: they are not what is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple

from snitch.wildmatch import Glob

FILE_NAME = ".gitattributes"
#: Git passes over longer lines, and so does this.
MAX_LINE_BYTES = 2048
#: A real file has some dozen lines.
MAX_BYTES = 128 * 1024

#: True where an attribute is set, False where it is unset (`-text`), its text where it has a value. `!text` is None.
Value = bool | str | None

_BLANK = b" \t\r\n"
_MACRO = b"[attr]"
_SPECIAL = b"*?[\\"
_NAME_BYTES = frozenset(b"-._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_ESCAPES = dict(zip(b'abfnrtv\\"', b'\a\b\f\n\r\t\v\\"', strict=True))

States = tuple[tuple[str, Value], ...]


class TooLarge(ValueError):
    """A `.gitattributes` file is larger than anybody writes one: it is not read."""


class Pattern:
    """The path pattern of a line, relative to the folder of its file."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._only_folders = text.endswith(b"/")
        self._anywhere = b"/" not in text[:-1] if self._only_folders else b"/" not in text

    def matches(self, path: bytes) -> bool:
        """Whether it matches a file (never a folder) at a path relative to the pattern's folder."""
        if self._only_folders:
            return False
        if self._anywhere:
            return self._matches_name(path[path.rfind(b"/") + 1 :])
        # Git compares the part in front of the first special character as text, and what is behind it on its own.
        return path.startswith(self._plain) and self._glob.matches(path[len(self._plain) :])

    def _matches_name(self, name: bytes) -> bool:
        return self._whole.matches(name) if self._ending is None else name.endswith(self._ending)

    @cached_property
    def _ending(self) -> bytes | None:
        """What a name must end in, where that is all it must: `.skops` of `*.skops`."""
        is_ending = self.text[:1] == b"*" and not any(byte in _SPECIAL for byte in self.text[1:])
        return self.text[1:] if is_ending else None

    @cached_property
    def _plain(self) -> bytes:
        text = self.text.removeprefix(b"/")
        return text[: next((at for at, byte in enumerate(text) if byte in _SPECIAL), len(text))]

    @cached_property
    def _glob(self) -> Glob:
        return Glob(self.text.removeprefix(b"/")[len(self._plain) :])

    @cached_property
    def _whole(self) -> Glob:
        return Glob(self.text)


class Rules(NamedTuple):
    """A file's lines: patterns with what they set, and macros with what they stand for."""

    patterns: tuple[tuple[Pattern, States], ...]
    macros: Mapping[str, States]


_BUILT_IN: Mapping[str, States] = {"binary": (("diff", False), ("merge", False), ("text", False))}


def attributes_at(path: str, read: Callable[[str], bytes | None]) -> dict[str, Value]:
    """The attributes of a file. `read` returns the content of a `.gitattributes` by its path, None where there is none.

    Raises:
        TooLarge: one of the files above it is larger than `MAX_BYTES`.
        Exception: whatever `read` raises.
    """
    files = [(folder, rules) for folder in folders_above(path) if (rules := _rules(read, folder)) is not None]
    macros = {**_BUILT_IN, **next((rules.macros for folder, rules in files if not folder), {})}
    encoded = path.encode("utf-8", "surrogateescape")
    found: dict[str, Value] = {}
    for folder, rules in reversed(files):
        below = encoded[len(folder.encode("utf-8", "surrogateescape")) :]
        for pattern, states in reversed(rules.patterns):
            if pattern.matches(below):
                _fill(found, states, macros)
    return {name: value for name, value in found.items() if value is not None}


class Line(NamedTuple):
    """A line of a `.gitattributes`: its file, its number from 1, and its pattern."""

    path: str
    number: int
    pattern: str


def deciding_line(path: str, name: str, read: Callable[[str], bytes | None]) -> Line | None:
    """The line that gives a file the attribute `name`; None where none does. Else as `attributes_at`."""
    files = [(folder, content) for folder in folders_above(path) if (content := _content(read, folder)) is not None]
    macros = {**_BUILT_IN, **next((parse(content).macros for folder, content in files if not folder), {})}
    encoded = path.encode("utf-8", "surrogateescape")
    for folder, content in reversed(files):
        below = encoded[len(folder.encode("utf-8", "surrogateescape")) :]
        lines = content.partition(b"\0")[0].split(b"\n")
        for number in range(len(lines), 0, -1):
            for pattern, states in parse(lines[number - 1]).patterns:
                found: dict[str, Value] = {}
                _fill(found, states, macros)
                if name in found and pattern.matches(below):
                    return Line(f"{folder}{FILE_NAME}", number, pattern.text.decode("utf-8", "replace"))
    return None


def folders_above(path: str) -> Iterator[str]:
    """The root as the empty string, then each folder down to the file's own, with a final `/`."""
    yield ""
    at = path.find("/")
    while at >= 0:
        yield path[: at + 1]
        at = path.find("/", at + 1)


def _rules(read: Callable[[str], bytes | None], folder: str) -> Rules | None:
    content = _content(read, folder)
    return None if content is None else parse(content)


def _content(read: Callable[[str], bytes | None], folder: str) -> bytes | None:
    content = read(f"{folder}{FILE_NAME}")
    if content is not None and len(content) > MAX_BYTES:
        raise TooLarge(f"{folder}{FILE_NAME} is {len(content):,} bytes; the limit is {MAX_BYTES:,}")
    return content


def _fill(found: dict[str, Value], states: States, macros: Mapping[str, States]) -> None:
    """Sets what is not decided yet; of a line's own states the last wins, and a macro's come right behind it."""
    waiting: list[Iterator[tuple[str, Value]]] = [reversed(states)]
    while waiting:
        state = next(waiting[-1], None)
        if state is None:
            waiting.pop()
            continue
        name, value = state
        if name not in found:
            found[name] = value
            if value is True and name in macros:
                waiting.append(reversed(macros[name]))


@lru_cache(maxsize=256)
def parse(content: bytes) -> Rules:
    """Reads a file as Git does: a line that Git passes over with a warning is passed over."""
    patterns: list[tuple[Pattern, States]] = []
    macros: dict[str, States] = {}
    for line in content.partition(b"\0")[0].split(b"\n"):
        parsed = _parse_line(line)
        if parsed is None:
            continue
        text, states = parsed
        if text.startswith(_MACRO) and len(text) > len(_MACRO):
            name = _first_word(text[len(_MACRO) :].lstrip(_BLANK))
            if _is_name(name):
                macros[name.decode()] = states
        elif not text.startswith(b"!"):
            patterns.append((Pattern(text.partition(b"\0")[0]), states))
    return Rules(tuple(patterns), macros)


def _parse_line(line: bytes) -> tuple[bytes, States] | None:
    text = line.lstrip(_BLANK)
    if not text or text.startswith(b"#") or len(line) >= MAX_LINE_BYTES:
        return None
    quoted = _unquote(text) if text.startswith(b'"') else None
    if quoted is not None:
        pattern, rest = quoted
    else:
        pattern = _first_word(text)
        rest = text[len(pattern) :]
    states = _states(_words(rest))
    return None if states is None else (pattern, states)


def _first_word(text: bytes) -> bytes:
    return next(iter(_words(text)), b"") if text[:1] not in (b" ", b"\t", b"\r", b"\n") else b""


def _words(text: bytes) -> list[bytes]:
    for blank in b"\t\r\n":
        text = text.replace(bytes((blank,)), b" ")
    return [word for word in text.split(b" ") if word]


def _states(words: Iterable[bytes]) -> States | None:
    """What a line sets, in order; None where one name is invalid, for which Git drops the line."""
    states: list[tuple[str, Value]] = []
    for word in words:
        name, equals, value = word.partition(b"=")
        sign = name[:1] if name[:1] in (b"-", b"!") else b""
        name = name[len(sign) :]
        if not _is_name(name) or name.startswith(b"builtin_"):
            return None
        if sign:
            states.append((name.decode(), False if sign == b"-" else None))
        else:
            states.append((name.decode(), value.decode("utf-8", "surrogateescape") if equals else True))
    return tuple(states)


def _is_name(name: bytes) -> bool:
    return bool(name) and not name.startswith(b"-") and _NAME_BYTES.issuperset(name)


def _unquote(text: bytes) -> tuple[bytes, bytes] | None:
    """The text within C-style quotes and what follows them; None where the quoting is broken."""
    result = bytearray()
    at = 1
    while at < len(text):
        byte = text[at]
        at += 1
        if byte == ord('"'):
            return bytes(result), text[at:]
        if byte != ord("\\"):
            result.append(byte)
            continue
        escape = text[at : at + 1]
        if escape in (b"0", b"1", b"2", b"3"):
            digits = text[at : at + 3]
            if len(digits) < 3 or not all(48 <= digit <= 55 for digit in digits):
                return None
            result.append(int(digits, 8))
            at += 3
        elif escape and escape[0] in _ESCAPES:
            result.append(_ESCAPES[escape[0]])
            at += 1
        else:
            return None
    return None

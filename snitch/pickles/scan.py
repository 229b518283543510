"""Reads a pickle without loading it: which names it imports, and why it cannot be trusted to import no others.

The walk is exact or it is a problem. Two readers disagree about joblib's files, `joblib.load` and `pickle.load`; a
stream passes only if it is harmless to both.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import msgspec

from snitch.pickles.containers import OPAQUE, PLAIN, TEXT
from snitch.pickles.machine import Machine
from snitch.pickles.memo import Memo
from snitch.pickles.opcodes import FRAME, INST, MAX_TEXT, Opcode, opcodes
from snitch.pickles.plain import PlainMachine, is_dtype
from snitch.pickles.source import Broken, Limits, Refused, Source, Trailing, Unresolved
from snitch.pickles.stride import stride
from snitch.pickles.values import DTYPE, Global

#: Honest pickles import dozens.
MAX_NAMES = 10_000
#: Packages that have an attribute `dtype`, or would run something on being asked for it.
WITH_DTYPE = frozenset(
    {"antigravity", "arkouda", "cudf", "cupy", "ivy", "jax", "mxnet", "numpy", "tensorflow", "torch"}
)


class Scan(msgspec.Struct, frozen=True):
    """The distinct names that a pickle imports, in order, and why it was not understood to its end (empty: it was).

    `is_none` where every unpickler would have stopped with an error before it imported anything: it is no pickle.
    `is_idle` where every unpickler of one pickle would have come to its end, or stopped, before it imported anything.
    """

    globals: tuple[Global, ...]
    problems: tuple[str, ...]
    is_none: bool = False
    is_idle: bool = False


def scan_pickle(stream: BinaryIO, *, limits: Limits | None = None, storages: bool = False) -> Scan:
    """Scans the one pickle that the stream must hold from where it stands to its end. Nothing is loaded or imported.

    With `storages` it may refer to storages of tensors, which lie beside it in an archive of PyTorch's.

    Raises:
        OSError, EOFError, zlib.error…: whatever the stream itself raises on being read.
    """
    limits = limits or Limits()
    walk = _Walk(Source(stream, limits), limits, storages=storages)
    try:
        with _uncollected():
            walk.run()
    except Refused as refusal:
        is_none = isinstance(refusal, (Broken, Unresolved)) and not walk.globals
        is_idle = is_none or (isinstance(refusal, Trailing) and not walk.globals)
        return Scan(walk.globals, (str(refusal),), is_none, is_idle)
    return Scan(walk.globals, ())


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for cycles, of which a walk makes none: it would look at every object again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


_DECIMAL = re.compile(rb"(0|-?[1-9][0-9]{0,17})L?")


class _Walk:
    def __init__(self, source: Source, limits: Limits, *, storages: bool) -> None:
        self._source = source
        self._storages = storages
        self._limits = limits
        self._steps = 0
        self._found: dict[tuple[str, str], Global] = {}
        self._latest = Global("", "", 0)
        #: Whether pickle.load reads as far as this: it breaks off at the first array.
        self._readable = True

    @property
    def globals(self) -> tuple[Global, ...]:
        return tuple(self._found.values())

    def run(self) -> None:
        self._pickle(Machine(self._note, self._memo(), joblib=not self._storages, storages=self._storages))
        end = self._source.position
        if not self._source.at_end():
            raise Trailing(
                f"more bytes follow its end, at byte {end}: a second pickle, or something else that hides there"
            )

    def _memo(self, earlier: Memo | None = None) -> Memo:
        return Memo(self._limits.memo, self._limits.index, earlier)

    def _note(self, found: Global) -> None:
        self._latest = found
        if found.pair not in self._found and len(self._found) >= MAX_NAMES:
            raise Refused(f"it imports more than {MAX_NAMES} names")
        self._found.setdefault(found.pair, found)

    def _note_made(self, names: tuple[object, object], position: int) -> None:
        """What INST imports, before it is refused."""
        module, name = names
        if isinstance(module, str) and isinstance(name, str):
            self._note(Global(module, name, position))

    def _note_plain(self, found: Global) -> None:
        """What `pickle.load` imports where joblib's reading imports the latest name.

        An honest file makes it look for numpy's `dtype` in what some string says at the place where it expects the
        module: it fails to import that, or to find the name there, and stops.
        """
        expected = self._latest
        if found.pair == expected.pair or (expected.pair == DTYPE and is_dtype(found)):
            return
        if expected.pair != DTYPE or found.name != expected.name or _may_have_dtype(found.module):
            raise Refused(f"joblib.load imports {expected} where pickle.load imports {found}")
        raise Broken("it imports what does not exist")

    def _pickle(self, machine: Machine, plain: PlainMachine | None = None) -> None:
        """Walks to the STOP of one pickle; `plain` executes the same opcodes until it breaks."""
        source, known, frame_end = self._source, opcodes(), -1
        while True:
            if plain is None:
                self._stride(machine, frame_end)
            if machine.array is not None:
                self._array(machine, frame_end)
            start = source.position
            code = source.byte()
            opcode = known.get(code)
            if opcode is None:
                raise Broken(f"byte {start} is no pickle opcode (0x{code:02x})")
            argument = self._argument(opcode) if opcode.kind else OPAQUE
            self._count()
            if frame_end >= 0 or opcode.name == FRAME:
                frame_end = _frame(opcode.name, argument, start, source.position, frame_end)
                if opcode.name == FRAME:
                    continue
            if opcode.name == INST and isinstance(argument, tuple):
                self._note_made(argument, start)
            machine.step(opcode.name, argument, start)
            if plain is not None and not _survives(plain, opcode.name, argument, start):
                plain = None
            if opcode.name == "STOP":
                return

    def _stride(self, machine: Machine, frame_end: int) -> None:
        """Executes what is plain of the bytes at hand, up to the end of the frame."""
        content, at = self._source.held
        end = min(len(content), at + self._limits.opcodes - self._steps)
        if frame_end >= 0:
            end = min(end, at + frame_end - self._source.position)
        if at < end:
            after, steps = stride(content, at, end, machine)
            self._source.pass_by(after - at)
            self._steps += steps

    def _count(self) -> None:
        self._steps += 1
        if self._steps > self._limits.opcodes:
            raise Refused(f"it has more than {self._limits.opcodes} opcodes")
        if self._steps % 8192 == 0:
            self._source.check_clock()

    def _argument(self, opcode: Opcode) -> object:
        if opcode.kind == "stringnl_noescape_pair":
            return self._name_line(), self._name_line()
        if opcode.width < 0:
            return self._line(opcode.kind)
        number = int.from_bytes(self._source.read(opcode.width), "little", signed=opcode.signed)
        if opcode.sized:
            return self._sized(opcode, number)
        return PLAIN if opcode.kind == "float8" else number

    def _sized(self, opcode: Opcode, length: int) -> object:
        if length < 0:
            raise Broken("it announces a negative number of bytes")
        if opcode.longest and length <= opcode.longest:
            content = self._source.read(length)
            if opcode.longest == MAX_TEXT:
                return _text(content, "utf-8", "surrogatepass")
            return int.from_bytes(content, "little", signed=True)
        self._source.skip(length)
        return TEXT if "string" in opcode.kind else PLAIN

    def _name_line(self) -> object:
        line = self._source.line(MAX_TEXT)
        is_long = len(line) > MAX_TEXT
        name = TEXT if is_long else _text(line, "utf-8", "strict")
        if (name is TEXT and not is_long) or (is_long and b"\0" in line):
            raise Broken("it imports a name that is no text, or that nothing can bear")
        return name

    def _line(self, kind: str) -> object:
        line = self._source.line(MAX_TEXT)
        if len(line) > MAX_TEXT:
            return TEXT
        if kind == "unicodestringnl":
            return _text(line, "raw-unicode-escape", "strict")
        if kind.startswith("decimalnl") and _DECIMAL.fullmatch(line):
            return int(line.rstrip(b"L"))
        return TEXT if "string" in kind else PLAIN

    def _array(self, machine: Machine, frame_end: int) -> None:
        """Steps over what joblib reads behind an array's description."""
        array, machine.array = machine.array, None
        if frame_end >= 0:
            # joblib reads from the file, which Python's unpickler has read up to the end of the frame.
            raise Refused("an array's bytes lie inside of a frame")
        if array is None or array.size is None:
            # joblib reads this with an unpickler of its own; pickle.load reads on to the first STOP with what it has.
            plain = PlainMachine(self._note_plain, self._memo(machine.memo)) if self._readable else None
            inner = Machine(self._note, self._memo())
            self._pickle(inner, plain)
            machine.take_array(inner.result)
        else:
            self._padding()
            self._source.skip(array.size)
        self._readable = False

    def _padding(self) -> None:
        """1 to 16 bytes of alignment, which are no opcodes: whatever follows, pickle.load stops here with an error."""
        length = self._source.read(1)[0]
        if not 1 <= length <= 16 or self._source.read(length) != b"\xff" * length:
            raise Refused("the padding before an array is not joblib's")


def _survives(plain: PlainMachine, name: str, argument: object, position: int) -> bool:
    try:
        plain.step(name, argument, position)
    except Broken:
        return False
    return True


def _may_have_dtype(module: str) -> bool:
    """Whether a module of this name may exist and have a `dtype`. One without a dot is often a parameter (`copy`)."""
    from snitch.pickles.allowlist import MODULES

    package, dot, _ = module.partition(".")
    is_listed = module in MODULES
    return package in WITH_DTYPE or (bool(dot) and not is_listed and all(map(str.isidentifier, module.split("."))))


def _frame(name: str, argument: object, start: int, end: int, frame_end: int) -> int:
    """Where the current frame ends once the opcode at `start` to `end` is read; -1 outside of frames."""
    inside = start < frame_end
    if inside and (end > frame_end or name == FRAME):
        raise Refused(f"the opcode at byte {start} crosses the end of a frame")
    if name == FRAME and isinstance(argument, int):
        return end + argument if argument else -1
    if inside and end < frame_end:
        if name == "STOP":
            raise Refused(f"it stops at byte {start}, inside of a frame")
        return frame_end
    return -1


def _text(content: bytes, encoding: str, errors: str) -> object:
    try:
        return content.decode(encoding, errors)
    except UnicodeDecodeError:
        return TEXT

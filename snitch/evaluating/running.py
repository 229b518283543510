"""A model, run to its end by a keeper: what held, how far it is, how it ended."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from msgspec import DecodeError, Struct
from msgspec.json import decode, encode

from snitch.escape import for_terminal
from snitch.evaluating import kernel
from snitch.evaluating.interpreter import Failed
from snitch.evaluating.isolation import Isolation, Kind
from snitch.evaluating.launch import CHANNEL, ERRORS, OUTPUT
from snitch.evaluating.variables import bare_environment
from snitch.sizes import written_size

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
#: Without the environment's packages: all that is found is Python's library, and Snitch.
_START = "import sys; sys.path.append(sys.argv[1]); from snitch.evaluating.keeper import main; main()"
#: What is kept of what a model prints, from its end.
_KEPT = 8192
#: Seconds that the keeper has to end everything.
_PATIENCE = 60.0


class Ended(Struct):
    """What a keeper tells of a model."""

    held: dict[Kind, str] = {}
    #: Why it ended; None: the keeper did not say.
    ended: str | None = None
    #: As wait(2) has it; None: it was ended.
    status: int | None = None
    broken: str | None = None


class Heard:
    """What came out of a model's process, bounded: its last words, and how far it says it is."""

    def __init__(self, rows: int, progress: Callable[[int], None] | None) -> None:
        self.rows, self.progress = rows, progress
        self.report = b""
        self.words = {OUTPUT: b"", ERRORS: b""}
        self.failed = ""
        self._line, self._done = b"", 0

    def add(self, source: int, content: bytes) -> None:
        if source == CHANNEL:
            self._told(content)
        elif source in self.words:
            self.words[source] = (self.words[source] + content)[-_KEPT:]
        else:
            self.report += content

    def _told(self, content: bytes) -> None:
        *lines, rest_of_line = (self._line + content).split(b"\n")
        self._line = rest_of_line[-_KEPT:]
        for line in lines:
            word, _, rest = line.partition(b" ")
            if word == b"failed":
                self.failed = rest.decode("utf-8", "replace")
            elif word == b"rows" and rest.isdigit() and len(rest) < 12 and int(rest) <= self.rows:
                self._done = int(rest)
                self.beat()

    def beat(self) -> None:
        """Shows how far it is, as before where it says nothing: whoever waits sees that it is at work."""
        if self.progress:
            self.progress(self._done)

    @property
    def last_word(self) -> str:
        for source in (ERRORS, OUTPUT):
            lines = self.words[source].decode("utf-8", "replace").strip().splitlines()
            if lines:
                return for_terminal(lines[-1][:300])
        return "it said nothing"


def run(plan: dict[str, Any], heard: Heard) -> Isolation:
    """Runs a model to its end; `plan` is the keeper's, without its descriptors.

    Raises:
        Failed: it ended otherwise than by itself and without an error.
    """
    pipes = {at: os.pipe() for at in (OUTPUT, ERRORS, CHANNEL, -1)}
    given = {at: write for at, (_, write) in pipes.items()}
    try:
        keeper = _start(list(given.values()))
    finally:
        for write in given.values():
            os.close(write)
    seconds = plan["limits"]["seconds"]
    try:
        with _kept_to_itself():
            assert keeper.stdin is not None
            channels = {str(at): given[at] for at in (OUTPUT, ERRORS, CHANNEL)}
            keeper.stdin.write(
                encode({**plan, "channels": channels, "report": given[-1], "asking": os.getpid()}) + b"\n"
            )
            keeper.stdin.flush()
            _listen({at: read for at, (read, _) in pipes.items()}, heard, time.monotonic() + seconds + _PATIENCE)
    except BrokenPipeError:
        pass  # what became of it is told below
    finally:
        _dismiss(keeper)
        for read, _ in pipes.values():
            os.close(read)
    return _judged(_said(heard.report), heard, plan["limits"])


def _start(descriptors: list[int]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, _ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=bare_environment(),
            cwd=os.path.sep,
            pass_fds=descriptors,
            start_new_session=True,
        )
    except OSError as error:
        raise Failed(f"no process can be started for the model: {error.strerror or error}") from None


def _dismiss(keeper: subprocess.Popen[bytes]) -> None:
    """Has the keeper end whatever is left: it does when its input ends."""
    with suppress(OSError):
        assert keeper.stdin is not None
        keeper.stdin.close()
    try:
        keeper.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()


def _listen(sources: dict[int, int], heard: Heard, until: float) -> None:
    """Reads all there is until the keeper has said its last."""
    with selectors.DefaultSelector() as selector:
        for at, descriptor in sources.items():
            os.set_blocking(descriptor, False)
            selector.register(descriptor, selectors.EVENT_READ, at)
        is_over = False
        while not is_over and time.monotonic() < until:
            ready = selector.select(timeout=1.0)
            if not ready:
                heard.beat()
            for key, _ in ready:
                content = os.read(key.fd, 1 << 16)
                heard.add(key.data, content)
                if not content:
                    selector.unregister(key.fd)
                    is_over = is_over or key.data == -1
    for at, descriptor in sources.items():
        with suppress(BlockingIOError):  # where something that could not be ended holds it open
            while content := os.read(descriptor, 1 << 16):
                heard.add(at, content)


def _said(report: bytes) -> Ended:
    told: dict[str, Any] = {}
    with suppress(DecodeError):
        for line in report.splitlines():
            told.update(decode(line))
    return Ended(**told)


def _judged(ended: Ended, heard: Heard, limits: dict[str, Any]) -> Isolation:
    if ended.broken is not None:
        raise Failed(f"the model cannot be run apart from everything else: {for_terminal(ended.broken)}", _TRY)
    if ended.ended != "by itself":
        reason, help_text = _TOO_MUCH.get(ended.ended or "", (_LOST, _TRY))
        raise Failed(reason.format(**_written(limits)), help_text)
    if ended.status is None:
        raise Failed(_LOST, _TRY)
    code = os.waitstatus_to_exitcode(ended.status)
    if code < 0:
        hint = ", as it is where memory is short" if -code == signal.SIGKILL else ""
        raise Failed(f"the model's process was ended by {_signal_name(-code)}{hint}: {heard.last_word}", _TRY)
    if code and heard.failed:
        raise Failed(for_terminal(heard.failed), _MORE_MEMORY if "MemoryError" in heard.failed else _LOAD)
    if code:
        is_short = "MemoryError" in heard.last_word
        raise Failed(f"the model's process ended with {code}: {heard.last_word}", _MORE_MEMORY if is_short else _TRY)
    return Isolation(ended.held)


_LOST = "nobody knows how the model's process ended"
_MORE_MEMORY = "allow it more by `--max-memory`"
_TOO_MUCH = {
    "time": ("the model did not end within {seconds} s", "allow it more by `--max-time`"),
    "memory": ("the model took more than {memory} of memory", _MORE_MEMORY),
    "disk": ("the model wrote more than {disk}", "have it write nothing but its answers"),
    "tasks": ("the model started more than {tasks} processes and threads", "have it start fewer"),
    "remains": ("the model left processes behind that cannot be ended", "have it end what it starts"),
}
#: What it is given is told in docs/measuring.md.
_TRY = "try it by hand in a copy of the model's folder: it has no network, no labels and no files but its own"
_LOAD = "mend the weights, or name an interpreter that has what they need: `--python PATH`, `--install`"


def _written(limits: dict[str, Any]) -> dict[str, str]:
    sizes = {name: written_size(limits[name]) for name in ("memory", "disk")}
    return {**sizes, "seconds": f"{limits['seconds']:g}", "tasks": f"{limits['tasks']:,}"}


def _signal_name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


_LOCK = threading.Lock()
_RUNNING = 0


@contextmanager
def _kept_to_itself() -> Iterator[None]:
    """Keeps this process's memory and variables from others of the same user, a token among them."""
    global _RUNNING
    if sys.platform != "linux":
        yield
        return
    with _LOCK:
        _RUNNING += 1
        kernel.prctl(kernel.SET_DUMPABLE, 0)
    try:
        yield
    finally:
        with _LOCK:
            _RUNNING -= 1
            if not _RUNNING:
                kernel.prctl(kernel.SET_DUMPABLE, 1)

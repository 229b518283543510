"""Reads Git's objects by their ids, many through one process."""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import io
import os
import subprocess
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from snitch.git.errors import AbsentObject, GitError
from snitch.snapshot import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from snitch.git.command import Git

#: The largest file that is read into memory, in bytes.
MAX_BYTES = 16 * 1024 * 1024

#: What recently read contents may take in memory, in bytes; the oldest leave first.
MAX_KEPT_BYTES = 128 * 1024 * 1024

#: The largest file that is read before it is asked for, in bytes: what rules read is smaller.
_MAX_PREFETCHED_BYTES = 1024 * 1024

#: Requests on their way to git. All of them fit the smallest pipe (16 KiB), so that writing never waits for git, which
#: may itself be waiting for us to read.
_IN_FLIGHT = 240


class Objects:
    """The contents and sizes of blobs, by full object id.

    A forked child may go on using one: it starts processes of its own. Not for use by several threads at once.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._contents = _Batch(git, "--batch")
        self._headers = _Batch(git, "--batch-check")
        self._kept: dict[str, bytes] = {}
        self._kept_bytes = 0
        self._sizes: dict[str, int] = {}
        #: Fetches what is not here, by ids; None where nothing may be fetched, as everywhere but in the gate.
        self.supplier: Callable[[Sequence[str]], None] | None = None

    def read(self, oid: str, limit: int = MAX_BYTES) -> bytes:
        """A blob's content.

        Raises:
            UnreadableFile: it is not here, not a blob, or larger than `limit` bytes; its `path` is the object id.
        """
        content = self._kept.get(oid)
        if content is None:
            ((_, answer),) = self.read_many([oid], limit)
            if isinstance(answer, UnreadableFile) and answer.absent and self._supplied([oid]):
                ((_, answer),) = self.read_many([oid], limit)
            if isinstance(answer, UnreadableFile):
                raise answer
            return answer
        if len(content) > limit:
            raise _too_large(oid, len(content), limit)
        return content

    def read_many(self, oids: Iterable[str], limit: int = MAX_BYTES) -> Iterator[tuple[str, bytes | UnreadableFile]]:
        """Each id with its content, or with why it cannot be had; in order, read ahead, never all in memory."""
        batch = _Batch(self._git, "--batch") if self._contents.is_busy else self._contents
        try:
            for oid, answer in batch.answers(list(oids), limit):
                if isinstance(answer, bytes):
                    self._keep(oid, answer)
                yield oid, cast("bytes | UnreadableFile", answer)
        finally:
            if batch is not self._contents:
                batch.close()

    def prefetch(self, oids: Iterable[str]) -> None:
        """Reads blobs that will be asked for soon, large ones not, as far as memory is allotted to them."""
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._kept]
        answers = self.read_many(wanted, _MAX_PREFETCHED_BYTES)
        absent = [oid for oid, answer in answers if isinstance(answer, UnreadableFile) and answer.absent]
        if absent and self._supplied(absent):
            for _ in self.read_many(absent, _MAX_PREFETCHED_BYTES):
                pass

    def sizes(self, oids: Iterable[str]) -> dict[str, int | UnreadableFile]:
        """The blobs' sizes in bytes, reading none; an absent object's or another kind's is why there is none."""
        wanted = list(dict.fromkeys(oids))
        unknown = [oid for oid in wanted if oid not in self._sizes]
        failures: dict[str, int | UnreadableFile] = {}
        for oid, answer in self._headers.answers(unknown, None):
            if isinstance(answer, int):
                self._sizes[oid] = answer
            else:
                failures[oid] = cast("UnreadableFile", answer)
        return {oid: failures[oid] if oid in failures else self._sizes[oid] for oid in wanted}

    def size(self, oid: str) -> int | UnreadableFile:
        """One blob's, as `sizes`."""
        known: int | UnreadableFile | None = self._sizes.get(oid)
        if known is None:
            known = self.sizes([oid])[oid]
        if isinstance(known, UnreadableFile) and known.absent and self._supplied([oid]):
            known = self.sizes([oid])[oid]
        return known

    def _supplied(self, absent: Sequence[str]) -> bool:
        """Whether what is not here has been fetched, where there is somebody to do it."""
        if self.supplier is None:
            return False
        try:
            self.supplier(absent)
        except AbsentObject:
            return False
        return True

    def close(self) -> None:
        """Ends the processes; the next read starts them anew."""
        self._contents.close()
        self._headers.close()

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keep(self, oid: str, content: bytes) -> None:
        if oid in self._kept:
            return
        self._kept[oid] = content
        self._sizes[oid] = len(content)
        self._kept_bytes += len(content)
        while self._kept_bytes > MAX_KEPT_BYTES:
            self._kept_bytes -= len(self._kept.pop(next(iter(self._kept))))


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    requests: int
    replies: BinaryIO
    owner: int


class _Batch:
    """One `git cat-file` that answers requests in order."""

    def __init__(self, git: Git, mode: str) -> None:
        self._git = git
        self._mode = mode
        self._running: _Running | None = None
        self.is_busy = False

    def answers(self, oids: Sequence[str], limit: int | None) -> Iterator[tuple[str, bytes | int | UnreadableFile]]:
        """Each id with its answer: content where there is a limit, else the size. Requests run ahead of the replies."""
        self.is_busy = True
        running: _Running | None = None
        sent = 0
        try:
            for received, oid in enumerate(oids):
                if running is None or running is not self._running:
                    # Git had to be ended: what it was asked ahead is asked again.
                    running, sent = self._start(), received
                if sent - received <= _IN_FLIGHT // 2 and sent < len(oids):
                    upto = min(sent + _IN_FLIGHT // 2, len(oids))
                    _send(running.requests, oids[sent:upto])
                    sent = upto
                answer = self._answer(running.replies, oid, limit)
                yield oid, self._died(oid) if answer is None else answer
        except BaseException:
            # Replies to what was asked ahead are still in the pipe: the next reader must not take them for its own.
            self.close()
            raise
        finally:
            self.is_busy = False

    def _answer(self, replies: BinaryIO, oid: str, limit: int | None) -> bytes | int | UnreadableFile | None:
        """The next reply; None where git ended instead."""
        header = replies.readline().split()
        if len(header) < 2:
            return None
        if header[0] != oid.encode("ascii"):
            raise GitError(f"git answered about {header[0]!r} when asked about {oid}", "`git fsck` says what is broken")
        if header[1] == b"missing":
            return _absent(oid)
        kind, size = header[1], int(header[2])
        if limit is None:
            return size if kind == b"blob" else _not_a_blob(oid, kind)
        if kind != b"blob" or size > limit:
            # Ending git costs less than letting it print what nobody will read.
            self.close()
            return _not_a_blob(oid, kind) if kind != b"blob" else _too_large(oid, size, limit)
        content = replies.read(size + 1)
        return content[:-1] if len(content) == size + 1 else None

    def _died(self, oid: str) -> UnreadableFile:
        """Why git ended in the middle: a partial clone that may not fetch (before git 2.45), or a corrupt object."""
        self.close()
        asked = self._git.ask(("cat-file", "-t", oid))
        if asked.status == 0:
            return _corrupt(oid)
        error = self._git.failure("cat-file", asked)
        if isinstance(error, AbsentObject):
            return _absent(oid)
        if "corrupt" in error.message:
            return _corrupt(oid)
        raise error

    def _start(self) -> _Running:
        if self._running is not None and self._running.owner != os.getpid():
            self._abandon()
        if self._running is None:
            # A pipe that nobody reads could fill and stop git; what went wrong is asked for once it is wanted.
            process = self._git.start(("cat-file", self._mode), stderr=subprocess.DEVNULL)
            assert process.stdin is not None
            assert process.stdout is not None
            replies: BinaryIO = io.BufferedReader(cast("io.RawIOBase", process.stdout), 1 << 18)
            self._running = _Running(process, process.stdin.fileno(), replies, os.getpid())
        return self._running

    def _abandon(self) -> None:
        """Lets go of a process that a parent started, leaving it to the parent."""
        assert self._running is not None
        process, self._running = self._running.process, None
        process.returncode = 0
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def close(self) -> None:
        if self._running is None:
            return
        if self._running.owner != os.getpid():
            self._abandon()
            return
        running, self._running = self._running, None
        running.process.kill()
        running.process.wait()
        running.replies.close()
        if running.process.stdin is not None:
            running.process.stdin.close()

    def __del__(self) -> None:
        self.close()


def _send(pipe: int, oids: Sequence[str]) -> None:
    if not all(map(str.isalnum, oids)):
        raise ValueError("not an object id")
    try:
        os.write(pipe, ("\n".join(oids) + "\n").encode("ascii"))
    except BrokenPipeError:
        # Git has ended. Its last replies are still to be read, and the end of them says so.
        return


def _absent(oid: str) -> UnreadableFile:
    reason = "its object is not in this clone; fetch it, or clone without --depth and --filter"
    return UnreadableFile(oid, reason, absent=True)


def _corrupt(oid: str) -> UnreadableFile:
    return UnreadableFile(oid, "its object is corrupt; `git fsck` says what is broken")


def _not_a_blob(oid: str, kind: bytes) -> UnreadableFile:
    return UnreadableFile(oid, f"its object is a {kind.decode('ascii', 'replace')}, not a file")


def _too_large(oid: str, size: int, limit: int) -> UnreadableFile:
    return UnreadableFile(oid, f"is {size} bytes long; the limit is {limit}")

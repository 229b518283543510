"""Puts the two files of an evaluation in place: both of them, or none."""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from snitch.placing import write_beside


def place_all(files: Mapping[str, bytes]) -> bool:
    """Writes files, each whole, and puts them in place together; whether any held something else than what it is to.

    Raises:
        OSError: one cannot be written; then all are as they were, and nothing is left beside them.
    """
    changed = {path: content for path, content in files.items() if not _holds(path, content)}
    written: dict[str, str] = {}
    try:
        for path, content in changed.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            written[path] = write_beside(path, content)
        with _uninterrupted():
            _replace(written)
    finally:
        for temporary in written.values():
            with suppress(OSError):
                os.unlink(temporary)
    return bool(changed)


def _holds(path: str, content: bytes) -> bool:
    try:
        if os.path.islink(path) or os.path.getsize(path) != len(content):
            return False
        with open(path, "rb") as file:
            return file.read() == content
    except OSError:
        return False


def _replace(written: Mapping[str, str]) -> None:
    """Renames all, and puts back what was there where one cannot be."""
    before: dict[str, str | None] = {}
    try:
        for path, temporary in written.items():
            before[path] = _set_aside(path)
            os.replace(temporary, path)
    except OSError:
        for path, aside in before.items():
            with suppress(OSError):
                if aside is not None:
                    os.replace(aside, path)
                elif not os.path.exists(written[path]):
                    os.unlink(path)
        raise
    finally:
        for aside in before.values():
            if aside is not None:
                with suppress(OSError):
                    os.unlink(aside)


def _set_aside(path: str) -> str | None:
    """Another name for the file that is there; None where there is none."""
    if not os.path.lexists(path):
        return None
    if os.path.isdir(path) and not os.path.islink(path):
        raise IsADirectoryError(errno.EISDIR, "a folder lies where a file is to be", path)
    aside = f"{path}.{os.getpid()}.old"
    try:
        os.link(path, aside, follow_symlinks=False)
    except OSError:  # not every file system has links
        os.rename(path, aside)
    return aside


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Puts an interruption off for as long as a few renames take."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

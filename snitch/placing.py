"""Writes files whole: whoever reads one meets the old content or the new, never a part."""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import os


def place(path: str, content: bytes, mode: int | None = None) -> None:
    """Puts a file in place, with these permissions; by default those of the file that was there, if one was.

    Raises:
        OSError: it cannot be written; what was there is untouched, and nothing is left beside it.
    """
    temporary = f"{path}.{os.getpid()}.tmp"
    file = open(temporary, "xb")  # noqa: SIM115 -- one that is there already is not ours to remove
    try:
        with file:
            file.write(content)
            if mode is None and os.path.exists(path):
                mode = os.stat(path).st_mode & 0o7777
            if mode is not None:
                os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


def write_out(path: str, content: bytes) -> None:
    """Writes what somebody asked for to where they asked for it: a file is put in place, also at the end of a link; a
    pipe or a device is written to, and must never be replaced by a file.

    Raises:
        OSError: it cannot be written.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            file.write(content)
    else:
        place(os.path.realpath(path), content)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return

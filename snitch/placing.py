"""Writes files whole: whoever reads one meets the old content or the new, never a part.

No link is written through: one that a repository holds may lead anywhere.
"""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import errno
import os
import re
import stat

#: Names of what is open already; on Linux they are links.
_OPEN = re.compile(r"/dev/(?:std(?P<name>out|err)|fd/(?P<number>\d{1,9}))|/proc/self/fd/(?P<own>\d{1,9})", re.ASCII)
_STANDARD = {"out": 1, "err": 2}


def place(path: str, content: bytes, mode: int | None = None) -> None:
    """Puts a file in place, also in that of a link, with these permissions; by default those of the file that was
    there, if one was.

    Raises:
        OSError: it cannot be written; what was there is untouched, and nothing is left beside it.
    """
    temporary = write_beside(path, content, mode)
    try:
        os.replace(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


def write_beside(path: str, content: bytes, mode: int | None = None) -> str:
    """Writes what is to be put in place to a new file, and returns its path; permissions as of `place`.

    Raises:
        OSError: it cannot be written, and nothing is left of it.
    """
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        file = open(temporary, "xb")  # noqa: SIM115 -- one that is there already is not ours to remove
    except FileExistsError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    try:
        with file:
            file.write(content)
            there = _kind(path)
            if mode is None and stat.S_ISREG(there):
                mode = stat.S_IMODE(there)
            if mode is not None:
                os.chmod(temporary, mode)
    except BaseException:
        _remove(temporary)
        raise
    return temporary


def write_out(path: str, content: bytes) -> None:
    """Writes what somebody asked for to where they asked for it: a file is put in place, also in that of a link. A pipe
    or a device is written to, also behind a link outside of the work tree that this runs in, and must never be replaced
    by a file; so is what this process has open by that name.

    Raises:
        OSError: it cannot be written; also where it lies behind a link of the work tree that this runs in.
    """
    is_open = _OPEN.fullmatch(path)
    if is_open:
        number = is_open["number"] or is_open["own"]
        with open(os.dup(int(number) if number else _STANDARD[is_open["name"]]), "wb") as file:
            file.write(content)
        return
    _refuse_linked_folder(path)
    kind = _kind(path)
    if stat.S_ISLNK(kind) and not _is_of_work_tree(path):
        behind = _kind_behind(path)
        kind = behind if stat.S_ISFIFO(behind) or stat.S_ISCHR(behind) else kind
    if kind and not (stat.S_ISREG(kind) or stat.S_ISLNK(kind)):
        with open(path, "wb") as file:
            file.write(content)
    else:
        place(path, content)


def _kind(path: str) -> int:
    """The mode of what has a name, links not followed; 0 where nothing has."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def _kind_behind(link: str) -> int:
    """The mode of what a link leads to; the link's own where that is nothing."""
    try:
        return os.stat(link).st_mode
    except OSError:
        return _kind(link)


def _is_of_work_tree(path: str) -> bool:
    top = _work_tree(os.path.realpath(os.getcwd()))
    folder = os.path.realpath(os.path.dirname(path) or ".")
    return top is not None and (folder + os.sep).startswith(top.rstrip(os.sep) + os.sep)


def _refuse_linked_folder(path: str) -> None:
    here = os.getcwd()
    top = _work_tree(os.path.realpath(here))
    if top is None:
        return
    # Not normalised: what `..` leads to depends on the links before it.
    parts = os.path.join(here, os.path.dirname(path)).split(os.sep)
    for number in range(2, len(parts) + 1):
        folder = os.sep.join(parts[:number])
        above = os.path.realpath(os.path.dirname(folder))
        if os.path.islink(folder) and (above == top or above.startswith(top.rstrip(os.sep) + os.sep)):
            raise OSError(errno.ELOOP, f"{parts[number - 1]} is a link in the repository, and may lead anywhere", path)


def _work_tree(folder: str) -> str | None:
    """The top of the work tree that a folder lies in."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return

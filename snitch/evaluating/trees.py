"""Folders that somebody else filled, removed."""

from __future__ import annotations

import os
from contextlib import suppress


def remove_tree(path: str) -> None:
    """Removes a folder whatever a model has made of it: closed folders, and such as lie too deep to be named.

    Nothing may write there any more. No link is followed; what cannot be removed stays.
    """
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        with suppress(OSError):
            os.chmod(folder, 0o700)
            for entry in list(os.scandir(folder)):
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(_beside(path, entry.path))
                    else:
                        os.unlink(entry.path)
        if folder != path:
            with suppress(OSError):
                os.rmdir(folder)
    with suppress(OSError):
        os.rmdir(path)


def _beside(top: str, folder: str) -> str:
    """The folder, moved to right below the top: no path grows longer on the way down."""
    os.chmod(folder, 0o700)
    moved = os.path.join(top, os.urandom(12).hex())
    os.rename(folder, moved)
    return moved

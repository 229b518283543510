"""The folder that a model is run in: what it is given, what it may write, what is taken back from it."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress

from snitch.evaluating.interpreter import Failed


class Scratch:
    """`given/` is for the model to read, `work/` is where it may write. Removed at the end, whatever lies there."""

    def __init__(self) -> None:
        self.path = os.path.realpath(tempfile.mkdtemp(prefix="snitch-model-"))
        self.given, self.work = os.path.join(self.path, "given"), os.path.join(self.path, "work")
        for folder in (self.given, self.work, os.path.join(self.work, "home"), os.path.join(self.work, "tmp")):
            os.mkdir(folder, 0o700)
        #: Held open: the model may put a link in the folder's place.
        self._work = os.open(self.work, os.O_RDONLY | os.O_DIRECTORY)

    def take(self, name: str, largest: int) -> bytes:
        """A regular file that the model wrote to `work/`.

        Raises:
            Failed: there is none, it is none, or it is larger than `largest` bytes.
        """
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._work)
        except FileNotFoundError:
            raise Failed("the model ended without an error and wrote no answers") from None
        except OSError as error:
            raise Failed(f"the model's answers cannot be read: {error.strerror}") from None
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
                raise Failed("the model's answers are no regular file of its own")
            content = file.read(largest + 1) if about.st_size <= largest else None
        if content is None or len(content) > largest:
            raise Failed(f"the model's answers are larger than {largest:,} bytes")
        return content

    def remove(self) -> None:
        os.close(self._work)
        remove_tree(self.path)


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

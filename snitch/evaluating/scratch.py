"""The folder that a model is run in: what it is given, what it may write, what is taken back from it."""

from __future__ import annotations

import os
import stat
import tempfile

from snitch.evaluating.interpreter import Failed
from snitch.evaluating.trees import remove_tree

_WRITE = "have it write them to the very path that stands for `{out}`, as a plain file"


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
            raise Failed("the model ended without an error and wrote no answers", _WRITE) from None
        except OSError as error:
            raise Failed(f"the model's answers cannot be read: {error.strerror}", _WRITE) from None
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
            os.close(descriptor)
            raise Failed("the model's answers are no regular file of its own", _WRITE)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(largest + 1) if about.st_size <= largest else None
        if content is None or len(content) > largest:
            raise Failed(
                f"the model's answers are larger than {largest:,} bytes", "write the ids, predictions and scores alone"
            )
        return content

    def remove(self) -> None:
        os.close(self._work)
        remove_tree(self.path)

"""A server of weights that lies in memory."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from snitch.finding import Undecidable
from snitch.lfs.storing import Progress, store
from snitch.pointer import Pointer


def digest_of(content: bytes) -> str:
    return "sha256:" + sha256(content).hexdigest()


class Held:
    """A server that holds contents; of `broken` ones it cannot hand over the bytes."""

    def __init__(self, *contents: bytes, broken: Iterable[bytes] = (), down: bool = False) -> None:
        self.contents = {digest_of(content): content for content in contents}
        self.broken = {digest_of(content) for content in broken}
        self.down = down
        self.downloaded: list[str] = []
        self.asked: list[list[str]] = []

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        asked = [pointer.digest for pointer in pointers]
        self.asked.append(asked)
        if self.down and asked:
            raise Undecidable("the server is asleep", help="wake it")
        return frozenset(asked) - self.contents.keys()

    def download(self, pointer: Pointer, folder: str, progress: Progress | None = None) -> str:
        self.downloaded.append(pointer.digest)
        if pointer.digest in self.broken:
            raise Undecidable(f"the download of {pointer.digest} broke off", help="run it again")
        content = self.contents[pointer.digest]
        return store([content[:2], content[2:]], pointer, folder, progress)

"""A model's weights as a snapshot stores them: pointers, malformed pointers, or real bytes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property, lru_cache

from msgspec import Struct

from snitch.finding import Broken, Finding
from snitch.layout import WEIGHTS_SUFFIXES
from snitch.model import Model
from snitch.pointer import MAX_POINTER_BYTES, Pointer, looks_like_pointer, parse_pointer
from snitch.postponed import Postponed
from snitch.snapshot import refuse_links
from snitch.source import File


class Stored(Struct, frozen=True, dict=True):
    """A file as Git holds it: `content` is None where it is too large for a pointer.

    Its place in the manifest is `place`; empty where that names it not.
    """

    file: File
    folder: str
    place: str
    size: int
    content: bytes | None

    @property
    def path(self) -> str:
        return self.file.path

    @cached_property
    def name(self) -> str:
        """Its path from the model's folder."""
        return posixpath.relpath(self.path, self.folder or ".")

    @property
    def suffix(self) -> str:
        return posixpath.splitext(self.path)[1].lower()

    @cached_property
    def pointer(self) -> Pointer | None:
        """The pointer, if it is well-formed."""
        return parse_pointer(self.content) if self.content is not None else None

    @cached_property
    def is_pointer(self) -> bool:
        """Whether it means to be a pointer, well-formed or not."""
        return self.content is not None and looks_like_pointer(self.content)

    def finding(self, message: str, help_text: str) -> Finding:
        """A finding about the file as a whole, which is no text for people."""
        return Finding(message=message, path=self.path, help=help_text, role="weights", key=self.name)


def stored_weights(model: Model, later: Postponed) -> Iterator[Stored]:
    """The weights that the manifest names, then the other files of the model that look like weights.

    What keeps one from being told of is left to `later`.
    """
    places: dict[str, str] = {}
    with later:
        for index, name in enumerate(model.manifest.weights):
            with later:
                places.setdefault(model.resolve(name), f"/weights/{index}")
    others = (path for path in model.files if path.lower().endswith(WEIGHTS_SUFFIXES))
    for path in dict.fromkeys([*places, *others]):
        with later:
            yield stored(model, path, places.get(path, ""))


@lru_cache(maxsize=256)  # five rules ask for the same files of a model
def stored(model: Model, path: str, place: str = "") -> Stored:
    """One file.

    Raises:
        Broken: it is not in the tree.
        UnreadableFile: it is a link, a submodule, or not in this clone.
    """
    snapshot = model.repository.snapshot
    if path not in snapshot:
        raise Broken(f"{path} is not in the tree", reported_by="MET007", path=path)
    refuse_links(path, snapshot.entries[path])
    size = snapshot.size(path)
    content = snapshot[path] if size <= MAX_POINTER_BYTES else None
    return Stored(File(model.repository, path), model.folder, place, size, content)

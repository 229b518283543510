"""A model's weights as a snapshot stores them: pointers, malformed pointers, or real bytes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.finding import Broken, Finding, Undecidable
from snitch.layout import PREDICTIONS_SUFFIXES, WEIGHTS_SUFFIXES
from snitch.model import Model
from snitch.pickles.files import PICKLED, SKOPS
from snitch.pointer import MAX_POINTER_BYTES, Pointer, looks_like_pointer, parse_pointer
from snitch.postponed import Postponed
from snitch.snapshot import UnreadableFile, refuse_links
from snitch.source import File, Source, resolve

if TYPE_CHECKING:
    from snitch.change import Change


class Stored(Struct, frozen=True):
    """A file as Git holds it: `content` is None where it is too large for a pointer.

    `name` is its path from the model's folder; `place` where the manifest names it, empty where it does not.
    """

    source: Source
    path: str
    name: str
    place: str
    size: int
    content: bytes | None
    #: The pointer, if it is well-formed.
    pointer: Pointer | None
    #: Whether it means to be a pointer, well-formed or not.
    is_pointer: bool

    @property
    def is_malformed(self) -> bool:
        """Whether it means to be a pointer and is none."""
        return self.is_pointer and self.pointer is None

    @property
    def file(self) -> File:
        """The file, to point at."""
        return File(self.source, self.path)

    @property
    def suffix(self) -> str:
        return posixpath.splitext(self.path)[1].lower()

    @property
    def pattern(self) -> str:
        """What `git lfs track` takes for it: by the ending where nothing but weights has it. `*.txt` and `*.json` would
        send requirements and evaluations to Git LFS, too.
        """
        suffix = posixpath.splitext(self.path)[1]
        if suffix in WEIGHTS_SUFFIXES:
            return f"*{suffix}"
        above, _, folder = self.path.removesuffix(f"/{self.name}").rpartition("/")
        if above and self.path == f"{above}/{folder}/{self.name}":
            return f"{above}/*/{self.name}"
        return self.path if "/" in self.path else f"/{self.path}"

    def finding(self, message: str, help_text: str) -> Finding:
        """A finding about the file as a whole, which is no text for people."""
        return Finding(message=message, path=self.path, help=help_text, role="weights", key=self.name)


def stored_weights(model: Model, later: Postponed) -> Iterator[Stored]:
    """The weights that the manifest names, then the other files of the model that look like weights.

    What keeps one from being told of is left to `later`.
    """
    for weights in model.once(_weights_of):
        if isinstance(weights, Stored):
            yield weights
        else:
            later.keep(weights)


def loadable_weights(model: Model, later: Postponed) -> Iterator[Stored]:
    """Those of them that somebody may load, which may run code: all that the manifest names, and every pickle."""
    for weights in stored_weights(model, later):
        if weights.place or weights.suffix in PICKLED or weights.suffix == SKOPS:
            yield weights


def large_files(change: Change, later: Postponed) -> Iterator[tuple[str, Stored]]:
    """What of a model belongs in Git LFS, each with its role: weights, predictions, the data of its benchmarks."""
    model = change.candidate
    for weights in stored_weights(model, later):
        yield "weights", weights
    for path in model.files:
        if path.endswith(PREDICTIONS_SUFFIXES):
            with later:
                yield "predictions", stored(model.repository, path, model.name_of(path))
    with later:
        for benchmark in change.benchmarks:
            data = resolve(benchmark.folder, benchmark.definition.data.path)
            if data is not None and data in model.repository.snapshot:
                with later:
                    yield benchmark.name, stored(model.repository, data, "data")


def _weights_of(model: Model) -> tuple[Stored | Broken | Undecidable | UnreadableFile, ...]:
    """The weights, and in its turn what keeps one from being told of."""
    found: list[Stored | Broken | Undecidable | UnreadableFile] = []
    places: dict[str, str] = {}
    try:
        for index, name in enumerate(model.manifest.weights):
            try:
                places.setdefault(model.resolve(name), f"/weights/{index}")
            except Broken as error:
                found.append(error.with_traceback(None))
    except (Broken, Undecidable) as error:
        found.append(error.with_traceback(None))
    others = (path for path in model.files if path.lower().endswith(WEIGHTS_SUFFIXES))
    for path in dict.fromkeys([*places, *others]):
        try:
            found.append(stored(model.repository, path, model.name_of(path), places.get(path, "")))
        except (Broken, UnreadableFile) as error:
            found.append(error.with_traceback(None))
    return tuple(found)


@lru_cache(maxsize=256)  # the data of a benchmark is asked for with each of its models
def stored(source: Source, path: str, name: str, place: str = "") -> Stored:
    """One file; `name` is what findings about it call it.

    Raises:
        Broken: it is not in the tree.
        UnreadableFile: it is a link, a submodule, or not in this clone.
    """
    snapshot = source.snapshot
    entry = snapshot.entries.get(path)
    if entry is None:
        raise Broken(f"{path} is not in the tree", reported_by="MET007", path=path)
    refuse_links(path, entry)
    size = snapshot.size(path)
    content = snapshot[path] if size <= MAX_POINTER_BYTES else None
    pointer = None if content is None else parse_pointer(content)
    is_pointer = pointer is not None or (content is not None and looks_like_pointer(content))
    return Stored(source, path, name, place, size, content, pointer, is_pointer)

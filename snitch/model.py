"""A model: one folder of a snapshot, read as what its manifest says it is."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from snitch.documents import Unreadable
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Undecidable
from snitch.formats.evaluation import EvaluationRecord
from snitch.formats.manifest import Manifest
from snitch.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from snitch.repository import MANIFEST, Repository
from snitch.snapshot import UnreadableFile
from snitch.source import File, content_digest, resolve, unreadable

if TYPE_CHECKING:
    from snitch.dependencies import Dependencies

T = TypeVar("T")

#: A model is measured on a handful of benchmarks.
MAX_EVALUATIONS = 1000


class WeightsFile(Struct, frozen=True):
    """A weights file that the manifest names: `pointer` is None where Git holds something else than a pointer."""

    name: str
    path: str
    place: str
    pointer: Pointer | None
    size: int


class Model(File):
    """A model as one snapshot holds it. Whatever is broken in it is told when it is asked for, by `Broken`."""

    def __init__(self, repository: Repository, folder: str) -> None:
        #: What the paths of its folder begin with.
        self.prefix = f"{folder}/" if folder else ""
        super().__init__(repository, self.prefix + MANIFEST)
        self.repository = repository
        self.folder = folder
        self._evaluation_by_path: dict[str, Evaluation] = {}
        self._made: dict[tuple[object, ...], Any] = {}

    def once(self, make: Callable[..., T], *given: str) -> T:
        """What `make(model, *given)` returns, made when it is first asked for and kept as long as the model.

        Many models are judged rule by rule: what several rules need cannot be kept for the latest model alone.
        """
        key = (make, *given)
        if key not in self._made:
            self._made[key] = make(self, *given)
        return self._made[key]  # type: ignore[no-any-return]

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest.

        Raises:
            Broken: it is not valid; `invalid-manifest` or `unreadable-file` tells why.
        """
        try:
            return self.read_manifest()
        except Unreadable:
            raise Broken(f"{self.path} is not valid", reported_by="MET002", path=self.path) from None

    def read_manifest(self) -> Manifest:
        """The manifest.

        Raises:
            Unreadable: it is not valid, with every cause.
            Broken: its content cannot be had.
        """
        if isinstance(self._decoded, Exception):
            raise self._decoded.with_traceback(None)
        return self._decoded

    @cached_property
    def _decoded(self) -> Manifest | Unreadable | Broken | Undecidable:
        """What is wrong is kept like what is right: dozens of rules ask."""
        try:
            return self.repository.decoded(self.path, Manifest)
        except Unreadable as error:
            return error
        except UnreadableFile as error:
            return unreadable(error)

    @cached_property
    def name(self) -> str:
        """The model's identity; the folder's path where the manifest does not give a usable one."""
        try:
            return self.manifest.name
        except (Broken, Undecidable):
            return self.declared("name") or self.folder or "."

    @cached_property
    def version(self) -> str:
        """The version that the manifest gives, valid or not; empty where it gives none."""
        return self.declared("version")

    def bears(self, name: str) -> bool:
        """Whether the manifest gives this name, valid or not; far quicker than reading it, where it plainly does or
        does not.

        Raises:
            Undecidable: the manifest is not in this clone.
        """
        try:
            content = self.repository.snapshot[self.path]
        except KeyError:
            return False
        except UnreadableFile as error:
            if error.absent:
                raise unreadable(error) from None
            return False
        word = name.encode("utf-8", "surrogateescape")
        if content.startswith(b"name: " + word + b"\n") and b"\nname:" not in content:
            return True
        # An escape may spell it otherwise.
        return (word in content or b"\\" in content) and self.declared("name") == name

    def declared(self, key: str) -> str:
        """A string at the top of the manifest, read even where the manifest as a whole is not valid."""
        try:
            data = self.document.data
        except (Unreadable, UnreadableFile, KeyError):
            return ""
        value = data.get(key) if isinstance(data, dict) else None
        return value if isinstance(value, str) else ""

    @cached_property
    def files(self) -> list[str]:
        """The paths the model owns, manifest included."""
        return self.repository.files_by_model.get(self.folder, [])

    def resolve(self, relative: str) -> str:
        """The repository path of a path in the manifest.

        Raises:
            Broken: it leaves the repository, which `invalid-manifest` tells.
        """
        path = resolve(self.folder, relative)
        if path is None:
            raise self.leaves(relative)
        return path

    def leaves(self, relative: str) -> Broken:
        """What a path in the manifest means that leaves the repository."""
        return Broken(f"`{relative}` leaves the repository", reported_by="MET002", path=self.path)

    @cached_property
    def named_files(self) -> tuple[tuple[str, str, str | None], ...]:
        """Every file that the manifest names: the JSON pointer to where, the path written there, and the path in the
        repository; None where it leaves that.

        Raises:
            Broken: the manifest is not valid.
        """
        named = self.manifest.named_files
        return tuple((pointer, relative, resolve(self.folder, relative)) for pointer, relative in named)

    def name_of(self, path: str) -> str:
        """A path of the repository, seen from the model's folder."""
        if path.startswith(self.prefix):
            return path[len(self.prefix) :]
        return posixpath.relpath(path, self.folder or ".")

    def read(self, relative: str) -> bytes:
        """The content of a file that the manifest names.

        Raises:
            Broken: it is not there (`missing-file` tells) or cannot be read (`unreadable-file` tells).
            Undecidable: the object is not in this clone.
        """
        path = self.resolve(relative)
        if path not in self.repository.snapshot:
            raise Broken(f"{path} is not in the tree", reported_by="MET007", path=path)
        try:
            return self.repository.snapshot[path]
        except UnreadableFile as error:
            raise unreadable(error) from None

    @cached_property
    def weights(self) -> tuple[WeightsFile, ...]:
        """The weights files that the manifest names.

        Raises:
            Broken: one is not in the tree, or cannot be read.
        """
        return tuple(self._weights_file(name, index) for index, name in enumerate(self.manifest.weights))

    def _weights_file(self, name: str, index: int) -> WeightsFile:
        path = self.resolve(name)
        if path not in self.repository.snapshot:
            raise Broken(f"{path} is not in the tree", reported_by="MET007", path=path)
        try:
            size = self.repository.snapshot.size(path)
            pointer = parse_pointer(self.repository.snapshot[path]) if size <= MAX_POINTER_BYTES else None
        except UnreadableFile as error:
            raise unreadable(error) from None
        return WeightsFile(name, path, f"/weights/{index}", pointer, size)

    @cached_property
    def weights_digests(self) -> dict[str, str]:
        """The digest of each weights file, by its name in the manifest, from pointers alone where they are pointers.

        Raises:
            Broken: a file is missing, or is a malformed pointer.
            Undecidable: real bytes too large to read.
        """
        return {
            weights.name: weights.pointer.digest if weights.pointer else content_digest(self.repository, weights.path)
            for weights in self.weights
        }

    @cached_property
    def evaluation_paths(self) -> list[str]:
        """The evaluation records: `evaluations/<benchmark>.json` in the model's folder.

        Raises:
            Undecidable: there are too many to read.
        """
        prefix = f"{self.prefix}evaluations/"
        found = [p for p in self.files if p.startswith(prefix) and p.endswith(".json") and "/" not in p[len(prefix) :]]
        if len(found) > MAX_EVALUATIONS:
            reason = f"{prefix} holds {len(found):,} evaluations; the limit is {MAX_EVALUATIONS:,}"
            raise Undecidable(reason, path=self.path, help="keep one a benchmark")
        return found

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """The evaluations.

        Raises:
            Broken: one is not valid; `invalid-evaluation` or `unreadable-file` tells why.
            Undecidable: one is not in this clone, or there are too many.
        """
        if isinstance(self._evaluations, Exception):
            raise self._evaluations.with_traceback(None)
        return self._evaluations

    @cached_property
    def _evaluations(self) -> tuple[Evaluation, ...] | Broken | Undecidable:
        found = []
        for path in self.evaluation_paths:
            try:
                found.append(self.evaluation(path))
            except Unreadable:
                return Broken(f"{path} is not valid", reported_by="BEN011", path=path)
            except UnreadableFile as error:
                return unreadable(error)
        return tuple(found)

    def evaluation(self, path: str) -> Evaluation:
        """One evaluation, the same object each time.

        Raises:
            Unreadable: it is not valid, with every cause.
            UnreadableFile: its content cannot be had.
        """
        if path not in self._evaluation_by_path:
            record = self.repository.decoded(path, EvaluationRecord)
            self._evaluation_by_path[path] = Evaluation(self.repository, path, record)
        return self._evaluation_by_path[path]

    @cached_property
    def dependencies(self) -> Dependencies | None:
        """What the dependency file declares; None where the manifest names none.

        Raises:
            Broken: the file is not in the tree.
        """
        from snitch.dependencies import read_dependencies

        if self.manifest.dependencies is None:
            return None
        path = self.resolve(self.manifest.dependencies)
        if path not in self.repository.snapshot:
            raise Broken(f"{path} is not in the tree", reported_by="MET007", path=path)
        return read_dependencies(self.repository.snapshot, path)


def same_files(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two sets of weights, digests by name, are the same.

    One file may be renamed. Of several nobody can tell whether they have changed places, unless they are all alike.
    """
    if any(digest != other.get(name, digest) for name, digest in one.items()):
        return False
    ours, theirs = (
        {digest for name, digest in each.items() if name not in rest} for each, rest in ((one, other), (other, one))
    )
    return len(one) == len(other) and ours == theirs and len(ours) <= 1

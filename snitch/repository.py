"""A repository: a snapshot seen as models and benchmarks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property

from snitch.benchmark import Benchmark
from snitch.layout import BENCHMARKS as BENCHMARKS
from snitch.layout import MANIFEST as MANIFEST
from snitch.layout import POLICY as POLICY
from snitch.layout import WEIGHTS_SUFFIXES as WEIGHTS_SUFFIXES
from snitch.snapshot import Snapshot, UnreadableFile, in_git_order
from snitch.source import Documents, Source

_WORD = re.compile(rb"[a-z0-9._-]+|\\")


class Repository(Source):
    """A snapshot and what it holds, each file read at most once, and only when asked for."""

    def __init__(self, snapshot: Snapshot, exclude: Iterable[str] = (), *, documents: Documents | None = None) -> None:
        super().__init__(snapshot, documents=documents)
        self.exclude = tuple(folder.strip("/") for folder in exclude)
        self._owners: dict[str, str | None] = {}
        self._closed: dict[str, bool] = {}

    def without(self, exclude: Iterable[str]) -> Repository:
        """The same with these folders taken out."""
        exclude = tuple(exclude)
        return Repository(self.snapshot, exclude, documents=self.documents) if exclude else self

    @cached_property
    def model_folders(self) -> frozenset[str]:
        """The folders that hold a manifest; the root is the empty string."""
        parts = (path.rpartition("/") for path in self.snapshot.ending(MANIFEST))
        return frozenset(folder for folder, _, name in parts if name == MANIFEST and not self._is_closed(folder))

    @property
    def weights_paths(self) -> list[str]:
        """What looks like weights, wherever it lies."""
        return self.snapshot.ending(*WEIGHTS_SUFFIXES)

    @cached_property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """The benchmarks: every `benchmarks/<benchmark>/benchmark.yaml`, not read yet."""
        paths = (path for path in self.below(BENCHMARKS) if path.endswith("/benchmark.yaml") and path.count("/") == 2)
        return tuple(Benchmark(self, path) for path in paths)

    @cached_property
    def _benchmarks_by_word(self) -> tuple[dict[bytes, list[Benchmark]], list[Benchmark]]:
        """Which benchmarks mention a word, by their bytes; and those that may mention any, by `all` or by an escape.

        Reading thousands of definitions is cheap, parsing them is not.
        """
        by_word: dict[bytes, list[Benchmark]] = {}
        any_word: list[Benchmark] = []
        self.snapshot.prefetch(benchmark.path for benchmark in self.benchmarks)
        for benchmark in self.benchmarks:
            try:
                words = set(_WORD.findall(self.snapshot[benchmark.path]))
            except UnreadableFile:
                words = {b"\\"}
            if b"all" in words or b"\\" in words:
                any_word.append(benchmark)
            else:
                for word in words:
                    by_word.setdefault(word, []).append(benchmark)
        return by_word, any_word

    def benchmarks_mentioning(self, word: str) -> list[Benchmark]:
        """The benchmarks that may speak of a model or bear a name; the rest certainly do not."""
        by_word, any_word = self._benchmarks_by_word
        return by_word.get(word.encode("utf-8", "surrogateescape"), []) + any_word

    def benchmark(self, name: str) -> Benchmark | None:
        """The benchmark of a name.

        Raises:
            Broken: a benchmark that may bear the name is not valid.
        """
        for each in self.benchmarks_mentioning(name):
            if each.name == name:
                return each
        return None

    @cached_property
    def files_by_model(self) -> Mapping[str, list[str]]:
        """Each model folder's own files: a model in a sub-folder of another's owns what is below it."""
        return _FilesByModel(self)

    def below(self, folder: str) -> Iterator[str]:
        """The paths in a folder and those below it; all of them for the empty string."""
        prefix, paths = f"{folder}/" if folder else "", self._paths
        if self._is_plain:
            at = bisect_left(paths, prefix)
        else:
            at = bisect_left(paths, in_git_order(prefix), key=in_git_order)
        while at < len(paths) and paths[at].startswith(prefix):
            yield paths[at]
            at += 1

    @cached_property
    def _paths(self) -> list[str]:
        """All paths, in Git's order."""
        return list(self.snapshot.entries)

    @cached_property
    def _is_plain(self) -> bool:
        """Whether Git's order is Python's own."""
        return all(map(str.isascii, self._paths))

    def owner(self, path: str) -> str | None:
        """The folder of the nearest manifest above a file (or the file's own); None where no model owns it."""
        return None if path == POLICY else self._owner_of_folder(path.rpartition("/")[0])

    def is_unowned(self, path: str) -> bool:
        """Whether no model may own the file: benchmarks, the policy, dot-folders, and what the policy excludes."""
        return path == POLICY or self._is_closed(path.rpartition("/")[0])

    def _owner_of_folder(self, folder: str) -> str | None:
        if folder not in self._owners:
            if self._is_closed(folder):
                self._owners[folder] = None
            elif folder in self.model_folders:
                self._owners[folder] = folder
            else:
                self._owners[folder] = self._owner_of_folder(folder.rpartition("/")[0]) if folder else None
        return self._owners[folder]

    def _is_closed(self, folder: str) -> bool:
        """Whether no model may own what is in a folder, or in one above it."""
        if folder not in self._closed:
            above, _, name = folder.rpartition("/")
            closed = folder == BENCHMARKS or name.startswith(".") or self._excludes(folder)
            self._closed[folder] = closed or (bool(folder) and self._is_closed(above))
        return self._closed[folder]

    def _excludes(self, folder: str) -> bool:
        return bool(self.exclude) and any(folder == each or fnmatchcase(folder, each) for each in self.exclude)


class _FilesByModel(Mapping[str, list[str]]):
    """Looks for a model's files when they are asked for, so that one model among thousands costs no walk over all."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._found: dict[str, list[str]] = {}

    def __getitem__(self, folder: str) -> list[str]:
        if folder not in self._found:
            if folder not in self._repository.model_folders:
                raise KeyError(folder)
            repository = self._repository
            self._found[folder] = [path for path in repository.below(folder) if repository.owner(path) == folder]
        return self._found[folder]

    def __iter__(self) -> Iterator[str]:
        return iter(self._repository.model_folders)

    def __len__(self) -> int:
        return len(self._repository.model_folders)


def matches(folder: str, patterns: Iterable[str]) -> bool:
    """Whether a model's folder matches one of the policy's patterns; `*` crosses `/`."""
    return any(fnmatchcase(folder or ".", pattern.rstrip("/") or ".") for pattern in patterns)

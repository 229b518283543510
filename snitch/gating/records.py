"""What has ever been recorded of a benchmark, wherever in the history: not only what a branch's tip has held."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from snitch.formats.evaluation import EvaluatedDataset, EvaluatedModel, outcome_of
from snitch.gate import Recorded
from snitch.git.command import Git
from snitch.git.history import EntriesSnapshot
from snitch.git.versions import Version, versions
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot, UnreadableFile
from snitch.source import unreadable

_PATTERN = re.compile(r"(?:.*/)?evaluations/[^/]*\.json", re.DOTALL)
#: So many are read ahead.
_CHUNK = 500


class _Named(Struct, frozen=True):
    """What of a record says of what it is, and what came out. Whether the rest is valid no longer matters: the model
    was measured.
    """

    model: EvaluatedModel
    dataset: EvaluatedDataset
    predictions: Any = None
    metrics: Any = None


class Records:
    """Tells the records of a benchmark: `Gate.recorded`. Git is asked once, for all benchmarks.

    `tips` are the commits whose history counts, by name. What lies in the folders of `exclude`, or where no model may
    lie, was never judged.
    """

    def __init__(self, git: Git, tips: Callable[[], Mapping[str, str]], remote: str, exclude: tuple[str, ...]) -> None:
        self._git = git
        self._tips = tips
        self._remote = remote
        #: Who may own a file does not depend on what there is.
        self._owners = Repository(MemorySnapshot({}), exclude)

    def __call__(self, benchmark: str, revision: str) -> Iterator[Recorded]:
        """The records on a revision of a benchmark, newest first; one that is none is left out.

        Raises:
            Undecidable: the history, or what one of them holds, is not in this clone.
        """
        word = revision.encode("utf-8", "surrogateescape")
        known = iter(self._by_benchmark.get(f"{benchmark}.json", ()))
        while chunk := list(islice(known, _CHUNK)):
            self._git.objects.prefetch(each.entry.oid for each in chunk)
            for each in chunk:
                content = self._content(each)
                # An escape may spell it otherwise. To look for a word is far quicker than to read all records.
                record = _read(content) if word in content or b"\\" in content else None
                if record is not None and (record.dataset.name, record.dataset.revision) == (benchmark, revision):
                    outcome = outcome_of(record.predictions, record.metrics)
                    yield Recorded(each.path, record.model, record.dataset, outcome)

    @cached_property
    def _by_benchmark(self) -> dict[str, list[Version]]:
        found: dict[str, list[Version]] = {}
        for each in versions(self._git, self._tips(), _PATTERN, remote=self._remote):
            found.setdefault(each.path.rpartition("/")[2], []).append(each)
        return found

    def _content(self, version: Version) -> bytes:
        """A version's; nothing where it is no file of a model's.

        Raises:
            Undecidable: its object is not in this clone.
        """
        snapshot = EntriesSnapshot(self._git, {version.path: version.entry}, ref="history", commit=None)
        if self._owners.is_unowned(version.path):
            return b""
        try:
            return snapshot[version.path]
        except UnreadableFile as error:
            if error.absent:
                raise unreadable(error) from None
            return b""


def _read(content: bytes) -> _Named | None:
    try:
        return msgspec.json.decode(content, type=_Named)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None

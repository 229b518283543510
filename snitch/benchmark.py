"""A benchmark as a snapshot holds it: its definition, and the data the definition names."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import Any

from snitch.documents import Unreadable
from snitch.finding import Broken, Undecidable
from snitch.formats.benchmark import BenchmarkDefinition, RequestedMetric
from snitch.metrics import identity, metric
from snitch.snapshot import UnreadableFile
from snitch.source import File, Source, content_digest, resolve, unreadable


def of_one_task(model: str, benchmark: str) -> bool:
    """Whether a model of one task can be measured by a benchmark of the other: `other` may be any."""
    return model == benchmark or "other" in (model, benchmark)


class Benchmark(File):
    """A benchmark: its definition and the data the definition names."""

    def __init__(self, source: Source, path: str) -> None:
        super().__init__(source, path)
        self.folder = posixpath.dirname(path)

    @property
    def definition(self) -> BenchmarkDefinition:
        """The definition.

        Raises:
            Broken: it is not valid; `invalid-benchmark` or `unreadable-file` tells why.
            Undecidable: its object is not in this clone.
        """
        if isinstance(self._definition, Exception):
            raise self._definition.with_traceback(None)
        return self._definition

    @cached_property
    def _definition(self) -> BenchmarkDefinition | Broken | Undecidable:
        """What is wrong is kept like what is right: dozens of rules ask."""
        try:
            return self.source.decoded(self.path, BenchmarkDefinition)
        except Unreadable:
            return Broken(f"{self.path} is not valid", reported_by="BEN009", path=self.path)
        except UnreadableFile as error:
            return unreadable(error)

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def version(self) -> str:
        return self.definition.version

    def names(self, model: str, task: str | None) -> bool:
        """Whether the benchmark asks for an evaluation of a model; `all: true` means every model of the task."""
        if self.definition.all:
            return task is None or task == self.definition.task
        return model in (self.definition.models or ())

    @cached_property
    def asked(self) -> dict[str, RequestedMetric]:
        """The metrics that it asks for, by identity.

        Raises:
            Broken, Undecidable: as `definition`.
        """
        return {identity(each.type, each.args): each for each in self.definition.requested}

    @cached_property
    def args_by_type(self) -> dict[str, dict[str, Any]]:
        """The arguments of each type that it lists once.

        Raises:
            Broken, Undecidable: as `definition`.
        """
        types = [each.type for each in self.definition.requested]
        return {each.type: each.args for each in self.definition.requested if types.count(each.type) == 1}

    def data_digest(self) -> str:
        """The digest of the data as committed.

        Raises:
            Broken: the data is not in the tree, or cannot be read.
            Undecidable: it is not in this clone, or too large.
        """
        path = resolve(self.folder, self.definition.data.path)
        if path is None or path not in self.source.snapshot:
            raise Broken(
                f"{path or self.definition.data.path} is not in the tree", reported_by="BEN009", path=self.path
            )
        return content_digest(self.source, path)

    def greater_is_better(self, metric_type: str) -> bool | None:
        """A metric's direction: the benchmark's own word for it, else the catalogue's; None where neither knows."""
        stated, known = self._stated.get(metric_type), metric(metric_type)
        return stated if stated is not None or known is None else known.greater_is_better

    @cached_property
    def _stated(self) -> dict[str, bool]:
        """The direction of each type that it states one of, the first where it says two."""
        asked = reversed(self.definition.requested)
        return {each.type: each.greater_is_better for each in asked if each.greater_is_better is not None}
